"""The clock that runs on by itself (到期自动恢复计时), when a pause has lasted as long as the procedure lets it."""

from __future__ import annotations

from datetime import datetime

from linli.kernel.people.actors import Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import iso
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.own_records import RESUMED
from linli.kernel.procedures.pauses import overdue_pause, resume
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.telling import notify
from linli.kernel.procedures.writing import note


def look_at_pause(case: CaseState, task: TaskState, procedure: Procedure, at: datetime, by: Actor) -> None:
    """Look at a task of a case whose clock stands still (查看中止是否期满); where the pause has no limit, never again."""
    over_at = overdue_pause(case.id, procedure)
    if over_at is not None and over_at <= at:
        resume_by_clock(case, procedure, over_at, at=at, by=by)
        return
    task.alert_at = over_at
    hot.update_task_clock(task)


def resume_by_clock(
    case: CaseState, procedure: Procedure, over_at: datetime, *, at: datetime, by: Actor
) -> None:
    """Let the clock run on from the moment at which the pause was over (自动恢复计时), however late that is noticed.

    Records `resumed` with that moment and with what became of the due times, and tells the person and the lead.
    """
    tasks = hot.open_tasks(case.id)
    move = Move(case, procedure, procedure.steps[case.step], RESUMED, {}, by, at)
    resume(move, tasks, at=over_at)
    note(move, {"from": iso(over_at), "due": {task.uid: iso(task.due_at) for task in tasks}})
    notify(move, RESUMED.notifies, "case.resumed")
