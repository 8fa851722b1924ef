"""Coordinates: known pairs, there and back again, one answer for numbers and arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.base.coordinates import (
    DATUMS,
    datum_named,
    from_wgs84,
    from_wgs84_array,
    to_wgs84,
    to_wgs84_array,
)
from linli.base.errors import Invalid

inside_lng = st.floats(74.0, 135.0)
inside_lat = st.floats(4.0, 53.0)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * 111_320 * math.cos(math.radians(a[1]))
    return math.hypot(east, (a[1] - b[1]) * 111_320)


@given(inside_lng, inside_lat, st.sampled_from(DATUMS))
def test_there_and_back_again_loses_less_than_a_centimetre(lng: float, lat: float, datum: str) -> None:
    image = from_wgs84(lng, lat, datum)
    assert metres(to_wgs84(*image, datum), (lng, lat)) < 0.01
    assert metres(image, (lng, lat)) < (2_500 if datum == "BD09" else 1_000)


@pytest.mark.parametrize(
    ("lng", "lat", "datum", "image"),
    [
        # Widely published pairs for the middle of Beijing.
        (116.404, 39.915, "GCJ02", (116.41024449916938, 39.91640428150164)),
        (116.404, 39.915, "BD09", (116.41662724378733, 39.922699552216216)),
        (116.404, 39.915, "CGCS2000", (116.404, 39.915)),
        (-71.06, 42.36, "GCJ02", (-71.06, 42.36)),  # Boston: outside China nothing is shifted
        (-71.06, 42.36, "BD09", (-71.06, 42.36)),
    ],
)
def test_known_points(lng: float, lat: float, datum: str, image: tuple[float, float]) -> None:
    assert metres(from_wgs84(lng, lat, datum), image) < 0.05


@pytest.mark.parametrize("datum", DATUMS)
def test_arrays_and_numbers_agree(datum: str) -> None:
    points = np.array([[119.3, 26.08], [116.4, 39.9], [-71.06, 42.36], [87.6, 43.8]])
    there = from_wgs84_array(points, datum)
    assert np.allclose(there, [from_wgs84(x, y, datum) for x, y in points.tolist()], atol=1e-12, rtol=0)
    back = to_wgs84_array(there, datum)
    assert np.allclose(back, points, atol=1e-9, rtol=0)
    assert np.allclose(back, [to_wgs84(x, y, datum) for x, y in there.tolist()], atol=1e-12, rtol=0)
    assert points[0, 0] == 119.3  # the input stays
    assert from_wgs84_array([], datum).shape == (0, 2)


def test_names_and_refusals() -> None:
    assert datum_named("gcj-02") == "GCJ02"
    assert datum_named("WGS 84") == "WGS84"
    for lng, lat, datum, code in [
        (119.3, 26.1, "Beijing54", "coordinates.unknown_datum"),
        (26.1, 119.3, "WGS84", "coordinates.out_of_range"),
        (math.nan, 26.1, "WGS84", "coordinates.out_of_range"),
    ]:
        with pytest.raises(Invalid) as refusal:
            to_wgs84(lng, lat, datum)
        assert refusal.value.code == code
    with pytest.raises(Invalid):
        to_wgs84_array([[26.1, 119.3]], "GCJ02")
