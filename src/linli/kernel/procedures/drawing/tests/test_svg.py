"""The picture of a procedure (程序图): every step on it, no text over another, no line through a box, nothing for a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.drawing.svg import STYLES, stylesheet, svg
from linli.kernel.procedures.drawing.tests.shaking import ring, shaken, shipped
from linli.kernel.procedures.drawing.writing import broad, clean
from linli.kernel.procedures.loader import procedure_from
from linli.kernel.procedures.wording import titles_of

NS = "{http://www.w3.org/2000/svg}"
RAWS = shipped()
SHAKEN = [(code, seed) for seed in range(4) for code in RAWS]


TITLES = titles_of(map(procedure_from, RAWS.values()))


def drawn(procedure: Procedure, language: str) -> ET.Element:
    return ET.fromstring(svg(procedure, language, titles=TITLES))


def texts(root: ET.Element) -> Iterator[tuple[str, float, float, float, float]]:
    """Each text with the box that it takes: left, top, right, bottom."""
    for text in root.iter(f"{NS}text"):
        style = STYLES[text.get("class", "")]
        wide, x, y = broad(text.text or "", style), float(text.get("x", 0)), float(text.get("y", 0))
        left = x - wide / 2 if text.get("text-anchor") == "middle" else x
        yield text.text or "", left, y - style.size * 0.85, left + wide, y + style.size * 0.15


def rects(root: ET.Element, kind: str) -> Iterator[tuple[float, float, float, float]]:
    for group in root.iter(f"{NS}g"):
        if (group.get("class") or "").split(" ")[0] == kind:
            for rect in group.iter(f"{NS}rect"):
                x, y, w, h = (float(rect.get(k, 0)) for k in ("x", "y", "width", "height"))
                yield x, y, x + w, y + h


def lines(root: ET.Element) -> Iterator[tuple[float, float, float, float]]:
    """The straight pieces of all lines."""
    for path in root.iter(f"{NS}path"):
        if "line" in (path.get("class") or "").split(" "):
            points = [
                (float(a), float(b)) for a, b in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d", ""))
            ]
            for (ax, ay), (bx, by) in pairwise(points):
                yield min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def meet(a: tuple[float, ...], b: tuple[float, ...], by: float = 0.0) -> bool:
    return a[0] < b[2] - by and b[0] < a[2] - by and a[1] < b[3] - by and b[1] < a[3] - by


def legible(root: ET.Element) -> None:
    """No text meets another, none leaves the picture, no line runs through what is written in a box or beside another line."""
    found = list(texts(root))
    for (one, *a), (other, *b) in combinations(found, 2):
        assert not meet(tuple(a), tuple(b), 0.5), (one, other)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for said, left, top, right, bottom in found:
        assert left >= 0, said
        assert top >= 0, said
        assert right <= width, said
        assert bottom <= height, said
    boxes, labels = list(rects(root, "node")), list(rects(root, "label"))
    for label, beside in combinations(labels, 2):
        assert not meet(label, beside)
    assert not any(meet(label, box) for label in labels for box in boxes)
    for line in lines(root):
        assert not any(meet(line, box, 2.0) for box in boxes), line


def mentions_every_step(said: str, procedure: Procedure, language: str) -> None:
    for step in procedure.steps.values():
        title = clean(" ".join(step.title.in_language(language).split()))
        assert title.replace(" ", "") in said.replace(" ", ""), step.code


def words(root: ET.Element) -> str:
    return "".join(text.text or "" for text in root.iter(f"{NS}text"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", RAWS)
def test_every_shipped_procedure_can_be_read(code: str, language: str) -> None:
    procedure = procedure_from(RAWS[code])
    root = drawn(procedure, language)
    legible(root)
    mentions_every_step(words(root), procedure, language)


@pytest.mark.parametrize(("code", "seed"), SHAKEN)
def test_whatever_an_author_has_halfway_is_drawn(code: str, seed: int) -> None:
    procedure = procedure_from(shaken(RAWS[code], seed))
    for language in ("zh", "en"):
        root = drawn(procedure, language)
        legible(root)
        mentions_every_step(words(root), procedure, language)


def test_a_crowded_procedure_can_be_read() -> None:
    legible(drawn(procedure_from(ring(7)), "zh"))


def test_kinds_differ_without_colour() -> None:
    """Each kind has an outline of its own, whatever the colours."""
    shapes: dict[str, str] = {}
    for kind in ("task", "joint", "publicity", "timer", "vote", "end"):
        raw: dict[str, Any] = ring(1)
        raw["steps"]["s0"]["kind"] = kind
        root = drawn(procedure_from(raw), "zh")
        group = next(g for g in root.iter(f"{NS}g") if g.get("class") == f"node {kind}")
        outline = [c for c in group if c.tag != f"{NS}text"]
        shapes[kind] = "|".join(f"{c.tag}{re.sub('[0-9.-]+', '', c.get('d', ''))}" for c in outline)
        shapes[kind] += f"rx{outline[0].get('rx')}" if len(outline) == 1 else ""
    assert len(set(shapes.values())) == len(shapes), shapes


def test_adverse_actions_and_the_clock_are_marked_in_words() -> None:
    root = drawn(procedure_from(RAWS["grid-event"]), "zh")
    said = words(root)
    assert "▲不利决定" in said.replace(" ", "")
    assert "《不予受理复核》" in said
    assert "到期由系统做" in said
    assert any("clock" in (p.get("class") or "") for p in root.iter(f"{NS}path"))
    assert any("back" in (p.get("class") or "") for p in root.iter(f"{NS}path"))


def test_a_picture_in_a_page_has_no_style_and_no_script() -> None:
    for raw in RAWS.values():
        embedded = svg(procedure_from(raw), "zh", embedded=True)
        assert "<style" not in embedded
        assert " style=" not in embedded
        assert "<script" not in embedded
        assert " on" not in re.sub(r">[^<]*<", "><", embedded)
        root = ET.fromstring(embedded)
        assert root.get("role") == "img"
        named = (root.get("aria-labelledby") or "").split()
        assert [root.find(f"{NS}{tag}").get("id") for tag in ("title", "desc")] == named  # type: ignore[union-attr]


def test_a_picture_alone_brings_its_colours_light_and_dark() -> None:
    alone = svg(procedure_from(RAWS["event-review"]), "en")
    assert stylesheet() in alone
    assert "prefers-color-scheme:dark" in alone
    assert "Review of a declined report" in alone


def test_the_same_procedure_gives_the_same_picture() -> None:
    procedure = procedure_from(RAWS["grid-event"])
    assert svg(procedure, "zh") == svg(procedure, "zh")
