"""When work was done and when it came in (办理时间和传到时间): both are said, and a missing signal makes nobody late."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from linli.base.clock import now
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at, lamp_category
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db
ANSWER = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}


def reported_on_the_phone(cast: Cast, made_at: datetime) -> Case:
    lamp_category()
    assert Phone(cast).put(entry("report", a_report(cast), made_at=made_at.isoformat())).status_code == 200
    return Case.objects.get()


def test_a_report_without_signal_carries_both_times(cast: Cast) -> None:
    made_at = now() - timedelta(hours=20)
    case = reported_on_the_phone(cast, made_at)
    first = timeline(case, cast.actor("dispatcher"))[0]
    assert first.done_at == made_at
    assert first.at - made_at >= timedelta(hours=20)
    page = cast.client("dispatcher").get(f"/staff/cases/{case.number}/").content.decode()
    assert "手机时间" in page
    assert replay(case) == []
    assert verify_all().first_fault is None


@pytest.mark.parametrize("late_by", [timedelta(), timedelta(minutes=3), -timedelta(hours=3)])
def test_what_came_at_once_or_from_a_clock_that_is_ahead_says_nothing(cast: Cast, late_by: timedelta) -> None:
    case = reported_on_the_phone(cast, now() - late_by)
    assert "done_at" not in json.loads(Record.objects.get(case_id=case.pk, seq=1).facts)
    assert timeline(case, cast.actor("dispatcher"))[0].done_at is None


def test_the_reporter_reads_when_it_was_verified_on_the_spot(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    made_at = now() - timedelta(hours=9)
    body = {
        "number": case.number,
        "action": "verify",
        "data": {"passed": "到场看过，都亮了。"},
        "seq": case.seq,
    }
    answer = Phone(cast).put(entry("act", body, made_at=made_at.isoformat()))
    assert answer.json()["state"] == "done", answer.json()
    last = timeline(case, cast.actor("resident"))[-1]
    assert (last.action, last.done_at) == ("verify", made_at)
    assert "现场办理时间" in cast.client("resident").get(f"/case/{case.number}/").content.decode()


def answered(cast: Cast, done_before_due: timedelta) -> Case:
    """A handler's answer that comes in two days after it was due, done so long before the due moment."""
    case = event_at(cast, "handling")
    due = Task.objects.get(case=case, done_at__isnull=True).due_at
    engine.act(
        case,
        "answer",
        ANSWER,
        by=cast.actor("handler"),
        at=due + timedelta(days=2),
        done_at=due - done_before_due,
    )
    case.refresh_from_db()
    return case


def test_done_in_time_and_sent_late_is_in_time(cast: Cast) -> None:
    assert answered(cast, timedelta(hours=2)).event.on_time is True


def test_done_late_is_late(cast: Cast) -> None:
    assert answered(cast, -timedelta(hours=2)).event.on_time is False


def test_nothing_was_done_before_there_was_anything_to_do(cast: Cast) -> None:
    case = event_at(cast, "handling")
    task = Task.objects.get(case=case, done_at__isnull=True)
    procedure = procedure_of(case.version_id)
    step = procedure.steps[case.step]
    move = Move(
        engine.hot_state(case), procedure, step, step.actions["answer"], {}, cast.actor("handler"), task.due_at,
        task=hot.open_tasks(case.pk)[0], done_at=task.opened_at - timedelta(days=400),
    )  # fmt: skip
    assert move.worked_at == task.opened_at
