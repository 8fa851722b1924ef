"""Coordinate systems (坐标系): WGS-84 inside, GCJ-02, CGCS2000 and BD-09 only at the edges.

GCJ-02 and BD-09 shift a point by up to about 700 m in a way that was never published; the formula below is the
one in common use, which agrees with map services to within a few metres. There and back again loses less
than 0.01 m (tested). CGCS2000 differs from WGS-84 by centimetres at most and is taken as the same.
Outside the rectangle around China nothing is shifted. Longitude first, degrees, everywhere.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from linli.base.errors import Invalid
from linli.base.i18n import Text

DATUMS = ("WGS84", "GCJ02", "CGCS2000", "BD09")

# Krasovsky 1940: the ellipsoid on which the shift of GCJ-02 is laid out.
_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_BD_TURN = math.pi * 3000.0 / 180.0
_BD_OFFSET = (0.0065, 0.006)

# The rectangle within which the shift is applied (west, east, south, north).
_CHINA = (72.004, 137.8347, 0.8293, 55.8271)
# The shift changes by about 1e-4 per degree of the point, so each step gains four digits.
_STEPS = 6

Points = NDArray[np.float64]


def to_wgs84(lng: float, lat: float, datum: str) -> tuple[float, float]:
    """A point of another coordinate system in WGS-84 (转换为WGS-84). Refuses what `from_wgs84` refuses."""
    known = _checked(lng, lat, datum)
    if known not in {"GCJ02", "BD09"} or not _in_china(lng, lat):
        return lng, lat
    x, y = _inverse(lng, lat, known, math)
    return float(x), float(y)


def from_wgs84(lng: float, lat: float, datum: str) -> tuple[float, float]:
    """A WGS-84 point in another coordinate system (由WGS-84转换).

    Refuses `coordinates.unknown_datum` and `coordinates.out_of_range` (no such place on earth).
    """
    known = _checked(lng, lat, datum)
    if known not in {"GCJ02", "BD09"} or not _in_china(lng, lat):
        return lng, lat
    x, y = _forward(lng, lat, known, math)
    return float(x), float(y)


def to_wgs84_array(points: ArrayLike, datum: str) -> Points:
    """As `to_wgs84`, for an array (n, 2) of longitude and latitude; gives a new array."""
    return _convert(points, datum, inverse=True)


def from_wgs84_array(points: ArrayLike, datum: str) -> Points:
    """As `from_wgs84`, for an array (n, 2) of longitude and latitude; gives a new array."""
    return _convert(points, datum, inverse=False)


def datum_named(name: str) -> str:
    """The datum a file means (识别坐标系名称): `GCJ-02`, `gcj02`, `wgs 84`. Refuses `coordinates.unknown_datum`."""
    plain = "".join(c for c in name.upper() if c.isalnum())
    if plain not in DATUMS:
        raise Invalid(
            "coordinates.unknown_datum",
            Text(
                "不认识这个坐标系。请写WGS84、GCJ02、CGCS2000或BD09。",
                "This coordinate system is not known. Write WGS84, GCJ02, CGCS2000 or BD09.",
            ),
        )
    return plain


def _checked(lng: float, lat: float, datum: str) -> str:
    known = datum_named(datum)
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise _out_of_range()
    return known


def _out_of_range() -> Invalid:
    return Invalid(
        "coordinates.out_of_range",
        Text(
            "坐标不在地球范围内：经度应在-180到180之间，纬度应在-90到90之间，经度写在前面。",
            "There is no such place: longitude is between -180 and 180, latitude between -90 and 90, "
            "longitude first.",
        ),
    )


def _in_china(lng: float, lat: float) -> bool:
    west, east, south, north = _CHINA
    return west <= lng <= east and south <= lat <= north


def _convert(points: ArrayLike, datum: str, *, inverse: bool) -> Points:
    known = datum_named(datum)
    result = np.array(points, dtype=np.float64).reshape(-1, 2)
    lng, lat = result[:, 0], result[:, 1]
    if not bool(np.all((np.abs(lng) <= 180) & (np.abs(lat) <= 90))):
        raise _out_of_range()
    if known not in {"GCJ02", "BD09"}:
        return result
    west, east, south, north = _CHINA
    inside = (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)
    change = _inverse if inverse else _forward
    x, y = change(lng[inside], lat[inside], known, np)
    result[inside] = np.column_stack((x, y))
    return result


# One formula for numbers and arrays: `m` is `math` or `numpy`, which name these functions alike.


def _forward(lng: Any, lat: Any, datum: str, m: ModuleType) -> tuple[Any, Any]:
    x, y = _gcj02(lng, lat, m)
    return _bd09(x, y, m) if datum == "BD09" else (x, y)


def _inverse(lng: Any, lat: Any, datum: str, m: ModuleType) -> tuple[Any, Any]:
    """The WGS-84 point whose image is this one: take the error of the image off the guess, again and again."""
    x, y = lng, lat
    for _ in range(_STEPS):
        image_x, image_y = _forward(x, y, datum, m)
        x, y = x - (image_x - lng), y - (image_y - lat)
    return x, y


def _gcj02(lng: Any, lat: Any, m: ModuleType) -> tuple[Any, Any]:
    x, y = lng - 105.0, lat - 35.0
    root = m.sqrt(m.fabs(x))
    ripple = (20.0 * m.sin(6.0 * x * m.pi) + 20.0 * m.sin(2.0 * x * m.pi)) * 2.0 / 3.0

    def waves(z: Any, *sizes: tuple[float, float]) -> Any:
        return sum(size * m.sin(z * turn * m.pi) for size, turn in sizes) * 2.0 / 3.0

    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north = north + waves(y, (20.0, 1.0), (40.0, 1 / 3)) + waves(y, (160.0, 1 / 12), (320.0, 1 / 30))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east = east + waves(x, (20.0, 1.0), (40.0, 1 / 3)) + waves(x, (150.0, 1 / 12), (300.0, 1 / 30))
    phi = lat * m.pi / 180.0
    bulge = 1.0 - _ECCENTRICITY * m.sin(phi) * m.sin(phi)
    meridian = _AXIS * (1.0 - _ECCENTRICITY) / (bulge * m.sqrt(bulge))
    parallel = _AXIS / m.sqrt(bulge) * m.cos(phi)
    return lng + east * 180.0 / (parallel * m.pi), lat + north * 180.0 / (meridian * m.pi)


def _bd09(lng: Any, lat: Any, m: ModuleType) -> tuple[Any, Any]:
    """BD-09 from GCJ-02: the radius and the angle of the point rippled, then moved.

    The point on the small circle is turned by an angle, written out so that `math` and `numpy` share it.
    """
    radius = m.sqrt(lng * lng + lat * lat)
    angle = 0.000003 * m.cos(lng * _BD_TURN)
    scale = (radius + 0.00002 * m.sin(lat * _BD_TURN)) / radius
    x = scale * (lng * m.cos(angle) - lat * m.sin(angle))
    y = scale * (lat * m.cos(angle) + lng * m.sin(angle))
    return x + _BD_OFFSET[0], y + _BD_OFFSET[1]
