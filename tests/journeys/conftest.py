"""One server, one browser, as many people as a journey needs (服务、浏览器、来访者)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from linli.site.cli.needs import browser as installed_browser
from tests.cast import Cast
from tests.journeys.visitor import Visitor

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --font-render-hinting=none "
    # a microphone that beeps; asked for, it is given where the context grants it
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
).split()
HERE = __name__.rpartition(".")[0]
failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: Any = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Playwright keeps an event loop in this thread; the tests' own few queries in it are meant."""
    found = installed_browser()
    if found is None:
        pytest.fail("The journeys need a Chromium: sudo apt-get install chromium fonts-noto-cjk")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=str(found), args=FLAGS)
        yield chromium
        chromium.close()


class Visit(Protocol):
    """Opens a browser for somebody; a name of the cast is signed in at once."""

    def __call__(
        self, who: str = "anonymous", *, device: str = "desktop", lang: str = "zh", js: bool = True
    ) -> Visitor: ...


@pytest.fixture
def visit(browser: Browser, live_server: Any, cast: Cast, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """`visit("dispatcher")` sits at the desk already; for the way through the sign-in pages see `sign_in`."""
    there: list[Visitor] = []
    signed_in: dict[str, dict[str, str]] = {}

    def open_for(
        who: str = "anonymous", *, device: str = "desktop", lang: str = "zh", js: bool = True
    ) -> Visitor:
        visitor = Visitor(browser, live_server.url, device=device, lang=lang, js=js)
        there.append(visitor)
        if who != "anonymous":
            if who not in signed_in:
                signed_in[who] = {m.key: m.value for m in cast.client(who).cookies.values()}
            visitor.keep(signed_in[who])
        return visitor

    yield open_for
    if request.node.stash.get(failed, False):
        for visitor in there:
            print(_last_seen(visitor))
    problems = [problem for visitor in there for problem in visitor.close()]
    assert not problems, "\n".join(problems)


def _last_seen(visitor: Visitor) -> str:
    try:
        words = visitor.page.locator("body").inner_text(timeout=1000)
    except Error as error:
        words = str(error)
    return f"--- {visitor.page.url}\n{words[:1500]}"
