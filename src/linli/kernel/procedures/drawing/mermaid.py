"""A procedure as Mermaid text (程序图 Mermaid): for wikis and README files that draw it themselves.

Every text stands in quotes with its special characters as entities, and every step has an identifier made here, so
that neither a quotation mark nor a word such as `end` in a title can break the drawing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.drawing.graph import Line, Node, Way, graph_of
from linli.kernel.procedures.drawing.writing import clean

SHAPES = {
    "start": ("((", "))"),
    "joint": ("[[", "]]"),
    "publicity": (">", "]"),
    "vote": ("[/", "/]"),
    "timer": ("{{", "}}"),
    "end": ("([", "])"),
}
_ENTITIES = {c: f"#{ord(c)};" for c in '#"&<>`{}[]()|\\;*_~'}


def mermaid(procedure: Procedure, language: str, *, titles: Mapping[str, Text] | None = None) -> str:
    """Write a procedure as a Mermaid flow chart (写成 Mermaid 流程图)."""
    graph = graph_of(procedure, titles)
    ids = {node.key: f"s{n}" for n, node in enumerate(graph.nodes)}
    title = json.dumps(clean(graph.title.in_language(language)), ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart TD"]
    lines += [f"  {ids[node.key]}{_shape(node, language)}" for node in graph.nodes]
    lines += [
        f"  {ids[way.source]} {'-.->' if way.by_clock else '-->'}{_label(way, language)} {ids[way.target]}"
        for way in graph.ways
        if way.target in ids
    ]
    lines += [
        f"  style {ids[n.key]} fill:none,stroke-dasharray:4 3" for n in graph.nodes if n.kind == "anywhere"
    ]
    adverse = [str(n) for n, way in enumerate(w for w in graph.ways if w.target in ids) if way.adverse]
    if adverse:
        lines.append(f"  linkStyle {','.join(adverse)} stroke:#a8201a,stroke-width:2px")
    return "\n".join(lines) + "\n"


def _shape(node: Node, language: str) -> str:
    opens, closes = SHAPES.get(node.kind, ("[", "]"))
    return f'{opens}"{_said(node.lines, language) or " "}"{closes}'


def _label(way: Way, language: str) -> str:
    said = _said(way.lines, language)
    return f'|"{said}"|' if said else ""


def _said(lines: tuple[Line, ...], language: str) -> str:
    return "<br/>".join(escaped(line.text.in_language(language)) for line in lines)


def escaped(text: str) -> str:
    """A text as it may stand between quotes (转义)."""
    return "".join(_ENTITIES.get(c, c) for c in clean(" ".join(text.split())))
