"""Going on later, and joining what somebody else reported (接着写、我也遇到了)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from linli.base.clock import now
from linli.base.errors import Invalid, NotFound, Refused
from linli.domains.events import services
from linli.domains.events.models import Event
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import KeptDraft, Person
from linli.kernel.people.retention import erase_due
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Participation
from linli.kernel.procedures.queries import access_case
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import lamp_category, reported

WORDS = "河边的护栏断了一截。晚上看不见。"
SAME = r"/report/same/([0-9a-f]+)/"


def begin(client: Client, cast: Cast, *, where: str = "") -> None:
    lamp_category()
    page = client.get("/report/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    client.post("/report/", {"key": key[1], "description": WORDS})
    if where:
        lng, lat = cast.point(where)
        client.post("/report/where/", {"key": key[1], "place.lng": str(lng), "place.lat": str(lat)})


def later(client: Client) -> Client:
    """The same browser, opened again: what lasts no longer than the session is gone."""
    again = Client()
    again.cookies["linli_draft"] = client.cookies["linli_draft"].value
    return again


# ------------------------------------------------------------------------------------------------- drafts


def test_closing_the_browser_loses_nothing(cast: Cast) -> None:
    client = Client()
    begin(client, cast)
    again = later(client)
    assert "河边的护栏断了一截" in again.get("/").content.decode()
    assert WORDS in again.get("/report/").content.decode()


def test_another_browser_sees_nothing_of_it(cast: Cast) -> None:
    begin(Client(), cast)
    assert "护栏" not in Client().get("/").content.decode()
    guessed = Client()
    guessed.cookies["linli_draft"] = "guess"
    assert "护栏" not in guessed.get("/report/").content.decode()


def test_the_words_lie_sealed(cast: Cast) -> None:
    begin(Client(), cast)
    raw = KeptDraft.objects.extra(select={"raw": "content"}).values_list("raw", flat=True).get()
    assert "护栏".encode() not in bytes(raw)
    assert b"\\u62a4" not in bytes(raw)


def test_whoever_signs_in_takes_it_along_to_any_phone(cast: Cast) -> None:
    client = Client()
    begin(client, cast)
    mine = cast.client("resident")
    mine.cookies["linli_draft"] = client.cookies["linli_draft"].value
    assert "护栏" in mine.get("/").content.decode()
    assert "护栏" in cast.client("resident").get("/").content.decode()
    assert "护栏" not in later(client).get("/").content.decode()
    assert "护栏" not in cast.client("outsider").get("/").content.decode()


def test_it_goes_after_a_week_and_the_job_removes_it(cast: Cast) -> None:
    client = Client()
    begin(client, cast)
    at = now() + timedelta(days=7, minutes=1)
    with time_machine.travel(at, tick=False):
        assert "护栏" not in later(client).get("/report/").content.decode()
    assert erase_due(at).n_drafts == 1
    assert not KeptDraft.objects.exists()


def test_it_goes_at_once_when_its_writer_wants_so_and_when_it_is_sent(cast: Cast) -> None:
    client = Client()
    begin(client, cast)
    client.post("/report/drop/")
    assert not KeptDraft.objects.exists()
    begin(client, cast, where="grid1")
    key = re.search(r'name="key" value="([^"]+)"', client.get("/report/send/").content.decode())
    assert key
    client.post("/report/send/", {"key": key[1]})
    assert Case.objects.count() == 1
    assert not KeptDraft.objects.exists()


def test_a_place_is_found_by_its_name_without_a_map(cast: Cast) -> None:
    client = Client()
    begin(client, cast)
    page = client.get("/report/where/?find=中山").content.decode()
    assert "中山社区" in page.split('id="named"')[1]
    assert "没有叫这个名字的地方" in client.get("/report/where/?find=月球").content.decode()
    answer = client.post("/report/where/", {"village": cast.area("village2").code, "place.text": ""})
    assert answer.headers["Location"] == "/report/send/"


# ------------------------------------------------------------------------------------------------ joining


def test_a_neighbour_joins_instead_of_reporting_again(cast: Cast) -> None:
    other = reported(cast, at=now())
    client = cast.client("outsider")
    begin(client, cast, where="grid1")
    ref = re.search(SAME, client.get("/report/send/").content.decode())
    assert ref
    page = client.get(f"/report/same/{ref[1]}/").content.decode()
    assert other.number not in page
    assert other.title not in page
    answer = client.post(f"/report/same/{ref[1]}/")
    assert answer.headers["Location"] == f"/case/{other.number}/"
    assert Case.objects.count() == 1
    assert Event.objects.get().n_reporters == 2
    mine = client.get(f"/case/{other.number}/").content.decode()
    assert "已经把您加上了" in mine
    assert "北门" not in mine
    assert not KeptDraft.objects.exists()


def test_without_an_account_a_phone_is_needed_and_is_told_of_the_end(cast: Cast) -> None:
    other = reported(cast, at=now())
    client = Client()
    begin(client, cast, where="grid1")
    ref = re.search(SAME, client.get("/report/send/").content.decode())
    assert ref
    refused = client.post(f"/report/same/{ref[1]}/", {"contact": ""})
    assert refused.status_code == 422
    assert "请留一个手机号" in refused.content.decode()
    client.post(f"/report/same/{ref[1]}/", {"contact": "13900000007"})
    person = Person.objects.order_by("-id")[0]
    assert Participation.objects.get(case=other, kind="person", part="follower").ref == person.pk
    engine.act(
        other, "accept", {"category": "test:1:lamp", "grade": "simple"}, by=cast.actor("dispatcher"), at=now()
    )
    assert Notice.objects.filter(person_id=person.pk, case_number=other.number).exists()


def test_joining_is_on_the_record_without_a_name_and_twice_is_once(cast: Cast) -> None:
    case = reported(cast)
    assert services.join(case.number, by=cast.actor("outsider")) is True
    assert services.join(case.number, by=cast.actor("outsider")) is False
    assert services.join(case.number, by=cast.actor("resident")) is False
    row = Record.objects.get(case_id=case.pk, action="joined")
    assert (row.actor, row.actor_kind, row.digests) == (None, "anonymous", "{}")
    assert Event.objects.get(case=case).n_reporters == 2
    told = [
        str(e.title.zh)
        for e in timeline(access_case(case.number, cast.actor("resident")), cast.actor("resident"))
    ]
    assert "又有一位邻居也遇到了" in told


def test_what_ended_or_is_hidden_or_names_nobody_is_not_joined(cast: Cast) -> None:
    case = reported(cast)
    with pytest.raises(Invalid) as nobody:
        services.join(case.number, by=cast.actor("anonymous"))
    assert nobody.value.code == "events.join_needs_phone"
    Case.objects.filter(pk=case.pk).update(recused=True)
    with pytest.raises(NotFound):
        services.join(case.number, by=cast.actor("outsider"))
    Case.objects.filter(pk=case.pk).update(recused=False)
    engine.act(case, "withdraw", {"note": "修好了"}, by=cast.actor("resident"))
    with pytest.raises(Refused) as ended:
        services.join(case.number, by=cast.actor("outsider"))
    assert ended.value.code == "procedures.join_ended"
    assert Event.objects.get(case=case).n_reporters == 1


def test_a_made_up_reference_opens_nothing(cast: Cast) -> None:
    reported(cast, at=now())
    client = Client()
    begin(client, cast, where="grid1")
    assert client.get(f"/report/same/{'0' * 24}/").status_code == 404
    assert client.post(f"/report/same/{'0' * 24}/", {"contact": "13900000007"}).status_code == 404


def test_whoever_joined_may_leave_again(cast: Cast) -> None:
    case = reported(cast, at=now())
    services.join(case.number, by=cast.actor("outsider"))
    client = cast.client("outsider")
    assert "不再跟进" in client.get(f"/case/{case.number}/").content.decode()
    assert "不再跟进" not in cast.client("resident").get(f"/case/{case.number}/").content.decode()
    assert client.post(f"/case/{case.number}/leave/").status_code == 302
    assert client.get(f"/case/{case.number}/").status_code == 404
    assert client.post(f"/case/{case.number}/leave/").status_code == 404
    cast.client("resident").post(f"/case/{case.number}/leave/")
    assert Participation.objects.filter(case=case, kind="person").count() == 1


def test_whose_own_report_was_merged_cannot_leave(cast: Cast) -> None:
    master, mine = reported(cast, at=now()), reported(cast, by="outsider", at=now())
    engine.act(mine, "merge", {"master": master.number}, by=cast.actor("dispatcher"), at=now())
    answer = cast.client("outsider").post(f"/case/{master.number}/leave/")
    assert answer.status_code == 409
    assert Participation.objects.filter(case=master, part="follower").count() == 1
