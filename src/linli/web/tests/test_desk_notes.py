"""Internal notes and who is named in them (内部备注、@同事)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.base.errors import Invalid, NotFound, Refused
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import casebook, colleagues, noting
from linli.kernel.procedures.models import Case, Mention, Recusal
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import event_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def names(found: list[colleagues.Colleague]) -> set[str]:
    return {c.account.username for c in found}


def recuse(case: Case, cast: Cast, organisation: str) -> None:
    Recusal.objects.create(case=case, organisation=cast.organisation(organisation), at=now())
    Case.objects.filter(pk=case.pk).update(recused=True)
    case.refresh_from_db()


def test_a_note_is_a_record_that_moves_nothing_and_can_be_erased(cast: Cast) -> None:
    case = event_at(cast, "handling")
    noting.write_note(case.number, "灯杆在小区红线内。", by=cast.actor("handler"))
    row = Record.objects.get(case_id=case.pk, action="case.noted")
    fact = ErasableFact.objects.get(case_id=case.pk, name="note_words")
    assert (row.from_step, row.to_step) == ("handling", "")
    assert "红线" not in row.facts
    assert fact.seq == row.seq
    step = case.step
    case.refresh_from_db()
    assert case.step == step


def test_colleagues_read_it_and_no_party_does(cast: Cast) -> None:
    case = event_at(cast, "handling")
    noting.write_note(case.number, "灯杆在小区红线内。", by=cast.actor("handler"))
    case.refresh_from_db()

    def read(who: str) -> str:
        return str(
            [(e.action, [str(f.value) for f in e.facts]) for e in casebook.timeline(case, cast.actor(who))]
        )

    assert "红线" in read("dispatcher")
    assert "case.noted" not in read("resident")
    assert "红线" not in read("resident")
    assert "红线" not in cast.client("resident").get(f"/case/{case.number}/").content.decode()


def test_who_is_named_is_told_and_finds_it_until_they_open_the_case(cast: Cast) -> None:
    case = event_at(cast, "handling")
    noting.write_note(case.number, "@黄派遣 请看是不是该改派。", by=cast.actor("handler"))
    notice = Notice.objects.get(template="case.mentioned")
    assert notice.account_id == cast.account("dispatcher").pk
    client = cast.client("dispatcher")
    page = client.get("/staff/mentions/").content.decode()
    assert "请看是不是该改派" in page
    assert "郑市政" in page
    assert noting.unread_mentions(cast.actor("dispatcher")).count() == 1
    client.get(f"/staff/cases/{case.number}/")
    assert noting.unread_mentions(cast.actor("dispatcher")).count() == 0
    assert "请看是不是该改派" in client.get("/staff/mentions/").content.decode()


@pytest.mark.parametrize("name", ["高邻居", "不存在的人", "所有人"])
def test_who_may_not_see_the_case_is_refused_like_who_does_not_exist(cast: Cast, name: str) -> None:
    case = event_at(cast, "handling")
    with pytest.raises(Invalid) as refused:
        noting.write_note(case.number, f"@{name} 请看。", by=cast.actor("handler"))
    assert refused.value.code == "noting.not_there"
    assert refused.value.fields["note_words"].zh == (
        f"能看到这件事的同事里没有“@{name}”。请核对姓名，或去掉 @。"
    )
    assert not Mention.objects.exists()
    assert not Record.objects.filter(action="case.noted").exists()


def test_who_is_recused_is_not_there_and_is_not_offered(cast: Cast) -> None:
    case = event_at(cast, "handling")
    assert "call_back" in names(colleagues.colleagues(case, cast.actor("handler")))
    recuse(case, cast, "centre")
    offered = names(colleagues.colleagues(case, cast.actor("handler"), limit=40))
    assert not offered & {"call_back", "dispatcher"}
    with pytest.raises(Invalid):
        noting.write_note(case.number, "@黄派遣 请看。", by=cast.actor("handler"))
    with pytest.raises(NotFound):
        noting.write_note(case.number, "我看看。", by=cast.actor("dispatcher"))


def test_a_mention_goes_when_its_reader_may_no_longer_see_the_case(cast: Cast) -> None:
    case = event_at(cast, "handling")
    noting.write_note(case.number, "@黄派遣 请看。", by=cast.actor("handler"))
    recuse(case, cast, "centre")
    assert noting.mentions_of(cast.actor("dispatcher")).items == []
    assert noting.unread_mentions(cast.actor("dispatcher")).count() == 0


def test_an_address_is_no_mention_and_a_user_name_is_one(cast: Cast) -> None:
    case = event_at(cast, "handling")
    noting.write_note(case.number, "发到 dispatcher@example.org。", by=cast.actor("handler"))
    assert not Mention.objects.exists()
    noting.write_note(case.number, "请看", by=cast.actor("handler"), tell="dispatcher")
    assert Mention.objects.get().account_id == cast.account("dispatcher").pk


@pytest.mark.parametrize("who", ["resident", "outsider", "neighbour_dispatcher", "anonymous"])
def test_others_write_no_note(cast: Cast, who: str) -> None:
    case = event_at(cast, "handling")
    with pytest.raises(NotFound):
        noting.write_note(case.number, "我也说一句。", by=cast.actor(who))


def test_an_empty_note_and_old_records_are_refused(cast: Cast) -> None:
    case = event_at(cast, "handling")
    with pytest.raises(Invalid):
        noting.write_note(case.number, "  ", by=cast.actor("handler"))
    Case.objects.filter(pk=case.pk).update(historic=True)
    with pytest.raises(Refused):
        noting.write_note(case.number, "旧件", by=cast.actor("handler"))


def test_the_same_note_sent_twice_is_written_once(cast: Cast) -> None:
    case = event_at(cast, "handling")
    for _ in range(2):
        noting.write_note(case.number, "@黄派遣 请看。", by=cast.actor("handler"), client_key="k")
    assert Record.objects.filter(action="case.noted").count() == 1
    assert Mention.objects.count() == 1


def test_a_note_does_not_make_a_colleague_s_open_form_stale(cast: Cast) -> None:
    from linli.kernel.procedures import engine

    case = event_at(cast, "dispatching")
    seen = case.seq
    noting.write_note(case.number, "先等一等。", by=cast.actor("supervisor"))
    engine.act(case, "assign", {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), seq=seen)


def test_offering_colleagues_costs_the_same_however_many_there_are(cast: Cast) -> None:
    case = event_at(cast, "handling")
    colleagues.colleagues(case, cast.actor("handler"))  # the procedures are read once a process
    with CaptureQueriesContext(connection) as queries:
        found = colleagues.colleagues(case, cast.actor("handler"), limit=40)
    assert len(found) > 3
    assert len(queries) <= 4, chr(10).join(q["sql"][:170] for q in queries)


def test_the_form_offers_those_who_may_see_it_and_keeps_what_was_written(cast: Cast) -> None:
    case = event_at(cast, "handling")
    client = cast.client("handler")
    page = client.get(f"/staff/cases/{case.number}/note/").content.decode()
    assert "黄派遣" in page
    assert "高邻居" not in page
    wrong = client.post(f"/staff/cases/{case.number}/note/", {"note_words": "@高邻居 请看。"})
    assert wrong.status_code == 422
    assert "@高邻居 请看。" in wrong.content.decode()
    answer = client.post(f"/staff/cases/{case.number}/note/", {"note_words": "请看", "tell": "dispatcher"})
    assert answer.status_code == 302
    assert Mention.objects.count() == 1
    found = client.get(f"/staff/cases/{case.number}/colleagues.json?q=黄").json()["colleagues"]
    assert [c["name"] for c in found] == ["黄派遣"]
    assert cast.client("neighbour_dispatcher").get(f"/staff/cases/{case.number}/note/").status_code == 404
