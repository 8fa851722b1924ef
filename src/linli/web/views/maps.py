"""What maps ask for (地图数据): shapes of our own areas, and the name of a place. Areas are public."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from linli.base.codes import LEVELS
from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.kernel.places import queries as places

MOST_SHAPES = 400


@require_GET
def shapes(request: HttpRequest) -> JsonResponse:
    """The shapes one level below an area (下级区域图形) as GeoJSON; where those have none, the area's own."""
    area = places.area_by_code(request.GET.get("under", ""))
    level = request.GET.get("level", "")
    inside = places.current(places.within(area.prefix))
    below = inside.filter(level=level) if level in LEVELS else inside.filter(parent=area)
    found = list(below.filter(shape__isnull=False).order_by("code")[:MOST_SHAPES]) or [area]
    answer = JsonResponse(places.shapes_geojson(found, simplify=5), content_type="application/geo+json")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_GET
def where(request: HttpRequest) -> JsonResponse:
    """The area that covers a point, in words (点落区的说法); says so when no area does."""
    try:
        lng, lat = float(request.GET["lng"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        raise Unreadable(
            "web.bad_point",
            Text(
                "经纬度没看懂。请在地图上重新点一下。",
                "Those coordinates could not be read. Tap the map again.",
            ),
        ) from None
    area = places.locate(lng, lat)
    if area is None:
        words = Text(
            "这里不在本平台的范围内。请重新点一下，或者直接选村（社区）。",
            "This is outside the area served here. Choose another point, or choose the village.",
        )
        return JsonResponse({"code": None, "words": str(words)})
    trail = [a for a in places.path(area) if a.level not in {"province", "prefecture"}]
    names = Text(" › ".join(a.title.zh for a in trail), " › ".join(a.title.en for a in trail))
    return JsonResponse({"code": area.code, "words": str(Text("在：{x}", "In: {x}").format(x=names))})
