"""Reads of policy cards and of the standards (政策明白卡和服务标准查询)."""

from __future__ import annotations

from datetime import date

from django.db.models import Count

from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.policy_models import PolicyFollow
from linli.domains.matters.queries import in_force
from linli.kernel.indicators.definitions import SMALL_SAMPLE
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area


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
