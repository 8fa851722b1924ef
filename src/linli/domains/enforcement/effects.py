"""What the steps of a penalty case bring about (处罚案件的环节效果)."""

from __future__ import annotations

from linli.base.codes import mask_name
from linli.base.errors import Invalid, NotAllowed
from linli.base.i18n import Text
from linli.kernel.people.services import find_or_create_person
from linli.kernel.procedures import hot
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect
from linli.kernel.procedures.state import Move


@effect("enforcement.opened")
def opened(move: Move) -> None:
    """The officer's own authority has the case, and the party is a party of it from now on: they get the notices and
    see each step (行政处罚法 44). A person is shown masked wherever the case is published (48)."""
    hat = next((h for h in move.actor.hats if "officer" in h.roles), None)
    if hat is None:
        raise NotAllowed(
            "enforcement.not_an_officer",
            Text("处罚案件由执法人员发起。", "A penalty case is begun by an officer."),
        )
    _lead(move, hat.organisation_id)
    name, organisation = move.data.get("party_name", ""), move.data.get("party_organisation", "")
    if move.data["party_kind"] == "person":
        move.data.pop("party_organisation", None)
        _needed("party_name", name, Text("请填写当事人姓名。", "Enter the name of the party."))
        move.show(party_shown=mask_name(name))
    else:
        _needed(
            "party_organisation",
            organisation,
            Text("请填写单位名称。", "Enter the name of the organisation."),
        )
        _needed(
            "party_name",
            name,
            Text(
                "请填写单位负责人姓名，用于告知。",
                "Enter who speaks for the organisation, so that they can be told.",
            ),
        )
        move.show(party_shown=organisation)
    if move.case.applicant_id is None:
        person = find_or_create_person(name, move.data.get("party_phone", ""), by=move.actor, at=move.at)
        move.case.applicant_id = person.pk


def _needed(code: str, value: str, message: Text) -> None:
    if not value:
        raise Invalid("procedures.invalid_form", message, fields={code: message})


def _lead(move: Move, organisation_id: int) -> None:
    move.case.lead_id = organisation_id
    move.then(lambda m: hot.take_part(m.case.id, [("org", organisation_id, "lead")]))


@effect("enforcement.evidence_held")
def evidence_held(move: Move) -> None:
    """Whoever has the penalty case has the evidence, too."""
    lead = Case.objects.values_list("lead_id", flat=True).get(pk=move.case.origin_id)
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
