"""The sweeper (到期巡检): asks the index for what is due, in order of need; it never scans all cases.

A task's `alert_at` says when it is to be looked at next. Each look is one transaction: the share of the limit that has
been reached is recorded and those who hold the task are told (remind, yellow, red). Where the procedure names somebody (`to`),
the task comes before them too: into their list of supervision, and by notice; shares over 100 % report further upward.
A step with a timeout takes its action. What was looked at gets a later `alert_at` or none, what failed is looked at again
later, so nothing old can starve and nothing that fails holds up the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import hot
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.clocks import next_alert
from linli.kernel.procedures.definitions import Action, Escalation
from linli.kernel.procedures.holders import able_in, queue_now
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.resuming import look_at_pause
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.supervision import raise_row
from linli.kernel.procedures.tasking import queue_of
from linli.kernel.procedures.telling import notice_params
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import note

TEMPLATES = {"remind": "task.remind", "yellow": "task.due_soon", "red": "task.overdue"}
ABOVE = {"yellow": "supervision.due_soon", "red": "task.reported_up"}
WORDS = {
    "remind": Text("系统提醒：时限过半", "Reminder: half of the limit has passed"),
    "yellow": Text("黄灯：即将到期", "Yellow: soon due"),
    "red": Text("红灯：已超时，报督查", "Red: overdue, reported to the supervisor"),
}
RETRY = timedelta(minutes=15)
NOTICED_WITHIN = timedelta(days=1)
log = logging.getLogger(__name__)


def sweep(at: datetime, limit: int, *, act: Callable[..., Any], by: Actor) -> int:
    """Look at up to `limit` due tasks; gives how many. One that fails is put off and does not hold up the rest."""
    due = list(
        Task.objects.filter(done_at__isnull=True, alert_at__lte=at)
        .order_by("alert_at", "id")
        .values_list("id", "case_id")[:limit]
    )
    for task_id, case_id in due:
        try:
            _look(task_id, case_id, at, act, by)
        except Exception as error:
            if not isinstance(error, LinliError):
                log.exception("task %s could not be looked at", task_id)
            # Else a guard said "not yet", or somebody acted in between. Look again later.
            Task.objects.filter(pk=task_id, done_at__isnull=True, alert_at__lte=at).update(
                alert_at=at + RETRY
            )
    return len(due)


def _look(task_id: int, case_id: int, at: datetime, act: Callable[..., Any], by: Actor) -> None:
    timeout = ""
    with hot.one_transaction():
        case = hot.lock_case(case_id)
        task = next((t for t in hot.stand(case) if t.id == task_id), None) if case else None
        if case is None or task is None or task.alert_at is None or task.alert_at > at:
            return
        at = max(at, case.last_at)
        procedure = procedure_of(case.version_id)
        step = procedure.steps[task.step]
        if case.status == "suspended":
            # The clock stands still; resuming it sets the next look.
            look_at_pause(case, task, procedure, at, by)
            return
        if step.timeout and at >= task.due_at:
            timeout = step.timeout
            # What the law lets follow from silence follows when the time is over, not when it is noticed.
            at = max(task.due_at, case.last_at) if at - task.due_at < NOTICED_WITHIN else at
        elif task.alert_stage >= len(procedure.escalation):
            task.alert_at = None
            hot.update_task_clock(task)
        else:
            level = procedure.escalation[task.alert_stage]
            task.alert_stage += 1
            task.alert_at = next_alert(
                procedure, step, task.queue, task.alert_stage, task.opened_at, task.due_at
            )
            waited_at = task.queue
            task.queue = queue_now(task.queue, case.prefix, recused_from(case.id) if case.recused else ())
            hot.update_task_clock(task)
            _warn(case, task, level, at, by, moved=task.queue != waited_at)
    if timeout:
        # Whoever acts between the look and this act has won: their `seq` is another.
        act(Case.objects.get(pk=case_id), timeout, {}, by=by, seq=case.seq, at=at)


def _warn(
    case: CaseState, task: TaskState, level: Escalation, at: datetime, by: Actor, *, moved: bool
) -> None:
    procedure = procedure_of(case.version_id)
    action = Action(code=f"clock.{level.do}", title=WORDS.get(level.do, WORDS["remind"]))
    move = Move(case, procedure, procedure.steps[case.step], action, {}, by, at)
    barred = recused_from(case.id) if case.recused else ()  # who is complained about is not told either
    above = queue_of(level.to, case, barred) if level.to else ""
    # Where nobody is left in its queue, a task goes to the nearest area where somebody is.
    changed = {**({"queue": task.queue} if moved else {}), **({"to": above} if above else {})}
    note(move, {"task": task.uid, "share": level.share, **changed})
    template = TEMPLATES.get(level.do, "task.due_soon")
    params = {**notice_params(procedure, case), "due": task.due_at.isoformat()}
    holders = set(able_in(task.queue, barred))
    rows = [(uuid7().hex, a, None, template, params, case.number) for a in sorted(holders)]
    if above:
        if level.do in ABOVE:
            raise_row(case.id, task.id, above, level.do, at)
        template = ABOVE.get(level.do, template)
        params = {**params, "by": _who_has_it(task).as_dict()}
        told = set(able_in(above, barred)) - holders
        rows += [(uuid7().hex, a, None, template, params, case.number) for a in sorted(told)]
    hot.insert_notices(rows, at)


def _who_has_it(task: TaskState) -> Text:
    found = Organisation.objects.filter(pk=task.organisation_id).first() if task.organisation_id else None
    return found.title if found else role_title(task.role)
