"""Ways through the one window (一窗受理的各种办法): by keyboard alone, in pieces, without scripts, with papers to follow."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from linli.domains.matters.models import Application, ApplicationPaper
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.journeys import accessible, acts
from tests.journeys import onewindow as window
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import Keys
from tests.journeys.onewindow import settled
from tests.servicecast import put_in_force

MOST_KEYS = 60  # a key a second: a walk-in takes at most a minute of typing
MEANS = {"cause": "age", "income": "1200", "consent": "true"}


@pytest.fixture
def county(service_cast: Cast) -> Cast:
    put_in_force(service_cast, "subsistence", "food-permit")
    return service_cast


@pytest.mark.parametrize("who", ["clerk", "agent"])
def test_a_walk_in_of_somebody_known_takes_less_than_a_minute_of_keys(
    visit: Visit, county: Cast, who: str
) -> None:
    """From the search for the matter to the receipt, and every key is counted, letters too."""
    page = visit(who).go("/staff/matters/")
    accessible.axe(page)
    keys = Keys(page)
    expect(page.locator("#q")).to_be_focused()
    keys.dial("低保")
    keys.press("Enter")
    expect(page.get_by_role("link", name="最低生活保障")).to_be_focused()
    keys.press("Enter")
    if who == "clerk":
        expect(page.locator("input[name=channel]").first).to_be_focused()
        keys.press("1")
    expect(page.locator("[name=party_phone]")).to_be_focused()
    keys.dial("13900000001")
    expect(page.locator("#lane-person .who-is")).to_contain_text("林*")
    keys.press("Enter")
    expect(page.locator('[name="a.cause"]').first).to_be_focused()
    keys.press("3")
    keys.dial("1200")
    keys.press("Enter", "2", "1")
    expect(page.locator('[name="p.authority"][value=brought]')).to_be_focused()
    expect(page.locator('[name="p.diagnosis"]').first).to_be_hidden()
    accessible.axe(page)
    keys.press("Enter")
    if who == "clerk":
        keys.press("ArrowDown")
        expect(page.locator("[name=area]")).to_have_value("350102001001")
    keys.press("Enter", "Enter")
    expect(page).to_have_url(re.compile("/receipt/$"))
    assert keys.n + keys.n_letters <= MOST_KEYS
    assert keys.n == {"clerk": 29, "agent": 27}[who]  # as docs/how-to/apply.md says
    case = Case.objects.latest("pk")
    assert (case.area, case.applicant) == (county.area("village1"), county.person("resident"))
    said = {line["code"]: line for line in sealed_fact(case, "answers")}
    assert said["members"]["value"] == "林小样、林老邻"
    assert Application.objects.get(case=case).n_spared_fields == 5
    assert AccessEntry.objects.filter(person=county.person("resident"), case_number=case.number).exists()


def test_what_was_begun_goes_on_after_signing_in_again(visit: Visit, county: Cast) -> None:
    first = settled(visit(device="phone"))
    acts.sign_in(first, "resident", county)
    page = first.go("/matters/subsistence/apply/")
    known = page.get_by_role("region", name="已经知道的，不用填")
    expect(known).to_contain_text("林小样、林老邻")
    expect(known).to_contain_text("139")
    expect(page.locator('[name="a.members"]')).to_have_count(0)
    window.fill(page.locator("form[data-apply]"), window.named(MEANS))
    page.locator("form[data-apply] button.wide").first.click()
    page.wait_for_url("**/apply/papers/")
    window.fill_papers(page, {"authority": "photo"})
    page.get_by_role("button", name="先上传，留在这一页").click()
    expect(page.locator(".chosen img")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("link", name="登录").first).to_be_visible()

    again = settled(visit("resident", device="phone", lang="en"))
    page = again.go("/matters/subsistence/apply/")
    expect(page.locator('[name="a.income"]')).to_have_value("1200")
    expect(page.locator('[name="a.cause"][value=age]')).to_be_checked()
    page = again.go("/matters/subsistence/apply/papers/")
    expect(page.locator(".chosen img")).to_be_visible()
    page.locator("form[data-apply] button.wide").first.click()
    page.wait_for_url("**/apply/send/")
    expect(page.get_by_role("main")).to_contain_text("1 photo")
    page.get_by_role("button", name="Send the application").click()
    case = window.sent(page)
    assert ApplicationPaper.objects.get(application=case.pk, code="authority").state == "uploaded"
    expect(again.go("/matters/subsistence/apply/").locator('[name="a.income"]')).to_have_value("")


def test_without_scripts_everything_is_said_at_once_and_nothing_is_lost(visit: Visit, county: Cast) -> None:
    resident = settled(visit("resident", device="phone", js=False))
    page = resident.go("/matters/subsistence/apply/")
    answers = page.locator("form[data-apply]")
    window.fill(answers, window.named({"income": "1200"}))
    with resident.refused(422):
        answers.locator("button.wide").first.click()
    expect(page.locator(".mend")).to_contain_text("主要困难")
    expect(page.locator('[name="a.income"]')).to_have_value("1200")
    window.fill(answers, window.named({"cause": "illness", "consent": "true"}))
    answers.locator("button.wide").first.click()
    with resident.refused(422):
        page.locator("form[data-apply] button.wide").first.click()
    expect(page.locator("[data-summary]")).to_contain_text("诊断证明")  # asked of the ill alone
    window.fill_papers(page, {"authority": "bring", "diagnosis": "photo"})
    page.locator("form[data-apply] button.wide").first.click()
    page.get_by_role("button", name="提交申请").click()
    case = window.sent(page)
    states = dict(ApplicationPaper.objects.filter(application=case.pk).values_list("code", "state"))
    assert states == {"authority": "bring", "household": "lookup", "diagnosis": "uploaded"}


def test_a_paper_that_was_promised_follows(visit: Visit, county: Cast) -> None:
    resident = settled(visit("resident", device="phone", lang="en"))
    kitchen = {"category": "hot", "size": "86", "head": "陈安全"}
    sheets = {**dict.fromkeys(("application", "layout", "rules"), "photo"), "health": "later"}
    case = window.apply_online(
        resident, "/matters/food-permit/", kitchen, {**sheets, "commitment": True}, looked_at=True
    )
    window.act(visit("market_examiner"), case, "accept_tolerant")
    page = resident.go("/mine/")
    page.get_by_role("link", name="Papers to follow: Food business permit").first.click()
    expect(page.get_by_role("main")).to_contain_text("Hand in what you promised")
    follow = Case.objects.get(origin=case)
    window.own(resident, follow, "supply", supplied="两个人的健康证。", files=acts.photo())
    follow.refresh_from_db()
    assert follow.outcome == "supplied"
    assert ApplicationPaper.objects.get(application=case.pk, code="health").state == "uploaded"
    story = resident.go(f"/case/{case.number}/").get_by_role("main")
    expect(story).to_contain_text("The papers that you promised came")


def test_what_the_office_hands_out_can_be_printed_and_checked(visit: Visit, county: Cast) -> None:
    """Receipt for papers, the one notice, acceptance: each on a sheet, as a PDF, with a code that anybody can check."""
    resident, examiner = settled(visit("resident", device="phone")), visit("civil_examiner")
    case = window.apply_online(resident, "/matters/subsistence/", MEANS, {"authority": "bring"})
    window.act(examiner, case, "ask_correction", missing="授权书要本人签字。", lacking="authority")
    window.own(resident, case, "correct", corrected="签好了。", files=acts.photo())
    window.act(visit("clerk"), case, "accept")
    page = resident.go(f"/case/{case.number}/")
    page.get_by_role("link", name="收件回执").click()
    for code, words in (
        ("received", "家庭经济状况核对授权书"),
        ("notice", "授权书要本人签字。"),
        ("accepted", "您的申请于"),
    ):
        page = resident.go(f"/slips/{case.number}/{code}/")
        expect(page.get_by_role("main")).to_contain_text(words)
        window.looks_right(page)
        answer = resident.context.request.get(f"/slips/{case.number}/{code}/?as=pdf")
        assert answer.headers["content-type"] == "application/pdf"
        pdf = answer.body()
        assert pdf.startswith(b"%PDF")
        assert case.number in "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
    code = page.locator(".qr").get_attribute("aria-label") or ""
    visitor = visit(device="phone")
    expect(visitor.go(code.removeprefix(visitor.site)).get_by_role("status").first).to_contain_text("对得上")
