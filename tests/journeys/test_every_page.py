"""Every page, in both languages and in every look (逐页检查): usable by everybody, nothing cut off, no language mixed.

Each page is loaded once. It is looked at wide and narrow by every rule of axe; then it is turned dark, and put into elder
mode, in its place, and looked at by the rules that another look can break; then it must fit a window of 1280 px at 400 %.
The walk begins at the addresses below and follows every link it finds, one of each kind.
"""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.cast import Cast
from tests.journeys import accessible, acts
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor
from tests.journeys.world import WRITTEN, World, build_world, cited

WIDTHS = (1440, 390)
AT_400_PERCENT = {"width": 320, "height": 256}  # a window of 1280 × 1024 at 400 %: WCAG 1.4.10
ELDER_TEXT, ELDER_TARGET = 18, 44  # 工信部 2021: text from 18 px, targets from 44
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
FILES = re.compile(
    r"\.(png|csv|json|pdf|jpg|svg|xlsx|zip|atom|py|pem)$|^/files/|^/static/|^/api/|^/preferences/|^/sign-out/"
)
ONE_OF_MANY = re.compile(
    r"\d{6}-[A-Z]{2}-\d{4}-\d{6}|350102[-\w]*|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?<=/)[\d-]{2,}"
    r"|(?<=/offers/)\d+|(?<=/procedures/)[a-z-]+|(?<=/limits/)[a-z-]+|(?<=/admin/templates/)[a-z._]+"
)
FOREIGN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff，。：；（）？！、《》]")
MASKED = re.compile(r"[\u4e00-\u9fff]\*+")
SQUEEZED = "() => document.querySelector('main').getBoundingClientRect().width < innerWidth * 0.85"
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SHOWN = """() => {
  const found = [];
  const chinese = (el) => el.closest("[lang^=zh]:not(html)");
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode())
    if (n.parentElement && !/^(SCRIPT|STYLE|NOSCRIPT|TEXTAREA)$/.test(n.parentElement.tagName) && !chinese(n.parentElement)) found.push(n.data);
  for (const el of document.querySelectorAll("[title],[alt],[placeholder],[aria-label],[data-asking],[data-failed],[data-search],[data-confirm]"))
    if (!chinese(el)) for (const a of ["title", "alt", "placeholder", "aria-label", "data-asking", "data-failed", "data-search", "data-confirm"]) if (el.hasAttribute(a)) found.push(el.getAttribute(a));
  return found;
}"""


def starts(who: str, world: World) -> list[str]:
    """Where this person's walk begins: pages that no link leads to, or that are theirs alone."""
    n = world.number
    look = world.look.uid if world.look else ""
    return {
        "anonymous": [
            "/",
            "/partners/",
            "/design/",
            "/search/?q=路灯",
            "/area/?q=庆城",
            "/report/?area=350102001001",
        ],
        "resident": [
            "/mine/",
            *(f"/case/{n(c)}/" for c in ("asked", "evaluating", "declined", "closed", "reported")),
            f"/case/{n('declined')}/remedy/",
            f"/mine/looks/{look}/",
            *(f"/matters/device-loan/apply/{step}" for step in ("", "papers/", "send/")),
            "/life/disability/apply/",
            "/life/disability/paper/",
            *(f"/case/{n(c)}/" for c in ("missing", "returned")),
            f"/slips/{n('missing')}/notice/",
        ],
        "dispatcher": [
            "/staff/",
            f"/staff/?case={n('dispatching')}",
            *(f"/staff/cases/{n(c)}/" for c in ("reported", "handling", "closed", "declined")),
            *(f"/staff/cases/{n('reported')}/do/{a}/" for a in ("accept", "decline", "merge", "supplement")),
            f"/staff/cases/{n('dispatching')}/do/assign/",
            f"/staff/cases/{n('reported')}/reveal/contact/",
            f"/staff/cases/bulk/?n={n('reported')}&n={n('new')}",
            f"/staff/cases/bulk/?n={n('reported')}&n={n('new')}&do=decline",
            "/staff/search/?q=路灯",
            "/staff/search/?q=13900000001",
            "/staff/cases/?q=路灯&late=1",
        ],
        "handler": ["/staff/", *(f"/staff/cases/{n('handling')}/do/{a}/" for a in ("answer", "suspend"))],
        "grid_worker": ["/staff/", "/staff/patrol/", f"/staff/cases/{n('verifying')}/do/verify/"],
        "supervisor": ["/staff/", "/board/", "/staff/figures/", f"/staff/cases/{n('reported')}/"],
        "clerk": [
            "/staff/mandates/new/",
            "/staff/registers/",
            "/staff/registers/enter/",
            "/staff/registers/duplicates/",
            "/staff/matters/?q=轮椅",
            "/staff/matters/device-loan/enter/",
            "/staff/life/disability/enter/",
            "/staff/archive/",
        ],
        "disabled_examiner": ["/staff/archive/", "/staff/partners/", f"/staff/cases/{n('returned')}/"],
        "admin": ["/staff/admin/"],
    }[who]


# part: who walks there, and the addresses that belong to it; together they are all
PARTS = {
    "public": (("anonymous", "resident"), re.compile(r"^/(?!staff/(?!sign-in)|board/)")),
    "desk": (
        ("dispatcher", "handler", "grid_worker", "supervisor", "clerk", "disabled_examiner"),
        re.compile(r"^/staff/(?!admin/|sign-in)|^/board/"),
    ),
    "administration": (("admin",), re.compile(r"^/staff/admin/")),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("part", PARTS)
def test_every_page_can_be_used_by_everybody(visit: Visit, cast: Cast, part: str, lang: str) -> None:
    world = build_world(cast)
    people, here = PARTS[part]
    seen = Seen(lang, here, meant=sorted({*WRITTEN, *cited()}, key=len, reverse=True))
    for who in people:
        visitor = visit(who, lang=lang)
        visitor.keep({"linli_area": "350102001001"} if who == "resident" else {})
        if who == "anonymous":
            _half_a_report(visitor, seen)
            seen.look(visitor.go("/case/350102-EV-2026-999999/", status=404))
        _walk(visitor, deque(starts(who, world)), seen)
    assert seen.n_looked > 15
    assert not seen.faults, f"{seen.n_looked} pages looked at\n" + "\n".join(seen.faults)


class Seen:
    """Which kinds of pages were looked at, and what was wrong (已看页面和问题)."""

    def __init__(self, lang: str, here: re.Pattern[str], meant: list[str]) -> None:
        self.lang = lang
        self.here = here
        self.meant = meant  # Chinese that an English page may show
        self.kinds: set[str] = set()
        self.n_looked = 0
        self.faults: list[str] = []

    def look(self, page: Page) -> None:
        self.n_looked += 1
        where = urlsplit(page.url)._replace(scheme="", netloc="").geturl()
        found: list[str] = []
        if page.locator("html").get_attribute("lang") != HTML_LANG[self.lang]:
            found.append("html lang is not that of the page")
        if self.lang == "en":
            asked = parse_qs(urlsplit(page.url).query).get(
                "q", []
            )  # words found again are marked in the page
            found += [f"not in English: {text}" for text in foreign(page, [*self.meant, *asked])]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(SETTLED)
            found += [f"{width} px: {fault}" for fault in accessible.faults(page)]
        found += self._dark(page)
        page.set_viewport_size({**AT_400_PERCENT})
        found += [f"400 %: sticks out: {part}" for part in accessible.too_wide(page)]
        found += self._elder(page)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        if found:
            self.faults.append(f"{where}\n    " + "\n    ".join(dict.fromkeys(found)))

    def _dark(self, page: Page) -> list[str]:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.evaluate(SETTLED)
        found = [f"dark: {fault}" for fault in accessible.faults(page, accessible.LOOKED_AT_AGAIN)]
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        return found

    def _elder(self, page: Page) -> list[str]:
        if page.locator("html[data-face=board]").count():
            return []  # a wall is read from five metres as it is
        accessible.wear(page, "large", 3)
        found = [f"elder, 400 %: sticks out: {part}" for part in accessible.too_wide(page)]
        accessible.wear(page, "large", 1)
        page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
        page.evaluate(SETTLED)
        found += [f"elder: {fault}" for fault in accessible.faults(page, accessible.LOOKED_AT_AGAIN)]
        if page.locator("main").count() and page.evaluate(SQUEEZED):
            found.append("elder: the page is squeezed to a part of the phone's width")
        found += [f"elder, small text: {part}" for part in accessible.tiny_text(page, ELDER_TEXT)]
        if page.locator("html[data-face=resident]").count():
            found += [f"elder, small target: {part}" for part in accessible.too_small(page, ELDER_TARGET)]
        accessible.wear(page)
        return found


def _walk(visitor: Visitor, waiting: deque[str], seen: Seen) -> None:
    for address in waiting:
        seen.kinds.add(kind(address))
    while waiting:
        address = waiting.popleft()
        answer = visitor.page.goto(address)
        if answer is None or answer.status >= 400:
            seen.faults.append(f"{address} answered {answer and answer.status}")
            continue
        seen.look(visitor.page)
        for link in links(visitor.page):
            if seen.here.search(link) and kind(link) not in seen.kinds:
                seen.kinds.add(kind(link))
                waiting.append(link)


def links(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "a[href]", "all => all.map((a) => new URL(a.getAttribute('href'), location).href)"
    )
    ours = [u for u in map(urlsplit, found) if u.netloc == urlsplit(page.url).netloc]
    pages = [u for u in ours if not FILES.search(u.path) and "lang=" not in u.query]
    return [u._replace(scheme="", netloc="", fragment="").geturl() for u in pages]


def kind(address: str) -> str:
    """What makes two addresses the same sort of page: the path without its numbers and codes."""
    return ONE_OF_MANY.sub("*", urlsplit(address).path)


def foreign(page: Page, meant: list[str]) -> list[str]:
    """Chinese on an English page that nobody wrote there as their own words or name."""
    shown: list[str] = page.evaluate(SHOWN)
    found = []
    for text in shown:
        rest = MASKED.sub("", text)
        for words in meant:
            rest = rest.replace(words, "")
        if FOREIGN.search(rest):
            found.append(" ".join(text.split())[:120])
    return list(dict.fromkeys(found))


def _half_a_report(visitor: Visitor, seen: Seen) -> None:
    """Steps 2 and 3 and the receipt are there only for somebody who writes a report."""
    page = visitor.go("/report/")
    page.locator("textarea").fill("北门三盏路灯不亮。晚上看不见路。")
    page.locator("input[type=file]").set_input_files([acts.photo("lamp.jpg")])
    page.locator("main form button.wide").click()
    page.wait_for_url("**/report/where/")
    seen.look(page)
    page.locator("select[name=village]").select_option(index=1)
    page.locator("main form button.wide").click()
    page.wait_for_url("**/report/send/")
    seen.look(page)
    page.locator("main form button.wide").click()
    page.wait_for_url("**/receipt/")
    seen.look(page)
