"""Pictures of every main page (截图): `./linli pictures [OUT]`, or `python -m tests.journeys.pictures [OUT] [--site URL]`.

Starts a demonstration by itself when no site is named. Signs in as the demo's people and keeps each main page of the
three faces, on phone and desktop, in both languages, some dark and in elder mode, and a sheet of each face with its pages
side by side, so that one person can look at all. Nothing is sent. `--readme` keeps only what stands in docs/pictures.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from linli.site.cli.needs import browser as installed_browser
from tests.journeys import contactsheet
from tests.journeys.conftest import FLAGS
from tests.journeys.running import running_demo
from tests.journeys.visitor import Visitor

PASSWORD, SECOND = "linli-demo-2026", "000000"
RESIDENT = "13800130001"
PIN = "274951"
FIELD_SCREENS = ("today", "report", "outbox", "map", "more")
APPLIED = re.compile(r"-(SV|AS|LO)-")
MOST_BYTES = 300_000
SLOW = 60_000  # milliseconds: a long page on a busy machine
LAMP = "小区北门右手边三盏路灯不亮了，有一个星期了，晚上看不清台阶。"
LANGUAGES, DEVICES = ("zh", "en"), ("phone", "desktop")

PUBLIC_PAGES = {
    "home": "/",
    "services": "/services/",
    "matters": "/matters/",
    "matter": "/matters/subsistence/",
    "life-event": "/life/birth/",
    "matter-paper": "/matters/subsistence/paper/",
    "spared": "/spared/",
    "search": "/search/?q=路灯",
    "public": "/public/",
    "ratings": "/ratings/",
    "policies": "/policies/?topic=old_age",
    "standards": "/standards/",
    "partners": "/partners/",
    "care": "/care/",
    "self-check": "/care/self-check/",
    "elements": "/elements/",
    "help": "/help/",
    "track-form": "/track/",
    "area": "/area/",
    "design": "/design/",
    "paper": "/report/paper/",
    "sign-in": "/sign-in/",
}
RESIDENTS_PAGES = {
    "mine": "/mine/",
    "notices": "/mine/notices/",
    "looks": "/mine/looks/",
    "data": "/mine/data/",
}
APPLYING_PAGES = {
    "apply-ask": "/matters/subsistence/apply/",
    "apply-papers": "/matters/food-permit/apply/papers/",
    "apply-send": "/matters/subsistence/apply/send/",
    "apply-birth": "/life/birth/apply/",
}
WINDOW_PAGES = {
    "matters": "/staff/matters/",
    "matter-enter": "/staff/matters/subsistence/enter/",
    "archive": "/staff/archive/",
}
DESK_PAGES = {
    "inbox": "/staff/",
    "cases": "/staff/cases/",
    "register": "/staff/register/",
    "search": "/staff/search/?q=路灯",
    "map": "/staff/map/",
    "figures": "/staff/figures/",
    "notices": "/staff/notices/",
    "my": "/staff/my/",
    "board": "/board/",
}
ADMIN_PAGES = {
    "admin": "/staff/admin/",
    "areas": "/staff/admin/areas/",
    "grids": "/staff/admin/grids/",
    "people": "/staff/admin/people/",
    "limits": "/staff/admin/limits/",
    "procedures": "/staff/admin/procedures/",
    "procedure": "/staff/admin/procedures/grid-event/",
    "matters": "/staff/admin/matters/",
    "matter": "/staff/admin/matters/temporary-aid/",
    "matter-edit": "/staff/admin/matters/temporary-aid/edit/",
    "villages": "/staff/admin/matters/villages/",
    "dispatch": "/staff/admin/events/dispatch/",
    "categories": "/staff/admin/events/categories/linli/1/",
    "categories-history": "/staff/admin/events/categories/linli/history/",
    "categories-file": "/staff/admin/events/categories/upload/",
    "years": "/staff/admin/years/2026/",
    "years-file": "/staff/admin/years/file/",
    "peers": "/staff/admin/peers/",
    "retention": "/staff/admin/retention/",
    "log": "/staff/admin/log/",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("out", type=Path, nargs="?", default=Path("build/pictures"))
    parser.add_argument("--site", help="a demonstration that runs already")
    parser.add_argument("--readme", action="store_true", help="only those that the README shows")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="linli-pictures-") as data,
        nullcontext(given.site) if given.site else running_demo(Path(data)) as site,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=str(installed_browser()), args=FLAGS)
        camera = Camera(chromium, site, given.out)
        for lang in LANGUAGES:
            camera.readme(lang) if given.readme else camera.everything(lang)
        chromium.close()
    return 1 if camera.n_problems else 0


class Camera:
    """Walks and keeps what it sees (拍照)."""

    def __init__(self, chromium: Browser, site: str, out: Path) -> None:
        self.chromium, self.site, self.out = chromium, site, out
        self.known: dict[str, list[Any]] = {}  # who is signed in: a phone gets one code a minute
        self.n_problems = 0

    def everything(self, lang: str) -> None:
        for device in DEVICES:
            self.public(lang, device)
            self.resident(lang, device)
            self.staff("dispatcher", DESK_PAGES, lang, device)
            self.staff("clerk", WINDOW_PAGES, lang, device)
            self.staff("administrator", ADMIN_PAGES, lang, device)
            self.field(lang, device)
        self.other_looks(lang)
        for face in ("resident", "office", "admin", "field", "looks"):
            for device in DEVICES:
                taken = sorted(self.out.glob(f"{face}-*-{lang}-{device}.png"))
                if taken:
                    contactsheet.write(self.out / f"sheet-{face}-{lang}-{device}.png", taken, device)

    @contextmanager
    def somebody(self, lang: str, device: str, **cookies: str) -> Iterator[Visitor]:
        visitor = Visitor(self.chromium, self.site, device=device, lang=lang)
        visitor.context.set_default_timeout(SLOW)
        visitor.keep({f"linli_{name}": value for name, value in cookies.items()})
        yield visitor
        for problem in visitor.close():
            self.n_problems += 1
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
        taken = page.screenshot(full_page=whole, timeout=SLOW)
        (self.out / f"{name}.png").write_bytes(smaller(taken))
        print(name, flush=True)

    def all(self, visitor: Visitor, face: str, pages: dict[str, str], suffix: str) -> None:
        for name, path in pages.items():
            self.keep(visitor.go(path), f"{face}-{name}-{suffix}")

    def public(self, lang: str, device: str) -> None:
        suffix = f"{lang}-{device}"
        with self.somebody(lang, device) as visitor:
            self.all(visitor, "resident", PUBLIC_PAGES, suffix)
            notice = (
                visitor.go("/public/").locator("main li.row a[href^='/public/']").first.get_attribute("href")
            )
            self.keep(visitor.go(notice or "/public/"), f"resident-notice-{suffix}")
            page = write(visitor)
            self.keep(page, f"resident-report-what-{suffix}")
            on(page, "/report/where/")
            mark(page)
            self.keep(page, f"resident-report-where-{suffix}")
            on(page, "/report/send/")
            self.keep(page, f"resident-report-send-{suffix}")

    def resident(self, lang: str, device: str) -> None:
        suffix = f"{lang}-{device}"
        with self.somebody(lang, device) as visitor:
            self.enter(visitor, RESIDENT)
            self.all(visitor, "resident", RESIDENTS_PAGES, suffix)
            choose_area(visitor)
            self.all(visitor, "resident", APPLYING_PAGES, suffix)
            slip = next((x for x in case_links(visitor) if APPLIED.search(x)), "")
            if slip:
                self.all(visitor, "resident", {"slip": slip.replace("/case/", "/slips/")}, suffix)
            for n, link in enumerate(case_links(visitor)[:4]):
                self.all(visitor, "resident", {f"case-{n}": link}, suffix)

    def staff(self, who: str, pages: dict[str, str], lang: str, device: str) -> None:
        suffix, face = f"{lang}-{device}", "admin" if who == "administrator" else "office"
        with self.somebody(lang, device) as visitor:
            self.enter(visitor, who)
            self.all(visitor, face, pages, suffix)
            if who == "dispatcher":
                visitor.go("/staff/")
                link = visitor.page.locator(".it > a").first.get_attribute("href") or ""
                self.keep(visitor.go(link), f"{face}-case-{suffix}")
                act = visitor.page.locator(".acts a").first.get_attribute("href")
                if act:
                    self.keep(visitor.go(act), f"{face}-act-{suffix}")

    def field(self, lang: str, device: str) -> None:
        """The grid worker's app on a phone that is enrolled for it, and the pages of whoever leads field work."""
        suffix = f"{lang}-{device}"
        with self.somebody(lang, device) as visitor:
            self.enter(visitor, "dispatcher")
            self.all(visitor, "field", {"arrivals": "/staff/field/"}, suffix)
        with self.somebody(lang, device) as visitor:
            self.enter(visitor, "grid_worker")
            self.all(visitor, "field", {"phones": "/staff/field/phones/", "patrol": "/staff/patrol/"}, suffix)
            if device == "phone":
                page = visitor.go("/field/")
                page.locator("input").first.wait_for()
                self.keep(page, f"field-enrol-{suffix}")
                enrol(page)
                for name in FIELD_SCREENS:
                    page.evaluate("(name) => { window.location.hash = `#/${name}`; }", name)
                    page.locator(f"#app[data-ready={name}]").wait_for()
                    self.keep(page, f"field-app-{name}-{suffix}")

    def other_looks(self, lang: str) -> None:
        """Dark and elder mode, where most people are: the first page, a case of one's own, the desk."""
        looks = {"dark": {"theme": "dark"}, "elder": {"size": "large"}, "elder-most": {"size": "large-3"}}
        for look, cookies in looks.items():
            with self.somebody(lang, "phone", **cookies) as visitor:
                self.enter(visitor, RESIDENT)
                pages = {
                    f"home-{look}": "/",
                    f"track-{look}": running_case(visitor),
                    f"form-{look}": "/track/",
                }
                self.all(visitor, "looks", pages, f"{lang}-phone")
        with self.somebody(lang, "desktop", theme="dark") as visitor:
            self.enter(visitor, "dispatcher")
            self.all(visitor, "looks", {"desk-dark": "/staff/", "map-dark": "/staff/map/"}, f"{lang}-desktop")

    def readme(self, lang: str) -> None:
        """What the README shows: one screen each, no scrolling."""
        with self.somebody(lang, "phone") as visitor:
            self.enter(visitor, RESIDENT)
            self.keep(visitor.go(running_case(visitor)), f"track-{lang}", whole=False)
        with self.somebody(lang, "desktop") as visitor:
            self.enter(visitor, "dispatcher")
            page = visitor.go("/staff/?step=dispatching")
            page.locator(".it > a").first.click()
            page.locator("#case article").wait_for()
            self.keep(page, f"desk-{lang}", whole=False)
        with self.somebody(lang, "phone") as visitor:
            self.enter(visitor, "grid_worker")
            page = visitor.go("/field/")
            enrol(page)
            visitor.context.set_offline(True)
            page.get_by_text("离线：照常工作" if lang == "zh" else "Offline: work as usual").wait_for()
            self.keep(page, f"field-{lang}", whole=False)


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


def enrol(page: Page) -> None:
    """A PIN for this phone, then its cases."""
    page.locator("input").first.wait_for()
    for asked in page.locator("input[type=password]").all():
        asked.fill(PIN)
    page.locator("main form button").click()
    page.locator(".field-made").wait_for()


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


def choose_area(visitor: Visitor) -> None:
    """The first village that there is: whoever applies says once where they live."""
    page = visitor.go("/area/?q=社区")
    page.locator("main button[name=code]").first.click()
    page.wait_for_load_state()


def case_links(visitor: Visitor) -> list[str]:
    page = visitor.go("/mine/")
    links = page.locator("main li.row a[href^='/case/']")
    return list(dict.fromkeys((a.get_attribute("href") or "").partition("#")[0] for a in links.all()))


def running_case(visitor: Visitor) -> str:
    """Something that the resident reported and that is being handled, with a story to tell."""
    longest, best = -1, ""
    reported = [link for link in case_links(visitor) if "-EV-" in link]
    for link in reported[:12]:
        page = visitor.go(link)
        if page.locator(".tl li.next").count():
            n = page.locator(".tl li:not(.next)").count()
            longest, best = max((longest, best), (n, link))
    return best or case_links(visitor)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
