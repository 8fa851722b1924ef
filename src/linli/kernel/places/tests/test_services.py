"""Verbs of the tree: state, record, and each refusal."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from linli.base.errors import Invalid, LinliError
from linli.kernel.places import queries, services
from linli.kernel.places.models import Area, AreaChange, AreaShape
from linli.kernel.places.shapes import MAX_VERTICES
from linli.kernel.places.tests.conftest import Clerk, square

Tree = dict[str, Area]


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


def refusal(call: Any, *args: Any, **kwargs: Any) -> LinliError:
    with pytest.raises(LinliError) as error:
        call(*args, **kwargs)
    message = error.value.message
    assert message.zh.endswith("。")
    assert message.en.endswith(".")
    return error.value


def test_a_new_area_stands_below_the_nearest_ancestor_of_its_code(tree: Tree, clerk: Clerk) -> None:
    grid = services.create_area("350102001001007", name="第七网格", by=clerk)
    assert (grid.level, grid.prefix, grid.parent) == ("grid", "350102001001007", tree["350102001001"])
    direct = services.create_area("350100003000", name="直管镇", by=clerk)
    assert direct.parent == tree["350100000000"]
    change = AreaChange.objects.get(area=grid)
    assert (change.act, change.by, change.account_id) == ("created", clerk.name, clerk.account_id)


@pytest.mark.parametrize(
    ("code", "name", "refused"),
    [
        ("35010", "短", "codes.bad_area_code"),
        ("350102001001", "又一个", "places.code_taken"),
        ("350102001009", "  ", "places.name_missing"),
        ("350102001009001", "无村网格", "places.parent_missing"),
        ("35010200100100101", "无网格微网格", "places.parent_missing"),
    ],
)
def test_an_impossible_area_is_refused(tree: Tree, clerk: Clerk, code: str, name: str, refused: str) -> None:
    assert refusal(services.create_area, code, name=name, by=clerk).code == refused
    assert Area.objects.count() == len(tree)


def test_a_renamed_area_keeps_its_code_and_the_change_is_recorded(tree: Tree, clerk: Clerk) -> None:
    services.rename(tree["350102001001"], name="庆城 新村", name_en="Qingcheng", by=clerk)
    area = queries.area_by_code("350102001001")
    assert (area.name, area.name_en) == ("庆城 新村", "Qingcheng")
    change = AreaChange.objects.get(area=area, act="renamed")
    assert (change.before["name"], change.after["name"]) == ("庆城社区", "庆城 新村")


def test_merged_areas_end_and_name_their_successor(tree: Tree, clerk: Clerk) -> None:
    old, new = tree["350102001001"], tree["350102001002"]
    services.merge_areas([old], successor=new, last_day=date(2026, 6, 30), by=clerk)
    old.refresh_from_db()
    assert (old.valid_to, old.successor) == (date(2026, 6, 30), new)
    assert AreaChange.objects.get(area=old, act="merged").after["successor"] == new.code
    again = refusal(services.merge_areas, [old], successor=new, last_day=date(2026, 6, 30), by=clerk)
    assert again.code == "places.merge_ended"


@pytest.mark.parametrize(
    ("area", "successor", "refused"),
    [
        ("350102001001", "350102001001", "places.merge_self"),
        ("350102001001", "350102001000", "places.merge_level"),
        ("350102001000", "350102002000", "places.has_children"),
    ],
)
def test_an_impossible_merger_is_refused(
    tree: Tree, clerk: Clerk, area: str, successor: str, refused: str
) -> None:
    error = refusal(
        services.merge_areas, [tree[area]], successor=tree[successor], last_day=date(2026, 6, 30), by=clerk
    )
    assert error.code == refused
    assert not Area.objects.exclude(valid_to=None).exists()


def test_dates_the_wrong_way_round_are_refused(tree: Tree, clerk: Clerk) -> None:
    error = refusal(
        services.set_validity,
        tree["350102001001"],
        valid_from=date(2026, 1, 2),
        valid_to=date(2026, 1, 1),
        by=clerk,
    )
    assert error.code == "places.bad_dates"


def test_a_shape_is_kept_in_wgs84_with_where_it_came_from(tree: Tree, clerk: Clerk) -> None:
    county = tree["350102000000"]
    services.set_shape(county, square(119, 26), datum="gcj-02", source="高德", by=clerk)
    row = AreaShape.objects.get(area=county)
    assert (row.source, row.source_datum, row.illustrative) == ("高德", "GCJ02", False)
    assert row.min_lng != 119
    assert math.hypot(row.min_lng - 119, row.min_lat - 26) < 0.01
    services.set_shape(county, square(119, 26), datum="CGCS2000", by=clerk)
    row.refresh_from_db()
    assert (row.min_lng, row.min_lat, row.max_lng, row.max_lat) == (119, 26, 120, 27)
    assert AreaChange.objects.filter(area=county, act="reshaped").count() == 2


BOW_TIE = polygon((119, 26), (120, 27), (120, 26), (119, 27), (119, 26))
REFUSED_SHAPES = [
    (BOW_TIE, "places.shape_crosses_itself"),
    (polygon((119, 26), (120, 27), (119, 26)), "places.shape_empty"),
    (polygon((119, 26), (120, 27), (121, 28), (119, 26)), "places.shape_empty"),
    ({"type": "Polygon", "coordinates": []}, "places.shape_empty"),
    ({"type": "MultiPolygon", "coordinates": []}, "places.shape_empty"),
    ({"type": "Point", "coordinates": [119, 26]}, "places.shape_not_polygon"),
    ({"type": "GeometryCollection", "geometries": []}, "places.shape_not_polygon"),
    (polygon((26, 119), (27, 119), (27, 120), (26, 119)), "places.shape_out_of_range"),
    (
        polygon((500000, 2880000), (500100, 2880000), (500100, 2880100), (500000, 2880000)),
        "places.shape_out_of_range",
    ),
    (polygon((119, 26), (math.nan, 27), (120, 26), (119, 26)), "places.shape_out_of_range"),
    (
        {"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [2, 1], ["a", "b"]]]},
        "places.shape_unreadable",
    ),
    ({"type": "Polygon", "coordinates": [[119, 26]]}, "places.shape_unreadable"),
    ({"type": "Polygon", "coordinates": "many"}, "places.shape_unreadable"),
    ({"type": "Polygon"}, "places.shape_unreadable"),
    ("POLYGON", "places.shape_unreadable"),
    (polygon(*[(119, 26)] * (MAX_VERTICES + 1)), "places.shape_too_large"),
]


@pytest.mark.parametrize(("geometry", "refused"), REFUSED_SHAPES)
def test_an_impossible_shape_is_refused_and_the_old_one_stays(
    tree: Tree, clerk: Clerk, geometry: Any, refused: str
) -> None:
    county = tree["350102000000"]
    services.set_shape(county, square(119, 26), datum="WGS84", by=clerk)
    error = refusal(services.set_shape, county, geometry, datum="WGS84", by=clerk)
    assert error.code == refused
    assert isinstance(error, Invalid)
    assert AreaShape.objects.get(area=county).max_lat == 27


def test_the_refusal_of_a_crossing_says_where(tree: Tree, clerk: Clerk) -> None:
    error = refusal(services.set_shape, tree["350102000000"], BOW_TIE, datum="WGS84", by=clerk)
    assert (error.data["lng"], error.data["lat"]) == (119.5, 26.5)
    assert "119.50000, 26.50000" in error.message.zh
    assert "119.50000, 26.50000" in error.message.en


def test_swapped_coordinates_are_named_as_such(tree: Tree, clerk: Clerk) -> None:
    swapped = polygon((26, 119), (27, 119), (27, 120), (26, 119))
    assert (
        "写反"
        in refusal(services.set_shape, tree["350102000000"], swapped, datum="WGS84", by=clerk).message.zh
    )


def test_an_unknown_datum_is_refused(tree: Tree, clerk: Clerk) -> None:
    error = refusal(services.set_shape, tree["350102000000"], square(119, 26), datum="BEIJING54", by=clerk)
    assert error.code == "coordinates.unknown_datum"


def test_a_shape_that_leaves_its_parent_is_kept_with_a_warning(tree: Tree, clerk: Clerk) -> None:
    services.set_shape(tree["350102001000"], square(119, 26), datum="WGS84", by=clerk)
    inside = services.set_shape(tree["350102001001"], square(119, 26, 0.5), datum="WGS84", by=clerk)
    assert inside.warnings == []
    outside = services.set_shape(tree["350102001001"], square(119.75, 26, 0.5), datum="WGS84", by=clerk)
    assert len(outside.warnings) == 1
    assert AreaShape.objects.get(area=tree["350102001001"]).min_lng == 119.75


def test_the_cover_check_finds_gaps_overlaps_and_what_sticks_out(tree: Tree, clerk: Clerk) -> None:
    township = tree["350102001000"]
    assert refusal(services.check_cover, township).code == "places.no_shape"
    services.set_shape(township, square(119, 26), datum="WGS84", by=clerk)
    report = services.check_cover(township)
    assert report.without_shape == ("350102001001", "350102001002")
    assert [round(patch.m2 / 1e10, 1) for patch in report.gaps] == [1.1]

    halves = {
        "350102001001": polygon((119, 26), (119.6, 26), (119.6, 27), (119, 27), (119, 26)),
        "350102001002": polygon((119.5, 26), (119.9, 26), (119.9, 27.1), (119.5, 27.1), (119.5, 26)),
    }
    for code, shape in halves.items():
        services.set_shape(tree[code], shape, datum="WGS84", by=clerk)
    report = services.check_cover(township)
    assert not report.is_complete
    (overlap,) = report.overlaps
    assert overlap.codes == ("350102001001", "350102001002")
    assert overlap.m2 == pytest.approx(0.1 * square_degree(), rel=0.01)
    (gap,) = report.gaps
    assert gap.m2 == pytest.approx(0.1 * square_degree(), rel=0.01)
    assert 119.9 < gap.lng < 120
    (outside,) = report.outside
    assert outside.codes == ("350102001002",)


def square_degree() -> float:
    """Square metres of a square degree at 26.5 north."""
    return 111_195.0**2 * math.cos(math.radians(26.5))


def test_historic_areas_are_found_again_and_kept_out_of_lists(tree: Tree, clerk: Clerk) -> None:
    county = tree["350102000000"]
    street = services.historic_area(county, level="township", name="老街", external_code="S7", by=clerk)
    again = services.historic_area(county, level="township", name="老街", external_code="S7", by=clerk)
    village = services.historic_area(street, level="village", name="老社区", external_code="C1", by=clerk)
    direct = services.historic_area(county, level="village", name="直属", external_code="C2", by=clerk)
    assert street == again
    assert [area.code for area in (street, village, direct)] == [
        "350102H00000",
        "350102H00H00",
        "350102000H00",
    ]
    assert [area.name for area in queries.path(village)][-3:] == ["鼓楼区", "老街", "老社区"]
    assert street not in queries.children(county)
    assert street in queries.children(county, historic=True)
    assert queries.within(county.prefix).filter(pk=village.pk).exists()
