"""What the lead decides about work that the field could not settle (外勤收件的处理)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, NotFound, Refused
from linli.kernel.fieldwork import deciding, queries, retention
from linli.kernel.fieldwork.models import (
    CARRIED,
    CHOSEN,
    DONE,
    KEPT,
    NOTED,
    SET_ASIDE,
    FieldDevice,
    FieldEntry,
)
from linli.kernel.fieldwork.silence import tell_of_silence
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Appointment, AuditEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case, Recusal
from linli.kernel.records.models import Attachment, Record, Upload
from linli.kernel.records.uploads import remove_forgotten
from tests.api import jpeg
from tests.cast import Cast
from tests.events import event_at
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db

LEADS = {"dispatcher", "leader"}


def second_check(cast: Cast, files: bool = False) -> tuple[Case, FieldEntry]:
    """The rework of somebody else came first; then the worker's check arrives."""
    case = event_at(cast, "verifying")
    phone = Phone(cast)
    photo = [{**phone.send_file(jpeg()), "field": "photo_after"}] if files else []
    engine.act(case, "rework", {"reason": "还有一盏不亮"}, by=cast.actor("grid_worker"))
    body = {"number": case.number, "action": "verify", "seq": case.seq, "data": {"passed": "亮了"}}
    assert phone.put(entry("act", body, photo)).json()["state"] == "kept"
    return case, FieldEntry.objects.get()


def conflict(cast: Cast) -> tuple[Case, FieldEntry]:
    case = event_at(cast, "verifying")
    for value in ("三盏灯", "四盏灯"):
        Phone(cast).put(entry("note", {"number": case.number, "base": {}, "fields": {"site_extent": value}}))
    return case, FieldEntry.objects.get(state="merged")


def test_it_waits_for_the_leads_of_the_area_and_nobody_else(cast: Cast) -> None:
    _, row = second_check(cast)
    for name in cast.names():
        actor = cast.actor(name)
        seen = [r.pk for r in queries.waiting(actor).items]
        assert (seen == [row.pk]) == (name in LEADS), name
        if name not in LEADS:
            verbs: list[Callable[[Actor], object]] = [
                lambda by: deciding.carry(row.uid, by=by),
                lambda by: deciding.set_aside(row.uid, "x", by=by),
                lambda by: deciding.as_report(row.uid, "x", by=by),
                lambda by: deciding.as_note(row.uid, row.number, "x", by=by),
                lambda by: deciding.choose(row.uid, {}, by=by),
            ]
            for verb in verbs:
                with pytest.raises(NotFound):
                    verb(actor)
    row.refresh_from_db()
    assert row.waits


def test_whoever_is_recused_from_the_case_does_not_see_what_came_about_it(cast: Cast) -> None:
    case, row = second_check(cast)
    Recusal.objects.create(case=case, organisation=cast.organisation("centre"), at=now(), by=None)
    Case.objects.filter(pk=case.pk).update(recused=True)
    assert queries.waiting(cast.actor("dispatcher")).items == []
    assert [r.pk for r in queries.waiting(cast.actor("leader")).items] == [row.pk]


def test_carried_out_later_both_names_stand_on_the_record(cast: Cast) -> None:
    case, row = second_check(cast, files=True)
    engine.act(case, "answer", {"result": "又修了", "public_answer": "好了"}, by=cast.actor("handler"))
    deciding.carry(row.uid, by=cast.actor("dispatcher"))
    case.refresh_from_db()
    row.refresh_from_db()
    assert (case.step, row.state, row.decision, row.seq) == ("evaluating", DONE, CARRIED, case.seq)
    record = Record.objects.get(case_id=case.pk, seq=case.seq)
    assert (record.actor, record.on_behalf_of) == (
        cast.account("dispatcher").pk,
        cast.account("grid_worker").pk,
    )
    assert Attachment.objects.filter(case_id=case.pk, field="photo_after").count() == 1
    told = Notice.objects.get(template="field.decided")
    assert told.account_id == cast.account("grid_worker").pk
    assert AuditEntry.objects.filter(act="field.entry_carried").count() == 1


def test_what_is_still_not_open_stays_and_says_why(cast: Cast) -> None:
    _, row = second_check(cast, files=True)
    with pytest.raises(LinliError):
        deciding.carry(row.uid, by=cast.actor("dispatcher"))
    row.refresh_from_db()
    assert row.waits
    assert Upload.objects.get().owner == f"field:{row.client_id}"


def test_nobody_stands_in_for_who_could_not_have_done_it(cast: Cast) -> None:
    _, row = second_check(cast)
    Appointment.objects.filter(account=cast.account("grid_worker")).delete()
    with pytest.raises(Refused) as refused:
        deciding.carry(row.uid, by=cast.actor("dispatcher"))
    assert refused.value.code == "field.not_in_their_place"


def test_it_becomes_a_note_with_its_photos(cast: Cast) -> None:
    case, row = second_check(cast, files=True)
    deciding.as_note(row.uid, case.number, "网格员到场看过：亮了。", by=cast.actor("dispatcher"))
    row.refresh_from_db()
    assert (row.decision, row.state, row.waits) == (NOTED, KEPT, False)
    assert first_fact(case, "note") == "网格员到场看过：亮了。"
    assert Attachment.objects.get(case_id=case.pk).field == "photos"


def test_it_becomes_a_report_of_its_own(cast: Cast) -> None:
    phone = Phone(cast)
    phone.put(entry("report", {"lng": "1", "lat": "1", "description": "井盖松了"}, [phone.send_file(jpeg())]))
    row = FieldEntry.objects.get()
    deciding.as_report(row.uid, "井盖松了，在北门。", by=cast.actor("dispatcher"))
    case = Case.objects.get()
    row.refresh_from_db()
    assert (row.number, case.grid, case.channel) == (case.number, "350102001001001", "field")
    assert Attachment.objects.get().case_id == case.pk


def test_set_aside_with_a_reason_that_the_worker_reads(cast: Cast) -> None:
    _, row = second_check(cast, files=True)
    with pytest.raises(Invalid):
        deciding.set_aside(row.uid, "  ", by=cast.actor("leader"))
    deciding.set_aside(row.uid, "已经有人核实过。", by=cast.actor("leader"))
    (mine,) = Phone(cast).call("GET", "/arrivals").json()["items"]
    assert (mine["decision"], mine["decision_words"]) == (SET_ASIDE, "已经有人核实过。")
    assert Phone(cast, "other_grid_worker").call("GET", "/arrivals").json()["items"] == []
    remove_forgotten(now() + timedelta(days=2))
    assert not Upload.objects.exists()


def test_who_decides_second_hears_who_did(cast: Cast) -> None:
    _, row = second_check(cast)
    deciding.set_aside(row.uid, "重复", by=cast.actor("leader"))
    with pytest.raises(Refused) as refused:
        deciding.set_aside(row.uid, "也重复", by=cast.actor("dispatcher"))
    assert refused.value.code == "field.decided"
    assert "谢主任" in refused.value.message.zh


@pytest.mark.parametrize(
    ("pick", "stands"), [("mine", "四盏灯"), ("theirs", "三盏灯"), ("both", "三盏灯\n四盏灯")]
)
def test_one_the_other_or_both(cast: Cast, pick: str, stands: str) -> None:
    case, row = conflict(cast)
    deciding.choose(row.uid, {"site_extent": pick}, by=cast.actor("dispatcher"))
    row.refresh_from_db()
    assert first_fact(case, "site_extent") == stands
    assert (row.state, row.decision, row.waits) == (DONE, CHOSEN, False)


@pytest.mark.parametrize("picks", [{}, {"site_extent": "none"}, {"site_extent": "mine", "site_note": "mine"}])
def test_each_field_is_chosen_once(cast: Cast, picks: dict[str, str]) -> None:
    _, row = conflict(cast)
    with pytest.raises(Invalid):
        deciding.choose(row.uid, picks, by=cast.actor("dispatcher"))


def test_the_second_content_of_a_number_can_be_carried_out_too(cast: Cast) -> None:
    phone = Phone(cast)
    first = entry("report", a_report(cast))
    phone.put(first)
    phone.put(entry("report", a_report(cast, description="另一处井盖"), number=first["id"]))
    deciding.carry(FieldEntry.objects.get(state=KEPT).uid, by=cast.actor("dispatcher"))
    assert Case.objects.count() == 2


def test_a_silence_is_told_once(cast: Cast) -> None:
    phone = Phone(cast)
    phone.hello(n_unsent=3)
    later = now() + timedelta(hours=47)
    assert tell_of_silence(later) == 0
    later += timedelta(hours=2)
    assert (tell_of_silence(later), tell_of_silence(later)) == (1, 0)
    told = Notice.objects.get(template="field.silent")
    assert (told.account_id, told.params["n"]) == (cast.account("dispatcher").pk, 3)
    phone.hello()
    assert tell_of_silence(now() + timedelta(hours=49)) == 1
    FieldDevice.objects.update(state="revoked", silence_told_at=None)
    assert tell_of_silence(later + timedelta(days=9)) == 0


def test_contents_go_after_a_month_and_the_entry_still_arrives_once(cast: Cast) -> None:
    phone = Phone(cast)
    done, kept = entry("report", a_report(cast)), entry("report", {})
    for made in (done, kept):
        phone.put(made)
    said: Any = retention.forget(now() + timedelta(days=31)).as_dict()
    assert said["field_n_bodies"] == 1
    bodies = {row.state: bool(row.body) for row in FieldEntry.objects.all()}
    assert bodies == {DONE: False, KEPT: True}
    assert phone.put(done).json()["state"] == "done"
    assert Case.objects.count() == 1
