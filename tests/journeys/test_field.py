"""The field app on a phone (网格员手机应用): enrolled, without signal, locked, revoked, fooled by nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.journeys.accessible import axe, too_wide
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor

PIN = "274951"
CONTROLLED = """() => new Promise((done) => navigator.serviceWorker.controller
  ? done() : navigator.serviceWorker.addEventListener("controllerchange", () => done(), { once: true }))"""


@contextmanager
def without_signal(worker: Visitor) -> Iterator[None]:
    """Out of reach (没有信号): what the browser says on the console about it is meant."""
    worker.page.evaluate(CONTROLLED)
    worker.context.set_offline(True)
    yield
    worker.context.set_offline(False)
    worker.problems[:] = [each for each in worker.problems if "net::ERR_INTERNET_DISCONNECTED" not in each]


def enrolled(visit: Visit, lang: str = "zh") -> Visitor:
    """A grid worker whose phone was just enrolled (刚登记好的手机)."""
    worker = visit("grid_worker", device="phone", lang=lang)
    worker.context.grant_permissions(["geolocation"])
    worker.context.set_geolocation({"longitude": 119.305, "latitude": 26.085, "accuracy": 17.6})
    page = worker.go("/field/")
    page.get_by_label("设一个 6 位 PIN" if lang == "zh" else "Choose a PIN of 6 digits").fill(PIN)
    page.get_by_label("PIN 再输一次" if lang == "zh" else "The PIN once more").fill(PIN)
    page.get_by_role("button", name="登记，开始用" if lang == "zh" else "Enrol and begin").click()
    expect(page.get_by_role("heading", name="今天" if lang == "zh" else "Today")).to_be_visible()
    return worker


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_door_says_what_to_do_to_everybody(visit: Visit, cast: Cast, lang: str) -> None:
    words = {
        "anonymous": {"zh": "去登录", "en": "Sign in"},
        "dispatcher": {"zh": "给在任的网格员用", "en": "for grid workers in post"},
        "grid_worker": {"zh": "登记，开始用", "en": "Enrol and begin"},
    }
    for who, said in words.items():
        visitor = visit(who, device="phone", lang=lang)
        page = visitor.go("/field/")
        expect(page.locator("main")).to_contain_text(said[lang])
        axe(page)
        page.set_viewport_size({"width": 320, "height": 640})
        assert too_wide(page) == []


def test_a_report_without_signal_arrives_when_there_is_one(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    with without_signal(worker):
        page.reload()
        page.get_by_label("PIN").fill(PIN)
        page.get_by_role("link", name="反映一件事").click()
        page.get_by_label(re.compile("^情况|^什么情况")).fill("井盖破了。")
        page.get_by_role("button", name="用现在的位置").click()
        expect(page.get_by_text("误差 ±18 米")).to_be_visible()
        page.get_by_role("button", name="存下，等着发送").click()
        expect(page.locator("#banner")).to_contain_text("离线：照常工作，1 条待发")
        assert not Case.objects.exists()
    page.get_by_role("navigation").get_by_role("link", name="待发").click()
    expect(page.get_by_text("办好了")).to_be_visible()
    case = Case.objects.get()
    assert case.channel == "field"
    expect(page.locator("main")).to_contain_text(case.number)
    expect(page.locator("main")).to_contain_text("没有要发的")
