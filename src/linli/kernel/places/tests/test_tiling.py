"""Cutting, joining and moving grids (网格拼图): whatever is drawn, no land is lost and none is given twice."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from linli.base.errors import LinliError
from linli.kernel.places import tiling
from linli.kernel.places.cover import compare
from linli.kernel.places.grids import draw_grids
from linli.kernel.places.shapes import area_m2
from linli.kernel.places.tiling import Cell

WHOLE = shapely.box(119.30, 26.08, 119.32, 26.09)
L_SHAPE = shapely.Polygon(
    [(119.3, 26.08), (119.32, 26.08), (119.32, 26.084), (119.306, 26.084), (119.306, 26.09), (119.3, 26.09)]
)
inside_lng, inside_lat = st.floats(119.301, 119.319), st.floats(26.081, 26.089)
points = st.tuples(inside_lng, inside_lat)


def tiled(n: int, seed: int) -> list[Cell]:
    return [Cell(str(i), f"第{i}网格", shape) for i, shape in enumerate(draw_grids(WHOLE, n, seed), start=1)]


def m2(shapes: list[BaseGeometry]) -> float:
    return sum(area_m2(shape) for shape in shapes)


def faults(cells: list[Cell]) -> object:
    report = compare(WHOLE, {c.key: c.shape for c in cells})
    return (report.gaps, report.overlaps, report.outside)


@settings(max_examples=60, deadline=None)
@given(st.lists(points, min_size=2, max_size=6, unique=True), st.sampled_from([WHOLE, L_SHAPE]))
def test_a_cut_loses_nothing_and_joining_gives_it_back(
    line: list[tuple[float, float]], shape: BaseGeometry
) -> None:
    try:
        parts = tiling.split(shape, line)
    except LinliError as refusal:
        assert refusal.code == "places.line_does_not_cut"  # noqa: PT017 - either is an answer
        return
    assert len(parts) >= 2
    assert m2(parts) == pytest.approx(area_m2(shape), abs=1)
    assert tiling.is_same(tiling.merge(parts), shape)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 6), st.integers(0, 20), st.lists(points, min_size=3, max_size=7, unique=True), st.data()
)
def test_a_village_that_was_covered_stays_covered(
    n: int, seed: int, corners: list[tuple[float, float]], data: st.DataObject
) -> None:
    cells = tiled(n, seed)
    drawn = shapely.convex_hull(shapely.MultiPoint(corners))
    assume(drawn.geom_type == "Polygon")
    key = data.draw(st.sampled_from([*(c.key for c in cells), "new"]))
    try:
        moved = tiling.give_way(cells, Cell(key, "画的", drawn), WHOLE)
    except LinliError as refusal:
        assert refusal.code in {"places.grid_too_small", "places.grid_swallowed"}  # noqa: PT017
        return
    assert faults(moved) == ((), (), ())
    assert m2([c.shape for c in moved]) == pytest.approx(area_m2(WHOLE), abs=2)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 20), points, st.floats(0.0003, 0.002))
def test_a_planted_gap_and_a_planted_overlap_are_found(
    n: int, seed: int, at: tuple[float, float], size: float
) -> None:
    hole = shapely.box(at[0], at[1], at[0] + size, at[1] + size)
    shapes = {c.key: c.shape for c in tiled(n, seed)}
    gapped = {key: shapely.difference(shape, hole) for key, shape in shapes.items()}
    found = compare(WHOLE, gapped)
    assert sum(p.m2 for p in found.gaps) == pytest.approx(
        area_m2(shapely.intersection(hole, WHOLE)), rel=0.02
    )
    first = next(iter(shapes))
    added = area_m2(shapely.difference(shapely.intersection(hole, WHOLE), shapes[first]))
    found = compare(
        WHOLE, {**shapes, first: shapely.union_all([shapes[first], shapely.intersection(hole, WHOLE)])}
    )
    assert sum(p.m2 for p in found.overlaps) == pytest.approx(added, rel=0.02, abs=n)
    assert all(first in p.codes for p in found.overlaps)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ([(119.31, 26.085)], "places.line_too_short"),
        ([(119.31, 26.085), (119.31, 26.085)], "places.line_too_short"),
        ([(119.4, 26.08), (119.4, 26.09)], "places.line_does_not_cut"),
        ([(119.3, 26.08), (119.32, 26.08)], "places.line_does_not_cut"),
        ([(119.30001, 26.07), (119.30001, 26.08), (119.3, 26.08001)], "places.line_does_not_cut"),
    ],
)
def test_a_line_that_cuts_nothing_is_refused(line: list[tuple[float, float]], code: str) -> None:
    with pytest.raises(LinliError) as refusal:
        tiling.split(WHOLE, line)
    assert refusal.value.code == code


def test_a_line_that_stops_inside_is_drawn_on_to_the_border() -> None:
    parts = tiling.split(WHOLE, [(119.309, 26.083), (119.309, 26.087)])
    assert [round(area_m2(part) / area_m2(WHOLE), 2) for part in parts] == [0.55, 0.45]


def test_only_neighbours_become_one() -> None:
    corner = shapely.box(119.32, 26.09, 119.33, 26.10)
    for shapes, code in (([WHOLE], "places.too_few"), ([WHOLE, corner], "places.not_neighbours")):
        with pytest.raises(LinliError) as refusal:
            tiling.merge(shapes)
        assert refusal.value.code == code


def test_a_border_drawn_close_to_a_neighbours_is_on_it() -> None:
    west, east = shapely.box(119.30, 26.08, 119.31, 26.09), shapely.box(119.31, 26.08, 119.32, 26.09)
    shaky = shapely.Polygon([(119.30, 26.08), (119.310009, 26.080007), (119.309995, 26.09), (119.30, 26.09)])
    moved = tiling.give_way([Cell("1", "西", west), Cell("2", "东", east)], Cell("1", "西", shaky), WHOLE)
    assert tiling.is_same(moved[0].shape, west)
    assert tiling.is_same(moved[1].shape, east)


def test_a_neighbour_is_not_swallowed_unseen() -> None:
    with pytest.raises(LinliError) as refusal:
        tiling.give_way(tiled(3, 1), Cell("1", "一", WHOLE), WHOLE)
    assert refusal.value.code == "places.grid_swallowed"
