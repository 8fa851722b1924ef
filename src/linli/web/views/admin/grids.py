"""Redrawing the grids of a village (网格调整): a draft beside what is in force, checked, shown, published for a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.base.clock import today
from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound, absent
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.kernel.people.actors import Actor
from linli.kernel.places import plans, publishing
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area, GridPlan
from linli.kernel.places.shapes import read_shape
from linli.web import flash, gridplans
from linli.web.faces import actor_of
from linli.web.views.admin.area_acts import DATUMS, LARGEST_SHAPE
from linli.web.views.admin.areas import area_url
from linli.web.views.admin.door import admin_only, area_in_scope, prefixes
from linli.web.views.admin.screens import Trail, needed_days

GRIDS = Text("网格调整", "Redraw grids")
PAGE = 50
PLANS = 20
FOUND = 50


def village_url(village: Area) -> str:
    return reverse("web:admin_grid_village", args=[village.code])


def plan_url(village: Area) -> str:
    return reverse("web:admin_grid_plan", args=[village.code])


def trail(village: Area | None = None) -> Trail:
    first = (GRIDS, reverse("web:admin_grids"))
    return [first] if village is None else [first, (village.title, village_url(village))]


def _village(request: HttpRequest, code: str) -> tuple[Actor, Area]:
    actor = actor_of(request)
    village = area_in_scope(actor, code)
    if village.level != "village":
        raise absent(Text("村或社区", "village"))
    return actor, village


@admin_only
@require_safe
def grids(request: HttpRequest) -> HttpResponse:
    """The villages whose grids I may redraw (所辖村的网格), those with a draft marked."""
    actor = actor_of(request)
    text = request.GET.get("q", "").strip()[:40]
    mine = Q()
    for prefix in prefixes(actor):
        mine |= Q(prefix__startswith=prefix)
    villages = places.current(Area.objects.filter(mine, level="village")).select_related("parent")
    if text:
        found = [a.pk for p in prefixes(actor) for a in places.search_by_name(text, under=p, limit=FOUND)]
        villages = villages.filter(Q(pk__in=found) | Q(parent__in=found))
    day = today()
    valid = Q(children__valid_to__isnull=True) | Q(children__valid_to__gte=day)
    valid &= Q(children__valid_from__isnull=True) | Q(children__valid_from__lte=day)
    drafts = GridPlan.objects.filter(village=OuterRef("pk"), state="draft")
    villages = villages.annotate(
        n_grids=Count("children", filter=valid & Q(children__level="grid", children__historic=False)),
        has_draft=Exists(drafts),
    )
    page = keyset(villages, ["code"], request.GET.get("cursor"), PAGE)
    return render(request, "web/admin/grids.html", {"page": page, "rows": page.items, "text": text})


@admin_only
@require_safe
def village(request: HttpRequest, code: str) -> HttpResponse:
    """The grids of a village as they are (现行网格), and its plans, past and open."""
    _, found = _village(request, code)
    border = plans.border_of(found)
    cells = gridplans.in_force(found)
    report = gridplans.compared(border, cells)
    context = {
        "area": found,
        "area_url": area_url(found),
        "trail": trail(),
        "sheet": gridplans.sheet_of(found, border, cells, report),
        "report": report,
        "draft": plans.open_plan(found),
        "plans": [
            (gridplans.STATES[plan.state], plan)
            for plan in GridPlan.objects.filter(village=found).order_by("-id")[:PLANS]
        ],
    }
    return render(request, "web/admin/grid_village.html", context)


@admin_only
@require_POST
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Begins a draft with the grids in force (开始调整)."""
    actor, found = _village(request, code)
    try:
        plans.begin_plan(found, by=actor)
    except LinliError as error:
        flash.say(request, error.message, tone="bad")
        return HttpResponseRedirect(plan_url(found) if plans.open_plan(found) else village_url(found))
    return HttpResponseRedirect(plan_url(found))


@admin_only
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Draw on the draft (画网格): cut, join, move, add, name, undo; each a step of its own that can be taken back."""
    actor, found = _village(request, code)
    draft = _open(found)
    if request.method != "POST":
        return _editor(request, found, draft)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise absent(Text("操作", "act"))
    try:
        said = act(request, draft, actor)
    except (NotFound, NotAllowed):
        raise
    except LinliError as error:
        fresh = _open(found)
        return _editor(request, found, fresh, error)
    flash.say(request, said)
    ended = request.POST.get("do") == "drop"
    return HttpResponseRedirect(village_url(found) if ended else plan_url(found))


def _open(found: Area) -> GridPlan:
    draft = plans.open_plan(found)
    if draft is None:
        raise absent(Text("网格方案", "plan of grids"))
    draft.village = found
    return draft


def _editor(
    request: HttpRequest, found: Area, draft: GridPlan, error: LinliError | None = None
) -> HttpResponse:
    border, cells = plans.border_of(found), plans.cells_of(draft)
    report = publishing.check_plan(draft)
    posted = request.POST
    chosen = next((c for c in cells if c.key == request.GET.get("cell")), None)
    last = draft.past[-1]["what"] if draft.past else ""
    context: dict[str, Any] = {
        "area": found,
        "trail": trail(found),
        "plan": draft,
        "sheet": gridplans.sheet_of(found, border, cells, report, [c.key for c in cells if not c.code]),
        "names": [(c.key, c.title) for c in cells],
        "report": report,
        "message": error.message if error else "",
        "wrong": error.fields if isinstance(error, Invalid) else {},
        "posted": posted,
        "chosen": chosen,
        "corners": posted.get("ring", "") or (gridplans.corners_text(chosen.shape) if chosen else ""),
        "last": gridplans.STEPS.get(last),
        "n_past": len(draft.past),
        "datums": DATUMS,
    }
    return render(request, "web/admin/grid_plan.html", context, status=error.status if error else 200)


def _seq(request: HttpRequest) -> int:
    text = request.POST.get("seq", "")
    return int(text) if text.isdigit() and len(text) < 9 else -1


def _split(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    line = gridplans.read_corners(request.POST.get("line", ""), "line", 2)[0]
    plans.split_cell(draft, request.POST.get("key", ""), line, by=by, seq=_seq(request))
    return Text("已切开。新的一块请起个名字。", "The grid is cut. Give the new part a name.")


def _merge(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    plans.merge_cells(draft, request.POST.getlist("cell"), by=by, seq=_seq(request))
    return Text("已合并，名称用第一个的。", "Merged; the first one's name stays.")


def _redraw(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    shape = _shape(request)
    plans.redraw_cell(draft, request.POST.get("key", ""), shape, by=by, seq=_seq(request))
    return Text(
        "边界已移动，相邻的网格跟着让开或接上。", "The border is moved; its neighbours gave way or took over."
    )


def _add(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    shape = _shape(request)
    plans.add_cell(draft, shape, name=request.POST.get("name", ""), by=by, seq=_seq(request))
    return Text(
        "新网格已画上，相邻的网格让出了这一块。", "The new grid is drawn; its neighbours gave the land."
    )


def _shape(request: HttpRequest) -> Any:
    try:
        return read_shape(gridplans.read_polygon(request.POST.get("ring", ""), "ring"), datum="WGS84")
    except Invalid as error:
        raise Invalid(error.code, error.message, fields=error.fields or {"ring": error.message}) from error


def _rename(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    plans.rename_cell(
        draft,
        request.POST.get("key", ""),
        name=request.POST.get("name", ""),
        name_en=request.POST.get("name_en", ""),
        by=by,
        seq=_seq(request),
    )
    return Text("名称已改。", "The name is changed.")


def _undo(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    plans.undo(draft, by=by, seq=_seq(request))
    return Text("已撤销上一步。", "The last step is taken back.")


def _drop(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    plans.drop_plan(draft, by=by)
    return Text("方案已放弃，现行网格没有变。", "The plan is dropped; the grids in force are unchanged.")


def _upload(request: HttpRequest, draft: GridPlan, by: Actor) -> Text:
    datum = request.POST.get("datum", "")
    if datum not in {choice.value for choice in DATUMS}:
        problem = Text(
            "请选择坐标系，选错会偏几百米。",
            "Choose the coordinate system: a wrong one is hundreds of metres off.",
        )
        raise Invalid("web.no_datum", problem, fields={"file": problem})
    upload = request.FILES.get("file")
    problem = Text("请选择一个 GeoJSON 文件，最大 10 MB。", "Choose a GeoJSON file of at most 10 MB.")
    if upload is None or (upload.size or 0) > LARGEST_SHAPE:
        raise Invalid("web.bad_shape_file", problem, fields={"file": problem})
    try:
        content = json.loads(upload.read().decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise Invalid("web.bad_shape_file", problem, fields={"file": problem}) from None
    plans.replace_cells(draft, gridplans.features_of(content), datum=datum, by=by, seq=_seq(request))
    return Text(
        "已用文件里的网格。请看检查结果。", "The grids of the file are taken. See what the check says."
    )


ACTS: dict[str, Callable[[HttpRequest, GridPlan, Actor], Text]] = {
    "split": _split,
    "merge": _merge,
    "redraw": _redraw,
    "add": _add,
    "rename": _rename,
    "undo": _undo,
    "drop": _drop,
    "upload": _upload,
}


@admin_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, code: str) -> HttpResponse:
    """The plan beside what is in force, its faults and its dry run (检查和预览); publishing it for a day to come."""
    actor, found = _village(request, code)
    draft = _open(found)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            _publish(request, draft, actor)
        except (NotFound, NotAllowed):
            raise
        except LinliError as refusal:
            error = refusal
        else:
            said = Text(
                "方案已发布，从 {day} 起按新网格。请把网格员岗位改到新网格。",
                "The plan is published and in force from {day}. Move the grid workers' posts to the new grids.",
            )
            flash.say(request, said.format(day=request.POST.get("valid_from", "")))
            return HttpResponseRedirect(village_url(found))
        draft = _open(found)
    border, cells = plans.border_of(found), plans.cells_of(draft)
    report = publishing.check_plan(draft)
    preview = gridplans.preview_of(draft, actor)
    new = [cell.key for _, cell in preview.outcome.begins]
    day = request.POST.get("valid_from") or (draft.valid_from.isoformat() if draft.valid_from else "")
    context: dict[str, Any] = {
        "area": found,
        "trail": [*trail(found), (Text("方案", "Plan"), plan_url(found))],
        "plan": draft,
        "before": gridplans.sheet_of(found, border, gridplans.in_force(found)),
        "after": gridplans.sheet_of(found, border, cells, report, new),
        "report": report,
        "preview": preview,
        "message": error.message if error else "",
        "wrong": error.fields if isinstance(error, Invalid) else {},
        "valid_from": day,
        "note": request.POST.get("note", draft.note),
    }
    return render(request, "web/admin/grid_check.html", context, status=error.status if error else 200)


def _publish(request: HttpRequest, draft: GridPlan, by: Actor) -> None:
    (first,) = needed_days(request.POST.dict(), "valid_from")
    kept = plans.set_terms(
        draft, valid_from=first, note=request.POST.get("note", ""), by=by, seq=_seq(request)
    )
    publishing.publish_plan(kept, by=by, seq=kept.seq)


@admin_only
@require_safe
def export(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """A plan as GeoJSON (导出方案), as it can be uploaded again."""
    _, found = _village(request, code)
    kept = GridPlan.objects.filter(village=found, uid=uid).first()
    if kept is None:
        raise absent(Text("网格方案", "plan of grids"))
    content = gridplans.geojson(found, plans.cells_of(kept), plan=str(kept.uid), state=kept.state)
    response = JsonResponse(
        content, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False}
    )
    response["Content-Disposition"] = f'attachment; filename="grids-{found.code}.geojson"'
    return response
