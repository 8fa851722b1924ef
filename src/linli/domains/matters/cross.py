"""Receiving for another place (异地代收代办): the end at which the applicant is.

What moves a case here is either the window's own act, or news from the place that decides: `cross_news`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from linli.base import clock
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.domains.matters import cross_rules as rules
from linli.domains.matters import form, handing
from linli.domains.matters.applying import as_sent, known_for, note_looks, to_mend, whose
from linli.domains.matters.cross_files import packed
from linli.domains.matters.cross_models import COURIER, ELECTRONIC, IN, OUT, SENT, CrossCase, Handover
from linli.domains.matters.cross_words import (
    APPLICATION,
    CORRECTION,
    DELIVERED,
    HANDED,
    WITHDRAWN,
    as_said,
    say,
    who_gave,
)
from linli.domains.matters.queries import county_of
from linli.domains.matters.spec import MatterSpec
from linli.kernel.exchange.models import Message, Peer
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, hot, keys
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move, Receipt
from linli.kernel.records.models import Attachment, Record

CODE = "cross-region"


@keys.exactly_once
def receive(
    peer: Peer,
    spec: MatterSpec,
    *,
    by: Actor,
    area: Area,
    channel: str,
    answers: Mapping[str, Any],
    papers: Mapping[str, Any],
    wish: str,
    files: Sequence[str] = (),
    contact: str | None = None,
    address: str | None = None,
    applicant: Person | Callable[[], Person | None] | None = None,
    helper: Mapping[str, Any] | None = None,
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Receive an application for another place (代收申请): `answers` and `papers` by the codes of that place's own matter.

    What registers here know of the applicant is not asked; it goes along with its source and day. Refuses, all at once, what
    its form would refuse: a question left open, a paper that it does not ask for. Whether it is granted is for that place
    alone. Records `open`; what staff took from registers is entered as one look.
    """
    there = f"{peer.county}/{spec.code}"
    as_entered = as_sent(there, area, channel, answers, papers, wish, files, contact, address, helper)
    if first := keys.answer(by, client_key, as_entered):
        return first
    at = at or clock.now()
    asked = form.form_of(spec)
    with hot.one_transaction():  # what is refused leaves nobody behind, and no look is lost
        person = whose(applicant, by)
        known = known_for(person, asked, spec)
        said, wrong = form.answers_of(asked, answers, known)
        listed, wrong_papers = form.papers_of(asked, papers, form.values_of(said), at_window=by.is_staff)
        problems = {**wrong, **wrong_papers}
        if wish == "post" and not address:
            problems["address"] = Text("要邮寄的，请填写地址。", "To have it sent, enter an address.")
        if problems:
            raise to_mend(problems)
        counted = form.spared(asked, form.values_of(said), known)
        said.spared = listed.spared = (counted.n_whole, counted.n_fields, counted.n_papers)
        data = {
            "there": peer.county,
            "there_matter": spec.code,
            "subject": spec.title.as_dict(),
            "answers": said,
            "papers": listed,
            "wish": wish,
            "files": list(files),
            "contact": contact,
            "address": address,
        }
        receipt = engine.open_case(
            CODE,
            by=by,
            area=area,
            data={code: value for code, value in data.items() if value not in (None, "", []) or code in ("answers", "papers")},
            channel=channel,
            title=f"{spec.title.zh}（{peer.title.zh}）",
            applicant=person,
            helper=helper,
            client_key=client_key,
            at=at,
            sent=as_entered,
        )  # fmt: skip
        if not receipt.repeated:
            note_looks(asked, said, known, person, title=spec.title, number=receipt.number, by=by, at=at)
    return receipt


# ------------------------------------------------------------------------------------------ what the steps bring about


@effect("matters.cross_received")
def received(move: Move) -> None:
    """Note for which place it is (登记办理地), and what need not be filled in."""
    title = move.data["subject"]
    said = move.found.get("answers") or move.found.get("papers")  # there are matters without questions
    _, n_fields, n_papers = said.spared if said else (0, 0, 0)
    row = {
        "side": SENT,
        "peer": move.found["there"],
        "county": county_of(Area.objects.get(pk=move.case.area_id)).code,
        "matter": move.data["there_matter"],
        "title": title["zh"],
        "title_en": title["en"],
        "papers": list(move.data.get("papers") or ()),
        "n_spared_fields": n_fields,
        "n_spared_papers": n_papers,
    }

    def keep(m: Move) -> None:
        CrossCase.objects.create(case_id=m.case.id, **row)

    move.then(keep)
    kept(move)


@effect("matters.cross_kept")
def kept(move: Move) -> None:
    """The office that first deals with it keeps it to the end (首问负责), also while it waits for the applicant or is away."""
    office = move.hat.organisation_id if move.hat else None
    if office is not None and move.case.lead_id is None:
        move.case.lead_id = office
        move.then(lambda m: hot.take_part(m.case.id, [("org", office, "lead")]))


@guard("matters.cross_ready")
def ready(move: Move) -> Text | None:
    cross = _cross(move)
    told = Record.objects.filter(case_id=move.case.id, action="ask_missing").exists()
    return rules.nothing_untold(
        cross.papers if cross else [], told=told or bool(cross and cross.other_number)
    )


@guard("matters.cross_at_home")
def at_home(move: Move) -> Text | None:
    """Once the other place has it, what is missing is for that place to say."""
    cross = _cross(move)
    if cross is None or not cross.other_number:
        return None
    return Text(
        "办理地已经收件，还缺什么由办理地一次告知，这里不再另外要。",
        "The other place has taken it; what is still missing is for that place to say, and nothing more is asked here.",
    )


@guard("matters.cross_away")
def away(move: Move) -> Text | None:
    if move.step.code in {"sent", "there", "correcting", "coming", "delivering", "archiving"}:
        return None
    return Text("这一件还没有交给办理地。", "This has not been handed over to the other place yet.")


@guard("matters.cross_not_decided")
def not_decided(move: Move) -> Text | None:
    if move.step.code not in {"coming", "delivering", "archiving"}:
        return None
    return Text(
        "办理地已经作出决定，不能再撤回。不需要这个结果的，可以到办理地申请注销。",
        "It has been decided over there and can no longer be withdrawn. If you do not need it, ask that place to cancel it.",
    )


@effect("matters.cross_supplied")
def supplied(move: Move) -> None:
    cross = _needed(move)
    came = move.data.get("papers_came") or ()
    papers = rules.supplied(cross.papers, came, with_files=bool(move.data.get("files")))

    def keep(m: Move) -> None:
        CrossCase.objects.filter(pk=m.case.id).update(papers=papers)

    move.then(keep)


@effect("matters.cross_sent")
def sent(move: Move) -> None:
    """Hand everything over (交给办理地): the application as a sealed message, originals by courier, each with its slip.

    Refuses originals without a courier and a number.
    """
    courier, waybill = move.data.get("courier"), move.data.get("waybill")
    if rules.originals(_needed(move).papers) and not (courier and waybill):
        problem = Text(
            "收了材料原件，请填寄出的快递公司和单号。",
            "Originals were handed in: name the courier and the number of the parcel.",
        )
        empty = [code for code, said in (("courier", courier), ("waybill", waybill)) if not said]
        raise Invalid("matters.no_courier", problem, fields=dict.fromkeys(empty, problem))
    kept(move)
    move.then(_hand_over)


def _hand_over(move: Move) -> None:
    cross = _needed(move)
    rows = list(Attachment.objects.filter(case_id=cross.case_id, hidden_at__isnull=True).select_related("file").order_by("id"))  # fmt: skip
    person = Person.objects.get(pk=move.case.applicant_id or 0)
    slips = _slips(cross, move, rows)
    answers = sealed_fact(cross.case, "answers") or []
    hat = move.hat or next(iter(move.actor.hats), None)
    body = {
        "matter": cross.matter,
        "applicant": {"name": person.name, "phone": person.phone, "id_number": person.id_number},
        "answers": form.values_of(answers),
        "known": rules.known_lines(answers),
        "papers": rules.as_sent(cross.papers),
        "list": cross.papers,
        "files": packed(rows),
        "handovers": [as_said(slip) for slip in slips],
        "received_at": move.case.opened_at.isoformat(),
        "received_by": {"zh": hat.organisation_title.zh, "en": hat.organisation_title.en} if hat else {},
        "wish": str(move.case.facts.get("wish", "")),
    }
    say(cross, APPLICATION, body, at=move.at)


def _slips(cross: CrossCase, move: Move, rows: Sequence[Attachment]) -> list[Handover]:
    """One slip for what goes by the line, one for what goes by courier; sent again after a refusal, they are the same."""
    known = list(Handover.objects.filter(case_id=cross.case_id, direction=OUT, took_at__isnull=True))
    if known:
        return known
    by, found = who_gave(move.actor, move.hat), []
    if rows:
        papers = [_electronic(n, row) for n, row in enumerate(rows, 1)]
        found.append(handing.gave(cross, ELECTRONIC, papers, by=by, at=move.at))
    if paper := rules.originals(cross.papers):
        listed = [{"code": p["code"], "title": p["title"], "n": p.get("n", 1)} for p in paper]
        courier, waybill = (str(move.data.get(code, "")) for code in ("courier", "waybill"))
        found.append(
            handing.gave(cross, COURIER, listed, by=by, at=move.at, courier=courier, waybill=waybill)
        )
    return found


def _electronic(n: int, row: Attachment) -> dict[str, Any]:
    name = row.name or f"{n}"
    return {"code": f"f{n}", "title": [name, name], "n": 1, "sha256": row.file.sha256}


@effect("matters.cross_corrected")
def corrected(move: Move) -> None:
    """Pass the corrections on (转交补正材料)."""
    move.then(_pass_on)


def _pass_on(move: Move) -> None:
    cross = _needed(move)
    rows = list(Attachment.objects.filter(case_id=cross.case_id, seq=move.case.seq).select_related("file").order_by("id"))  # fmt: skip
    by, slips = who_gave(move.actor, move.hat), []
    if rows:
        papers = [_electronic(n, row) for n, row in enumerate(rows, 1)]
        slips.append(handing.gave(cross, ELECTRONIC, papers, by=by, at=move.at))
    courier, waybill = (str(move.data.get(code, "")) for code in ("courier", "waybill"))
    if courier or waybill:
        original = [{"code": "correction", "title": ["补正材料原件", "Originals of the corrections"], "n": 1}]
        slips.append(
            handing.gave(cross, COURIER, original, by=by, at=move.at, courier=courier, waybill=waybill)
        )
    body = {
        "corrected": move.data["supplied"],
        "files": packed(rows),
        "handovers": [as_said(s) for s in slips],
    }
    say(cross, CORRECTION, body, at=move.at)


@effect("matters.cross_withdrawn")
def withdrawn(move: Move) -> None:
    """Tell the other place, once it was told of the application at all (告知办理地撤回)."""

    def tell(m: Move) -> None:
        cross = _needed(m)
        if Message.objects.filter(case_number=cross.case.number, peer=cross.peer, kind=APPLICATION).exists():
            say(cross, WITHDRAWN, {}, at=m.at)

    move.then(tell)


@effect("matters.cross_result")
def result_received(move: Move) -> None:
    """Sign for what the other place sent (签收结果): its slip gets our half."""

    def sign(m: Move) -> None:
        cross, took = _needed(m), who_gave(m.actor, m.hat)
        for row in Handover.objects.filter(case_id=cross.case_id, direction=IN, took_at__isnull=True):
            remark = str(m.data.get("result_note", ""))[:300]
            Handover.objects.filter(pk=row.pk).update(took=took[:200], took_at=m.at, remark=remark)
            body = {
                "uid": str(row.uid),
                "took": took,
                "took_at": m.at.isoformat(),
                "lacking": [],
                "remark": remark,
            }
            say(cross, HANDED, body, at=m.at)

    move.then(sign)


@effect("matters.cross_delivered")
def delivered(move: Move) -> None:
    """The applicant has it; the other place is told (告知办理地已送达)."""

    def tell(m: Move) -> None:
        cross, day = _needed(m), clock.local(m.at).date()
        CrossCase.objects.filter(pk=cross.pk).update(delivered_on=day)
        say(cross, DELIVERED, {"on": day.isoformat(), "way": m.data["delivery"]}, at=m.at)

    move.then(tell)


def _cross(move: Move) -> CrossCase | None:
    return CrossCase.objects.select_related("case", "peer").filter(case_id=move.case.id).first()


def _needed(move: Move) -> CrossCase:
    return CrossCase.objects.select_related("case", "peer").get(case_id=move.case.id)
