"""A phone with the real app in a real browser (真浏览器里的真应用), which can die at any moment and keeps its disk."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright

from linli.site.cli.needs import browser as installed_browser

PIN = "274951"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-port=0 --lang=zh-CN "
    "--no-proxy-server --disable-background-timer-throttling --disable-renderer-backgrounding"
).split()
OPENS_WITHIN = 60  # seconds
# Goes through the app's own queue: an entry whose id and time are given is the same entry each time.
ADD = """async (entries) => {
  const { add } = await import("/static/web/field/queue.js");
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  for (const { id, at, kind, body, files } of entries) {
    try {
      await add({ kind, body, about: body.description ?? "", files: files.map((f) => ({ field: f.field, name: f.name, blob: new Blob([bytes(f.content)], { type: f.type }) })) }, { id, madeAt: new Date(at) });
    } catch (error) { if (error.name !== "ConstraintError") throw error; }
  }
}"""
# The signal comes and goes all the time.
RING = "() => { globalThis.ringing ??= setInterval(() => dispatchEvent(new Event('online')), 100); }"
ON_PHONE = """() => new Promise((done, fail) => {
  const asked = indexedDB.open("linli-field");
  asked.onerror = () => fail(asked.error);
  asked.onsuccess = () => {
    const db = asked.result;
    if (!db.objectStoreNames.contains("entries")) { db.close(); done([]); return; }
    const keys = db.transaction("entries").objectStore("entries").getAllKeys();
    keys.onsuccess = () => { db.close(); done(keys.result); };
  };
})"""


@dataclass
class Phone:
    playwright: Playwright
    disk: Path
    site: str
    cookies: dict[str, str]
    n_kills: int = 0
    process: subprocess.Popen[bytes] | None = None
    browser: Browser | None = None
    page: Page = field(init=False)

    def start(self) -> None:
        (self.disk / "DevToolsActivePort").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [str(installed_browser()), *FLAGS, f"--user-data-dir={self.disk}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{self._port()}")
        context: BrowserContext = self.browser.contexts[0]
        context.set_default_timeout(OPENS_WITHIN * 1000)
        self.page = context.pages[0] if context.pages else context.new_page()

    def _port(self) -> int:
        until = time.monotonic() + OPENS_WITHIN
        told = self.disk / "DevToolsActivePort"
        while time.monotonic() < until:
            if told.is_file() and (lines := told.read_text().split()):
                return int(lines[0])
            time.sleep(0.05)
        raise AssertionError("the browser did not start")

    def kill(self) -> None:
        """As when the battery goes: the whole browser at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.browser is not None:
            with suppress(Error):  # there is nobody any more to say goodbye to
                self.browser.close()
        self.process = self.browser = None
        self.n_kills += 1

    def enrol(self) -> None:
        self.start()
        self.page.context.add_cookies(
            [{"name": n, "value": v, "url": self.site} for n, v in self.cookies.items()]
        )
        self.page.goto(f"{self.site}/field/?lang=zh")
        self.page.get_by_label("设一个 6 位 PIN").fill(PIN)
        self.page.get_by_label("PIN 再输一次").fill(PIN)
        self.page.get_by_role("button", name="登记，开始用").click()
        self.page.locator("#app[data-ready=today]").wait_for()

    def open(self) -> set[str]:
        """Starts again as its worker does; gives what was on it before it spoke to anybody."""
        self.start()
        self.page.goto(f"{self.site}/field/manifest.webmanifest")
        there = self.on_phone()
        self.page.goto(f"{self.site}/field/")
        self.page.get_by_label("PIN").fill(PIN)
        self.page.locator("#app:not([data-ready=door])[data-ready]").wait_for()
        self.ring()
        return there

    def on_phone(self) -> set[str]:
        found: list[str] = self.page.evaluate(ON_PHONE)
        return set(found)

    def ring(self) -> None:
        self.page.evaluate(RING)

    def end(self) -> None:
        if self.process is not None:
            self.kill()
            self.n_kills -= 1

    def begin_adding(self, entries: list[dict[str, Any]]) -> None:
        """Begins to write entries and does not wait for the disk."""
        self.page.evaluate(f"(entries) => {{ ({ADD})(entries); }}", entries)

    def add(self, entries: list[dict[str, Any]]) -> None:
        self.page.evaluate(ADD, entries)


def as_sent(content: bytes) -> str:
    return base64.b64encode(content).decode()
