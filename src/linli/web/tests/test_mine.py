"""Pages about oneself (本人页面): one's own cases, looks, data and notices, and nobody else's."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from linli.base.clock import now
from linli.base.errors import NotAllowed, NotFound, Refused
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Person
from linli.kernel.procedures import engine, keys, proof
from linli.kernel.procedures.casebook import reveal_fact
from linli.kernel.procedures.claims import claim
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import access_case
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at, reported

PAGES = ["/mine/", "/mine/claim/", "/mine/looks/", "/mine/data/", "/mine/notices/", "/mine/data/copy.json"]


def with_code(cast: Cast, case: Case) -> str:
    code = "23456789"
    Case.objects.filter(pk=case.pk).update(tracking_hash=keys.tracking_hash(case.number, code))
    return code


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_not_signed_in_is_asked_to(cast: Cast, page: str) -> None:
    assert Client().get(page).headers["Location"].startswith("/sign-in/?next=")
    assert cast.client("dispatcher").get(page).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_pages_without_anything_on_them(cast: Cast, page: str) -> None:
    assert cast.client("outsider").get(page).status_code == 200


def test_my_cases_are_mine_alone_and_what_waits_comes_first(cast: Cast) -> None:
    rated = event_at(cast, "evaluating", at=now() - timedelta(days=1))
    running = event_at(cast, "handling", at=now() - timedelta(hours=1))
    other = reported(cast, by="outsider")
    page = cast.client("resident").get("/mine/").content.decode()
    assert page.index(rated.number) < page.index(running.number)
    assert "等您办的" in page
    assert other.number not in page


def test_my_cases_turn_pages_by_key(cast: Cast) -> None:
    for n in range(22):
        reported(cast, description=f"第 {n} 件")
    client = cast.client("resident")
    first = client.get("/mine/").content.decode()
    assert len(re.findall(r'class="row tap"', first)) == 20
    onward = re.search(r"\?cursor=([^\"]+)", first)
    assert onward
    second = client.get(f"/mine/?cursor={onward[1]}").content.decode()
    assert len(re.findall(r'class="row tap"', second)) == 2
    assert client.get("/mine/?cursor=rubbish").status_code == 400


def test_my_cases_cost_the_same_with_one_and_with_many(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for n in range(12):
        reported(cast, description=f"第 {n} 件")
    client = cast.client("resident")
    client.get("/mine/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]  # a fixture that is a function
        client.get("/mine/")


def test_an_anonymous_report_is_claimed_with_its_code(cast: Cast) -> None:
    case = event_at(cast, "handling", by="anonymous")
    code = with_code(cast, case)
    client = cast.client("resident")
    wrong = client.post("/mine/claim/", {"number": case.number, "code": "AAAAAAAA"})
    assert wrong.status_code == 422
    done = client.post("/mine/claim/", {"number": case.number, "code": code})
    assert done.headers["Location"] == f"/case/{case.number}/"
    case.refresh_from_db()
    assert case.applicant == cast.person("resident")
    assert case.number in client.get("/mine/").content.decode()
    assert proof.verify_all().first_fault is None
    assert proof.replay(case) == []
    record = Record.objects.get(case_id=case.pk, action="claim")
    assert "林小邻" not in record.facts
    engine.act(case, "answer", {"result": "好", "public_answer": "好了"}, by=cast.actor("handler"))
    assert Notice.objects.filter(person=cast.person("resident"), case_number=case.number).exists()


def test_a_claim_is_refused_without_code_account_or_when_it_is_somebodys(cast: Cast) -> None:
    free, taken = reported(cast, by="anonymous"), reported(cast, by="outsider")
    resident = cast.actor("resident")
    with pytest.raises(NotFound):
        claim(free, by=resident)
    with pytest.raises(NotAllowed):
        claim(free, by=cast.actor("anonymous").with_cases([free.pk]))
    with pytest.raises(Refused) as refused:
        claim(taken, by=resident.with_cases([taken.pk]))
    assert refused.value.code == "procedures.has_applicant"
    assert claim(free, by=resident.with_cases([free.pk])) is True
    assert claim(free, by=resident.with_cases([free.pk])) is False
    assert Record.objects.filter(case_id=free.pk, action="claim").count() == 1


def looked_at(cast: Cast) -> Case:
    case = reported(cast, contact="13900000001", reporter_name="林小邻")
    reveal_fact(case, "contact", by=cast.actor("dispatcher"), purpose="电话核实地点")
    return case


def test_who_looked_and_ask_why(cast: Cast) -> None:
    case = looked_at(cast)
    client = cast.client("resident")
    page = client.get("/mine/looks/").content.decode()
    for words in ("鼓东街道综治中心", "黄派遣", "联系电话", "电话核实地点", case.number):
        assert words in page
    address = re.search(r"/mine/looks/[0-9a-f-]{36}/", page)
    assert address
    form = client.get(address[0]).content.decode()
    assert "15 个工作日" in form
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key
    assert client.post(address[0], {"key": key[1], "question": ""}).status_code == 422
    sent = client.post(address[0], {"key": key[1], "question": "为什么打电话前要看？"})
    asked = Case.objects.get(procedure="access-question")
    assert sent.headers["Location"] == f"/case/{asked.number}/receipt/"
    assert asked.applicant == cast.person("resident")
    again = client.post(address[0], {"key": key[1], "question": "为什么打电话前要看？"})
    assert again.status_code == 302
    assert Case.objects.filter(procedure="access-question").count() == 1
    assert f"/case/{asked.number}/" in client.get("/mine/looks/").content.decode()
    assert access_case(asked.number, cast.actor("supervisor")) == asked
    assert cast.client("outsider").get(address[0]).status_code == 404
    assert "没有人看过" in cast.client("outsider").get("/mine/looks/").content.decode()


def test_my_data_is_seen_corrected_and_taken_along(cast: Cast) -> None:
    looked_at(cast)
    client = cast.client("resident")
    page = client.get("/mine/data/").content.decode()
    assert "139****0001" in page
    assert "13900000001" not in page
    client.post("/mine/data/", {"name": "林小里"})
    assert Person.objects.get(pk=cast.person("resident").pk).name == "林小里"
    copy = client.get("/mine/data/copy.json")
    assert copy.headers["Content-Disposition"].startswith("attachment")
    kept = json.loads(copy.content)
    assert kept["person"]["name"] == "林小里"
    assert len(kept["looks"]) == 1
    assert len(kept["cases"]) == 1


def test_a_wrong_id_number_is_not_kept(cast: Cast) -> None:
    client = cast.client("outsider")
    page = client.post("/mine/data/", {"name": "王路人", "id_number": "350102199001010017"})
    assert page.status_code == 422
    assert Person.objects.get(pk=cast.person("outsider").pk).id_number == ""


def test_notices_are_read_once_seen(cast: Cast) -> None:
    case = event_at(cast, "assigned")
    client = cast.client("resident")
    assert "条未读" in client.get("/mine/").content.decode()
    assert case.number in client.get("/mine/notices/").content.decode()
    assert "条未读" not in client.get("/mine/").content.decode()
    assert "还没有通知" in cast.client("outsider").get("/mine/notices/").content.decode()


def test_staff_see_the_partys_page_without_the_partys_buttons(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    page = cast.client("dispatcher").get(f"/case/{case.number}/").content.decode()
    assert "在工作台打开" in page
    assert "/do/rate/" not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_carries_inline_style_or_script(cast: Cast, language: str) -> None:
    case = looked_at(cast)
    client = cast.client("resident")
    for page in [*PAGES[:-1], f"/case/{case.number}/", f"/case/{case.number}/do/supplement/"]:
        text = client.get(page, {"lang": language}).content.decode()
        assert " style=" not in text, page
        assert not re.search(r"<script(?![^>]*src=)", text), page
        assert not re.search(r"\son\w+=", text), page


def test_who_reported_the_same_reads_the_steps_but_not_the_others_words(cast: Cast) -> None:
    master = event_at(cast, "dispatching", at=now() - timedelta(hours=1), contact="13900000001")
    mine = reported(cast, by="outsider", at=now())
    engine.act(mine, "merge", {"master": master.number}, by=cast.actor("dispatcher"))
    page = cast.client("outsider").get(f"/case/{master.number}/").content.decode()
    assert "街道已受理" in page
    assert "晚上看不见路" not in page
    assert "139" not in page
    assert "您提出了" not in page
    assert "/do/" not in page
    assert "晚上看不见路" in cast.client("resident").get(f"/case/{master.number}/").content.decode()


def test_the_first_page_shows_my_cases_to_me_alone(cast: Cast) -> None:
    case = event_at(cast, "evaluating", at=now() - timedelta(hours=1))
    mine = cast.client("resident").get("/").content.decode()
    assert f"/case/{case.number}/#todo" in mine
    for who in ("outsider", "anonymous", "dispatcher"):
        assert case.number not in cast.client(who).get("/").content.decode()
