"""At the desk (工作台): by keys alone, two at once, a call taken down, a masked number looked at."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from linli.base.clock import now
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.events import reported
from tests.journeys import acts
from tests.journeys.conftest import Visit


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Goes on by Tab until the focus stands there, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab and still not at {selector}")


def test_a_case_is_accepted_by_keys_alone(visit: Visit, cast: Cast) -> None:
    acts.lamps_are_municipal(cast)
    case = reported(cast, at=now())
    page = visit("dispatcher").go("/staff/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, ".it > a")
    page.keyboard.press("Enter")
    button = page.locator(".acts").get_by_role("link", name="受理", exact=False).first
    expect(button).to_be_visible()
    key = button.get_attribute("aria-keyshortcuts")
    assert key
    page.keyboard.press(key.lower())
    expect(page.locator(".card.do form")).to_be_visible()
    tab_to(page, "input[name=grade]")
    page.keyboard.press("Space")
    tab_to(page, ".card.do .btns button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="“受理”已办")).to_be_visible()
    case.refresh_from_db()
    assert case.step == "dispatching"


def test_who_comes_second_reads_who_did_what_and_loses_nothing(visit: Visit, cast: Cast) -> None:
    from linli.kernel.people.models import Account, Appointment

    case = reported(cast, at=now())
    colleague = Account.objects.create(
        username="colleague", name="苏同事", second_factor_on=now(), created_at=now()
    )
    Appointment.objects.create(
        post=cast.post("dispatcher"), account=colleague, from_on=case.opened_at.date().replace(day=1)
    )
    cast.accounts["colleague"] = colleague

    first, second = visit("dispatcher"), visit("colleague")
    acts.choose_case(first, case.number)
    acts.choose_case(second, case.number)
    form = acts.begin(first.page, "受理")
    other = acts.begin(second.page, "不予受理")
    form.get_by_label("类别").select_option("test:1:lamp")
    form.get_by_role("radio", name="简单").check()
    acts.finish(form, "受理")

    other.get_by_label("理由").fill("已由路灯所受理")
    other.get_by_label("依据").fill("不予受理清单第 2 项")
    with second.refused(409):
        other.get_by_role("button", name="不予受理").click()
        told = second.page.get_by_role("alert").filter(has_text="黄派遣")
        expect(told).to_contain_text("受理")
    expect(second.page.locator(".card.do")).to_contain_text("已由路灯所受理")
    case.refresh_from_db()
    assert case.step == "dispatching"


def test_the_clerk_takes_down_a_call_and_the_caller_finds_it(visit: Visit, cast: Cast) -> None:
    acts.lamps_are_municipal(cast)
    clerk = visit("clerk", js=False)
    page = clerk.go("/staff/")
    page.get_by_role("link", name="登记来电来访").first.click()
    page.get_by_label("打电话来的").check()
    page.get_by_label("反映人电话").fill("13900000001")
    page.get_by_label("反映人怎么称呼").fill("林小邻")
    page.get_by_label("情况").fill("三号楼楼道灯不亮，老人摔过一次。")
    page.get_by_label("哪个村（社区）、哪个网格").select_option(label="庆城社区")
    page.get_by_role("main").get_by_role("button", name="登记", exact=True).click()
    slip = acts.read_slip(page)
    case = Case.objects.get(number=slip.number)
    assert (case.channel, case.applicant) == ("phone", cast.person("resident"))

    caller = visit(device="phone")
    acts.sign_in(caller, "resident", cast)
    caller.page.get_by_role("link", name="三号楼楼道灯不亮").click()
    expect(caller.page.get_by_role("main")).to_contain_text(slip.number)


def test_a_number_looked_at_is_shown_to_the_person_who_asks_why(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now(), contact="13900000001")
    dispatcher = visit("dispatcher")
    shown = acts.choose_case(dispatcher, case.number)
    expect(shown).not_to_contain_text("13900000001")
    expect(shown).to_contain_text("139****0001")
    shown.get_by_role("link", name="查看（留痕）").first.click()
    shown.get_by_label("为什么要看？").fill("电话核对是哪几盏灯")
    shown.get_by_role("button", name="查看", exact=True).click()
    expect(shown).to_contain_text("13900000001")

    resident = visit("resident", device="phone")
    page = resident.go("/mine/looks/")
    expect(page.get_by_role("main")).to_contain_text("黄派遣")
    expect(page.get_by_role("main")).to_contain_text("电话核对是哪几盏灯")
    page.get_by_role("link", name="问为什么").click()
    page.get_by_label("想问什么").fill("没有人给我打过电话，为什么看？")
    page.get_by_role("main").get_by_role("button", name="提出").click()
    slip = acts.read_slip(page)

    supervisor = visit("supervisor")
    acts.choose_case(supervisor, slip.number)
    form = acts.begin(supervisor.page, "答复")
    form.get_by_label("答复").fill("当时打了三次没有接通，已请派遣员再打。")
    form.get_by_role("radio", name="符合", exact=True).check()
    acts.finish(form, "答复")

    page = resident.go(f"/case/{slip.number}/")
    expect(page.get_by_role("main")).to_contain_text("当时打了三次没有接通")
    page = resident.go("/mine/looks/")
    page.get_by_role("link", name="已询问").click()
    expect(page).to_have_url(re.compile(slip.number))
