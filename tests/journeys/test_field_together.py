"""Two people at the same case, one of them without signal (两人同办一件): what the phone is told afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from linli.base.clock import now
from linli.kernel.fieldwork import deciding
from linli.kernel.fieldwork.models import FieldEntry
from linli.kernel.procedures import engine
from tests.cast import Cast
from tests.events import event_at
from tests.journeys.accessible import axe
from tests.journeys.conftest import Visit
from tests.journeys.fieldwork import RING, WORDS, brought, enrolled, tab, without_signal

SAID = {
    "zh": {
        "site": "现场情况",
        "extent": "范围、数量",
        "verify": "核实通过",
        "opinion": "核实意见",
        "merged": "已合并，有不同处等负责人定",
        "kept": "已收下，等负责人定",
        "lead": "负责人：",
    },
    "en": {
        "site": "Site sheet",
        "extent": "Extent",
        "verify": "Verified",
        "opinion": "What was found on the spot",
        "merged": "Joined; the lead settles what differs",
        "kept": "Kept; the lead decides",
        "lead": "The lead:",
    },
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_lead_settles_what_two_wrote_and_the_phone_is_told(visit: Visit, cast: Cast, lang: str) -> None:
    case = event_at(cast, "verifying", at=now() - timedelta(hours=1))
    worker, said, keep = enrolled(visit, lang), SAID[lang], WORDS[lang]["keep"]
    page = worker.page
    brought(page)
    lead = cast.actor("dispatcher")
    with without_signal(worker):
        page.goto(f"/field/#/site/{case.number}")
        page.get_by_label(said["extent"]).fill("三盏灯")
        page.get_by_role("button", name=keep).click()
        page.get_by_role("link", name=said["verify"]).click()
        page.get_by_label(said["opinion"]).fill("到场看过，都亮了。")
        page.get_by_role("button", name=keep).click()
        page.wait_for_url("**/field/#/today")  # kept, and the app has gone on by itself
        engine.act(case, "site", {"site_extent": "五盏灯"}, by=lead, at=now())
        case.refresh_from_db()
        engine.act(case, "verify", {"passed": "另一位核实过了。"}, by=cast.actor("grid_worker"), at=now())
    page.evaluate(RING)
    tab(page, WORDS[lang]["send"])
    expect(page.locator(".field-row").filter(has_text=said["merged"])).to_have_count(1)
    expect(page.locator(".field-row").filter(has_text=said["kept"])).to_have_count(1)
    axe(page)
    sheet, act = FieldEntry.objects.get(kind="note"), FieldEntry.objects.get(kind="act")
    deciding.choose(sheet.uid, {"site_extent": "mine"}, by=lead)
    deciding.set_aside(act.uid, "已由同事核实。", by=lead)
    page.evaluate(RING)
    expect(page.locator(".field-row").filter(has_text=said["lead"])).to_have_count(2)
    expect(page.locator("main")).to_contain_text("已由同事核实。")
    axe(page)
