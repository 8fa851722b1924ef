"""A certificate of another place, on screen from application to archive (跨区域代收代办): docs/how-to/cross-region.md.

The other place is played by its signed messages; with a real second installation: tests/faults/test_cross_region.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

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
from tests.journeys.conftest import Visit

MATTER, THERE = "no-crime-record", "350103-SV-2026-000001"


@pytest.fixture
def there(cast: Cast) -> Neighbour:
    made = Neighbour()
    made.admitted()
    catalogue(MATTER)
    return made


def told(there: Neighbour, case: Case, what: str, zh: str, en: str, **more: Any) -> None:
    body = {"for": case.number, "what": what, "step": {"zh": zh, "en": en}, **more}
    answer = there.says(there.written("matters.news", body, case=THERE))
    assert answer.status_code == 200, answer.content


def sent(page: Page, button: Locator) -> None:
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        button.click()
    page.wait_for_load_state("networkidle")


def act(page: Page, case: Case, action: str, **fields: str) -> None:
    page.goto(f"/staff/cases/{case.number}/do/{action}/")
    for code, value in fields.items():
        found = page.locator(f"main [name={code}]").first
        if found.get_attribute("type") == "radio":
            page.locator(f"main [name={code}][value={value}]").check()
        else:
            found.fill(value)
    assert accessible.faults(page) == []
    sent(page, page.locator("main form .btn:not(.second)").last)


def test_from_application_to_archive(visit: Visit, cast: Cast, there: Neighbour) -> None:
    clerk = visit("clerk")
    page = clerk.go("/staff/elsewhere/")
    page.get_by_role("link", name=re.compile("无犯罪")).first.click()
    page.locator("[name=party_phone]").fill("13900000001")
    page.locator("[name=party_name]").fill("林小邻")
    page.locator("[name='q-use']").fill("入职")
    page.locator("[name='q-agent'][value=true]").check()
    page.locator("[name='p-mandate'][value=brought]").check()
    assert accessible.faults(page) == []
    page.locator("[data-send]").click()
    page.wait_for_url(re.compile("/receipt/"))
    case = Case.objects.get()

    act(page, case, "send", courier="中国邮政", waybill="EM100200300CN")
    card = page.locator("section", has=page.locator("#cross"))
    page.goto(f"/staff/cases/{case.number}/")
    expect(card).to_contain_text("正在与对方平台交接")
    Message.objects.update(state="acknowledged")
    told(there, case, "moved", "已受理", "Accepted")
    words = {"zh": "委托书没有签名", "en": "The mandate is not signed"}
    told(there, case, "asked", "材料需要补正", "Something is missing", words=words)

    resident = visit("resident", device="phone", lang="en")
    mine = resident.go(f"/case/{case.number}/")
    expect(mine.locator("main")).to_contain_text("The mandate is not signed")
    assert accessible.faults(mine) == []
    mine.locator("[name=supplied]").fill("签好了")
    sent(mine, mine.locator("main form .btn").first)
    assert CrossCase.objects.get().other_number == THERE

    told(there, case, "ended", "结果已送达", "Delivered", outcome="granted")
    page.goto(f"/staff/cases/{case.number}/")
    expect(card).to_contain_text(THERE)
    act(page, case, "result_received", result_came="courier")
    act(page, case, "deliver", delivery="window")
    act(page, case, "archive", archive_number="2026-跨-1")
    page.goto(f"/staff/cases/{case.number}/")
    expect(page.locator("main")).to_contain_text("已归档")
    card.get_by_role("link", name="原件 1 份").click()
    expect(page.locator("main")).to_contain_text("EM100200300CN")
    assert accessible.faults(page) == []

    mine.goto(f"/case/{case.number}/")
    mine.get_by_role("link", name="Rate", exact=True).click()
    mine.locator("[name=satisfied][value='5']").check(force=True)
    sent(mine, mine.locator("main form .btn").first)
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
    sent(page, page.get_by_role("button", name="提出，发给台江区"))
    expect(page.locator("main")).to_contain_text("与台江区协商")
    assert accessible.faults(page) == []
    mine = visit("resident", device="phone", lang="en").go(f"/case/{case.number}/")
    expect(mine.locator("main")).to_contain_text("Taijiang deals with it now")
    assert accessible.faults(mine) == []
