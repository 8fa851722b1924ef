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
LOOKED_AT_AGAIN = ["color-contrast", "link-in-text-block", "target-size"]  # what another look can break
LOOK = """async ([levels, only]) => {
  const found = await axe.run(document, {
    runOnly: only.length ? { type: "rule", values: only } : { type: "tag", values: levels },
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
# Controls and links that stand alone; a link within a sentence may be as high as its line (WCAG 2.5.8).
SMALL = """(least) => {
  const alone = (el) => !(getComputedStyle(el).display === "inline" && [...el.parentElement.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return [...document.querySelectorAll("a[href],button,summary,select,textarea,input:not([type=hidden],[type=checkbox],[type=radio]),label.choice")]
    .filter((el) => el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !el.closest(".hide,.skip,.leaflet-control,.file-sheet,dialog:not([open]),svg") && alone(el))
    .filter((el) => { const box = el.getBoundingClientRect(); return box.width > 1 && box.height > 1 && box.height < least - 0.5; })
    .map((el) => `${Math.round(el.getBoundingClientRect().height)} px: ${el.outerHTML.slice(0, 140)}`);
}"""
WEAR = """([size, step]) => { document.documentElement.dataset.size = size; document.documentElement.dataset.step = step; }"""
# A sheet meant for paper has its sizes in points.
TINY = """(least) => {
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const el = n.parentElement;
    if (!n.data.trim() || !el.checkVisibility() || el.closest(".hide,svg,.leaflet-container,script,style,noscript,option,.sheet,.poster,.file-sheet")) continue;
    const size = parseFloat(getComputedStyle(el).fontSize);
    if (size < least - 0.1) found.add(`${size} px: ${el.outerHTML.slice(0, 120)}`);
  }
  return [...found];
}"""


@cache
def source() -> str:
    if not AXE.is_file():
        pytest.fail("axe-core is not there: run ./linli test, which brings it with npm ci (package.json)")
    return AXE.read_text(encoding="utf-8")


def faults(page: Page, only: list[str] | None = None) -> list[str]:
    """Each violation with the elements that it is about (违反项); `only` some rules where little can have changed."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(source())
    found: list[Any] = page.evaluate(LOOK, [LEVELS, only or []])
    return [f"{rule}: {help_text}\n      " + "\n      ".join(nodes) for rule, help_text, nodes in found]


def axe(page: Page) -> None:
    """Holds a page to WCAG 2.2 A and AA (无障碍检查)."""
    found = faults(page)
    assert not found, f"{page.url}\n" + "\n".join(found)


def too_wide(page: Page) -> list[str]:
    """What sticks out to the right at the present width (横向超出的元素)."""
    found: list[str] = page.evaluate(WIDER)
    return found


def too_small(page: Page, least: int) -> list[str]:
    """Buttons, controls and links of their own that are less high than this (可点范围太小)."""
    found: list[str] = page.evaluate(SMALL, least)
    return found


def tiny_text(page: Page, least: int) -> list[str]:
    """Text smaller than this (字太小); drawings and maps have their words beside them."""
    found: list[str] = page.evaluate(TINY, least)
    return found


def wear(page: Page, size: str = "normal", step: int = 1) -> None:
    """Puts a page into elder mode or back without loading it anew (换成长辈版): the tokens hang on two attributes."""
    page.evaluate(WEAR, [size, str(step)])
