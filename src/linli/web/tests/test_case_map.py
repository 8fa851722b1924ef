"""The map of cases (办件地图): what stands on it, what does not, and that every figure opens exactly its list."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.base.clock import now
from linli.base.errors import Invalid
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from linli.web import within
from linli.web.casemap import clusters
from linli.web.hexagons import Dot, hexagons, resolution, step_of, steps_of
from linli.web.within import are_inside, box_ring, decode_ring, encode_ring
from tests.cast import NORTH, SOUTH, WEST_EAST, Cast
from tests.events import event_at, reported

EAST_OF = {name: box_ring(west, SOUTH, east, NORTH) for name, (west, east) in WEST_EAST.items()}
lngs = st.floats(119.30, 119.34)
lats = st.floats(SOUTH, NORTH)


# ------------------------------------------------------------------------------------------------------ rules


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=30))
def test_a_ring_comes_out_of_an_address_as_it_went_in(corners: list[tuple[float, float]]) -> None:
    rounded = tuple((round(x * 100_000) / 100_000, round(y * 100_000) / 100_000) for x, y in corners)
    assert decode_ring(encode_ring(corners)) == rounded


def test_two_hundred_corners_are_the_most() -> None:
    circle = [(119.3 + 0.01 * math.cos(n / 32), 26.08 + 0.01 * math.sin(n / 32)) for n in range(201)]
    assert len(decode_ring(encode_ring(circle[:200]))) == 200
    with pytest.raises(Invalid):
        decode_ring(encode_ring(circle))


@pytest.mark.parametrize("text", ["", "?", "AA", "AAAAA", "____" * 40, "A" * 500, "灯", "A" * 2000])
def test_what_was_not_written_as_a_ring_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as error:
        decode_ring(text)
    assert error.value.code == "web.bad_within"


def test_a_point_on_a_shared_border_belongs_to_one_neighbour() -> None:
    points = np.array([119.31, 119.32]), np.array([26.085, SOUTH])
    held = [are_inside(EAST_OF[grid], *points).tolist() for grid in ("grid1", "grid2", "grid3")]
    assert [sum(one) for one in zip(*held, strict=True)] == [1, 1]


@settings(deadline=None)
@given(st.lists(st.tuples(lngs, lats), min_size=1, max_size=30), st.integers(6, 12))
def test_every_case_is_in_exactly_one_hexagon_and_inside_its_ring(
    points: list[tuple[float, float]], fineness: int
) -> None:
    dots = [Dot(pk, lng, lat) for pk, (lng, lat) in enumerate(points)]
    cells = hexagons(dots, fineness)
    assert sorted(dot.pk for cell in cells for dot in cell.dots) == list(range(len(points)))
    for cell in cells:
        inside = [dot for dot in dots if are_inside(cell.ring, np.array([dot.lng]), np.array([dot.lat]))[0]]
        assert set(cell.dots) == set(inside)
        assert decode_ring(cell.within) == cell.ring


@settings(deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=40))
def test_the_legend_has_a_step_for_every_count(counts: list[int]) -> None:
    steps = steps_of(counts)
    assert len(steps) <= 4
    assert all(steps[step_of(n, steps)][0] <= n <= steps[step_of(n, steps)][1] for n in counts)
    assert all(low <= high for low, high in steps)


def test_nearer_is_finer_and_a_screen_is_never_too_full() -> None:
    assert [resolution(z, 26.08) for z in (3, 10, 12, 14, 16, 19)] == sorted(
        resolution(z, 26.08) for z in (3, 10, 12, 14, 16, 19)
    )
    scattered = [
        Dot(n, 119.30 + 0.04 * (n * 0.618 % 1), SOUTH + 0.01 * (n * math.sqrt(2) % 1)) for n in range(5000)
    ]
    found = clusters(scattered, 19)
    assert len(found) <= 500
    assert sum(c.n for c in found) == 5000


# ------------------------------------------------------------------------------------------------------ pages


@pytest.fixture
def procedures(db: None) -> None:
    load_all()


def features(client: Client, query: str = "z=15&box=119,26,120,27", kind: str = "points") -> list[Any]:
    found: list[Any] = client.get(f"/staff/map/{kind}.json?{query}").json()["features"]
    return found


def listed(client: Client, url: str) -> set[str]:
    return {row.case.number for row in client.get(url).context["rows"]}


def test_points_and_list_say_the_same(cast: Cast, procedures: None) -> None:
    cases = {reported(cast).number, event_at(cast, "handling", grid="grid3").number}
    client = cast.client("dispatcher")
    page = client.get("/staff/map/")
    assert (page.context["n_dots"], page.context["count"].n) == (2, 2)
    assert {f["properties"]["number"] for f in features(client)} == cases
    assert all(f["properties"]["css"] == "late" for f in features(client))  # the past's week is over
    assert sum(f["properties"]["n"] for f in features(client, kind="hexagons")) == 2


def test_every_hexagon_opens_its_list(cast: Cast, procedures: None) -> None:
    for grid in ("grid1", "grid1", "grid2", "grid3"):
        reported(cast, grid=grid)
    client = cast.client("dispatcher")
    page = client.get("/staff/map/?as=hexagons&days=365")
    assert sum(h.hexagon.n for h, _ in page.context["rings"]) == 4
    for drawn, url in page.context["rings"]:
        assert len(listed(client, url)) == drawn.hexagon.n
        assert client.get(url.replace("/cases/", "/cases.csv")).getvalue().count(b"\n") == drawn.hexagon.n + 1


def test_a_drawn_shape_narrows_map_and_list(cast: Cast, procedures: None) -> None:
    mine = reported(cast)
    reported(cast, grid="grid3")
    client = cast.client("dispatcher")
    ring = encode_ring(EAST_OF["grid1"])
    assert listed(client, f"/staff/cases/?within={ring}") == {mine.number}
    assert listed(client, f"/staff/map/?within={ring}") == {mine.number}
    assert "地图上画的范围" in client.get(f"/staff/cases/?within={ring}").content.decode()
    broken = client.get("/staff/cases/?within=%3F%3F")
    assert (broken.context["rows"], "重新圈选" in broken.content.decode()) == ([], True)
    bad_box = client.get("/staff/map/?box=1,2,nan,4")
    assert bad_box.status_code == 400


def test_what_has_no_point_stands_in_the_list_alone(cast: Cast, procedures: None) -> None:
    case, secret = reported(cast), reported(cast, grid="grid2")
    Case.objects.filter(pk=case.pk).update(lng=None, lat=None, precision="village")
    Case.objects.filter(pk=secret.pk).update(confidential="handlers")
    client = cast.client("dispatcher")
    page = client.get("/staff/map/")
    assert (page.context["n_dots"], page.context["n_unplaced"].n) == (0, 2)
    assert listed(client, page.context["unplaced_url"]) == {case.number, secret.number}
    assert features(client) == []
    everywhere = encode_ring(EAST_OF["county"])
    assert listed(client, f"/staff/cases/?within={everywhere}") == set()


def test_neighbours_see_none_of_it_not_even_a_count(cast: Cast, procedures: None) -> None:
    reported(cast)
    client = cast.client("neighbour_dispatcher")
    page = client.get("/staff/map/?days=365")
    assert (page.context["n_dots"], page.context["count"].n, page.context["rings"]) == (0, 0, [])
    assert features(client) == features(client, kind="hexagons") == []
    assert listed(client, f"/staff/cases/?within={encode_ring(EAST_OF['county'])}") == set()


def test_whoever_is_no_staff_gets_no_map(cast: Cast, procedures: None) -> None:
    assert cast.client("resident").get("/staff/map/").status_code == 403
    assert cast.client("anonymous").get("/staff/map/points.json").status_code == 302


def test_a_shape_finds_no_home_for_a_resident(cast: Cast, procedures: None) -> None:
    """Whoever reported the same may not ask, shape by shape, where the other report came from."""
    reported(cast)
    found = within.filter_within(Case.objects.all(), encode_ring(EAST_OF["county"]), cast.actor("resident"))
    assert not found.exists()


def test_a_period_is_said_in_the_words_of_the_list(cast: Cast, procedures: None) -> None:
    old, new = reported(cast), reported(cast, at=now() - timedelta(days=1))
    client = cast.client("dispatcher")
    page = client.get("/staff/map/?days=7")
    assert page.context["n_dots"] == len(listed(client, page.context["list_url"])) == 1
    assert listed(client, page.context["list_url"]) == {new.number}
    assert listed(client, client.get("/staff/map/").context["list_url"]) == {old.number, new.number}


def test_the_map_takes_the_same_few_statements_for_many_cases(cast: Cast, procedures: None) -> None:
    client = cast.client("dispatcher")
    taken: list[list[int]] = []
    for n in (1, 6):
        for _ in range(n):
            reported(cast)
        reported(cast, grid="grid2" if n == 1 else "grid1")
        counts = []
        for path in ("/staff/map/", "/staff/map/points.json?z=15", "/staff/map/hexagons.json?z=15"):
            client.get(path)
            with CaptureQueriesContext(connection) as statements:
                assert client.get(path).status_code == 200
            counts.append(len(statements))
        taken.append(counts)
    assert taken[0] == taken[1]
    assert all(n <= most for n, most in zip(taken[0], (28, 6, 5), strict=True)), taken
