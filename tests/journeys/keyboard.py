"""Somebody who has only a keyboard (只用键盘的人): Tab, Enter, Space and arrows; where the focus is, is always seen."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 120
# The element itself, or the answer, row or map around it, is outlined or ringed.
SEEN = """() => {
  const el = document.activeElement;
  if (!el || el === document.body || el.matches("[tabindex='-1']")) return "";
  const marked = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none" || (e.matches("path") && parseFloat(s.strokeWidth) >= 3); };
  for (let e = el, n = 0; e && n < 3; e = e.parentElement, n += 1) if (marked(e)) return "";
  return el.outerHTML.slice(0, 160);
}"""
HERE = "(el) => el === document.activeElement"


class Keyboard:
    """Keys on one page, one after the other (按键)."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: Locator) -> Locator:
        """Tab until it has the focus; on the way every stop must show that it is one."""
        expect(wanted).to_be_visible()
        for _ in range(MOST_TABS):
            self.press("Tab")
            if wanted.evaluate(HERE):
                return wanted
        raise AssertionError(f"{MOST_TABS} tabs did not lead to {wanted}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            unseen = self.page.evaluate(SEEN) if key in {"Tab", "Shift+Tab"} else ""
            assert not unseen, f"{self.page.url}: the focus is not seen on {unseen}"

    def choose(self, wanted: Locator) -> None:
        """To a button or link, and Enter."""
        self.to(wanted)
        self.press("Enter")

    def write(self, wanted: Locator, words: str) -> None:
        self.to(wanted)
        self.press("ControlOrMeta+A")
        self.page.keyboard.type(words)


@dataclass
class Keys:
    """A keyboard that counts (数按键); words that are written down are told apart from keys."""

    page: Page
    n: int = 0
    n_letters: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.n += 1

    def dial(self, number: str) -> None:
        self.page.keyboard.type(number)
        self.n += len(number)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.n_letters += len(words)
