"""A person at a browser (坐在浏览器前的人): what they open, and what must never happen on the way.

Every page is watched: a request to any other host, an error on the console or a script that fails makes the test
fail at its end, whatever else it looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect

DEVICES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1440, "height": 900}},
}
WITHIN = 10_000  # milliseconds to wait for something before a test gives up
OURS = frozenset({"data", "blob", "about", "chrome-error"})

expect.set_options(timeout=WITHIN)


class Visitor:
    """One browser window of one person (一个人的浏览器): its page, and what went wrong in it."""

    def __init__(
        self, browser: Browser, site: str, *, device: str = "desktop", lang: str = "zh", js: bool = True
    ) -> None:
        self.site = site.rstrip("/")
        self.host = urlsplit(site).netloc
        self.problems: list[str] = []
        self._refusals: set[int] = set()
        self.context = browser.new_context(
            base_url=self.site,
            locale="en-GB" if lang == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=js,
            reduced_motion="reduce",
            **DEVICES[device],
        )
        self.context.set_default_timeout(WITHIN)
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        self.speak(lang)
        self.page: Page = self.context.new_page()

    def speak(self, lang: str) -> None:
        """Chooses the language as the switch on every page does."""
        self.context.add_cookies([{"name": "linli_lang", "value": lang, "url": self.site}])

    def keep(self, cookies: dict[str, str]) -> None:
        self.context.add_cookies([{"name": n, "value": v, "url": self.site} for n, v in cookies.items()])

    def go(self, path: str, *, status: int = 200) -> Page:
        """Opens an address of ours and holds it to its answer."""
        if status >= 400:
            self._refusals.add(status)
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}, not {status}"
        return self.page

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """What happens within is meant to be answered so (预期的拒绝); the console may say it."""
        self._refusals.add(status)
        yield

    def close(self) -> list[str]:
        try:
            self.context.close()
        except Error as error:  # the browser is gone: that is a fault of its own
            self.problems.append(str(error))
        return self.problems

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in OURS and address.netloc != self.host:
            self.problems.append(f"asked another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if any(f"status of {s}" in message.text or f"Code {s}" in message.text for s in self._refusals):
            return  # said once by the browser, once by htmx
        where = message.location.get("url", "")
        self.problems.append(f"console: {message.text} ({where})")
