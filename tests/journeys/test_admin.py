"""What a county changes without a programmer (管理员的一天), in a real browser: limits, messages, categories, and the way back."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from linli.base.clock import local
from linli.domains.events import directory as verbs
from linli.domains.events.models import Directory
from linli.kernel.notices.templates import template_for
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import current_version, load_all, procedure_of
from tests.cast import Cast
from tests.events import MONDAY, event_at
from tests.journeys import accessible
from tests.journeys.conftest import Visit

WORDS = {
    "zh": {
        "try": "检查并试算",
        "save": "保存",
        "refused": "超过法律允许的 60 日",
        "back": "恢复默认",
        "go_on": "继续",
        "set_back": "恢复",
        "preview": "预览",
        "use": "启用",
        "check": "检查并启用",
        "put": "启用这一版",
        "look": "检查并预览",
        "walk": "再走一遍",
    },
    "en": {
        "try": "Check and try",
        "save": "Save",
        "refused": "longer than the law allows",
        "back": "Set back to the default",
        "go_on": "Go on",
        "set_back": "Set back",
        "preview": "Preview",
        "use": "Put in force",
        "check": "Check and put in use",
        "put": "Put in use",
        "look": "Check and preview",
        "walk": "Walk it again",
    },
}


def due_on(case: Case) -> date:
    """The day by which all of a case is promised (办件到期日)."""
    assert case.due_at is not None
    return local(case.due_at).date()


def simple_days() -> int:
    limit = procedure_of(current_version("grid-event", "350102001001")).limit
    assert limit is not None
    return limit.table["simple"].n


@pytest.mark.parametrize(("lang", "device"), [("zh", "desktop"), ("en", "phone")])
def test_a_limit_is_changed_and_set_back(visit: Visit, cast: Cast, lang: str, device: str) -> None:
    load_all()
    words, before = WORDS[lang], event_at(cast, "dispatching")
    assert due_on(before) == MONDAY.date() + timedelta(days=3)
    admin = visit("admin", lang=lang, device=device)
    page = admin.go("/staff/admin/limits/petition/")
    page.locator('[name="n.limit"]').fill("90")
    page.locator("[name=basis]").fill("鼓政办〔2026〕5号")
    with admin.refused(422):
        page.get_by_role("button", name=words["try"]).click()
    expect(page.locator(".limit-row.wrong")).to_contain_text(words["refused"])
    expect(page.get_by_role("button", name=words["save"], exact=True)).to_have_count(0)
    accessible.axe(page)

    page = admin.go("/staff/admin/limits/grid-event/")
    page.locator('[name="n.limit:simple"]').fill("2")
    page.locator("[name=basis]").fill("鼓政办〔2026〕5号")
    page.get_by_role("button", name=words["try"]).click()
    expect(page.locator(".preview")).to_be_visible()
    accessible.axe(page)
    assert simple_days() == 3
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page).to_have_url(re.compile("/history/"))
    assert simple_days() == 2
    assert due_on(event_at(cast, "dispatching")) == MONDAY.date() + timedelta(days=2)
    before.refresh_from_db()
    assert due_on(before) == MONDAY.date() + timedelta(days=3)  # a running case keeps its version
    accessible.axe(page)

    page.get_by_role("link", name=words["back"]).click()
    page.locator("[name=basis]").fill("改错了")
    page.get_by_role("button", name=words["go_on"]).click()
    page.get_by_role("button", name=words["set_back"], exact=True).click()
    expect(page).to_have_url(re.compile("/history/"))
    assert simple_days() == 3
    assert due_on(event_at(cast, "dispatching")) == MONDAY.date() + timedelta(days=3)


@pytest.mark.parametrize(("lang", "device"), [("zh", "desktop"), ("en", "phone")])
def test_a_procedure_is_worded_and_tried(visit: Visit, cast: Cast, lang: str, device: str) -> None:
    load_all()
    words = WORDS[lang]
    admin = visit("admin", lang=lang, device=device)
    page = admin.go("/staff/admin/procedures/grid-event/words/")
    page.locator("details", has=page.locator('[name="zh.fields.grade.title"]')).locator("summary").click()
    page.locator('[name="zh.fields.grade.title"]').fill("轻重缓急")
    page.locator('[name="en.fields.grade.title"]').fill("How urgent")
    page.locator('[name="at.grade.complex"]').fill("0")
    page.locator("[name=basis]").fill("鼓政办〔2026〕5号")
    accessible.axe(page)
    page.get_by_role("button", name=words["look"], exact=True).click()
    expect(page.locator(".preview")).to_contain_text("轻重缓急" if lang == "zh" else "How urgent")
    expect(page.locator(".look").first).to_be_visible()
    accessible.axe(page)
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page).to_have_url(re.compile("/history/"))
    grade = procedure_of(current_version("grid-event", "350102001001")).fields["grade"]
    assert (grade.title.zh, grade.choices[0][0]) == ("轻重缓急", "complex")

    page = admin.go("/staff/admin/procedures/grid-event/try/")
    expect(page.locator(".trying")).to_contain_text(grade.title.in_language(lang))
    page.locator("#do-1").select_option("decline")
    page.get_by_role("button", name=words["walk"], exact=True).click()
    expect(page.locator(".trial > li")).to_have_count(2)
    accessible.axe(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_message_is_reworded(visit: Visit, cast: Cast, lang: str) -> None:
    words = WORDS[lang]
    admin = visit("admin", lang=lang)
    page = admin.go("/staff/admin/templates/task.withdrawn/")
    page.locator("[name=body_zh]").fill("“{title}”（{number}）已转走，辛苦了。")
    page.locator("[name=body_en]").fill("“{title}” ({number}) has gone on, thank you.")
    page.get_by_role("button", name=words["preview"], exact=True).click()
    expect(page.locator("#preview")).to_contain_text("thank you")
    accessible.axe(page)
    page.get_by_role("button", name=words["use"], exact=True).click()
    expect(page.locator(".past li.now")).to_be_visible()
    assert "辛苦了" in template_for("task.withdrawn").body[0].zh


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_directory_is_checked_then_put_in_use(visit: Visit, cast: Cast, lang: str) -> None:
    load_all()
    words, by = WORDS[lang], cast.actor("admin")
    used = Directory.objects.create(code="t", title="试验目录", active=True)
    verbs.create_category(used, "01", name="路灯", name_en="Lamps", by=by)
    draft = verbs.next_version(used, by=by)
    verbs.create_category(draft, "02", name="坑洼", name_en="Potholes", by=by)
    admin = visit("admin", lang=lang)
    page = admin.go("/staff/admin/events/categories/t/2/")
    page.get_by_role("link", name=words["check"]).click()
    expect(page.locator(".changes")).to_contain_text("02")
    accessible.axe(page)
    page.get_by_role("button", name=words["put"]).click()
    expect(page.locator(".notices")).to_be_visible()
    draft.refresh_from_db()
    assert draft.active


@pytest.mark.parametrize(("lang", "device"), [("zh", "phone"), ("en", "desktop")])
def test_one_box_leads_everywhere(visit: Visit, cast: Cast, lang: str, device: str) -> None:
    load_all()
    page = visit("admin", lang=lang, device=device).go("/staff/admin/")
    accessible.axe(page)
    page.locator("#admin-q").fill("grid-event")
    page.locator("#admin-q").press("Enter")
    page.locator("main a[href$='/procedures/grid-event/']").click()
    expect(page.locator("h1")).to_be_visible()
