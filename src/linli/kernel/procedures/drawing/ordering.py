"""In which order things stand in a layer (排序), so that few lines cross: sweeps by the middle of the neighbours."""

from __future__ import annotations

from bisect import bisect_right, insort

from linli.kernel.procedures.drawing.layering import Layered, Segment, Vertex

SWEEPS = 16


def order(found: Layered) -> None:
    """Order every layer (层内排序): the best of several sweeps down and up, then neighbours changed where it helps."""
    layers = found.layers
    _begin(layers)
    best, fewest = _places(layers), n_crossings(layers)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            _by_neighbours(layer, downwards)
        _change_neighbours(layers)
        n = n_crossings(layers)
        if n < fewest:
            best, fewest = _places(layers), n
    for layer, places in zip(layers, best, strict=True):
        layer[:] = places
        _number(layer)


def n_crossings(layers: list[list[Vertex]]) -> int:
    return sum(_crossings([s for v in layer for s in v.after]) for layer in layers)


def _crossings(segments: list[Segment]) -> int:
    n, seen = 0, list[int]()
    for _, lower in sorted((s.upper.place, s.lower.place) for s in segments):
        n += len(seen) - bisect_right(seen, lower)
        insort(seen, lower)
    return n


def _begin(layers: list[list[Vertex]]) -> None:
    """As a walk from the beginning meets them, band by band."""
    met: dict[int, int] = {}
    todo = [v for layer in reversed(layers) for v in reversed(layer) if v.box]
    while todo:
        vertex = todo.pop()
        if id(vertex) in met:
            continue
        met[id(vertex)] = len(met)
        todo += [s.lower for s in reversed(vertex.after) if id(s.lower) not in met]
    for layer in layers:
        layer.sort(key=lambda v: (v.band, met.get(id(v), 0)))
        _number(layer)


def _number(layer: list[Vertex]) -> None:
    for place, vertex in enumerate(layer):
        vertex.place = place


def _places(layers: list[list[Vertex]]) -> list[list[Vertex]]:
    return [list(layer) for layer in layers]


def _by_neighbours(layer: list[Vertex], downwards: bool) -> None:
    def middle(vertex: Vertex) -> float:
        near = [s.upper.place for s in vertex.before] if downwards else [s.lower.place for s in vertex.after]
        return sum(near) / len(near) if near else float(vertex.place)

    layer.sort(key=lambda v: (v.band, middle(v)))
    _number(layer)


def _change_neighbours(layers: list[list[Vertex]]) -> None:
    for _ in range(4):
        changed = False
        for layer in layers:
            for n in range(len(layer) - 1):
                left, right = layer[n], layer[n + 1]
                if left.band == right.band and _saves(left, right):
                    layer[n], layer[n + 1] = right, left
                    left.place, right.place = n + 1, n
                    changed = True
        if not changed:
            return


def _saves(left: Vertex, right: Vertex) -> bool:
    """Whether fewer lines cross when these two change places."""
    now = after = 0
    for side in ("before", "after"):
        for s in getattr(left, side):
            a = s.upper.place if side == "before" else s.lower.place
            for t in getattr(right, side):
                b = t.upper.place if side == "before" else t.lower.place
                now += a > b
                after += a < b
    return after < now
