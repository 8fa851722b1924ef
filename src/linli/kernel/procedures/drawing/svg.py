"""A procedure as an SVG picture (程序图 SVG): from the top down, every text in a place of its own.

Colours come from classes alone (`static/procedures/drawing.css`, light and dark): the page that shows the picture
links that file, a picture that stands alone carries it. Shapes, line patterns and words say the same without colour.
No script, no font, no style attribute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.drawing.graph import START, Graph, Line, Node, Way, graph_of
from linli.kernel.procedures.drawing.layout import arrange
from linli.kernel.procedures.drawing.outline import meets, outline
from linli.kernel.procedures.drawing.shapes import Box, Link, Point, Route
from linli.kernel.procedures.drawing.writing import Style, broad, clean, filled, wrapped

STYLES = {
    "title": Style(15, 21, bold=True),
    "kind": Style(12, 17),
    "who": Style(13, 18),
    "limit": Style(13, 18),
    "law": Style(12, 17),
    "action": Style(13, 18),
    "item": Style(13, 18),
    "bad": Style(12, 17, bold=True),
    "adverse": Style(12, 17, bold=True),
    "note": Style(12, 17),
    "heading": Style(18, 28, bold=True),
}
MARGIN, PAD_X, PAD_Y, CORNER, COLUMN, INDENT = 20.0, 14.0, 9.0, 7.0, 18.0, 14.0
BROADEST = {"zh": 200.0, "en": 220.0}  # of the writing in a box
LABEL = {
    "zh": (138.0, 100.0, 84.0),
    "en": (158.0, 124.0, 104.0),
}  # of the writing on a link: narrower where many stand side by side
SCREEN = 1280.0  # what a wide screen shows beside the margins of a page
LISTED = frozenset({"item", "bad"})  # what may be done without going on: a list, to the left
LEGEND = (
    Text("双框为会办，折角为公示，缺角为等待，圆头双线为终点", "stacked: joint work; folded corner: publicity; cut corners: waiting; round double line: end"),
    Text("长虚线为退回或重新办理，点线为到期由系统做，▲ 为不利决定", "dashed: back to an earlier step; dotted: by the system when time is up; ▲ adverse decision"),
)  # fmt: skip


@dataclass(frozen=True)
class _Written:
    """Lines as they fit into a box (排好的文字): kind, text, place from the middle of the upper side, anchor."""

    lines: tuple[tuple[str, str, float, float, str], ...]
    breadth: float
    height: float


@cache
def stylesheet() -> str:
    """The colours of the picture, light and dark (图的配色)."""
    return (Path(__file__).parents[1] / "static/procedures/drawing.css").read_text(encoding="utf-8")


def svg(
    procedure: Procedure,
    language: str,
    *,
    titles: Mapping[str, Text] | None = None,
    embedded: bool = False,
) -> str:
    """Draw a procedure (画程序图). `embedded` leaves out the style sheet and the heading, which the page has."""
    graph = graph_of(procedure, titles)
    written = {
        n.key: _write(
            n.lines,
            language,
            BROADEST[language],
            columns=2 if len(n.lines) > 5 and n.kind == "anywhere" else 1,
        )
        for n in graph.nodes
    }
    together = _together(graph)
    boxes = [_box(node, written[node.key]) for node in graph.nodes]
    for most in LABEL[language]:
        labels = {
            key: _write(_lines(ways), language, BROADEST[language] if key == START else most)
            for key, ways in together.items()
        }
        found = arrange(boxes, [_link(key, ways, labels[key]) for key, ways in together.items()])
        if found.breadth <= SCREEN:
            break
    head = "" if embedded else clean(graph.title.in_language(language))
    top = MARGIN + (STYLES["heading"].height if head else 0)
    legend = [
        line
        for text in LEGEND
        for line in wrapped(text.in_language(language), STYLES["note"], max(found.breadth, 320))
    ]
    width = max(found.breadth, 320, broad(head, STYLES["heading"])) + 2 * MARGIN
    left = MARGIN + (width - 2 * MARGIN - found.breadth) / 2
    height = top + found.depth + 24 + len(legend) * 17 + MARGIN
    sizes = {box.key: (box.breadth, box.depth) for box in boxes}
    kinds = {node.key: node.kind for node in graph.nodes}

    body = [_heading(head)] if head else []
    for key, ways in together.items():
        route = _fitted(found.routes[key], ways[0], kinds, found.centres, sizes)
        body.append(_line(_name(graph), route, ways, left, top))
    for node in graph.nodes:
        x, y = found.centres[node.key]
        body.append(_draw(node, written[node.key], x + left, y + top, sizes[node.key]))
    for key, ways in together.items():
        where = found.routes[key].label
        if where is not None:
            body.append(_label(ways, labels[key], where[0] + left, where[1] + top))
    body.append(_legend(legend, top + found.depth + 24))
    return _document(graph, language, width, height, body, embedded)


def _document(
    graph: Graph, language: str, width: float, height: float, body: list[str], embedded: bool
) -> str:
    title = clean(graph.title.in_language(language))
    desc = Text(
        "程序“{t}”的流程图：{n} 个环节，从上到下。文字说明见旁边的环节表或 procedures show。",
        "Flow of the procedure “{t}”: {n} steps, from the top down. The same is said in words beside it, "
        "or by procedures show.",
    ).format(t=graph.title, n=sum(n.kind not in {"start", "anywhere"} for n in graph.nodes))
    name = _name(graph)
    style = "" if embedded else f"<style>{stylesheet()}</style>"
    ground = "" if embedded else '<rect class="ground" width="100%" height="100%"/>'
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="procedure-drawing" role="img" lang="{lang}" '
        f"aria-labelledby={quoteattr(f'{name}-title {name}-desc')} "
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">'
        f"<title id={quoteattr(f'{name}-title')}>{escape(title)}</title>"
        f"<desc id={quoteattr(f'{name}-desc')}>{escape(clean(desc.in_language(language)))}</desc>{style}"
        f'<defs><marker id={quoteattr(f"{name}-tip")} markerWidth="10" markerHeight="8" refX="9" refY="4" '
        f'orient="auto" markerUnits="userSpaceOnUse"><path class="tip" d="M0 0L10 4L0 8z"/></marker></defs>'
        f"{ground}{''.join(body)}</svg>"
    )


def _name(graph: Graph) -> str:
    return f"drawing-{re.sub(r'[^A-Za-z0-9_-]', '_', graph.code)}"


def _together(graph: Graph) -> dict[str, list[Way]]:
    """Actions that lead from one step to the same other one share a line; what the clock does has its own."""
    found: dict[tuple[str, str, bool], list[Way]] = {}
    for way in graph.ways:
        found.setdefault((way.source, way.target, way.by_clock), []).append(way)
    return {ways[0].key: ways for ways in found.values()}


def _lines(ways: list[Way]) -> tuple[Line, ...]:
    return tuple(line for way in ways for line in way.lines)


def _write(lines: tuple[Line, ...], language: str, most: float, *, columns: int = 1) -> _Written:
    """Titles in the middle, items of a list to the left, in two columns where the list is long."""
    centred = [line for line in lines if line.kind not in LISTED]
    found, height = _column(centred, language, most)
    items = [line for line in lines if line.kind in LISTED]
    per_column = -(-len(items) // columns)
    blocks = [
        _column(items[n : n + per_column], language, most) for n in range(0, len(items), per_column or 1)
    ]
    breadths = [max(dx + broad(text, STYLES[kind]) for kind, text, dx, _ in rows) for rows, _ in blocks]
    below = sum(breadths) + COLUMN * max(len(blocks) - 1, 0)
    breadth = max([below, *(broad(text, STYLES[kind]) for kind, text, _, _ in found)])
    placed = [(kind, text, 0.0, y, "middle") for kind, text, _, y in found]
    x = -breadth / 2 if columns == 1 else -below / 2
    for (rows, _), wide in zip(blocks, breadths, strict=True):
        placed += [(kind, text, x + dx, height + 3 + y, "start") for kind, text, dx, y in rows]
        x += wide + COLUMN
    height += max((h for _, h in blocks), default=-3.0) + 3
    return _Written(tuple(placed), breadth, height)


def _column(
    lines: Sequence[Line], language: str, most: float
) -> tuple[list[tuple[str, str, float, float]], float]:
    """Kind, text, indent and place of each line; what goes on in the next line of a list is indented."""
    found, at = [], 0.0
    for line in lines:
        style, words = STYLES[line.kind], line.text.in_language(language)
        rows = filled(words, style, most - INDENT) if line.kind in LISTED else wrapped(words, style, most)
        for n, text in enumerate(rows):
            at += style.height
            indent = INDENT if line.kind == "bad" or (line.kind == "item" and n) else 0.0
            found.append((line.kind, text, indent, at - style.height * 0.27))
    return found, at


def _box(node: Node, written: _Written) -> Box:
    if node.kind == "start":
        return Box(node.key, 24, 24)
    extra_x, extra_y = {
        "end": (14.0, 6.0),
        "timer": (10.0, 4.0),
        "vote": (16.0, 0.0),
        "joint": (12.0, 6.0),
    }.get(node.kind, (0.0, 0.0))
    breadth = max(written.breadth + 2 * PAD_X + extra_x, 104.0)
    return Box(
        node.key,
        breadth,
        written.height + 2 * PAD_Y + extra_y,
        is_sink=node.kind == "end",
        least_layer=2 if node.kind == "anywhere" else 0,
    )


def _link(key: str, ways: list[Way], label: _Written) -> Link:
    size = (label.breadth + 12, label.height + 8)
    return Link(key, ways[0].source, ways[0].target, size, weight=3 if ways[0].ordinary else 1)


def _fitted(
    route: Route,
    way: Way,
    kinds: Mapping[str, str],
    centres: Mapping[str, Point],
    sizes: Mapping[str, tuple[float, float]],
) -> Route:
    """The ends of a line where the outline of its box really is."""
    points = list(route.points)
    for at, key in ((0, way.source), (-1, way.target)):
        points[at] = meets(kinds[key], points[at], centres[key], sizes[key])
    return Route(tuple(points), route.label, route.back)


def _line(name: str, route: Route, ways: list[Way], left: float, top: float) -> str:
    kinds = ["line", *(["back"] if route.back else []), *(["clock"] if ways[0].by_clock else [])]
    path = _rounded([(x + left, y + top) for x, y in route.points])
    return f'<path class="{" ".join(kinds)}" d="{path}" marker-end={quoteattr(f"url(#{name}-tip)")}/>'


def _rounded(points: list[Point]) -> str:
    """A path through these points with round corners."""
    x, y = points[0]
    path = [f"M{x:.1f} {y:.1f}"]
    for before, (x, y), after in zip(points, points[1:], points[2:], strict=False):
        r = min(CORNER, _far(before, (x, y)) / 2, _far((x, y), after) / 2)
        from_x, from_y = _toward((x, y), before, r)
        to_x, to_y = _toward((x, y), after, r)
        path.append(f"L{from_x:.1f} {from_y:.1f}Q{x:.1f} {y:.1f} {to_x:.1f} {to_y:.1f}")
    x, y = points[-1]
    return "".join([*path, f"L{x:.1f} {y:.1f}"])


def _far(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _toward(here: Point, there: Point, by: float) -> Point:
    far = _far(here, there) or 1.0
    return here[0] + (there[0] - here[0]) * by / far, here[1] + (there[1] - here[1]) * by / far


def _draw(node: Node, written: _Written, x: float, y: float, size: tuple[float, float]) -> str:
    shape = outline(node.kind, x - size[0] / 2, y - size[1] / 2, *size)
    return f'<g class="node {node.kind}">{shape}{_text(written, x, y)}</g>'


def _text(written: _Written, x: float, y: float) -> str:
    top = y - written.height / 2
    return "".join(
        f'<text class="{kind}" x="{x + dx:.1f}" y="{top + dy:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
        for kind, text, dx, dy, anchor in written.lines
    )


def _label(ways: list[Way], written: _Written, x: float, y: float) -> str:
    kind = "label adverse" if any(way.adverse for way in ways) else "label"
    breadth, height = written.breadth + 12, written.height + 4
    return (
        f'<g class="{kind}"><rect x="{x - breadth / 2:.1f}" y="{y - height / 2:.1f}" width="{breadth:.1f}" '
        f'height="{height:.1f}" rx="4"/>{_text(written, x, y)}</g>'
    )


def _heading(text: str) -> str:
    return f'<text class="heading" x="{MARGIN}" y="{MARGIN + 14}">{escape(text)}</text>'


def _legend(lines: list[str], y: float) -> str:
    said = "".join(
        f'<text class="note" x="{MARGIN}" y="{y + 13 + n * 17:.1f}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    return f'<g class="legend">{said}</g>'
