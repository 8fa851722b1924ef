"""What keeps a phone's content safe, and what nobody can fool (手机上的内容安全、不被骗)."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from linli.base.clock import now
from linli.kernel.fieldwork import devices, rescue
from linli.kernel.fieldwork.models import RETURNING, REVOKED, FieldDevice, FieldEntry
from linli.kernel.fieldwork.rules import digest_of
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.journeys.conftest import Visit
from tests.journeys.fieldwork import (
    PIN,
    RING,
    add,
    brought,
    enrolled,
    on_phone,
    tab,
    unlock,
    without_signal,
)

GRID = "350102001001001"
REPORT: dict[str, Any] = {"kind": "report", "body": {"description": "井盖破了。", "area": GRID}}


def test_a_wrong_pin_waits_longer_and_longer_and_the_tenth_destroys_the_copies(
    visit: Visit, cast: Cast
) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    with without_signal(worker):
        add(page, REPORT)
        page.reload()
        later = now()
        for n in range(1, 10):
            page.get_by_label("PIN", exact=True).fill("111112")
            expect(page.get_by_role("alert")).to_contain_text("再试" if n > 4 else f"还可以试 {10 - n} 次")
            if n > 4:  # the fifth and every later one has to wait
                expect(page.get_by_label("PIN", exact=True)).to_be_disabled()
                later += timedelta(minutes=11)
                page.clock.set_fixed_time(later)
                page.reload()
        assert {"credentials", "bundle"} <= set(on_phone(page)["sealed"])
        page.get_by_label("PIN", exact=True).fill("111112")
        expect(page.locator("main")).to_contain_text("连续输错 10 次")
        there = on_phone(page)
        assert not {"credentials", "bundle"} & set(there["sealed"])
        assert len(there["entries"]) == 1
    page.reload()
    page.get_by_role("button", name="登记，开始用").click()  # still signed in: the PIN may be tried again
    unlock(page)
    tab(page, "待发")
    expect(page.locator("main")).to_contain_text("没有要发的")
    assert Case.objects.get().channel == "field"


def test_it_locks_when_it_is_not_used(visit: Visit, cast: Cast) -> None:
    page = enrolled(visit).page
    brought(page)
    page.clock.set_fixed_time(now() + timedelta(minutes=11))
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_label("PIN", exact=True)).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("今天")


def test_nothing_on_the_phone_can_be_read_without_the_pin(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    with without_signal(worker):
        add(page, REPORT)
        found: str = page.evaluate("""async () => {
          const { all } = await import("/static/web/field/store.js");
          const rows = [];
          for (const store of ["meta", "sealed", "entries", "files", "receipts"]) rows.push(...(await all(store)));
          const text = (v) => (v instanceof ArrayBuffer || ArrayBuffer.isView(v)) ? new TextDecoder("utf-8", {fatal: false}).decode(v)
            : v instanceof CryptoKey ? `key ${v.extractable}` : v && typeof v === "object" ? Object.values(v).map(text).join(" ") : String(v);
          return rows.map(text).join("\\n");
        }""")
    assert "key false" in found
    assert not [w for w in ("井盖", "description", "linli_field_", "陈格一", "Chen Geyi", PIN) if w in found]


def test_a_revoked_phone_is_erased_at_its_next_contact(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    device = FieldDevice.objects.get()
    with without_signal(worker), worker.refused(403):
        add(page, REPORT)
        devices.end(device.uid, REVOKED, by=cast.actor("dispatcher"))
    page.evaluate(RING)
    expect(page.locator("main")).to_contain_text("单位已停用这台手机")
    there = on_phone(page)
    assert there.pop("meta") == ["gone"]
    assert not any(there.values())
    assert not FieldEntry.objects.exists()


def test_a_phone_that_is_handed_back_sends_first_and_is_erased_then(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    with without_signal(worker):
        add(page, REPORT)
        devices.end(FieldDevice.objects.get().uid, RETURNING, by=cast.actor("dispatcher"))
    page.evaluate(RING)
    expect(page.locator("main")).to_contain_text("待发的都送到了")
    assert FieldEntry.objects.get().state == "done"


def test_a_captive_portal_is_no_receipt_and_orders_nothing(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    lies = [
        {"status": 200, "content_type": "text/html", "body": "<form action=/login>Free Wi-Fi</form>"},
        {"status": 200, "content_type": "application/json", "body": json.dumps({"state": "revoked"})},
        {
            "status": 200,
            "content_type": "application/json",
            "headers": {"X-Linli-Proof": "0" * 64},
            "body": json.dumps({"state": "revoked", "items": []}),
        },
    ]
    for lie in lies:
        page.route("**/api/v1/field/**", lambda route, _, lie=lie: route.fulfill(**lie))
        if not on_phone(page)["entries"]:
            add(page, REPORT)
        page.evaluate(RING)
        expect(page.locator("#banner")).to_contain_text("像是需要登录的公共 Wi‑Fi，没有发出，1 条待发")
        assert len(on_phone(page)["entries"]) == 1
        page.unroute("**/api/v1/field/**")
    page.evaluate(RING)
    tab(page, "待发")
    expect(page.locator("main")).to_contain_text("没有要发的")
    assert FieldEntry.objects.get().state == "done"


def test_a_receipt_for_something_else_is_none(visit: Visit, cast: Cast) -> None:
    """Proven, but naming another entry, digest or fewer files: the phone keeps what it has."""
    page = enrolled(visit).page
    brought(page)
    page.route(
        "**/api/v1/field/entries/*",
        lambda route: route.fulfill(
            status=200, content_type="application/json", body=json.dumps({"id": "x", "state": "done"})
        ),
    )
    add(page, REPORT)
    expect(page.locator("#banner")).to_contain_text("1 条待发")
    assert len(on_phone(page)["entries"]) == 1


def test_two_open_tabs_send_it_once(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    other = worker.context.new_page()
    other.goto("/field/")
    unlock(other)
    brought(other)
    for n in range(5):
        add(worker.page, {**REPORT, "body": {**REPORT["body"], "description": f"第 {n} 处。"}})
    other.evaluate(RING)
    worker.page.evaluate(RING)
    tab(other, "待发")
    # Two tabs take turns, and a refused turn waits a moment: patience for a slow machine, no bound on how quick it is.
    expect(other.locator(".field-row").filter(has_text="办好了")).to_have_count(5, timeout=90_000)
    assert FieldEntry.objects.count() == Case.objects.count() == 5


def test_the_same_number_with_other_content_is_kept_twice(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    id_ = "01930000-0000-7000-8000-000000000001"
    add(page, REPORT, id=id_)
    tab(page, "待发")
    expect(page.locator(".field-row").filter(has_text="办好了")).to_have_count(1)
    with worker.refused(409):
        add(page, {**REPORT, "body": {**REPORT["body"], "description": "另一处。"}}, id=id_)
        expect(page.locator(".field-row").filter(has_text="同号两份，都留着")).to_have_count(1)
    assert FieldEntry.objects.filter(client_id=id_).count() == 2
    assert Case.objects.count() == 1


def test_what_waits_for_two_days_is_said_on_every_screen_and_can_be_carried_by_hand(
    visit: Visit, cast: Cast, tmp_path: Path
) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    with without_signal(worker):
        photo = _photo(page)
        page.clock.set_fixed_time(now() + timedelta(hours=49))
        page.reload()
        unlock(page)
        for screen in ("today", "map", "report"):
            page.goto(f"/field/#/{screen}")
            expect(page.locator("#banner")).to_contain_text("2 天没发出去了")
        page.get_by_role("link", name="导出救急文件").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="导出到文件").click()
        path = tmp_path / "rescue.json"
        download.value.save_as(path)
        expect(page.get_by_role("status").first).to_contain_text("已导出 1 条")
        lead = cast.actor("dispatcher")
        rescue.take_in(
            rescue.read(path.read_bytes(), "", by=lead), by=lead
        )  # by the desk, while the phone is away
        assert FieldEntry.objects.get().by_rescue
    page.evaluate(RING)
    tab(page, "待发")
    expect(page.locator("main")).to_contain_text("没有要发的")
    assert FieldEntry.objects.count() == Case.objects.count() == 1
    rescued = json.loads(path.read_text())
    (entry,) = rescued["entries"]
    assert entry["digest"] == digest_of(entry["kind"], entry["made_at"], entry["body"], entry["files"])
    (file,) = entry["files"]
    content = b64decode(rescued["files"][file["sha256"]])
    assert hashlib.sha256(content).hexdigest() == file["sha256"] == photo
    assert len(content) == file["size"]


def test_after_a_week_without_contact_the_copies_go_and_the_queue_stays(visit: Visit, cast: Cast) -> None:
    worker = enrolled(visit)
    page = worker.page
    brought(page)
    with without_signal(worker):
        add(page, REPORT)
        page.clock.set_fixed_time(now() + timedelta(days=8))
        page.reload()
        unlock(page)
        expect(page.locator("main")).to_contain_text("手机里还没有办件")
        there = on_phone(page)
        assert "bundle" not in there["sealed"]
        assert len(there["entries"]) == 1


def _photo(page: Page) -> str:
    """Puts an entry with a picture into the queue; gives the picture's hash."""
    found: str = page.evaluate(
        """async (area) => {
      const canvas = new OffscreenCanvas(40, 30);
      canvas.getContext("2d").fillRect(5, 5, 20, 10);
      const blob = await canvas.convertToBlob({ type: "image/jpeg" });
      const { add } = await import("/static/web/field/queue.js");
      const { sha256 } = await import("/static/web/field/digest.js");
      await add({ kind: "report", about: "带照片", body: { description: "井盖破了。", area }, files: [{ blob, field: "photos", name: "a.jpg" }] });
      return sha256(await blob.arrayBuffer());
    }""",
        GRID,
    )
    return found
