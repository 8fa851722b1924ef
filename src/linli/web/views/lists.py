"""Lists of cases (办件列表): filtered by their address, shared as a link, kept under a name, exported, done in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import now, today
from linli.base.errors import LinliError
from linli.base.i18n import Text, current_language
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import case_page, count_up_to, visible_to
from linli.kernel.procedures.versions import current_procedures
from linli.web import casewords, flash, savedviews
from linli.web.desk_entries import ALL_CASES, HANDLED
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice
from linli.web.listing import (
    ORDERS,
    Asked,
    csv_lines,
    drawn_filters,
    lead_choices,
    read_filters,
    steps,
)
from linli.web.registry import filter_title, list_filters, notes_on
from linli.web.words import DueWords

PAGE = 50
COUNTED_IN_MENU = 5


@dataclass(frozen=True)
class CaseRow:
    """One row of a list (一行)."""

    case: Case
    facts: list[Text]
    tags: list[casewords.Tag]
    place: Text
    step: Text
    lead: Text | None
    due: DueWords | None
    notes: list[Text | str]


def case_rows(cases: list[Case], actor: Actor) -> list[CaseRow]:
    moment = now()
    notes = notes_on(cases, actor)
    return [
        CaseRow(
            case,
            casewords.row_facts(case),
            casewords.tags_of(case),
            casewords.near(case.area),
            casewords.step_title(case),
            case.lead.title if case.lead else None,
            casewords.due_of(case, moment),
            notes.get(case.pk, []),
        )
        for case in cases
    ]


@never_cache
@require_safe
@staff_only
def cases(request: HttpRequest) -> HttpResponse:
    """All cases in my sight, narrowed by the address (全部办件)."""
    actor, moment = actor_of(request), now()
    asked = read_filters(request.GET, actor)
    cursor = request.GET.get("cursor", "")
    page = case_page(actor, asked.filters, now=moment, cursor=cursor, limit=PAGE, order=asked.order)
    drawn = {f.name for f in list_filters()}
    undrawn = [
        (name, value, filter_title(name)) for name, value in asked.filters.more.items() if name not in drawn
    ]
    context: dict[str, Any] = {
        "asked": asked,
        "rows": case_rows(page.items, actor),
        "page": page,
        "count": None if cursor else _count(asked, actor),
        "procedures": [Choice(p.code, p.title) for p in current_procedures()],
        "steps": [Choice(code, title) for code, title in steps()],
        "statuses": [Choice(code, title) for code, title in casewords.STATUSES.items()],
        "orders": [Choice(code, title) for code, title in ORDERS.items()],
        "leads": lead_choices(actor),
        "brought": drawn_filters(request.GET, actor),
        "kept_query": savedviews.clean_query(request.GET.urlencode()),
        "view_name": "",
        "narrowed": _narrowed(asked),
        "more_used": bool(asked.lead or asked.opened_from or asked.opened_to or asked.filters.procedure)
        or asked.filters.late
        or bool(set(asked.filters.more) & drawn),
        "heading": HANDLED if request.GET.get("handled") else ALL_CASES,
        "where": asked.area.title if asked.area else request.GET.get("where", ""),
        "undrawn": undrawn,
        "without_undrawn": urlencode(
            [(k, v) for k, v in request.GET.items() if k not in {u[0] for u in undrawn} and k != "cursor"]
        ),
    }
    return render(request, "web/desk/cases.html", context)


def _count(asked: Asked, actor: Actor) -> Any:
    moment = now()
    found = asked.filters.apply(visible_to(actor), actor, moment)
    if asked.order == "due":
        found = found.filter(status="open", due_at__isnull=False)
    return count_up_to(found)


def _narrowed(asked: Asked) -> bool:
    f = asked.filters
    dates = asked.opened_from or asked.opened_to
    return bool(f.procedure or f.step or f.status or f.area or f.words or f.late or f.lead or f.more or dates)


@never_cache
@require_safe
@staff_only
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as a file for a spreadsheet (导出 CSV): what was filtered, without personal fields. Noted as an export."""
    actor, moment = actor_of(request), now()
    asked = read_filters(request.GET, actor)
    audit.note(
        "web.cases_exported", by=actor, at=moment, filters=sorted(k for k, v in request.GET.items() if v)
    )
    lines = csv_lines(asked, actor, moment, current_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cases-{today():%Y%m%d}.csv"'
    return response


@require_POST
@staff_only
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps the filters under a name (保存为我的视图)."""
    query = request.POST.get("query", "")
    url = reverse("web:cases")
    try:
        view = savedviews.save_view(request.POST.get("name", ""), query, by=actor_of(request))
    except LinliError as error:
        flash.say(request, error.message, tone="bad")
        return HttpResponseRedirect(f"{url}?{savedviews.clean_query(query)}")
    flash.say(request, Text("已保存到“我的视图”。", "Kept under “My views”."))
    return HttpResponseRedirect(f"{url}?{view.query}")


@require_POST
@staff_only
def delete_view(request: HttpRequest, uid: UUID) -> HttpResponse:
    savedviews.delete_view(uid, by=actor_of(request))
    flash.say(request, Text("视图已删除。", "The view is deleted."))
    return HttpResponseRedirect(reverse("web:views"))


@never_cache
@require_safe
@staff_only
def views(request: HttpRequest) -> HttpResponse:
    """My views, to be opened or deleted (我的视图)."""
    actor = actor_of(request)
    own = [(view, count_of(view.query, actor)) for view in savedviews.views_of(actor)]
    return render(
        request, "web/desk/views.html", {"views": own, "shared": savedviews.shared_by_colleagues(actor)}
    )


@never_cache
@require_safe
@staff_only
def views_menu(request: HttpRequest) -> HttpResponse:
    """My pinned views with how many cases each finds (菜单里的视图数量): fetched after the page, so that no page waits."""
    actor = actor_of(request)
    pinned = [view for view in savedviews.views_of(actor) if view.pinned]
    asked: Any = getattr(request, "htmx", None)
    path, _, query = ((asked.current_url_abs_path or "") if asked else "").partition("?")
    shown = savedviews.clean_query(query) if path == reverse("web:cases") else None
    rows = [
        {
            "name": v.name,
            "query": v.query,
            "current": v.query == shown,
            "count": count_of(v.query, actor) if n < COUNTED_IN_MENU else None,
        }
        for n, v in enumerate(pinned)
    ]
    return render(request, "web/parts/saved_views.html", {"views": rows, "counted": True})


@require_POST
@staff_only
def arrange_view(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Pin, move up, share, or take over a view (整理视图), by the button that was pressed."""
    actor, act = actor_of(request), request.POST.get("act", "")
    match act:
        case "pin" | "unpin":
            savedviews.pin_view(uid, by=actor, pinned=act == "pin")
        case "share" | "unshare":
            savedviews.share_view(uid, by=actor, shared=act == "share")
        case "up":
            savedviews.raise_view(uid, by=actor)
        case "take":
            savedviews.take_view(uid, by=actor)
    return HttpResponseRedirect(reverse("web:views"))


def count_of(query: str, actor: Actor) -> Any:
    """How many cases a view finds (视图数量), up to the counting limit."""
    return _count(read_filters(QueryDict(query).dict(), actor), actor)


def numbers_asked(request: HttpRequest, most: int) -> list[str]:
    """The chosen cases (选中的办件), each once, in the order of the list."""
    asked = request.POST if request.method == "POST" else request.GET
    return list(dict.fromkeys(asked.getlist("n")))[:most]


def in_order(numbers: list[str], actor: Actor) -> list[Case]:
    """Those of them that I may see; any other is not there."""
    rows = visible_to(actor).filter(number__in=numbers).select_related("area", "area__parent", "lead")
    found = {case.number: case for case in rows}
    return [found[number] for number in numbers if number in found]
