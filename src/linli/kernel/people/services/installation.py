"""What holds for the whole installation (全平台事项): for an administrator under whom nobody is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from linli.base import clock
from linli.base.errors import NotAllowed
from linli.base.i18n import Text
from linli.kernel.calendar.services import YearImport, import_year
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Post
from linli.kernel.people.queries import administered
from linli.kernel.people.services.administration import ADMINISTRATOR, require_administrator

COUNTY_OR_ABOVE = frozenset({"county", "prefecture", "province"})


def administers_all(actor: Actor) -> bool:
    """Whether somebody administers every post that there is (是否管全平台): a county's administrator where one county
    works here, else somebody appointed over all of them. What all share must not be changed by one for the others."""
    if actor.kind == "system":
        return True
    if not any(ADMINISTRATOR in hat.roles and hat.area_level in COUNTY_OR_ABOVE for hat in actor.hats):
        return False
    return not Post.objects.exclude(administered(actor, "area__prefix")).exists()


def require_installation(by: Actor) -> Hat | None:
    """The hat that allows what all areas share (全平台管理权限). Refuses `people.not_over_all`."""
    hat = require_administrator(by)
    if not administers_all(by):
        raise NotAllowed(
            "people.not_over_all",
            Text(
                "这一项全平台共用，只有管辖全部区域的平台管理员可以改。请联系上级平台管理员。",
                "All areas share this, so only an administrator over all of them may change it. "
                "Please ask the administrator above you.",
            ),
        )
    return hat


@transaction.atomic
def enter_year(
    year: int,
    *,
    off: Mapping[date, str],
    work: Mapping[date, str],
    notice: str,
    by: Actor,
    at: datetime | None = None,
) -> YearImport:
    """Enter or correct a year's days off (录入年度放假安排), as `calendar.import_year` does, by who may.

    Refuses whoever does not administer all areas. Records `people.year_entered` when something changed.
    """
    hat = require_installation(by)
    at = at or clock.now()
    done = import_year(year, off=off, work=work, notice=notice, by=by, at=at)
    if done.first_time or done.changed:
        audit.note(
            "people.year_entered",
            by=by,
            at=at,
            hat=hat,
            year=year,
            changed=[d.isoformat() for d in done.changed],
        )
    return done
