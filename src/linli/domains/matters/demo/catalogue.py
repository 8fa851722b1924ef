"""The demo's catalogue (事项目录演示): our own matters, two handed to a township, and what its villages do for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from linli.base.clock import local
from linli.domains.matters import delegating, shipped
from linli.domains.matters.models import AgencyItem, Matter, MatterDelegation
from linli.domains.matters.queries import responsible_posts
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from linli.kernel.places.queries import children

IN_FORCE_FOR = timedelta(days=200)
HANDED_DOWN = ("temporary-aid", "age-allowance")
VILLAGES, EXTRA = 3, "village-print"


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Put the catalogue in force (载入事项目录演示); a repeated run changes nothing."""
    shipped.load(county, from_on=local(at - IN_FORCE_FOR).date(), at=at, progress=progress)
    street = (
        Organisation.objects.filter(code__endswith="-street", area__parent=county)
        .select_related("area")
        .order_by("code")
        .first()
    )
    if street is None or MatterDelegation.objects.filter(matter__county=county).exists():
        return
    for n, matter in enumerate(
        Matter.objects.filter(county=county, code__in=HANDED_DOWN).order_by("code"), 7
    ):
        delegating.delegate(
            matter,
            street.area,
            organisation=street,
            document=f"演示政〔2026〕{n}号",
            capacity=dict.fromkeys(delegating.CAPACITY, True),
            from_on=local(at).date(),
            trial_until=local(at).date() + delegating.TRIAL,
            by=SYSTEM,
            at=at,
        )
    villages = list(children(street.area)[: 1 if small else VILLAGES])
    posts = responsible_posts(villages)
    matters = Matter.objects.filter(county=county, agency=True).order_by("code")
    AgencyItem.objects.bulk_create(
        AgencyItem(
            matter=m,
            village=v,
            post=posts.get(v.pk),
            days=3,
            told="带本人证件，村里收齐当天交出去。",
            extra=m.code == EXTRA,
        )
        for v in villages
        for m in matters
    )
