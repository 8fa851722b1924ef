"""Limits that begin at a step, pauses with an end, extensions beside the law's own limit (计时段), and what is said of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import NotAllowed, Refused
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.casebook import case_due, case_limits, segments_shown, tasks_of, timeline
from linli.kernel.procedures.models import Case, ClockSegment
from linli.kernel.procedures.tests.clockcase import MONDAY, accepted, asked_for, did, open_task
from linli.kernel.procedures.tests.clockcase import permits as permits
from linli.kernel.records.models import Record
from tests.cast import Cast

DAY = timedelta(days=1)
WEDNESDAY = MONDAY + 2 * DAY


def on(moment: datetime | None) -> date:
    assert moment is not None
    return local(moment).date()


def test_the_limit_is_not_known_until_the_step_that_begins_it(permits: Cast) -> None:
    case = asked_for(permits)
    assert (case.due_at, case.statutory_due_at) == (None, None)
    assert case_due(case) is None
    said = case_limits(case).words
    assert said is not None
    assert said.zh == (
        "承诺 7 个工作日（从“审查”起算，还没有开始）；法定最长 20 个工作日（从“审查”起算，还没有开始）"
    )
    case = did(permits, case, "dispatcher", "accept", WEDNESDAY)
    assert (on(case.due_at), on(case.statutory_due_at)) == (date(2026, 11, 27), date(2026, 12, 16))
    assert proof.replay(case) == []


def test_the_promise_stands_beside_the_law(permits: Cast) -> None:
    case = accepted(permits)
    said = case_limits(case).words
    assert said is not None
    assert said.zh == "承诺 7 个工作日，11月25日前；法定最长 20 个工作日，12月14日前"
    assert (
        said.en == "Promised: 7 working days, by 25 November; at most by law: 20 working days, by 14 December"
    )
    whole = case_due(case)
    assert whole is not None
    assert whole.explanation.zh.startswith("2026年11月16日进入“审查”环节，当日不计")
    assert whole.due_at == case.due_at


def test_the_first_time_at_the_step_counts_and_no_task_outlasts_the_case(permits: Cast) -> None:
    case = accepted(permits)
    first = case.due_at
    case = did(permits, case, "dispatcher", "check", WEDNESDAY)
    assert open_task(case).due_at == first  # seven working days of its own would be later
    shown = tasks_of(case)[0].due
    assert shown.due_at == first
    assert shown.explanation.zh.endswith("这一环节不得超过全程时限，以11月25日17:00为准。")
    case = did(permits, case, "dispatcher", "back", WEDNESDAY + DAY)
    assert case.due_at == first
    late = did(permits, case, "dispatcher", "check", MONDAY + 14 * DAY)
    assert (
        open_task(late).due_at == MONDAY + 14 * DAY
    )  # begun after the end: due at once, not before it began


def test_a_pause_says_why_under_what_by_whom_and_that_the_person_was_told(permits: Cast) -> None:
    case = accepted(permits)
    entries = {"ground": "expert-review", "document": "鼓东鉴〔2026〕3号"}
    case = did(permits, case, "dispatcher", "stop", WEDNESDAY, **entries)
    row = ClockSegment.objects.get(case=case)
    assert (row.ground, row.basis, row.document) == ("expert-review", "行政许可法 45", "鼓东鉴〔2026〕3号")
    assert (row.approved_by, row.notified_at) == (permits.account("dispatcher"), WEDNESDAY)
    assert Notice.objects.filter(template="case.suspended", person=permits.person("resident")).exists()
    (shown,) = segments_shown(case)
    assert shown.told is not None
    assert shown.told.zh == "11月18日已告知当事人"
    assert on(shown.until_at) == date(2026, 11, 30)  # ten days end on a Saturday


def test_an_article_that_was_entered_stands_before_that_of_the_file(permits: Cast) -> None:
    entries = {"ground": "expert-review", "legal_basis": "行政许可法 45（专家评审）"}
    case = did(permits, accepted(permits), "dispatcher", "stop", WEDNESDAY, **entries)
    assert ClockSegment.objects.get(case=case).basis == "行政许可法 45（专家评审）"


def test_where_nobody_is_known_the_case_says_that_nobody_was_told(permits: Cast) -> None:
    case = accepted(permits, by="anonymous")
    case = did(permits, case, "dispatcher", "stop", WEDNESDAY, ground="expert-review")
    assert ClockSegment.objects.get(case=case).notified_at is None
    told = segments_shown(case)[0].told
    assert told is not None
    assert (told.zh, told.en) == ("没有可告知的人", "there was nobody to tell")


def test_what_was_left_when_it_stopped_is_left_when_it_goes_on(permits: Cast) -> None:
    case = accepted(permits)
    case = did(permits, case, "dispatcher", "wait", WEDNESDAY, ground="awaiting-applicant")
    assert on(case.due_at) == date(2026, 11, 25)  # as it stood when the clock stopped
    case = did(permits, case, "dispatcher", "go_on", WEDNESDAY + 7 * DAY)
    assert (on(case.due_at), on(case.statutory_due_at)) == (date(2026, 12, 2), date(2026, 12, 21))
    assert open_task(case).due_at == case.due_at
    whole = case_due(case)
    assert whole is not None
    assert "11月18日中止、11月25日恢复，中止期间不计" in whole.explanation.zh


def test_a_pause_that_has_lasted_as_long_as_it_may_ends_by_itself(permits: Cast) -> None:
    case = accepted(permits)
    case = did(permits, case, "dispatcher", "stop", WEDNESDAY, ground="expert-review")
    over_at = open_task(case).alert_at
    assert on(over_at) == date(2026, 11, 30)
    assert over_at is not None
    engine.tick(over_at - timedelta(minutes=1))
    assert Case.objects.get(pk=case.pk).status == "suspended"
    engine.tick(over_at + 3 * timedelta(hours=1))  # noticed late: it counts from when it was over
    case = Case.objects.get(pk=case.pk)
    assert case.status == "open"
    assert ClockSegment.objects.get(case=case).to_at == over_at
    assert on(case.due_at) == date(2026, 12, 7)
    assert open_task(case).alert_at is not None
    last = Record.objects.filter(case_id=case.pk).latest("seq")
    assert (last.action, last.actor_kind) == ("resumed", "system")
    assert Notice.objects.filter(template="case.resumed", person=permits.person("resident")).exists()
    assert "暂停期满，恢复计时" in [e.title.zh for e in timeline(case, permits.actor("resident"))]
    assert proof.replay(case) == []
    assert proof.verify_all().first_fault is None


def test_a_pause_without_a_limit_waits_for_a_person(permits: Cast) -> None:
    case = did(permits, accepted(permits), "dispatcher", "wait", WEDNESDAY, ground="awaiting-applicant")
    for _ in range(3):
        engine.tick(MONDAY + 200 * DAY)
    case.refresh_from_db()
    assert case.status == "suspended"
    assert open_task(case).alert_at is None
    assert segments_shown(case)[0].until_at is None


def test_an_extension_moves_the_promise_and_the_law_each_by_its_own(permits: Cast) -> None:
    case = accepted(permits)
    with pytest.raises(NotAllowed):
        did(permits, case, "dispatcher", "longer", WEDNESDAY, reason="要实地看")
    case = did(permits, case, "leader", "longer", WEDNESDAY, reason="要实地看")
    assert (on(case.due_at), on(case.statutory_due_at)) == (date(2026, 12, 2), date(2026, 12, 28))
    row = ClockSegment.objects.get(case=case)
    assert (row.kind, row.basis) == ("extended", "行政许可法 42")
    assert (row.approved_by, row.notified_at) == (permits.account("leader"), WEDNESDAY)
    law = case_limits(case).law
    assert law is not None
    assert law.due is not None
    assert law.due.due_at == case.statutory_due_at
    assert "经批准延长10个工作日" in law.due.explanation.zh
    with pytest.raises(Refused, match="延长过一次"):
        did(permits, case, "leader", "longer", WEDNESDAY + DAY, reason="还要看")


def test_a_pause_within_the_extension_is_not_lost(permits: Cast) -> None:
    case = did(permits, accepted(permits), "leader", "longer", WEDNESDAY, reason="要实地看")
    case = did(permits, case, "dispatcher", "wait", MONDAY + 11 * DAY, ground="awaiting-applicant")
    case = did(permits, case, "dispatcher", "go_on", MONDAY + 14 * DAY)
    # Friday 27 November to Monday 30 November: one working day stood still.
    assert on(case.due_at) == date(2026, 12, 3)


def test_a_case_that_ends_while_it_waits_is_not_late_for_the_wait(permits: Cast) -> None:
    case = did(permits, accepted(permits), "dispatcher", "wait", WEDNESDAY, ground="awaiting-applicant")
    task, end = open_task(case), MONDAY + 30 * DAY
    case = did(permits, case, "resident", "withdraw", end)
    task.refresh_from_db()
    assert (case.status, ClockSegment.objects.get(case=case).to_at) == ("ended", end)
    assert case.due_at is not None
    assert end < case.due_at
    assert task.done_at == end < task.due_at
    assert proof.replay(case) == []
