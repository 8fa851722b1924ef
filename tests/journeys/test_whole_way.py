"""A report from the phone of a resident to their rating (一件事从反映到评价), each person at their own browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from linli.kernel.procedures import proof
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.journeys import acts
from tests.journeys.conftest import Visit

WORDS = "小区北门三盏路灯不亮，晚上看不见路。"


@pytest.mark.parametrize("js", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_report_is_made_assigned_handled_verified_and_rated(visit: Visit, cast: Cast, js: bool) -> None:
    acts.lamps_are_municipal(cast)

    resident = visit(device="phone", js=js)
    page = resident.go("/")
    page.get_by_role("link", name="反映一件事").click()
    acts.write_report(page, WORDS, with_photo=True)
    if js:
        acts.tap_map(page, across=0.2, words="庆城")
    else:
        acts.choose_village(page, "庆城社区", "北门")
    slip = acts.send_report(page)
    case = Case.objects.get(number=slip.number)
    assert case.area == cast.area("grid1" if js else "village1")

    dispatcher = visit(js=js)
    acts.sign_in(dispatcher, "dispatcher", cast)
    acts.choose_case(dispatcher, slip.number)
    form = acts.begin(dispatcher.page, "受理")
    expect(form.get_by_label("类别")).to_have_value("test:1:lamp")  # suggested from the words
    form.get_by_role("radio", name="简单").check()
    acts.finish(form, "受理")
    expect(dispatcher.page.get_by_text("建议派给 区市政维护中心")).to_be_visible()
    form = acts.begin(dispatcher.page, "派遣")
    expect(form.get_by_label("主办单位")).to_have_value("350102-municipal")
    acts.finish(form, "派遣")

    handler = visit(js=js)
    acts.sign_in(handler, "handler", cast)
    acts.choose_case(handler, slip.number)
    acts.finish(acts.begin(handler.page, "签收"), "签收")
    form = acts.begin(handler.page, "办理反馈")
    form.get_by_label("办理情况（内部）").fill("换了三个灯头。")
    form.get_by_label("给居民的答复").fill("三盏灯都修好了。")
    form.locator("input[type=file]").set_input_files([acts.photo("hou.jpg", "#fc6")])
    acts.finish(form, "办理反馈")

    worker = visit(device="phone", js=js)
    acts.sign_in(worker, "grid_worker", cast)
    acts.choose_case(worker, slip.number)
    form = acts.begin(worker.page, "核实通过")
    form.get_by_label("核实意见").fill("晚上到场看过，都亮了。")
    form.get_by_role("button", name="核实通过").click()
    expect(worker.page.get_by_text("“核实通过”已办")).to_be_visible()

    home = visit(device="phone", js=js)
    page = acts.track(home, slip)
    story = page.get_by_role("region", name="办理过程")
    for step in ("您提出了这件事", "街道已受理", "已派给承办单位", "承办单位已签收", "核实：已经办好"):
        expect(story).to_contain_text(step)
    expect(story).to_contain_text("三盏灯都修好了。")
    expect(page.get_by_role("main")).not_to_contain_text("换了三个灯头")
    expect(page.get_by_role("img", name="办理前的照片")).to_be_visible()
    expect(page.get_by_role("img", name="办理后的照片")).to_be_visible()
    rating = page.locator("#todo")
    rating.get_by_role("group", name="问题解决了").get_by_role("radio", name="是").check()
    rating.get_by_role("group", name="您满意吗").get_by_role("radio").first.check()
    rating.get_by_role("button", name="评价").click()
    expect(page.get_by_role("heading", name="已解决")).to_be_visible()

    assert proof.verify_all().first_fault is None
    done = Record.objects.filter(case_id=case.pk).order_by("seq").values_list("action", flat=True)
    assert list(done) == ["open", "accept", "assign", "sign", "answer", "verify", "rate"]
