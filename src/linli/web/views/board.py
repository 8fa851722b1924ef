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
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.web.faces import actor_of, staff_only
from linli.web.registry import board_panels
from linli.web.trends import trend_of
from linli.web.wall import wall_of

MOST_OTHERS = 40
FASTEST, SLOWEST = 10, 600  # seconds
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
    rates = [
        (f, _change(f.rate, b.rate))
        for f, b in zip(wall.week, wall.before, strict=True)
        if f.among and not f.too_few
    ]
    return render(
        request,
        "web/wall.html",
        {
            "wall": wall,
            "panels": panels,
            "rates": rates[:1],
            "moment": local(moment),
            "title": area.title,
            "others": _other_areas(actor, area),
            "rotate": (rotate := _rotation(request)),
            "next_url": _next_url(actor, area, rotate) if rotate else "",
        },
    )


def _other_areas(actor: Actor, area: Area) -> list[Area]:
    """The areas one level below, and back to one's own (可切换的区域)."""
    below = list(places.children(area).filter(level__in=("township", "village"))[:MOST_OTHERS])
    own = own_area(actor)
    return below if own.pk == area.pk else [own, *(below or places.children(own)[:MOST_OTHERS])]


def _rotation(request: HttpRequest) -> int:
    """Seconds that the wall stays with each area (轮播秒数), none unless asked for."""
    text = request.GET.get("rotate", "")
    return max(FASTEST, min(SLOWEST, int(text))) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _next_url(actor: Actor, area: Area, rotate: int) -> str:
    own = own_area(actor)
    round_ = [own, *places.children(own).filter(level__in=("township", "village"))[:MOST_OTHERS]]
    at = next((i for i, each in enumerate(round_) if each.pk == area.pk), -1)
    return f"?area={round_[(at + 1) % len(round_)].code}&rotate={rotate}"


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
        "trend": trend_of(actor, area, now(), days),
        "period": f"{start.isoformat()};{end.isoformat()}",
    }
    return render(request, "web/desk/figures.html", context)


def _midnight(moment: datetime) -> datetime:
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0)
