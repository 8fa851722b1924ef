"""The tasks that a step opens (环节的待办): who may take them, and until when."""

from __future__ import annotations

from typing import Any

from linli.base.ids import uuid7
from linli.kernel.people.models import Organisation
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.clocks import hours_at, iso, next_alert, period_text, task_due
from linli.kernel.procedures.definitions import Limit, Step
from linli.kernel.procedures.holders import UPWARD, nearest_queue
from linli.kernel.procedures.state import CaseState, Move, TaskState

SYSTEM_QUEUE = "system"  # what waits for the clock alone


def tasks_for(move: Move, step: Step, facts: dict[str, Any]) -> list[TaskState]:
    case = move.case
    if step.kind == "end":
        return []
    barred = move.barred if move.opening else recused_from(case.id) if case.recused else ()
    queue = queue_of(step.actor or SYSTEM_QUEUE, case, barred)
    made = [_task(move, step, "lead", step.within, queue, case.lead_id, facts)]
    if step.kind == "joint":
        helpers = [i for i in move.helper_ids or _helpers_named(move) if i not in barred]
        limit = step.helpers_within or step.within
        made += [_task(move, step, "helper", limit, f"{helpers_role(step)}#{i}", i, facts) for i in helpers]
    return made


def helpers_role(step: Step) -> str:
    """The role that acts for an organisation that helps (协办单位由谁办)."""
    return (step.helpers_actor or step.actor).split("@")[0]


def part_task(
    move: Move, part: str, queue: str, organisation: int | None, limit: Limit | None, actor: str
) -> TaskState:
    """The task of one part of the step where the case stands (分办待办); `organisation` is whose part it is."""
    task = _task(move, move.step, part, limit, queue, organisation, move.case.facts)
    task.role, task.organisation_id = actor.partition("@")[0], organisation
    return task


def _helpers_named(move: Move) -> list[int]:
    listed = [c for c, f in move.procedure.fields.items() if f.assigns == "helpers"]
    codes = [code for name in listed for code in move.case.facts.get(name) or ()]
    if not codes:
        return []
    named = Organisation.objects.filter(code__in=codes, active=True).exclude(pk=move.case.lead_id or 0)
    return list(named.order_by("pk").values_list("pk", flat=True))


def _task(
    move: Move,
    step: Step,
    part: str,
    limit: Limit | None,
    queue: str,
    organisation: int | None,
    facts: dict[str, Any],
) -> TaskState:
    hours = hours_at(queue, organisation, move.case.prefix)
    due, period = task_due(limit, facts, move.at, case_due=move.case.due_at, hours=hours)
    return TaskState(
        uid=uuid7().hex,
        step=step.code,
        part=part,
        queue=queue,
        role=helpers_role(step) if part == "helper" else step.actor.split("@")[0],
        organisation_id=organisation if "#" in queue and not queue.startswith("person#") else None,
        opened_at=move.at,
        due_at=due.due_at,
        provisional=due.provisional,
        period=period_text(period),
        alert_at=next_alert(move.procedure, step, queue, 0, move.at, due.due_at),
        alert_stage=0,
    )


def queue_of(actor: str, case: CaseState, barred: tuple[int, ...]) -> str:
    if actor == "applicant":
        return f"person#{case.applicant_id or 0}"
    role, _, level = actor.partition("@")
    if level == "assigned":
        return f"{role}#{case.lead_id or 0}"
    if level == "window":
        return f"{role}#{case.window_id or 0}"
    if level in UPWARD:
        return nearest_queue(role, level, case.prefix, barred)
    return actor


def task_facts(task: TaskState) -> dict[str, Any]:
    return {
        "uid": task.uid,
        "step": task.step,
        "part": task.part,
        "queue": task.queue,
        "due": iso(task.due_at),
        "period": task.period,
    }
