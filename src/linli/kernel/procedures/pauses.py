"""Suspending, resuming and extending the clock (中止、恢复、延长): each with its ground, its document and its notice.

Whatever changes a due time counts it anew from its start, with every pause and every extension: `recount`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from linli.base.i18n import Text
from linli.base.legaltime import (
    RECEIVED,
    BusinessHours,
    Due,
    Period,
    extended,
    moment_at_share,
    parse_period,
)
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.people.hours import hours_of
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import (
    STEP_BEGAN,
    Pause,
    clamped,
    due_for,
    extension_for,
    hours_at,
    next_alert,
    period_for,
    period_text,
)
from linli.kernel.procedures.definitions import Action, Escalation, Extension, Limit, Procedure, Step
from linli.kernel.procedures.models import ClockSegment, Task
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.supervision import tasks_closed
from linli.kernel.procedures.versions import limits_of
from linli.kernel.records.models import Record

EXTENDED_ALREADY = Text(
    "这件事已经延长过一次，不能再延长。", "This case has been extended once and cannot be again."
)


@dataclass(frozen=True)
class Segments:
    """What a case's clock went through (计时段): pauses that are over, and when extensions were granted."""

    pauses: Sequence[Pause] = ()
    extended: Sequence[tuple[datetime, Period]] = ()  # when, and by how much

    def extended_since(self, start: datetime) -> bool:
        return any(moment >= start for moment, _ in self.extended)


def segments_of(case_id: int) -> Segments:
    """A pause that still lasts counts for nothing yet: until it is over, due times stay as they were when it began."""
    rows = hot.clock_segments(case_id)
    return Segments(
        [(start, end) for kind, start, end, _ in rows if kind == "suspended" and end is not None],
        [(start, parse_period(ground)) for kind, start, _, ground in rows if kind == "extended"],
    )


def counted(
    period: Period,
    start: datetime,
    segments: Segments,
    rule: Extension | None,
    *,
    hours: BusinessHours | None = None,
    began: Text = RECEIVED,
) -> Due:
    """When a limit ends (时限届满): its pauses, and the extensions granted while it ran, together never more than the
    first limit where the rule says so. An extension runs from the end of what was there before it."""
    first = found = due_for(period, start, segments.pauses, hours, began)
    for moment, longer in segments.extended:
        if rule is not None and moment >= start:
            found = extended(
                found,
                longer,
                official_calendar(),
                suspended=segments.pauses,
                hours=hours,
                most=period if rule.never_beyond_original else None,
                first=first,
            )
    return found


def counted_by_law(
    period: Period,
    start: datetime,
    segments: Segments,
    rule: Extension | None,
    *,
    hours: BusinessHours | None = None,
    began: Text = RECEIVED,
) -> Due:
    """When the law's own limit ends (法定时限届满): an extension moves it once, by the most that the law allows for it."""
    found = due_for(period, start, segments.pauses, hours, began)
    if rule is None or rule.statutory is None or not segments.extended_since(start):
        return found
    return extended(found, rule.statutory, official_calendar(), suspended=segments.pauses, hours=hours)


def suspend(move: Move, tasks: Sequence[TaskState] = ()) -> None:
    """Stop the clock (中止计时). The ground is one that the procedure allows; the case says why it waits, under which
    article, who decided it and when the person was told. Where it may last only so long, the tasks that wait are
    looked at when that is over."""
    rule = move.action.suspends
    move.case.status = "suspended"
    ClockSegment.objects.create(
        case_id=move.case.id,
        kind="suspended",
        from_at=move.at,
        ground=str(move.data.get("ground", "")) or (rule.grounds[0] if rule and rule.grounds else ""),
        basis=_article(move, rule.basis if rule else ""),
        document=str(move.data.get("document", "")),
        approved_by_id=move.actor.account_id,
        notified_at=_told_at(move),
    )
    if rule is not None and rule.most is not None:
        over_at = due_for(rule.most, move.at).due_at
        for task in tasks:
            task.alert_at = over_at
            hot.update_task_clock(task)


def whom_told(move: Move) -> tuple[str, ...]:
    """Whom this act tells (通知对象): those it names, and those whom the rule on suspending or extending names."""
    return told_by(move.action, move.procedure)


def told_by(action: Action, procedure: Procedure) -> tuple[str, ...]:
    """Whom an action tells whenever it is done (操作的通知对象)."""
    extension = procedure.extend
    suspending = action.suspends.notify if action.suspends else ()
    extending = extension.notify if action.extends and extension else ()
    return tuple(dict.fromkeys((*action.notifies, *suspending, *extending)))


def _told_at(move: Move) -> datetime | None:
    """When the person was told of it: in this very act, if the act tells them and there is somebody to tell."""
    if "applicant" not in whom_told(move):
        return None
    people = [person for person in hot.people_told(move.case.id) if person != move.actor.person_id]
    return move.at if people else None


def _article(move: Move, basis: str) -> str:
    return (str(move.data.get("legal_basis") or "") or basis)[:200]


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
    """The clock no longer stands still because the case ends (中止因办结结束): the wait was not the office's, so the due
    times that it ends with are those after the pause."""
    _stop_pause(move.case.id, move.at)
    recount(move, hot.open_tasks(move.case.id))


def resume(move: Move, tasks: Sequence[TaskState], *, at: datetime | None = None) -> None:
    """Let the clock run on (恢复计时): what was left of each limit when it stopped is what is left now."""
    move.case.status = "open"
    _stop_pause(move.case.id, at or move.at)
    recount(move, tasks)


def _stop_pause(case_id: int, at: datetime) -> None:
    ClockSegment.objects.filter(case_id=case_id, kind="suspended", to_at__isnull=True).update(to_at=at)


def overdue_pause(case_id: int, procedure: Procedure) -> datetime | None:
    """When the pause that lasts has lasted as long as it may (中止最长到何时); none where no limit is set for it."""
    lasting = ClockSegment.objects.filter(case_id=case_id, kind="suspended", to_at__isnull=True)
    began = lasting.order_by("-from_at").values_list("from_at", flat=True).first()
    if began is None:
        return None
    stopping = {a.code for s in procedure.steps for a in procedure.actions_at(s) if a.suspends is not None}
    row = (
        Record.objects.filter(case_id=case_id, action__in=stopping)
        .order_by("-seq")
        .values_list("from_step", "action")
        .first()
    )
    action = procedure.action(*row) if row and row[0] in procedure.steps else None
    most = action.suspends.most if action and action.suspends else None
    return due_for(most, began).due_at if most else None


def recount(move: Move, tasks: Sequence[TaskState], *, facts: Collection[str] | None = None) -> None:
    """Count due times anew (重新计算到期), pauses and extensions included. With `facts`, only the limits that go by
    one of these, and a limit of the whole case that could not be known before: it goes by a fact that was not known,
    or runs from a step that had not been entered."""
    case, procedure, whole_case = move.case, move.procedure, limits_of(move.case)
    limits = [
        (limit, period, name)
        for limit, name in ((whole_case.limit, "due_at"), (whole_case.statutory_limit, "statutory_due_at"))
        if limit and (facts is None or limit.by in facts or getattr(case, name) is None)
        if (period := period_for(limit, case.facts))
    ]
    whole_anew = any(name == "due_at" for *_, name in limits)
    steps = [(task, limit_of(procedure.steps[task.step], task)) for task in tasks]
    due_anew = [
        (task, limit)
        for task, limit in steps
        if facts is None or (limit and (limit.by in facts or (whole_anew and limit.within_case)))
    ]
    if not limits and not due_anew:
        return
    segments = Segments() if move.opening else segments_of(case.id)
    for limit, period, name in limits:
        start = begun_at(case, limit, move.at)
        if start is None:
            continue
        began = began_words(procedure, limit)
        hours = hours_of(None, case.prefix)
        if name == "due_at":
            whole = counted(period, start, segments, procedure.extend, hours=hours, began=began)
            case.due_at, case.provisional = whole.due_at, whole.provisional
        else:
            rule = extension_for(procedure.extend, case.facts)
            law = counted_by_law(period, start, segments, rule, hours=hours, began=began)
            case.statutory_due_at = law.due_at
    for task, own in due_anew:
        if facts is not None and own and own.by in facts and (new := period_for(own, case.facts)):
            task.period = period_text(new)
        _set_due(move, task, segments)


def task_counted(
    procedure: Procedure, task: TaskState | Task, segments: Segments, case_due: datetime | None, prefix: str
) -> Due:
    """When an open task is due (待办到期), all that its clock went through included."""
    limit = limit_of(procedure.steps[task.step], task)
    found = counted(
        parse_period(task.period),
        task.opened_at,
        segments,
        procedure.extend,
        hours=hours_at(task.queue, task.organisation_id, prefix),
        began=STEP_BEGAN,
    )
    return clamped(found, limit, task.opened_at, case_due)


def begun_at(case: CaseState, limit: Limit, now: datetime) -> datetime | None:
    """From when a limit of the whole case runs (全程时限起算): the opening, or the first time that the step which its
    file names was entered, which may be just now; none while it has not been."""
    if not limit.start:
        return case.opened_at
    before = first_entered(case.id, limit.start) if case.id else None
    return before or (now if case.step == limit.start else None)


def first_entered(case_id: int, step: str) -> datetime | None:
    """When a case first came to a step (首次进入环节)."""
    rows = Task.objects.filter(case_id=case_id, step=step).order_by("opened_at")
    return rows.values_list("opened_at", flat=True).first()


def began_words(procedure: Procedure, limit: Limit) -> Text:
    step = procedure.steps.get(limit.start)
    if step is None:
        return RECEIVED
    return Text(f"进入“{step.title.zh}”环节", f"The step “{step.title.en}” began")


def limit_of(step: Step, task: TaskState | Task) -> Limit | None:
    """The limit that a task runs by (待办适用的时限): each part of a joint step has its own."""
    if task.part == "disputed":
        handed = [a.part_to for a in step.actions.values() if a.part_to is not None]
        return next((p.within for p in handed if p.actor.partition("@")[0] == task.role), None)
    return step.helpers_within or step.within if task.part == "helper" else step.within


def _set_due(move: Move, task: TaskState, segments: Segments) -> None:
    case, step, escalation = move.case, move.procedure.steps[task.step], move.procedure.escalation
    anew = task_counted(move.procedure, task, segments, case.due_at, case.prefix)
    task.due_at = anew.due_at
    task.provisional = anew.provisional or (anew.due_at == case.due_at and case.provisional)
    if case.status != "suspended":
        stage = _stage(escalation, task, move.at)
        if stage < task.alert_stage:
            tasks_closed([task.id], move.at)  # what a supervisor was asked to look at is in time again
        task.alert_stage = stage
        task.alert_at = next_alert(move.procedure, step, task.queue, stage, task.opened_at, task.due_at)
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
    """Extend the limit (延长时限): at most as far as the procedure allows, once, never by more than the first limit.
    Kept with it: the article, who approved it, and when the person was told of it."""
    case, rule = move.case, extension_for(move.procedure.extend, move.case.facts)
    if rule is None:
        return
    segment = ClockSegment.objects.create(
        case_id=case.id,
        kind="extended",
        from_at=move.at,
        ground=period_text(rule.period),
        basis=_article(move, rule.basis),
        document=str(move.data.get("document", "")),
        approved_by_id=move.actor.account_id,
        notified_at=_told_at(move),
    )
    recount(move, tasks)
    segment.to_at = case.due_at
    segment.save(update_fields=["to_at"])
