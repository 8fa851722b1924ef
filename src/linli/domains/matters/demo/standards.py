"""The demo's self-checks (服务标准自查演示): a few offices with a head, for the quarter before and for this one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from linli.base.clock import local
from linli.domains.matters import standards
from linli.domains.matters.models import Matter
from linli.kernel.people.actors import actor_for
from linli.kernel.people.models import Appointment, Organisation
from linli.kernel.places.models import Area

OFFICES = 4
FOUND = {
    "told-once": "抽查 20 件，补正 6 件，每件只告知一次。",
    "listed-alone": "核对申请表 12 份，没有清单以外的证明。",
    "not-again": "抽查 20 件，3 件仍收了户口簿复印件，已退还。",
    "in-time": "本季度办结的都在公布时限内。",
    "other-ways": "三个窗口都有纸质表和座椅，电话有人接。",
    "reasons": "不予办理 2 件，都有书面理由和复议告知。",
    "ratings": "差评 1 件，已回访、整改、答复。",
}
NOT_YET = "not-again"


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Sign the checks of a few offices (载入自查演示); a repeated run changes nothing."""
    has = Matter.objects.filter(county=county).values("organisation_id")
    offices = Organisation.objects.filter(pk__in=has).order_by("code")
    heads = [
        (office, held)
        for office in offices
        for held in Appointment.objects.filter(post__organisation=office).select_related("account", "post")[
            :9
        ]
        if standards.SIGNS in held.post.roles
    ][:OFFICES]
    this, before = standards.open_quarters(local(at).date())
    for n, (office, held) in enumerate(heads, 1):
        by = actor_for(held.account, at=at)
        for quarter in (before, this)[: 1 if small or n == len(heads) else 2]:
            if standards.check_of(office, quarter) is None:
                standards.sign(office, quarter, _answers(office, n, at), by=by, at=at)
        progress(n, len(heads))


def _answers(office: Organisation, n: int, at: datetime) -> dict[str, dict[str, Any]]:
    day = local(at).date()
    found: dict[str, dict[str, Any]] = {}
    for standard in standards.standards_of(office, day):
        met = standard.code != NOT_YET or n % 2 == 0
        found[standard.code] = {"met": met, "evidence": FOUND.get(standard.code, "抽查 10 件，都做到了。")}
        if not met:
            found[standard.code] |= {
                "mend": "窗口不再收户口簿，从基础登记里核对。",
                "by_on": day + timedelta(days=30),
            }
    return found
