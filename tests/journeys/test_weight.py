"""How heavy and how quick the residents' pages are (页面轻重), on the site as it is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.journeys import lighthouse
from tests.journeys.running import running_demo
from tests.journeys.visitor import Visitor

MOST_BYTES = 100_000  # the first page with everything it brings, as it travels
PAGES = ["/", "/report/", "/services/", "/track/", "/search/?q=路灯", "/public/", "notice", "/design/"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_demo(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.mark.parametrize("path", ["/", "/report/", "/services/", "/track/", "/public/"])
def test_a_first_page_is_light_enough_for_2g(browser: Browser, site: str, path: str) -> None:
    visitor = Visitor(browser, site, device="phone")
    page = visitor.page
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: dict[str, float] = {}
    names: dict[str, str] = {}
    network.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    network.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    visitor.go(path)
    page.wait_for_load_state("networkidle")
    travelled = {urlsplit(names.get(one, "?")).path: round(size) for one, size in sizes.items()}
    assert path in travelled
    assert sum(travelled.values()) <= MOST_BYTES, travelled
    assert visitor.close() == []


@pytest.mark.parametrize("path", PAGES)
def test_lighthouse_finds_little_to_say(browser: Browser, site: str, path: str) -> None:
    address = site + (notice(browser, site) if path == "notice" else path)
    judged = lighthouse.judge(address)
    print(judged)
    assert judged.good, str(judged)


def notice(browser: Browser, site: str) -> str:
    """A public notice, as a resident comes to it."""
    visitor = Visitor(browser, site, device="phone")
    link = visitor.go("/public/").locator("main li.row a[href^='/public/']").first.get_attribute("href") or ""
    visitor.close()
    return link
