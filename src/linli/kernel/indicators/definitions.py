"""Indicators as named formulas (指标定义): what is counted, out of what, and from how many it may be said."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from linli.base.i18n import Text

SMALL_SAMPLE = 5  # below it a rate says nothing, and for the public a count could point at a person


@dataclass(frozen=True)
class Indicator:
    """A share of cases (比率指标). `counted` and `among` are conditions over cases; the period goes by `period_field`."""

    code: str
    title: Text
    formula: Text
    basis: str
    counted: Q
    among: Q
    period_field: str = "ended_at"
    min_sample: int = 30
    higher_is_better: bool = True
    order: int = 100


REGISTRY: dict[str, Indicator] = {}


def indicator(definition: Indicator) -> Indicator:
    if definition.code in REGISTRY and REGISTRY[definition.code] != definition:
        raise ValueError(f"indicator {definition.code!r} is registered twice")
    REGISTRY[definition.code] = definition
    return definition


def all_indicators() -> list[Indicator]:
    return sorted(REGISTRY.values(), key=lambda i: (i.order, i.code))
