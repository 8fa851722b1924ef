"""Shapes as numbers (图形计算): reading, checking, converting and measuring. No table, no query."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from linli.base.coordinates import datum_named, to_wgs84_array
from linli.base.errors import Invalid
from linli.base.i18n import Text

MAX_VERTICES = 100_000
METRES_PER_DEGREE = 111_195.0  # of latitude, on the sphere below
AUTHALIC_RADIUS = 6_371_007.2  # metres; the sphere with the surface of the WGS-84 ellipsoid

Points = NDArray[np.float64]


def read_shape(geometry: Mapping[str, Any] | BaseGeometry, *, datum: str) -> BaseGeometry:
    """A checked polygon in WGS-84 from GeoJSON (读取并核对图形), rings turned as RFC 7946 wants them.

    Refuses `places.shape_unreadable`, `…_not_polygon`, `…_empty`, `…_too_large` (over 100,000 points),
    `…_out_of_range`, `…_crosses_itself` (with `lng` and `lat` in the datum of the file), `…_impossible`.
    """
    datum = datum_named(datum)
    if isinstance(geometry, BaseGeometry):
        geometry = shapely.geometry.mapping(geometry)
    shape = _assemble(geometry)
    # Not `area`: the two halves of a bow tie cancel each other out.
    if shape.is_empty or shape.convex_hull.area == 0:
        raise Invalid(
            "places.shape_empty",
            Text(
                "图形是空的，没有面积。请提供至少有三个不同顶点的多边形。",
                "The shape is empty: it covers nothing. Give a polygon with at least three different corners.",
            ),
        )
    _check_valid(shape)
    shape = shapely.transform(shape, lambda points: to_wgs84_array(points, datum))
    if not shape.is_valid:
        # Two borders closer than the last digits may touch after the conversion.
        shape = polygons_of(shapely.make_valid(shape))
    return shapely.orient_polygons(shape)


def polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """Only the areas of a mixed result, as Polygon or MultiPolygon (只保留面)."""
    parts = [part for part in _parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _parts(part)
    else:
        yield shape


def _assemble(geometry: Any) -> BaseGeometry:
    if isinstance(geometry, Mapping) and geometry.get("type") == "Feature":
        geometry = geometry.get("geometry")
    if not isinstance(geometry, Mapping) or "type" not in geometry:
        raise _unreadable()
    if geometry["type"] not in {"Polygon", "MultiPolygon"}:
        raise Invalid(
            "places.shape_not_polygon",
            Text(
                "区域图形应为面（Polygon 或 MultiPolygon），不能是点或线。请在制图软件中把边界线转为面后重新导出。",
                "The shape of an area is a Polygon or MultiPolygon, not points or lines. "
                "Turn the border into a polygon in your map program and export again.",
            ),
        )
    nested: Any = geometry.get("coordinates")
    if geometry["type"] == "Polygon":
        nested = [nested]
    try:
        polygons = [[_ring(ring) for ring in polygon] for polygon in nested]
    except (TypeError, ValueError, OverflowError):
        raise _unreadable() from None
    n_vertices = sum(len(ring) for polygon in polygons for ring in polygon)
    if n_vertices > MAX_VERTICES:
        raise Invalid(
            "places.shape_too_large",
            Text(
                f"图形有 {n_vertices} 个顶点，最多 {MAX_VERTICES} 个。请先简化边界再导入。",
                f"The shape has {n_vertices} points; {MAX_VERTICES} is the most. Simplify the border first.",
            ),
        )
    for polygon in polygons:
        for ring in polygon:
            _check_range(ring)
    try:
        built = [shapely.Polygon(polygon[0], polygon[1:]) for polygon in polygons if polygon]
    except (ValueError, shapely.errors.GEOSException):
        raise _unreadable() from None
    return built[0] if len(built) == 1 else shapely.MultiPolygon(built)


def _ring(ring: Any) -> Points:
    points = np.array(
        [[point[0], point[1]] for point in ring if len(point) >= 2 or _raise()], dtype=np.float64
    )
    return points if len(points) else np.empty((0, 2))


def _raise() -> bool:
    raise ValueError


def _check_range(points: Points) -> None:
    if not len(points):
        return
    if np.isfinite(points).all() and (np.abs(points) <= [180, 90]).all():
        return
    swapped = np.isfinite(points).all() and (np.abs(points) <= [90, 180]).all()
    raise Invalid(
        "places.shape_out_of_range",
        Text(
            "坐标超出范围：经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间。"
            + ("经纬度可能写反了，GeoJSON 应先写经度。" if swapped else "请确认坐标单位是度，而不是米。"),
            "A coordinate is out of range: longitude lies between -180 and 180, latitude between -90 and 90. "
            + (
                "They seem to be swapped: GeoJSON has the longitude first."
                if swapped
                else "Check that the unit is degrees, not metres."
            ),
        ),
    )


def _check_valid(shape: BaseGeometry) -> None:
    if shape.is_valid:
        return
    reason = shapely.is_valid_reason(shape)
    place = re.search(r"\[(-?[\d.eE+-]+) (-?[\d.eE+-]+)", reason)
    lng, lat = (float(place[1]), float(place[2])) if place else (math.nan, math.nan)
    where = f"{lng:.5f}, {lat:.5f}" if place else "?"
    if "elf-intersection" in reason:
        raise Invalid(
            "places.shape_crosses_itself",
            Text(
                f"边界自相交，位置在经度、纬度 {where} 附近。请在制图软件中修正该处后重新提交，原图形没有改变。",
                f"The border crosses itself near longitude, latitude {where}. "
                "Mend it there in your map program and send it again; the shape on file is unchanged.",
            ),
            lng=lng,
            lat=lat,
        )
    raise Invalid(
        "places.shape_impossible",
        Text(
            f"图形不成立（{reason.split('[')[0]}），位置在经度、纬度 {where} 附近。请修正后重新提交，原图形没有改变。",
            f"The shape is not possible ({reason.split('[')[0]}) near longitude, latitude {where}. "
            "Mend it and send it again; the shape on file is unchanged.",
        ),
        lng=lng,
        lat=lat,
    )


def _unreadable() -> Invalid:
    return Invalid(
        "places.shape_unreadable",
        Text(
            "图形无法读取。应为 GeoJSON 的 Polygon 或 MultiPolygon，每个顶点写作 [经度, 纬度]。",
            "The shape cannot be read. It should be a GeoJSON Polygon or MultiPolygon whose points are "
            "[longitude, latitude].",
        ),
    )


def area_m2(shape: BaseGeometry) -> float:
    """Surface in square metres of a WGS-84 shape (面积): square degrees times the scale at its centroid.

    The scale is linear, so that a sliver without surface stays one; within 0.5% up to the size of a province.
    """
    if shape.is_empty or not shape.area:
        return 0.0
    metres = math.radians(1) * AUTHALIC_RADIUS
    return float(shape.area * metres * metres * math.cos(math.radians(shape.centroid.y)))
