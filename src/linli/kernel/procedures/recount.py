"""Counting provisional due dates anew (暂定到期日重算), when the days off of a year have been published and entered."""

from __future__ import annotations

from datetime import datetime

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import due_for, due_for_text, iso, next_alert, period_for
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.pauses import pauses_of
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import append_only_record

RECOUNTED = Action(
    code="recounted", title=Text("按公布的放假安排重算时限", "Counted anew by the published days off")
)


def recount_provisional(*, by: Actor = SYSTEM, at: datetime | None = None) -> int:
    """Count every provisional due date anew (重算暂定时限), each with a record of the old and the new one.

    Gives how many cases changed. Extensions are not lost: a case that was extended keeps its date until its next act.
    """
    at = at or now()
    waiting = Task.objects.filter(provisional=True, done_at__isnull=True, case__status="open")
    return sum(
        _recount(case_id, by, at) for case_id in sorted(set(waiting.values_list("case_id", flat=True)))
    )


def _recount(case_id: int, by: Actor, at: datetime) -> bool:
    with hot.one_transaction():
        case = hot.lock_case(case_id)
        if case is None or case.status != "open":
            return False
        procedure = procedure_of(case.version_id)
        changes: dict[str, list[str | None]] = {}
        for task in hot.open_tasks(case_id):
            pauses = [p for p in pauses_of(case, at) if p[1] > task.opened_at]
            due = due_for_text(task.period, task.opened_at, pauses)
            if not task.provisional or (due.due_at == task.due_at and due.provisional):
                continue
            changes[task.uid] = [iso(task.due_at), iso(due.due_at)]
            task.due_at, task.provisional = due.due_at, due.provisional
            task.alert_at = next_alert(
                procedure.escalation,
                task.alert_stage,
                task.opened_at,
                due.due_at,
                timeout=bool(procedure.steps[task.step].timeout),
            )
            hot.update_task_clock(task)
        period = period_for(procedure.limit, case.facts)
        if case.provisional and period is not None:
            whole = due_for(period, case.opened_at, pauses_of(case, at))
            changes["case"] = [iso(case.due_at), iso(whole.due_at)]
            case.due_at, case.provisional = whole.due_at, whole.provisional
        if changes:
            move = Move(case, procedure, procedure.steps[case.step], RECOUNTED, {}, by, at)
            append_only_record(move, {"due": changes})
        return bool(changes)
