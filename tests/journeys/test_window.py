"""At the window (综合窗口): docs/how-to/window.md as journeys, by keyboard alone, with the keys counted."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from linli.base.clock import now
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures.models import Case, Participation
from tests.cast import Cast
from tests.events import reported
from tests.journeys import accessible, acts
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import Keys

MOST_KEYS = 60  # beside the words themselves, for somebody who is known: docs/how-to/window.md promises it


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_call_from_somebody_known_is_entered_by_keyboard_alone(visit: Visit, cast: Cast, lang: str) -> None:
    reported(cast, at=now())
    acts.lamps_are_municipal(cast)
    clerk = visit("clerk", lang=lang)
    page = clerk.go("/staff/register/")
    keys = Keys(page)
    expect(page.locator("input[name=channel]").first).to_be_focused()
    keys.press("2")
    keys.dial("13900000001")
    expect(page.locator("#lane-person .who-is")).to_contain_text("林*")
    keys.press("Enter")
    expect(page.locator("textarea[name=description]")).to_be_focused()
    keys.write("小区门口三盏路灯不亮")
    keys.press("Enter")
    keys.write("Qingcheng Grid 2" if lang == "en" else "庆城 第二")
    keys.press("Enter")
    keys.write("东门")
    keys.press("Enter")
    expect(page.locator("#lane-suggest [data-category]")).to_have_count(1)
    keys.press("1", "Enter")
    expect(page).to_have_url(re.compile("/receipt/$"))
    assert keys.n <= MOST_KEYS
    assert keys.n == 18  # as docs/how-to/window.md says

    case = Case.objects.latest("pk")
    assert (case.channel, case.area, case.applicant) == ("phone", cast.area("grid2"), cast.person("resident"))
    assert case.place_text == "东门"
    assert case.facts["category"] == lamp_key()
    assert Participation.objects.filter(case=case, kind="account", ref=cast.account("clerk").pk).exists()
    look = AccessEntry.objects.get()
    assert (look.person, look.what, look.account) == (
        cast.person("resident"), "search:phone", cast.account("clerk"),
    )  # fmt: skip
    page.wait_for_load_state()
    keys.press("n")
    expect(page.locator("input[name=channel]").first).to_be_focused()


def lamp_key() -> str:
    from linli.domains.events.models import Category

    return Category.objects.get(name__contains="路灯", children__isnull=True).key


def test_what_is_missing_is_said_and_nothing_is_lost(visit: Visit, cast: Cast) -> None:
    clerk = visit("clerk")
    page = clerk.go("/staff/register/")
    keys = Keys(page)
    keys.press("1")
    keys.dial("13900000009")
    expect(page.locator("#lane-person")).to_contain_text("没有登记过")
    keys.press("Enter")
    keys.write("林大爷")
    keys.press("Enter")
    keys.write("楼道堆物")
    with clerk.refused(422):
        keys.press("Control+Enter")
        expect(page.locator(".mend")).to_be_focused()
    expect(page.locator(".mend")).to_contain_text("选择村（社区）")
    expect(page.locator("textarea[name=description]")).to_have_value("楼道堆物")
    expect(page.locator("input[name=contact]")).to_have_value("13900000009")
    assert Case.objects.count() == 0
    accessible.axe(page)
    page.locator(".mend a").first.press("Enter")
    expect(page.get_by_role("combobox", name="哪个村（社区）、哪个网格")).to_be_focused()
    keys.write("中山")
    keys.press("Enter", "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到。")
    assert Case.objects.get().channel == "window"


def test_what_was_cleared_comes_back(visit: Visit, cast: Cast) -> None:
    clerk = visit("clerk")
    page = clerk.go("/staff/register/")
    keys = Keys(page)
    keys.press("2", "Enter", "Enter")
    keys.write("井盖松动")
    keys.press("Escape")
    words = page.locator("textarea[name=description]")
    expect(words).to_have_value("")
    page.get_by_role("button", name="恢复刚才填的").press("Enter")
    expect(words).to_have_value("井盖松动")
    expect(page.locator("input[value=phone]")).to_be_checked()


def test_somebody_else_has_the_same_phone(visit: Visit, cast: Cast) -> None:
    reported(cast, at=now())
    clerk = visit("clerk")
    page = clerk.go("/staff/register/")
    keys = Keys(page)
    keys.press("2")
    keys.dial("13900000001")
    expect(page.locator("#lane-person .who-is")).to_be_visible()
    page.get_by_role("button", name="不是，另一位").press("Enter")
    expect(page.locator("input[name=reporter_name]")).to_be_focused()
    keys.write("林小妹")
    keys.press("Enter")
    keys.write("河道有垃圾")
    keys.press("Enter")
    keys.write("庆城社区")
    keys.press("Enter", "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到。")
    case = Case.objects.latest("pk")
    assert case.applicant is not None
    assert case.applicant != cast.person("resident")
    assert case.applicant.name == "林小妹"


def test_a_person_is_found_for_a_purpose_by_one_key(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now())
    clerk = visit("clerk")
    page = clerk.go("/staff/")
    keys = Keys(page)
    keys.press("g", "p")
    expect(page.locator("#person-q")).to_be_focused()
    keys.dial("13900000001")
    keys.press("Enter", "2")
    found = page.locator(".who-is")
    expect(found).to_contain_text("林*")
    expect(found).to_contain_text(case.number)
    expect(found).not_to_contain_text("13900000001")
    assert AccessEntry.objects.get().purpose == "来人来电问办到哪里了"
    accessible.axe(page)
    found.get_by_role("link", name="登记来电来访").click()
    expect(page.locator("#lane-person")).to_contain_text("林*")


def test_whoever_may_not_see_a_person_reads_that_nobody_is_known(visit: Visit, cast: Cast) -> None:
    reported(cast, at=now())
    other = visit("neighbour_dispatcher")
    page = other.go("/staff/register/")
    keys = Keys(page)
    keys.press("2")
    keys.dial("13900000001")
    expect(page.locator("#lane-person")).to_contain_text("没有登记过")
    assert AccessEntry.objects.get().person is None


def test_without_scripts_the_same_form_does_it(visit: Visit, cast: Cast) -> None:
    clerk = visit("clerk", js=False)
    page = clerk.go("/staff/register/")
    page.get_by_label("到窗口来的").check()
    page.get_by_label("情况").fill("路口积水。")
    page.get_by_label("哪个村（社区）、哪个网格").select_option(label="庆城社区")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到。")


def test_a_petition_is_entered_on_the_same_page(visit: Visit, cast: Cast) -> None:
    clerk = visit("clerk")
    page = clerk.go("/staff/register/")
    keys = Keys(page)
    keys.press("s")
    expect(page.locator(".lane-switch a").first).to_be_focused()
    page.get_by_role("link", name="信访事项").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("信访事项")
    keys.press("1")
    keys.dial("13900000007")
    expect(page.locator("#lane-person")).to_contain_text("没有登记过")
    keys.press("Enter")
    keys.write("林大爷")
    keys.press("Enter")
    keys.write("请求核发拆迁过渡费")
    keys.press("Enter")
    keys.write("拆了两年，过渡费停了半年。")
    keys.press("Enter", "3", "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到。")
    assert keys.n <= MOST_KEYS
    case = Case.objects.get()
    assert (case.procedure, case.channel) == ("petition", "window")
    assert case.applicant is not None
    assert case.applicant.name == "林大爷"


@pytest.mark.parametrize(("paper", "millimetres"), [("80", 80), ("A5", 148), ("A4", 210)])
def test_the_receipt_fits_one_sheet_and_the_choice_is_remembered(
    visit: Visit, cast: Cast, paper: str, millimetres: int
) -> None:
    clerk = visit("clerk")
    page = clerk.go("/staff/register/")
    keys = Keys(page)
    keys.press("1", "Enter", "Enter")
    keys.write("楼道堆物")
    keys.press("Enter")
    keys.write("庆城社区")
    keys.press("Enter", "Control+Enter")
    page.get_by_role("link", name="80 毫米小票" if paper == "80" else paper, exact=True).click()
    expect(page.locator(f'body[data-paper="{paper}"]')).to_be_visible()
    expect(page.locator(".spell")).to_contain_text("3501 02")
    accessible.axe(page)
    assert accessible.too_wide(page) == []
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    assert round(float(printed.pages[0].mediabox.width) / 72 * 25.4) == millimetres
    again = clerk.go(f"/case/{Case.objects.get().number}/receipt/")
    expect(again.locator(f'body[data-paper="{paper}"]')).to_be_visible()


def test_a_whole_file_is_printed_and_its_code_agrees(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now(), contact="13900000001")
    clerk = visit("clerk")
    page = clerk.go(f"/staff/cases/{case.number}/")
    page.get_by_role("link", name="整卷打印").click()
    accessible.axe(page)
    assert accessible.too_wide(page) == []
    expect(page.get_by_role("main")).to_contain_text("139****0001")
    page.get_by_text("要印出完整的个人信息（留痕）").click()
    page.get_by_label("联系电话").check()
    page.get_by_label("做什么用？").fill("归档")
    page.get_by_role("button", name="显示完整的整卷").click()
    expect(page.get_by_role("main")).to_contain_text("13900000001")
    expect(page.get_by_role("main")).to_contain_text("用途：归档")
    address = page.locator("#records .hash").first.inner_text()
    visitor = visit(device="phone")
    proof = visitor.go(address.removeprefix(visitor.site))
    expect(proof.get_by_role("status").first).to_contain_text("对得上")
    accessible.axe(proof)
    assert accessible.too_wide(proof) == []
