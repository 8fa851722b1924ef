"""Who is told of a move, and in which words (通知谁、怎么说)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linli.base.errors import NotFound, Refused
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.procedures import hot
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.clocks import due_for, iso
from linli.kernel.procedures.definitions import Action, Procedure, Step
from linli.kernel.procedures.holders import able_in
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.tasking import queue_of
from linli.kernel.procedures.versions import current_version, procedure_of


def template_of(move: Move, moved: bool) -> str:
    return usual_template(
        move.procedure, move.step, move.action, moved=moved, ended=move.case.status == "ended"
    )


def usual_template(procedure: Procedure, step: Step, action: Action, *, moved: bool, ended: bool) -> str:
    """Which notice goes out for an act at a step (用哪个通知); `ended`: the case is over after it."""
    if action.notice:
        return action.notice
    if action.adverse:
        return "case.declined" if step.code == procedure.first else "case.refused"
    for applies, template in (
        (action.suspends, "case.suspended"),
        (action.resumes, "case.resumed"),
        (action.extends, "case.extended"),
        (moved and step.kind == "end", "case.reopened"),
        (moved and ended, "case.closed"),
    ):
        if applies:
            return template
    return "case.moved"


def notify(move: Move, whom: tuple[str, ...], template: str, *, opened: Sequence[TaskState] = ()) -> None:
    """Tell them (通知). Whoever has a new task reads until when that task is due, not the whole case; a person who reads a
    decision against them reads what they may do about it, and until when."""
    case = move.case
    rows: list[tuple[str, int | None, int | None, str, dict[str, Any], str]] = []
    params = notice_params(move.procedure, case)
    for_person = {**params, **_remedy(move)}
    for_staff_params = {**params, "due": iso(opened[0].due_at)} if opened else params
    if "applicant" in whom:
        # Whoever reported the same is told too, of a case without a name as well; nobody is told of their own act.
        told = [case.applicant_id] if move.opening else hot.people_told(case.id)
        people = [p for p in told if move.opening or p != move.actor.person_id]
        rows += [
            (uuid7().hex, None, person, template, for_person, case.number) for person in people if person
        ]
    for_staff = "task.withdrawn" if case.status == "ended" else "task.assigned"
    rows += [
        (uuid7().hex, account, None, for_staff, for_staff_params, case.number)
        for account in sorted(_staff_told(move, whom))
        if account != move.actor.account_id
    ]
    for kind, ref, name in move.also_notify:
        account, person = (ref, None) if kind == "account" else (None, ref)
        rows.append((uuid7().hex, account, person, name, params, case.number))
    hot.insert_notices(rows, move.at)


def tell_grantor(move: Move) -> None:
    """Whoever has somebody act for them is told of each act (代办告知本人)."""
    if move.actor.acting is not None:
        move.also_notify.append(("person", move.actor.acting.grantor_id, "mandate.acted"))


def founded(move: Move) -> None:
    """Whatever goes against a person says why, under which article, and what they can do about it (说明理由、依据和救济).

    The checker proves it of every file; here it holds for what is in force, and for a remedy that was since withdrawn.
    Refuses `procedures.no_reason` and `procedures.no_remedy`.
    """
    action = move.action
    if not action.adverse:
        return
    if not (move.data.get("reason") and move.data.get("legal_basis")):
        raise Refused(
            "procedures.no_reason",
            Text(
                "对当事人不利的决定，要写明理由和法律依据才能发出。这个程序没有让人写，请告诉平台管理员。",
                "A decision against somebody goes out with its reason and its article alone. This procedure does not "
                "ask for them: please tell the administrator.",
            ),
        )
    if not action.final_by and _remedy_of(move) is None:
        raise Refused(
            "procedures.no_remedy",
            Text(
                "对当事人不利的决定，要告诉对方怎样申请救济才能发出。它的救济程序现在没有生效，请告诉平台管理员。",
                "A decision against somebody goes out with what they can do about it alone. Its remedy is not in force "
                "now: please tell the administrator.",
            ),
        )


def _remedy_of(move: Move) -> Procedure | None:
    """The remedy that the decision names, as it is in force here."""
    if not move.action.remedy:
        return None
    try:
        return procedure_of(current_version(move.action.remedy, move.case.prefix))
    except NotFound:
        return None


def _remedy(move: Move) -> dict[str, Any]:
    """What one may do about a decision, and until when (救济途径和期限), where the decision names a remedy."""
    remedy = _remedy_of(move) if move.action.adverse else None
    if remedy is None:
        return {}
    within = remedy.challenge.within if remedy.challenge else None
    until = {"until_at": iso(due_for(within, move.at).due_at)} if within else {}
    return {"remedy": remedy.title.as_dict(), **until}


def _staff_told(move: Move, whom: tuple[str, ...]) -> set[int]:
    """The accounts of the organisations and posts that a procedure has told: `lead`, `helpers`, `role@level`."""
    case = move.case
    barred = recused_from(case.id) if case.recused and not move.opening else move.barred
    found: set[int] = set()
    for spec in whom:
        if spec == "lead" and case.lead_id:
            found.update(able_in(f"{_role(move)}#{case.lead_id}", barred))
        elif spec == "helpers":
            named = move.helper_ids or hot.organisations_in_use(_helpers(move)).values()
            found.update(a for i in named for a in able_in(f"{_role(move)}#{i}", barred))
        elif "@" in spec:
            found.update(able_in(queue_of(spec, case, barred), barred))
    return found


def _role(move: Move) -> str:
    """The role that acts for the organisations of this case: of the step it is at, else of the one it left."""
    for step in (move.procedure.steps[move.case.step], move.step):
        role, _, level = step.actor.partition("@")
        if level == "assigned":
            return role
    return "handler"


def _helpers(move: Move) -> list[str]:
    listed = [c for c, f in move.procedure.fields.items() if f.assigns == "helpers"]
    return [code for name in listed for code in move.case.facts.get(name) or ()]


def notice_params(procedure: Procedure, case: CaseState) -> dict[str, Any]:
    """What a notice may say (通知参数): number, kind, step and due day; never a personal fact."""
    step = procedure.steps[case.step]
    return {
        "number": case.number,
        "procedure": procedure.title.as_dict(),
        "step": (step.public_words or step.title).as_dict(),
        "due": iso(case.due_at) or "",
    }
