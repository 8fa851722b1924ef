"""A layered layout (分层布局): layers by the longest way, few crossings, straight lines, no text over another."""

from __future__ import annotations

from collections.abc import Sequence

from linli.kernel.procedures.drawing.layering import Layered, Segment, layered
from linli.kernel.procedures.drawing.ordering import order
from linli.kernel.procedures.drawing.placing import place
from linli.kernel.procedures.drawing.routing import tracks
from linli.kernel.procedures.drawing.shapes import Box, Gaps, Layout, Link, Point, Route

STANDARD = Gaps()


def arrange(boxes: Sequence[Box], links: Sequence[Link], gaps: Gaps = STANDARD) -> Layout:
    """Place boxes and links (排布); links from a box to itself or to one that is not there are left out."""
    found = layered(boxes, links, gaps)
    order(found)
    bands = place(found, gaps)
    depths, turns, total = _depths(found, gaps)
    centres = {key: (v.at, depths[v.layer]) for key, v in found.boxes.items()}
    routes = {key: _route(key, chain, found, depths, turns) for key, chain in found.chains.items()}
    return Layout(centres, routes, max((b for _, b in bands), default=0.0), total, tuple(bands))


def _depths(found: Layered, gaps: Gaps) -> tuple[list[float], dict[int, float], float]:
    """The middle of each layer along the flow, and where each segment turns sideways."""
    depths: list[float] = []
    turns: dict[int, float] = {}
    at = 0.0
    for layer in found.layers:
        thick = max((v.depth for v in layer), default=0.0)
        depths.append(at + thick / 2)
        at += thick
        on_track, n = tracks([s for v in layer for s in v.after], gaps)
        first = at + gaps.layer
        turns |= {key: first + track * gaps.track for key, track in on_track.items()}
        at = first + max(n - 1, 0) * gaps.track + gaps.layer
    return depths, turns, at - 2 * gaps.layer if depths else 0.0


def _route(
    key: str, chain: list[Segment], found: Layered, depths: list[float], turns: dict[int, float]
) -> Route:
    points: list[Point] = []
    label: Point | None = None
    for segment in chain:
        upper, lower = segment.upper, segment.lower
        points.append((segment.start, depths[upper.layer] + upper.depth / 2))
        turn = turns.get(id(segment))
        if turn is not None:
            points += [(segment.start, turn), (segment.end, turn)]
        points.append(
            (segment.end if turn is not None else segment.start, depths[lower.layer] - lower.depth / 2)
        )
        if lower.is_label:
            label = (lower.at, depths[lower.layer])
    back = key in found.back
    plain = _straightened(points)
    return Route(tuple(reversed(plain)) if back else tuple(plain), label, back)


def _straightened(points: list[Point]) -> list[Point]:
    """Without points in the middle of a straight line."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept.pop()
        kept.append(point)
    return kept
