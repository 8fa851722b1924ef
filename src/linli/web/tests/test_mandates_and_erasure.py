"""The pages of mandates and of erasing oneself (代办与注销页面), as a browser without scripts uses them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from linli.base.clock import now, today
from linli.base.errors import Invalid, NotFound
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Account, Appointment, Mandate, Person
from linli.kernel.people.retention import erase_due
from linli.kernel.people.services.erasure import erase_oneself
from linli.kernel.people.signin import request_phone_code
from linli.kernel.procedures import engine
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at, reported


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LINLI_DEMO", True)  # the code is shown on the page


def shown_code(page: str) -> str:
    found = re.search(r'<b class="num">(\d{6})</b>', page)
    assert found
    return found[1]


def give(client: Client, **more: str) -> Any:
    entries = {
        "name": "王路人", "phone": "13900000002", "scope": "all", "from_on": today().isoformat(),
        "to_on": (today() + timedelta(days=10)).isoformat(), **more,
    }  # fmt: skip
    page = client.post("/mine/mandates/new/", entries).content.decode()
    return client.post("/mine/mandates/new/", {**entries, "code": shown_code(page)})


def test_giving_accepting_acting_and_ending(cast: Cast) -> None:
    case = reported(cast, at=now())
    resident, helper = cast.client("resident"), cast.client("outsider")
    assert give(resident).headers["Location"] == "/mine/mandates/"
    made = Mandate.objects.get()
    assert "等对方接受" in resident.get("/mine/mandates/").content.decode()
    assert Notice.objects.get(template="mandate.offered").person_id == cast.person("outsider").pk
    page = helper.get("/mine/mandates/").content.decode()
    assert "林**" in page
    assert "林小邻" not in page
    helper.post(f"/mine/mandates/{made.uid}/accept/")
    assert helper.get(f"/case/{case.number}/").status_code == 404
    helper.post(f"/mine/mandates/{made.uid}/start/")
    page = helper.get("/mine/").content.decode()
    assert "正在替 林** 办" in page
    assert case.number in page
    assert helper.get(f"/case/{case.number}/").status_code == 200
    for own in ("/mine/data/", "/mine/looks/", "/mine/notices/", "/mine/mandates/new/", "/mine/data/delete/"):
        assert helper.get(own).status_code == 403
    helper.post(f"/case/{case.number}/do/supplement/", {"key": "k", "note": "第四盏也坏了"})
    assert "由代办人 王** 代为办理" in resident.get(f"/case/{case.number}/").content.decode()
    resident.post(f"/mine/mandates/{made.uid}/end/")
    assert helper.get(f"/case/{case.number}/").status_code == 404
    assert "正在替" not in helper.get("/mine/").content.decode()


def test_being_oneself_again(cast: Cast) -> None:
    case = reported(cast, at=now())
    helper = cast.client("outsider")
    give(cast.client("resident"))
    made = Mandate.objects.get()
    helper.post(f"/mine/mandates/{made.uid}/accept/")
    helper.post(f"/mine/mandates/{made.uid}/start/")
    helper.post("/mine/mandates/stop/")
    assert helper.get(f"/case/{case.number}/").status_code == 404
    assert helper.get("/mine/data/").status_code == 200


def test_a_neighbour_who_works_here_acts_as_a_neighbour(cast: Cast) -> None:
    """Their posts rest while they act: what they do is a helper's, and the desk waits until they are themselves."""
    case = reported(cast, at=now())
    Appointment.objects.create(
        post=cast.post("dispatcher"), account=cast.account("outsider"), from_on=date(2026, 1, 1)
    )
    helper = cast.client("outsider")
    give(cast.client("resident"))
    made = Mandate.objects.get()
    assert helper.get("/staff/").status_code == 200
    helper.post(f"/mine/mandates/{made.uid}/accept/")
    assert helper.post(f"/mine/mandates/{made.uid}/start/").status_code == 302
    assert "正在替 林** 办" in helper.get("/mine/").content.decode()
    desk = helper.get(f"/staff/cases/{case.number}/")
    assert desk.status_code == 403
    assert "这段时间岗位先放下" in desk.content.decode()
    helper.post(f"/case/{case.number}/do/supplement/", {"key": "k", "note": "第四盏也坏了"})
    written = Record.objects.filter(case_id=case.pk).order_by("seq").last()
    assert written is not None
    assert (written.actor_kind, written.actor, written.post) == (
        "resident",
        cast.account("outsider").pk,
        None,
    )
    assert written.on_behalf_of == cast.account("resident").pk
    helper.post("/mine/mandates/stop/")
    assert helper.get(f"/staff/cases/{case.number}/").status_code == 200


def test_a_wrong_code_gives_nothing_and_keeps_what_was_entered(cast: Cast) -> None:
    client = cast.client("resident")
    entries = {
        "name": "王路人",
        "phone": "13900000002",
        "scope": "all",
        "from_on": "2026-01-01",
        "to_on": "2099-01-01",
    }
    refused = client.post("/mine/mandates/new/", entries)
    assert refused.status_code == 422
    assert "一次最多委托一年" in refused.content.decode()
    assert "王路人" in refused.content.decode()
    entries |= {"from_on": today().isoformat(), "to_on": today().isoformat()}
    client.post("/mine/mandates/new/", entries)
    refused = client.post("/mine/mandates/new/", {**entries, "code": "000001"})
    assert refused.status_code == 422
    assert not Mandate.objects.exists()


def test_others_mandates_are_not_there(cast: Cast) -> None:
    give(cast.client("resident"))
    uid = Mandate.objects.get().uid
    stranger = cast.client("dispatcher")
    for act in ("accept", "end", "start", "nonsense"):
        assert stranger.post(f"/mine/mandates/{uid}/{act}/").status_code in {302, 404}
    row = Mandate.objects.get()
    assert (row.accepted_at, row.ended_at) == (None, None)
    assert cast.client("outsider").post(f"/mine/mandates/{uid}/start/").status_code == 409
    assert Client().get("/mine/mandates/").status_code == 302


def test_the_window_enters_a_paper_one(cast: Cast) -> None:
    entries = {
        "grantor_name": "陈阿婆", "grantor_phone": "0591-87000000", "helper_name": "王路人", "helper_phone": "13900000002",
        "scope": "all", "from_on": today().isoformat(), "to_on": today().isoformat(),
    }  # fmt: skip
    clerk = cast.client("clerk")
    assert "看过证件和委托书再登记" in clerk.post("/staff/mandates/new/", entries).content.decode()
    assert clerk.post("/staff/mandates/new/", {**entries, "seen": "1"}).status_code == 302
    assert Mandate.objects.get().clerk == cast.account("clerk")
    assert cast.client("dispatcher").post("/staff/mandates/new/", {**entries, "seen": "1"}).status_code == 403
    assert "窗口登记" in cast.client("outsider").get("/mine/mandates/").content.decode()


# ------------------------------------------------------------------------------------------------ erasing


def test_closing_the_account_erases_what_nothing_needs(cast: Cast) -> None:
    client = cast.client("outsider")
    give(cast.client("resident"))
    page = client.post("/mine/data/delete/").content.decode()
    answer = client.post("/mine/data/delete/", {"code": shown_code(page)})
    assert answer.headers["Location"] == "/"
    person = Person.objects.get(pk=cast.person("outsider").pk)
    assert (person.name, person.phone, person.phone_hash) == ("", "", None)
    assert not Account.objects.get(person=person).is_active
    assert Mandate.objects.get().ended_at is not None
    assert client.get("/mine/").status_code == 302


def test_what_an_open_case_needs_goes_when_it_has_ended(cast: Cast) -> None:
    case = event_at(cast, "evaluating", at=now() - timedelta(hours=1))
    client = cast.client("resident")
    page = client.get("/mine/data/delete/").content.decode()
    assert "您有 1 件事在办" in page
    page = client.post("/mine/data/delete/").content.decode()
    client.post("/mine/data/delete/", {"code": shown_code(page)})
    person = Person.objects.get(pk=cast.person("resident").pk)
    assert person.phone
    assert erase_due(now()).n_kept == 1
    engine.act(
        case,
        "call_back",
        {"contacted": True, "solved": True, "satisfied": 5},
        by=cast.actor("call_back"),
        at=now(),
    )
    assert erase_due(now()).n_erased == 1
    person.refresh_from_db()
    assert (person.name, person.phone) == ("", "")


def test_nobody_else_and_no_wrong_code_erases(cast: Cast) -> None:
    person = cast.person("resident")
    codes: list[str] = []
    request_phone_code(person.phone, ip="192.0.2.1", send=lambda _, code: codes.append(code))
    with pytest.raises(NotFound):
        erase_oneself(person, code=codes[0], by=cast.actor("outsider"))
    with pytest.raises(NotFound):
        erase_oneself(person, code=codes[0], by=cast.actor("clerk"))
    with pytest.raises(Invalid):
        erase_oneself(person, code="000000" if codes[0] != "000000" else "111111", by=cast.actor("resident"))
    assert Account.objects.get(person=person).is_active
