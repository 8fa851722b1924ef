"""The clock of an event through pauses, extensions, other grades and ends (计时), and clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.base.errors import Refused
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.casebook import case_due, tasks_of
from linli.kernel.procedures.models import Case, ClockSegment, Task
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def open_task(case: Case) -> Task:
    """The one open task, read anew."""
    return Task.objects.get(case=case, done_at__isnull=True)


def extended(cast: Cast, case: Case, at: datetime) -> None:
    engine.act(case, "extend", {"reason": "要等配件"}, by=cast.actor("leader"), at=at)
    case.refresh_from_db()


def test_a_party_withdraws_a_case_that_waits_and_no_pause_stays_open(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "ask", {"question": "哪几盏？"}, by=cast.actor("handler"), at=MONDAY + HOUR)
    engine.act(case, "withdraw", {}, by=cast.actor("resident"), at=MONDAY + DAY)
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("ended", "withdrawn")
    assert ClockSegment.objects.get(case=case).to_at == MONDAY + DAY
    engine.act(case, "reopen", {"reason": "还是不亮"}, by=cast.actor("resident"), at=MONDAY + 3 * DAY)
    case.refresh_from_db()
    assert case.status == "open"
    assert not ClockSegment.objects.filter(case=case, to_at__isnull=True).exists()
    assert proof.replay(case) == []


def test_staff_resume_a_case_before_they_go_on(cast: Cast) -> None:
    case = reported(cast)
    engine.act(case, "ask", {"question": "哪几盏？"}, by=cast.actor("dispatcher"), at=MONDAY + HOUR)
    case.refresh_from_db()
    blocked = {a.code for a in engine.open_actions(case, cast.actor("dispatcher")) if a.blocked}
    assert {"accept", "decline", "merge", "ask"} <= blocked
    assert "resume" not in blocked


def test_a_second_extension_is_blocked_before_anybody_fills_in_a_form(cast: Cast) -> None:
    case = event_at(cast, "handling")
    extended(cast, case, MONDAY + HOUR)
    offered = {a.code: a.blocked for a in engine.open_actions(case, cast.actor("leader"))}
    assert offered["extend"] is not None
    assert "延长过一次" in offered["extend"].zh
    with pytest.raises(Refused):
        extended(cast, case, MONDAY + 2 * HOUR)


def test_an_extension_outlasts_another_grade_and_a_pause(cast: Cast) -> None:
    case = event_at(cast, "handling")
    first = case.due_at
    extended(cast, case, MONDAY + HOUR)
    longer = case.due_at
    assert first is not None
    assert longer is not None
    assert longer > first
    ask, reply = {"question": "哪几盏？"}, {"reply": "三盏"}
    engine.act(case, "ask", ask, by=cast.actor("handler"), at=MONDAY + 2 * HOUR)
    engine.act(case, "reply", reply, by=cast.actor("resident"), at=MONDAY + 3 * HOUR)
    case.refresh_from_db()
    assert case.due_at == longer  # asked and answered on one day: nothing of a day is lost
    for grade in ("complex", "simple"):
        data = {"grade": grade, "reason": "核对后调整"}
        engine.act(case, "regrade", data, by=cast.actor("dispatcher"), at=MONDAY + 4 * HOUR)
    case.refresh_from_db()
    assert case.due_at == longer
    assert proof.replay(case) == []


def test_another_grade_counts_the_open_task_anew(cast: Cast) -> None:
    case = event_at(cast, "assigned")
    before = open_task(case)
    engine.act(
        case,
        "regrade",
        {"grade": "critical", "reason": "漏电"},
        by=cast.actor("dispatcher"),
        at=MONDAY + HOUR,
    )
    after = open_task(case)
    assert after.due_at == after.opened_at + timedelta(minutes=10)
    assert after.due_at < before.due_at
    assert (after.period, after.uid) == ("10 minutes", before.uid)


def test_a_limit_that_grew_is_warned_of_again(cast: Cast) -> None:
    fresh = event_at(cast, "handling")
    task = open_task(fresh)
    near = task.opened_at + 0.9 * (task.due_at - task.opened_at)
    for _ in range(4):
        engine.tick(near)
    extended(cast, fresh, near)
    assert open_task(fresh).alert_stage < 3
    alert = open_task(fresh).alert_at
    assert alert is not None
    assert near < alert <= open_task(fresh).due_at


def test_a_pause_into_years_without_published_days_off_makes_the_limit_provisional(cast: Cast) -> None:
    case = event_at(cast, "handling")
    ask, reply = {"question": "哪几盏？"}, {"reply": "三盏"}
    engine.act(case, "ask", ask, by=cast.actor("handler"), at=MONDAY + HOUR)
    engine.act(case, "reply", reply, by=cast.actor("resident"), at=datetime(2040, 3, 5, 2, tzinfo=UTC))
    case.refresh_from_db()
    assert case.provisional
    assert open_task(case).provisional


def test_a_task_opened_while_nothing_runs_is_looked_at_after_the_pause(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "ask", {"question": "哪几盏？"}, by=cast.actor("handler"), at=MONDAY + HOUR)
    for _ in range(3):
        engine.tick(MONDAY + 20 * DAY)
    assert open_task(case).alert_at is None
    assert not Record.objects.filter(case_id=case.pk, action__startswith="clock.").exists()
    engine.act(case, "reply", {"reply": "三盏"}, by=cast.actor("resident"), at=MONDAY + 21 * DAY)
    alert = open_task(case).alert_at
    assert alert is not None
    assert engine.tick(alert) == 1


def test_what_the_page_says_of_a_due_time_is_the_due_time(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "ask", {"question": "哪几盏？"}, by=cast.actor("handler"), at=MONDAY + HOUR)
    engine.act(case, "reply", {"reply": "三盏"}, by=cast.actor("resident"), at=MONDAY + 2 * DAY)
    case.refresh_from_db()
    whole = case_due(case)
    assert whole is not None
    assert whole.due_at == case.due_at
    assert tasks_of(case)[0].due.due_at == open_task(case).due_at


def test_a_clock_that_jumps_back_does_not_turn_what_happened(cast: Cast) -> None:
    case = event_at(cast, "handling")
    noon = MONDAY + 4 * HOUR
    engine.act(case, "supplement", {"note": "到了现场"}, by=cast.actor("handler"), at=noon)
    engine.act(case, "ask", {"question": "哪几盏？"}, by=cast.actor("handler"), at=MONDAY)
    engine.act(case, "reply", {"reply": "三盏"}, by=cast.actor("resident"), at=MONDAY + HOUR)
    moments = list(Record.objects.filter(case_id=case.pk).order_by("seq").values_list("at", flat=True))
    assert moments == sorted(moments)
    pause = ClockSegment.objects.get(case=case)
    assert (pause.from_at, pause.to_at) == (noon, noon)


def test_a_case_taken_up_again_has_what_was_left_when_it_closed(cast: Cast) -> None:
    case = event_at(cast, "closed")
    assert case.due_at
    assert case.ended_at
    left = case.due_at - case.ended_at
    later = MONDAY + timedelta(days=14)
    engine.act(case, "reopen", {"reason": "又不亮了"}, by=cast.actor("resident"), at=later)
    case = Case.objects.get(pk=case.pk)
    assert case.due_at is not None
    assert case.due_at > later
    assert case.due_at - later < left + timedelta(days=4)  # a weekend may lie between
    assert proof.replay(case) == []
