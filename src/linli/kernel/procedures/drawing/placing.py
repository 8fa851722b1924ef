"""Where things stand across the flow (定位): as straight as the order and the room between them allow.

Each layer in turn is put where the sum of all sideways shifts to its neighbours is least. For an ordered row with
given room between its members that is a monotone regression by weighted medians, solved exactly by merging blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from linli.kernel.procedures.drawing.layering import Layered, Segment, Vertex
from linli.kernel.procedures.drawing.shapes import Gaps, Point

ROUNDS = 12
Wishes = list[tuple[float, int]]


@dataclass
class _Block:
    members: list[Vertex]
    offsets: list[float]  # of each member, from the first member of the row
    wishes: Wishes
    at: float = 0.0


def place(found: Layered, gaps: Gaps) -> list[Point]:
    """Give every vertex its place across the flow (横向定位); answers from where to where each band reaches."""
    for layer in found.layers:
        for vertex in layer:
            _ports(vertex, gaps)
    bands = _bands(found.layers, gaps)
    limited = len(bands) > 1
    for layer in found.layers:
        _pack(layer, bands, gaps, limited, lambda _: [])
    for n in range(ROUNDS):
        for layer in found.layers:
            _pack(layer, bands, gaps, limited, _above if n < ROUNDS - 2 else _both)
        for layer in reversed(found.layers):
            _pack(layer, bands, gaps, limited, _below if n < ROUNDS - 2 else _both)
    for layer in found.layers:
        _pack(layer, bands, gaps, limited, _both)
    for _ in range(2):
        for chain in found.chains.values():
            _straighten(chain, found.layers, bands if limited else [], gaps)
    return bands if limited else _from_zero(found, gaps)


def _from_zero(found: Layered, gaps: Gaps) -> list[Point]:
    """Let parts that hang together with nothing else stand close to the others, and begin at zero."""
    parts = _parts(found)
    for part in sorted(set(parts.values()) - {0}):
        room = float("inf")
        for layer in found.layers:
            for one, other in pairwise(layer):
                if parts[id(other)] == part and parts[id(one)] != part:
                    room = min(room, other.at - one.at - _offsets([one, other], gaps)[1])
        if 0 < room < float("inf"):
            for layer in found.layers:
                for vertex in layer:
                    vertex.at -= room if parts[id(vertex)] == part else 0.0
    left = min((v.at - v.breadth / 2 for layer in found.layers for v in layer), default=0.0)
    right = max((v.at + v.breadth / 2 for layer in found.layers for v in layer), default=0.0)
    for layer in found.layers:
        for vertex in layer:
            vertex.at -= left
    return [(0.0, right - left)]


def _parts(found: Layered) -> dict[int, int]:
    """Which vertices hang together (连通部分), numbered from the one that holds the beginning."""
    parts: dict[int, int] = {}
    for n, first in enumerate(v for layer in found.layers for v in layer):
        todo = [first] if id(first) not in parts else []
        while todo:
            vertex = todo.pop()
            if id(vertex) not in parts:
                parts[id(vertex)] = n
                todo += [s.lower for s in vertex.after] + [s.upper for s in vertex.before]
    return parts


def _ports(vertex: Vertex, gaps: Gaps) -> None:
    """Where links meet a box: spread along its side in the order of where they lead, so that they do not cross."""
    if not vertex.box:
        return
    for segments, upper in ((vertex.after, True), (vertex.before, False)):
        segments.sort(key=lambda s: _far(s, upper))
        gap = min(gaps.port * 1.5, (vertex.span or vertex.breadth * 0.84) / max(len(segments), 1))
        for n, segment in enumerate(segments):
            offset = (n - (len(segments) - 1) / 2) * gap
            if upper:
                segment.port_upper = offset
            else:
                segment.port_lower = offset


def _far(segment: Segment, from_upper: bool) -> int:
    return segment.lower.place if from_upper else segment.upper.place


def _bands(layers: list[list[Vertex]], gaps: Gaps) -> list[Point]:
    """How broad each band has to be for its fullest layer."""
    need: dict[int, float] = {}
    for layer in layers:
        for band in {v.band for v in layer}:
            row = [v for v in layer if v.band == band]
            need[band] = max(need.get(band, 0.0), _offsets(row, gaps)[-1] + _ends(row))
    bands, at = [], 0.0
    for band in range(max(need, default=0) + 1):
        breadth = need.get(band, 0.0) + 2 * gaps.band
        bands.append((at, at + breadth))
        at += breadth
    return bands


def _ends(row: list[Vertex]) -> float:
    return (row[0].breadth + row[-1].breadth) / 2


def _offsets(row: list[Vertex], gaps: Gaps) -> list[float]:
    """How far each member's centre is from the first one's, at least."""
    offsets = [0.0]
    for left, right in pairwise(row):
        gap = gaps.box if left.box or right.box or left.is_label or right.is_label else gaps.line
        if not (left.box and right.box):
            gap = min(gap, gaps.box * 0.6)
        offsets.append(offsets[-1] + left.breadth / 2 + gap + right.breadth / 2)
    return offsets


def _above(vertex: Vertex) -> Wishes:
    return [(s.start - s.port_lower, s.weight) for s in vertex.before]


def _below(vertex: Vertex) -> Wishes:
    return [(s.end - s.port_upper, s.weight) for s in vertex.after]


def _both(vertex: Vertex) -> Wishes:
    return _above(vertex) + _below(vertex)


def _pack(
    layer: list[Vertex],
    bands: list[Point],
    gaps: Gaps,
    limited: bool,
    wishes_of: Callable[[Vertex], Wishes],
) -> None:
    for n, (low, high) in enumerate(bands):
        row = [v for v in layer if v.band == n]
        if not row:
            continue
        offsets = _offsets(row, gaps)
        blocks: list[_Block] = []
        for vertex, offset in zip(row, offsets, strict=True):
            wishes = [(at - offset, weight) for at, weight in wishes_of(vertex)] or [(vertex.at - offset, 1)]
            blocks.append(_Block([vertex], [offset], wishes, _middle(wishes)))
            while len(blocks) > 1 and blocks[-2].at > blocks[-1].at:
                last = blocks.pop()
                into = blocks[-1]
                into.members += last.members
                into.offsets += last.offsets
                into.wishes += last.wishes
                into.at = _middle(into.wishes)
        least = low + gaps.band + row[0].breadth / 2
        most = high - gaps.band - row[-1].breadth / 2 - offsets[-1]
        for block in blocks:
            at = min(max(block.at, least), most) if limited else block.at
            for vertex, offset in zip(block.members, block.offsets, strict=True):
                vertex.at = at + offset


def _straighten(chain: list[Segment], layers: list[list[Vertex]], bands: list[Point], gaps: Gaps) -> None:
    """Let a link pass straight through as many layers as have room for it (拉直)."""
    passing = [s.lower for s in chain[:-1]]
    runs: list[tuple[list[Vertex], float, float]] = []
    for vertex in passing:
        low, high = (at + vertex.line for at in _room(vertex, layers[vertex.layer], bands, gaps))
        if runs and max(runs[-1][1], low) <= min(runs[-1][2], high):
            run, a, b = runs[-1]
            runs[-1] = ([*run, vertex], max(a, low), min(b, high))
        else:
            runs.append(([vertex], low, high))
    for n, (run, low, high) in enumerate(runs):
        wish = sorted(v.at + v.line for v in run)[len(run) // 2]
        if n == len(runs) - 1 and low <= chain[-1].end <= high:
            wish = chain[-1].end
        if n == 0 and low <= chain[0].start <= high:
            wish = chain[0].start
        for vertex in run:
            vertex.at = min(max(wish, low), high) - vertex.line


def _room(vertex: Vertex, layer: list[Vertex], bands: list[Point], gaps: Gaps) -> Point:
    """How far a vertex may move between its neighbours."""
    low, high = float("-inf"), float("inf")
    if bands:
        low = bands[vertex.band][0] + gaps.band + vertex.breadth / 2
        high = bands[vertex.band][1] - gaps.band - vertex.breadth / 2
    n = vertex.place
    if n > 0 and layer[n - 1].band == vertex.band:
        low = layer[n - 1].at + _offsets(layer[n - 1 : n + 1], gaps)[1]
    if n + 1 < len(layer) and layer[n + 1].band == vertex.band:
        high = layer[n + 1].at - _offsets(layer[n : n + 2], gaps)[1]
    return min(low, vertex.at), max(high, vertex.at)


def _middle(wishes: Wishes) -> float:
    """The weighted median; between the two middle ones where both halves weigh the same."""
    ordered = sorted(wishes)
    half, seen = sum(weight for _, weight in ordered) / 2, 0.0
    for n, (at, weight) in enumerate(ordered):
        seen += weight
        if seen > half:
            return at
        if seen == half:
            return (at + ordered[n + 1][0]) / 2
    return 0.0
