"""A certificate of another place, on screen from application to archive (跨区域代收代办): docs/how-to/cross-region.md.

The other place is played by its signed messages; with a real second installation: tests/faults/test_cross_region.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from linli.domains.matters import cross
from linli.domains.matters.cross_catalogue import matter_there
from linli.domains.matters.models import CrossCase, ServiceRating
from linli.kernel.exchange.models import Message, Peer
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import verify_all
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour, catalogue
from tests.journeys import accessible
from tests.journeys import onewindow as window
from tests.journeys.conftest import Visit
from tests.journeys.onewindow import settled
from tests.journeys.visitor import Visitor

MATTER, THERE = "no-crime-record", "350103-SV-2026-000001"


@pytest.fixture
def there(service_cast: Cast) -> Neighbour:
    made = Neighbour()
    made.admitted()
    catalogue(MATTER)
    return made


def told(there: Neighbour, case: Case, what: str, zh: str, en: str, **more: Any) -> None:
    body = {"for": case.number, "what": what, "step": {"zh": zh, "en": en}, **more}
    answer = there.says(there.written("matters.news", body, case=THERE))
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("way", ["web", "window"])
def test_from_application_to_archive(visit: Visit, service_cast: Cast, there: Neighbour, way: str) -> None:
    """Through two channels: what is known is not asked; the other place asks for a correction once, pauses, and decides."""
    clerk, resident = visit("clerk"), settled(visit("resident", device="phone", lang="en"))
    if way == "web":
        case = applied_online(resident)
        window.act(clerk, case, "ask_missing", missing="请把委托书原件送到窗口。")
        window.act(clerk, case, "supply", supplied="委托书原件", papers_came="mandate")
    else:
        said = window.named({"use": "入职", "agent": "true"}, {"mandate": "brought"})
        case = window.enter(clerk, f"/staff/elsewhere/{NEIGHBOUR}/{MATTER}/", "13900000001", said)
    assert (case.channel, case.applicant) == (way, service_cast.person("resident"))
    assert CrossCase.objects.get().n_spared_fields == 4
    page = window.act(clerk, case, "send", courier="中国邮政", waybill="EM100200300CN")
    card = page.locator("section", has=page.locator("#cross"))
    expect(card).to_contain_text("正在与对方平台交接")
    Message.objects.update(state="acknowledged")
    told(there, case, "moved", "已受理", "Accepted")
    words = {"zh": "委托书没有签名", "en": "The mandate is not signed"}
    told(there, case, "asked", "材料需要补正", "Something is missing", words=words)

    mine = resident.go(f"/case/{case.number}/").get_by_role("main")
    for line in ("The mandate is not signed", "You were spared 4 fields"):
        expect(mine).to_contain_text(line)
    accessible.axe(resident.page)
    window.own(resident, case, "correct", supplied="签好了")
    assert CrossCase.objects.get().other_number == THERE
    why = {"zh": "等公安机关核对", "en": "Waiting for the police to check"}
    told(there, case, "moved", "计时暂停", "The clock is stopped", words=why)
    expect(resident.go(f"/case/{case.number}/").get_by_role("main")).to_contain_text("The clock is stopped")
    told(there, case, "moved", "恢复办理", "Going on")

    told(there, case, "ended", "结果已送达", "Delivered", outcome="granted")
    window.act(clerk, case, "result_received", result_came="courier")
    expect(card).to_contain_text(THERE)
    window.act(clerk, case, "deliver", delivery="window")
    page = window.act(clerk, case, "archive", archive_number="2026-跨-1")
    expect(page.locator("main")).to_contain_text("已归档")
    accessible.axe(page)
    card.get_by_role("link", name="原件 1 份").click()
    expect(page.locator("main")).to_contain_text("EM100200300CN")
    accessible.axe(page)

    window.rate(resident, case)
    assert ServiceRating.objects.get().stars == 5
    case.refresh_from_db()
    assert (case.step, case.outcome) == ("archived", "delivered")
    assert verify_all().first_fault is None
    assert CrossCase.objects.select_related("peer").get().peer.county == NEIGHBOUR


def test_the_window_questions_who_is_responsible(visit: Visit, cast: Cast, there: Neighbour) -> None:
    receipt = cross.receive(
        Peer.objects.get(), matter_there(Peer.objects.get(), MATTER), by=cast.actor("clerk"), area=cast.area("township"),
        channel="window", answers={"use": "入职", "agent": "true"}, papers={"mandate": "brought"}, wish="window",
        applicant=cast.person("resident"),
    )  # fmt: skip
    case = Case.objects.get(number=receipt.number)
    engine.act(case, "send", {"courier": "中国邮政", "waybill": "EM1"}, by=cast.actor("clerk"))
    told(there, case, "moved", "已受理", "Accepted")
    page = visit("clerk").go(f"/staff/cases/{case.number}/")
    page.get_by_text("提出责任协商", exact=True).click()
    page.get_by_label("材料在路上丢了或者少了").check()
    page.locator("#dispute-claim").fill("包裹里没有委托书。")
    page.get_by_label("中国邮政 EM1").check()
    assert accessible.faults(page) == []
    page.get_by_role("button", name="提出，发给台江区").click()
    expect(page.locator("main")).to_contain_text("与台江区协商")
    assert accessible.faults(page) == []
    mine = visit("resident", device="phone", lang="en").go(f"/case/{case.number}/")
    expect(mine.locator("main")).to_contain_text("Taijiang deals with it now")
    assert accessible.faults(mine) == []


def applied_online(resident: Visitor) -> Case:
    """By the resident, on a phone: the one paper is asked for once somebody acts for another."""
    page = resident.go("/elsewhere/")
    page.get_by_role("link", name=re.compile("Taijiang")).first.click()
    page.get_by_role("link", name=re.compile("no criminal record")).first.click()
    page.locator('main a[href$="/apply/"]').click()
    expect(page.get_by_role("region", name="Known already")).to_contain_text("和平路 12 号")
    paper = page.locator('[name="p.mandate"]').first
    expect(paper).to_be_hidden()
    form = page.locator("form[data-apply]")
    window.fill(form, window.named({"use": "入职", "agent": "true"}, {"mandate": "bring"}))
    window.looks_right(page)
    form.locator("button.wide").click()
    return window.sent(page)
