"""The dispatch directory against what was done (派单回算): where the last months' cases went, and where the rules would have
sent them, with one rule more if somebody is about to add it. Counts alone; nothing is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from linli.base.clock import local
from linli.base.i18n import Text
from linli.domains.events.directory_queries import in_force
from linli.domains.events.models import Category, DispatchRule, Event
from linli.domains.events.rules import RuleView, weigh
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from linli.kernel.places.queries import prefix_range

LOOKED_BACK = timedelta(days=90)
MOST_CASES = 1000  # the newest of them: what a page can wait for
MOST_ROWS = 50
NEW = -1  # the rule that is not there yet


@dataclass(frozen=True)
class Elsewhere:
    """Cases of a category that went to one organisation and would be suggested another (去向不同)."""

    category: Text
    went: Text
    would: Text
    n: int


@dataclass(frozen=True)
class Effect:
    """How the rules stand to what was done (回算结果)."""

    n: int
    n_same: int
    n_other: int
    n_none: int  # no rule fits
    elsewhere: tuple[Elsewhere, ...]
    n_new: int = 0  # those that the new rule would take
    n_new_same: int = 0  # of these, went to its organisation anyway


def effect(
    prefixes: Iterable[str],
    *,
    at: datetime,
    category: Category | None = None,
    area: Area | None = None,
    lead: Organisation | None = None,
) -> Effect:
    """Weigh the last months' assigned cases again (派单回算), in three queries; with `lead`, also a rule that is new."""
    categories = {row.pk: row for row in Category.objects.only("pk", "key", "name", "name_en", "parent")}
    rules = list(_rules(at, categories))
    if lead is not None:
        rules.append(
            RuleView(
                NEW,
                _path(category.pk if category else None, categories),
                area.prefix if area else "",
                lead.code,
                lead.title,
            )
        )
    done: Counter[tuple[int | None, str, str]] = Counter()
    names: dict[str, Text] = {}
    for pk, grid, code, name, name_en in _cases(prefixes, at):
        done[pk, grid, code] += 1
        names[code] = Text(name, name_en or name)
    n_same = n_none = n_new = n_new_same = 0
    elsewhere: Counter[tuple[int | None, str, str]] = Counter()
    for (pk, grid, went), n in done.items():
        path = _path(pk, categories)
        won = next(
            iter(weigh([r for r in rules if r.category_path == path[: len(r.category_path)]], path, grid)),
            None,
        )
        if won is None or not won.fits:
            n_none += n
            continue
        names.setdefault(won.rule.lead, won.rule.lead_title)
        if won.rule.id == NEW:
            n_new += n
            n_new_same += n * (won.rule.lead == went)
        if won.rule.lead == went:
            n_same += n
        else:
            elsewhere[pk, went, won.rule.lead] += n
    rows = tuple(
        Elsewhere(_title(pk, categories), names[went], names[would], n)
        for (pk, went, would), n in elsewhere.most_common(MOST_ROWS)
    )
    total = sum(done.values())
    return Effect(total, n_same, sum(elsewhere.values()), n_none, rows, n_new, n_new_same)


def _cases(prefixes: Iterable[str], at: datetime) -> list[tuple[int | None, str, str, str, str]]:
    here = Q(pk__in=[])
    for prefix in prefixes:
        start, end = prefix_range(prefix)
        here |= Q(case__grid__gte=start, case__grid__lt=end) if end else Q(case__grid__gte=start)
    rows = Event.objects.filter(
        here, case__opened_at__gte=at - LOOKED_BACK, case__lead__isnull=False, case__historic=False
    )
    found = rows.order_by("-case_id").values_list(
        "category", "case__grid", "case__lead__code", "case__lead__name", "case__lead__name_en"
    )
    return list(found[:MOST_CASES])


def _rules(at: datetime, categories: dict[int, Category]) -> Iterable[RuleView]:
    held = in_force(DispatchRule.objects.select_related("area", "lead"), local(at).date())
    for row in held.order_by("pk"):
        yield RuleView(
            row.pk,
            _path(row.category_id, categories),
            row.area.prefix if row.area else "",
            row.lead.code,
            row.lead.title,
        )


def _path(pk: int | None, categories: dict[int, Category]) -> tuple[str, ...]:
    found: list[str] = []
    while pk is not None and pk in categories:
        found.insert(0, categories[pk].key)
        pk = categories[pk].parent_id
    return tuple(found)


def _title(pk: int | None, categories: dict[int, Category]) -> Text:
    return categories[pk].title if pk in categories else Text("没有类别", "no category")
