"""Suspending, resuming and extending the clock (中止、恢复、延长): each with its ground, its document and its notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import Pause, due_for, due_for_text, next_alert, period_for, period_text
from linli.kernel.procedures.models import ClockSegment
from linli.kernel.procedures.state import CaseState, Move, TaskState


def pauses_of(case: CaseState, until: datetime) -> list[Pause]:
    rows = ClockSegment.objects.filter(case_id=case.id, kind="suspended").order_by("from_at")
    return [(s.from_at, s.to_at or until) for s in rows]


def suspend(move: Move) -> None:
    """Stop the clock (中止计时). The ground is one that the procedure allows; the case says why it waits."""
    move.case.status = "suspended"
    ClockSegment.objects.create(
        case_id=move.case.id,
        kind="suspended",
        from_at=move.at,
        ground=str(move.data.get("ground", ""))
        or (move.action.suspends.grounds[0] if move.action.suspends else ""),
        document=str(move.data.get("document", "")),
    )


def resume(move: Move, tasks: Sequence[TaskState]) -> None:
    """Let the clock run on (恢复计时): what was left of each limit when it stopped is what is left now."""
    case = move.case
    case.status = "open"
    ClockSegment.objects.filter(case_id=case.id, kind="suspended", to_at__isnull=True).update(to_at=move.at)
    pauses = pauses_of(case, move.at)
    for task in tasks:
        due = due_for_text(task.period, task.opened_at, [p for p in pauses if p[1] > task.opened_at])
        _set_due(move, task, _extended(move, task.opened_at, due.due_at), due.provisional)
    for limit, name in (
        (move.procedure.limit, "due_at"),
        (move.procedure.statutory_limit, "statutory_due_at"),
    ):
        period = period_for(limit, case.facts)
        if period is not None:
            later = due_for(period, case.opened_at, pauses).due_at
            setattr(case, name, _extended(move, case.opened_at, later) if name == "due_at" else later)


def _extended(move: Move, start: datetime, due_at: datetime) -> datetime:
    """What an extension granted after `start` adds to a due time that is counted anew."""
    granted = ClockSegment.objects.filter(case_id=move.case.id, kind="extended", from_at__gte=start)
    return _later(move, start, due_at) if granted.exists() else due_at


def _later(move: Move, start: datetime, due_at: datetime) -> datetime:
    rule = move.procedure.extend
    if rule is None:
        return due_at
    later = due_for(rule.period, due_at).due_at
    return min(later, due_at + (due_at - start)) if rule.never_beyond_original else later


def _set_due(move: Move, task: TaskState, due_at: datetime, provisional: bool) -> None:
    step = move.procedure.steps[task.step]
    task.due_at, task.provisional = due_at, provisional
    task.alert_at = next_alert(
        move.procedure.escalation, task.alert_stage, task.opened_at, due_at, timeout=bool(step.timeout)
    )
    hot.update_task_clock(task)


def extend(move: Move, tasks: Sequence[TaskState]) -> None:
    """Extend the limit (延长时限): at most as far as the procedure allows, once, never by more than the first limit."""
    case, rule = move.case, move.procedure.extend
    if rule is None:
        return
    if rule.once and ClockSegment.objects.filter(case_id=case.id, kind="extended").exists():
        raise Refused(
            "procedures.extended_already",
            Text(
                "这件事已经延长过一次，不能再延长。", "This case has been extended once and cannot be again."
            ),
        )
    for task in tasks:
        _set_due(move, task, _later(move, task.opened_at, task.due_at), task.provisional)
    if case.due_at is not None:
        case.due_at = _later(move, case.opened_at, case.due_at)
    ClockSegment.objects.create(
        case_id=case.id,
        kind="extended",
        from_at=move.at,
        to_at=case.due_at,
        ground=period_text(rule.period),
        document=str(move.data.get("document", "")),
    )
