"""Computing indicators (指标计算): over the cases that the reader may see, with the sample beside each rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from linli.kernel.indicators.definitions import SMALL_SAMPLE, Indicator, all_indicators
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to

PARTS = ("counted", "among")


@dataclass(frozen=True)
class Figure:
    """An indicator's answer (指标值). `rate` is None where nothing was counted; `enough` says whether it may be compared."""

    indicator: Indicator
    counted: int
    among: int
    opens: bool = True  # whether this reader may open the list behind it

    @property
    def rate(self) -> float | None:
        return self.counted / self.among if self.among else None

    @property
    def too_few(self) -> bool:
        """So few that the share would say what single people answered, to a reader who may not know that (样本太少)."""
        return not self.opens and 0 < self.among < SMALL_SAMPLE

    @property
    def enough(self) -> bool:
        return self.among >= self.indicator.min_sample

    def link(self, part: str) -> str:
        """The list behind the figure: the same filter that counted it (数字背后的清单)."""
        return f"{self.indicator.code}:{part}"


def condition(definition: Indicator, part: str, start: datetime | None, end: datetime | None) -> Q:
    period = Q(**{f"{definition.period_field}__isnull": False})
    if start:
        period &= Q(**{f"{definition.period_field}__gte": start})
    if end:
        period &= Q(**{f"{definition.period_field}__lt": end})
    return period & definition.among & (definition.counted if part == "counted" else Q())


def figures(
    actor: Actor,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    area: str = "",
    definitions: Iterable[Indicator] | None = None,
) -> list[Figure]:
    """All indicators at once, in one query (一次算出全部指标)."""
    wanted = list(definitions if definitions is not None else all_indicators())
    counts = {
        f"n{n}_{part}": Count("pk", filter=condition(d, part, start, end))
        for n, d in enumerate(wanted)
        for part in PARTS
    }
    found: dict[str, Any] = _cases(actor, area).aggregate(**counts) if counts else {}
    return [
        Figure(d, found[f"n{n}_counted"], found[f"n{n}_among"], d.opens_for(actor))
        for n, d in enumerate(wanted)
    ]


def figures_by(
    actor: Actor,
    definition: Indicator,
    group: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    area: str = "",
    limit: int = 100,
) -> list[tuple[Any, Figure]]:
    """One indicator for each township, organisation … (分组指标). Never ordered by raw volume: by key."""
    rows = (
        _cases(actor, area)
        .values_list(group)
        .annotate(
            counted=Count("pk", filter=condition(definition, "counted", start, end)),
            among=Count("pk", filter=condition(definition, "among", start, end)),
        )
        .filter(among__gt=0)
        .order_by(group)[:limit]
    )
    opens = definition.opens_for(actor)
    return [(key, Figure(definition, counted, among, opens)) for key, counted, among in rows]


def behind(
    queryset: QuerySet[Case], value: str, actor: Actor, start: datetime | None, end: datetime | None
) -> QuerySet[Case]:
    """The cases that a figure counted (指标清单); an unknown name gives none, nor one whose cases are not this reader's to
    know one by one."""
    code, _, part = value.partition(":")
    definition = next((d for d in all_indicators() if d.code == code), None)
    if definition is None or part not in PARTS or not definition.opens_for(actor):
        return queryset.none()
    return queryset.filter(condition(definition, part, start, end))


def _cases(actor: Actor, area: str) -> QuerySet[Case]:
    cases = visible_to(actor)
    return cases.filter(grid__gte=area, grid__lt=area + "\x7f") if area else cases
