"""Suspending, resuming and extending the clock (中止、恢复、延长): each with its ground, its document and its notice.

Whatever changes a due time counts it anew from its start, with every pause and every extension: `recount`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from linli.base.clock import local
from linli.base.i18n import Text
from linli.base.legaltime import Due, Period, due, moment_at_share, parse_period
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import Pause, due_for, next_alert, period_for, period_text
from linli.kernel.procedures.definitions import Escalation, Extension, Limit, Step
from linli.kernel.procedures.models import ClockSegment
from linli.kernel.procedures.state import CaseState, Move, TaskState

EXTENDED = Text("原时限届满", "The first limit ended")
EXTENDED_ALREADY = Text(
    "这件事已经延长过一次，不能再延长。", "This case has been extended once and cannot be again."
)


@dataclass(frozen=True)
class Segments:
    """What a case's clock went through (计时段)."""

    pauses: Sequence[Pause] = ()
    extended: Sequence[datetime] = ()


def segments_of(case_id: int, until: datetime) -> Segments:
    """A pause that still lasts is counted `until` then; before it began, it counts for nothing."""
    rows = hot.clock_segments(case_id)
    return Segments(
        [(start, end or until) for kind, start, end in rows if kind == "suspended"],
        [start for kind, start, _ in rows if kind == "extended"],
    )


def counted(period: Period, start: datetime, segments: Segments, rule: Extension | None) -> Due:
    """When a limit ends (时限届满): its pauses, and the extensions granted while it ran, together never more than the
    first limit where the rule says so."""
    first = later = due_for(period, start, [p for p in segments.pauses if p[1] > start])
    for moment in segments.extended:
        if rule is not None and moment >= start:
            later = due(rule.period, later.due_at, official_calendar(), began=EXTENDED)
    most = first.due_at + (first.due_at - start)
    if rule is not None and rule.never_beyond_original and later.due_at > most:
        later = replace(later, due_at=most, due_on=local(most).date())
    return later


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


def stood_still_while_closed(move: Move) -> None:
    """The time between the end and a reopening counts for nobody (结案期间不计时): what was left then is left now."""
    if move.case.ended_at is not None and move.at > move.case.ended_at:
        ClockSegment.objects.create(
            case_id=move.case.id,
            kind="suspended",
            from_at=move.case.ended_at,
            to_at=move.at,
            ground="closed",
        )


def end_pause(move: Move) -> None:
    """The clock no longer stands still (中止结束): resumed, or the case has ended."""
    ClockSegment.objects.filter(case_id=move.case.id, kind="suspended", to_at__isnull=True).update(
        to_at=move.at
    )


def resume(move: Move, tasks: Sequence[TaskState]) -> None:
    """Let the clock run on (恢复计时): what was left of each limit when it stopped is what is left now."""
    move.case.status = "open"
    end_pause(move)
    recount(move, tasks)


def recount(move: Move, tasks: Sequence[TaskState], *, facts: Collection[str] | None = None) -> None:
    """Count due times anew (重新计算到期), pauses and extensions included. With `facts`, only the limits that go by
    one of these, and a limit of the whole case that could not be known before."""
    case, procedure = move.case, move.procedure
    limits = [
        (period, name)
        for limit, name in ((procedure.limit, "due_at"), (procedure.statutory_limit, "statutory_due_at"))
        if limit and (facts is None or limit.by in facts or getattr(case, name) is None)
        if (period := period_for(limit, case.facts))
    ]
    steps = [(task, _limit_of(procedure.steps[task.step], task)) for task in tasks]
    due_anew = [(t, limit) for t, limit in steps if facts is None or (limit and limit.by in facts)]
    if not limits and not due_anew:
        return
    segments = Segments() if move.opening else segments_of(case.id, move.at)
    for task, limit in due_anew:
        if facts is not None and (period := period_for(limit, case.facts)):
            task.period = period_text(period)
        _set_due(move, task, counted(parse_period(task.period), task.opened_at, segments, procedure.extend))
    for period, name in limits:
        if name == "due_at":
            whole = counted(period, case.opened_at, segments, procedure.extend)
            case.due_at, case.provisional = whole.due_at, whole.provisional
        else:  # the law's limit is nobody's to extend
            case.statutory_due_at = counted(period, case.opened_at, segments, None).due_at


def _limit_of(step: Step, task: TaskState) -> Limit | None:
    return step.helpers_within or step.within if task.part == "helper" else step.within


def _set_due(move: Move, task: TaskState, anew: Due) -> None:
    step, escalation = move.procedure.steps[task.step], move.procedure.escalation
    task.due_at, task.provisional = anew.due_at, anew.provisional
    task.alert_stage = _stage(escalation, task, move.at)
    task.alert_at = next_alert(
        escalation, task.alert_stage, task.opened_at, task.due_at, timeout=bool(step.timeout)
    )
    hot.update_task_clock(task)


def _stage(escalation: Sequence[Escalation], task: TaskState, at: datetime) -> int:
    """A share of the limit that lies ahead again, because the limit grew, is warned of again."""
    stage = task.alert_stage
    while stage and moment_at_share(task.opened_at, task.due_at, escalation[stage - 1].share) > at:
        stage -= 1
    return stage


def may_not_extend(case: CaseState, rule: Extension | None) -> Text | None:
    granted = ClockSegment.objects.filter(case_id=case.id, kind="extended")
    return EXTENDED_ALREADY if rule and rule.once and granted.exists() else None


def extend(move: Move, tasks: Sequence[TaskState]) -> None:
    """Extend the limit (延长时限): at most as far as the procedure allows, once, never by more than the first limit."""
    case, rule = move.case, move.procedure.extend
    if rule is None:
        return
    segment = ClockSegment.objects.create(
        case_id=case.id,
        kind="extended",
        from_at=move.at,
        ground=period_text(rule.period),
        document=str(move.data.get("document", "")),
    )
    recount(move, tasks)
    segment.to_at = case.due_at
    segment.save(update_fields=["to_at"])
