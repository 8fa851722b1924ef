"""Pure decisions of the field (判断规则): no Django, no clock, no query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linli.base.i18n import Text

ANY_CATEGORY, ANY_AREA = Text("不限类别", "any category"), Text("不限区域", "any area")


@dataclass(frozen=True)
class RuleView:
    """A dispatch rule as the choice needs it: `category_path` and `area_prefix` empty where the rule takes any."""

    id: int
    category_path: tuple[str, ...]
    area_prefix: str
    lead: str
    lead_title: Text
    basis: str = ""
    category_title: Text = ANY_CATEGORY
    area_title: Text = ANY_AREA


@dataclass(frozen=True)
class Weighed:
    rule: RuleView
    fits: bool
    why: Text


def weigh(rules: Sequence[RuleView], category_path: tuple[str, ...], area_prefix: str) -> list[Weighed]:
    """Every rule with why it fits or not (派单依据), the winner first.

    The deeper category wins; between equals the smaller area; between equals the rule made first. `category_path`
    runs from the root category down to the event's own.
    """
    found = []
    for rule in rules:
        in_category = rule.category_path == category_path[: len(rule.category_path)]
        in_area = area_prefix.startswith(rule.area_prefix)
        if in_category and in_area:
            why = Text(
                f"规则“{rule.category_title.zh} × {rule.area_title.zh}”相符",
                f"the rule “{rule.category_title.en} × {rule.area_title.en}” fits",
            )
        elif in_category:
            why = Text(
                f"只用于{rule.area_title.zh}，这件事不在那里",
                f"only for {rule.area_title.en}, which does not hold this place",
            )
        else:
            why = Text(
                f"用于{rule.category_title.zh}，类别不同", f"for {rule.category_title.en}, another category"
            )
        found.append(Weighed(rule, in_category and in_area, why))
    return sorted(
        found,
        key=lambda w: (not w.fits, -len(w.rule.category_path), -len(w.rule.area_prefix), w.rule.id),
    )
