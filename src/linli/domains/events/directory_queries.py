"""Reads of the category directory and the dispatch directory (目录查询). Both are public; lists start from one's areas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.events.models import Category, Directory, DispatchRule
from linli.kernel.people.actors import Actor
from linli.kernel.people.queries import administered
from linli.kernel.procedures.versions import current_procedures

PROCEDURE = "grid-event"


def grades() -> list[tuple[str, Text]]:
    """The grades that the procedure knows (等级), as code and title."""
    for procedure in current_procedures():
        if procedure.code == PROCEDURE and "grade" in procedure.fields:
            return list(procedure.fields["grade"].choices)
    return []


def directories() -> QuerySet[Directory]:
    """All versions of all directories (全部目录), those in use first."""
    return Directory.objects.annotate(n_categories=Count("categories")).order_by(
        "-active", "code", "-version"
    )


def directory_named(code: str, version: int) -> Directory:
    found = Directory.objects.filter(code=code, version=version).first()
    if found is None:
        raise absent(Text("目录", "directory"))
    return found


def category_in(directory: Directory, code: str) -> Category:
    found = (
        Category.objects.select_related("parent", "directory").filter(directory=directory, code=code).first()
    )
    if found is None:
        raise absent(Text("类别", "category"))
    return found


def tree_of(directory: Directory) -> list[Category]:
    """All categories of one version in tree order (目录树), retired ones too, in one query."""
    below: dict[int | None, list[Category]] = {}
    for row in Category.objects.filter(directory=directory).order_by("depth", "order", "code"):
        below.setdefault(row.parent_id, []).append(row)
    found: list[Category] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting += reversed(below.get(row.pk, []))
    return found


def in_force(rules: QuerySet[DispatchRule], day: date) -> QuerySet[DispatchRule]:
    """The rules that hold on a day (当日有效规则)."""
    return rules.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )


def rules_for(actor: Actor) -> QuerySet[DispatchRule]:
    """The rules that concern an administrator's areas (相关派单规则): in them, above them, and for any area; of
    directories in use."""
    prefixes = {hat.area_prefix for hat in actor.hats}
    above = {p[:n] for p in prefixes for n in PREFIX_LENGTH.values() if n < len(p)}
    near = Q(area__isnull=True) | Q(area__prefix__in=above) | administered(actor, "area__prefix")
    used = Q(category__isnull=True) | Q(category__directory__active=True)
    rows = DispatchRule.objects.filter(near, used).select_related("category", "area", "lead")
    return rows.prefetch_related("helpers").annotate(
        category_order=Coalesce("category__key", Value("")), area_order=Coalesce("area__prefix", Value(""))
    )


def rule_named(actor: Actor, *, category: str, area: str, lead: str, since: str) -> DispatchRule:
    """One rule by what it says (按内容定位规则): rules have no number that could be quoted."""
    rows = rules_for(actor).filter(lead__code=lead)
    rows = rows.filter(category__key=category) if category else rows.filter(category__isnull=True)
    rows = rows.filter(area__code=area) if area else rows.filter(area__isnull=True)
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        day = date.min
    found = rows.filter(valid_from=day).order_by("id").first()
    if found is None:
        raise absent(Text("派单规则", "dispatch rule"))
    return found


@dataclass(frozen=True)
class Gap:
    """A category that the dispatch directory does not cover (派单空白): nowhere, or in a part of the area alone."""

    category: Category
    areas: tuple[Text, ...]  # where a rule holds; empty: nowhere


def gaps(prefixes: Iterable[str], day: date) -> list[Gap]:
    """Categories in use without a rule for the whole of these areas (没有派单规则的类别), in two queries."""
    wanted = tuple(prefixes)
    everywhere: set[int | None] = set()
    partly: dict[int | None, list[Text]] = {}
    for rule in in_force(DispatchRule.objects.select_related("area"), day):
        if rule.area is None or any(p.startswith(rule.area.prefix) for p in wanted):
            everywhere.add(rule.category_id)
        elif any(rule.area.prefix.startswith(p) for p in wanted):
            partly.setdefault(rule.category_id, []).append(rule.area.title)
    if None in everywhere:
        return []
    rows = Category.objects.filter(active=True, directory__active=True).order_by("key")
    known = {row.pk: row for row in rows.select_related("directory")}
    inner = {row.parent_id for row in known.values()}
    found = []
    for row in known.values():
        if row.pk in inner:
            continue
        line: list[int | None] = [None]
        at: Category | None = row
        while at is not None:
            line.append(at.pk)
            at = known.get(at.parent_id) if at.parent_id else None
        if not everywhere & set(line):
            found.append(Gap(row, tuple(title for pk in line for title in partly.get(pk, ()))))
    return found
