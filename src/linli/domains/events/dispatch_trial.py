"""The dispatch directory against what was done (派单回算): where the last months' cases went, and where the rules would have
sent them; and what a rule that somebody is about to add, change or end would do. Nothing is changed."""

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
MOST_RUNNING = 20  # of the running cases, named one by one
NEW = -1  # the rule that is not there yet
NOBODY = Text("没有建议", "nobody")


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


@dataclass(frozen=True)
class Move:
    """Cases of a category for which another organisation would be suggested (建议改派)."""

    category: Text
    before: Text
    after: Text
    n: int
    n_running: int


@dataclass(frozen=True)
class Shift:
    """What a change of the rules would do to what is suggested (规则改动的影响)."""

    n: int  # looked at
    n_moved: int
    n_running: int  # of the moved
    moves: tuple[Move, ...]
    running: tuple[int, ...]  # those cases, the newest first


@dataclass(frozen=True)
class _Assigned:
    case: int
    category: int | None
    grid: str
    lead: str
    name: str
    name_en: str
    ended_at: datetime | None

    @property
    def running(self) -> bool:
        return self.ended_at is None


def effect(prefixes: Iterable[str], *, at: datetime) -> Effect:
    """Weigh the last months' assigned cases again (派单回算), in three queries."""
    categories = _categories()
    rules = list(_rules(at, categories))
    done: Counter[tuple[int | None, str, str]] = Counter()
    names: dict[str, Text] = {}
    for row in _cases(prefixes, at):
        done[row.category, row.grid, row.lead] += 1
        names[row.lead] = Text(row.name, row.name_en or row.name)
    n_same = n_none = 0
    elsewhere: Counter[tuple[int | None, str, str]] = Counter()
    for (pk, grid, went), n in done.items():
        won = _winner(rules, _path(pk, categories), grid)
        if won is None:
            n_none += n
            continue
        names.setdefault(won.lead, won.lead_title)
        if won.lead == went:
            n_same += n
        else:
            elsewhere[pk, went, won.lead] += n
    rows = tuple(
        Elsewhere(_title(pk, categories), names[went], names[would], n)
        for (pk, went, would), n in elsewhere.most_common(MOST_ROWS)
    )
    total = sum(done.values())
    return Effect(total, n_same, sum(elsewhere.values()), n_none, rows)


def as_rule(
    category: Category | None,
    area: Area | None,
    lead: Organisation,
    *,
    instead_of: DispatchRule | None = None,
) -> RuleView:
    """A rule that is not kept yet, as the choice would see it (拟定的规则)."""
    return RuleView(
        instead_of.pk if instead_of else NEW,
        _path(category.pk if category else None, _categories()),
        area.prefix if area else "",
        lead.code,
        lead.title,
    )


def shift(
    prefixes: Iterable[str],
    *,
    at: datetime,
    without: DispatchRule | None = None,
    plus: RuleView | None = None,
) -> Shift:
    """What would be suggested for the last months' cases with one rule less, more, or another (规则改动试算).

    As if the change held already, whatever its days. In three queries.
    """
    categories = _categories()
    before = list(_rules(at, categories))
    after = [rule for rule in before if without is None or rule.id != without.pk]
    after += [plus] if plus else []
    won: dict[tuple[int | None, str], tuple[RuleView | None, RuleView | None]] = {}
    moved: Counter[tuple[int | None, str, str]] = Counter()
    still: Counter[tuple[int | None, str, str]] = Counter()
    names, running, n = {"": NOBODY}, [], 0
    for row in _cases(prefixes, at):
        n += 1
        place = (row.category, row.grid)
        if place not in won:
            path = _path(row.category, categories)
            won[place] = (_winner(before, path, row.grid), _winner(after, path, row.grid))
        old, new = won[place]
        names |= {each.lead: each.lead_title for each in (old, new) if each}
        way = (row.category, old.lead if old else "", new.lead if new else "")
        if way[1] != way[2]:
            moved[way] += 1
            still[way] += row.running
            running += [row.case] if row.running else []
    moves = tuple(
        Move(_title(pk, categories), names[a], names[b], k, still[pk, a, b])
        for (pk, a, b), k in moved.most_common(MOST_ROWS)
    )
    return Shift(n, sum(moved.values()), len(running), moves, tuple(running[:MOST_RUNNING]))


def _categories() -> dict[int, Category]:
    return {row.pk: row for row in Category.objects.only("pk", "key", "name", "name_en", "parent")}


def _winner(rules: list[RuleView], path: tuple[str, ...], grid: str) -> RuleView | None:
    fitting = [r for r in rules if r.category_path == path[: len(r.category_path)]]
    first = next(iter(weigh(fitting, path, grid)), None)
    return first.rule if first and first.fits else None


def _cases(prefixes: Iterable[str], at: datetime) -> list[_Assigned]:
    here = Q(pk__in=[])
    for prefix in prefixes:
        start, end = prefix_range(prefix)
        here |= Q(case__grid__gte=start, case__grid__lt=end) if end else Q(case__grid__gte=start)
    rows = Event.objects.filter(
        here, case__opened_at__gte=at - LOOKED_BACK, case__lead__isnull=False, case__historic=False
    )
    found = rows.order_by("-case_id").values_list(
        "case_id",
        "category",
        "case__grid",
        "case__lead__code",
        "case__lead__name",
        "case__lead__name_en",
        "case__ended_at",
    )
    return [_Assigned(*row) for row in found[:MOST_CASES]]


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
