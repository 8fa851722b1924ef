"""What a layout takes and gives (布局的输入和输出): boxes and links in, centres and routes out.

The layout knows two axes: `depth` (the way that a case goes, from layer to layer) and `breadth` (across it). A drawing
from the top down has its breadth along x, one from the left to the right has it along y.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]  # breadth, depth


@dataclass(frozen=True)
class Box:
    """Something with a size (框). Boxes of one band stand together, apart from those of other bands (泳道)."""

    key: str
    breadth: float
    depth: float
    band: int = 0
    is_sink: bool = False  # nothing goes on from here: what leads out of it leads back (终点)
    least_layer: int = 0
    span: float = 0.0  # how much of its side lines may meet; none: nearly all of it


@dataclass(frozen=True)
class Link:
    """A way from box to box (连线), with the size of what is written on it, if anything is."""

    key: str
    source: str
    target: str
    label: Point | None = None
    beside: float = 0.0  # how far the line runs from the middle of what is written on it
    weight: int = 1  # how much it wants to be straight: more for the ordinary way


@dataclass(frozen=True)
class Route:
    """Where a link runs, from its source to its target (走线); `back` when it leads against the flow (回退)."""

    points: tuple[Point, ...]
    label: Point | None
    back: bool


@dataclass(frozen=True)
class Gaps:
    """How much stays free (留白): between boxes, beside passing lines, between parallel lines, around bands."""

    box: float = 28
    line: float = 14
    track: float = 11
    port: float = 16
    layer: float = 12
    band: float = 18


@dataclass(frozen=True)
class Layout:
    """Everything in its place (布局结果); centres of boxes, from (0, 0) to (`breadth`, `depth`)."""

    centres: Mapping[str, Point]
    routes: Mapping[str, Route]
    breadth: float
    depth: float
    bands: tuple[Point, ...] = field(default=())  # from, to
