"""Deciding for somebody in another place (为异地申请人办理): the end at which the matter belongs.

The case runs under the matter's own procedure, as if the applicant had come here. What its record says, and what the
applicant may read of it, is told to the place that received it: read from the record by the worker, from where it stopped.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import F

from linli.base import clock
from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text, text_from
from linli.domains.matters import cross_rules as rules
from linli.domains.matters import form, handing
from linli.domains.matters.applying import apply, known_for
from linli.domains.matters.cross_files import packed
from linli.domains.matters.cross_models import ELECTRONIC, PLATFORM, TAKEN, CrossCase
from linli.domains.matters.cross_words import NEWS, meant, say, text_in
from linli.domains.matters.queries import matter_in_force, spec_of
from linli.domains.matters.spec import MatterSpec
from linli.kernel.exchange.models import Peer
from linli.kernel.exchange.registry import Incoming
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.known import Known
from linli.kernel.people.models import Person
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import EntryView, files_of, timeline
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.hot import one_transaction
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.records.models import Record

AT_ONCE = 20
UNTOLD = frozenset({"rate", "open"})


def on_application(incoming: Incoming) -> dict[str, Any]:
    """Open a case for an applicant of another place (收下异地申请). Refuses a matter that is not in force here or is not to be
    received elsewhere, and whatever its own form refuses."""
    body = incoming.body
    area = area_by_code(incoming.county)
    version = matter_in_force(text_in(body, "matter", most=36), clock.local(incoming.at).date(), area)
    spec = spec_of(version)
    if not rules.received_elsewhere(spec.scope):
        raise Refused(
            "matters.not_received_elsewhere",
            Text(
                f"“{spec.title.zh}”没有列为通办事项，请申请人到本地窗口办。",
                f"“{spec.title.en}” is not received elsewhere; the applicant has to come to a window here.",
            ),
        )
    person = _applicant(body)
    receipt = _open(incoming, spec, area, person)
    case = Case.objects.get(number=receipt.number)
    cross = CrossCase.objects.create(
        case=case,
        side=TAKEN,
        peer=incoming.peer,
        county=area.code,
        matter=spec.code,
        title=spec.title.zh,
        title_en=spec.title.en,
        papers=body["list"] if isinstance(body.get("list"), list) else [],
        other_number=incoming.case_number,
        told_seq=case.seq,
    )
    for said in body.get("handovers") or ():
        if isinstance(said, dict):
            took = f"{area.title.zh} {PLATFORM}" if said.get("way") == ELECTRONIC else ""
            handing.came(cross, said, at=incoming.at, took=took)
    step = procedure_of(case.version_id).steps[case.step]
    return {"number": receipt.number, "step": (step.public_words or step.title).as_dict()}


def _applicant(body: dict[str, Any]) -> Person:
    said = body.get("applicant")
    entry = (
        {code: text_in(said, code) for code in ("name", "phone", "id_number")}
        if isinstance(said, dict)
        else {}
    )
    if not (entry.get("name") and entry.get("phone")):
        raise Invalid(
            "matters.no_applicant",
            Text("缺申请人的姓名或电话。", "The applicant's name or phone is missing."),
        )
    return find_or_create_person(entry["name"], entry["phone"], entry["id_number"], by=SYSTEM)


def _open(incoming: Incoming, spec: MatterSpec, area: Area, person: Person) -> Receipt:
    """Apply in the applicant's name (以申请人名义提出), by the same door as everybody here."""
    body, asked = incoming.body, form.form_of(spec)
    ours = known_for(person, asked, spec)
    # What our registers know is not for the other place to say, nor to hear from us.
    kept = {
        f.code
        for f in asked.fields
        if f.prefilled and f.element in ours and not f.element.startswith(form.OF_ANOTHER)
    }
    answers = {code: value for code, value in _said(body, "answers").items() if code not in kept}
    return apply(
        spec.code,
        by=SYSTEM,
        area=area,
        channel="api",
        answers=answers,
        papers=_said(body, "papers"),
        files=incoming.prepared,
        applicant=person,
        told=_told(spec, answers, _said(body, "known"), incoming.peer.title),
        client_key=str(incoming.key),
        at=incoming.at,
    )


def _told(spec: MatterSpec, answers: dict[str, Any], known: dict[str, Any], there: Text) -> dict[str, Known]:
    """What registers of the place that received it say (代收地登记的内容), by element: its source names that place."""
    found = {}
    for f in spec.questions:
        said = known.get(f.code)
        if not (
            f.prefilled and f.element and isinstance(said, dict) and form.is_clean(f, answers.get(f.code))
        ):
            continue
        source, day = said.get("source"), text_in(said, "as_of")
        if not (isinstance(source, list) and len(source) == 2 and all(isinstance(w, str) for w in source)):
            continue
        try:
            as_of = date.fromisoformat(day)
        except ValueError:
            continue
        words = Text(f"{there.zh}：{source[0][:80]}", f"{there.en}: {source[1][:120]}")
        found[f.element] = Known(answers[f.code], words, as_of)
    return found


def _said(body: dict[str, Any], code: str) -> dict[str, Any]:
    value = body.get(code)
    return value if isinstance(value, dict) else {}


def on_correction(incoming: Incoming) -> dict[str, Any]:
    """Hand in the corrections in the applicant's name (代交补正材料)."""
    cross, body = meant(incoming, TAKEN), incoming.body
    data: dict[str, Any] = {"corrected": text_in(body, "corrected", most=2000)}
    if incoming.prepared:
        data["files"] = incoming.prepared
    _act(cross, "correct", data, incoming)
    for said in body.get("handovers") or ():
        if isinstance(said, dict):
            took = (
                f"{area_by_code(cross.county).title.zh} {PLATFORM}" if said.get("way") == ELECTRONIC else ""
            )
            handing.came(cross, said, at=incoming.at, took=took)
    return {"noted": True}


def on_withdrawn(incoming: Incoming) -> dict[str, Any]:
    """Withdraw in the applicant's name (代为撤回)."""
    _act(meant(incoming, TAKEN), "withdraw", {}, incoming)
    return {"noted": True}


def on_delivered(incoming: Incoming) -> dict[str, Any]:
    """The applicant has the result over there (异地已送达)."""
    cross = meant(incoming, TAKEN)
    try:
        day = date.fromisoformat(text_in(incoming.body, "on"))
    except ValueError:
        day = clock.local(incoming.at).date()
    CrossCase.objects.filter(pk=cross.pk).update(delivered_on=day)
    return {"noted": True}


def _act(cross: CrossCase, action: str, data: dict[str, Any], incoming: Incoming) -> None:
    try:
        engine.act(
            cross.case, action, data, by=_applicant_of(cross), client_key=str(incoming.key), at=incoming.at
        )
    except LinliError as error:
        raise Refused("matters.not_entered", error.message) from error


def _applicant_of(cross: CrossCase) -> Actor:
    """Through the place that received it, the applicant acts (经代收地，由申请人本人)."""
    return Actor("resident", person_id=cross.case.applicant_id, channel="api")


# ------------------------------------------------------------------------------------------ telling the other end


def tell_news() -> int:
    """The follower's turn (告知代收地): what the records of handed-over cases say since the last time."""
    behind = CrossCase.objects.filter(side=TAKEN, case__seq__gt=F("told_seq")).values_list("pk", flat=True)
    return sum(_tell(pk) for pk in behind[:AT_ONCE])


def _tell(pk: int) -> int:
    with one_transaction():
        cross = CrossCase.objects.select_related("case", "peer").select_for_update(of=("self",)).get(pk=pk)
        case, at = cross.case, clock.now()
        entries = {e.seq: e for e in timeline(case, _applicant_of(cross)) if e.seq > cross.told_seq}
        rows = Record.objects.filter(case_id=pk, seq__in=entries).order_by("seq")
        procedure = procedure_of(case.version_id)
        n = 0
        for row in rows:
            if row.action in UNTOLD or row.actor_kind in {"resident", "reporter"}:
                continue  # what came from there is known there
            say(cross, NEWS, _news(case, procedure, row, entries[row.seq], cross), at=at)
            n += 1
        CrossCase.objects.filter(pk=pk).update(told_seq=case.seq)
    return n


def _news(
    case: Case, procedure: Procedure, row: Record, entry: EntryView, cross: CrossCase
) -> dict[str, Any]:
    action = procedure.action(row.from_step, row.action) if row.from_step in procedure.steps else None
    to = procedure.steps.get(row.to_step)
    facts = [rules.fact_line(f.title, _value(f.value)) for f in entry.facts if not f.erased]
    words = rules.with_words(*facts, _remedy(action, cross.peer, case))
    files = [f for f in files_of(case, _applicant_of(cross)) if f.seq == row.seq]
    return {
        "what": rules.news_of(action, to),
        "step": entry.title.as_dict(),
        "words": words.as_dict(),
        "outcome": to.outcome if to is not None and to.kind == "end" else "",
        "at": row.at.isoformat(),
        "due_at": _iso(case.due_at),
        "files": packed(files),
    }


def _value(value: Any) -> Any:
    if isinstance(value, dict) and "zh" in value:
        return text_from(value)
    return value


def _remedy(action: Action | None, peer: Peer, case: Case) -> Text | None:
    """How to have it reviewed, and where: at the place that decided (救济途径在办理地)."""
    if action is None or not action.adverse or not action.remedy:
        return None
    title = procedure_of(current_version(action.remedy, case.grid)).title
    office = case.lead.title if case.lead else Text("办理机关", "the authority")
    return Text(
        f"不服的，可以对{office.zh}的决定申请{title.zh}，由代收窗口转交也可以。",
        f"You can ask for {title.en} against the decision of {office.en}; the window that received it passes it on, too.",
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
