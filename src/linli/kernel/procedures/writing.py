"""What a move writes (落库): record, case, tasks, facts, parts, notices, in this order and in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from linli.base.ids import uuid7
from linli.base.legaltime import Period
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import hot, keys, search
from linli.kernel.procedures.clocks import due_for, next_alert, period_for, period_text
from linli.kernel.procedures.definitions import Limit, Procedure, Step
from linli.kernel.procedures.holders import UPWARD, accounts_in, nearest_prefix
from linli.kernel.procedures.models import CaseLink, Recusal
from linli.kernel.procedures.pauses import extend, pauses_of, resume, suspend
from linli.kernel.procedures.retention import schedule_erasure
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.records.chain import (
    START,
    Entry,
    canonical,
    digests_text,
    entry_hash,
    fact_digest,
    new_salt,
)
from linli.kernel.records.models import Attachment, Upload

__all__ = ["FACT_CONTEXT", "START", "Place", "append_only_record", "open_fact", "write_move", "write_opening"]

FACT_CONTEXT = "records.erasablefact.value"

# Only while the fact that a limit goes by is not known yet and its table is empty, which the checker refuses.
FALLBACK = Period(1, "working_days")


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
    public, sealed = _split(move)
    case.facts = {**case.facts, **public}
    case.step, case.seq, case.acted_seq = move.to, 1, 1
    _set_case_due(move, {})
    tasks = _tasks_for(move, procedure.steps[move.to], case.facts)
    facts = {
        "data": public,
        "channel": channel,
        "open": [_task_facts(t) for t in tasks],
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
    _write_facts(move, sealed, salted)
    hot.insert_tasks(case.id, tasks)
    parts: list[tuple[str, int, str]] = []
    if case.applicant_id:
        parts.append(("person", case.applicant_id, "applicant"))
    if move.actor.is_staff and move.actor.account_id:
        parts.append(("account", move.actor.account_id, "recorder"))
    hot.take_part(case.id, parts)
    for organisation in recused:
        Recusal.objects.create(
            case_id=case.id, organisation_id=organisation, at=move.at, by_id=move.actor.account_id
        )
    if origin_id:
        CaseLink.objects.create(
            case_id=origin_id, other_id=case.id, kind="opened", at=move.at, by_id=move.actor.account_id
        )
    words = [case.title, where.text, case.number]
    words += [str(v) for k, v in move.data.items() if procedure.fields[k].searchable]
    search.add(case.id, " ".join(words))
    _notify(move, procedure.open_notifies, "case.received")
    attach(move)
    for function in move.afterwards:
        function(move)


def write_move(move: Move, tasks: list[TaskState]) -> None:
    case, procedure, action, at = move.case, move.procedure, move.action, move.at
    public, sealed = _split(move)
    before = case.step
    changed = {k for k, v in public.items() if case.facts.get(k) != v}
    case.facts = {**case.facts, **public}
    _assign(move)
    moved, closing = _what_closes(move, tasks)
    opened: list[TaskState] = []
    target = procedure.steps[move.to] if moved else move.step
    if action.suspends:
        suspend(move)
    if action.resumes:
        resume(move, [t for t in tasks if t not in closing])
    if action.extends and procedure.extend:
        extend(move, tasks)
    if moved:
        case.step = move.to
        if target.kind == "end":
            case.status, case.outcome, case.ended_at = "ended", target.outcome, at
        else:
            case.status = "suspended" if case.status == "suspended" and not action.resumes else "open"
            case.outcome, case.ended_at = "", None
            opened = _tasks_for(move, target, case.facts)
    _set_case_due(move, changed)
    case.seq += 1
    if move.actor.kind != "system" or moved:
        case.acted_seq = case.seq
    facts = {
        "data": public,
        "open": [_task_facts(t) for t in opened],
        "close": [t.uid for t in closing],
        "case": _columns(case),
    }
    entry, salted = _entry(move, facts, sealed, before=before)
    prev, case.head_hash = case.head_hash, entry_hash(case.head_hash, entry)
    hot.insert_record(case.id, entry, prev, case.head_hash)
    hot.update_case(case)
    hot.close_tasks(closing, at, move.actor.account_id, action.code)
    hot.insert_tasks(case.id, opened)
    _write_facts(move, sealed, salted)
    if moved and "end" in (target.kind, move.step.kind):
        schedule_erasure(move, ended=target.kind == "end")
    hot.take_part(case.id, _parts(move))
    template = _template(move, moved)
    _notify(move, action.notifies, template)
    attach(move)
    for function in move.afterwards:
        function(move)


def append_only_record(move: Move, public: dict[str, Any]) -> None:
    """Append a record that moves nothing (只留痕不流转): a reminder, a warning, a link."""
    case = move.case
    case.seq += 1
    move.public = public
    entry, _ = _entry(
        move,
        {"data": {}, "note": public, "open": [], "close": [], "case": _columns(case)},
        {},
        before=case.step,
    )
    prev, case.head_hash = case.head_hash, entry_hash(case.head_hash, entry)
    hot.insert_record(case.id, entry, prev, case.head_hash)
    hot.update_case(case)


def _what_closes(move: Move, tasks: list[TaskState]) -> tuple[bool, list[TaskState]]:
    """Whether the case moves on, and which tasks are done. A helper's part does not move a case that its lead moves."""
    if not move.to:
        return False, []
    own = move.task
    if own is not None and own.part == "helper" and not move.action.by:
        others = [t for t in tasks if t.uid != own.uid]
        return (move.step.join == "all" and not others), [own]
    if move.step.kind == "joint" and move.step.join == "all" and own is not None and not move.action.by:
        others = [t for t in tasks if t.uid != own.uid]
        return not others, [own]
    return True, tasks


def _assign(move: Move) -> None:
    for code in move.data:
        part = move.procedure.fields[code].assigns
        found = move.found.get(code)
        if part == "lead" and isinstance(found, int):
            move.case.lead_id = found
        elif part == "helpers" and isinstance(found, list):
            move.helper_ids = [i for i in found if i != move.case.lead_id]


def _split(move: Move) -> tuple[dict[str, Any], dict[str, Any]]:
    """Public facts go into the record in the clear; every other fact is sealed, and its digest goes in."""
    fields = move.procedure.fields
    public = {k: v for k, v in move.data.items() if fields[k].public}
    sealed = {k: v for k, v in move.data.items() if not fields[k].public}
    for code in (*move.action.form, *move.action.optional):
        # Assigned anew without helpers: the former ones no longer take part in what follows.
        if fields[code].assigns == "helpers" and fields[code].public and move.case.facts.get(code):
            public.setdefault(code, [])
    return {**public, **move.public}, sealed


def _tasks_for(move: Move, step: Step, facts: dict[str, Any]) -> list[TaskState]:
    case = move.case
    if step.kind == "end":
        return []
    made = [_task(move, step, "lead", step.within, _queue(step.actor, case), case.lead_id, facts)]
    if step.kind == "joint":
        role = step.actor.split("@")[0]
        helpers = move.helper_ids or _helpers_named(case)
        limit = step.helpers_within or step.within
        made += [_task(move, step, "helper", limit, f"{role}#{i}", i, facts) for i in helpers]
    return made


def _helpers_named(case: CaseState) -> list[int]:
    codes = case.facts.get("helpers")
    return list(Organisation.objects.filter(code__in=codes).values_list("pk", flat=True)) if codes else []


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


def _queue(actor: str, case: CaseState) -> str:
    if actor == "applicant":
        return f"person#{case.applicant_id or 0}"
    role, _, level = actor.partition("@")
    if level == "assigned":
        return f"{role}#{case.lead_id or 0}"
    if level == "window":
        return f"{role}#{case.window_id or 0}"
    if level in UPWARD:
        return f"{role}@{nearest_prefix(role, level, case.prefix)}"
    return actor


def _set_case_due(move: Move, changed: set[str] | dict[str, Any]) -> None:
    """The promised and the statutory limit of the whole case run from its opening (全程时限)."""
    case, procedure = move.case, move.procedure
    for limit, name in ((procedure.limit, "due_at"), (procedure.statutory_limit, "statutory_due_at")):
        if limit is None or (getattr(case, name) is not None and limit.by not in changed):
            continue
        period = period_for(limit, case.facts)
        if period is None:
            continue
        due = due_for(period, case.opened_at, () if move.opening else pauses_of(case, move.at))
        setattr(case, name, due.due_at)
        if name == "due_at":
            case.provisional = due.provisional


def _entry(
    move: Move, facts: dict[str, Any], sealed: dict[str, Any], *, before: str = ""
) -> tuple[Entry, dict[str, tuple[bytes, str]]]:
    salted = {name: (new_salt(), canonical(value)) for name, value in sealed.items()}
    digests = {name: fact_digest(salt, name, text) for name, (salt, text) in salted.items()}
    hat = move.hat
    return (
        Entry(
            number=move.case.number,
            seq=move.case.seq,
            at=move.at,
            actor=move.actor.account_id,
            actor_kind=move.actor.kind,
            post=hat.post_id if hat else None,
            on_behalf_of=hat.absent_account_id if hat else None,
            action=move.action.code,
            from_step=before,
            to_step=move.case.step if move.case.step != before else "",
            facts=canonical(facts),
            digests=digests_text(digests),
        ),
        salted,
    )


def _write_facts(move: Move, sealed: dict[str, Any], salted: dict[str, tuple[bytes, str]]) -> None:
    vault, case = current_vault(), move.case
    rows = []
    for name in sealed:
        salt, text = salted[name]
        personal = move.procedure.fields[name].personal
        value = vault.seal(text, context=FACT_CONTEXT)
        rows.append(
            (
                case.id,
                case.seq,
                name,
                salt,
                value,
                personal.purpose if personal else "case",
                move.procedure.fields[name].keep,
            )
        )
    hot.insert_facts(rows)


def attach(move: Move) -> None:
    """Turn the uploads that a form named into the case's own files (挂接附件); an upload is used once."""
    made, used = [], []
    for code in move.data:
        definition = move.procedure.fields[code]
        uploads = move.found.get(code)
        if definition.type not in {"photos", "files"} or not uploads:
            continue
        for upload in uploads:
            used.append(upload.pk)
            made.append(
                Attachment(
                    case_id=move.case.id,
                    seq=move.case.seq,
                    field=code,
                    file_id=upload.file_id,
                    public_file_id=upload.public_file_id,
                    kind=str(definition.options.get("x_kind", "other")),
                    name=upload.name,
                    taken_at=upload.taken_at,
                    lng=upload.lng,
                    lat=upload.lat,
                    account=move.actor.account_id,
                    at=move.at,
                )
            )
    if made:
        Attachment.objects.bulk_create(made)
        Upload.objects.filter(pk__in=used).delete()


def open_fact(value: bytes) -> Any:
    return json.loads(current_vault().open(value, context=FACT_CONTEXT))


def _columns(case: CaseState) -> dict[str, Any]:
    """What of the case a replay must give again."""
    return {
        "status": case.status,
        "due": _iso(case.due_at),
        "statutory_due": _iso(case.statutory_due_at),
        "provisional": case.provisional,
        "outcome": case.outcome,
        "ended": _iso(case.ended_at),
        "lead": case.lead_id,
        "area": case.prefix,
    }


def _task_facts(task: TaskState) -> dict[str, Any]:
    return {
        "uid": task.uid,
        "step": task.step,
        "part": task.part,
        "queue": task.queue,
        "due": _iso(task.due_at),
        "period": task.period,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _parts(move: Move) -> list[tuple[str, int, str]]:
    parts: list[tuple[str, int, str]] = []
    for code in move.data:
        assigns = move.procedure.fields[code].assigns
        if assigns == "lead" and move.case.lead_id:
            parts.append(("org", move.case.lead_id, "lead"))
        elif assigns == "helpers":
            parts += [("org", i, "helper") for i in move.helper_ids]
    return parts


def _template(move: Move, moved: bool) -> str:
    if move.action.notice:
        return move.action.notice
    if move.action.adverse:
        return "case.declined" if move.step.code == move.procedure.first else "case.refused"
    for applies, template in (
        (move.action.suspends, "case.suspended"),
        (move.action.resumes, "case.resumed"),
        (move.action.extends, "case.extended"),
        (moved and move.step.kind == "end", "case.reopened"),
        (moved and move.case.status == "ended", "case.closed"),
    ):
        if applies:
            return template
    return "case.moved"


def _notify(move: Move, whom: tuple[str, ...], template: str) -> None:
    case = move.case
    rows: list[tuple[str, int | None, int | None, str, dict[str, Any], str]] = []
    params = notice_params(move.procedure, case)
    if ("applicant" in whom) and (case.applicant_id or case.facts.get("n_reporters")):
        people = [case.applicant_id] if move.opening else hot.people_told(case.id)
        rows += [(uuid7().hex, None, person, template, params, case.number) for person in people if person]
    for spec in whom:
        if spec == "lead" and case.lead_id:
            rows += [
                (uuid7().hex, account, None, "task.assigned", params, case.number)
                for account in sorted(set(accounts_in(f"handler#{case.lead_id}")))
                if account != move.actor.account_id
            ]
    for kind, ref, name in move.also_notify:
        account, person = (ref, None) if kind == "account" else (None, ref)
        rows.append((uuid7().hex, account, person, name, params, case.number))
    hot.insert_notices(rows, move.at)


def notice_params(procedure: Procedure, case: CaseState) -> dict[str, Any]:
    """What a notice may say (通知参数): number, kind, step and due day; never a personal fact."""
    step = procedure.steps[case.step]
    return {
        "number": case.number,
        "procedure": procedure.title.as_dict(),
        "step": (step.public_words or step.title).as_dict(),
        "due": _iso(case.due_at) or "",
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
