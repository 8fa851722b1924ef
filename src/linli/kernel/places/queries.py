"""Reads of the area tree and its shapes (区划与网格查询). Areas are public: nothing here depends on who asks."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from linli.base.clock import today
from linli.base.codes import LEVELS, PREFIX_LENGTH
from linli.base.coordinates import from_wgs84_array
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.places.locator import current_locator, forget_shapes
from linli.kernel.places.models import Area, AreaShape
from linli.kernel.places.shapes import METRES_PER_DEGREE

__all__ = [
    "area_by_code",
    "children",
    "current",
    "forget_shapes",
    "locate",
    "path",
    "paths",
    "prefix_range",
    "roots",
    "search_by_name",
    "shapes_geojson",
    "valid_on",
    "within",
]

# Letters sort after digits in every collation we meet; punctuation does not, so the end of a range is a letter.
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def prefix_range(prefix: str) -> tuple[str, str | None]:
    """From and before-to of all prefixes that begin with `prefix` (前缀区间), as an index wants it."""
    kept = prefix.rstrip("Z")
    if not kept:
        return prefix, None
    return prefix, kept[:-1] + _ALPHABET[_ALPHABET.index(kept[-1]) + 1]


def within(prefix: str) -> QuerySet[Area]:
    """The area and everything below it (本级及下级区划); the empty prefix is everything."""
    start, end = prefix_range(prefix)
    areas = Area.objects.filter(prefix__gte=start)
    return areas.filter(prefix__lt=end) if end else areas


def valid_on(day: date, areas: QuerySet[Area] | None = None) -> QuerySet[Area]:
    """Areas that are valid on a day (某日有效的区划); no date means no limit on that side."""
    areas = Area.objects.all() if areas is None else areas
    return areas.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


def current(areas: QuerySet[Area] | None = None) -> QuerySet[Area]:
    """Areas valid today, without those known only from old cases (现行区划)."""
    return valid_on(today(), areas).filter(historic=False)


def area_by_code(code: str) -> Area:
    """The area with this code (按代码查区划), zeros at its end or not: `350102000000`, `350102`. NotFound else."""
    code = code.strip().upper()
    area = Area.objects.filter(Q(code=code.ljust(12, "0")) | Q(prefix=code)).first()
    if area is None:
        raise absent(Text("区划或网格", "area"))
    return area


def roots() -> QuerySet[Area]:
    """Areas without one above them (根区划): they say what this installation serves."""
    return Area.objects.filter(parent=None).order_by("code")


def children(area: Area, *, historic: bool = False) -> QuerySet[Area]:
    """Areas directly below, valid today (下级区划), in the order of their codes."""
    below = Area.objects.filter(parent=area).order_by("code")
    return valid_on(today(), below) if historic else current(below)


def path(area: Area) -> list[Area]:
    """The areas above and the area itself, root first (区划全路径), in one query."""
    return paths([area])[area.pk]


def paths(areas: Iterable[Area]) -> dict[int, list[Area]]:
    """`path` of many areas at once, by primary key, in one query whatever their number (批量路径)."""
    areas = list(areas)
    known = {area.prefix: area for area in areas}
    wanted = {
        area.prefix: [area.prefix[:n] for n in PREFIX_LENGTH.values() if n < len(area.prefix)]
        for area in areas
    }
    missing = {p for above in wanted.values() for p in above} - known.keys()
    if missing:
        known.update({a.prefix: a for a in Area.objects.filter(prefix__in=missing)})
    return {a.pk: [*(known[p] for p in wanted[a.prefix] if p in known), a] for a in areas}


def search_by_name(text: str, *, under: str = "", limit: int = 20) -> list[Area]:
    """Areas by name or code (按名称或代码查找): best match first, then the higher level, then the code.

    Several words narrow it down: every word but the last is looked for in the names above (`鼓楼 庆城`).
    """
    *above, last = text.split() or [""]
    if not last:
        return []
    found = current(within(under))
    for word in above:
        upper = current(within(under)).filter(_named(word)).exclude(level__in=LEVELS[-2:])
        ranges = Q(pk=None)
        for prefix in upper.order_by("prefix").values_list("prefix", flat=True)[:50]:
            start, end = prefix_range(prefix)
            ranges |= Q(prefix__gte=start, prefix__lt=end) if end else Q(prefix__gte=start)
        found = found.filter(ranges)
    how_well = Case(
        When(Q(name=last) | Q(name_en__iexact=last) | Q(code=last), then=Value(0)),
        When(Q(name__startswith=last) | Q(code__startswith=last), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    height = Case(
        *(When(level=level, then=Value(i)) for i, level in enumerate(LEVELS)),
        default=Value(len(LEVELS)),
        output_field=IntegerField(),
    )
    return list(found.filter(_named(last)).order_by(how_well, height, "code")[:limit])


def _named(word: str) -> Q:
    named = Q(name__contains=word)
    if word.isascii():
        named |= Q(name_en__icontains=word)
        if word.isdigit():
            named |= Q(code__startswith=word)
    return named


def locate(lng: float, lat: float) -> Area | None:
    """The finest current area whose shape covers a WGS-84 point (点落区), None outside of all.

    On a border that two areas of one level share, the lower code is the answer. A village without a shape gives
    its nearest ancestor that has one. No query while the index is warm.
    """
    if not (math.isfinite(lng) and math.isfinite(lat)):
        return None
    return current_locator().find(float(lng), float(lat))


def shapes_geojson(
    areas: Iterable[Area] | QuerySet[Area], *, simplify: float = 0, datum: str = "WGS84"
) -> dict[str, Any]:
    """The shapes of areas as a GeoJSON FeatureCollection (区域图形); areas without a shape are left out.

    `simplify` is a tolerance in metres; areas of one level are simplified together, so that shared borders stay
    shared. Coordinates are rounded to 7 decimals (1 cm), simplified ones to 5 (1 m).
    """
    rows = list(AreaShape.objects.filter(area__in=_ids(areas)).select_related("area").order_by("area__code"))
    shapes = shapely.from_wkb([bytes(row.wkb) for row in rows])
    if simplify:
        levels = np.array([row.area.level for row in rows])
        for level in set(levels.tolist()):
            same = levels == level
            shapes[same] = shapely.coverage_simplify(shapes[same], simplify / METRES_PER_DEGREE)
    decimals = 5 if simplify else 7
    features = []
    for row, shape in zip(rows, shapes, strict=True):
        rounded = shapely.transform(shape, lambda xy: np.round(from_wgs84_array(xy, datum), decimals))
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "code": row.area.code,
                    "name": row.area.name,
                    "name_en": row.area.name_en,
                    "level": row.area.level,
                    "illustrative": row.illustrative,
                },
                "geometry": json.loads(shapely.to_geojson(rounded)),
            }
        )
    return {"type": "FeatureCollection", "datum": datum, "features": features}


def _ids(areas: Iterable[Area] | QuerySet[Area]) -> Any:
    return areas.values("pk") if isinstance(areas, QuerySet) else [area.pk for area in areas]
