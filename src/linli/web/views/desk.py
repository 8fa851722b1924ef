"""The desk of staff (工作台): what waits for me, the search, the notices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import SHANGHAI, local, now
from linli.base.i18n import Text
from linli.base.paging import Count
from linli.kernel.notices import queries as notices
from linli.kernel.notices.services import mark_read
from linli.kernel.people.actors import Actor
from linli.kernel.places import queries as places
from linli.kernel.procedures.lastlooks import unread_cases
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.queries import (
    CaseFilters,
    access_case,
    case_page,
    inbox_counts,
    visible_to,
)
from linli.kernel.procedures.queries import inbox as inbox_page
from linli.web import casewords, words
from linli.web.casepage import opened
from linli.web.faces import actor_of, staff_only
from linli.web.listing import steps
from linli.web.registry import notes_on
from linli.web.views.findperson import asked, person_kind
from linli.web.views.lists import case_rows

INBOX_PAGE = 40
SEARCH_PAGE = 30

_counted: ContextVar[tuple[Actor, dict[str, Count]] | None] = ContextVar("linli_inbox_counts", default=None)


def end_of_today(moment: datetime) -> datetime:
    return datetime.combine(local(moment).date() + timedelta(days=1), time.min, SHANGHAI)


def counts_of(actor: Actor) -> dict[str, Count]:
    """How many wait, are late, are due today (待办数量): counted once a request for menu and page."""
    known = _counted.get()
    if known is None or known[0] is not actor:
        moment = now()
        known = actor, inbox_counts(actor, moment, end_of_today(moment))
        _counted.set(known)
    return known[1]


@dataclass(frozen=True)
class InboxRow:
    """A task as the inbox says it (待办一行): title, where and how pressing and at which step, until when."""

    task: Task
    number: str
    title: str
    facts: list[Text]
    notes: list[Text | str]
    due: words.DueWords
    paused: bool
    url: str


@never_cache
@require_safe
@staff_only
def inbox(request: HttpRequest) -> HttpResponse:
    """My tasks, the most pressing first (待办), and beside them the one that is open."""
    actor, moment = actor_of(request), now()
    only, step = request.GET.get("only", ""), request.GET.get("step", "")
    known = dict(steps())
    step = step if step in known else ""
    page = inbox_page(
        actor,
        cursor=request.GET.get("cursor", ""),
        limit=INBOX_PAGE,
        narrowed=_narrowed(only, step, moment, actor),
    )
    notes = notes_on([row.case for row in page.items], actor)
    number = request.GET.get("case", "")
    context: dict[str, Any] = {
        "rows": [
            InboxRow(
                row.task,
                row.case.number,
                row.case.title,
                casewords.row_facts(row.case),
                notes.get(row.case.pk, []),
                words.due_words(row.task.due_at, moment, paused=row.case.status == "suspended"),
                row.case.status == "suspended",
                reverse("web:staff_case", args=[row.case.number]),
            )
            for row in page.items
        ],
        "page": page,
        "counts": counts_of(actor),
        "only": only,
        "step": step,
        "step_title": known.get(step),
        "steps": _steps_here(page.items, known),
        "number": number,
        "whole": opened(request, access_case(number, actor), actor, moment) if number else None,
    }
    return render(request, "web/desk/inbox.html", context)


def _narrowed(only: str, step: str, moment: datetime, actor: Actor) -> Q:
    narrowed = Q(step=step) if step else Q()
    if only == "late":
        narrowed &= Q(due_at__lt=moment) & ~Q(case__status="suspended")
    if only == "today":
        narrowed &= Q(due_at__gte=moment, due_at__lt=end_of_today(moment))
    if only == "pressing":
        narrowed &= Q(due_at__lt=end_of_today(moment)) & ~Q(case__status="suspended")
    if only == "news":
        narrowed &= Q(case__in=unread_cases(actor))
    return narrowed


def _steps_here(rows: list[Any], known: dict[str, Text]) -> list[tuple[str, Text]]:
    """The steps of the tasks on this page, to narrow by."""
    here = {row.task.step for row in rows}
    return [(code, title) for code, title in known.items() if code in here]


# ------------------------------------------------------------------------------------------------- search

_NUMBER = re.compile(r"\d{6}-[A-Z]{1,6}-\d{4}-\d{6}", re.IGNORECASE)


@never_cache
@require_safe
@staff_only
def search(request: HttpRequest) -> HttpResponse:
    """Finds a case by number or words, an area by name (搜索). A phone or ID number is a search for a person."""
    actor = actor_of(request)
    text = " ".join(request.GET.get("q", "").split())[:80]
    if _NUMBER.fullmatch(text) and visible_to(actor).filter(number=text.upper()).exists():
        return HttpResponseRedirect(reverse("web:staff_case", args=[text.upper()]))
    if person_kind(text):
        return render(request, "web/desk/person.html", asked(text))
    context: dict[str, Any] = {"text": text}
    if text:
        page = case_page(
            actor,
            CaseFilters(words=text),
            now=now(),
            cursor=request.GET.get("cursor", ""),
            limit=SEARCH_PAGE,
        )
        context |= {"page": page, "rows": case_rows(page.items, actor)}
        context["areas"] = [] if request.GET.get("cursor") else places.search_by_name(text, limit=5)
    return render(request, "web/desk/search.html", context)


# ------------------------------------------------------------------------------------------------ notices


@never_cache
@require_safe
@staff_only
def notice_list(request: HttpRequest) -> HttpResponse:
    """My notices, newest first (通知)."""
    actor = actor_of(request)

    def titles(numbers: Sequence[str]) -> dict[str, str]:
        return dict(visible_to(actor).filter(number__in=numbers).values_list("number", "title"))

    page = notices.my_notices(actor, request.GET.get("cursor", ""), titles=titles)
    return render(request, "web/desk/notices.html", {"page": page})


@require_POST
@staff_only
def read_notices(request: HttpRequest) -> HttpResponse:
    """Marks all my notices as read (全部标为已读), or one, and goes on to its case."""
    actor = actor_of(request)
    uid = request.POST.get("uid", "")
    mark_read(actor, [UUID(uid)] if _is_uuid(uid) else None)
    number = request.POST.get("case", "")
    if number and visible_to(actor).filter(number=number).exists():
        return HttpResponseRedirect(reverse("web:staff_case", args=[number]))
    return HttpResponseRedirect(reverse("web:notices"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
