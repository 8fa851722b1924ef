"""Illustrative grids for a demo (示意网格): a plausible tiling of a real county, without gaps or overlaps.

Nothing here is surveyed. Every shape it writes is marked `illustrative`, and pages say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.db import transaction
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from linli.base.clock import now
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.places import queries
from linli.kernel.places.locator import shapes_changed
from linli.kernel.places.models import Area, AreaShape

SOURCE = "illustrative"
GRIDS_PER_VILLAGE = (3, 6)
_JITTER = 0.7  # of the distance between two seeds: less looks like a chessboard, more like broken glass

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IllustrativeReport:
    """What was drawn (示意网格生成结果); all zero when the county had its grids already."""

    n_townships: int = 0
    n_villages: int = 0
    n_grids: int = 0


def draw_grids(area_shape: BaseGeometry, n: int, seed: int = 0) -> list[BaseGeometry]:
    """Tile a shape with `n` cells (绘制网格): no gaps, no overlaps, neighbours share their border point by point.

    The same shape, number and seed give the same cells. Islands without a seed belong to the nearest cell.
    """
    return [cell for cell, _ in _draw(area_shape, n, seed)]


def _draw(area_shape: BaseGeometry, n: int, seed: int) -> list[tuple[BaseGeometry, Points]]:
    """Cells with their seeds. Borders of cells and of the county are cut at each other's crossings once, for both
    sides; the faces between them are then given whole to the nearest seed. So no two cells can disagree."""
    random = np.random.default_rng(seed)
    if n == 1:
        return [(area_shape, np.array(area_shape.representative_point().coords[0]))]
    narrow = np.array([np.cos(np.radians(area_shape.centroid.y)), 1.0])  # a degree of longitude is shorter
    seeds = _seeds(shapely.transform(area_shape, lambda xy: xy * narrow), n, random)
    edges = shapely.voronoi_polygons(
        shapely.MultiPoint(seeds), extend_to=area_shape.envelope, only_edges=True
    )
    lines = shapely.union_all([area_shape.boundary, shapely.transform(edges, lambda xy: xy / narrow)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inner = shapely.point_on_surface(faces)
    inside = shapely.contains(area_shape, inner)
    faces, inner = faces[inside], inner[inside]
    at = shapely.points(shapely.get_coordinates(inner) * narrow)
    owner = shapely.STRtree(shapely.points(seeds)).nearest(at)
    return [(shapely.coverage_union_all(faces[owner == i]), seeds[i] / narrow) for i in range(n)]


def _seeds(shape: BaseGeometry, n: int, random: np.random.Generator) -> Points:
    """`n` points inside, spread evenly and shaken (撒点): a finer lattice until enough fall inside, then some fewer."""
    shapely.prepare(shape)
    min_x, min_y, max_x, max_y = shape.bounds
    step = np.sqrt(shape.area / n)
    while True:
        x, y = np.meshgrid(np.arange(min_x, max_x + step, step), np.arange(min_y, max_y + step, step))
        x = x + np.where(np.arange(len(x)) % 2, step / 2, 0)[:, None]
        lattice = np.column_stack([x.ravel(), y.ravel()])
        lattice = lattice + random.uniform(-_JITTER / 2, _JITTER / 2, lattice.shape) * step
        found = lattice[shapely.contains_xy(shape, lattice[:, 0], lattice[:, 1])]
        if len(found) >= n:
            chosen: Points = found[np.sort(random.choice(len(found), n, replace=False))]
            return chosen
        step *= 0.97


def neighbours(cells: Sequence[BaseGeometry]) -> list[list[int]]:
    """For each cell the cells that share a stretch of border with it, not only a corner (相邻网格)."""
    shapes = np.array(cells, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="touches")
    shared = shapely.length(shapely.intersection(shapes[one], shapes[other])) > 0
    found: list[list[int]] = [[] for _ in cells]
    for i, j in zip(one[shared].tolist(), other[shared].tolist(), strict=True):
        found[i].append(j)
    return found


def share_out(
    points: Points, sizes: Sequence[int], beside: Sequence[Sequence[int]], random: np.random.Generator
) -> list[list[int]]:
    """Divide points into neighbourhoods of given sizes (划片): cut in two, and each part in two again.

    `sum(sizes)` is the number of points; the answer holds the indices of each neighbourhood in the order of sizes.
    Of some directions near the longest extent, the cut is made that leaves the fewest separate pieces.
    """
    answer: list[list[int]] = [[] for _ in sizes]

    def divide(indices: list[int], first: int, last: int) -> None:
        if last - first == 1:
            answer[first] = indices
            return
        middle = (first + last) // 2
        size = sum(sizes[first:middle])
        best: tuple[int, list[int]] | None = None
        for angle in _directions(points[indices], random):
            order = np.argsort(points[indices] @ [np.cos(angle), np.sin(angle)], kind="stable")
            ordered = [indices[i] for i in order.tolist()]
            n_pieces = _n_pieces(ordered[:size], beside) + _n_pieces(ordered[size:], beside)
            if best is None or n_pieces < best[0]:
                best = n_pieces, ordered
            if n_pieces == 2:
                break
        assert best is not None
        divide(best[1][:size], first, middle)
        divide(best[1][size:], middle, last)

    divide(list(range(len(points))), 0, len(sizes))
    return answer


def _directions(points: Points, random: np.random.Generator) -> Points:
    """Angles to try: the longest extent turned a little (straight cuts look like ruled paper), then all around."""
    axis = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][0]
    around = np.linspace(0, np.pi, 12, endpoint=False)
    angles: Points = np.arctan2(axis[1], axis[0]) + random.uniform(-0.35, 0.35) + around
    return angles


def _n_pieces(indices: list[int], beside: Sequence[Sequence[int]]) -> int:
    left, n_pieces = set(indices), 0
    while left:
        n_pieces += 1
        border = [left.pop()]
        while border:
            reached = left.intersection(beside[border.pop()])
            left -= reached
            border += reached
    return n_pieces


@transaction.atomic
def load_illustrative(
    county_code: str,
    *,
    grids_per_village: tuple[int, int] = GRIDS_PER_VILLAGE,
    seed: int = 0,
    at: datetime | None = None,
) -> IllustrativeReport:
    """Draw grids for every village of a county (生成示意网格), with village and township shapes as their unions.

    Loaded once; a second call changes nothing. Refuses `places.no_shape` (the county's border is not there),
    `places.no_villages`, and `places.real_shapes` when surveyed shapes below would be mixed with drawn ones.
    """
    county = queries.area_by_code(county_code)
    below = queries.current(queries.within(county.prefix)).exclude(pk=county.pk)
    if AreaShape.objects.filter(area__in=below, illustrative=False).exists():
        raise _refused(
            county, "real_shapes", "下已有真实图形，不再绘制示意网格。", "has real shapes below it."
        )
    if below.filter(level="grid").exists():
        return IllustrativeReport()
    border = AreaShape.objects.filter(area=county).first()
    if border is None:
        raise _refused(
            county, "no_shape", "还没有边界图形。请先导入。", "has no border yet. Import it first."
        )
    villages = list(below.filter(level="village").order_by("code"))
    if not villages:
        raise _refused(
            county,
            "no_villages",
            "下没有村或社区。请先导入区划表。",
            "has no villages. Import the table of areas.",
        )
    plan = _plan(villages, border.polygon, grids_per_village, seed)
    grids, rows = _rows(plan, {a.pk: a for a in below.filter(level="township")}, at or now())
    Area.objects.bulk_create(grids, batch_size=500)
    AreaShape.objects.bulk_create(rows, batch_size=500)
    shapes_changed()
    n_townships = len({village.parent_id for village in villages})
    return IllustrativeReport(n_townships, len(villages), len(grids))


def _plan(
    villages: list[Area], border: BaseGeometry, per_village: tuple[int, int], seed: int
) -> list[tuple[Area, list[BaseGeometry]]]:
    """Each village with its cells: townships get a connected part of the county, villages one of the township."""
    random = np.random.default_rng(seed)
    counts = random.integers(per_village[0], per_village[1] + 1, len(villages)).tolist()
    cells = _draw(border, sum(counts), seed)
    seeds = np.array([point for _, point in cells])
    beside = neighbours([cell for cell, _ in cells])
    by_township: dict[Any, list[int]] = {}
    for i, village in enumerate(villages):
        by_township.setdefault(village.parent_id, []).append(i)
    plan: list[tuple[Area, list[BaseGeometry]]] = []
    sizes = [sum(counts[i] for i in mine) for mine in by_township.values()]
    for mine, part in zip(by_township.values(), share_out(seeds, sizes, beside, random), strict=True):
        place = {cell: i for i, cell in enumerate(part)}
        within = [[place[j] for j in beside[cell] if j in place] for cell in part]
        for i, share in zip(
            mine, share_out(seeds[part], [counts[i] for i in mine], within, random), strict=True
        ):
            plan.append((villages[i], [cells[part[cell]][0] for cell in share]))
    return plan


def _rows(
    plan: list[tuple[Area, list[BaseGeometry]]], townships: dict[int, Area], at: datetime
) -> tuple[list[Area], list[AreaShape]]:
    grids: list[Area] = []
    rows: list[AreaShape] = []
    unions: dict[int, list[BaseGeometry]] = {}

    def shape_of(area: Area, shape: BaseGeometry) -> None:
        shape = shapely.orient_polygons(shape)
        rows.append(AreaShape.of(area, shape, datum="WGS84", source=SOURCE, illustrative=True, at=at))

    for village, cells in plan:
        for number, cell in enumerate(cells, start=1):
            code = f"{village.prefix}{number:03d}"
            grid = Area(
                code=code,
                prefix=code,
                level="grid",
                parent=village,
                name=f"{_short(village.name)}第{number}网格",
                name_en=f"{village.title.en} grid {number}",
            )
            grids.append(grid)
            shape_of(grid, cell)
        shape_of(village, shapely.coverage_union_all(cells))
        if village.parent_id in townships:
            unions.setdefault(village.parent_id, []).extend(cells)
    for pk, cells in unions.items():
        shape_of(townships[pk], shapely.coverage_union_all(cells))
    return grids, rows


def _short(name: str) -> str:
    """后田村委会 → 后田村, 新秀社区居委会 → 新秀社区: a grid is of the place, not of its committee."""
    return re.sub(r"(村)委会$|(?:居民|村民)?委员会$|居委会$", r"\1", name) or name


def _refused(county: Area, code: str, zh: str, en: str) -> Refused:
    return Refused(f"places.{code}", Text(f"{county.name}{zh}", f"{county.title.en} {en}"))
