"""What the ratings come to (评价统计): sums by organisation, never by case or person; small counts are not shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.domains.matters.models import ServiceRating
from linli.kernel.indicators.definitions import SMALL_SAMPLE
from linli.kernel.people.models import Organisation

LEVELS = (5, 4, 3, 2, 1)
GOOD_FROM = 3  # 基本满意及以上


@dataclass(frozen=True)
class Ratings:
    """The ratings of one organisation in a period (一个单位的评价). Nothing but their number where they are too few."""

    title: Text
    n: int
    stars: tuple[int, ...]  # how many of 5, 4, 3, 2, 1
    n_bad: int
    n_put_right: int

    @property
    def too_few(self) -> bool:
        """Fewer than five would tell who gave them (少于五件不公布)."""
        return self.n < SMALL_SAMPLE

    @property
    def percent_satisfied(self) -> int:
        return round(100 * sum(self.stars[: len(LEVELS) - GOOD_FROM + 1]) / self.n) if self.n else 0


def ratings_by_organisation(
    area: str, since: date, until: date, *, cursor: str = "", limit: int = 50
) -> Page[Ratings]:
    """Each organisation of an area that was rated from `since` to before `until` (按单位汇总), by its code, in two queries.

    What a review found malicious is not counted.
    """
    here = ServiceRating.objects.filter(given_on__gte=since, given_on__lt=until, counted=True)
    rated = Organisation.objects.filter(pk__in=here.values("organisation_id"))
    if area:
        rated = rated.filter(area__prefix__startswith=area)
    page = keyset(rated, ["code"], cursor, limit)
    sums = _sums(here.filter(organisation__in=[o.pk for o in page.items]).values("organisation_id"))
    rows = [Ratings(o.title, *sums[o.pk]) for o in page.items]
    return Page(rows, page.next_cursor, page.has_more)


def ratings_of_all(since: date, until: date) -> Ratings:
    """All ratings of the installation in a period (全部评价), in one query."""
    here = ServiceRating.objects.filter(given_on__gte=since, given_on__lt=until, counted=True)
    found = here.aggregate(**_COUNTS)
    stars = tuple(found[f"n{level}"] for level in LEVELS)
    return Ratings(Text("全部", "All"), found["n"], stars, found["n_bad"], found["n_put_right"])


_COUNTS = {
    "n": Count("pk"),
    **{f"n{level}": Count("pk", filter=Q(stars=level)) for level in LEVELS},
    "n_bad": Count("pk", filter=Q(stars__lt=GOOD_FROM)),
    "n_put_right": Count("pk", filter=Q(stars__lt=GOOD_FROM, follow_up__ended_at__isnull=False)),
}


def _sums(grouped: QuerySet[ServiceRating, Any]) -> dict[int, tuple[int, tuple[int, ...], int, int]]:
    rows = grouped.annotate(**_COUNTS)
    return {
        row["organisation_id"]: (
            row["n"],
            tuple(row[f"n{level}"] for level in LEVELS),
            row["n_bad"],
            row["n_put_right"],
        )
        for row in rows
    }


def ratings_of_office(organisation: Organisation, since: date, until: date) -> Ratings:
    """The ratings of one organisation in a period (一个单位的评价), in one query."""
    here = ServiceRating.objects.filter(
        organisation=organisation, given_on__gte=since, given_on__lt=until, counted=True
    )
    found = here.aggregate(**_COUNTS)
    stars = tuple(found[f"n{level}"] for level in LEVELS)
    return Ratings(organisation.title, found["n"], stars, found["n_bad"], found["n_put_right"])
