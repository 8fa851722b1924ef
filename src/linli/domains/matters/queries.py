"""Reads of the catalogue (事项查询): what is in force on a day, who handles it for a place, what a village helps with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.base.text import search_terms
from linli.domains.matters.bundles import BundleSpec, read_bundle
from linli.domains.matters.models import AgencyItem, LifeEvent, Matter, MatterDelegation, MatterVersion
from linli.domains.matters.reading import read_matter
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.models import Organisation, Post
from linli.kernel.places.models import Area
from linli.kernel.places.queries import path, roots

MATTER = Text("事项", "matter")
HELPERS = ("clerk", "care_worker", "grid_worker")  # of a village, whom people turn to first


def spec_of(version: MatterVersion) -> MatterSpec:
    """What a version says (事项内容). Only what could be read was ever kept."""
    spec, _ = read_matter(version.spec)
    if spec is None:
        raise absent(MATTER)
    return spec


def county_of(area: Area | None) -> Area:
    """The county that an area lies in (所在县): the first of the installation where no area is known."""
    if area is not None:
        for above in path(area):
            if above.level == "county":
                return above
    found = Area.objects.filter(level="county", historic=False).order_by("code").first() or roots().first()
    if found is None:
        raise absent(Text("区划", "area"))
    return found


def village_of(area: Area) -> Area | None:
    """The village that an area is or lies in (所在村)."""
    return next((a for a in path(area) if a.level == "village"), None)


def in_force(on: date, county: Area | None = None) -> QuerySet[MatterVersion]:
    """Versions that hold on a day (某日有效的版本): at most one a matter."""
    found = MatterVersion.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on),
        status=MatterVersion.PUBLISHED,
        effective_from__lte=on,
    ).select_related("matter", "matter__organisation")
    return found.filter(matter__county=county) if county else found


def matter_in_force(code: str, on: date, county: Area) -> MatterVersion:
    """The version of a matter that holds on a day (某日有效的事项). Absent: not published, ended, of another county."""
    found = in_force(on, county).filter(matter__code=code).first()
    if found is None:
        raise absent(MATTER)
    return found


def matters_for(
    area: Area | None,
    *,
    on: date,
    words: str = "",
    topic: str = "",
    serves: str = "",
    agency: bool | None = None,
    cursor: str = "",
    limit: int = PAGE_SIZE,
) -> Page[MatterVersion]:
    """What can be applied for in a place (可以办的事项), by code; two queries, or three where the area has parents to walk."""
    found = having(in_force(on, county_of(area)), words)
    if topic:
        found = found.filter(topics__contains=f" {topic} ")
    if serves:
        found = found.filter(serves__contains=f" {serves} ")
    if agency is not None:
        found = found.filter(matter__agency=agency)
    return keyset(found, ["matter__code"], cursor, limit)


def having(found: QuerySet[MatterVersion], words: str) -> QuerySet[MatterVersion]:
    """Those that hold every pair of characters of the words (含全部检索词)."""
    for term in search_terms(words):
        found = found.filter(terms__contains=f" {term}" if len(term) == 1 else f" {term} ")
    return found


@dataclass(frozen=True)
class Where:
    """Who handles a matter for a place (在哪里办): the department, or the township that it was handed to."""

    organisation: Organisation | None
    delegation: MatterDelegation | None = None


def handled_at(matter: Matter, area: Area | None, on: date) -> Where:
    """Where somebody of this area applies (到哪里办)."""
    if area is not None:
        codes = [a.pk for a in path(area)]
        held = (
            MatterDelegation.objects.filter(
                Q(ended_on=None) | Q(ended_on__gte=on), matter=matter, township__in=codes, from_on__lte=on
            )
            .select_related("organisation", "township")
            .first()
        )
        if held is not None:
            return Where(held.organisation, held)
    return Where(matter.organisation)


def agency_items(village: Area) -> QuerySet[AgencyItem]:
    """What a village does for people (村级代办事项), without what it refused."""
    return AgencyItem.objects.filter(village=village, refused_at=None).select_related(
        "matter", "post", "village"
    )


def responsible_posts(villages: Iterable[Area]) -> dict[int, Post]:
    """For each village, by its id, the post that answers for helping people (代办责任岗位): whoever works at its window
    or cares for people before others; none that answers for a grid alone."""
    found: dict[int, Post] = {}
    rows = Post.objects.filter(area__in=list(villages), organisation__kind="village").order_by("id")
    for post in rows:
        before = found.get(post.area_id)
        if before is None or _fit(post) < _fit(before):
            found[post.area_id] = post
    return found


def _fit(post: Post) -> int:
    return min((HELPERS.index(role) for role in post.roles if role in HELPERS), default=len(HELPERS))


def life_events(county: Area) -> list[tuple[LifeEvent, BundleSpec]]:
    """The life events of a county (一件事)."""
    return [
        (e, read_bundle(e.spec))
        for e in LifeEvent.objects.filter(county=county, active=True).order_by("code")
    ]


def life_event(code: str, county: Area) -> tuple[LifeEvent, BundleSpec]:
    found = LifeEvent.objects.filter(county=county, code=code, active=True).first()
    if found is None:
        raise absent(Text("一件事", "life event"))
    return found, read_bundle(found.spec)
