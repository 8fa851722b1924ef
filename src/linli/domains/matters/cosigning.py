"""What several people have to agree to (共同签名): each signs by phone, or on paper at the window, before it is accepted."""

from __future__ import annotations

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.domains.matters.form import values_of
from linli.domains.matters.spec import MatterSpec, holds
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect
from linli.kernel.procedures.state import Move

CODE, AGREED = "co-signature", "agreed"


def ask_cosigners(move: Move, spec: MatterSpec) -> None:
    """Open a signature for everybody who has to agree besides the applicant (请共同签名). Refuses one's own phone."""
    values = values_of(move.data.get("answers") or [])
    wanted = [c for c in spec.cosigners if holds(c.when, values)]
    if wanted:
        move.then(
            lambda m: _open(m, spec, [(c.title, values[c.name_code], values[c.phone_code]) for c in wanted])
        )


def _open(move: Move, spec: MatterSpec, wanted: list[tuple[Text, str, str]]) -> None:
    for title, name, phone in wanted:
        person = find_or_create_person(name=name, phone=phone, by=SYSTEM, at=move.at)
        if person.pk == move.case.applicant_id:
            words = Text(
                "一起签名的要是另一个人，请写另一个人的姓名和手机。",
                "Whoever signs with you has to be somebody else: give their name and phone.",
            )
            raise Invalid("matters.signs_alone", words, fields={"cosigners": words})
        engine.open_case(
            CODE,
            by=SYSTEM,
            area=Area.objects.get(pk=move.case.area_id),
            data={"subject": spec.title.zh, "role": title.zh},
            channel="case",
            title=spec.title.zh,
            applicant=person,
            origin_id=move.case.id,
            at=move.at,
            by_case=True,
        )


@effect("matters.cosigner_asked")
def cosigner_asked(move: Move) -> None:
    lead = Case.objects.get(pk=move.case.origin_id or 0).lead_id
    move.case.lead_id = lead
    if lead is not None:
        move.then(lambda m: hot.take_part(m.case.id, [("org", lead, "lead")]))


def not_all_signed(case_id: int) -> Text | None:
    """What still has to be signed before it can be accepted (还没有签齐)."""
    open_ = Case.objects.filter(origin_id=case_id, procedure=CODE).exclude(outcome=AGREED)
    states = list(open_.values_list("ended_at", flat=True))
    if not states:
        return None
    if any(states):
        return Text(
            "要一起同意的人没有同意或者没有按时签名。请与申请人核实；不能受理的，说明理由。",
            "Somebody who has to agree did not, or not in time. Ask the applicant; if it cannot be accepted, give the reason.",
        )
    return Text(
        "还有人没有签名：请等他们在手机上签，或者到窗口签字后记下。",
        "Not everybody has signed yet: wait for them to sign by phone, or enter a signature on paper.",
    )
