"""Without a mouse (只用键盘): a resident reports and rates, a dispatcher decides, an administrator changes a number."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from linli.base.clock import now
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.events import event_at, reported
from tests.journeys import acts
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import Keyboard


def test_the_first_tab_leads_past_the_bar(visit: Visit) -> None:
    page = visit().go("/help/")
    keys = Keyboard(page)
    keys.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_resident_reports(visit: Visit, cast: Cast) -> None:
    acts.lamps_are_municipal(cast)
    page = visit("resident").go("/")
    keys = Keyboard(page)
    keys.choose(page.get_by_role("main").get_by_role("link", name="反映一件事").first)
    expect(page).to_have_url(re.compile(r"/report/$"))
    keys.write(page.get_by_label("情况"), "北门三盏路灯不亮。")
    keys.choose(page.get_by_role("button", name="下一步：在哪里"))
    expect(page.get_by_role("heading", level=1)).to_have_text("在哪里？")
    villages = keys.to(page.get_by_label("或者选村（社区）"))
    keys.press("ArrowDown")
    expect(villages).not_to_have_value("")
    keys.write(page.get_by_label("地点（小区、路口、楼号）"), "北门右手边")
    keys.choose(page.get_by_role("button", name="下一步：联系方式"))
    expect(page.get_by_role("heading", level=1)).to_have_text("核对一下，提交")
    keys.choose(page.get_by_role("button", name="提交", exact=True))
    assert Case.objects.filter(number=acts.read_slip(page).number, step="reported").exists()


def test_a_resident_rates(visit: Visit, cast: Cast) -> None:
    case = event_at(cast, "evaluating", at=now())
    page = visit("resident").go(f"/case/{case.number}/")
    keys = Keyboard(page)
    todo = page.locator("#todo")
    keys.to(todo.get_by_role("group", name="问题解决了").get_by_role("radio").first)
    keys.press("Space")
    stars = todo.get_by_role("group", name="您满意吗").get_by_role("radio")
    keys.to(stars.first)
    keys.press("Space", "ArrowDown")
    expect(stars.nth(1)).to_be_checked()
    keys.choose(todo.get_by_role("button", name="评价"))
    expect(page.get_by_role("status").first).to_be_visible()
    case.refresh_from_db()
    assert case.step != "evaluating"


def test_a_dispatcher_refuses_with_a_reason(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now())
    page = visit("dispatcher").go("/staff/")
    keys = Keyboard(page)
    keys.choose(page.locator(f'.it > a[data-row="{case.number}"]'))
    expect(page.locator(f'article[data-number="{case.number}"]')).to_be_visible()
    keys.choose(page.locator(".acts").get_by_role("link", name="不予受理"))
    form = page.locator(".card.do form")
    expect(form.get_by_label("理由")).to_be_focused()
    page.keyboard.type("已经进入诉讼。")
    keys.write(form.get_by_label("依据"), "不予受理清单第 2 项")
    keys.choose(form.get_by_role("button", name="不予受理"))
    expect(page.get_by_role("status").filter(has_text="“不予受理”已办")).to_be_visible()
    case.refresh_from_db()
    assert case.step != "reported"


def test_an_administrator_changes_a_number_that_residents_call(visit: Visit, cast: Cast) -> None:
    office = cast.organisation("municipal")
    page = visit("admin").go("/staff/admin/organisations/")
    keys = Keyboard(page)
    keys.choose(page.get_by_role("main").get_by_role("link", name=office.name).first)
    keys.choose(page.get_by_role("link", name="改名称、电话、地址"))
    keys.write(page.get_by_label("对外电话"), "059187654321")
    keys.choose(page.get_by_role("button", name="保存"))
    expect(page.get_by_text("已保存。")).to_be_visible()
    office.refresh_from_db()
    assert office.phone == "059187654321"
