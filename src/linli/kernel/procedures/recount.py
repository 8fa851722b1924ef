"""Counting provisional due dates anew (暂定到期日重算), when the days off of a year have been published and entered."""

from __future__ import annotations

from datetime import datetime

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import iso
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.pauses import recount
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import append_only_record

RECOUNTED = Action(
    code="recounted", title=Text("按公布的放假安排重算时限", "Counted anew by the published days off")
)


def recount_provisional(*, by: Actor = SYSTEM, at: datetime | None = None) -> int:
    """Count every provisional due date anew (重算暂定时限), each with a record of the old and the new one.

    Gives how many cases changed. Pauses and extensions are kept.
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
        waiting = [task for task in hot.stand(case) if task.provisional]
        before = {task.uid: (task.due_at, task.provisional) for task in waiting}
        whole = case.due_at, case.provisional
        move = Move(case, procedure, procedure.steps[case.step], RECOUNTED, {}, by, max(at, case.last_at))
        recount(move, waiting)
        changes = {
            task.uid: [iso(before[task.uid][0]), iso(task.due_at)]
            for task in waiting
            if before[task.uid] != (task.due_at, task.provisional)
        }
        if whole != (case.due_at, case.provisional):
            changes["case"] = [iso(whole[0]), iso(case.due_at)]
        if changes:
            append_only_record(move, {"due": changes})
        return bool(changes)
