"""The dispatcher's morning (派遣员的早上): the inbox by keys alone, what is new, notes, many at once, what is late."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from linli.base.clock import now
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.events import reported
from tests.journeys import acts
from tests.journeys.accessible import axe, too_wide
from tests.journeys.conftest import Visit


def three(cast: Cast) -> list[Case]:
    """Three reports, the one that is due first standing first."""
    acts.lamps_are_municipal(cast)
    return [reported(cast, at=now() - timedelta(minutes=m)) for m in (50, 40, 30)]


def row(page: Page, case: Case) -> str:
    return f'.it > a[data-row="{case.number}"]'


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page, selector: str) -> None:
    expect(page.locator(selector)).to_be_focused()


def test_keys_walk_the_list_open_a_case_and_come_back(visit: Visit, cast: Cast) -> None:
    first, second, third = three(cast)
    page = visit("dispatcher").go("/staff/")
    press(page, "j")
    focused(page, row(page, first))
    press(page, "j", "ArrowDown", "k")
    focused(page, row(page, second))
    press(page, "Enter")
    expect(page.locator(f'article[data-number="{second.number}"]')).to_be_visible()
    press(page, "u", "j", "o")
    expect(page.locator(f'article[data-number="{third.number}"]')).to_be_visible()
    press(page, "x")
    expect(page.locator(f'input[name=n][value="{third.number}"]')).to_be_checked()
    expect(page.get_by_role("button", name="批量办理选中的")).to_be_visible()


def test_all_keys_are_told_and_none_works_while_somebody_writes(visit: Visit, cast: Cast) -> None:
    three(cast)
    page = visit("dispatcher").go("/staff/")
    press(page, "/")
    focused(page, "#find")
    page.keyboard.type("jxg?")
    expect(page.locator("#find")).to_have_value("jxg?")
    page.locator("#find").blur()
    press(page, "?")
    told = page.get_by_role("dialog", name="键盘快捷键")
    expect(told).to_be_visible()
    axe(page)
    press(page, "Escape")
    expect(told).to_be_hidden()
    press(page, "g", "b")
    page.wait_for_url("**/board/")


def test_who_switches_the_keys_off_types_letters_without_harm(visit: Visit, cast: Cast) -> None:
    three(cast)
    page = visit("dispatcher").go("/staff/my/")
    page.get_by_role("button", name="关掉快捷键").click()
    expect(page.get_by_role("button", name="打开快捷键")).to_be_visible()
    page.goto("/staff/")
    press(page, "j", "?", "g", "b")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(page.url)
    assert page.evaluate("() => document.activeElement === document.body")
    assert page.evaluate("() => document.querySelector('[aria-keyshortcuts]')") is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_next_case_opens_by_itself_when_one_is_done(visit: Visit, cast: Cast, lang: str) -> None:
    first, second, _ = three(cast)
    page = visit("dispatcher", lang=lang).go("/staff/")
    press(page, "j", "Enter")
    name = {"zh": "不予受理", "en": "Decline"}[lang]
    button = page.locator(".acts").get_by_role("link", name=name).first
    expect(button).to_be_visible()
    press(page, (button.get_attribute("aria-keyshortcuts") or "").lower())
    form = page.locator(".card.do form")
    form.locator("[name=reason]").fill("已由路灯所受理")
    form.locator("[name=legal_basis]").fill("不予受理清单第 2 项")
    form.locator(".btns button").click()
    expect(page.locator(f'article[data-number="{second.number}"]')).to_be_visible()
    said = page.get_by_role("status").filter(has_text=name)
    expect(said).to_be_visible()
    expect(said.get_by_role("link")).to_have_attribute("href", f"/staff/cases/{first.number}/")
    focused(page, row(page, second))


def test_on_a_phone_the_list_and_a_case_are_two_pages(visit: Visit, cast: Cast) -> None:
    first, second, _ = three(cast)
    page = visit("dispatcher", device="phone").go("/staff/")
    page.locator(row(page, first)).click()
    page.wait_for_url(f"**/{first.number}/")
    assert not too_wide(page)
    page.get_by_role("link", name="下一件").click()
    page.wait_for_url(f"**/{second.number}/")
    page.get_by_role("link", name="回待办").click()
    expect(page.locator(row(page, first))).to_be_visible()
    assert not too_wide(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_are_ticked_held_taken_back_and_done_by_keys(visit: Visit, cast: Cast, lang: str) -> None:
    first, second, _ = three(cast)
    page = visit("dispatcher", lang=lang).go("/staff/")
    press(page, "j", "x", "j", "x")
    page.get_by_role("button", name={"zh": "批量办理选中的", "en": "Act on the chosen"}[lang]).press("Enter")
    page.get_by_role("radio", name={"zh": "不予受理", "en": "Decline"}[lang]).check()
    page.get_by_role("button", name={"zh": "下一步", "en": "Next"}[lang]).press("Enter")
    form = page.locator(".card.do form")
    form.locator("[name=reason]").fill("已由路灯所受理")
    form.locator("[name=legal_basis]").fill("不予受理清单第 2 项")
    axe(page)
    form.locator(".btns button").press("Enter")
    expect(page.locator("[data-hold]")).to_be_visible()
    axe(page)
    press(page, "z")
    expect(page.get_by_role("status")).to_contain_text({"zh": "一件也没有办", "en": "nothing was done"}[lang])
    expect(form.locator("[name=reason]")).to_have_value("已由路灯所受理")
    form.locator(".btns button").press("Enter")
    page.get_by_role("button", name={"zh": "现在就办", "en": "Do it now"}[lang]).press("Enter")
    expect(page.get_by_role("status")).to_contain_text({"zh": "办好 2 件", "en": "2 done"}[lang])
    for case in (first, second):
        case.refresh_from_db()
        assert case.step == "declined"


def test_without_scripts_a_batch_waits_on_a_page_with_both_buttons(visit: Visit, cast: Cast) -> None:
    first, *_ = three(cast)
    page = visit("dispatcher", js=False).go(f"/staff/cases/bulk/?n={first.number}&do=decline")
    page.locator("[name=reason]").fill("已由路灯所受理")
    page.locator("[name=legal_basis]").fill("不予受理清单第 2 项")
    page.locator(".card.do .btns button").click()
    expect(page.get_by_role("button", name="撤销")).to_be_visible()
    page.get_by_role("button", name="现在就办").click()
    expect(page.get_by_role("status")).to_contain_text("办好 1 件")


@pytest.mark.parametrize("start", ["/staff/notices/", "/staff/cases/", "/staff/my/"])
def test_what_is_late_today_is_one_click_from_anywhere(visit: Visit, cast: Cast, start: str) -> None:
    acts.lamps_are_municipal(cast)
    late = reported(cast, at=now() - timedelta(days=2))
    page = visit("dispatcher").go(start)
    page.get_by_role("navigation", name="工作菜单").get_by_role("link", name="今天要超时的").click()
    expect(page.locator(row(page, late))).to_be_visible()
    expect(page.locator(row(page, late)).locator(".due")).to_contain_text("超时")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_colleague_is_named_in_a_note_by_keys_and_finds_it(visit: Visit, cast: Cast, lang: str) -> None:
    first, *_ = three(cast)
    page = visit("dispatcher", lang=lang).go("/staff/")
    press(page, "j", "Enter")
    expect(page.locator(f'article[data-number="{first.number}"]')).to_be_visible()
    press(page, "n")
    words = page.locator("[name=note_words]")
    expect(words).to_be_focused()
    page.keyboard.type({"zh": "请看 @许回", "en": "Please look @Xu"}[lang])
    expect(page.locator(".offered li")).to_have_count(1)
    axe(page)
    press(page, "Enter")
    name = {"zh": "许回访", "en": "Xu Huifang"}[lang]
    expect(words).to_have_value({"zh": "请看 @", "en": "Please look @"}[lang] + name + " ")
    page.locator(".card.do .btns button").press("Enter")
    expect(
        page.get_by_role("status").filter(has_text={"zh": "内部备注", "en": "internal note"}[lang])
    ).to_be_visible()
    expect(page.locator(".tl")).to_contain_text(name)

    other = visit("call_back", lang=lang).go("/staff/mentions/")
    expect(other.get_by_role("main")).to_contain_text(name)
    other.get_by_role("main").get_by_role("link").first.click()
    other.wait_for_url(f"**/{first.number}/")


def test_two_at_once_see_each_other_before_and_after(visit: Visit, cast: Cast) -> None:
    from linli.kernel.people.models import Account, Appointment

    first, *_ = three(cast)
    colleague = Account.objects.create(
        username="colleague", name="苏同事", second_factor_on=now(), created_at=now()
    )
    start = (now() - timedelta(days=40)).date()
    Appointment.objects.create(post=cast.post("dispatcher"), account=colleague, from_on=start)
    cast.accounts["colleague"] = colleague
    mine, theirs = visit("dispatcher"), visit("colleague")
    acts.choose_case(mine, first.number)
    acts.choose_case(theirs, first.number)
    acts.begin(mine.page, "不予受理")
    form = acts.begin(theirs.page, "不予受理")
    expect(theirs.page.locator(".card.do")).to_contain_text("黄派遣")
    form.locator("[name=reason]").fill("已由路灯所受理")
    form.locator("[name=legal_basis]").fill("不予受理清单第 2 项")
    form.locator(".btns button").click()
    expect(theirs.page.get_by_role("status").filter(has_text="“不予受理”已办")).to_be_visible()
    mine.page.locator("#pulse").dispatch_event("linli:look")  # the half minute is over
    told = mine.page.locator("#pulse")
    expect(told).to_contain_text("苏同事")
    expect(told).to_contain_text("不予受理")
    expect(told).to_contain_text("您填的内容还在")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_similar_case_gives_its_answer_and_a_canned_reply_its_words(
    visit: Visit, cast: Cast, lang: str
) -> None:
    from linli.kernel.procedures import replies
    from tests.events import event_at

    event_at(cast, "closed")
    case = event_at(cast, "handling")
    replies.write_reply("催一催", "编号 {{编号}}，请稍候。", by=cast.actor("handler"))
    page = visit("handler", lang=lang).go("/staff/")
    press(page, "j", "Enter")
    page.get_by_role("link", name={"zh": "类似的办件", "en": "Similar cases"}[lang]).click()
    use = page.get_by_role("link", name={"zh": "用它的答复", "en": "Use its answer"}[lang]).first
    expect(use).to_be_visible()
    axe(page)
    use.click()
    text = page.locator(".card.do textarea").first
    expect(text).not_to_have_value("")
    page.get_by_label({"zh": "选一条常用语", "en": "Choose a canned reply"}[lang]).select_option(
        label="催一催"
    )
    page.get_by_role("button", name={"zh": "填入", "en": "Put it in"}[lang]).press("Enter")
    expect(text).to_have_value(re.compile(case.number))
    axe(page)
