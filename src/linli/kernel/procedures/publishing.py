"""What a case shows in public (办件与公示的衔接): the engine calls these, inside its own transaction.

The room of publicity knows no cases; here a step or an act says what of the case is shown. Facts that are public in the
procedure's file are shown, a field marked `masked` is shown masked, and nothing else ever is; the names of the case's
parties are masked in free words too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from linli.base.clock import now
from linli.base.codes import mask_name
from linli.base.i18n import Text
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area
from linli.kernel.procedures.clocks import period_text
from linli.kernel.procedures.definitions import FieldDef, Step
from linli.kernel.procedures.fields import show_value
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.state import CaseState, Move
from linli.kernel.publicity import services
from linli.kernel.publicity.models import NOTICE, RESULT, SHOWN, WITHDRAWN, Publication
from linli.kernel.publicity.wording import Fact
from linli.kernel.records.models import ErasableFact

MASKED_AS = {"phone": "phone", "id_number": "id"}
NOT_SHOWN = frozenset(
    {"photos", "files", "voice", "case_number"}
)  # a file or another case is not for everybody

GIVEN_UP = "申请人撤回了申请，不再公示。 The applicant withdrew the application."
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def show(move: Move, step: Step, *, until_at: datetime, provisional: bool = False) -> None:
    """A step of publicity is entered (开始公示): its facts go on show until the lead task's due time."""
    showing = step.publicity
    if showing is None:
        return
    services.publish(
        **_whose(move),
        part=step.code,
        title=move.procedure.title,
        kind=NOTICE,
        facts=_facts(move, showing.fields),
        until_at=until_at,
        provisional=provisional,
        period=period_text(showing.period),
        places=showing.places,
        basis=showing.basis or "；".join(move.procedure.basis),
        objection=showing.objection,
    )


def publish_result(move: Move) -> None:
    """An act makes facts public (结果公开). The same act done again takes the place of what it showed before."""
    action = move.action
    if not action.publishes:
        return
    for former in _on_show(move.case.id).filter(kind=RESULT, part=action.code):
        services.end(former, at=move.at)
    services.publish(
        **_whose(move),
        part=action.code,
        title=move.procedure.title,
        kind=RESULT,
        facts=_facts(move, action.publishes),
        basis=str(move.case.facts.get("legal_basis") or "；".join(move.procedure.basis)),
    )


def not_yet(move: Move) -> Text | None:
    """Why a step of publicity cannot be left now (公示未满的原因). Taking it back is always possible, and so is a party's
    giving up what they asked for."""
    if not _leaves(move) or move.action.withdraws or _given_up(move):
        return None
    for shown in _on_show(move.case.id).filter(kind=NOTICE, part=move.step.code):
        if refusal := services.may_not_end(shown, move.at):
            return refusal.message
    return None


def close(move: Move) -> None:
    """The act takes back what the case shows (撤回), or leaves its step of publicity (公示结束)."""
    if move.action.withdraws:
        for shown in Publication.objects.filter(case_id=move.case.id).exclude(state=WITHDRAWN):
            services.withdraw(
                shown,
                reason=_without(_names_of_parties(move)["text"], str(move.data.get("reason", ""))),
                document=str(move.data.get("document", "")),
                at=move.at,
            )
    elif _leaves(move):
        for shown in _on_show(move.case.id).filter(kind=NOTICE, part=move.step.code):
            if _given_up(move) and services.may_not_end(shown, move.at):
                services.withdraw(shown, reason=GIVEN_UP, at=move.at)
            else:
                services.end(shown, at=move.at)


def moved(case_id: int, until_at: datetime, *, provisional: bool = False, at: datetime | None = None) -> None:
    """The lead task of a step of publicity is due at another time (公示截止时间随待办调整)."""
    for shown in _on_show(case_id).filter(kind=NOTICE):
        services.move_end(shown, until_at=until_at, provisional=provisional, at=at)


def objection_opened(original_case_id: int, objection_number: str, at: datetime | None = None) -> bool:
    """A case came out of another (提出异议); if it is the way to object to what that one shows, it is counted.

    May be asked of every case that comes out of another: False for what is no objection. Refuses
    `publicity.not_shown` where the notice came down in this very moment: nobody objects to what was decided meanwhile.
    """
    notices = Publication.objects.filter(case_id=original_case_id, kind=NOTICE)
    shown = notices.exclude(objection="").order_by("-id").first()
    if shown is None:
        return False
    opened = Case.objects.filter(number=objection_number).values_list("procedure", flat=True).first()
    if opened != shown.objection:
        return False
    services.objection_opened(shown, case_number=objection_number, at=at or now())
    return True


def objection_ended(objection_number: str, outcome: str = "", at: datetime | None = None) -> bool:
    """A case has ended (异议办结); False if it is no objection. To be called before what waits for its end."""
    found = services.objection_answered(objection_number, outcome=outcome, at=at or now())
    return found is not None


def _leaves(move: Move) -> bool:
    return move.step.kind == "publicity" and bool(move.to) and move.to != move.step.code


def _given_up(move: Move) -> bool:
    """The party itself ends its case (当事人撤回申请): there is nothing left to object to."""
    by_party = move.hat is None and move.actor.kind != "system"
    return by_party and bool(move.to) and move.procedure.steps[move.to].kind == "end"


def _on_show(case_id: int) -> Any:
    return Publication.objects.filter(case_id=case_id, state=SHOWN)


def _whose(move: Move) -> dict[str, Any]:
    case = move.case
    return {
        "case_id": case.id,
        "case_number": case.number,
        "procedure": move.procedure.code,
        "area": Area.objects.get(pk=case.area_id),
        "organisation_id": move.hat.organisation_id if move.hat else case.lead_id or case.window_id,
        "at": move.at,
    }


def _facts(move: Move, codes: Iterable[str]) -> list[Fact]:
    found = []
    names = _names_of_parties(move)
    for code in codes:
        definition = move.procedure.fields.get(code)
        if definition is None or definition.internal or definition.type in NOT_SHOWN:
            continue
        value = _value(move, definition)
        if value in (None, "", []):
            continue
        if definition.masked:
            mask = MASKED_AS.get(definition.type, "name")
            found.append(Fact(code, definition.title, str(value), mask=mask))
            continue
        if definition.type in names:
            value = _without(names[definition.type], str(value))
        found.append(Fact(code, definition.title, _in_words(definition, value)))
    return found


def _names_of_parties(move: Move) -> dict[str, list[str]]:
    """Whose names do not stand in free words either (自由文字里的当事人姓名), by the type of field. What an organisation is
    called is public, even where its owner's name is part of it."""
    known = [Person.objects.filter(pk=move.case.applicant_id or 0).values_list("name", flat=True).first()]
    fields = move.procedure.fields.values()
    known += [_value(move, field) for field in fields if field.masked and field.type not in MASKED_AS]
    names = sorted({str(n).strip() for n in known if n and len(str(n).strip()) > 1}, key=len, reverse=True)
    organisation = any(field.type == "uscc" and move.case.facts.get(field.code) for field in fields)
    return {"text": names} if organisation else {"text": names, "string": names}


def _without(names: Iterable[str], words: str) -> str:
    for name in names:
        words = words.replace(name, mask_name(name))
    return words


def _in_words(definition: FieldDef, value: Any) -> Text | str:
    if definition.type == "date":
        day = date.fromisoformat(str(value))
        return Text(
            f"{day.year} 年 {day.month} 月 {day.day} 日", f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        )
    shown = show_value(definition, value)
    return shown if isinstance(shown, Text) else str(shown)


def _value(move: Move, definition: FieldDef) -> Any:
    """A public fact from the case; a masked one from this act or, sealed, from an earlier one. Nothing else."""
    if definition.public and not definition.personal:
        return move.case.facts.get(definition.code)
    if not definition.masked:
        return None
    if definition.code in move.data:
        return move.data[definition.code]
    return _sealed(move.case, definition.code)


def _sealed(case: CaseState, code: str) -> Any:
    fact = ErasableFact.objects.filter(case_id=case.id, name=code).order_by("-seq").first()
    return open_fact(bytes(fact.value)) if fact else None
