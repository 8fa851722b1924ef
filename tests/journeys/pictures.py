"""Pictures of a running demonstration (演示截图): `python -m tests.journeys.pictures http://127.0.0.1:8000 OUT`.

Signs in as the demo's people and keeps a picture of every main page, in both languages, on phone and desktop; nothing
is sent. With `--readme` only the four of each language that stand in docs/pictures. Somebody looks before they are kept.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from linli.site.cli.needs import browser as installed_browser
from tests.journeys.conftest import FLAGS
from tests.journeys.visitor import Visitor

PASSWORD, SECOND = "linli-demo-2026", "000000"
RESIDENT = "13800130001"
MOST_BYTES = 300_000
LAMP = "小区北门右手边三盏路灯不亮了，有一个星期了，晚上看不清台阶。"

RESIDENTS_PAGES = {
    "mine": "/mine/",
    "notices": "/mine/notices/",
    "looks": "/mine/looks/",
    "data": "/mine/data/",
}
DESK_PAGES = {
    "inbox": "/staff/",
    "cases": "/staff/cases/",
    "register": "/staff/register/",
    "search": "/staff/search/?q=路灯",
    "figures": "/staff/figures/",
    "staff-notices": "/staff/notices/",
    "board": "/board/",
}
ADMIN_PAGES = {
    "admin": "/staff/admin/",
    "areas": "/staff/admin/areas/",
    "people": "/staff/admin/people/",
    "procedures": "/staff/admin/procedures/",
    "procedure": "/staff/admin/procedures/grid-event/",
    "dispatch": "/staff/admin/events/dispatch/",
    "years": "/staff/admin/years/2026/",
    "retention": "/staff/admin/retention/",
    "log": "/staff/admin/log/",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("site")
    parser.add_argument("out", type=Path)
    parser.add_argument("--readme", action="store_true", help="only those that the README shows")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(installed_browser()), args=FLAGS)
        camera = Camera(chromium, given.site, given.out)
        for lang in ("zh", "en"):
            camera.readme(lang)
            if given.readme:
                continue
            for device in ("phone", "desktop"):
                camera.public(lang, device)
                camera.resident(lang, device)
                camera.staff("dispatcher", DESK_PAGES, lang, device)
            camera.staff("administrator", ADMIN_PAGES, lang, "desktop")
        chromium.close()
    return 0


class Camera:
    """Walks and keeps what it sees (拍照)."""

    def __init__(self, chromium: Browser, site: str, out: Path) -> None:
        self.chromium, self.site, self.out = chromium, site, out
        self.known: dict[str, list[Any]] = {}  # who is signed in: a phone gets one code a minute

    @contextmanager
    def somebody(self, lang: str, device: str) -> Iterator[Visitor]:
        visitor = Visitor(self.chromium, self.site, device=device, lang=lang)
        yield visitor
        for problem in visitor.close():
            print("!", problem, file=sys.stderr)

    def enter(self, visitor: Visitor, who: str) -> None:
        if who in self.known:
            visitor.context.add_cookies(self.known[who])
            return
        if who == RESIDENT:
            sign_in_resident(visitor)
        else:
            sign_in_staff(visitor, who)
        self.known[who] = [c for c in visitor.context.cookies() if c.get("name") == "sessionid"]

    def keep(self, page: Page, name: str, *, whole: bool = True) -> None:
        page.wait_for_load_state("networkidle")
        taken = page.screenshot(full_page=whole)
        (self.out / f"{name}.png").write_bytes(smaller(taken))
        print(name)

    def all(self, visitor: Visitor, pages: dict[str, str], suffix: str) -> None:
        for name, path in pages.items():
            self.keep(visitor.go(path), f"{name}-{suffix}")

    def public(self, lang: str, device: str) -> None:
        suffix = f"{lang}-{device}"
        with self.somebody(lang, device) as visitor:
            pages = {"home": "/", "help": "/help/", "track-form": "/track/", "sign-in": "/staff/sign-in/"}
            self.all(visitor, {**pages, "paper": "/report/paper/"}, suffix)
            page = write(visitor)
            self.keep(page, f"report-what-{suffix}")
            on(page, "/report/where/")
            mark(page)
            self.keep(page, f"report-where-{suffix}")
            on(page, "/report/send/")
            self.keep(page, f"report-send-{suffix}")

    def resident(self, lang: str, device: str) -> None:
        suffix = f"{lang}-{device}"
        with self.somebody(lang, device) as visitor:
            self.enter(visitor, RESIDENT)
            self.all(visitor, RESIDENTS_PAGES, suffix)
            for n, link in enumerate(case_links(visitor)[:4]):
                self.all(visitor, {f"case-{n}": link}, suffix)

    def staff(self, who: str, pages: dict[str, str], lang: str, device: str) -> None:
        suffix = f"{lang}-{device}"
        with self.somebody(lang, device) as visitor:
            self.enter(visitor, who)
            self.all(visitor, pages, suffix)
            if who == "dispatcher":
                visitor.go("/staff/")
                link = visitor.page.locator(".it > a").first.get_attribute("href") or ""
                self.keep(visitor.go(link), f"staff-case-{suffix}")
                act = visitor.page.locator(".acts a").first.get_attribute("href")
                if act:
                    self.keep(visitor.go(act), f"staff-act-{suffix}")

    def readme(self, lang: str) -> None:
        """What the README shows: one screen each, no scrolling."""
        with self.somebody(lang, "phone") as visitor:
            page = write(visitor)
            on(page, "/report/where/")
            mark(page)
            self.keep(page, f"report-{lang}", whole=False)
            self.enter(visitor, RESIDENT)
            self.keep(visitor.go(running_case(visitor)), f"track-{lang}", whole=False)
        with self.somebody(lang, "desktop") as visitor:
            self.enter(visitor, "dispatcher")
            page = visitor.go("/staff/?step=dispatching")
            page.locator(".it > a").first.click()
            page.locator("#case article").wait_for()
            self.keep(page, f"desk-{lang}", whole=False)
            self.keep(visitor.go("/board/"), f"board-{lang}", whole=False)


def smaller(png: bytes) -> bytes:
    """A picture that is too heavy for a page gets fewer colours, then fewer points."""
    for colours, scale in ((0, 1.0), (256, 1.0), (128, 1.0), (128, 0.75), (64, 0.5)):
        if len(png) <= MOST_BYTES:
            break
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS) if scale < 1 else picture
        written = io.BytesIO()
        (picture.quantize(colours) if colours else picture).save(written, "PNG", optimize=True)
        png = min(png, written.getvalue(), key=len)
    return png


def write(visitor: Visitor) -> Page:
    page = visitor.go("/report/")
    page.locator("textarea").fill(LAMP)
    return page


def on(page: Page, path: str) -> None:
    page.locator("main form button.wide").click()
    page.wait_for_url(f"**{path}")


def mark(page: Page) -> None:
    """A point in the middle of the map."""
    box = page.locator("[data-map]")
    box.locator("path.shape").first.wait_for()
    area = box.bounding_box()
    if area is not None:
        box.click(position={"x": area["width"] * 0.45, "y": area["height"] * 0.5})
    page.locator("[data-said]:not(:empty)").wait_for()


def sign_in_staff(visitor: Visitor, who: str) -> None:
    page = visitor.go("/staff/sign-in/")
    page.locator("input[name=username]").fill(who)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button.wide").click()
    page.locator("input[name=code]").fill(SECOND)
    page.locator("main form button.wide").click()
    page.wait_for_url("**/staff/")


def sign_in_resident(visitor: Visitor) -> None:
    page = visitor.go("/sign-in/")
    page.locator("input[name=phone]").fill(RESIDENT)
    page.locator("main form button.wide").click()
    page.locator("input[name=code]").fill(page.locator(".note b.num").inner_text())
    page.locator("main form button.wide").click()
    page.wait_for_url("**/mine/")


def case_links(visitor: Visitor) -> list[str]:
    page = visitor.go("/mine/")
    links = page.locator("main li.row a[href^='/case/']")
    return list(dict.fromkeys((a.get_attribute("href") or "").partition("#")[0] for a in links.all()))


def running_case(visitor: Visitor) -> str:
    """A case of the resident's that is being handled, with a story to tell."""
    longest, best = -1, ""
    for link in case_links(visitor)[:12]:
        page = visitor.go(link)
        if page.locator(".tl li.next").count() and not page.locator("#todo").count():
            n = page.locator(".tl li:not(.next)").count()
            longest, best = max((longest, best), (n, link))
    return best or case_links(visitor)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
