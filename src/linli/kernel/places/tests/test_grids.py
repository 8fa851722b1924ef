"""Illustrative grids: they tile the real county, and say that they are drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from linli.base.errors import Refused
from linli.kernel.places import grids, queries, services
from linli.kernel.places.models import Area, AreaShape
from linli.kernel.places.shapes import read_shape
from linli.kernel.places.tests.conftest import Clerk, square
from tests.shared_data import shared

HOLED = shapely.Polygon(
    [(119, 26), (120, 26), (120, 27), (119, 27)],
    [[(119.4, 26.4), (119.6, 26.4), (119.6, 26.6), (119.4, 26.6)]],
)
TWO_ISLANDS = shapely.MultiPolygon([shapely.box(119, 26, 119.5, 26.4), shapely.box(119.7, 26.1, 119.8, 26.2)])


def district(code: str) -> BaseGeometry:
    features = json.loads(shared("data/admin/fuzhou_districts.geojson").read_text())["features"]
    geometry = next(f["geometry"] for f in features if f["properties"]["adcode"] == code)
    return read_shape(geometry, datum="GCJ02")


def assert_tiles(cells: list[BaseGeometry], whole: BaseGeometry) -> None:
    shapes = np.array(cells, dtype=object)
    assert shapely.union_all(shapes).symmetric_difference(whole).area < 1e-6 * whole.area
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    assert shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]])).max(initial=0) == 0
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize("n", [1, 2, 3, 50])
@pytest.mark.parametrize("whole", [shapely.box(119, 26, 120, 27), HOLED, TWO_ISLANDS])
def test_cells_tile_any_shape(whole: BaseGeometry, n: int) -> None:
    cells = grids.draw_grids(whole, n, seed=3)
    assert len(cells) == n
    assert_tiles(cells, whole)


@pytest.mark.parametrize("code", ["350102", "350103", "350104", "350111"])
def test_cells_tile_a_real_county(code: str) -> None:
    whole = district(code)
    assert_tiles(grids.draw_grids(whole, 300, seed=1), whole)


def test_the_same_seed_draws_the_same_cells() -> None:
    one, same, other = (grids.draw_grids(TWO_ISLANDS, 20, seed) for seed in (5, 5, 6))
    assert [cell.wkb for cell in one] == [cell.wkb for cell in same]
    assert [cell.wkb for cell in one] != [cell.wkb for cell in other]


@pytest.fixture
def county(tree: dict[str, Area], clerk: Clerk) -> Area:
    services.set_shape(tree["350102000000"], square(119, 26), datum="WGS84", by=clerk)
    return tree["350102000000"]


def test_every_village_gets_its_grids_and_everything_says_it_is_drawn(county: Area) -> None:
    report = grids.load_illustrative("350102", grids_per_village=(3, 6), seed=1)
    assert (report.n_townships, report.n_villages) == (2, 4)
    assert 12 <= report.n_grids <= 24
    for village in queries.within("350102").filter(level="village"):
        mine = list(queries.children(village))
        assert 3 <= len(mine) <= 6
        assert [grid.code for grid in mine] == [f"{village.code}{i:03d}" for i in range(1, len(mine) + 1)]
        assert services.check_cover(village).is_complete
    assert services.check_cover(county).is_complete
    drawn = AreaShape.objects.exclude(area=county)
    assert set(drawn.values_list("illustrative", "source")) == {(True, "illustrative")}
    assert not AreaShape.objects.get(area=county).illustrative
    found = queries.locate(119.5, 26.5)
    assert found is not None
    assert found.level == "grid"


def test_drawing_twice_changes_nothing(county: Area) -> None:
    grids.load_illustrative("350102", seed=1)
    before = list(AreaShape.objects.values_list("area_id", "updated_at"))
    assert grids.load_illustrative("350102", seed=2).n_grids == 0
    assert list(AreaShape.objects.values_list("area_id", "updated_at")) == before


def test_drawn_grids_are_not_mixed_with_real_shapes(
    county: Area, tree: dict[str, Area], clerk: Clerk
) -> None:
    services.set_shape(tree["350102001001"], square(119, 26, 0.1), datum="WGS84", by=clerk)
    with pytest.raises(Refused) as error:
        grids.load_illustrative("350102")
    assert error.value.code == "places.real_shapes"


def test_a_county_without_border_or_villages_is_refused(tree: dict[str, Area], clerk: Clerk) -> None:
    with pytest.raises(Refused) as error:
        grids.load_illustrative("350102")
    assert error.value.code == "places.no_shape"
    empty = services.create_area("350527000000", name="金门县", by=clerk)
    services.set_shape(empty, square(118, 24), datum="WGS84", by=clerk)
    with pytest.raises(Refused) as error:
        grids.load_illustrative("350527")
    assert error.value.code == "places.no_villages"


@pytest.mark.django_db
def test_townships_and_villages_of_a_real_county_hang_together() -> None:
    services.import_areas(shared("data/admin/fujian_divisions.csv"))
    services.import_areas(shared("data/admin/fuzhou_districts.geojson"))
    report = grids.load_illustrative("350102")
    assert (report.n_townships, report.n_villages) == (10, 69)
    shapes = AreaShape.objects.filter(area__prefix__startswith="350102", illustrative=True)
    townships = [shape.polygon for shape in shapes.filter(area__level="township")]
    assert [shape.geom_type for shape in townships] == ["Polygon"] * 10
    villages = [shape.polygon for shape in shapes.filter(area__level="village")]
    assert sum(shape.geom_type == "Polygon" for shape in villages) >= 66
    assert services.check_cover(queries.area_by_code("350102")).is_complete
