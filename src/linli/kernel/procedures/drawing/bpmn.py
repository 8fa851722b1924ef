"""A procedure as BPMN 2.0 with its picture (导出 BPMN 2.0): opens in the common viewers and editors.

One lane for each actor. A task is a user task, joint work a user task done several times over, publicity a user task
with a timer on its edge, waiting a timer of its own; where a step has several ways out, an exclusive gateway follows it.
What is open at every step and leads on is a sub-process that is set off by it. What BPMN has no sign for (limits by law, suspensions,
extensions, remedies, what may be done after the end) stands in the documentation of its element, in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.drawing.bpmnmodel import CIRCLES, LABEL, WRITING, Flow, Model, Node, model_of
from linli.kernel.procedures.drawing.layout import arrange
from linli.kernel.procedures.drawing.shapes import Box, Gaps, Layout, Link, Point
from linli.kernel.procedures.drawing.writing import broad, clean, wrapped

NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
TARGET = "https://linli.example/procedures"
CIRCLE, HEAD = 36.0, 30.0
GAPS = Gaps(box=24, line=14, track=12, port=18, layer=14, band=24)


def bpmn(procedure: Procedure, *, titles: Mapping[str, Text] | None = None) -> str:
    """Write a procedure as a BPMN 2.0 document with diagram (写成 BPMN 2.0 文件)."""
    for prefix, uri in NAMESPACES.items():
        ET.register_namespace(prefix, uri)
    model = model_of(procedure, titles)
    root = ET.Element(
        _q("bpmn", "definitions"),
        {"id": f"definitions_{model.id}", "targetNamespace": TARGET, "exporter": "Linli"},
    )
    collaboration = _sub(root, "bpmn", "collaboration", id=f"collaboration_{model.id}")
    _sub(collaboration, "bpmn", "participant", id="pool", name=model.title.zh, processRef=model.id)
    _process(root, model)
    _diagram(root, model, collaboration.get("id", ""))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _q(prefix: str, tag: str) -> str:
    return f"{{{NAMESPACES[prefix]}}}{tag}"


def _sub(parent: ET.Element, prefix: str, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _q(prefix, tag), {k: clean(v) for k, v in attributes.items()})


def _document(parent: ET.Element, words: Text) -> None:
    for language in ("zh", "en"):
        said = words.in_language(language)
        if said:
            _sub(parent, "bpmn", "documentation").text = "\n".join(map(clean, said.split("\n")))


def _process(root: ET.Element, model: Model) -> None:
    process = _sub(root, "bpmn", "process", id=model.id, name=model.title.zh, isExecutable="false")
    _document(process, model.said)
    lanes = _sub(process, "bpmn", "laneSet", id="lanes")
    for n, (key, title) in enumerate(model.lanes):
        lane = _sub(lanes, "bpmn", "lane", id=f"lane_{n}", name=title.zh)
        for node in model.nodes:
            if node.lane == key:
                _sub(lane, "bpmn", "flowNodeRef").text = node.id
    for node in model.nodes:
        _element(process, node, model.flows)
    for flow in model.flows:
        _flow(process, flow)


def _element(parent: ET.Element, node: Node, flows: list[Flow]) -> None:
    element = _sub(parent, "bpmn", node.tag, id=node.id, name=node.title.zh, **node.attributes)
    _document(element, node.said)
    for flow in flows:
        if flow.target == node.id:
            _sub(element, "bpmn", "incoming").text = flow.id
    for flow in flows:
        if flow.source == node.id:
            _sub(element, "bpmn", "outgoing").text = flow.id
    _particulars(element, node)
    for inner in node.inside:
        _element(element, inner, node.inner_flows)
    for flow in node.inner_flows:
        _flow(element, flow)


def _particulars(element: ET.Element, node: Node) -> None:
    """What a task or a circle is, beyond its tag: done by several, set off by time, by a message, by a link."""
    if node.several is not None:
        loop = _sub(element, "bpmn", "multiInstanceLoopCharacteristics", isSequential="false")
        if node.several:
            _expression(loop, "completionCondition", node.several)
    if node.timer is not None:
        timer = _sub(element, "bpmn", "timerEventDefinition", id=f"{node.id}_timer")
        if node.timer:
            _expression(timer, "timeDuration", node.timer)
    elif node.link:
        _sub(element, "bpmn", "linkEventDefinition", id=f"{node.id}_link", name=node.link)
    elif node.is_told:
        _sub(element, "bpmn", "messageEventDefinition", id=f"{node.id}_message")


def _expression(parent: ET.Element, tag: str, text: str) -> None:
    element = _sub(parent, "bpmn", tag)
    element.set(_q("xsi", "type"), "bpmn:tFormalExpression")
    element.text = clean(text)


def _flow(parent: ET.Element, flow: Flow) -> None:
    names = {"name": flow.title.zh} if flow.title.zh else {}
    element = _sub(
        parent, "bpmn", "sequenceFlow", id=flow.id, sourceRef=flow.source, targetRef=flow.target, **names
    )
    _document(element, flow.said)


# ---- the picture ----


def _diagram(root: ET.Element, model: Model, of: str) -> None:
    number = {key: n for n, (key, _) in enumerate(model.lanes)}
    drawn = [node for node in model.nodes if not node.on_edge_of]
    edge_events = {node.id: node for node in model.nodes if node.on_edge_of}
    boxes = [_box(node, number[node.lane], model) for node in drawn]
    links = [_link(flow, edge_events) for flow in model.flows]
    found = arrange(boxes, links, GAPS)
    diagram = _sub(root, "bpmndi", "BPMNDiagram", id="diagram")
    plane = _sub(diagram, "bpmndi", "BPMNPlane", id="plane", bpmnElement=of)
    width, height = found.depth + 3 * HEAD + CIRCLE, max(found.breadth, 60.0)
    _bounds(_shape(plane, "pool", isHorizontal="true"), 0, 0, width + HEAD, height)
    bands = found.bands if len(found.bands) == len(model.lanes) else ((0.0, height),) * len(model.lanes)
    for n, (low, high) in enumerate(bands):
        _bounds(_shape(plane, f"lane_{n}", isHorizontal="true"), HEAD, low, width, high - low)
    for node in drawn:
        _draw(plane, node, found.centres[node.id])
    for flow in model.flows:
        _draw_flow(plane, flow, found, model, edge_events)


def _box(node: Node, band: int, model: Model) -> Box:
    w, h = node.size
    if node.tag == "exclusiveGateway":
        return Box(node.id, h, w, band, span=40)
    if node.tag in CIRCLES:
        writing = len(wrapped(node.title.zh, WRITING, LABEL)) * WRITING.height + 8
        return Box(node.id, h + 2 * writing, LABEL + 6, band, is_sink=node.tag == "endEvent", span=26)
    has_edge_event = any(n.on_edge_of == node.id for n in model.nodes)
    return Box(node.id, h, w + (CIRCLE if has_edge_event else 0), band, span=h - 34)


def _link(flow: Flow, edge_events: Mapping[str, Node]) -> Link:
    host = edge_events.get(flow.source)
    source = host.on_edge_of if host else flow.source
    lines = wrapped(flow.title.zh, WRITING, LABEL) if flow.title.zh else []
    high = len(lines) * WRITING.height + 6
    wide = max((broad(line, WRITING) for line in lines), default=0.0)
    label = (high, max(wide, 24.0) + 20) if lines else None
    beside = high / 2 - 2 if lines else 0.0
    return Link(flow.id, source, flow.target, label, beside, 3 if flow.ordinary else 1)


def _xy(point: Point) -> Point:
    return point[1] + 2 * HEAD + CIRCLE / 2, point[0]


def _shape(plane: ET.Element, of: str, **attributes: str) -> ET.Element:
    return _sub(plane, "bpmndi", "BPMNShape", id=f"{of}_di", bpmnElement=of, **attributes)


def _bounds(parent: ET.Element, x: float, y: float, w: float, h: float) -> None:
    _sub(parent, "dc", "Bounds", x=f"{x:.0f}", y=f"{y:.0f}", width=f"{w:.0f}", height=f"{h:.0f}")


def _label(parent: ET.Element, x: float, y: float, w: float, h: float) -> None:
    _bounds(_sub(parent, "bpmndi", "BPMNLabel"), x, y, w, h)


def _draw(plane: ET.Element, node: Node, centre: Point) -> None:
    x, y = _xy(centre)
    w, h = node.size
    flags = {"isMarkerVisible": "true"} if node.tag == "exclusiveGateway" else {}
    if node.inside:
        flags["isExpanded"] = "true"
    shape = _shape(plane, node.id, **flags)
    _bounds(shape, x - w / 2, y - h / 2, w, h)
    if node.tag in CIRCLES:
        _event_label(shape, node, x, y)
    for n, inner in enumerate(node.inside):
        at = x - 62 + n * 124
        inner_shape = _shape(plane, inner.id)
        _bounds(inner_shape, at - CIRCLE / 2, y - CIRCLE / 2, CIRCLE, CIRCLE)
        _event_label(inner_shape, inner, at, y)
    for flow in node.inner_flows:
        edge = _sub(plane, "bpmndi", "BPMNEdge", id=f"{flow.id}_di", bpmnElement=flow.id)
        _waypoints(edge, [(x - 62 + CIRCLE / 2, y), (x + 62 - CIRCLE / 2, y)])


def _event_label(shape: ET.Element, node: Node, x: float, y: float) -> None:
    lines = wrapped(node.title.zh, WRITING, LABEL)
    _label(shape, x - LABEL / 2, y + CIRCLE / 2 + 3, LABEL, len(lines) * WRITING.height)


def _draw_flow(
    plane: ET.Element, flow: Flow, found: Layout, model: Model, edge_events: Mapping[str, Node]
) -> None:
    route = found.routes.get(flow.id)
    if route is None:
        return
    points = [_xy(p) for p in route.points]
    by_id = {node.id: node for node in model.nodes}
    host = edge_events.get(flow.source)
    source = by_id[host.on_edge_of if host else flow.source]
    points[0] = _meets(source, found.centres[source.id], points[0])
    if host:
        x, y = points[0]
        shape = _shape(plane, host.id)
        _bounds(shape, x - CIRCLE / 2, y - CIRCLE / 2, CIRCLE, CIRCLE)
        points[0] = (x + (CIRCLE / 2 if points[1][0] >= x else -CIRCLE / 2), y)
    target = by_id[flow.target]
    points[-1] = _meets(target, found.centres[target.id], points[-1])
    edge = _sub(plane, "bpmndi", "BPMNEdge", id=f"{flow.id}_di", bpmnElement=flow.id)
    _waypoints(edge, points)
    if route.label is not None:
        x, y = _xy(route.label)
        lines = wrapped(flow.title.zh, WRITING, LABEL)
        high = len(lines) * WRITING.height
        wide = max(broad(line, WRITING) for line in lines)
        _label(edge, x - wide / 2 - 8, y - high / 2 - 3, wide + 16, high)  # viewers wrap sooner


def _waypoints(edge: ET.Element, points: list[Point]) -> None:
    for x, y in points:
        _sub(edge, "di", "waypoint", x=f"{x:.0f}", y=f"{y:.0f}")


def _meets(node: Node, centre: Point, end: Point) -> Point:
    """Where a level line meets the outline of a shape."""
    x, y = _xy(centre)
    aside = min(abs(end[1] - y), node.size[1] / 2)
    if node.tag == "exclusiveGateway":
        reach = node.size[0] / 2 - aside
    elif node.tag in CIRCLES:
        reach = ((CIRCLE / 2) ** 2 - min(aside, CIRCLE / 2) ** 2) ** 0.5
    else:
        reach = node.size[0] / 2
    return (x + reach if end[0] >= x else x - reach, end[1])
