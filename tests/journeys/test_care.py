"""Help at home, from the visit to the withdrawal of a consent (关爱帮扶), in a real browser, on a phone, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from linli.base.clock import local, now
from linli.domains.care.models import HelpPlan, Visit
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import ErasableFact
from tests.cast import Cast
from tests.journeys import accessible
from tests.journeys.conftest import Visit as Opens

WORDS = {
    "zh": {
        "enter": "记走访",
        "did": "记一次走访",
        "withdraw": "撤回同意",
        "file": "整个案卷",
        "low": "可能不太好过",
    },
    "en": {
        "enter": "Enter visit",
        "did": "Enter a visit",
        "withdraw": "Withdraw consent",
        "file": "the whole file",
        "low": "may have been hard",
    },
}


def a_plan(cast: Cast) -> Case:
    """A plan with a consent about health, and a visit that is planned for today."""
    load_all()
    start, today = now() - timedelta(hours=5), local(now()).date()
    asked = {"target_group": "elderly", "wish": "送餐。", "home_address": "和平路 12 号"}
    receipt = engine.open_case(
        "help-plan",
        by=cast.actor("resident"),
        area=cast.area("village1"),
        data=asked,
        channel="web",
        applicant=cast.person("resident"),
        at=start,
    )
    case = Case.objects.get(number=receipt.number)
    plan = {"needs": "做饭困难。", "goals": "每天送餐", "health_need": "上下楼要有人扶。"}
    for n, (action, data) in enumerate(
        (
            ("agree", {"consent_ground": "consent", "consent_scope": ["health"]}),
            ("plan", {**plan, "review_on": str(today + timedelta(days=30))}),
            ("plan_visit", {"visit_on": str(today), "visit_topic": "errand"}),
        )
    ):
        engine.act(case, action, data, by=cast.actor("care_worker"), at=start + timedelta(minutes=n + 1))
    return case


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_visit_is_made_and_a_consent_withdrawn(visit: Opens, law_cast: Cast, lang: str) -> None:
    case, words = a_plan(law_cast), WORDS[lang]
    page = visit("care_worker", lang=lang, device="phone").go("/staff/care/")
    expect(page.locator("main ol")).to_contain_text("和平路 12 号")
    accessible.axe(page)
    assert accessible.too_wide(page) == []
    page.get_by_role("link", name=re.compile(words["enter"])).click()
    expect(page.locator("[name=visit_topic]:checked")).to_have_value("errand")
    page.locator("[name=met][value=met]").check(force=True)
    page.locator("[name=request]").fill("想借一辆轮椅。")
    page.locator("[name=answer]").fill("下周送来。")
    accessible.axe(page)
    page.get_by_role("button", name=re.compile(words["did"])).last.click()
    expect(page.locator("main")).to_contain_text("下周送来。")
    assert Visit.objects.get(plan_id=case.pk).answered

    page = visit("resident", lang=lang, device="phone").go(f"/case/{case.number}/")
    expect(page.locator("main")).to_contain_text("下周送来。")
    expect(page.locator("main")).to_contain_text("上下楼要有人扶。")
    accessible.axe(page)
    page.get_by_role("link", name=words["withdraw"], exact=True).click()
    page.get_by_role("button", name=words["withdraw"], exact=True).click()
    expect(page.locator("main")).not_to_contain_text("上下楼要有人扶。")
    assert HelpPlan.objects.get(case=case).scopes == []
    assert not ErasableFact.objects.filter(case_id=case.pk, name="health_need").exists()
    page.goto(page.url.partition("/case/")[0] + "/mine/looks/")
    expect(page.locator("main")).to_contain_text(words["file"])

    page = visit("care_lead", lang=lang, device="phone").go("/staff/care/totals/")
    accessible.axe(page)
    assert accessible.too_wide(page) == []

    page = visit(lang=lang, device="phone").go("/care/self-check/")
    for n in range(1, 6):
        page.locator(f"[name=q{n}][value='0']").check(force=True)
    expect(page.locator("#self-result")).to_contain_text(words["low"])
    accessible.axe(page)
