"""Whether everybody can use a page (无障碍): WCAG 2.2 A and AA by axe-core, and no scrolling sideways."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
LOOK = """async (levels) => {
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: levels },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  return found.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 240) + "  " + n.any.concat(n.all, n.none).map((c) => c.message).join("; ").slice(0, 240))]);
}"""
WIDER = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge + 1) return [];
  const inside = (el) => { for (let p = el.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return true; return false; };
  return [...document.querySelectorAll("body *")]
    .filter((el) => el.getBoundingClientRect().right > edge + 1 && !inside(el))
    .map((el) => el.outerHTML.slice(0, 140)).slice(0, 5).concat([`${document.documentElement.scrollWidth} > ${edge}`]);
}"""


@cache
def source() -> str:
    if not AXE.is_file():
        pytest.fail("axe-core is not there: run ./linli test, which brings it with npm ci (package.json)")
    return AXE.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Each violation with the elements that it is about (违反项)."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(source())
    found: list[Any] = page.evaluate(LOOK, LEVELS)
    return [f"{rule}: {help_text}\n      " + "\n      ".join(nodes) for rule, help_text, nodes in found]


def axe(page: Page) -> None:
    """Holds a page to WCAG 2.2 A and AA (无障碍检查)."""
    found = faults(page)
    assert not found, f"{page.url}\n" + "\n".join(found)


def too_wide(page: Page) -> list[str]:
    """What sticks out to the right at the present width (横向超出的元素)."""
    found: list[str] = page.evaluate(WIDER)
    return found
