"""Disputes on responsibility between the two ends of an application (跨区域责任协商): the verb, and what its steps say to the
other end. What comes from there: `cross_dispute_there`.

The application is not touched: no clock of it stops, nobody is asked for anything. Of the applicant's page see
`cross_dispute_faces`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from linli.base.errors import Invalid, LinliError, NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.domains.matters import cross_dispute_rules as rules
from linli.domains.matters.cross_models import SENT, TAKEN, CrossCase, CrossDispute, Handover
from linli.domains.matters.cross_words import (
    DISPUTE,
    DISPUTE_ANSWER,
    DISPUTE_REFERRED,
    DISPUTE_RULED,
    DISPUTE_WITHDRAWN,
    say,
    who_gave,
)
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import at_work_on
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move, Receipt
from linli.kernel.procedures.visibility import visible_to

CODE = "responsibility-dispute"


def end_of(case_id: int | None) -> CrossCase | None:
    return CrossCase.objects.select_related("case", "peer").filter(case_id=case_id or 0).first()


def open_dispute(cross: CrossCase) -> CrossDispute | None:
    """The dispute that is open for an application (在办的责任协商): there is at most one."""
    rows = CrossDispute.objects.select_related("case").filter(cross_id=cross.pk, case__ended_at__isnull=True)
    return rows.order_by("case_id").first()


def may_raise(cross: CrossCase, actor: Actor) -> bool:
    """Whether somebody may question who is responsible (能否提出责任协商): a clerk for the area where it was received, an
    examiner of the office that decides; never its party."""
    return _post(cross, actor) is not None and at_work_on(cross.case, actor)


def _post(cross: CrossCase, actor: Actor) -> Hat | None:
    if cross.side == SENT:
        found = (h for h in actor.hats if "clerk" in h.roles and h.covers(cross.case.grid))
    else:
        own = cross.case.lead_id
        found = (h for h in actor.hats if "examiner" in h.roles and h.organisation_id == own)
    return next(found, None)


def raise_dispute(
    case: Case,
    *,
    by: Actor,
    about: str,
    claim: str,
    papers: str = "",
    slips: Sequence[str] = (),
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Question who is responsible for something in an application of two places (提出跨区域责任协商).

    Refuses a case that is not cross-region, one that the other place does not have yet, a second dispute while one is
    open, and whoever's post does not cover it. Opens a case of its own and tells the other end, which answers within
    three working days, a sample; the application goes on as it was.
    """
    if not visible_to(by).filter(pk=case.pk).exists():
        raise absent(Text("办件", "case"))
    cross = end_of(case.pk)
    if cross is None:
        raise rules.not_cross_region()
    data = {"about": about, "claim": claim, "papers": papers, "slips": list(slips)}
    return open_end(cross, rules.RAISED, data, by=by, client_key=client_key, at=at)


def open_end(
    cross: CrossCase,
    stance: str,
    data: dict[str, Any],
    *,
    by: Actor,
    client_key: str | None,
    at: datetime | None,
) -> Receipt:
    """Open our end of a dispute (立案): the application is where it came from."""
    return engine.open_case(
        CODE,
        by=by,
        area=Area.objects.get(pk=cross.case.area_id),
        data={"stance": stance, **{code: value for code, value in data.items() if value not in ("", [])}},
        channel="case",
        title=f"责任协商：{cross.case.title}"[:60],
        origin_id=cross.case_id,
        client_key=client_key,
        at=at,
        by_case=True,
    )


# ------------------------------------------------------------------------------------------ what the steps bring about


@effect("matters.dispute_opened")
def opened(move: Move) -> None:
    """Refuse what may not be raised; give the case to the ends' own offices; tell the other end (告知对方)."""
    cross = end_of(move.case.origin_id)
    if cross is None:
        raise rules.not_cross_region()
    hot.lock_case(cross.case_id)  # of two who raise one at once, the second finds the first
    ours = move.data["stance"] == rules.RAISED or move.actor.kind != "system"
    if ours:
        _admit(cross, move.actor)
        move.hat = _post(cross, move.actor)
    if known := open_dispute(cross):
        raise rules.open_already(known.case.number)
    _own_slips(cross, move.data.get("slips", []))
    # Ours are the people of the office that decides, or of the window that received it.
    office = move.hat.organisation_id if move.hat else cross.case.window_id
    move.case.lead_id = cross.case.lead_id if cross.side == TAKEN else office

    def keep(m: Move) -> None:
        _take_part(m)
        if ours:
            _tell_raised(
                m,
                CrossDispute.objects.create(
                    case_id=m.case.id, cross=cross, raised_here=True, about=m.data["about"]
                ),
            )

    move.then(keep)


def _take_part(move: Move) -> None:
    if move.case.lead_id is not None:
        hot.take_part(move.case.id, [("org", move.case.lead_id, "lead")])


def _admit(cross: CrossCase, by: Actor) -> None:
    if not may_raise(cross, by):
        raise NotAllowed(
            "matters.not_your_dispute",
            Text(
                "责任协商由收件地的窗口人员或办理单位的审批人员提出，您目前的岗位不能提。请告诉经办的同事。",
                "A dispute is raised by the clerks where it was received or the licensing officers of the office that "
                "decides; your posts do not allow it. Tell the colleague who has the case.",
            ),
        )
    if not cross.other_number:
        raise rules.not_there_yet()


def _own_slips(cross: CrossCase, named: list[str]) -> None:
    if Handover.objects.filter(case_id=cross.case_id, uid__in=named).count() < len(named):
        words = Text("请从这一件的交接单里选。", "Choose among the slips of this application.")
        raise Invalid("matters.bad_slips", words, fields={"slips": words})


def _tell_raised(move: Move, dispute: CrossDispute) -> None:
    body = {
        "about": move.data["about"],
        "claim": move.data["claim"],
        "papers": move.data.get("papers", ""),
        "slips": move.data.get("slips", []),
        "raised_by": who_gave(move.actor, move.hat),
        "number": move.case.number,
    }
    say(dispute.cross, DISPUTE, {"uid": str(dispute.uid), **body}, at=move.at)


def _tells(kind: str, body: Callable[[Move], dict[str, Any]]) -> Callable[[Move], None]:
    """Have the other end hear of an act; an installation that did not take the dispute hears nothing more of it."""

    def tell(move: Move) -> None:
        rows = CrossDispute.objects.select_related("cross", "cross__case", "cross__peer")
        dispute = rows.get(case_id=move.case.id)
        if not dispute.not_taken:
            say(dispute.cross, kind, {"uid": str(dispute.uid), **body(move)}, at=move.at)

    return lambda move: move.then(tell)


def _answer(move: Move) -> dict[str, Any]:
    what = rules.TAKEN_ON if "plan" in move.data else rules.NOT_AGREED
    return {"what": what, **move.data, "by": who_gave(move.actor, move.hat)}


_tell_answer = _tells(DISPUTE_ANSWER, _answer)


@effect("matters.dispute_answered")
def answered(move: Move) -> None:
    """Tell our answer (告知答复). The window that answers for an application made online is the one that has it from now."""
    if move.case.lead_id is None and move.hat is not None:
        move.case.lead_id = move.hat.organisation_id
        move.then(_take_part)
    _tell_answer(move)


effect("matters.dispute_referred")(_tells(DISPUTE_REFERRED, lambda move: dict(move.data)))
effect("matters.dispute_ruled")(_tells(DISPUTE_RULED, lambda move: dict(move.data)))
effect("matters.dispute_withdrawn")(_tells(DISPUTE_WITHDRAWN, lambda move: dict(move.data)))


@guard("matters.dispute_ours")
def ours_alone(move: Move) -> Text | None:
    """Only who raised it withdraws it."""
    if CrossDispute.objects.filter(case_id=move.case.id, raised_here=True).exists():
        return None
    return Text(
        "这一件是对方提出的，由对方撤回。同意的，请办“由我方承担”。",
        "The other place raised it and may withdraw it. If you agree, take it on.",
    )


def place_of(cross: CrossCase) -> str:
    """Where our end of the application is dealt with: at the window, or in the office that decides."""
    return "to_office" if cross.side == TAKEN and cross.case.lead_id is not None else "to_window"


def not_entered(error: LinliError) -> Refused:
    return Refused("matters.not_entered", error.message)
