"""Indicators as named formulas (指标定义): what is counted, out of what, and from how many it may be said."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor

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
    read_by: tuple[
        str, ...
    ] = ()  # only these roles read case by case what is counted; empty: all who see the cases

    def opens_for(self, actor: Actor) -> bool:
        """Whether this reader may see which cases were counted (能否点开清单): who gave which stars is not for everybody."""
        return not self.read_by or bool(set(self.read_by) & actor.roles)


REGISTRY: dict[str, Indicator] = {}


def indicator(definition: Indicator) -> Indicator:
    if definition.code in REGISTRY and REGISTRY[definition.code] != definition:
        raise ValueError(f"indicator {definition.code!r} is registered twice")
    REGISTRY[definition.code] = definition
    return definition


def all_indicators() -> list[Indicator]:
    return sorted(REGISTRY.values(), key=lambda i: (i.order, i.code))
