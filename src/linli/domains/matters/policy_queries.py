"""Reads of policy cards and of the standards (政策明白卡和服务标准查询)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.policy_models import PolicyFollow, PolicyRead
from linli.domains.matters.queries import in_force
from linli.kernel.indicators.definitions import SMALL_SAMPLE
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area

LATELY = timedelta(days=30)


def cards(
    county: Area, *, on: date, topic: str = "", cursor: str = "", limit: int = PAGE_SIZE
) -> Page[MatterVersion]:
    """Matters in force that are said in plain words (政策明白卡), the newest first, in one query."""
    found = in_force(on, county).filter(spec__has_key="policy")
    if topic:
        found = found.filter(topics__contains=f" {topic} ")
    return keyset(found, ["-effective_from", "matter__code"], cursor, limit)


def followed(actor: Actor, county: Area) -> set[str]:
    """The topics that this person follows here (我关注的主题): one's own alone, and none while acting for another."""
    if actor.person_id is None or actor.acting is not None:
        return set()
    rows = PolicyFollow.objects.filter(person_id=actor.person_id, county=county)
    return set(rows.values_list("topic", flat=True))


def n_following(county: Area) -> dict[str, int]:
    """How many follow each topic (各主题关注人数); fewer than five are not said."""
    rows = PolicyFollow.objects.filter(county=county).values("topic").annotate(n=Count("pk"))
    return {row["topic"]: row["n"] for row in rows if row["n"] >= SMALL_SAMPLE}


def shown(n: int) -> Text | int:
    """A number as it is read (公布的数): under five is not said."""
    return Text(f"少于 {SMALL_SAMPLE}", f"under {SMALL_SAMPLE}") if 0 < n < SMALL_SAMPLE else n


@dataclass(frozen=True)
class Reads:
    """How often something was opened (阅读量): in the last 30 days and since January, none under five."""

    lately: Text | int
    this_year: Text | int


def reads(county: Area, on: date, *, topic: str | None = None) -> dict[str, Reads]:
    """How often each topic of a county was opened up to yesterday (各主题阅读量), or one alone, in one query.

    Not today: a figure that moves while somebody watches would tell that a neighbour reads.
    """
    found = PolicyRead.objects.filter(county=county, matter="")
    return _summed(found if topic is None else found.filter(topic=topic), "topic", on)


def reads_of_matters(county: Area, codes: Sequence[str], on: date) -> dict[str, Reads]:
    """How often the guides of these matters were opened (各事项阅读量), in one query."""
    return _summed(PolicyRead.objects.filter(county=county, topic="", matter__in=codes), "matter", on)


def _summed(found: QuerySet[PolicyRead], by: str, on: date) -> dict[str, Reads]:
    """By topic or matter. Between January and now no month is split: what was folded stands on its first day."""
    recent, year = on - LATELY, date(on.year, 1, 1)
    rows = (
        found.filter(day__gte=min(recent, year), day__lt=on)
        .values(by)
        .annotate(
            lately=Sum("n", filter=Q(day__gte=recent), default=0),
            year=Sum("n", filter=Q(day__gte=year), default=0),
        )
    )
    return {row[by]: Reads(shown(row["lately"]), shown(row["year"])) for row in rows}


def with_cards(
    county: Area, *, on: date, cursor: str | None = "", limit: int = PAGE_SIZE
) -> Page[MatterVersion]:
    """Matters in force that have a card (有明白卡的事项), by code, for those who keep them."""
    return keyset(in_force(on, county).filter(spec__has_key="policy"), ["matter__code"], cursor, limit)
