"""What the other end says about a dispute on responsibility (对方关于责任协商的消息). Only the system enters it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text
from linli.domains.matters import cross_dispute_rules as rules
from linli.domains.matters.cross_dispute import not_entered, open_dispute, open_end, place_of
from linli.domains.matters.cross_models import CrossCase, CrossDispute, Handover
from linli.domains.matters.cross_words import DISPUTE, meant, text_in
from linli.kernel.exchange.models import Message
from linli.kernel.exchange.registry import Incoming
from linli.kernel.people.actors import SYSTEM
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.models import Case

Answer = dict[str, Any]
RULING = ("responsible", "ruling", "document_number", "ruled_on")
REFERRAL = ("superior", "referred_on", "reference")


def on_dispute(incoming: Incoming) -> Answer:
    """Open our end of a dispute that the other place raised (对方提出责任协商): at the window or in the office that decides.

    Refuses a case that was never handed over between the two, and one for which a dispute is open; of two that crossed
    on the way the earlier stands, at both ends.
    """
    cross, uid = meant(incoming), _uid(incoming)
    if known := CrossDispute.objects.select_related("case").filter(uid=uid).first():
        if known.cross_id != cross.pk or known.raised_here:
            raise _no_such()
        return {"number": known.case.number}
    _give_way(cross, uid, incoming)
    body = incoming.body
    data: dict[str, Any] = {
        "about": text_in(body, "about", most=20),
        "claim": text_in(body, "claim", most=2000),
        "papers": text_in(body, "papers", most=300),
        "slips": _slips_known(cross, body.get("slips")),
        "their_clerk": text_in(body, "raised_by"),
    }
    key, at = str(incoming.key), incoming.at
    receipt = open_end(cross, rules.ASKED, data, by=SYSTEM, client_key=key, at=at)
    case = Case.objects.get(number=receipt.number)
    number = text_in(body, "number", most=40)
    CrossDispute.objects.create(
        case=case, cross=cross, uid=uid, raised_here=False, about=data["about"], other_number=number
    )
    engine.act(case, place_of(cross), by=SYSTEM, at=at)
    return {"number": receipt.number}


def _give_way(cross: CrossCase, theirs: UUID, incoming: Incoming) -> None:
    ours = open_dispute(cross)
    if ours is None or not ours.raised_here:
        return  # if one of theirs is open, the second is refused where it opens
    hot.lock_case(ours.case_id)
    if rules.overtakes(theirs, ours.uid, confirmed=bool(ours.other_number)):
        engine.act(ours.case, "overtaken", by=SYSTEM, client_key=f"{incoming.key}:overtaken", at=incoming.at)


def _slips_known(cross: CrossCase, said: Any) -> list[str]:
    """Slips lie here under the same id as there."""
    named = [s for s in said if isinstance(s, str)][:60] if isinstance(said, list) else []
    own = {str(uid) for uid in Handover.objects.filter(case_id=cross.case_id).values_list("uid", flat=True)}
    return [uid for uid in named if uid in own]


def on_answer(incoming: Incoming) -> Answer:
    """Enter what they answer (登记对方的答复): they take it, or do not agree. It counts after the time, too."""
    dispute = _named(incoming, raised_here=True)
    body, what = incoming.body, incoming.body.get("what")
    by = {"their_clerk": clerk} if (clerk := text_in(body, "by")) else {}
    if what == rules.TAKEN_ON:
        data = {"plan": text_in(body, "plan", most=1000), "done_by": text_in(body, "done_by", most=10)}
        return _enter(dispute, "taken_there", {**data, **by}, incoming)
    if what == rules.NOT_AGREED:
        action = "not_agreed" if dispute.case.step == rules.UNANSWERED else "answered_late"
        return _enter(dispute, action, {"grounds": text_in(body, "grounds", most=2000), **by}, incoming)
    raise _unreadable()


def on_referred(incoming: Incoming) -> Answer:
    """They referred it to the common superior (对方已报共同上级)."""
    data = {code: text_in(incoming.body, code) for code in REFERRAL}
    return _enter(_named(incoming, raised_here=False), "referred_there", data, incoming)


def on_ruled(incoming: Incoming) -> Answer:
    """The ruling, as the other end entered it (对方登记了裁定)."""
    data = {code: text_in(incoming.body, code, most=2000) for code in RULING}
    return _enter(_named(incoming), "ruled_there", data, incoming)


def on_withdrawn(incoming: Incoming) -> Answer:
    """They withdrew what they had raised (对方撤回)."""
    words = text_in(incoming.body, "note", most=2000)
    data = {"note": words} if words else {}
    return _enter(_named(incoming, raised_here=False), "withdrawn_there", data, incoming)


def dispute_answered(row: Message, answer: Answer) -> None:
    """The other end has opened its case (对方已立案)."""
    dispute = _told_of(row)
    if dispute is not None:
        number = text_in(answer, "number", most=40)
        CrossDispute.objects.filter(pk=dispute.pk).update(other_number=number)


def dispute_refused(row: Message, why: Text) -> None:
    """Its installation will not take it, or a later message about it: our case says so, and goes on to the superior. Of one
    that has ended here nothing more is said; the message stands among the refused ones on that installation's page."""
    dispute = _told_of(row)
    if dispute is None:
        return
    if row.kind == DISPUTE:
        CrossDispute.objects.filter(pk=dispute.pk).update(not_taken=True)
    if dispute.case.ended_at is not None:
        return
    first = row.kind == DISPUTE and dispute.case.step == rules.UNANSWERED
    action = "not_taken" if first else "message_refused"
    data = {"their_words": why.as_dict()}
    engine.act(dispute.case, action, data, by=SYSTEM, client_key=f"{row.key}:refused")


def _told_of(row: Message) -> CrossDispute | None:
    body = json.loads(row.body)["body"]
    rows = CrossDispute.objects.select_related("case")
    return rows.filter(uid=text_in(body, "uid", most=36), cross__peer_id=row.peer_id).first()


def _named(incoming: Incoming, *, raised_here: bool | None = None) -> CrossDispute:
    """The dispute that a message is about, locked. Refuses one that the two ends do not have between them."""
    cross, uid = meant(incoming), _uid(incoming)
    rows = CrossDispute.objects.filter(uid=uid, cross_id=cross.pk)
    if raised_here is not None:
        rows = rows.filter(raised_here=raised_here)
    found = rows.first()
    if found is None:
        raise _no_such()
    hot.lock_case(found.case_id)
    return CrossDispute.objects.select_related("case").get(pk=found.pk)


def _enter(dispute: CrossDispute, action: str, data: dict[str, Any], incoming: Incoming) -> Answer:
    if dispute.case.ended_at is not None:
        return {
            "noted": False
        }  # settled here meanwhile: the first end stands, and there is nothing left to do
    try:
        engine.act(dispute.case, action, data, by=SYSTEM, client_key=str(incoming.key), at=incoming.at)
    except LinliError as error:
        raise not_entered(error) from error
    return {"noted": True}


def _uid(incoming: Incoming) -> UUID:
    try:
        return UUID(text_in(incoming.body, "uid", most=36))
    except ValueError as error:
        raise _unreadable() from error


def _unreadable() -> Invalid:
    return Invalid(
        "matters.bad_dispute",
        Text(
            "这条责任协商的消息读不出来，没有收。请核对两边的版本。",
            "This message about a dispute cannot be read and was not taken. Compare the versions of both installations.",
        ),
    )


def _no_such() -> Refused:
    return Refused(
        "matters.no_such_dispute",
        Text(
            "两地之间没有这一件责任协商，没有收。请核对编号。",
            "There is no such dispute between us, so nothing was taken. Check its number.",
        ),
    )
