"""The residents' face (居民门户): from the first page to the rating, without scripts where that is promised."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from linli.base.clock import now
from linli.kernel.people.models import KeptDraft, Mandate
from linli.kernel.people.services import revise_organisation
from linli.kernel.procedures.models import Case, Participation
from tests.cast import Cast
from tests.events import event_at, lamp_category, reported
from tests.journeys import acts
from tests.journeys.accessible import axe, too_wide
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor

WORDS = {
    "zh": {
        "choose": "选择地区", "here": "选择 庆城社区", "showing": "显示的是 庆城社区 的内容", "search": "搜", "nothing": "没有找到",
        "report": "反映一件事", "what": "情况", "next": "下一步：在哪里", "village": "或者选村（社区）", "community": "庆城社区",
        "contact": "下一步：联系方式", "send": "提交", "received": "已收到。", "progress": "看进度", "raised": "您提出了这件事",
    },
    "en": {
        "choose": "Choose", "here": "Choose Qingcheng Community", "showing": "Showing Qingcheng Community", "search": "Search",
        "nothing": "Nothing found", "report": "Report something", "what": "What happened", "next": "Next: where",
        "village": "Or choose the village", "community": "Qingcheng Community", "contact": "Next: contact", "send": "Send",
        "received": "We have it.", "progress": "See its progress", "raised": "You raised this",
    },
}  # fmt: skip


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_the_first_page_to_the_progress(visit: Visit, cast: Cast, lang: str, js: bool) -> None:
    w = WORDS[lang]
    lamp_category()
    visitor = visit(device="phone", lang=lang, js=js)
    page = visitor.go("/")
    page.get_by_role("main").get_by_role("link", name=w["choose"], exact=True).click()
    page.get_by_role("searchbox").fill("庆城社区")
    page.get_by_role("main").get_by_role("button", name=w["search"], exact=True).click()
    page.get_by_role("button", name=w["here"], exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(w["showing"])
    if js:
        axe(page)
        assert too_wide(page) == []

    page.get_by_role("searchbox").fill("庆城")
    page.get_by_role("main").get_by_role("button", name=w["search"], exact=True).click()
    expect(page.locator("mark").first).to_have_text("庆城")
    page.get_by_role("searchbox").fill("飞碟")
    page.get_by_role("main").get_by_role("button", name=w["search"], exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(w["nothing"])

    visitor.go("/")
    page.get_by_role("main").get_by_role("link", name=w["report"], exact=True).click()
    page.get_by_label(w["what"]).fill("北门路灯不亮，晚上看不见路。")
    page.get_by_role("button", name=w["next"]).click()
    page.get_by_label(w["village"]).select_option(label=w["community"])
    page.get_by_role("button", name=w["contact"]).click()
    page.get_by_role("button", name=w["send"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(w["received"])
    page.get_by_role("link", name=w["progress"]).click()
    expect(page.get_by_role("main")).to_contain_text(w["raised"])


def test_a_draft_goes_on_when_the_browser_is_opened_again(visit: Visit, cast: Cast) -> None:
    lamp_category()
    first = visit(device="phone", js=False)
    page = first.go("/report/")
    acts.write_report(page, "河边护栏断了一截。", with_photo=True)
    kept = next(c["value"] for c in first.context.cookies() if c["name"] == "linli_draft")

    again = visit(device="phone", js=False)  # the session is gone; what the browser keeps for a week is not
    again.keep({"linli_draft": kept})
    page = again.go("/")
    expect(page.get_by_role("region", name="接着写")).to_contain_text("河边护栏断了一截")
    page.get_by_role("link", name="接着写").click()
    page.get_by_role("searchbox").fill("中山社区")
    page.get_by_role("button", name="找", exact=True).click()
    page.get_by_role("button", name=re.compile("^就在这里.*中山社区$")).click()
    expect(page.get_by_role("img", name="照片")).to_be_visible()
    acts.send_report(page)
    assert Case.objects.get().village == cast.area("village2").prefix
    assert not KeptDraft.objects.exists()


def test_who_met_the_same_joins_without_scripts(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now())
    neighbour = visit("outsider", device="phone", js=False)
    page = neighbour.go("/report/")
    acts.write_report(page, "路灯坏了，走路看不见。")
    lng, lat = cast.point("grid1")
    page.get_by_text("填经纬度").click()
    page.get_by_label("经度").fill(str(lng))
    page.get_by_label("纬度").fill(str(lat))
    page.get_by_role("button", name="下一步：联系方式").click()
    page.get_by_role("region", name="附近有人反映过").get_by_role("link", name="我也遇到了").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("是这件事吗？")
    page.get_by_role("button", name="我也遇到了，加上我").click()
    expect(page.get_by_text("已经把您加上了")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("北门")
    assert Participation.objects.filter(case=case, part="follower", ref=cast.person("outsider").pk).exists()
    assert Case.objects.count() == 1


def test_a_rating_with_reasons_without_scripts_and_the_way_back(visit: Visit, cast: Cast) -> None:
    case = event_at(cast, "evaluating", at=now())
    resident = visit("resident", device="phone", js=False)
    page = resident.go(f"/case/{case.number}/")
    todo = page.locator("#todo")
    todo.get_by_role("group", name="问题解决了").get_by_label("是").check()
    todo.locator("input[name=satisfied][value='2']").check(force=True)
    todo.get_by_label("办得慢").check()
    todo.get_by_label("没人联系我").check()
    todo.get_by_role("button", name="评价").click()
    expect(page.get_by_role("region", name="办理过程")).to_contain_text("办得慢、没人联系我")
    expect(page.get_by_role("main")).to_contain_text("最晚 ")
    page.get_by_role("link", name="重新办理").click()
    page.get_by_label("理由").fill("又坏了。")
    page.get_by_role("button", name="重新办理").click()
    expect(page.get_by_role("region", name="办理过程")).to_contain_text("重新办理")


def test_reasons_fit_the_level_where_scripts_run(visit: Visit, cast: Cast) -> None:
    case = event_at(cast, "evaluating", at=now())
    resident = visit("resident", device="phone")
    page = resident.go(f"/case/{case.number}/")
    good, bad = page.locator("#f-praise"), page.locator("#f-blame")
    expect(good).to_be_hidden()
    expect(bad).to_be_hidden()
    page.locator("input[name=satisfied][value='5']").check(force=True)
    expect(good).to_be_visible()
    expect(bad).to_be_hidden()
    page.locator("input[name=satisfied][value='1']").check(force=True)
    expect(good).to_be_hidden()
    expect(bad).to_be_visible()
    axe(page)


def give_mandate(page: Page, cast: Cast, visitor: Visitor) -> None:
    visitor.go("/mine/mandates/")
    page.get_by_role("link", name="委托一个人").click()
    page.get_by_label("帮办人姓名").fill("王路人")
    page.get_by_label("帮办人手机号").fill("13900000002")
    page.get_by_label("委托办什么").select_option(value="all")
    page.get_by_role("button", name="发验证码到").click()
    page.get_by_label("验证码").fill(acts.code_sent_to(cast.person("resident").phone))
    page.get_by_role("button", name="确认委托").click()
    expect(page.get_by_text("已委托。")).to_be_visible()


def test_acting_for_somebody_without_scripts(visit: Visit, cast: Cast) -> None:
    case = reported(cast, at=now())
    resident = visit("resident", device="phone", js=False)
    give_mandate(resident.page, cast, resident)

    helper = visit("outsider", device="phone", js=False)
    page = helper.go("/mine/mandates/")
    page.get_by_role("button", name=re.compile("^接受")).click()
    page.get_by_role("button", name="替 林** 办").click()
    expect(page.get_by_text("正在替 林** 办")).to_be_visible()
    page.get_by_role("link", name=case.title).click()
    page.get_by_role("link", name="补充说明或照片").click()
    page.get_by_label("说明").fill("第四盏也坏了。")
    page.get_by_role("button", name="补充说明或照片").click()
    page.get_by_role("button", name="换回我自己").click()
    helper.go(f"/case/{case.number}/", status=404)

    page = resident.go(f"/case/{case.number}/")
    expect(page.get_by_role("region", name="办理过程")).to_contain_text("由代办人 王** 代为办理")
    resident.go("/mine/mandates/")
    page.get_by_role("button", name=re.compile("^结束委托")).click()
    assert Mandate.objects.get().ended_at is not None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_elders_home_is_calm_large_and_remembered(visit: Visit, cast: Cast, lang: str) -> None:
    revise_organisation(cast.organisation("committee"), phone="0591-0000 0001", by=cast.actor("system"))
    visitor = visit(device="phone", lang=lang)
    visitor.keep({"linli_area": cast.area("grid1").code})
    page = visitor.go("/")
    page.get_by_role("button", name="长辈版" if lang == "zh" else "Large").click()
    for _ in range(2):  # and again when one comes back
        ways = page.locator(".big .btn")
        expect(ways).to_have_count(4)
        for way in ways.all():
            box = way.bounding_box()
            assert box is not None
            assert box["height"] >= 60
        visitor.go("/")
    expect(page.locator('a[href="tel:059100000001"]')).to_be_visible()
    assert too_wide(page) == []
    axe(page)


@pytest.mark.parametrize(("lang", "name"), [("zh", "读给我听"), ("en", "Read aloud")])
def test_pages_offer_to_be_read_aloud_and_begin_nothing_by_themselves(
    visit: Visit, cast: Cast, lang: str, name: str
) -> None:
    visitor = visit(device="phone", lang=lang)
    page = visitor.page
    page.add_init_script(
        "window.said = []; Object.defineProperty(window, 'speechSynthesis', {value: {"
        "speak: (u) => window.said.push([u.lang, u.text]), cancel: () => {}, pause: () => {}, resume: () => {}, speaking: true}});"
    )
    for path in ("/", "/help/", "/report/", "/public/"):
        visitor.go(path)
        expect(page.get_by_role("button", name=name)).to_be_visible()
        assert page.evaluate("window.said.length") == 0
    visitor.go("/help/")
    page.get_by_role("button", name=name).click()
    spoken, words = page.evaluate("window.said[0]")
    assert spoken == ("zh-CN" if lang == "zh" else "en-GB")
    assert words == page.get_by_role("heading", level=1).inner_text()
    expect(page.get_by_role("button", name="暂停" if lang == "zh" else "Pause")).to_be_visible()
    page.get_by_role("button", name="停" if lang == "zh" else "Stop", exact=True).click()
    expect(page.get_by_role("button", name=name)).to_be_focused()
    axe(page)


def test_without_scripts_nothing_is_offered_that_would_not_work(visit: Visit, cast: Cast) -> None:
    page = visit(device="phone", js=False).go("/help/")
    expect(page.get_by_text(re.compile("读给我听"))).to_be_hidden()
