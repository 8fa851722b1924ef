"""Grids of one village as a tiling (网格拼图): cut, joined, moved, compared. Pure rules: no table, no clock.

Shapes are WGS-84 polygons. What one grid takes its neighbours give, what it gives up they get, so that a village that
was covered stays covered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.kernel.places.shapes import METRES_PER_DEGREE, area_m2, polygons_of

SNAP = 2.0 / METRES_PER_DEGREE  # closer than two metres to a neighbour's border is meant to be on it
NODE = 1e-9  # a tenth of a millimetre: cuts of two sides meet
SMALLEST_M2 = 20.0  # a grid smaller than a room is a slip of the hand
SAME_M2 = 1.0  # as `cover.IGNORED_M2`: less is rounding


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid of a plan (方案中的网格): `key` names it within the plan, `code` is that of the grid it began as."""

    key: str
    name: str
    shape: BaseGeometry
    name_en: str = ""
    code: str = ""

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en or self.name)

    @property
    def m2(self) -> float:
        return area_m2(self.shape)


def split(shape: BaseGeometry, line: Sequence[tuple[float, float]]) -> list[BaseGeometry]:
    """The parts into which a line cuts a shape (用线切开), largest first. An end that stops inside is drawn on to the
    border. Refuses `places.line_too_short` and `places.line_does_not_cut`."""
    points = [p for i, p in enumerate(line) if i == 0 or p != line[i - 1]]
    if len(points) < 2:
        raise _bad_line("line_too_short", "切线至少要两个点。", "A cut needs at least two points.")
    knife = _long_enough([(float(x), float(y)) for x, y in points], shape)
    lines = shapely.union_all([shape.boundary, knife])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.contains(shape, shapely.point_on_surface(faces)) if len(faces) else np.array([], bool)
    parts = sorted(faces[inside].tolist(), key=lambda part: -part.area)
    n_before = len(shapely.get_parts(shape))
    if len(parts) <= n_before or area_m2(parts[-1]) < SMALLEST_M2:
        raise _bad_line(
            "line_does_not_cut",
            "这条线没有把网格切成两块。请从网格的一边画到另一边。",
            "This line does not cut the grid in two. Draw it from one side of the grid to another.",
        )
    return parts


def _bad_line(code: str, zh: str, en: str) -> Invalid:
    return Invalid(f"places.{code}", Text(zh, en), fields={"line": Text(zh, en)})


def _long_enough(points: list[tuple[float, float]], shape: BaseGeometry) -> BaseGeometry:
    first, last = _to_border(points[1], points[0], shape), _to_border(points[-2], points[-1], shape)
    return shapely.LineString([first, *points, last])


def _to_border(
    before: tuple[float, float], end: tuple[float, float], shape: BaseGeometry
) -> tuple[float, float]:
    """Where a line that stops inside leaves the shape, a little beyond."""
    if not shapely.intersects_xy(shape, *end):
        return end
    west, south, east, north = shape.bounds
    far = math.hypot(east - west, north - south) * 2
    length = math.hypot(end[0] - before[0], end[1] - before[1]) or 1.0
    step = ((end[0] - before[0]) / length, (end[1] - before[1]) / length)
    ray = shapely.LineString([end, (end[0] + step[0] * far, end[1] + step[1] * far)])
    hits = shapely.get_coordinates(shapely.intersection(ray, shape.boundary))
    if not len(hits):
        return end
    away = np.hypot(hits[:, 0] - end[0], hits[:, 1] - end[1]).min() + SNAP / 20
    return (end[0] + step[0] * away, end[1] + step[1] * away)


def merge(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Neighbours as one shape (合并相邻网格). Refuses `places.too_few` and `places.not_neighbours`: grids that touch in a
    corner only, or not at all."""
    if len(shapes) < 2:
        raise Refused(
            "places.too_few",
            Text("请选至少两个相邻的网格再合并。", "Choose at least two neighbouring grids to merge."),
        )
    n_before = max(len(shapely.get_parts(shape)) for shape in shapes)
    joined = _without_slivers(shapely.union_all(list(shapes), grid_size=NODE))
    if len(shapely.get_parts(joined)) > n_before:
        raise Refused(
            "places.not_neighbours",
            Text(
                "这几个网格没有共同的边界，合并后会是分开的几块。请选相邻的网格。",
                "These grids share no border: together they would lie in separate pieces. Choose neighbours.",
            ),
        )
    return joined


def _without_slivers(shape: BaseGeometry) -> BaseGeometry:
    """Holes and crumbs under a square metre come from rounding."""
    parts = []
    for part in shapely.get_parts(polygons_of(shape)):
        if area_m2(part) < SAME_M2:
            continue
        holes = [ring for ring in part.interiors if area_m2(shapely.Polygon(ring)) >= SAME_M2]
        parts.append(shapely.Polygon(part.exterior, holes))
    return polygons_of(shapely.MultiPolygon(parts)) if parts else shapely.Polygon()


def give_way(cells: Sequence[Cell], changed: Cell, whole: BaseGeometry) -> list[Cell]:
    """The tiling with one grid drawn anew or added (移动边界、画新网格): kept inside the village and snapped to borders close
    by; neighbours give what it takes, and the neighbour with the longest common border gets what it gives up.

    Refuses `places.grid_too_small`, and `places.grid_swallowed` when a neighbour would have nothing left.
    """
    others = [cell for cell in cells if cell.key != changed.key]
    old = next((cell.shape for cell in cells if cell.key == changed.key), None)
    borders = shapely.union_all([whole.boundary, *(cell.shape.boundary for cell in others)])
    snapped = shapely.make_valid(shapely.snap(changed.shape, borders, SNAP))
    new = _without_slivers(shapely.intersection(polygons_of(snapped), whole))
    if area_m2(new) < SMALLEST_M2:
        raise Invalid(
            "places.grid_too_small",
            Text(
                "画出来的网格太小，或者不在本村（社区）范围内。请重新画。",
                "The grid drawn is too small, or lies outside the village. Draw it again.",
            ),
        )
    left = [replace(cell, shape=_without_slivers(shapely.difference(cell.shape, new))) for cell in others]
    gone = next((cell for cell in left if cell.m2 < SMALLEST_M2), None)
    if gone is not None:
        raise Refused(
            "places.grid_swallowed",
            Text(
                f"这样画会把“{gone.name}”整个盖掉。要并掉它，请用“合并”。",
                f"This would cover all of “{gone.name}”. To join it, use “Merge”.",
            ),
        )
    if old is not None:
        for patch in shapely.get_parts(polygons_of(shapely.difference(old, new))):
            if area_m2(patch) >= SAME_M2:
                left = _given(patch, left)
    kept = [cell.key for cell in cells]
    found = {cell.key: cell for cell in left} | {changed.key: replace(changed, shape=new)}
    return [found[key] for key in (kept if changed.key in kept else [*kept, changed.key])]


def _given(patch: BaseGeometry, cells: list[Cell]) -> list[Cell]:
    near = shapely.buffer(patch, SNAP / 4)
    touching = [area_m2(shapely.intersection(near, cell.shape)) for cell in cells]
    if not touching or max(touching) == 0:
        return cells  # nobody is there to get it: the check says that it is a gap
    i = touching.index(max(touching))
    grown = _without_slivers(shapely.union_all([cells[i].shape, patch], grid_size=NODE))
    return [*cells[:i], replace(cells[i], shape=grown), *cells[i + 1 :]]


def is_same(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes are one, but for rounding (图形未变)."""
    return area_m2(polygons_of(shapely.symmetric_difference(one, other))) < SAME_M2


def heir_of(old: BaseGeometry, cells: Sequence[Cell]) -> Cell | None:
    """Which of the new grids holds most of an old one (承接网格): it is named as the one that follows."""
    shares = [(area_m2(polygons_of(shapely.intersection(old, cell.shape))), cell) for cell in cells]
    best = max(shares, key=lambda share: share[0], default=None)
    return best[1] if best and best[0] > 0 else None
