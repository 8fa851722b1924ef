"""What a supervisor may do about a case (督办措施): urge, take over, report upward, settle.

Open in every case of every procedure that reports to a supervisor or leader, or lets them oversee; no file has to declare
them. Each is one transaction with a record; none moves the case: only whoever has the task does.
Whoever does not supervise the case gets the answer for what does not exist, and so does an organisation that is recused.
Who made a decision has no hand in the remedy against it here either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from linli.base.clock import now
from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import Refused, absent
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import hot, keys, supervision
from linli.kernel.procedures.authority import hat_for_queue, is_recused, recused_from
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.fields import FormContext, clean_form
from linli.kernel.procedures.holders import UPWARD, able_in, area_of_queue
from linli.kernel.procedures.linked import decided_before, organisations_that_decided
from linli.kernel.procedures.models import Case, Supervision, Task
from linli.kernel.procedures.own_records import (
    ORGANISATION,
    OWN_FIELDS,
    REPORT_UP,
    SETTLE,
    TAKE_OVER,
    URGE,
    WORDS,
)
from linli.kernel.procedures.state import Move, OpenAction, Receipt, TaskState
from linli.kernel.procedures.tasking import queue_of
from linli.kernel.procedures.telling import notice_params
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import not_recused
from linli.kernel.procedures.writing import note

CASE = Text("办件", "case")
NOT_HANDLED = ("person#", "system")  # waits for a party or for the clock: nobody can be urged or replaced
Does = Callable[[Move, list[TaskState], Actor], None]


def urge(
    number: str, words: str, *, by: Actor, client_key: str | None = None, at: datetime | None = None
) -> Receipt:
    """Urge whoever has a case (催办). They are told, everybody who supervises it sees how often and when last, and the
    applicant reads that it was urged, not in which words.

    Refuses an ended case, and one that waits for its party or for nobody in post. Records `supervise.urge`.
    """
    return _supervise(number, URGE, {WORDS: words}, _urge, by=by, client_key=client_key, at=at)


def take_over(
    number: str,
    reason: str,
    *,
    by: Actor,
    organisation: str = "",
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Take a case from whoever has it (提级办理、接办): to the supervisor's own organisation, or to the one they name.

    An organisation whose people act in this role becomes the lead; where the supervisor's own has no such post, the
    supervisor does this step themselves. The due time stays. Refuses: nothing to take over, the same organisation, a
    recused one, one with nobody in post. Records `supervise.take_over`.
    """
    data = {WORDS: reason, **({ORGANISATION: organisation} if organisation else {})}
    return _supervise(number, TAKE_OVER, data, _take_over, by=by, client_key=client_key, at=at)


def report_up(
    number: str, reason: str, *, by: Actor, client_key: str | None = None, at: datetime | None = None
) -> Receipt:
    """Report a case to the next above (上报): to the next that the procedure reports to, else to the leader.

    Refuses a case that does not wait with this supervisor, and one that is there already or has nobody above.
    Records `supervise.report_up`.
    """
    return _supervise(number, REPORT_UP, {WORDS: reason}, _report_up, by=by, client_key=client_key, at=at)


def settle(
    number: str, reason: str, *, by: Actor, client_key: str | None = None, at: datetime | None = None
) -> Receipt:
    """Say why nothing more is needed (督办了结): it leaves this supervisor's list until a further share of the limit passes.

    Refuses a case that does not wait with this supervisor. Records `supervise.settle`.
    """
    return _supervise(number, SETTLE, {WORDS: reason}, _settle, by=by, client_key=client_key, at=at)


VERBS: dict[str, tuple[Action, Callable[..., Receipt]]] = {
    "urge": (URGE, urge),
    "take_over": (TAKE_OVER, take_over),
    "report_up": (REPORT_UP, report_up),
    "settle": (SETTLE, settle),
}


def verbs_for(case: Case, actor: Actor) -> list[str]:
    """Which of these are open to this person in this case now (可用的督办措施)."""
    if case.ended_at is not None or case.historic:
        return []
    hat = supervision.hat_over(procedure_of(case.version_id), case.grid, actor)
    if hat is None or actor.involved_in(case.applicant_id, case.procedure, case.number):
        return []
    if case.recused and not not_recused(actor, Case.objects.filter(pk=case.pk)).exists():
        return []
    return list(VERBS) if supervision.rows_mine(case.pk, actor) else ["urge", "take_over"]


def open_verbs(case: Case, actor: Actor) -> list[OpenAction]:
    """The same, as actions with their fields (`OWN_FIELDS`), for whoever acts from outside the pages (接口可用的督办)."""
    actions = (VERBS[verb][0] for verb in verbs_for(case, actor))
    return [OpenAction(a.code, a.title, a, "", None, adverse=False) for a in actions]


def is_supervision(code: str) -> bool:
    return code in BY_CODE


def supervise(
    number: str,
    code: str,
    data: Mapping[str, Any],
    *,
    by: Actor,
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Do one of these by its code and its entries (督办), as the API sends them. Refuses what each of them refuses."""
    action, does = BY_CODE[code]
    return _supervise(number, action, data, does, by=by, client_key=client_key, at=at)


@keys.exactly_once
def _supervise(
    number: str,
    action: Action,
    data: Mapping[str, Any],
    does: Does,
    *,
    by: Actor,
    client_key: str | None,
    at: datetime | None,
) -> Receipt:
    at = at or now()
    with hot.one_transaction():
        case = hot.lock_case(Case.objects.filter(number=number).values("pk"))
        if case is None or case.historic or is_recused(case, by):
            raise absent(CASE)
        procedure = procedure_of(case.version_id)
        if by.involved_in(case.applicant_id, procedure.code, case.number):
            raise absent(CASE)
        hat = supervision.hat_over(procedure, case.prefix, by)
        if hat is None:
            raise absent(CASE)
        content = {"case": case.id, "action": action.code, "data": dict(data)}
        if known := keys.answer(by, client_key, content):
            return known
        if case.ended_at is not None:
            raise Refused(
                "supervision.ended",
                Text(
                    "这件事已经办结，不用再督办。", "This case has ended; there is nothing left to supervise."
                ),
            )
        tasks = hot.stand(case)
        own = replace(procedure, fields={**procedure.fields, **OWN_FIELDS})
        context = FormContext(by, case.prefix)
        cleaned = clean_form(own.fields, action.form, action.optional, data, context)
        step = procedure.steps[case.step]
        move = Move(case, own, step, action, cleaned, by, max(at, case.last_at), hat, found=context.found)
        if reason := decided_before(move):
            raise Refused("supervision.decided_before", reason)
        does(move, tasks, by)
        receipt = Receipt(case.number, case.seq, case.step, case.status)
        keys.keep(by, client_key, content, receipt, at)
    return receipt


def _barred(move: Move) -> tuple[int, ...]:
    return recused_from(move.case.id) if move.case.recused else ()


def _handled(tasks: list[TaskState]) -> list[TaskState]:
    return [t for t in tasks if not t.queue.startswith(NOT_HANDLED)]


def _tell(move: Move, accounts: set[int], template: str, **more: Any) -> None:
    params = {**notice_params(move.procedure, move.case), "by": _organisation(move).as_dict(), **more}
    told = sorted(accounts - {move.actor.account_id or 0})
    hot.insert_notices([(uuid7().hex, a, None, template, params, move.case.number) for a in told], move.at)


def _organisation(move: Move) -> Text:
    return move.hat.organisation_title if move.hat else Text("督查", "the supervisor")


# ------------------------------------------------------------------------------------------------ urge


def _urge(move: Move, tasks: list[TaskState], by: Actor) -> None:
    waiting = _handled(tasks)
    if not waiting:
        raise Refused(
            "supervision.nobody_to_urge",
            Text(
                "这件事现在等当事人或等期限届满，没有承办人可催。",
                "This case waits for its party or for a date; there is nobody to urge.",
            ),
        )
    barred = _barred(move)
    holders = {account for task in waiting for account in able_in(task.queue, barred)}
    if not holders:
        raise Refused(
            "supervision.nobody_in_post",
            Text(
                "现在承办的岗位上没有人，催不到。请改用“接办”指定别的单位，或请管理员任命。",
                "Nobody is in post where this case waits. Take it over to another organisation, or have somebody appointed.",
            ),
        )
    supervision.urged([t.id for t in waiting], move.at)
    note(move, {"tasks": [t.uid for t in waiting]})
    due = min(t.due_at for t in waiting)
    _tell(move, holders, "task.urged", due=due.isoformat(), words=move.data[WORDS])


# ------------------------------------------------------------------------------------------------ take over


def _take_over(move: Move, tasks: list[TaskState], by: Actor) -> None:
    assert move.hat is not None
    task = min(_handled(tasks), key=lambda t: (t.part != "lead", t.id), default=None)
    if task is None:
        raise Refused(
            "supervision.nothing_to_take_over",
            Text(
                "这件事现在等当事人或等期限届满，没有可以接过来的待办。",
                "This case waits for its party or for a date; there is nothing to take over.",
            ),
        )
    own = move.hat.organisation_id
    target = move.found.get(ORGANISATION, own)
    barred = _barred(move)
    _may_have_it(move, task, tasks, target, barred)
    before, lead_before = task.queue, move.case.lead_id
    queue = f"{task.role}#{target}"
    in_role = bool(able_in(queue, barred))
    if not in_role and target == own:
        role = min(move.hat.roles & supervision.SUPERVISING)
        queue = f"{role}#{own}"
    elif not in_role:
        raise Refused(
            "supervision.nobody_there",
            Text(
                "这个单位没有能办这一步的在岗人员。请选别的单位，或先请管理员任命。",
                "This organisation has nobody in post for this step. Choose another, or have somebody appointed first.",
            ),
        )
    leads = in_role and task.part == "lead" and move.step.actor.endswith("@assigned")
    task.queue, task.organisation_id = queue, target
    hot.update_task_clock(task)
    Task.objects.filter(pk=task.id).update(organisation_id=target, taken_by=None)
    hot.take_part(move.case.id, [("org", target, "lead" if leads else "helper")])
    data = {}
    if leads:
        move.case.lead_id = target
        code = Organisation.objects.values_list("code", flat=True).get(pk=target)
        listed = [c for c, f in move.procedure.fields.items() if f.assigns == "lead"]
        data = {c: code for c in listed if move.case.facts.get(c)}
    mine = supervision.queues_watched(by)
    rows = Supervision.objects.filter(task_id=task.id, queue__in=mine, done_at__isnull=True)
    supervision.close_own(rows, move.at, "taken_over")
    note(
        move,
        {"task": task.uid, "queue": [before, queue], "lead": [lead_before, move.case.lead_id]},
        data=data,
    )
    due = task.due_at.isoformat()
    new = set(able_in(queue, barred))
    _tell(move, set(able_in(before, barred)) - new, "supervision.taken_from", due=due)
    _tell(move, new, "supervision.taken_over", due=due)


def _may_have_it(
    move: Move, task: TaskState, tasks: list[TaskState], target: int, barred: tuple[int, ...]
) -> None:
    if target in barred:
        raise Refused(
            "supervision.recused",
            Text(
                "这个单位是被反映的单位，须回避，不能接办。请选别的单位。",
                "This organisation is complained about and must not handle the case. Choose another.",
            ),
        )
    if not move.step.actor.endswith("@assigned") and target in organisations_that_decided(move):
        raise Refused(
            "supervision.decided_before",
            Text(
                "被申请复查、复议的决定就是这个单位作出的，不能由它接办。请选别的单位。",
                "This organisation made the decision that is challenged here and must not handle it. Choose another.",
            ),
        )
    own = move.hat is not None and target == move.hat.organisation_id
    alone = replace(move.actor, hats=(move.hat,)) if move.hat else move.actor
    has_it = any(t.organisation_id == target for t in tasks) or task.queue.endswith(f"#{target}")
    if has_it or (own and hat_for_queue(alone, task.queue) is not None):
        raise Refused(
            "supervision.same_organisation",
            Text(
                "这件事本来就在这个单位手里，不用接办。要催的话请用“催办”。",
                "This organisation has the case already. Urge it instead.",
            ),
        )


# ------------------------------------------------------------------------------------------------ report up, settle


def _report_up(move: Move, tasks: list[TaskState], by: Actor) -> None:
    rows = _rows(move, by)
    barred = _barred(move)
    queue = _queue_above(move, by, barred)
    open_there = Supervision.objects.filter(case_id=move.case.id, queue=queue, done_at__isnull=True)
    if {r.task_id for r in rows} <= set(open_there.values_list("task_id", flat=True)):
        raise Refused(
            "supervision.reported_already",
            Text(
                "这件事已经报上去了，正在上级的督办清单里。",
                "This case is in the list of the next above already.",
            ),
        )
    for row in rows:
        supervision.raise_row(move.case.id, row.task_id, queue, row.level, move.at)
    supervision.close_own(rows, move.at, "reported_up")
    note(move, {"to": queue, "tasks": [t.uid for t in tasks if t.id in {r.task_id for r in rows}]})
    _tell(move, set(able_in(queue, barred)), "supervision.reported_up")


def _queue_above(move: Move, by: Actor, barred: tuple[int, ...]) -> str:
    """The next above this supervisor with somebody in post: as the procedure's escalation goes on, else the leader."""
    assert move.hat is not None
    mine, here = supervision.queues_watched(by), len(move.hat.area_prefix)
    named = [e.to for e in move.procedure.escalation if e.to]
    leaders = [f"leader@{level}" for level in UPWARD if PREFIX_LENGTH[level] <= here][:2]
    chain = [queue for spec in named if (queue := _at_its_level(spec, move, barred))]
    last = max((n for n, queue in enumerate(chain) if queue in mine), default=-1)
    wider = [queue for queue in chain if 0 < len(area_of_queue(queue)) < here]
    above = chain[last + 1 :] if last >= 0 else wider
    above += [queue for spec in leaders if (queue := _at_its_level(spec, move, barred))]
    found = next((q for q in above if q not in mine and able_in(q, barred)), None)
    if found is None:
        raise Refused(
            "supervision.nobody_above",
            Text(
                "上面没有在岗的负责人可以报。请先请管理员任命，或自行处理。",
                "There is nobody in post above to report to. Have somebody appointed, or deal with it yourself.",
            ),
        )
    return found


def _at_its_level(spec: str, move: Move, barred: tuple[int, ...]) -> str:
    """The queue of `role@level`; empty where nobody is there and it would only come back to somebody below."""
    queue, level = queue_of(spec, move.case, barred), spec.partition("@")[2]
    area = area_of_queue(queue)
    return queue if not area or len(area) <= PREFIX_LENGTH.get(level, len(area)) else ""


def _settle(move: Move, tasks: list[TaskState], by: Actor) -> None:
    rows = _rows(move, by)
    supervision.close_own(rows, move.at, "settled")
    note(move, {"tasks": [t.uid for t in tasks if t.id in {r.task_id for r in rows}]})


def _rows(move: Move, by: Actor) -> list[Supervision]:
    rows = supervision.rows_mine(move.case.id, by)
    if not rows:
        raise Refused(
            "supervision.not_with_you",
            Text(
                "这件事不在您的督办清单里，可能已经办了，或已由别人处理。请刷新后再看。",
                "This case is not in your list: it may have moved on, or somebody else dealt with it. Reload to see.",
            ),
        )
    return rows


BY_CODE: dict[str, tuple[Action, Does]] = {
    action.code: (action, does)
    for action, does in ((URGE, _urge), (TAKE_OVER, _take_over), (REPORT_UP, _report_up), (SETTLE, _settle))
}
