"""The tasks that a step opens (环节的待办): who may take them, and until when."""

from __future__ import annotations

from typing import Any

from linli.base.ids import uuid7
from linli.base.legaltime import Period
from linli.kernel.people.models import Organisation
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.clocks import due_for, iso, next_alert, period_for, period_text
from linli.kernel.procedures.definitions import Limit, Step
from linli.kernel.procedures.holders import UPWARD, nearest_prefix
from linli.kernel.procedures.state import CaseState, Move, TaskState

# Only while the fact that a limit goes by is not known yet and its table is empty, which the checker refuses.
FALLBACK = Period(1, "working_days")


def tasks_for(move: Move, step: Step, facts: dict[str, Any]) -> list[TaskState]:
    case = move.case
    if step.kind == "end":
        return []
    barred = move.barred if move.opening else recused_from(case.id) if case.recused else ()
    made = [_task(move, step, "lead", step.within, _queue(step.actor, case, barred), case.lead_id, facts)]
    if step.kind == "joint":
        role = step.actor.split("@")[0]
        helpers = [i for i in move.helper_ids or _helpers_named(case) if i not in barred]
        limit = step.helpers_within or step.within
        made += [_task(move, step, "helper", limit, f"{role}#{i}", i, facts) for i in helpers]
    return made


def _helpers_named(case: CaseState) -> list[int]:
    codes = case.facts.get("helpers")
    if not codes:
        return []
    named = Organisation.objects.filter(code__in=codes, active=True).exclude(pk=case.lead_id or 0)
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
    period = period_for(limit, facts)
    if period is None:
        period = max(limit.table.values(), key=_length) if limit and limit.table else FALLBACK
    due = due_for(period, move.at)
    return TaskState(
        uid=uuid7().hex,
        step=step.code,
        part=part,
        queue=queue,
        role=step.actor.split("@")[0],
        organisation_id=organisation if "#" in queue and not queue.startswith("person#") else None,
        opened_at=move.at,
        due_at=due.due_at,
        provisional=due.provisional,
        period=period_text(period),
        alert_at=next_alert(move.procedure.escalation, 0, move.at, due.due_at, timeout=bool(step.timeout)),
        alert_stage=0,
    )


def _queue(actor: str, case: CaseState, barred: tuple[int, ...]) -> str:
    if actor == "applicant":
        return f"person#{case.applicant_id or 0}"
    role, _, level = actor.partition("@")
    if level == "assigned":
        return f"{role}#{case.lead_id or 0}"
    if level == "window":
        return f"{role}#{case.window_id or 0}"
    if level in UPWARD:
        return f"{role}@{nearest_prefix(role, level, case.prefix, barred)}"
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


def _length(period: Any) -> float:
    return float(period.n) * UNIT_HOURS[period.unit]


UNIT_HOURS = {
    "minutes": 1 / 60,
    "hours": 1.0,
    "working_hours": 3.0,
    "days": 24.0,
    "working_days": 34.0,
    "months": 720.0,
    "years": 8760.0,
}
