"""Moving running cases to a newer version of their procedure (在办件转版), where its file says so (`[moves]`).

A case keeps the version that it began with; only a mapping in the newer file, with its legal basis, lets it go on under
that one. First the dry run says of every case what would become of it, and moves nothing; then each case is moved in a
transaction of its own, looked at anew under its lock, with a record `version.moved`.

Due times are decided for the person (从旧兼有利): `limits = "keep"` leaves them; "new" counts them by the newer version from
where they began, and takes the result only where it is earlier and not past. A move never makes a case late and never
takes back what was promised. What the person has time for (their own step, a publicity) never gets shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from linli.base.clock import now, today
from linli.base.errors import NotFound, Refused
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.base.legaltime import moment_at_share
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures import hot
from linli.kernel.procedures.checks.finding import Finding
from linli.kernel.procedures.clocks import iso, next_alert
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.holders import able_in
from linli.kernel.procedures.mapping import check_mapping
from linli.kernel.procedures.models import Case, ProcedureVersion, Task
from linli.kernel.procedures.own_records import MOVED
from linli.kernel.procedures.replanning import PlannedTask, Replanned, replan
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.telling import notice_params
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.procedures.writing import note

CHUNK = 200


@dataclass(frozen=True)
class Planned:
    """What would become of one case (一件的转版结果), or why it stays."""

    case_id: int
    number: str
    version: int
    lead: Text | None
    has_applicant: bool
    plan: Replanned | None
    refused: Text | None = None
    moved: bool = False

    def as_dict(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "number": self.number,
            "version": self.version,
            "lead": self.lead.as_dict() if self.lead else None,
            "has_applicant": self.has_applicant,
            "refused": self.refused.as_dict() if self.refused else None,
            "moved": self.moved,
            "step": list(plan.step) if plan else None,
            "due": [iso(d) for d in plan.due] if plan else None,
            "statutory_due": [iso(d) for d in plan.statutory] if plan else None,
            "tasks": [task.as_dict() for task in plan.tasks] if plan else [],
            "tells_applicant": self.has_applicant and plan.changes_for_the_person if plan else False,
        }


def target_version(code: str, jurisdiction: str = "", number: int | None = None) -> ProcedureVersion:
    """The version to which cases move (转入的版本): the newest of its area, or the one named.

    Refuses an unknown one, one without a mapping, and one that is not in force yet.
    """
    rows = ProcedureVersion.objects.filter(code=code, jurisdiction=jurisdiction).order_by("-version")
    found = (rows.filter(version=number) if number else rows).first()
    if found is None:
        raise NotFound(
            "procedures.no_version",
            Text(
                "没有这个程序版本。请核对代码、区划和版本号。",
                "There is no such version. Check code, area and number.",
            ),
        )
    if procedure_of(found.pk).moves is None:
        raise Refused(
            "procedures.no_mapping",
            Text(
                f"“{code}”第 {found.version} 版没有写 [moves]，在办件沿用原来的版本办完。要转版，先在文件里写明对照和依据。",
                f"Version {found.version} of {code!r} has no [moves]: running cases keep the version they have. "
                "To move them, write the mapping and its basis into the file first.",
            ),
        )
    if found.valid_from and found.valid_from > today():
        raise Refused(
            "procedures.not_in_force",
            Text(
                f"第 {found.version} 版自 {found.valid_from} 起施行，那时再转。",
                f"Version {found.version} is in force from {found.valid_from}; move the cases then.",
            ),
        )
    return found


def sources_of(target: ProcedureVersion) -> list[ProcedureVersion]:
    """The versions from which its mapping takes cases (转出的版本), as far as this installation has them."""
    moves = procedure_of(target.pk).moves
    found: list[ProcedureVersion] = []
    for area, number in moves.sources if moves else ():
        named = ProcedureVersion.objects.filter(
            code=target.code, jurisdiction=target.jurisdiction if area is None else area, version=number
        )
        found += named.exclude(pk=target.pk).defer("definition")
    return found


def mapping_findings(procedure: Procedure, jurisdiction: str) -> list[Finding]:
    """What is in the way between a file's `[moves]` and the versions that it names (转版对照检查)."""
    found: list[Finding] = []
    for area, number in procedure.moves.sources if procedure.moves else ():
        named = ProcedureVersion.objects.filter(
            code=procedure.code, jurisdiction=jurisdiction if area is None else area, version=number
        )
        for pk in named.values_list("pk", flat=True):
            found += check_mapping(procedure, procedure_of(pk))
    return list(dict.fromkeys(found))


# ------------------------------------------------------------------------------------------------ dry run


def dry_run(
    target: ProcedureVersion, *, under: Sequence[str] = ("",), after: int = 0, at: datetime | None = None
) -> Iterator[Planned]:
    """What a move would do to every running case (转版试算), case by case in the order of their ids; nothing moves.

    `under` narrows it to areas by prefix, `after` goes on behind a case's id. Nothing is held in memory.
    """
    at = at or now()
    for case in _running(target, under, after):
        state = _state(case)
        yield _planned(case, target, state, hot.open_tasks(case.pk), at)


def _running(target: ProcedureVersion, under: Sequence[str], after: int) -> Iterator[Case]:
    sources = [version.pk for version in sources_of(target)]
    while sources:
        rows = Case.objects.filter(
            version_id__in=sources, ended_at__isnull=True, historic=False, pk__gt=after
        )
        whole = rows.select_related("lead", "version").defer("version__definition", "version__override")
        chunk = list(whole.order_by("pk")[:CHUNK])
        for case in chunk:
            after = case.pk
            if any(case.grid.startswith(prefix) for prefix in under):
                yield case
        if len(chunk) < CHUNK:
            return


def _state(case: Case) -> CaseState:
    from linli.kernel.procedures.engine import hot_state

    return replace(
        hot_state(case),
        statutory_due_at=case.statutory_due_at,
        provisional=case.provisional,
        limits_version_id=case.limits_version_id,
    )


def _planned(
    case: Case, target: ProcedureVersion, state: CaseState, tasks: list[TaskState], at: datetime
) -> Planned:
    refused = _not_allowed(target, state)
    plan = (
        None if refused else replan(state, tasks, procedure_of(state.version_id), procedure_of(target.pk), at)
    )
    if isinstance(plan, Text):
        refused, plan = plan, None
    return Planned(
        case_id=case.pk,
        number=case.number,
        version=case.version.version,
        lead=case.lead.title if case.lead else None,
        has_applicant=case.applicant_id is not None,
        plan=plan,
        refused=refused,
    )


def _not_allowed(target: ProcedureVersion, state: CaseState) -> Text | None:
    if current_version(target.code, state.prefix) != target.pk:
        return Text(
            "这个地方现行的是另一个版本，不转到这一版。",
            "Another version is in force in this area; it does not move to this one.",
        )
    return _in_the_way(target.pk, state.version_id)


@lru_cache(maxsize=200)
def _in_the_way(target: int, version: int) -> Text | None:
    """What the mapping lacks; versions never change, so it is asked once."""
    findings = check_mapping(procedure_of(target), procedure_of(version))
    if not findings:
        return None
    first = findings[0]
    return Text(f"{first.message.zh}{first.mend.zh}", f"{first.message.en} {first.mend.en}")


# ------------------------------------------------------------------------------------------------ moving


def move_all(
    target: ProcedureVersion,
    *,
    by: Actor,
    under: Sequence[str] = ("",),
    after: int = 0,
    hat: Hat | None = None,
    at: datetime | None = None,
) -> Iterator[Planned]:
    """Move every running case that can be (转版), each in a transaction of its own; gives what became of each.

    May be stopped and begun again at any time: what has moved is no longer found. Each case is decided anew under its
    lock, so that what happened since the dry run counts. Records `version.moved`; tells the applicant when the due day or the step changes for
    them, and whoever gets a task that was another's.
    """
    for case in _running(target, under, after):
        yield _move(case, target, by, hat, at or now())


def _move(case: Case, target: ProcedureVersion, by: Actor, hat: Hat | None, at: datetime) -> Planned:
    with hot.one_transaction():
        state = hot.lock_case(case.pk)
        tasks = hot.stand(state) if state else []
        if state is None or state.ended_at is not None or state.version_id != case.version_id:
            gone = Text(
                "这件刚刚办结或已经转过，不用再转。",
                "It has just ended or been moved; there is nothing left to do.",
            )
            return Planned(
                case.pk, case.number, case.version.version, None, has_applicant=False, plan=None, refused=gone
            )
        at = max(at, state.last_at)
        planned = _planned(case, target, state, tasks, at)
        if planned.plan is None:
            return planned
        _carry_out(planned.plan, target, state, tasks, by, hat, at)
        return replace(planned, moved=True)


def _carry_out(
    plan: Replanned,
    target: ProcedureVersion,
    state: CaseState,
    tasks: list[TaskState],
    by: Actor,
    hat: Hat | None,
    at: datetime,
) -> None:
    old, new = procedure_of(state.version_id), procedure_of(target.pk)
    pinned = ProcedureVersion.objects.defer("definition").get(pk=state.version_id)
    limits = (state.limits_version_id or state.version_id) if plan.keeps_limits else None
    before = state.step
    state.step, state.version_id, state.limits_version_id = plan.step[1], target.pk, limits
    state.due_at, state.statutory_due_at = plan.due[1], plan.statutory[1]
    state.provisional = plan.provisional
    state.acted_seq = state.seq + 1  # a form that was opened under the older version is out of date
    move = Move(state, new, new.steps[state.step], MOVED, {}, by, at, hat)
    planned = {task.uid: task for task in plan.tasks}
    for task in tasks:
        _carry_over(task, planned[task.uid], old, new, state, at)
    Case.objects.filter(pk=state.id).update(version_id=target.pk, limits_version_id=limits)
    note(
        move,
        {
            "version": [[pinned.jurisdiction, pinned.version], [target.jurisdiction, target.version]],
            "basis": new.moves.basis if new.moves else "",
            "limits": "kept" if limits else "new",
            "due": [iso(d) for d in plan.due],
            "statutory_due": [iso(d) for d in plan.statutory],
            "tasks": {t.uid: t.as_dict() for t in plan.tasks if t.changed},
        },
        before=before,
    )
    _tell(move, plan)


def _carry_over(
    task: TaskState, planned: PlannedTask, old: Procedure, new: Procedure, state: CaseState, at: datetime
) -> None:
    step = new.steps[planned.step[1]]
    if (task.step, task.role) != (planned.step[1], planned.role):
        # Those that are done too: what was done at this step is still known as done at it.
        Task.objects.filter(case_id=state.id, step=task.step).update(step=planned.step[1])
        Task.objects.filter(pk=task.id).update(role=planned.role)
    task.step, task.role, task.queue = planned.step[1], planned.role, planned.queue[1]
    task.due_at, task.period, task.provisional = planned.due[1], planned.period, planned.provisional
    if state.status != "suspended":  # else the next look is set when the clock runs on
        task.alert_stage = _stage(task, old, new, at)
        task.alert_at = next_alert(new, step, task.queue, task.alert_stage, task.opened_at, task.due_at)
    hot.update_task_clock(task)


def _stage(task: TaskState, old: Procedure, new: Procedure, at: datetime) -> int:
    """How many of the newer version's shares have been warned of: those up to the share that was warned of last, as far as they are past."""
    warned = old.escalation[task.alert_stage - 1].share if task.alert_stage else 0.0
    shares = [e.share for e in new.escalation if e.share <= warned]
    return sum(moment_at_share(task.opened_at, task.due_at, share) <= at for share in shares)


def _tell(move: Move, plan: Replanned) -> None:
    params = notice_params(move.procedure, move.case)
    rows: list[tuple[str, int | None, int | None, str, dict[str, Any], str]] = []
    if plan.changes_for_the_person:
        for person in hot.people_told(move.case.id):
            rows.append((uuid7().hex, None, person, "version.moved", params, move.case.number))
    for task in plan.tasks:
        if task.queue[0] != task.queue[1]:
            mine = {**params, "due": task.due[1].isoformat()}
            rows += [
                (uuid7().hex, account, None, "task.assigned", mine, move.case.number)
                for account in sorted(set(able_in(task.queue[1])) - set(able_in(task.queue[0])))
            ]
    hot.insert_notices(rows, move.at)
