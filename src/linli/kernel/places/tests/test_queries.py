"""Reads of the tree: ranges, paths, search, shapes out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from linli.base.errors import NotFound
from linli.kernel.places import queries, services
from linli.kernel.places.models import Area
from linli.kernel.places.tests.conftest import Clerk, square

Tree = dict[str, Area]


def codes(areas: list[Area]) -> list[str]:
    return [area.code for area in areas]


@given(st.text("0189AZ", min_size=1, max_size=5), st.text("0189AZ", max_size=5))
def test_a_prefix_range_holds_exactly_what_begins_with_the_prefix(prefix: str, other: str) -> None:
    start, end = queries.prefix_range(prefix)
    inside = other >= start and (end is None or other < end)
    assert inside == other.startswith(prefix) or (end is None and other > prefix)
    assert prefix + other >= start
    assert end is None or prefix + other < end


def test_within_takes_the_area_itself_and_all_below(tree: Tree) -> None:
    assert codes(list(queries.within("350102001").order_by("code"))) == [
        "350102001000",
        "350102001001",
        "350102001002",
    ]
    assert queries.within("").count() == len(tree)


def test_within_is_a_range_of_an_index(tree: Tree) -> None:
    assert "INDEX" in queries.within("350102").explain().upper().replace("SEQ SCAN", "INDEX")
    assert "LIKE" not in str(queries.within("350102").query).upper()


def test_an_area_is_found_by_code_and_by_prefix_and_else_not_found(tree: Tree) -> None:
    assert queries.area_by_code("350102000000") == queries.area_by_code(" 350102 ") == tree["350102000000"]
    with pytest.raises(NotFound) as error:
        queries.area_by_code("350199")
    assert error.value.code == "not_found"


def test_a_path_is_one_query_root_first(
    tree: Tree, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    area = queries.area_by_code("350102001002")
    with django_assert_num_queries(1):
        names = [above.name for above in queries.path(area)]
    assert names == ["福建省", "福州市", "鼓楼区", "鼓东街道", "中山社区"]
    with django_assert_num_queries(1):
        assert len(queries.paths([area, tree["350102002001"], tree["350102000000"]])) == 3


def test_children_are_those_valid_today(tree: Tree, clerk: Clerk) -> None:
    services.set_validity(tree["350102001001"], valid_from=None, valid_to=date(2020, 1, 1), by=clerk)
    assert codes(list(queries.children(tree["350102001000"]))) == ["350102001002"]
    assert queries.valid_on(date(2020, 1, 1)).filter(code="350102001001").exists()
    assert not queries.valid_on(date(2020, 1, 2)).filter(code="350102001001").exists()


def test_search_prefers_the_exact_name_then_the_higher_level(tree: Tree) -> None:
    assert codes(queries.search_by_name("鼓")) == ["350102000000", "350102001000", "350102002000"]
    assert codes(queries.search_by_name("社区", under="350102002", limit=1)) == ["350102002001"]
    assert codes(queries.search_by_name("鼓东 社区")) == ["350102001001", "350102001002"]
    assert codes(queries.search_by_name("350102002")) == ["350102002000", "350102002001", "350102002002"]
    assert queries.search_by_name("  ") == []
    assert queries.search_by_name("100%_") == []


def test_shapes_go_out_as_they_came_in(tree: Tree, clerk: Clerk) -> None:
    services.set_shape(tree["350102001001"], square(119, 26), datum="GCJ02", by=clerk)
    out = queries.shapes_geojson(queries.within("350102"), datum="GCJ02")
    assert out["datum"] == "GCJ02"
    (feature,) = out["features"]
    assert feature["properties"]["code"] == "350102001001"
    assert sorted(feature["geometry"]["coordinates"][0][:-1]) == [[119, 26], [119, 27], [120, 26], [120, 27]]


def test_simplified_neighbours_keep_their_common_border(tree: Tree, clerk: Clerk) -> None:
    wavy = [[120 + (0.00001 if i % 2 else 0), 26 + i / 10] for i in range(11)]
    left = [[119, 26], *wavy, [119, 27], [119, 26]]
    right = [[121, 26], *wavy, [121, 27], [121, 26]]
    for code, ring in (("350102001001", left), ("350102001002", right)):
        services.set_shape(tree[code], {"type": "Polygon", "coordinates": [ring]}, datum="WGS84", by=clerk)
    one, other = queries.shapes_geojson(queries.within("350102001"), simplify=500)["features"]
    common = {tuple(p) for p in one["geometry"]["coordinates"][0]} & {
        tuple(p) for p in other["geometry"]["coordinates"][0]
    }
    assert common == {(120, 26), (120, 27)}
