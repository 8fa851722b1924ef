"""The field app on a phone (网格员手机应用): a day without signal, in both languages, and everything arrives once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from linli.base.clock import now
from linli.kernel.fieldwork.models import FieldEntry, Patrol
from linli.kernel.procedures.keys import owner_of
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment
from linli.kernel.records.uploads import take_upload
from tests.cast import Cast
from tests.events import event_at
from tests.journeys.accessible import axe, too_wide
from tests.journeys.conftest import Visit
from tests.journeys.fieldwork import WORDS, add, brought, enrolled, tab, unlock, without_signal


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A photo as a camera makes it, larger than the app sends it."""
    path = tmp_path / "IMG_0001.jpg"
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(path, "JPEG", quality=92)
    return path


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


DAY = {
    "zh": {
        "report": "反映一件事",
        "what": "情况",
        "here": "用现在的位置",
        "found": "误差 ±18 米，在庆城第一网格",
        "offline": "离线：照常工作，{n} 条待发",
        "new": "新发现的问题，反映",
        "verify": "核实通过",
        "opinion": "核实意见",
        "queued": "已办，待发",
        "patrol": "巡查",
        "noted": "记下这次巡查",
        "road": "道路、井盖",
        "visit": "走访",
        "topic": "听取需求",
        "consent": "对方同意记录",
        "request": "居民的需求或诉求",
        "visited": "记下这次走访",
        "site": "现场情况",
        "extent": "范围、数量",
        "done": "办好了",
        "none": "没有要发的",
        "missing": "还差几处",
    },
    "en": {
        "report": "Report",
        "what": "What happened",
        "here": "Use my position now",
        "found": "±18 m, in Qingcheng Grid 1",
        "offline": "Offline: work as usual, {n} to send",
        "new": "Something new: report it",
        "verify": "Verified",
        "opinion": "What was found on the spot",
        "queued": "Done here, to send",
        "patrol": "Patrol",
        "noted": "Note this patrol",
        "road": "Roads and manholes",
        "visit": "Visit",
        "topic": "Hearing what is needed",
        "consent": "They agree to a record",
        "request": "What the resident asks for",
        "visited": "Note this visit",
        "site": "Site sheet",
        "extent": "Extent",
        "done": "Done",
        "none": "Nothing to send",
        "missing": "Something is missing",
    },
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_day_without_signal(visit: Visit, cast: Cast, shot: Path, lang: str) -> None:
    resident = cast.actor("resident")
    before = take_upload(shot.read_bytes(), by=resident, owner=owner_of(resident, None), name="before.jpg")
    case = event_at(cast, "verifying", at=now() - timedelta(hours=1), photos=[str(before.uid)])
    worker, words, keep = enrolled(visit, lang), DAY[lang], WORDS[lang]["keep"]
    page = worker.page
    brought(page)
    page.locator(".field-row a").click()
    expect(page.locator(".shot img")).to_have_count(1)  # the reporter's photo came along
    page.go_back()
    with without_signal(worker):
        # a photo first, then what it is about
        page.locator("#camera").set_input_files(shot)
        page.get_by_role("button", name=words["new"]).click()
        page.get_by_role("button", name=keep).click()
        expect(page.get_by_role("alert")).to_contain_text(words["missing"])
        axe(page)
        page.get_by_label(words["what"]).fill("井盖破了一角。")
        page.get_by_role("button", name=words["here"]).click()
        expect(page.get_by_text(words["found"])).to_be_visible()
        page.get_by_role("button", name=keep).click()
        expect(page.locator("#banner")).to_contain_text(words["offline"].format(n=1))
        # the site sheet, then verifying, before and after side by side
        page.locator(".field-row a").click()
        page.get_by_role("link", name=words["site"]).click()
        page.get_by_label(re.compile(words["extent"])).fill("三盏灯")
        page.get_by_role("button", name=keep).click()
        page.get_by_role("link", name=words["verify"]).click()
        page.get_by_label(words["opinion"]).fill("到场看过，都亮了。")
        page.locator("#f-photo_after").set_input_files(shot)
        expect(page.locator(".shot img")).to_have_count(2)
        axe(page)
        page.get_by_role("button", name=keep).click()
        expect(page.locator(".field-row")).to_contain_text(words["queued"])
        # a walk and a visit
        page.get_by_role("link", name=words["patrol"], exact=True).click()
        page.get_by_label(words["road"]).check()
        page.get_by_role("button", name=words["noted"]).click()
        page.get_by_role("link", name=words["visit"], exact=True).click()
        page.get_by_label(words["topic"]).check()
        page.get_by_label(words["request"]).fill("楼道灯不亮，想修。")
        page.get_by_role("button", name=words["visited"]).click()
        expect(page.get_by_role("alert")).to_contain_text(words["consent"])
        page.get_by_label(words["consent"]).check()
        page.get_by_role("button", name=words["visited"]).click()
        expect(page.locator("#banner")).to_contain_text(words["offline"].format(n=5))
        assert not FieldEntry.objects.exists()
        # the app is killed and opened again: everything is still there
        page.close()
        page = worker.page = worker.context.new_page()
        page.goto("/field/")
        unlock(page)
        tab(page, WORDS[lang]["send"])
        expect(page.locator(".field-row")).to_have_count(5)
        axe(page)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator("main")).to_contain_text(words["none"])
    expect(page.locator(".field-row").filter(has_text=words["done"])).to_have_count(5)
    axe(page)
    assert sorted(FieldEntry.objects.values_list("kind", "state")) == [
        ("act", "done"),
        ("note", "done"),
        ("patrol", "done"),
        ("report", "done"),
        ("visit", "done"),
    ]
    case.refresh_from_db()
    assert case.step == "evaluating"
    assert Attachment.objects.filter(case_id=case.pk, kind="after").count() == 1
    assert Case.objects.filter(channel="field").count() == 2
    assert Patrol.objects.get().checked == ["road"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_can_be_used_by_everybody(visit: Visit, cast: Cast, lang: str, theme: str) -> None:
    case = event_at(cast, "verifying", at=now() - timedelta(hours=1))
    worker = enrolled(visit, lang)
    page = worker.page
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two words
    brought(page)
    with without_signal(worker):
        entry = add(
            page, {"kind": "report", "body": {"description": "井盖破了。", "area": "350102001001001"}}
        )
        for screen in (
            "today",
            f"case/{case.number}",
            f"act/{case.number}/verify",
            f"site/{case.number}",
            *("report", "photo", "patrol", "visit", "map", "outbox", "more", "pin", "rescue", "enrol"),
            f"entry/{entry}",
        ):
            page.goto(f"/field/#/{screen}")
            name = screen.split("/")[0]
            expect(page.locator(f"#app[data-ready={name}]")).to_be_visible()
            page.set_viewport_size({"width": 390, "height": 844})
            axe(page)
            page.set_viewport_size({"width": 320, "height": 640})
            assert too_wide(page) == [], screen
            if lang == "en":
                left = re.findall(r"[\u3400-\u9fff]+", page.locator("body").inner_text())
                assert {each for each in left if each not in WRITTEN} == set(), screen
            else:
                assert "undefined" not in page.locator("body").inner_text()


WRITTEN = {
    "中文",
    "井盖破了",
    "北门三盏路灯不亮",
    "晚上看不见路",
    "三盏灯都亮了",
    "测试",
    "换了灯头",
    "测试目录",
}
