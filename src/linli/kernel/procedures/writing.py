"""What a move writes (落库): record, case, tasks, facts, parts, notices, in this order and in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linli.kernel.procedures import hot, keys, publishing, search
from linli.kernel.procedures.attaching import attach
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.clocks import iso
from linli.kernel.procedures.definitions import Step
from linli.kernel.procedures.holders import queue_now
from linli.kernel.procedures.models import CaseLink, Recusal
from linli.kernel.procedures.parts import opens_part, swap_helper, what_closes
from linli.kernel.procedures.pauses import (
    end_pause,
    extend,
    recount,
    resume,
    stood_still_while_closed,
    suspend,
    whom_told,
)
from linli.kernel.procedures.recusal import organisations_recused, recuse
from linli.kernel.procedures.retention import schedule_erasure
from linli.kernel.procedures.sealing import split_facts, write_facts
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.supervision import tasks_closed
from linli.kernel.procedures.tasking import task_facts, tasks_for
from linli.kernel.procedures.telling import notify, template_of
from linli.kernel.records.chain import (
    START,
    Entry,
    canonical,
    digests_text,
    entry_hash,
    fact_digest,
    new_salt,
)

__all__ = ["START", "Place", "note", "write_move", "write_opening"]


@dataclass(frozen=True)
class Place:
    """Where it is (位置): a point with its precision, or words."""

    lng: float | None = None
    lat: float | None = None
    precision: str = ""
    text: str = ""


def write_opening(
    move: Move,
    *,
    channel: str,
    place: Place | None,
    origin_id: int | None,
    tracking: str,
    recused: tuple[int, ...],
) -> None:
    case, procedure = move.case, move.procedure
    public, sealed = split_facts(move)
    case.facts = {**case.facts, **public}
    case.step, case.seq, case.acted_seq = move.to, 1, 1
    _assign(move)
    if accused := organisations_recused(move):
        case.recused, move.barred = True, tuple(dict.fromkeys((*move.barred, *accused)))
    recount(move, (), facts=())
    tasks = tasks_for(move, procedure.steps[move.to], case.facts)
    facts = {
        "data": public,
        "channel": channel,
        "open": [task_facts(t) for t in tasks],
        "case": _columns(case),
    }
    entry, salted = _entry(move, facts, sealed)
    prev, case.head_hash = case.head_hash, entry_hash(case.head_hash, entry)
    where = place or Place()
    case.id = hot.insert_case(
        case,
        {
            "procedure": procedure.code,
            "channel": channel,
            "confidential": procedure.confidential,
            "lng": where.lng,
            "lat": where.lat,
            "precision": where.precision,
            "place_text": where.text[:200],
            "origin_id": origin_id,
            "tracking_hash": keys.tracking_hash(case.number, tracking),
            "historic": False,
        },
    )
    hot.insert_record(case.id, entry, prev, case.head_hash)
    write_facts(move, sealed, salted)
    hot.insert_tasks(case.id, tasks)
    parts: list[tuple[str, int, str]] = []
    if case.applicant_id:
        parts.append(("person", case.applicant_id, "applicant"))
    if move.actor.is_staff and move.actor.account_id:
        parts.append(("account", move.actor.account_id, "recorder"))
    parts += _parts(move)
    hot.take_part(case.id, parts)
    barred = [*recused, *organisations_recused(move)]
    for organisation in dict.fromkeys(barred):
        Recusal.objects.create(
            case_id=case.id, organisation_id=organisation, at=move.at, by_id=move.actor.account_id
        )
    if origin_id and procedure.challenge is None:
        CaseLink.objects.create(
            case_id=origin_id, other_id=case.id, kind="opened", at=move.at, by_id=move.actor.account_id
        )
    words = [case.title, where.text, case.number]
    words += [str(v) for k, v in move.data.items() if procedure.fields[k].searchable]
    search.add(case.id, " ".join(words))
    notify(move, procedure.open_notifies, "case.received")
    attach(move)
    for function in move.afterwards:
        function(move)


def write_move(move: Move, tasks: list[TaskState]) -> None:
    case, procedure, action, at = move.case, move.procedure, move.action, move.at
    public, sealed = split_facts(move)
    before = case.step
    # What a helper reports is their part, not the answer of the case.
    data = {} if move.is_part else public
    changed = {k for k, v in data.items() if case.facts.get(k) != v}
    case.facts = {**case.facts, **data}
    _assign(move)
    data = _corrected(move, data)
    moved, closing = what_closes(move, tasks)
    if move.barred:
        closing = [t for t in tasks if t in closing or t.organisation_id in move.barred]
    staying = [t for t in tasks if t not in closing]
    requeued = _requeued(move, staying)
    target = procedure.steps[move.to] if moved else move.step
    case.step = target.code
    _run_clock(move, staying, changed, moved=moved, reopened=moved and move.step.kind == "end" != target.kind)
    opened = _arrive(move, target) if moved else opens_part(move)
    if not (moved or staying or opened or move.step.kind == "end"):
        opened = tasks_for(
            move, move.step, case.facts
        )  # whoever still had it is recused: nothing waits for nobody
    case.seq += 1
    if move.actor.kind != "system" or moved:
        case.acted_seq = case.seq
    facts = {
        "data": data,
        **({"part": public} if move.is_part else {}),
        "open": [task_facts(t) for t in opened],
        "close": [t.uid for t in closing],
        **({"queues": requeued} if requeued else {}),
        "case": _columns(case),
    }
    salted = _append(move, facts, sealed, before=before)
    hot.update_case(case)
    hot.close_tasks(closing, at, move.actor.account_id, action.code)
    tasks_closed([t.id for t in closing if t.alert_stage > 0], at)
    hot.insert_tasks(case.id, opened)
    write_facts(move, sealed, salted)
    if moved and "end" in (target.kind, move.step.kind):
        schedule_erasure(move, ended=target.kind == "end")
    hot.take_part(case.id, _parts(move))
    template = template_of(move, moved)
    notify(move, whom_told(move), template, opened=opened)
    attach(move)
    if moved or action.withdraws or action.publishes:
        _make_public(move, target if moved else None, opened)
    for function in move.afterwards:
        function(move)


def _run_clock(
    move: Move, staying: list[TaskState], changed: set[str], *, moved: bool, reopened: bool
) -> None:
    """Stop, start or lengthen the clock as the act says, and count anew what that or its entries change."""
    action = move.action
    if action.suspends:
        suspend(move, staying)
    if action.resumes or (move.case.status == "suspended" and moved and not move.procedure.can_resume):
        resume(move, staying)
    if action.extends and move.procedure.extend:
        extend(move, staying)
    if reopened:
        stood_still_while_closed(move)
        recount(move, staying)
    else:
        recount(move, staying, facts=changed)
    if move.step.kind == "publicity" and staying:
        publishing.moved(move.case.id, staying[0].due_at, provisional=staying[0].provisional, at=move.at)


def _arrive(move: Move, target: Step) -> list[TaskState]:
    """Stand the case at its next step; the tasks that open there."""
    case = move.case
    if target.kind == "end":
        if case.status == "suspended":
            end_pause(move)
        case.status, case.outcome, case.ended_at = "ended", target.outcome, move.at
        return []
    case.status = "suspended" if case.status == "suspended" and not move.action.resumes else "open"
    case.outcome, case.ended_at = "", None
    return tasks_for(move, target, case.facts)


def _make_public(move: Move, target: Step | None, opened: list[TaskState]) -> None:
    """What this act shows to everybody, or takes back (公示、公开、撤回)."""
    if move.action.withdraws or (target is not None and move.step.kind == "publicity"):
        publishing.close(move)
    if move.action.publishes:
        publishing.publish_result(move)
    if target is not None and target.kind == "publicity":
        publishing.show(move, target, until_at=opened[0].due_at, provisional=opened[0].provisional)


def _requeued(move: Move, tasks: list[TaskState]) -> dict[str, str]:
    """Tasks of which nobody was left who may do them, because of whom this move recuses: uid → their new queue."""
    found = {}
    for task in tasks if move.barred else ():
        queue = queue_now(task.queue, move.case.prefix, recused_from(move.case.id))
        if queue != task.queue:
            found[task.uid] = task.queue = queue
            hot.update_task_clock(task)
    return found


def _append(
    move: Move, facts: dict[str, Any], sealed: dict[str, Any], *, before: str
) -> dict[str, tuple[bytes, str]]:
    """Append an entry to the case's chain; gives the salts of what it seals."""
    case = move.case
    entry, salted = _entry(move, facts, sealed, before=before)
    prev, case.head_hash = case.head_hash, entry_hash(case.head_hash, entry)
    hot.insert_record(case.id, entry, prev, case.head_hash)
    return salted


def note(
    move: Move, public: Mapping[str, Any], *, data: Mapping[str, Any] | None = None, before: str = ""
) -> None:
    """Append a record that moves nothing (只留痕不流转): a reminder, a warning, a link, an act of a supervisor.

    `public` is what the kernel did, in the clear; `data` are facts of the case that change with it; `before` is the step
    it stood at, where that is another now. The entries of the act are sealed, whatever their fields say.
    """
    case = move.case
    case.seq += 1
    case.facts = {**case.facts, **(data or {})}
    clear, sealed = split_facts(move)
    facts = {
        "data": dict(data or {}),
        "note": {**clear, **public},
        "open": [],
        "close": [],
        "case": _columns(case),
    }
    salted = _append(move, facts, sealed, before=before or case.step)
    hot.update_case(case)
    write_facts(move, sealed, salted)


def _corrected(move: Move, data: dict[str, Any]) -> dict[str, Any]:
    """Lists of helpers that this act changes without naming them: whoever is recused, or replaced, is no longer in."""
    anew = {**recuse(move), **swap_helper(move)}
    if anew:
        move.case.facts = {**move.case.facts, **anew}
    return {**data, **anew}


def _assign(move: Move) -> None:
    for code in move.data:
        part = move.procedure.fields[code].assigns
        found = move.found.get(code)
        if part == "lead" and isinstance(found, int):
            move.case.lead_id = found
        elif part == "helpers" and isinstance(found, list):
            move.helper_ids = [i for i in found if i != move.case.lead_id]


def _entry(
    move: Move, facts: dict[str, Any], sealed: dict[str, Any], *, before: str = ""
) -> tuple[Entry, dict[str, tuple[bytes, str]]]:
    salted = {name: (new_salt(), canonical(value)) for name, value in sealed.items()}
    digests = {name: fact_digest(salt, name, text) for name, (salt, text) in salted.items()}
    hat, acting = move.hat, move.actor.acting
    if acting is not None:
        facts = {**facts, "mandate": acting.uid}
    if move.done_at is not None:
        facts = {**facts, "done_at": move.done_at.isoformat()}
    return (
        Entry(
            number=move.case.number,
            seq=move.case.seq,
            at=move.at,
            actor=move.actor.account_id,
            actor_kind=move.actor.kind,
            post=hat.post_id if hat else None,
            on_behalf_of=hat.absent_account_id if hat else acting.account_id if acting else None,
            action=move.action.code,
            from_step=before,
            to_step=move.case.step if move.case.step != before else "",
            facts=canonical(facts),
            digests=digests_text(digests),
        ),
        salted,
    )


def _columns(case: CaseState) -> dict[str, Any]:
    """What of the case a replay must give again."""
    return {
        "status": case.status,
        "due": iso(case.due_at),
        "statutory_due": iso(case.statutory_due_at),
        "provisional": case.provisional,
        "outcome": case.outcome,
        "ended": iso(case.ended_at),
        "lead": case.lead_id,
        "area": case.prefix,
    }


def _parts(move: Move) -> list[tuple[str, int, str]]:
    parts: list[tuple[str, int, str]] = []
    for code in move.data:
        assigns = move.procedure.fields[code].assigns
        if assigns == "lead" and move.case.lead_id:
            parts.append(("org", move.case.lead_id, "lead"))
        elif assigns in {"helpers", "instead"}:
            parts += [("org", i, "helper") for i in move.helper_ids]
    return parts
