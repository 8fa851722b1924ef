"""Mermaid and BPMN (程序的两种交换格式): nothing in a title breaks them, every step and every way is there."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.drawing.bpmn import NAMESPACES, bpmn
from linli.kernel.procedures.drawing.mermaid import escaped, mermaid
from linli.kernel.procedures.drawing.tests.shaking import ring, shaken, shipped
from linli.kernel.procedures.drawing.writing import clean
from linli.kernel.procedures.loader import procedure_from

RAWS = shipped()
SHAKEN = [(code, seed) for seed in range(4) for code in RAWS]
NODE = re.compile(r'  s\d+(\[|\(\(|\[\[|>|\[/|\{\{|\(\[)"[^"]+"(\]|\)\)|\]\]|/\]|\}\}|\]\))')
WAY = re.compile(r'  s\d+ (-->|-\.->)(\|"[^"]+"\|)? s\d+')
STYLE = re.compile(r"  (linkStyle \d+(,\d+)* stroke:\S+|style s\d+ fill:none,stroke-dasharray:4 3)")


def every_procedure() -> list[Procedure]:
    whole = [procedure_from(raw) for raw in RAWS.values()] + [procedure_from(ring(6))]
    return whole + [procedure_from(shaken(RAWS[code], seed)) for code, seed in SHAKEN]


def test_mermaid_has_only_lines_of_its_grammar() -> None:
    for procedure in every_procedure():
        for language in ("zh", "en"):
            head, *lines = mermaid(procedure, language).splitlines()[2:]
            assert head == "---"
            assert lines[0] == "flowchart TD"
            for line in lines[1:]:
                assert NODE.fullmatch(line) or WAY.fullmatch(line) or STYLE.fullmatch(line), line


def test_mermaid_names_every_step() -> None:
    for procedure in every_procedure():
        said = mermaid(procedure, "zh")
        for step in procedure.steps.values():
            assert escaped(step.title.zh) in said


@pytest.mark.parametrize(
    ("text", "written"),
    [('说"好"', "说#34;好#34;"), ("a|b", "a#124;b"), ("#1", "#35;1"), ("end", "end"), ("<br>", "#60;br#62;")],
)
def test_what_mermaid_would_read_as_its_own_is_written_as_an_entity(text: str, written: str) -> None:
    assert escaped(text) == written


def q(prefix: str, tag: str) -> str:
    return f"{{{NAMESPACES[prefix]}}}{tag}"


@pytest.fixture(scope="module")
def documents() -> list[tuple[Procedure, ET.Element]]:
    return [(p, ET.fromstring(bpmn(p))) for p in every_procedure()]


Documents = list[tuple[Procedure, ET.Element]]
NODES = "startEvent endEvent userTask task exclusiveGateway boundaryEvent intermediateCatchEvent subProcess".split()


def nodes(root: ET.Element) -> list[ET.Element]:
    return [e for tag in NODES for e in root.iter(q("bpmn", tag))]


def test_ids_are_unique_and_references_lead_somewhere(documents: Documents) -> None:
    for _, root in documents:
        ids = Counter(e.get("id") for e in root.iter() if e.get("id"))
        assert max(ids.values()) == 1
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", str(i)) for i in ids)
        known = {e.get("id") for e in nodes(root)}
        flows = {e.get("id"): e for e in root.iter(q("bpmn", "sequenceFlow"))}
        for flow in flows.values():
            assert {flow.get("sourceRef"), flow.get("targetRef")} <= known
        for node in nodes(root):
            for way, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
                for ref in node.findall(q("bpmn", way)):
                    assert flows[ref.text].get(end) == node.get("id")
        for edge_event in root.iter(q("bpmn", "boundaryEvent")):
            assert edge_event.get("attachedToRef") in known
        for ref in root.iter(q("bpmn", "flowNodeRef")):
            assert ref.text in known
        top = {e.get("id") for e in root.find(q("bpmn", "process")) or [] if e.tag.split("}")[1] in NODES}
        assert Counter(r.text for r in root.iter(q("bpmn", "flowNodeRef"))) == Counter(top)


def test_every_node_has_a_shape_and_every_flow_an_edge(documents: Documents) -> None:
    for _, root in documents:
        shapes = Counter(e.get("bpmnElement") for e in root.iter(q("bpmndi", "BPMNShape")))
        edges = Counter(e.get("bpmnElement") for e in root.iter(q("bpmndi", "BPMNEdge")))
        lanes = [e.get("id") for e in root.iter(q("bpmn", "lane"))]
        assert shapes == Counter(["pool", *lanes, *(e.get("id") for e in nodes(root))])
        assert edges == Counter(e.get("id") for e in root.iter(q("bpmn", "sequenceFlow")))
        for edge in root.iter(q("bpmndi", "BPMNEdge")):
            assert len(edge.findall(q("di", "waypoint"))) >= 2


def test_ends_of_edges_lie_on_their_shapes(documents: Documents) -> None:
    for _, root in documents:
        bounds = {
            e.get("bpmnElement"): e.find(q("dc", "Bounds")) for e in root.iter(q("bpmndi", "BPMNShape"))
        }
        flows = {e.get("id"): e for e in root.iter(q("bpmn", "sequenceFlow"))}
        for edge in root.iter(q("bpmndi", "BPMNEdge")):
            points = edge.findall(q("di", "waypoint"))
            flow = flows[edge.get("bpmnElement")]
            for point, end in ((points[0], "sourceRef"), (points[-1], "targetRef")):
                box = bounds[flow.get(end)]
                assert box is not None
                x, y, w, h = (float(box.get(k, 0)) for k in ("x", "y", "width", "height"))
                px, py = float(point.get("x", 0)), float(point.get("y", 0))
                assert x - 2 <= px <= x + w + 2, (flow.get("id"), end)
                assert y - 2 <= py <= y + h + 2, (flow.get("id"), end)


def test_every_step_is_there_and_stands_in_its_lane(documents: Documents) -> None:
    for procedure, root in documents:
        named = {e.get("name") for e in nodes(root)}
        lanes = {
            (e.find(q("dc", "Bounds")), e.get("bpmnElement")) for e in root.iter(q("bpmndi", "BPMNShape"))
        }
        for step in procedure.steps.values():
            assert clean(step.title.zh) in named, step.code
        where = {name: float(box.get("y", 0)) for box, name in lanes if box is not None}
        tall = {name: float(box.get("height", 0)) for box, name in lanes if box is not None}
        for lane in root.iter(q("bpmn", "lane")):
            for ref in lane.iter(q("bpmn", "flowNodeRef")):
                low = where[lane.get("id")]
                assert low <= where[ref.text] <= low + tall[lane.get("id")]


def test_what_bpmn_has_no_sign_for_stands_in_the_documentation() -> None:
    root = ET.fromstring(bpmn(procedure_from(RAWS["grid-event"])))
    said = {
        e.get("name"): " ".join(d.text or "" for d in e.findall(q("bpmn", "documentation")))
        for e in [*nodes(root), *root.iter(q("bpmn", "sequenceFlow")), *root.iter(q("bpmn", "process"))]
    }
    assert "GB/T 30428" in said["网格事件"]
    assert "Grid event" in said["网格事件"]
    assert "event-review" in said["不予受理"] or "救济" in said["不予受理"]
    assert "时限" in said["待受理"]
    assert "中止计时" in said["处理中"]
    assert "30 日" in said["已办结"]
    joint = next(e for e in nodes(root) if e.get("name") == "处理中")
    assert joint.find(q("bpmn", "multiInstanceLoopCharacteristics")) is not None
    timers = {e.get("attachedToRef"): e for e in root.iter(q("bpmn", "boundaryEvent"))}
    duration = timers["step_evaluating"].find(f".//{q('bpmn', 'timeDuration')}")
    assert duration is not None
    assert duration.text == "5 working days"  # no ISO 8601 duration says that
