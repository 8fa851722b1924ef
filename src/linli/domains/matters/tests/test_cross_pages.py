"""The pages of cross-region applications (跨区域办理页面): found, applied for, received at the window, handed over."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.base.clock import now
from linli.domains.matters import handing
from linli.domains.matters.cross_dispute import raise_dispute
from linli.domains.matters.models import CrossCase, Handover
from linli.kernel.exchange.models import Message, Peer
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour, catalogue

pytestmark = pytest.mark.django_db

MATTER, KNOWN = "no-crime-record", "resident-insurance"
LIST = reverse("matters:elsewhere_list", args=[NEIGHBOUR])
GUIDE = reverse("matters:elsewhere_matter", args=[NEIGHBOUR, MATTER])
APPLY = reverse("matters:elsewhere_apply", args=[NEIGHBOUR, MATTER])
DESK = reverse("matters:desk_elsewhere_apply", args=[NEIGHBOUR, MATTER])


@pytest.fixture
def there(cast: Cast) -> Neighbour:
    """A neighbour whose catalogue was read today."""
    made = Neighbour()
    made.admitted()
    catalogue(MATTER, KNOWN)
    return made


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_it_is_found_and_read_without_an_account(cast: Cast, there: Neighbour) -> None:
    anybody = Client()
    assert "台江区" in text(anybody, reverse("matters:elsewhere"))
    assert "无犯罪记录" in text(anybody, LIST)
    assert "没有找到" in text(anybody, f"{LIST}?q=护照")
    guide = text(anybody, GUIDE)
    for words in ("委托书", "台江区", "现在申请"):
        assert words in guide
    sheet = text(anybody, reverse("matters:elsewhere_paper", args=[NEIGHBOUR, MATTER]))
    for words in ("台江区办", "用来做什么", "委托书", "<svg"):
        assert words in sheet
    assert anybody.get(reverse("matters:elsewhere_list", args=["350199000000"])).status_code == 404
    assert anybody.get(APPLY).status_code == 302


def test_a_place_that_does_not_answer_says_so(cast: Cast) -> None:
    Neighbour().admitted()
    assert "现在没有应答" in text(Client(), LIST, 503)


def test_a_resident_applies(cast: Cast, there: Neighbour) -> None:
    client = cast.client("resident")
    client.post(reverse("web:area"), {"code": "350102001001"})
    page = text(client, APPLY)
    entry = {"key": key_in(page), "a.use": "入职", "a.agent": "false", "wish": "window"}
    wrong = client.post(APPLY, {**entry, "a.use": ""})
    assert (wrong.status_code, Case.objects.count()) == (422, 0)
    done = client.post(APPLY, entry)
    assert done.status_code == 302, done.content.decode()
    case = Case.objects.get()
    assert (case.procedure, case.channel, case.applicant) == ("cross-region", "web", cast.person("resident"))
    assert "在台江区办" in text(client, reverse("web:case", args=[case.number]))


def test_what_is_known_is_shown_with_its_source_and_not_asked(service_cast: Cast, there: Neighbour) -> None:
    url = reverse("matters:elsewhere_apply", args=[NEIGHBOUR, KNOWN])
    client = service_cast.client("resident")
    client.post(reverse("web:area"), {"code": "350102001001"})
    page = text(client, url)
    for words in ("已经知道的，不用填", "和平路 12 号", "窗口登记"):
        assert words in page
    entry = {"key": key_in(page), "a.who": "newborn", "p.form": "bring", "wish": "window"}
    assert client.post(url, entry).status_code == 302
    case = Case.objects.get()
    assert {line["code"]: line["value"] for line in sealed_fact(case, "answers")}["born"] == "2025-11-02"
    assert "为您少填 5 项、少交 1 份材料" in text(client, reverse("web:case", args=[case.number]))


def received(cast: Cast) -> Case:
    client = cast.client("clerk")
    entry = {
        "key": key_in(text(client, DESK)),
        "channel": "window",
        "area": "350102001001",
        "party_name": "林小邻",
        "party_phone": "13900000001",
        "a.use": "入职",
        "a.agent": "true",
        "p.mandate": "brought",
        "wish": "window",
    }
    done = client.post(DESK, entry)
    assert done.status_code == 302, re.sub(r"<[^>]+>", " ", done.content.decode())
    return Case.objects.get()


def test_a_clerk_receives_and_hands_over(cast: Cast, there: Neighbour) -> None:
    client = cast.client("clerk")
    assert "无犯罪记录" in text(client, reverse("matters:desk_elsewhere"))
    assert f'href="/elsewhere/{NEIGHBOUR}/{MATTER}/paper/"' in text(client, DESK)
    case = received(cast)
    engine.act(case, "send", {"courier": "邮政", "waybill": "EM1"}, by=cast.actor("clerk"))
    page = text(client, reverse("web:staff_case", args=[case.number]))
    for words in ("在台江区办", "EM1", "在路上", "正在与对方平台交接"):
        assert words in page
    slip = Handover.objects.get()
    url = reverse("matters:handover", args=[slip.uid])
    for who in ("clerk", "resident"):
        assert "还没有签收" in text(cast.client(who), url)
    assert cast.client("outsider").get(url).status_code == 404
    assert Client().get(url).status_code == 404


def test_only_the_window_receives(cast: Cast, there: Neighbour) -> None:
    for who in ("grid_worker", "handler", "supervisor"):
        for name in ("desk_elsewhere", "desk_elsewhere_list", "desk_elsewhere_apply"):
            args = {"desk_elsewhere": [], "desk_elsewhere_list": [NEIGHBOUR], "desk_elsewhere_apply": [NEIGHBOUR, MATTER]}[name]  # fmt: skip
            assert cast.client(who).get(reverse(f"matters:{name}", args=args)).status_code == 404


def test_papers_are_confirmed_and_sent_from_the_case(cast: Cast, there: Neighbour) -> None:
    case = received(cast)
    end = CrossCase.objects.select_related("case", "peer").get()
    handing.came(end, {"uid": "019aca00-0000-7000-8000-000000000009", "way": "courier", "courier": "顺丰", "waybill": "SF7",
                       "papers": [{"code": "p1", "title": ["证明", "Certificate"], "n": 1}], "gave": "台江区公安局"}, at=now())  # fmt: skip
    client = cast.client("clerk")
    case_page = reverse("web:staff_case", args=[case.number])
    assert "签收 SF7" in text(client, case_page)
    slip = Handover.objects.get(direction="in")
    client.post(reverse("matters:slip_take", args=[slip.uid]), {"lacking": ["p1"], "remark": "信封是空的"})
    assert "已签收，有缺" in text(client, case_page)
    shown = text(client, reverse("matters:handover", args=[slip.uid]))
    assert "信封是空的" in shown
    give = reverse("matters:give", args=[case.number])
    client.post(give, {"papers": "", "courier": "", "waybill": ""})
    assert "都要写" in text(client, case_page)
    client.post(give, {"papers": "户口本", "courier": "顺丰", "waybill": "SF8"})
    assert Handover.objects.get(direction="out").waybill == "SF8"
    assert [m.kind for m in Message.objects.order_by("id")] == ["matters.taken", "matters.handover"]
    other = engine.open_case(
        "grid-event", by=cast.actor("clerk"), area=cast.area("grid1"), data={"description": "灯不亮", "contact": "13900000001"}, channel="window", applicant=cast.person("resident"),
    )  # fmt: skip
    assert client.post(reverse("matters:give", args=[other.number]), {}).status_code == 404


def test_a_list_of_places_costs_the_same_however_long(
    cast: Cast, there: Neighbour, django_assert_num_queries: Any
) -> None:
    url, anybody = reverse("matters:elsewhere"), Client()
    anybody.get(url)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        anybody.get(url)
    for n in range(5):
        Peer.objects.create(
            county=f"35012{n}000000", name=f"县{n}", base_url="https://x.example", made_at=now()
        )
    with django_assert_num_queries(len(few)):
        anybody.get(url)


def test_it_and_a_dispute_about_it_are_called_in_the_readers_language(cast: Cast, there: Neighbour) -> None:
    """Neither title is anybody's own words."""
    case, clerk = received(cast), cast.client("clerk")
    engine.act(case, "send", {"courier": "邮政", "waybill": "EM1"}, by=cast.actor("clerk"))
    CrossCase.objects.update(other_number="350103-SV-2026-000001")
    dispute = raise_dispute(case, by=cast.actor("clerk"), about="paper", claim="包裹里没有委托书。")
    clerk.cookies["linli_lang"] = "en"
    for number, title in (
        (case.number, "Certificate of no criminal record (decided elsewhere)"),
        (dispute.number, "Which of two places is responsible"),
    ):
        assert title in text(clerk, f"/staff/cases/{number}/")
