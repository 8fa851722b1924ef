"""Hexagons of cases (六角格): where there are how many, by h3 cells as fine as the map is near. No table, no query.

Each cell is drawn, counted and linked by the same rounded ring, so that the list behind a hexagon has exactly as many
cases as the hexagon says.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import h3
import numpy as np

from linli.web.within import UNIT, Ring, are_inside, encode_ring

# Finer than this a cell would say a doorstep, not a neighbourhood (edge about 76 m).
COARSEST, FINEST = 5, 10
CLUSTERED_AT = 12  # dots closer than about 10 m stay one however near the map is
EDGE_PIXELS = 24
METRES_PER_PIXEL = 156_543.03  # of zoom 0 on the equator
STEPS = 4


@dataclass(frozen=True, slots=True)
class Dot:
    """A case on the map (一个点): where, and how its time stands."""

    pk: int
    lng: float
    lat: float
    late: bool = False
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Hexagon:
    """A cell with what lies in it (一个六角格)."""

    cell: str
    ring: Ring
    dots: tuple[Dot, ...]

    @property
    def n(self) -> int:
        return len(self.dots)

    @property
    def n_late(self) -> int:
        return sum(dot.late for dot in self.dots)

    @property
    def n_soon(self) -> int:
        return sum(dot.soon for dot in self.dots)

    @property
    def middle(self) -> tuple[float, float]:
        """Where its cases are, on average: a cluster stands among them, not in the middle of nothing."""
        return (
            sum(dot.lng for dot in self.dots) / self.n,
            sum(dot.lat for dot in self.dots) / self.n,
        )

    @property
    def within(self) -> str:
        return encode_ring(self.ring)


def resolution(zoom: float, lat: float, *, pixels: float = EDGE_PIXELS, finest: int = FINEST) -> int:
    """The finest h3 resolution whose edge is at least so many pixels at a zoom of the map (格子大小)."""
    metres = pixels * METRES_PER_PIXEL * math.cos(math.radians(lat)) / 2**zoom
    fitting = [
        r for r in range(COARSEST, finest + 1) if h3.average_hexagon_edge_length(r, unit="m") >= metres
    ]
    return fitting[-1] if fitting else COARSEST


@lru_cache(maxsize=20_000)
def ring_of(cell: str) -> Ring:
    """The corners of a cell, rounded as in an address (格子边界)."""
    return tuple(
        (round(lng * UNIT) / UNIT, round(lat * UNIT) / UNIT) for lat, lng in h3.cell_to_boundary(cell)
    )


def hexagons(dots: Iterable[Dot], resolution: int) -> list[Hexagon]:
    """Each cell that holds a case, fullest first (按格汇总). Every case is in exactly one."""
    found: dict[str, list[Dot]] = defaultdict(list)
    for dot in dots:
        found[h3.latlng_to_cell(dot.lat, dot.lng, resolution)].append(dot)
    # h3 asks on the sphere, a list on the flat map: the few on the very border go where the list would put them.
    strays: list[tuple[str, Dot]] = []
    for cell, held in found.items():
        here = are_inside(ring_of(cell), np.array([d.lng for d in held]), np.array([d.lat for d in held]))
        if not here.all():
            strays += [(cell, dot) for dot, is_in in zip(held, here.tolist(), strict=True) if not is_in]
            found[cell] = [dot for dot, is_in in zip(held, here.tolist(), strict=True) if is_in]
    for cell, dot in strays:
        found[_flat_cell(cell, dot)].append(dot)
    cells = [Hexagon(cell, ring_of(cell), tuple(held)) for cell, held in found.items() if held]
    return sorted(cells, key=lambda c: (-c.n, c.cell))


def _flat_cell(near: str, dot: Dot) -> str:
    for cell in sorted(h3.grid_disk(near, 1)):
        if are_inside(ring_of(cell), np.array([dot.lng]), np.array([dot.lat]))[0]:
            return str(cell)
    return near


def steps_of(counts: Sequence[int]) -> list[tuple[int, int]]:
    """The steps of a legend (图例分级): from and to, at most four, none empty of numbers."""
    most = max(counts, default=0)
    if most <= STEPS:
        return [(n, n) for n in range(1, most + 1)]
    edges = sorted({1, *(math.ceil(most ** (k / STEPS)) + 1 for k in range(1, STEPS))})
    return [(low, high - 1) for low, high in zip(edges, [*edges[1:], most + 1], strict=True)]


def step_of(n: int, steps: Sequence[tuple[int, int]]) -> int:
    return next((i for i, (low, high) in enumerate(steps) if low <= n <= high), len(steps) - 1)
