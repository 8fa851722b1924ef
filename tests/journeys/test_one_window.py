"""The one window from application to archive (一窗受理), on screen: four matters, each through two channels.

Each is applied for by the resident on a phone, and once more at the window or by the village agent; what registers know is
not asked; what is missing is said once; the clock stops and goes on; whoever decides did not examine; and it is rated.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from linli.base.clock import now, today
from linli.domains.matters.models import Application, ApplicationPaper
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.journeys import onewindow as window
from tests.journeys.acts import photo
from tests.journeys.conftest import Visit
from tests.journeys.onewindow import settled
from tests.journeys.visitor import Visitor
from tests.servicecast import put_in_force

PHONE = "13900000001"
MISSING = "授权书请本人签字后补交，拍照上传或交到窗口都行。"


def back(resident: Visitor, cast: Cast) -> Visitor:
    """The resident signs in again, some weeks later (过些天再登录)."""
    resident.keep({m.key: m.value for m in cast.client("resident").cookies.values()})
    return resident


def is_kept(keeper: Visitor, case: Case, channel: str, outcome: str = "granted") -> None:
    """It came through this channel, has ended, stands in the archive, and its record holds."""
    case.refresh_from_db()
    assert (case.channel, case.outcome) == (channel, outcome)
    window.archived(keeper, case)
    assert proof.replay(case) == []


# ------------------------------------------------------------------------------------------ a life event

CHILD = {
    "name": "林新生",
    "born": "2026-05-20",
    "hospital": "区妇幼保健院",
    "count": "1",
    "with": "mother",
    "who": "newborn",
}
CHILD_PAPERS = {"first-page": "bring", "word": "bring", "form": "bring"}
BIRTH = ("birth-certificate", "birth-notice", "birth-register", "resident-insurance")
BUNDLE = (*BIRTH, "social-card", "maternity-allowance", "birth")  # 一件事列的事项都要有


@pytest.mark.parametrize("way", ["web", "window"])
def test_a_child_is_born(visit: Visit, service_cast: Cast, way: str) -> None:
    """One form for four offices; each that is done opens the next, and one rating ends it."""
    put_in_force(service_cast, *BUNDLE)
    online = way == "web"
    resident = settled(visit("resident", device="phone", lang="en" if online else "zh"))
    health, head, clerk = visit("health_examiner"), visit("health_leader"), visit("clerk")
    if online:
        whole = window.apply_online(resident, "/life/birth/", CHILD, CHILD_PAPERS)
        window.act(clerk, whole, "take_papers", handed=list(CHILD_PAPERS))
    else:
        said = window.named(CHILD, dict.fromkeys(CHILD_PAPERS, "brought"))
        whole = window.enter(clerk, "/staff/life/birth/enter/", PHONE, said)
    assert set(parts(whole)) == {"birth-certificate", "birth-notice"}
    certificate = parts(whole)["birth-certificate"]
    assert Application.objects.get(case=certificate).n_spared_papers == 1  # who the parents are is looked up
    if online:
        window.act(health, certificate, "ask_correction", missing=MISSING, lacking="first-page")
        window.own(resident, certificate, "correct", corrected="重新签好，照片附上。", files=photo())
    window.act(health, certificate, "accept")
    if online:
        window.act(health, certificate, "pause", ground="awaiting-applicant", special="等医院核对住院登记。")
        expect(resident.go(f"/case/{certificate.number}/").get_by_role("main")).to_contain_text(STOPPED)
        window.act(health, certificate, "go_on", finding="已核对一致。")
    window.act(health, certificate, "report", opinion="符合。")
    window.act(head, certificate, "grant", result_words="出生医学证明已签发。")
    window.act(health, certificate, "deliver", delivery="window")
    is_kept(head, certificate, "case")
    for code, office, how in (
        ("birth-notice", health, "electronic"),
        ("birth-register", visit("police_examiner"), "window"),
        ("resident-insurance", visit("medical_insurance_examiner"), "electronic"),
    ):
        window.act(office, parts(whole)[code], "finish_at_once", result_words="办好了。", delivery=how)
    assert set(parts(whole)) == set(BIRTH)
    is_kept(clerk, whole, way)
    window.rate(resident, whole)


def parts(whole: Case) -> dict[str, Case]:
    return {c.facts["matter"].split("/")[1]: c for c in Case.objects.filter(origin=whole)}


# ------------------------------------------------------------------------------------------ subsistence

STOPPED = re.compile("计时已暂停|The clock is stopped")
MEANS = {"cause": "age", "income": "1200", "consent": "true"}
SEEN = {"finding": "两位老人，没有其他收入。", "means": "fits"}


@pytest.mark.parametrize("way", ["web", "agency"])
def test_subsistence_allowance(visit: Visit, service_cast: Cast, way: str) -> None:
    put_in_force(service_cast, "subsistence")
    online = way == "web"
    examiner, keeper = visit("civil_examiner"), visit("civil_leader")
    resident = settled(visit("resident", device="phone", lang="zh" if online else "en"))
    # seven days on show, and the longest holidays in which no period ends
    with time_machine.travel(now() - timedelta(days=20)):
        if online:
            case = window.apply_online(
                resident, "/matters/subsistence/", MEANS, {"authority": "bring"}, looked_at=True
            )
            window.act(examiner, case, "ask_correction", missing=MISSING, lacking="authority")
            window.own(resident, case, "correct", corrected="签好了，照片附上。", files=photo())
        else:
            said = window.named(MEANS, {"authority": "brought"})
            case = window.enter(visit("agent"), "/staff/matters/subsistence/enter/", PHONE, said)
        assert case.applicant == service_cast.person("resident")
        assert Application.objects.get(case=case).n_spared_fields == 5
        window.act(visit("clerk"), case, "accept")
        window.act(visit("care_lead"), case, "visit", **SEEN)
        if online:
            window.act(examiner, case, "pause", ground="awaiting-applicant", special="等养老金流水，三天。")
            expect(resident.go(f"/case/{case.number}/").get_by_role("main")).to_contain_text(STOPPED)
            window.act(examiner, case, "go_on", finding="流水已核对。")
        window.act(examiner, case, "show", household_of="林小邻户", proposal="拟救助 3 人，每月 1260 元")
    engine.tick(now())
    window.act(examiner, case, "report", opinion="符合条件。")
    window.act(keeper, case, "grant", result_words="从本月起每月 1260 元。")
    window.act(examiner, case, "deliver", delivery="electronic")
    is_kept(keeper, case, way)
    window.rate(back(resident, service_cast), case)


# ------------------------------------------------------------------------------------------ a loan


@pytest.mark.parametrize("way", ["web", "window"])
def test_a_wheelchair_is_lent(visit: Visit, service_cast: Cast, way: str) -> None:
    """The one matter here in which nobody decides about a person: what is there is lent, and comes back."""
    put_in_force(service_cast, "device-loan")
    online = way == "web"
    wish = {"device": "wheelchair", "until": str(today() + timedelta(days=30)), "bring": "true"}
    resident = settled(visit("resident", device="phone"))
    examiner, clerk = visit("disabled_examiner"), visit("clerk")
    if online:
        case = window.apply_online(resident, "/matters/device-loan/", wish, {"loan": "bring"})
        window.act(examiner, case, "ask_correction", missing=MISSING, lacking="loan")
        window.own(resident, case, "correct", corrected="借用约定签好了。", files=photo())
        window.act(examiner, case, "pause", ground="awaiting-applicant", special="等本人来试坐，两天。")
        expect(resident.go(f"/case/{case.number}/").get_by_role("main")).to_contain_text(STOPPED)
        window.act(examiner, case, "go_on", finding="试坐合适。")
    else:
        said = window.named(wish, {"loan": "brought"})
        case = window.enter(clerk, "/staff/matters/device-loan/enter/", PHONE, said)
    assert Application.objects.get(case=case).n_spared_fields == 4
    lent = {"device": "轮椅 07 号", "condition": "完好", "lent_until": wish["until"], "delivery": "window"}
    window.act(examiner if online else clerk, case, "lend", **lent)
    window.act(examiner if online else clerk, case, "give_back", condition="完好")
    is_kept(examiner, case, way)
    window.rate(resident, case)


# ------------------------------------------------------------------------------------------ a licence


@pytest.mark.parametrize("way", ["web", "window"])
def test_a_restaurant_is_licensed_by_two_authorities(visit: Visit, service_cast: Cast, way: str) -> None:
    """Market regulation and the fire brigade inspect together; while they do, the clock stands still."""
    put_in_force(service_cast, "food-permit")
    online = way == "web"
    kitchen = {"category": "hot", "size": "86", "head": "陈安全"}
    sheets = ("application", "layout", "rules", "health")
    resident = settled(visit("resident", device="phone"))
    market, head, fire = visit("market_examiner"), visit("market_leader"), visit("fire_examiner")
    if online:
        case = window.apply_online(resident, "/matters/food-permit/", kitchen, dict.fromkeys(sheets, "photo"))
        window.act(market, case, "ask_correction", missing=MISSING, lacking="layout")
        window.own(resident, case, "correct", corrected="布局图补上了出入口。", files=photo())
    else:
        said = window.named(kitchen, dict.fromkeys(sheets, "brought"))
        case = window.enter(visit("clerk"), "/staff/matters/food-permit/enter/", PHONE, said)
    assert set(ApplicationPaper.objects.filter(application=case.pk).values_list("code", "state")) == {
        ("licence", "lookup"), *((sheet, "uploaded" if online else "brought") for sheet in sheets)
    }  # fmt: skip
    window.act(market, case, "accept")
    window.act(market, case, "allot", handling="joint", public_interest="false", helpers="350102-fire")
    if online:
        window.act(
            market, case, "special_procedure", ground="inspection", special="两家一起到店勘验，三天内。"
        )
        expect(resident.go(f"/case/{case.number}/").get_by_role("main")).to_contain_text(STOPPED)
        window.act(market, case, "special_done", finding="布局、设备、消防通道都符合。")
    window.act(fire, case, "report", opinion="消防通道畅通。", affects_others="false")
    window.act(market, case, "report", opinion="符合食品安全要求。", affects_others="false")
    window.act(head, case, "grant", decision_number="鼓市监许〔2026〕12 号", conditions="热食类，86 平方米。")
    window.act(market, case, "deliver", delivery="window")
    is_kept(head, case, way)
    window.rate(resident, case)
