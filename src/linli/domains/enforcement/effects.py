"""What the steps of a penalty case bring about (处罚案件的环节效果)."""

from __future__ import annotations

from linli.base.codes import mask_name
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.base.i18n import Text
from linli.kernel.people.actors import Hat
from linli.kernel.people.models import Person
from linli.kernel.procedures import hot
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect
from linli.kernel.procedures.state import Move


@effect("enforcement.opened")
def opened(move: Move) -> None:
    """The officer's own authority has the case, and the party is a party of it from now on: they get the notices and
    see each step (行政处罚法 44). A person is shown masked wherever the case is published (48)."""
    hat = _officer_hat(move)
    if move.case.applicant_id is None:
        raise Refused(
            "enforcement.no_party",
            Text(
                "请登记当事人（单位登记负责人）的姓名和电话：告知和决定都要送达本人。",
                "Enter the name and phone of the party, or of who speaks for the organisation: notices and decisions "
                "must reach them.",
            ),
        )
    _lead(move, hat.organisation_id)
    party = Person.objects.get(pk=move.case.applicant_id)
    move.data.update({k: v for k, v in (("party_name", party.name), ("party_phone", party.phone)) if v})
    if move.data["party_kind"] == "person":
        move.data.pop("party_organisation", None)
        move.show(party_shown=mask_name(party.name) or "*")
        return
    organisation = move.data.get("party_organisation")
    if not organisation:
        message = Text("请填写单位名称。", "Enter the name of the organisation.")
        raise Invalid("procedures.invalid_form", message, fields={"party_organisation": message})
    move.show(party_shown=organisation)


def _officer_hat(move: Move) -> Hat:
    hat = next((h for h in move.actor.hats if "officer" in h.roles), None)
    if hat is None:
        raise NotAllowed(
            "enforcement.not_an_officer",
            Text("处罚案件由执法人员发起。", "A penalty case is begun by an officer."),
        )
    return hat


def _lead(move: Move, organisation_id: int) -> None:
    move.case.lead_id = organisation_id
    move.then(lambda m: hot.take_part(m.case.id, [("org", organisation_id, "lead")]))


@effect("enforcement.evidence_held")
def evidence_held(move: Move) -> None:
    """Whoever has the penalty case has the evidence, too; before a case is filed, the officer's own authority."""
    origin = Case.objects.filter(pk=move.case.origin_id).first() if move.case.origin_id else None
    lead = origin.lead_id if origin else _officer_hat(move).organisation_id
    if lead is not None:
        _lead(move, lead)


@effect("enforcement.heard")
def heard(move: Move) -> None:
    """A case that was heard needs a legal review before it is decided (行政处罚法 58)."""
    move.show(heard=True)


@effect("enforcement.officer_replaced")
def officer_replaced(move: Move) -> None:
    if move.data["recusal_decision"] != "granted":
        return
    for code in ("officer_a", "officer_b"):
        if move.case.facts.get(code) == move.data["recused_officer"]:
            move.show(**{code: move.data["new_officer"]})
