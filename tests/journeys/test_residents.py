"""At the residents' pages (居民页面): a question, a refusal and its review, large letters, a session that ran out."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from linli.base.clock import now
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.events import event_at, reported
from tests.journeys import acts
from tests.journeys.conftest import Visit


def test_a_question_stops_the_clock_and_the_answer_starts_it(visit: Visit, cast: Cast) -> None:
    case = event_at(cast, "handling", at=now())
    handler = visit("handler")
    acts.choose_case(handler, case.number)
    form = acts.begin(handler.page, "请补充")
    form.get_by_label("想问反映人什么").fill("是哪三盏灯？")
    acts.finish(form, "请补充")
    expect(handler.page.locator("article")).to_contain_text("已中止计时")

    resident = visit(device="phone")
    page = acts.sign_in(resident, "resident", cast)
    waiting = page.get_by_role("region", name="等您办的")
    waiting.get_by_role("link", name=case.title).click()
    todo = page.locator("#todo")
    expect(todo).to_contain_text("是哪三盏灯？")
    todo.get_by_label("补充说明").fill("门口右手边三盏。")
    todo.get_by_role("button", name="回答提问").click()
    expect(page.get_by_text("已提交：回答提问")).to_be_visible()
    expect(page.get_by_role("region", name="办理过程")).to_contain_text("您补充了说明")

    answered = acts.choose_case(handler, case.number)
    expect(answered).to_contain_text("门口右手边三盏。")
    expect(answered).not_to_contain_text("已中止计时")
    case.refresh_from_db()
    assert case.status == "open"


def test_a_refusal_says_why_and_is_reviewed(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now())
    dispatcher = visit("dispatcher")
    acts.choose_case(dispatcher, case.number)
    form = acts.begin(dispatcher.page, "不予受理")
    with dispatcher.refused(422):
        form.get_by_role("button", name="不予受理").click()
        expect(dispatcher.page.locator(".mend")).to_be_focused()
    form = dispatcher.page.locator(".card.do form")
    form.get_by_label("理由").fill("已经进入诉讼。")
    form.get_by_label("依据").fill("不予受理清单第 2 项")
    acts.finish(form, "不予受理")

    resident = visit("resident", device="phone")
    page = resident.go(f"/case/{case.number}/")
    expect(page.get_by_role("main")).to_contain_text("已经进入诉讼。")
    expect(page.get_by_role("main")).to_contain_text("不予受理清单第 2 项")
    page.get_by_role("link", name="不予受理复核").click()
    page.get_by_label("理由").fill("没有打过官司，请再看看。")
    page.get_by_role("button", name="提交").click()
    slip = acts.read_slip(page)

    supervisor = visit("supervisor")
    acts.choose_case(supervisor, slip.number)
    form = acts.begin(supervisor.page, "成立，恢复受理")
    form.get_by_label("复核意见").fill("查无诉讼，请受理。")
    acts.finish(form, "成立，恢复受理")

    page = resident.go(f"/case/{case.number}/")
    expect(page.get_by_role("heading", level=2).first).to_have_text("等街道受理")
    expect(page.get_by_role("region", name="办理过程")).to_contain_text("复核成立，重新受理")
    case.refresh_from_db()
    assert (case.step, case.status) == ("reported", "open")


def test_large_letters_stay_on_every_page_and_fit_a_phone(visit: Visit, cast: Cast) -> None:
    from tests.journeys.accessible import axe, too_wide

    case = event_at(cast, "evaluating", at=now())
    resident = visit("resident", device="phone")
    page = resident.go("/")
    before = float(page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)"))
    page.get_by_role("button", name="长辈版").click()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    assert page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)") > before
    for path in ("/report/", "/mine/", f"/case/{case.number}/"):
        resident.go(path)
        expect(page.locator("html")).to_have_attribute("data-size", "large")
        assert too_wide(page) == []
        axe(page)
    page.get_by_role("button", name="标准版").click()
    expect(page.locator("html")).not_to_have_attribute("data-size", "large")


def test_what_was_written_outlives_a_sign_in_halfway(visit: Visit, cast: Cast) -> None:
    """Signing in rotates the session; words, photo and place go with it."""
    visitor = visit(device="phone")
    page = visitor.go("/report/")
    acts.write_report(page, "河边护栏断了一截。", with_photo=True)
    acts.choose_village(page, "庆城社区", "河边步道")
    acts.sign_in(visitor, "resident", cast)
    page = visitor.go("/report/send/")
    expect(page.get_by_role("main")).to_contain_text("河边护栏断了一截。")
    expect(page.get_by_role("img", name="照片")).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    slip = acts.read_slip(page)
    case = Case.objects.get(number=slip.number)
    assert case.applicant == cast.person("resident")
    page.get_by_role("link", name="看进度").click()
    expect(page.get_by_role("img", name="办理前的照片")).to_be_visible()


def test_staff_whose_session_ran_out_come_back_to_the_form(visit: Visit, cast: Cast) -> None:
    from django.contrib.sessions.models import Session

    case = reported(cast, at=now())
    dispatcher = visit("dispatcher")
    page = dispatcher.go(f"/staff/cases/{case.number}/do/decline/")
    page.get_by_label("理由").fill("已经进入诉讼，法院已受理。")
    page.get_by_label("依据").fill("不予受理清单第 2 项")
    Session.objects.all().delete()
    page.get_by_role("main").get_by_role("button", name="不予受理").click()
    expect(page).to_have_url(re.compile(r"/staff/sign-in/\?next="))
