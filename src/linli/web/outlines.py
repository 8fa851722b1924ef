"""Shapes as a drawing without scripts (静态图): a part of the earth to scale, as paths of an SVG. No table, no query."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]
MARGIN = 0.03
SMALLEST_SPAN = 0.002  # degrees: a single point is not blown up to a screen


@dataclass(frozen=True)
class Paper:
    """A sheet with north above (图幅): west, south, east, north in degrees, and its width in units of the drawing."""

    west: float
    south: float
    east: float
    north: float
    width: float = 860.0

    @classmethod
    def around(cls, bounds: Sequence[float], width: float = 860.0) -> Paper:
        west, south, east, north = (float(edge) for edge in bounds)
        margin = max(east - west, north - south, SMALLEST_SPAN) * MARGIN
        return cls(west - margin, south - margin, east + margin, north + margin, width)

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.west, self.south, self.east, self.north

    @cached_property
    def shrink(self) -> float:
        """A degree of longitude is shorter than one of latitude."""
        return math.cos(math.radians((self.south + self.north) / 2))

    @cached_property
    def scale(self) -> float:
        return self.width / ((self.east - self.west) * self.shrink)

    @property
    def height(self) -> float:
        return round((self.north - self.south) * self.scale, 1)

    @property
    def zoom(self) -> float:
        """The zoom of a web map that shows as much: 256 · 2^z / 360 pixels a degree."""
        return math.log2(self.width / (self.east - self.west) * 360 / 256)

    def place(self, points: Points) -> Points:
        x = (points[:, 0] - self.west) * self.scale * self.shrink
        return np.column_stack([x, (self.north - points[:, 1]) * self.scale])

    def spot(self, lng: float, lat: float) -> tuple[float, float]:
        x, y = self.place(np.array([[lng, lat]]))[0].tolist()
        return round(x, 1), round(y, 1)

    def ring(self, points: Points) -> str:
        return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in self.place(points).tolist()) + "Z"

    def path(self, shape: BaseGeometry) -> str:
        """A polygon with its holes (图形路径)."""
        rings = [r for part in shapely.get_parts(shape) for r in (part.exterior, *part.interiors)]
        return "".join(self.ring(shapely.get_coordinates(ring)) for ring in rings)

    def middle(self, shape: BaseGeometry) -> tuple[float, float]:
        """Where a name stands (注记位置): where the shape is widest, so that the name has room."""
        span = max(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1])
        radius = shapely.maximum_inscribed_circle(shape, tolerance=max(span / 50, 1e-9))
        return self.spot(*shapely.get_coordinates(radius)[0].tolist())

    def room(self, shape: BaseGeometry, x: float, y: float) -> float:
        """How far a line of text may reach to the left and the right of a place (注记余地)."""
        lng, lat = x / (self.scale * self.shrink) + self.west, self.north - y / self.scale
        west, _, east, _ = shape.bounds
        line = shapely.intersection(shape, shapely.LineString([(west, lat), (east, lat)]))
        spans = [part.bounds for part in shapely.get_parts(line) if not part.is_empty]
        here = next((b for b in spans if b[0] <= lng <= b[2]), None)
        return 0.0 if here is None else min(lng - here[0], here[2] - lng) * self.scale * self.shrink
