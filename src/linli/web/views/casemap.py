"""The map of cases (办件地图): the same filters as the lists, seen as points or hexagons, with the list beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.clock import now
from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import case_page, count_up_to
from linli.kernel.procedures.versions import current_procedures
from linli.web import casemap, casewords
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice
from linli.web.hexagons import hexagons, resolution
from linli.web.listing import Asked, drawn_filters, read_filters, steps
from linli.web.views.board import own_area
from linli.web.views.lists import case_rows
from linli.web.within import Ring, box_ring, decode_ring, encode_ring, filter_unplaced

PAGE = 30
ZOOMS = (3.0, 22.0)


@dataclass(frozen=True)
class Seen:
    """What the address of a map asks for (地图条件): its filters, the part of the map on the screen."""

    asked: Asked
    query: dict[str, str]
    screen: Ring | None
    zoom: float

    @property
    def list_url(self) -> str:
        return f"{reverse('web:cases')}?{urlencode(self.query)}"


def seen_by(request: HttpRequest, actor: Actor, moment: datetime) -> Seen:
    query = casemap.list_query(request.GET.dict(), moment)
    asked = read_filters(query, actor)
    return Seen(asked, query, _screen(request.GET.get("box", "")), _zoom(request.GET.get("z", "")))


def _screen(text: str) -> Ring | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        if not (math.isfinite(west + east) and west < east and -90 <= south < north <= 90):
            raise ValueError
    except ValueError:
        raise Unreadable(
            "web.bad_box",
            Text(
                "地图范围没看懂。请刷新地图页面再试。",
                "The part of the map was not understood. Reload the map and try again.",
            ),
        ) from None
    return box_ring(max(west, -180.0), south, min(east, 180.0), north)


def _zoom(text: str) -> float:
    try:
        return max(ZOOMS[0], min(ZOOMS[1], float(text)))
    except ValueError:
        return 14.0


@never_cache
@require_safe
@staff_only
def case_map(request: HttpRequest) -> HttpResponse:
    """Cases on the map, and the same cases as a list beside it (地图和列表). A case known only by its area stands in
    the list and is drawn as no point."""
    actor, moment = actor_of(request), now()
    seen = seen_by(request, actor, moment)
    cursor = request.GET.get("cursor", "")
    shown = _on_screen(seen)
    page = case_page(actor, shown, now=moment, cursor=cursor, limit=PAGE, order=seen.asked.order)
    found = casemap.cases_of(actor, shown, moment)
    pressing = casemap.due_of(page.items, moment)
    context: dict[str, Any] = {
        "seen": seen,
        "asked": seen.asked,
        "rows": [
            replace(row, due=pressing.get(row.case.pk, row.due)) for row in case_rows(page.items, actor)
        ],
        "page": page,
        "count": count_up_to(found),
        "list_url": seen.list_url,
        "on_screen": seen.screen is not None,
    }
    if getattr(request, "htmx", None) and request.htmx.target == "mapped":  # type: ignore[attr-defined]
        return render(request, "web/desk/parts/mapped.html", context)
    dots = casemap.dots_of(actor, seen.asked.filters, moment)
    drawn = casemap.drawing(dots.dots, seen.asked.area or own_area(actor))
    unplaced = filter_unplaced(casemap.cases_of(actor, seen.asked.filters, moment), "1", actor)
    kept = {k: v for k, v in request.GET.items() if v and k not in {"at", "box", "z", "cursor"}}
    without = urlencode({k: v for k, v in kept.items() if k != "within"})
    context |= {
        "drawn": drawn,
        "n_dots": len(dots.dots),
        "all_drawn": dots.is_all,
        "most_dots": casemap.MOST_DOTS,
        "n_unplaced": count_up_to(unplaced),
        "unplaced_url": f"{reverse('web:cases')}?{urlencode({**seen.query, 'unplaced': '1'})}",
        "rings": [
            (h, f"{reverse('web:cases')}?{urlencode({**seen.query, 'within': h.hexagon.within})}")
            for h in drawn.hexagons
        ],
        "most_rows": casemap.ROWS,
        "fullest": drawn.hexagons[0] if drawn.hexagons else None,
        "periods": list(casemap.PERIODS.items()),
        "days": request.GET.get("days", "") if request.GET.get("days") in casemap.PERIODS else "",
        "as_choices": list(casemap.DRAWN_AS.items()),
        "drawn_as": _drawn_as(request),
        "steps": [Choice(code, title) for code, title in steps()],
        "procedures": [Choice(p.code, p.title) for p in current_procedures()],
        "statuses": [Choice(code, title) for code, title in casewords.STATUSES.items()],
        "brought": [b for b in drawn_filters(request.GET, actor) if b.filter.name != "running"],
        "area": seen.asked.area or own_area(actor),
        "where": seen.asked.area.title if seen.asked.area else request.GET.get("where", ""),
        "ring": _ring_json(seen),
        "data_query": urlencode(kept),
        "without_within": without,
        "tiles": getattr(settings, "LINLI_MAP_TILES", ""),
        "narrowed": bool(set(kept) - {"as", "days"}),
    }
    return render(request, "web/desk/map.html", context)


def _on_screen(seen: Seen) -> Any:
    """The list shows what the map shows; cases without a point belong to the whole, not to a part of it."""
    filters = seen.asked.filters
    if seen.screen is None or filters.more.get("within"):
        return filters
    return replace(filters, more={**filters.more, "within": encode_ring(seen.screen)})


def _drawn_as(request: HttpRequest) -> str:
    wanted = request.GET.get("as", "")
    return wanted if wanted in casemap.DRAWN_AS else "points"


def _ring_json(seen: Seen) -> list[list[float]]:
    within = seen.asked.filters.more.get("within", "")
    return [list(corner) for corner in decode_ring(within)] if within and not seen.asked.problems else []


@never_cache
@require_safe
@staff_only
def points(request: HttpRequest) -> JsonResponse:
    """What lies on the screen as points and clusters (聚合点), at most 500 of them."""
    actor, moment = actor_of(request), now()
    seen = seen_by(request, actor, moment)
    found = casemap.clusters(casemap.dots_of(actor, seen.asked.filters, moment, seen.screen).dots, seen.zoom)
    single = [cluster.dots[0].pk for cluster in found if cluster.n == 1]
    rows = Case.objects.filter(pk__in=single).values_list("pk", "number", "title")
    urls = {pk: (number, title, reverse("web:staff_case", args=[number])) for pk, number, title in rows}
    return JsonResponse(casemap.point_features(found, urls), content_type="application/geo+json")


@never_cache
@require_safe
@staff_only
def hexes(request: HttpRequest) -> JsonResponse:
    """What lies on the screen as hexagons (六角格), as fine as the map is near."""
    actor, moment = actor_of(request), now()
    seen = seen_by(request, actor, moment)
    dots = casemap.dots_of(actor, seen.asked.filters, moment, seen.screen).dots
    lat = dots[0].lat if dots else 0.0
    found = hexagons(dots, resolution(seen.zoom, lat))[: casemap.MOST_DRAWN]
    return JsonResponse(casemap.hexagon_features(found), content_type="application/geo+json")
