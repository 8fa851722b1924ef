"""A version of the category directory before it is put in use (目录启用前的检查与试算): what differs from the version in use,
what is wrong with it, and which cases and dispatch rules it concerns. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.domains.events.directory_queries import grades, in_force, tree_of
from linli.domains.events.models import Category, Directory, DispatchRule, Event

SHOWN_AT_MOST = 200
FACTS = {
    "name": Text("名称", "name"),
    "name_en": Text("英文名", "English name"),
    "limit": Text("处置时限", "limit"),
    "grade": Text("建议等级", "grade"),
    "accept_condition": Text("受理条件", "accepted when"),
    "close_condition": Text("结案条件", "closed when"),
    "keywords": Text("居民的说法", "words of residents"),
    "needs_photos": Text("须有照片", "needs photos"),
    "help_case": Text("求助", "help"),
    "public_point": Text("可公开位置", "point may be shown"),
}
YES, NO = Text("是", "yes"), Text("否", "no")
NOTHING = Text("（空）", "(empty)")


@dataclass(frozen=True)
class Difference:
    """One category that differs (一处不同): added, gone, retired, moved or changed, in words."""

    kind: str  # added | removed | changed
    category: Category
    words: Text


@dataclass(frozen=True)
class Concerned:
    """A category that goes, and what still hangs on it (受影响的类别)."""

    category: Category
    n_open: int
    rules: tuple[DispatchRule, ...] = ()


@dataclass
class Trial:
    """What putting a version in use would do (启用试算)."""

    before: Directory | None
    differences: list[Difference] = field(default_factory=list)
    faults: list[Text] = field(default_factory=list)  # to be mended before it can be put in use
    concerned: list[Concerned] = field(default_factory=list)
    n_open: int = 0

    @property
    def n_rules_lost(self) -> int:
        return sum(len(c.rules) for c in self.concerned)


def trial(directory: Directory, *, day: date) -> Trial:
    """Compare a version with the one in use and check it (检查目录), in a fixed number of queries."""
    before = Directory.objects.filter(code=directory.code, active=True).exclude(pk=directory.pk).first()
    new = tree_of(directory)
    old = tree_of(before) if before else []
    found = Trial(before, faults=list(_faults(new)))
    if before is None:
        return found
    found.differences = list(differences(old, new))
    chosen = {row.code for row in new if row.active}
    going = [row for row in old if row.active and row.code not in chosen]
    n_open = dict(
        Event.objects.filter(category__directory=before, case__ended_at__isnull=True)
        .values_list("category")
        .annotate(n=Count("pk"))
    )
    found.n_open = sum(n_open.values())
    rules: dict[int | None, list[DispatchRule]] = {}
    held = in_force(DispatchRule.objects.filter(category__in=going).select_related("area", "lead"), day)
    for rule in held:
        rules.setdefault(rule.category_id, []).append(rule)
    found.concerned = [
        Concerned(row, n_open.get(row.pk, 0), tuple(rules.get(row.pk, ())))
        for row in going
        if n_open.get(row.pk) or rules.get(row.pk)
    ][:SHOWN_AT_MOST]
    return found


def _faults(rows: list[Category]) -> Iterable[Text]:
    by_pk = {row.pk: row for row in rows}
    known = dict(grades())
    if not any(row.active for row in rows):
        yield Text("目录里没有可用的类别。", "There is no category to choose from.")
    siblings: dict[tuple[int | None, str], str] = {}
    for row in rows:
        above = by_pk.get(row.parent_id) if row.parent_id else None
        if row.active and above is not None and not above.active:
            yield Text(
                f"“{row.code} {row.name}”在用，它的上级“{above.name}”已停用。请一起停用，或改到别的上级。",
                f"“{row.code} {row.title.en}” is in use while “{above.title.en}” above it is retired. "
                "Retire both, or move it.",
            )
        if row.grade and row.grade not in known:
            yield Text(
                f"“{row.code} {row.name}”的等级“{row.grade}”不在列表里。请改选一个。",
                f"“{row.code} {row.title.en}”: the grade {row.grade} is not in the list. Choose another.",
            )
        if row.limit and not _reads(row.limit):
            yield Text(
                f"“{row.code} {row.name}”的时限“{row.limit}”看不懂。请写成 2 working days。",
                f"“{row.code} {row.title.en}”: the limit {row.limit!r} cannot be read. Write 2 working days.",
            )
        twin = siblings.setdefault((row.parent_id, row.name), row.code)
        if row.active and twin != row.code:
            yield Text(
                f"“{row.name}”在同一上级下有两个（{twin}、{row.code}）。请改名或停用一个。",
                f"“{row.title.en}” stands twice in one place ({twin}, {row.code}). Rename or retire one.",
            )


def _reads(limit: str) -> bool:
    try:
        parse_period(limit)
    except Invalid:
        return False
    return True


def differences(old: list[Category], new: list[Category]) -> Iterable[Difference]:
    """What differs between two versions, category by category and field by field (逐项差异)."""
    was = {row.code: row for row in old}
    old_pk, new_pk = ({row.pk: row for row in rows} for rows in (old, new))
    for row in new:
        before = was.pop(row.code, None)
        if before is None:
            yield Difference("added", row, Text("新增", "added"))
            continue
        if before.active != row.active:
            words = Text("重新启用", "taken up again") if row.active else Text("停用", "retired")
            yield Difference("added" if row.active else "removed", row, words)
        above = [
            by_pk[r.parent_id].title if r.parent_id else Text("最上层", "the top")
            for by_pk, r in ((old_pk, before), (new_pk, row))
        ]
        if above[0] != above[1]:
            yield Difference(
                "changed",
                row,
                Text("从“{a}”移到“{b}”下", "moved from “{a}” to “{b}”").format(a=above[0], b=above[1]),
            )
        for name in FACTS:
            a, b = getattr(before, name), getattr(row, name)
            if _said(a) != _said(b):
                yield Difference("changed", row, said_of(name, a, b))
    for row in was.values():
        yield Difference("removed", row, Text("不再有", "gone"))


def said_of(name: str, before: object, after: object) -> Text:
    """A fact of a category before and after, in words (一项改动)."""
    return Text("{t}由“{a}”改为“{b}”", "{t} from “{a}” to “{b}”").format(
        t=FACTS.get(name, Text(name, name)), a=_said(before), b=_said(after)
    )


def _said(value: object) -> Text:
    if isinstance(value, bool):
        return YES if value else NO
    if not value:
        return NOTHING
    dash = dict(grades()).get(str(value))
    if dash is not None:
        return dash
    text = str(value)
    return parse_period(text).title if text[:1].isdigit() and _reads(text) else Text(text, text)


def conflicts(rules: Iterable[DispatchRule], day: date) -> list[tuple[DispatchRule, DispatchRule]]:
    """Rules that hold for the same category and area on a day (派单冲突): the one made first wins, the other never does."""
    first: dict[tuple[int | None, int | None], DispatchRule] = {}
    found = []
    for rule in rules:
        if (rule.valid_from and rule.valid_from > day) or (rule.valid_to and rule.valid_to < day):
            continue
        twin = first.setdefault((rule.category_id, rule.area_id), rule)
        if twin is not rule:
            found.append((twin, rule))
    return found
