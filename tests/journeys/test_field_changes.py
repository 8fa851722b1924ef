"""What a grid worker can still do before an entry leaves (发出之前): change it, speak instead of type; and the app's place on the phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from linli.kernel.fieldwork.models import FieldEntry
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment
from tests.cast import Cast
from tests.journeys.accessible import axe, too_wide
from tests.journeys.conftest import Visit
from tests.journeys.fieldwork import RING, WORDS, add, brought, enrolled, on_phone, tab, without_signal

WRITTEN = {
    "kind": "report",
    "body": {"description": "井盖破了。", "area": "350102001001001", "place_text": "北门"},
}
SAID = {
    "zh": {
        "change": "改一改",
        "keep": "存下改动",
        "what": "情况",
        "place": "具体地点",
        "gone": "已经在发送",
        "no": "不用了",
        "install": "装到桌面",
        "record": "按一下开始录音",
        "stop": "按一下停止",
        "remove": "去掉语音",
        "report": "反映一件事",
        "done": "办好了",
    },
    "en": {
        "change": "Change",
        "keep": "Keep the change",
        "what": "What happened",
        "place": "The place in words",
        "gone": "already being sent",
        "no": "No, thank you",
        "install": "Install on the home screen",
        "record": "Press to record",
        "stop": "press to stop",
        "remove": "Remove the voice note",
        "report": "Report",
        "done": "Done",
    },
}
ATTEMPTED = """async (id) => {
  const { get, put } = await import("/static/web/field/store.js");
  await put("entries", { ...(await get("entries", id)), attempted: true });
}"""
OFFER = """() => {
  const offer = new Event("beforeinstallprompt", { cancelable: true });
  offer.prompt = async () => { window.asked = (window.asked ?? 0) + 1; return { outcome: "dismissed" }; };
  dispatchEvent(offer);
  return offer.defaultPrevented;
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_unsent_entry_is_changed_and_only_the_change_arrives(
    visit: Visit, cast: Cast, tmp_path: Path, lang: str
) -> None:
    shot = tmp_path / "IMG_0001.jpg"
    Image.effect_noise((400, 300), 60).convert("RGB").save(shot, "JPEG")
    worker, said = enrolled(visit, lang), SAID[lang]
    page = worker.page
    brought(page)
    with without_signal(worker):
        old = add(page, WRITTEN, at="2026-03-02T01:02:03.000Z")
        page.goto(f"/field/#/entry/{old}")
        page.get_by_role("link", name=said["change"], exact=True).click()
        expect(page.get_by_label(said["what"])).to_have_value("井盖破了。")
        expect(page.get_by_label(said["place"])).to_have_value("北门")
        page.locator("#f-photos").set_input_files(shot)
        expect(page.locator(".shot img")).to_have_count(1)
        axe(page)
        page.set_viewport_size({"width": 320, "height": 640})
        assert too_wide(page) == []
        # left half way, the entry is as it was, and the change is still there
        tab(page, WORDS[lang]["send"])
        page.goto(f"/field/#/entry/{old}")
        expect(page.locator(".shot img")).to_have_count(0)
        page.get_by_role("link", name=said["change"], exact=True).click()
        expect(page.locator(".shot img")).to_have_count(1)
        page.get_by_label(said["what"]).fill("井盖破了一角，已围挡。")
        page.get_by_role("button", name=said["keep"]).click()
        expect(page.locator("#app[data-ready=outbox] .field-row")).to_have_count(1)
        there = on_phone(page)
        assert old not in there["entries"]
        assert [each for each in there["sealed"] if "change:" in each] == []
        (new,) = there["entries"]
        # changed once more: its photo comes along
        page.goto(f"/field/#/change/{new}")
        expect(page.locator(".shot img")).to_have_count(1)
        page.get_by_role("button", name=said["keep"]).click()
        expect(page.locator("#app[data-ready=outbox] .field-row")).to_have_count(1)
    page.evaluate(RING)
    expect(page.locator(".field-row").filter(has_text=said["done"])).to_have_count(1)
    entry = FieldEntry.objects.get()
    assert entry.made_at.isoformat() == "2026-03-02T01:02:03+00:00"
    case = Case.objects.get(channel="field")
    assert Attachment.objects.filter(case_id=case.pk).count() == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_on_its_way_is_not_changed(visit: Visit, cast: Cast, lang: str) -> None:
    worker, said = enrolled(visit, lang), SAID[lang]
    page = worker.page
    brought(page)
    with without_signal(worker):
        id_ = add(page, WRITTEN)
        page.goto(f"/field/#/change/{id_}")
        page.get_by_label(said["what"]).fill("改过的。")
        page.evaluate(ATTEMPTED, id_)  # the signal came back while somebody was typing
        page.get_by_role("button", name=said["keep"]).click()
        expect(page.get_by_role("alert")).to_contain_text(said["gone"])
        expect(page.get_by_label(said["what"])).to_have_value("改过的。")
        axe(page)
        assert on_phone(page)["entries"] == [id_]
        page.goto(f"/field/#/entry/{id_}")
        expect(page.locator("#app[data-ready=entry]")).to_be_visible()
        expect(page.get_by_role("link", name=said["change"], exact=True)).to_have_count(0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_home_screen_is_offered_once_and_no_is_kept(visit: Visit, cast: Cast, lang: str) -> None:
    worker, said = enrolled(visit, lang), SAID[lang]
    page = worker.page
    brought(page)
    expect(page.locator("#install")).to_have_count(0)
    assert page.evaluate(OFFER)
    page.locator("#install").get_by_role("button", name=said["install"]).click()
    assert page.evaluate("() => window.asked") == 1
    expect(page.locator("#install")).to_have_count(0)  # a browser takes each offer once
    page.evaluate(OFFER)
    axe(page)
    page.locator("#install").get_by_role("button", name=said["no"]).click()
    expect(page.locator("#install")).to_have_count(0)
    page.goto("/field/#/more")
    expect(page.get_by_role("button", name=said["install"])).to_be_visible()


def test_a_voice_note_is_recorded_and_arrives(visit: Visit, cast: Cast) -> None:
    worker, said = enrolled(visit), SAID["zh"]
    worker.context.grant_permissions(["microphone", "geolocation"])
    page = worker.page
    brought(page)
    with without_signal(worker):
        page.get_by_role("link", name=said["report"]).click()
        page.get_by_label(said["what"]).fill("听语音。")
        page.get_by_role("button", name=said["record"]).click()
        expect(page.get_by_role("button", name="录音中 2 秒")).to_be_visible()
        page.get_by_role("button", name=said["stop"]).click()
        expect(page.get_by_role("button", name=said["remove"])).to_be_visible()
        expect(page.locator("audio")).to_have_count(1)
        axe(page)
        page.get_by_role("button", name=WORDS["zh"]["keep"]).click()
        expect(page.locator("#banner")).to_contain_text("1 条待发")
    page.evaluate(RING)
    tab(page, WORDS["zh"]["send"])
    expect(page.locator(".field-row").filter(has_text=said["done"])).to_have_count(1)
    there: dict[str, Any] = on_phone(page)
    assert there["entries"] == there["files"] == []
    entry = FieldEntry.objects.get()
    assert entry.state == "done"
    (voice,) = Attachment.objects.filter(case_id=Case.objects.get(channel="field").pk)
    assert (voice.file.media_type, voice.file.size > 1000) == ("audio/webm", True)
