"""Directories and days off from files, and rules looked at before they change (目录、日历导入与派单预览), in a real browser."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from linli.base.clock import today
from linli.domains.events import directory as verbs
from linli.domains.events import dispatch
from linli.domains.events.models import Category, Directory, DispatchRule
from linli.kernel.calendar import queries as calendar
from linli.kernel.calendar.models import PublishedYear
from linli.kernel.calendar.rules import FIXED_FESTIVALS
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at
from tests.journeys import accessible
from tests.journeys.conftest import Visit

BOTH = pytest.mark.parametrize(("lang", "device"), [("zh", "desktop"), ("en", "phone")])
WORDS = {
    "zh": {
        "file": "导入文件",
        "look": "看结果",
        "use": "保存并启用",
        "history": "沿革",
        "effect": "看影响",
        "end": "停用这条规则",
        "save": "保存，按它计算",
        "nobody": "没有建议",
    },
    "en": {
        "file": "Change it by a file",
        "look": "See what it does",
        "use": "Save and put in use",
        "history": "History",
        "effect": "See what it does",
        "end": "End this rule",
        "save": "Save and count by it",
        "nobody": "nobody",
    },
}


def send(page: Page, name: str, text: str, button: str) -> None:
    page.locator("[name=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name=button, exact=True).click()


@BOTH
def test_a_directory_goes_out_and_comes_in_as_a_file(
    visit: Visit, cast: Cast, lang: str, device: str
) -> None:
    load_all()
    words, by = WORDS[lang], cast.actor("admin")
    used = Directory.objects.create(code="streets", title="试验目录", active=True)
    top = verbs.create_category(used, "A1", name="道路", name_en="Roads", by=by)
    verbs.create_category(used, "A11", name="路灯", name_en="Lamps", parent=top, limit="4 hours", by=by)
    page = visit("admin", lang=lang, device=device).go("/staff/admin/events/categories/streets/1/")
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV", exact=True).click()
    table = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("link", name=words["file"], exact=True).click()
    accessible.axe(page)
    send(page, "streets.csv", table.replace("4 hours", "4 moons"), words["look"])
    expect(page.locator(".preview .error").first).to_be_visible()
    expect(page.get_by_role("button", name=words["use"])).to_have_count(0)
    accessible.axe(page)
    send(page, "streets.csv", table.replace("4 hours", "2 working days"), words["look"])
    expect(page.locator(".preview .changes")).to_contain_text("A11")
    accessible.axe(page)
    assert Directory.objects.count() == 1
    page.get_by_role("button", name=words["use"]).click()
    expect(page.locator(".notices")).to_be_visible()
    assert Category.objects.get(directory__active=True, code="A11").limit == "2 working days"
    page.get_by_role("link", name=words["history"], exact=True).click()
    expect(page.locator(".past > li")).to_have_count(2)
    expect(page.locator(".past > li.now .changes").first).to_contain_text("A11")
    accessible.axe(page)


@BOTH
def test_ending_a_rule_shows_what_would_go_elsewhere(
    visit: Visit, cast: Cast, lang: str, device: str
) -> None:
    words, at_work = WORDS[lang], event_at(cast, "handling")
    lamp = Category.objects.get(key="test:1:lamp")
    municipal = cast.organisation("municipal")
    rule = dispatch.add_rule(lamp, cast.area("county"), municipal, by=cast.actor("admin"))
    assert at_work.status == "open"
    page = visit("admin", lang=lang, device=device).go("/staff/admin/events/dispatch/")
    page.locator("main td a[href*='/dispatch/rule/']").first.click()
    page.locator("main a[href*='/rule/end/']").click()
    page.locator("[name=to_on]").fill(str(today()))
    page.get_by_role("button", name=words["effect"], exact=True).click()
    expect(page.locator(".preview table")).to_contain_text(words["nobody"])
    accessible.axe(page)
    assert DispatchRule.objects.get(pk=rule.pk).valid_to is None
    page.get_by_role("button", name=words["end"], exact=True).click()
    expect(page.locator(".notices")).to_be_visible()
    assert DispatchRule.objects.get(pk=rule.pk).valid_to == today()


@BOTH
def test_days_off_come_from_a_file(visit: Visit, cast: Cast, lang: str, device: str) -> None:
    load_all()
    words = WORDS[lang]
    rows = "".join(f"{date(2031, *day)},节日,off,2031,国办发明电〔2030〕7号\n" for day in FIXED_FESTIVALS)
    good = "date,name,kind,year,notice\n" + rows
    page = visit("admin", lang=lang, device=device).go("/staff/admin/years/")
    page.locator("main a[href$='/years/file/']").click()
    accessible.axe(page)
    send(page, "2031.csv", good + "2031-13-01,节日,off,2031,x\n", words["effect"])
    expect(page.locator(".preview .error").first).to_be_visible()
    accessible.axe(page)
    send(page, "2031.csv", good, words["effect"])
    expect(page.locator(".preview")).to_contain_text("2031-10-03")
    accessible.axe(page)
    assert not PublishedYear.objects.filter(year=2031).exists()
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.locator(".notices")).to_be_visible()
    assert PublishedYear.objects.filter(year=2031).exists()
    calendar.forget()
