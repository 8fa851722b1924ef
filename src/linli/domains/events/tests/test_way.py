"""The whole way of a report (一件事的全过程), and what each step refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from linli.base.errors import Invalid, NotAllowed, NotFound, OutOfDate, Refused
from linli.domains.events import services
from linli.domains.events.models import Event
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Person
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.casebook import reveal_fact, timeline
from linli.kernel.procedures.models import Case, RefusedWrite, Task
from linli.kernel.procedures.queries import access_case, inbox
from linli.kernel.procedures.state import Receipt
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, lamp_category, reported

LATER = MONDAY + timedelta(hours=1)


def test_a_report_goes_from_the_resident_to_a_rated_close(cast: Cast) -> None:
    case = event_at(cast, "closed")
    actions = list(Record.objects.filter(case_id=case.pk).order_by("seq").values_list("action", flat=True))
    assert actions == ["open", "accept", "assign", "sign", "answer", "verify", "rate"]
    assert (case.status, case.outcome) == ("ended", "resolved")
    assert not Task.objects.filter(case=case, done_at__isnull=True).exists()
    assert Event.objects.get(case=case).rating == 5
    assert proof.replay(case) == []
    assert proof.verify_all().first_fault is None


def test_the_report_lands_in_the_grid_of_its_point(cast: Cast) -> None:
    assert reported(cast, grid="grid2").area == cast.area("grid2")


def test_a_place_outside_the_area_is_refused_with_what_to_do(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        services.report(
            {"description": "路灯不亮"}, by=cast.actor("resident"), channel="web", lng=121.0, lat=31.0
        )
    assert refused.value.code == "events.outside"
    assert "重新选点" in refused.value.message.zh
    assert not Case.objects.exists()


def test_a_report_without_words_is_refused_and_nothing_is_written(cast: Cast) -> None:
    lng, lat = cast.point("grid1")
    with pytest.raises(Invalid) as refused:
        services.report({"description": " "}, by=cast.actor("resident"), channel="web", lng=lng, lat=lat)
    assert "description" in refused.value.fields
    assert not Case.objects.exists()


def test_a_refused_report_leaves_no_person_behind(cast: Cast) -> None:
    lng, lat = cast.point("grid1")
    before = Person.objects.count()
    with pytest.raises(Invalid):
        services.report(
            {"description": "", "contact": "13912345678"},
            by=cast.actor("anonymous"),
            channel="web",
            lng=lng,
            lat=lat,
        )
    assert Person.objects.count() == before
    assert not Record.objects.exists()


def test_the_reporter_is_told_at_each_step(cast: Cast) -> None:
    case = event_at(cast, "closed")
    templates = Notice.objects.filter(
        person=cast.person("resident"), case_number=case.number, channel="in_app"
    )
    assert [n.template for n in templates.order_by("id")] == [
        "case.received",
        "case.moved",
        "case.moved",
        "case.moved",
        "case.moved",
        "case.rate",
    ]


def test_the_task_goes_to_the_dispatcher_of_the_town_and_to_no_neighbour(cast: Cast) -> None:
    case = reported(cast)
    assert [row.case for row in inbox(cast.actor("dispatcher")).items] == [case]
    assert inbox(cast.actor("neighbour_dispatcher")).items == []


@pytest.mark.parametrize(
    "who", ["handler", "grid_worker", "neighbour_dispatcher", "outsider", "supervisor", "anonymous", "clerk"]
)
def test_nobody_but_the_dispatcher_accepts(cast: Cast, who: str) -> None:
    case = reported(cast)
    with pytest.raises(NotAllowed):
        engine.act(
            case, "accept", {"category": "test:1:lamp", "grade": "simple"}, by=cast.actor(who), at=LATER
        )
    assert Record.objects.filter(case_id=case.pk).count() == 1


def test_who_handled_it_does_not_verify_it(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    Event.objects.filter(case=case).update(answered_by=cast.account("grid_worker").pk)
    with pytest.raises(Refused) as refused:
        engine.act(case, "verify", {"passed": "好了"}, by=cast.actor("grid_worker"), at=LATER)
    assert refused.value.code == "procedures.not_yet"
    assert "别人核实" in refused.value.message.zh


def test_rework_sends_it_back_to_the_handler_and_is_counted(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    engine.act(case, "rework", {"reason": "还有一盏不亮"}, by=cast.actor("grid_worker"), at=LATER)
    case.refresh_from_db()
    assert case.step == "handling"
    assert Event.objects.get(case=case).n_reworks == 1


def test_a_decline_needs_reason_and_basis_and_can_be_reviewed(cast: Cast) -> None:
    case = reported(cast)
    with pytest.raises(Invalid) as refused:
        engine.act(case, "decline", {"reason": "不属于受理范围"}, by=cast.actor("dispatcher"), at=LATER)
    assert set(refused.value.fields) == {"legal_basis"}
    engine.act(
        case,
        "decline",
        {"reason": "已进入诉讼", "legal_basis": "不予受理清单第 2 项"},
        by=cast.actor("dispatcher"),
        at=LATER,
    )
    review = engine.open_case(
        "event-review",
        by=cast.actor("resident"),
        area=case.area,
        data={"challenged": case.number, "reason": "没有诉讼"},
        channel="web",
        applicant=cast.person("resident"),
        at=LATER,
    )
    engine.act(review.number, "uphold", {"opinion": "查无诉讼"}, by=cast.actor("supervisor"), at=LATER)
    case.refresh_from_db()
    assert (case.step, case.status) == ("reported", "open")
    assert proof.replay(case) == []


def test_a_dispute_is_heard_once(cast: Cast) -> None:
    case = event_at(cast, "assigned")
    reasons = {"reason": "属电力公司产权", "legal_basis": "派单目录"}
    engine.act(case, "dispute", reasons, by=cast.actor("handler"), at=LATER)
    engine.act(case, "reject", {"reason": "产权已移交"}, by=cast.actor("dispatcher"), at=LATER)
    with pytest.raises(Refused) as refused:
        engine.act(case, "dispute", reasons, by=cast.actor("handler"), at=LATER)
    assert "只能提出一次" in refused.value.message.zh


def test_a_question_stops_the_clock_until_it_is_answered(cast: Cast) -> None:
    case = event_at(cast, "handling")
    before = Task.objects.get(case=case, done_at__isnull=True).due_at
    engine.act(case, "ask", {"question": "是哪几盏？"}, by=cast.actor("handler"), at=LATER)
    case.refresh_from_db()
    assert case.status == "suspended"
    with pytest.raises(Refused):
        engine.act(
            case, "answer", {"result": "好了", "public_answer": "好了"}, by=cast.actor("handler"), at=LATER
        )
    engine.act(case, "reply", {"reply": "门口三盏"}, by=cast.actor("resident"), at=LATER + timedelta(days=2))
    case.refresh_from_db()
    after = Task.objects.get(case=case, done_at__isnull=True).due_at
    assert case.status == "open"
    assert after == before + timedelta(
        days=1
    )  # Monday to Wednesday: Tuesday alone stood still as a whole day
    assert proof.replay(case) == []


def test_helpers_do_their_part_and_the_lead_moves_the_case(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    engine.act(
        case,
        "assign",
        {"lead": "350102-municipal", "helpers": ["350102-garden"]},
        by=cast.actor("dispatcher"),
        at=LATER,
    )
    engine.act(case, "sign", {}, by=cast.actor("handler"), at=LATER)
    assert Task.objects.filter(case=case, done_at__isnull=True).count() == 2
    done = {"result": "修枝", "public_answer": "挡灯的树枝已修"}
    engine.act(case, "answer", done, by=cast.actor("other_handler"), at=LATER)
    case.refresh_from_db()
    assert case.step == "handling"
    assert "public_answer" not in case.facts  # a part is not the answer of the case
    assert Event.objects.get(case=case).answered_at is None
    assert proof.replay(case) == []
    engine.act(case, "answer", done, by=cast.actor("handler"), at=LATER)
    case.refresh_from_db()
    assert case.step == "verifying"
    assert proof.replay(case) == []


def test_the_organisation_complained_about_never_handles_and_never_sees(cast: Cast) -> None:
    case = reported(cast, description="区园林中心的车把草坪压坏了")
    engine.act(
        case,
        "accept",
        {"category": "test:1:lamp", "grade": "simple", "accused": ["350102-garden"]},
        by=cast.actor("dispatcher"),
        at=LATER,
    )
    with pytest.raises(Refused) as refused:
        engine.act(case, "assign", {"lead": "350102-garden"}, by=cast.actor("dispatcher"), at=LATER)
    assert "回避" in refused.value.message.zh
    engine.act(case, "assign", {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), at=LATER)
    with pytest.raises(NotFound):
        access_case(case.number, cast.actor("other_handler"))


def test_merged_reports_keep_every_reporter_informed_and_can_be_taken_apart(cast: Cast) -> None:
    master = event_at(cast, "dispatching")
    other = reported(cast, by="outsider")
    engine.act(other, "merge", {"master": master.number}, by=cast.actor("dispatcher"), at=LATER)
    engine.act(master, "assign", {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), at=LATER)
    told = Notice.objects.filter(case_number=master.number, person=cast.person("outsider"), channel="in_app")
    assert told.count() == 1
    assert Event.objects.get(case=master).n_reporters == 2
    engine.act(other, "unmerge", {"reason": "是另一处"}, by=cast.actor("dispatcher"), at=LATER)
    other.refresh_from_db()
    assert (other.step, other.status) == ("dispatching", "open")
    engine.act(master, "sign", {}, by=cast.actor("handler"), at=LATER)
    assert told.count() == 1
    assert Event.objects.get(case=master).n_reporters == 1


def test_a_part_is_split_off_as_a_case_of_its_own(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    engine.act(
        case,
        "split",
        {"part_title": "树枝挡灯", "part_category": "test:1:lamp"},
        by=cast.actor("dispatcher"),
        at=LATER,
    )
    part = Case.objects.exclude(pk=case.pk).get()
    assert (part.title, part.area_id, part.applicant_id) == ("树枝挡灯", case.area_id, case.applicant_id)


def test_a_closed_case_is_taken_up_again_within_thirty_days(cast: Cast) -> None:
    case = event_at(cast, "closed")
    with pytest.raises(Refused):
        engine.act(
            case, "reopen", {"reason": "又不亮了"}, by=cast.actor("resident"), at=MONDAY + timedelta(days=60)
        )
    engine.act(
        case, "reopen", {"reason": "又不亮了"}, by=cast.actor("resident"), at=MONDAY + timedelta(days=5)
    )
    case.refresh_from_db()
    assert (case.step, case.status, case.ended_at) == ("dispatching", "open", None)
    assert proof.replay(case) == []


def test_two_people_at_once_one_wins_and_one_is_told(cast: Cast) -> None:
    case = reported(cast)
    seen = case.seq
    grade = {"category": "test:1:lamp", "grade": "simple"}
    engine.act(case, "accept", grade, by=cast.actor("dispatcher"), seq=seen, at=LATER)
    with pytest.raises(OutOfDate) as refused:
        engine.act(case, "accept", grade, by=cast.actor("dispatcher"), seq=seen, at=LATER)
    assert "黄派遣" in refused.value.message.zh
    assert "受理" in refused.value.message.zh


def test_a_repeated_write_gives_the_first_receipt_and_other_content_is_kept(cast: Cast) -> None:
    lng, lat = cast.point("grid1")

    def send(text: str) -> Receipt:
        return services.report(
            {"description": text},
            by=cast.actor("anonymous"),
            channel="web",
            lng=lng,
            lat=lat,
            client_key="k-1",
        )

    first = send("路灯不亮")
    again = send("路灯不亮")
    assert again.repeated
    assert (again.number, again.tracking_code) == (first.number, first.tracking_code)
    with pytest.raises(Refused) as refused:
        send("井盖没了")
    assert refused.value.code == "procedures.key_taken"
    assert Case.objects.count() == 1
    assert "井盖没了" in RefusedWrite.objects.get().content


def test_personal_facts_are_sealed_masked_and_their_reveal_leaves_a_trace(cast: Cast) -> None:
    case = reported(cast, contact="13900000001")
    raw = bytes(ErasableFact.objects.get(case_id=case.pk, name="contact").value)
    assert b"13900000001" not in raw
    record = Record.objects.get(case_id=case.pk)
    assert "13900000001" not in record.facts + record.digests
    shown = {f.code: f for f in timeline(case, cast.actor("dispatcher"))[0].facts}
    assert shown["contact"].masked
    assert "0000" not in str(shown["contact"].value)[3:7]
    assert "contact" not in {f.code for f in timeline(case, cast.actor("supervisor"))[0].facts}
    with pytest.raises(NotFound):
        reveal_fact(case, "contact", by=cast.actor("grid_worker"), purpose="核实")
    assert reveal_fact(case, "contact", by=cast.actor("dispatcher"), purpose="电话核对地点").endswith(
        "13900000001"
    )
    entry = cast.person("resident").accesses.get()
    assert (entry.what, entry.purpose, entry.case_number) == ("contact", "电话核对地点", case.number)


def test_a_party_reads_answers_but_no_internal_notes(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    read = json.dumps(
        [str(f.value) for e in timeline(case, cast.actor("resident")) for f in e.facts], ensure_ascii=False
    )
    assert "三盏灯都亮了" in read
    assert "换了灯头" not in read
    assert "到场看过" not in read


def test_the_sweeper_warns_in_order_and_closes_what_was_not_rated(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    late = datetime(2026, 12, 20, tzinfo=UTC)
    assert engine.tick(late) == 1
    case.refresh_from_db()
    assert (case.step, case.outcome) == ("closed", "resolved")
    waiting = reported(cast, at=MONDAY)
    for _ in range(4):
        engine.tick(late)
    warned = Record.objects.filter(case_id=waiting.pk, action__startswith="clock.").order_by("seq")
    assert [r.action for r in warned] == ["clock.remind", "clock.yellow", "clock.red", "clock.red"]
    assert engine.tick(late) == 0
    assert Notice.objects.filter(account=cast.account("supervisor"), template="task.reported_up").count() == 1
    waiting.refresh_from_db()
    engine.act(
        waiting,
        "accept",
        {"category": "test:1:lamp", "grade": "simple"},
        by=cast.actor("dispatcher"),
        seq=1,
        at=late,
    )


def test_the_category_is_suggested_by_words_alone(cast: Cast) -> None:
    lamp = lamp_category()
    assert services.suggested_category("小区北门的路灯坏了") == [lamp]
    assert services.suggested_category("楼上漏水") == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("路灯不亮。已经三天了。", "路灯不亮"),
        ("灯" * 50, "灯" * 38 + "…"),
        (
            "A tree has just fallen across the lane and blocks the whole way to the school",
            "A tree has just fallen across the lane and blocks the whole way to the…",
        ),
    ],
)
def test_the_title_is_the_first_sentence_in_the_residents_words(text: str, title: str) -> None:
    assert services.summary_of(text) == title


def test_an_old_case_is_for_reading_only(cast: Cast) -> None:
    case = event_at(cast, "closed")
    Case.objects.filter(pk=case.pk).update(historic=True)
    case.refresh_from_db()
    assert engine.open_actions(case, cast.actor("dispatcher")) == []
    with pytest.raises(Refused) as refused:
        engine.act(case, "reopen", {"reason": "又不亮了"}, by=cast.actor("resident"), at=LATER)
    assert refused.value.code == "procedures.historic"
