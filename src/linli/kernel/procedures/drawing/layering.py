"""Which layer a step stands in (分层): by the longest way from the beginning, ways back left aside.

Boxes stand in even layers; what is written on a link has a place of its own in an odd one, so that no text can meet
another. A link that passes layers has an invisible point in each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from linli.kernel.procedures.drawing.shapes import Box, Gaps, Link


@dataclass
class Vertex:
    """A box, the writing on a link, or a point where a link passes (布局点)."""

    layer: int
    breadth: float
    depth: float
    band: int
    box: str = ""
    link: str = ""
    is_label: bool = False
    span: float = 0.0
    line: float = 0.0  # where a link passes, from the centre
    before: list[Segment] = field(default_factory=list)
    after: list[Segment] = field(default_factory=list)
    place: int = 0  # its order in the layer
    at: float = 0.0  # its centre across the flow


@dataclass(eq=False)
class Segment:
    """The part of a link from one layer to the next (线段)."""

    upper: Vertex
    lower: Vertex
    link: Link
    port_upper: float = 0.0
    port_lower: float = 0.0

    @property
    def start(self) -> float:
        return self.upper.at + self.port_upper

    @property
    def end(self) -> float:
        return self.lower.at + self.port_lower

    @property
    def weight(self) -> int:
        """How much it wants to be straight: most where it only passes."""
        return self.link.weight * (2 if not self.upper.box else 1) * (2 if not self.lower.box else 1)


@dataclass
class Layered:
    layers: list[list[Vertex]]
    boxes: dict[str, Vertex]
    chains: dict[str, list[Segment]]  # from the upper to the lower end
    back: set[str]


def layered(boxes: Sequence[Box], links: Sequence[Link], gaps: Gaps) -> Layered:
    """Put every box and every writing into a layer (分层)."""
    known = {box.key for box in boxes}
    used = [k for k in links if k.source != k.target and {k.source, k.target} <= known]
    back = _back(boxes, used)
    rank = _ranks(boxes, used, back)
    vertices = {b.key: Vertex(rank[b.key], b.breadth, b.depth, b.band, box=b.key, span=b.span) for b in boxes}
    layers: list[list[Vertex]] = [[] for _ in range(max(rank.values(), default=0) + 1)]
    for vertex in vertices.values():
        layers[vertex.layer].append(vertex)
    chains: dict[str, list[Segment]] = {}
    for link in used:
        upper, lower = link.source, link.target
        if link.key in back:
            upper, lower = lower, upper
        chains[link.key] = _chain(link, vertices[upper], vertices[lower], layers, link.key in back, gaps)
    return Layered(layers, vertices, chains, back)


def _back(boxes: Sequence[Box], links: Sequence[Link]) -> set[str]:
    """Links that lead back to where the case has been (回退的连线), found by walking on from the first box."""
    out: dict[str, list[Link]] = {box.key: [] for box in boxes}
    sinks = {box.key for box in boxes if box.is_sink}
    back = {link.key for link in links if link.source in sinks}
    for link in links:
        if link.key not in back:
            out[link.source].append(link)
    open_, done = set[str](), set[str]()
    for box in boxes:
        if box.key in done:
            continue
        path = [(box.key, iter(out[box.key]))]
        open_.add(box.key)
        while path:
            here, ways = path[-1]
            way = next(ways, None)
            if way is None:
                path.pop()
                open_.discard(here)
                done.add(here)
            elif way.target in open_:
                back.add(way.key)
            elif way.target not in done:
                open_.add(way.target)
                path.append((way.target, iter(out[way.target])))
    return back


def _ranks(boxes: Sequence[Box], links: Sequence[Link], back: set[str]) -> dict[str, int]:
    """The longest way to each box, in steps of two layers."""
    onward: dict[str, list[str]] = {box.key: [] for box in boxes}
    n_before = dict.fromkeys(onward, 0)
    for link in links:
        upper, lower = (link.target, link.source) if link.key in back else (link.source, link.target)
        onward[upper].append(lower)
        n_before[lower] += 1
    rank = {box.key: box.least_layer for box in boxes}
    ready = [key for key, n in n_before.items() if n == 0]
    while ready:
        here = ready.pop()
        for key in onward[here]:
            rank[key] = max(rank[key], rank[here] + 2)
            n_before[key] -= 1
            if n_before[key] == 0:
                ready.append(key)
    return rank


def _chain(
    link: Link, upper: Vertex, lower: Vertex, layers: list[list[Vertex]], is_back: bool, gaps: Gaps
) -> list[Segment]:
    """The points of a link in the layers between its ends; what is written on it stands near where it begins."""
    origin = lower if is_back else upper
    writing = lower.layer - 1 if is_back else upper.layer + 1
    chain: list[Segment] = []
    here = upper
    for layer in range(upper.layer + 1, lower.layer + 1):
        if layer == lower.layer:
            there = lower
        else:
            is_label = layer == writing and link.label is not None
            breadth, depth = link.label if is_label and link.label else (gaps.line, 0.0)
            there = Vertex(layer, breadth, depth, origin.band, link=link.key, is_label=is_label)
            there.line = link.beside if is_label else 0.0
            layers[layer].append(there)
        segment = Segment(here, there, link, here.line, there.line)
        here.after.append(segment)
        there.before.append(segment)
        chain.append(segment)
        here = there
    return chain
