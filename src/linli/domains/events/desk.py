"""What events add to the desk (事件在工作台上的部分): suggestions with their reasons, what is close by, filters, row notes.

A suggestion decides nothing; it stands first among the choices and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.clock import now
from linli.base.i18n import Text
from linli.domains.events.models import Category, Event
from linli.domains.events.queries import category_tree, nearby, suggest_dispatch
from linli.domains.events.services import PROCEDURE, suggested_category
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import registry as kernel
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.models import Case
from linli.web.forms import Choice
from linli.web.registry import case_panel, field_choices, field_suggestion, list_filter, row_note

OTHERS = Text("另 {n} 人也反映", "{n} others reported it too")
BY_WORDS = Text("反映里提到“{words}”", "the report says “{words}”")
BY_RULE = Text("派单目录：{basis}", "dispatch directory: {basis}")
BY_CATEGORY = Text("这个类别通常是这个等级", "the usual grade of this category")


def register() -> None:
    field_choices("event_category", category_choices)
    field_suggestion("category", category_suggestion)
    field_suggestion("grade", grade_suggestion)
    field_suggestion("lead", lead_suggestion)
    field_suggestion("helpers", helpers_suggestion)
    case_panel("events.suggestion", order=10, render=suggestion_panel)
    case_panel("events.category", order=10, render=category_panel, side=True)
    case_panel("events.nearby", order=20, render=nearby_panel, side=True)
    row_note("events.reporters", reporters_note)
    list_filter("category", Text("类别", "Category"), choices=filter_choices, order=10)
    kernel.list_filter("category")(filter_by_category)


def is_event(case: Case | None) -> bool:
    return case is not None and case.procedure == PROCEDURE


def category_choices(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    """The leaves of the active directories, under the names of their groups (类别可选项)."""
    rows = category_tree()
    parents = {row.parent_id for row in rows}
    return [
        Choice(row.key, row.title, hint=_conditions(row), group=row.parent.title if row.parent else "")
        for row in rows
        if row.pk not in parents
    ]


def _conditions(category: Category) -> str:
    return category.accept_condition


def _suggested(case: Case) -> list[Category]:
    event = Event.objects.select_related("category").filter(case=case).first()
    if event is not None and event.category is not None:
        return [event.category]
    return suggested_category(str(first_fact(case, "description") or ""))


def category_suggestion(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    if case is None or not is_event(case):
        return []
    text = str(first_fact(case, "description") or "")
    found = []
    for category in _suggested(case):
        found.append(
            Choice(category.key, category.title, hint=BY_WORDS.format(words=word_in(category, text)))
        )
    return found


def word_in(category: Category, text: str) -> str:
    """Why a category is suggested (建议理由): the word of it that stands in the text."""
    return next((w for w in (category.name, *category.keywords.split()) if w in text), category.name)


def grade_suggestion(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    if case is None or not is_event(case):
        return []
    grade = next((c.grade for c in _suggested(case) if c.grade), "")
    title = dict(field.choices).get(grade)
    return [Choice(grade, title, hint=BY_CATEGORY)] if title else []


def lead_suggestion(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    found = suggest_dispatch(case, at=now()) if case is not None and is_event(case) else None
    if found is None:
        return []
    why = found.weighed[0].rule.basis
    return [Choice(found.lead, found.lead_title, hint=BY_RULE.format(basis=why or found.weighed[0].why))]


def helpers_suggestion(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    found = suggest_dispatch(case, at=now()) if case is not None and is_event(case) else None
    return [Choice(code, title) for code, title in found.helpers] if found else []


def suggestion_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """Whom to assign, by which rule and why (建议派给谁), shown while it waits to be assigned."""
    if not is_event(case) or case.step != "dispatching" or "dispatcher" not in actor.roles:
        return None
    found = suggest_dispatch(case, at=now())
    return render_to_string("events/desk_suggestion.html", {"found": found, "case": case}, request=request)


def category_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """The conditions under which this kind is accepted and closed (立案、结案条件)."""
    if not is_event(case):
        return None
    event = Event.objects.select_related("category").filter(case=case).first()
    if event is None or event.category is None:
        return None
    return render_to_string("events/desk_category.html", {"category": event.category}, request=request)


def nearby_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """Open cases close by, again at acceptance (附近在办): a person decides whether they are the same."""
    if not is_event(case) or case.lng is None or case.lat is None or case.ended_at is not None:
        return None
    if "dispatcher" not in actor.roles:
        return None
    found = nearby(actor, lng=case.lng, lat=case.lat, exclude=case.pk)
    return render_to_string("events/desk_nearby.html", {"found": found}, request=request)


def reporters_note(cases: Sequence[Case], actor: Actor) -> Mapping[int, Text]:
    rows = Event.objects.filter(case_id__in=[c.pk for c in cases], n_reporters__gt=1)
    return {pk: OTHERS.format(n=n - 1) for pk, n in rows.values_list("case_id", "n_reporters")}


def filter_choices(actor: Actor) -> list[Choice]:
    return [
        Choice(row.key, Text("　" * (row.depth - 1) + row.title.zh, "  " * (row.depth - 1) + row.title.en))
        for row in category_tree()
    ]


def filter_by_category(queryset: QuerySet[Case], value: str, _: Any) -> QuerySet[Case]:
    """A category with everything below it (按类别，含下级)."""
    keys, todo = set(), [value]
    while todo:
        keys.update(todo)
        todo = list(Category.objects.filter(parent__key__in=todo).values_list("key", flat=True))
    return queryset.filter(event__category__key__in=keys)
