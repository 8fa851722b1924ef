"""A grid worker with a phone (带手机的网格员): enrolled, out of reach, back again; and the app's own modules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor

PIN = "274951"
WORDS = {
    "zh": {
        "pin": "设一个 6 位 PIN",
        "again": "PIN 再输一次",
        "enrol": "登记，开始用",
        "today": "今天",
        "keep": "存下，等着发送",
        "send": "待发",
    },
    "en": {
        "pin": "Choose a PIN of 6 digits",
        "again": "The PIN once more",
        "enrol": "Enrol and begin",
        "today": "Today",
        "keep": "Keep it, to be sent",
        "send": "To send",
    },
}
CONTROLLED = """() => new Promise((done) => navigator.serviceWorker.controller
  ? done() : navigator.serviceWorker.addEventListener("controllerchange", () => done(), { once: true }))"""
ADD = """async ({ entry, id, at }) => {
  const { add } = await import("/static/web/field/queue.js");
  return add({ files: [], about: "测试", ...entry }, { ...(id && { id }), ...(at && { madeAt: new Date(at) }) });
}"""
ON_PHONE = """async () => {
  const { all } = await import("/static/web/field/store.js");
  const found = {};
  for (const store of ["meta", "sealed", "entries", "files", "receipts"]) found[store] = (await all(store)).map((row) => row.id ?? row.key ?? row.sha256);
  return found;
}"""
RING = "() => dispatchEvent(new Event('online'))"


def enrolled(visit: Visit, lang: str = "zh") -> Visitor:
    """A grid worker whose phone was just enrolled (刚登记好的手机)."""
    worker = visit("grid_worker", device="phone", lang=lang)
    worker.context.grant_permissions(["geolocation"])
    worker.context.set_geolocation({"longitude": 119.305, "latitude": 26.085, "accuracy": 17.6})
    words = WORDS[lang]
    page = worker.go("/field/")
    page.get_by_label(words["pin"]).fill(PIN)
    page.get_by_label(words["again"]).fill(PIN)
    page.get_by_role("button", name=words["enrol"]).click()
    expect(page.get_by_role("heading", name=words["today"], exact=True)).to_be_visible()
    page.evaluate(CONTROLLED)
    return worker


def brought(page: Page) -> None:
    """Waits until what is needed on the way is on the phone (离线包已到)."""
    expect(page.locator(".field-made")).to_be_visible()


def unlock(page: Page, pin: str = PIN) -> None:
    page.get_by_label("PIN", exact=True).fill(pin)
    expect(page.locator("#app:not([data-ready=door])")).to_be_visible()


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name).click()


@contextmanager
def without_signal(worker: Visitor) -> Iterator[None]:
    """Out of reach (没有信号): what the browser says on the console about it is meant."""
    worker.context.set_offline(True)
    yield
    worker.context.set_offline(False)
    worker.problems[:] = [each for each in worker.problems if "net::ERR_INTERNET_DISCONNECTED" not in each]


def add(page: Page, entry: dict[str, Any], *, id: str = "", at: str = "") -> str:  # noqa: A002  the entry's own word
    made: str = page.evaluate(ADD, {"entry": entry, "id": id, "at": at})
    return made


def on_phone(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(ON_PHONE)
    return found
