"""What the place that decides says of an application that was received here (办理地的消息): only the system enters it."""

from __future__ import annotations

from typing import Any

from linli.base import clock
from linli.base.errors import LinliError, Refused
from linli.base.i18n import Text
from linli.domains.matters import cross_rules as rules
from linli.domains.matters.cross_files import unpacked
from linli.domains.matters.cross_models import ELECTRONIC, OUT, PLATFORM, SENT, CrossCase, Handover
from linli.domains.matters.cross_words import meant, text_in, words_in
from linli.kernel.exchange.models import Message
from linli.kernel.exchange.registry import Incoming
from linli.kernel.people.actors import SYSTEM
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case


def application_answered(row: Message, answer: dict[str, Any]) -> None:
    """The other place has opened its case (办理地已收件)."""
    cross = _ours(row)
    if cross is not None:
        _arrived(cross, text_in(answer, "number", most=40), words_in(answer, "step"), key=str(row.key))


def application_refused(row: Message, why: Text) -> None:
    """Its installation will not take it like this: the window hears why, mends it, and sends it again."""
    cross = _ours(row)
    if cross is not None:
        engine.act(
            cross.case,
            "not_taken",
            {"their_words": why.as_dict()},
            by=SYSTEM,
            client_key=f"{row.key}:refused",
        )


def message_refused(row: Message, why: Text) -> None:
    """A later message was not taken (后续消息对方没有收): it stands in the case, for the window to see to."""
    cross = _ours(row)
    if cross is not None:
        step = Text("办理地的平台没有收这一次的内容", "The other installation did not take this")
        data = {"their_step": step.as_dict(), "their_words": why.as_dict()}
        engine.act(cross.case, "moved", data, by=SYSTEM, client_key=f"{row.key}:refused")


def _ours(row: Message) -> CrossCase | None:
    rows = CrossCase.objects.select_related("case", "peer")
    return rows.filter(side=SENT, peer_id=row.peer_id, case__number=row.case_number).first()


def _arrived(cross: CrossCase, number: str, step: Text | None, *, key: str) -> None:
    at = clock.now()
    if not number or cross.other_number == number:
        return
    CrossCase.objects.filter(pk=cross.pk).update(other_number=number)
    cross.other_number = number
    taken = Handover.objects.filter(
        case_id=cross.case_id, direction=OUT, way=ELECTRONIC, took_at__isnull=True
    )
    taken.update(took=f"{cross.peer.name} {PLATFORM}"[:200], took_at=at)
    cross.case.refresh_from_db()
    if cross.case.step == "sent":
        said = step or Text("已收件", "Received")
        data = {"their_number": number, "their_step": said.as_dict()}
        engine.act(cross.case, "arrived", data, by=SYSTEM, client_key=f"{key}:arrived")


def prepare_files(incoming: Incoming) -> list[str]:
    """Keep the files of a message before anything is locked (先存文件)."""
    return unpacked(incoming.body.get("files") or [], owner=f"key:{incoming.key}")


def on_news(incoming: Incoming) -> dict[str, Any]:
    """Enter what the other place says (登记办理地的动态): a step further, something to correct, or its decision."""
    cross, body = meant(incoming, SENT), incoming.body
    _arrived(cross, incoming.case_number, None, key=str(incoming.key))
    cross.case.refresh_from_db()
    what, step = body.get("what"), words_in(body, "step") or Text("有进展", "It moved on")
    data: dict[str, Any] = {"their_step": step.as_dict()}
    if words := words_in(body, "words"):
        data["their_words"] = words.as_dict()
    if incoming.prepared:
        data["their_files"] = incoming.prepared
    action = "moved"
    if cross.case.ended_at is not None:
        if cross.case.step != "archived" or what == rules.ENDED:
            return {"noted": True}  # withdrawn here: that it ended there, too, changes nothing
        action = "taken_up_again"
    elif what == rules.ENDED:
        action, outcome = "decided", body.get("outcome")
        known = {"granted", "not_granted", "not_accepted", "withdrawn"}
        data["their_outcome"] = outcome if outcome in known else "other"
    elif what == rules.ASKED and cross.case.step == "there":
        action = "asked"
        data.setdefault("their_words", step.as_dict())
    _enter(cross.case, action, data, key=str(incoming.key))
    return {"noted": True}


def _enter(case: Case, action: str, data: dict[str, Any], *, key: str) -> None:
    try:
        engine.act(case, action, data, by=SYSTEM, client_key=key)
    except LinliError as error:
        raise Refused("matters.not_entered", error.message) from error
