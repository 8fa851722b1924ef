"""The wall board (大屏) and the figures behind it (指标)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.base.clock import local, now
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.indicators.queries import figures
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.web.faces import actor_of, staff_only
from linli.web.registry import board_panels
from linli.web.wall import wall_of

PERIODS = {
    "7": Text("近 7 天", "last 7 days"),
    "30": Text("近 30 天", "last 30 days"),
    "365": Text("近一年", "last year"),
}


def own_area(actor: Actor) -> Area:
    prefix = min((hat.area_prefix for hat in actor.hats), key=len)
    return Area.objects.get(prefix=prefix)


def chosen_area(request: HttpRequest, actor: Actor) -> Area:
    """The area asked for, inside those of this person's posts; any other is as good as absent."""
    code = request.GET.get("area", "")
    if not code:
        return own_area(actor)
    area = area_by_code(code)
    if not any(hat.covers(area.prefix) for hat in actor.hats):
        raise absent(Text("区域", "area"))
    return area


@require_GET
@staff_only
def board(request: HttpRequest) -> HttpResponse:
    actor, moment = actor_of(request), now()
    area = chosen_area(request, actor)
    wall = wall_of(actor, area, moment)
    panels = [html for panel in board_panels() if (html := panel.render(request, actor, area, moment))]
    rates = [(f, _change(f.rate, b.rate)) for f, b in zip(wall.week, wall.before, strict=True) if f.among]
    return render(
        request,
        "web/wall.html",
        {"wall": wall, "panels": panels, "rates": rates[:1], "moment": local(moment), "title": area.title},
    )


def _change(rate: float | None, before: float | None) -> float | None:
    return None if rate is None or before is None else round(100 * (rate - before), 1)


@require_GET
@staff_only
def figures_page(request: HttpRequest) -> HttpResponse:
    """Every indicator with its formula, its sample and the list behind it (指标一览)."""
    actor = actor_of(request)
    area = chosen_area(request, actor)
    chosen = request.GET.get("days", "30")
    days = int(chosen) if chosen in PERIODS else 30
    end = _midnight(now()) + timedelta(days=1)
    start = end - timedelta(days=days)
    rows = figures(actor, start=start, end=end, area=area.prefix)
    context = {
        "rows": [(f, None if f.rate is None else round(100 * f.rate, 1)) for f in rows],
        "area": area,
        "days": str(days),
        "periods": PERIODS,
        "period": f"{start.isoformat()};{end.isoformat()}",
    }
    return render(request, "web/desk/figures.html", context)


def _midnight(moment: datetime) -> datetime:
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0)
