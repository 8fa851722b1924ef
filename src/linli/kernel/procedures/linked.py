"""Cases that come out of a case (由此案产生的办件): a remedy against its decision, a hearing, a mediation.

A remedy (`[challenge]`) is tied to one adverse decision whose `remedy` it is: asked for in time, by the party, once.
When a linked case ends, the procedure of the first one says what follows (`after`); where it says nothing, a record
does, so that the first case always shows what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli.base.clock import local
from linli.base.errors import LinliError, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.models import Post
from linli.kernel.procedures import hot
from linli.kernel.procedures.clocks import due_for
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.links import link
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.offered import concerns_a_party
from linli.kernel.procedures.own_records import LINKED_CASE, LINKED_ENDED, OFFICES_ALONE, REMEDY_OPENED
from linli.kernel.procedures.pinned import procedures_at
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import note
from linli.kernel.records.models import Record

CHALLENGED = "challenged"
LATE_REASON = "late_reason"
CASE = Text("办件", "case")


@dataclass(frozen=True)
class Decision:
    """The adverse decision that a remedy is sought against (被申请复查、复核、复议的决定)."""

    case: Case
    seq: int
    at: datetime
    action: Action
    by: frozenset[int]  # the account that decided, and the one that it stood in for
    post: int | None


def decision_against(case: Case, remedy: str) -> Decision | None:
    """The last decision in a case that may be challenged by this procedure; none where it was taken up anew since."""
    return next((d for d in reversed(decisions_standing(case)) if d.action.remedy == remedy), None)


def decisions_standing(case: Case) -> list[Decision]:
    """The decisions in a case that name a remedy (可寻求救济的决定), in order; those before it was taken up anew are gone."""
    found, n_gone = _decisions(case)
    return found[n_gone:]


def _decisions(case: Case) -> tuple[list[Decision], int]:
    """Every decision that ever named a remedy, read with the version of its day; and how many of them hold no more."""
    rows = list(Record.objects.filter(case_id=case.pk).order_by("seq"))
    pinned = procedures_at(case, rows)
    found: list[Decision] = []
    n_gone = 0
    for row in rows:
        steps = pinned[row.seq].steps
        action = pinned[row.seq].action(row.from_step, row.action) if row.from_step in steps else None
        if action is None:
            continue
        if action.adverse and action.remedy:
            by = frozenset(a for a in (row.actor, row.on_behalf_of) if a is not None)
            found.append(Decision(case, row.seq, row.at, action, by, row.post))
        elif row.to_step and steps[row.from_step].kind == "end":
            n_gone = len(found)  # reopened: there is nothing left to challenge until it is decided again
    return found, n_gone


def decision_challenged(
    procedure: Procedure, found: Mapping[str, Any], data: Mapping[str, Any], by: Actor, at: datetime
) -> Decision:
    """Whether a remedy may be opened (救济受理条件). Refuses: nothing decided that this procedure is the remedy for,
    too late without a reason for it, somebody else's case, and a second time against the same decision."""
    rule = procedure.challenge
    assert rule is not None
    # Locked: of two who ask at once, the second finds the first.
    if hot.lock_case(found.get(CHALLENGED, 0)) is None:
        raise absent(CASE)
    case = Case.objects.get(pk=found[CHALLENGED])
    decision = decision_against(case, procedure.code)
    if decision is None:
        raise Refused(
            "procedures.nothing_to_challenge",
            Text(
                f"{case.number} 目前没有可以申请“{procedure.title.zh}”的决定。请核对编号；对办理有意见的，可以在该件页面上补充说明。",
                f"{case.number} holds no decision that “{procedure.title.en}” is the remedy for. Check the number; "
                "to say something about the case, add a note on its page.",
            ),
        )
    if not (
        by.is_staff
        or by.kind == "system"
        or by.stands_for(case.applicant_id, case.procedure, case.number)
        or case.pk in by.case_ids
    ):
        raise absent(CASE)
    if rule.within is not None and not data.get(LATE_REASON):
        last = due_for(rule.within, decision.at).due_at
        if at > last:
            raise Refused(
                "procedures.challenged_too_late",
                Text(
                    f"申请期限是作出决定后 {rule.within.title.zh}（{rule.basis}），到 {local(last):%Y-%m-%d} 为止，已经过了。"
                    "因不可抗力或其他正当理由耽误的，请写明理由再提。",
                    f"The time to ask was {rule.within.title.en} from the decision ({rule.basis}), until "
                    f"{local(last):%Y-%m-%d}, and is over. If something beyond your control kept you, say what.",
                ),
            )
    earlier = Case.objects.filter(
        origin_id=case.pk, procedure=procedure.code, opened_at__gte=decision.at
    ).first()
    if rule.once and earlier is not None:
        raise Refused(
            "procedures.challenged_already",
            Text(
                f"对这个决定已经提出过“{procedure.title.zh}”，编号 {earlier.number}，不能重复提出。请在该件查看进度。",
                f"“{procedure.title.en}” was sought against this decision already: {earlier.number}. Follow it there.",
            ),
        )
    return decision


def remedy_opened(move: Move, decision: Decision) -> None:
    """Say on the challenged case that a remedy was sought (原件上注明), and tie the two together."""
    link(decision.case.pk, move.case.id, "remedy", at=move.at, by=move.actor)
    note_on(decision.case.pk, REMEDY_OPENED, move, {"seq": decision.seq})


def decided_it_oneself(move: Move) -> Text | None:
    """作出原决定的人不参与对它的复查、复核、复议（回避）. Only notes, and the respondent's own answer, stay open to them."""
    weighs = move.action.code in move.step.actions and not move.step.actor.endswith("@assigned")
    if weighs or move.action.to or move.action.adverse or move.action.resumes:
        return decided_before(move)
    return None


def decided_before(move: Move) -> Text | None:
    """Whether this person made a decision that is challenged here, or further back (原决定、原复查意见的作出人); a deputy
    decides in the name of whoever is away, so that neither of the two goes on."""
    if not move.actor.is_staff:
        return None
    mine = {move.actor.account_id, move.hat.absent_account_id if move.hat else None}
    found = next((d for d in _decisions_before(move) if mine & d.by), None)
    if found is None:
        return None
    return Text(
        f"原来的“{found.action.title.zh}”是您作出的，您须回避。请交给同岗位的其他人员办理。",
        f"You made the decision “{found.action.title.en}” that is challenged here, so you are recused. "
        "Hand it to a colleague in the same post.",
    )


def organisations_that_decided(move: Move) -> set[int]:
    """The organisations whose decision is challenged here (作出原决定的单位): none of them looks at it itself."""
    posts = [d.post for d in _decisions_before(move) if d.post is not None]
    return set(Post.objects.filter(pk__in=posts).values_list("organisation_id", flat=True))


def _decisions_before(move: Move) -> Iterator[Decision]:
    """The decision that this remedy was sought against, then the one that was challenged before it, and so on."""
    procedure, number, origin_id = move.procedure, move.case.number, move.case.origin_id
    while procedure.challenge is not None and origin_id is not None:
        origin = Case.objects.get(pk=origin_id)
        told = Record.objects.filter(case_id=origin_id, action=REMEDY_OPENED.code)
        notes = [json.loads(facts)["note"] for facts in told.values_list("facts", flat=True)]
        challenged = {note["seq"] for note in notes if note.get(LINKED_CASE) == number}
        yield from (d for d in _decisions(origin)[0] if d.seq in challenged)
        procedure, number, origin_id = procedure_of(origin.version_id), origin.number, origin.origin_id


def note_on(case_id: int, action: Action, move: Move, facts: dict[str, Any]) -> None:
    """Append a record about `move`'s case to another case."""
    state = hot.lock_case(case_id)
    if state is None:
        return
    hot.stand(state)
    procedure = procedure_of(state.version_id)
    other = Move(
        state, procedure, procedure.steps[state.step], action, {}, SYSTEM, max(move.at, state.last_at)
    )
    about = {
        LINKED_CASE: move.case.number,
        "procedure": move.procedure.title.as_dict(),
        "how": move.procedure.steps[move.case.step].title.as_dict(),
        "outcome": move.case.outcome,
    }
    note(other, {**about, **facts})


def linked_ended(move: Move, act: Any) -> None:
    """What the end of a linked case brings about in the case that it came from (关联办件办结后)."""
    origin_id = move.case.origin_id
    if origin_id is None:
        return
    state = hot.lock_case(origin_id)
    if state is None or state.historic:
        return
    procedure = procedure_of(state.version_id)
    waited = (move.procedure.code, f"{move.procedure.code}:{move.case.outcome}")
    for action in procedure.actions_at(state.step):
        if set(waited) & set(action.after) and not (action.resumes and state.status != "suspended"):
            try:
                act(Case.objects.get(pk=origin_id), action.code, _reason(action, move), by=SYSTEM, at=move.at)
            except LinliError:
                break  # it has moved on in a way that leaves nothing to do; the record below says what came
            return
    # Where nobody outside the office has to do with it, the party of the first case is not told of it either.
    note_on(
        origin_id,
        LINKED_ENDED,
        move,
        {} if concerns_a_party(move.procedure) else {OFFICES_ALONE: True},
    )


def _reason(action: Action, move: Move) -> dict[str, Any]:
    """Why the system takes back what was made public (撤回公开的理由): the case that ended, and with what."""
    if "reason" not in (*action.form, *action.optional):
        return {}
    ended = move.procedure.steps[move.case.step].title
    return {
        "reason": f"“{move.procedure.title.zh}”{move.case.number} 的结果：{ended.zh}。 "
        f"{move.procedure.title.en} {move.case.number} ended: {ended.en}."
    }


def hand_on(target: Procedure, move: Move) -> dict[str, Any]:
    """What the opened case is told (随案移交): entries of this act, then the case's public facts, by the same code."""
    known = {**move.case.facts, **move.data}
    return {code: known[code] for code in target.open_form if known.get(code) not in (None, "", [])}
