"""What a correction needs and brings about (更正的前提和效果)."""

from __future__ import annotations

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.registers import services
from linli.domains.registers.models import Resident
from linli.kernel.people.actors import SYSTEM
from linli.kernel.procedures.registry import effect
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import ErasableFact


def _resident(person_id: int | None) -> Resident:
    found = Resident.objects.select_related("person").filter(person_id=person_id or 0, valid_to=None).first()
    if found is None:
        raise Refused(
            "registers.not_registered",
            Text(
                "登记里没有这个人，没有可更正的。请带证件到窗口登记。",
                "The register holds no entry of this person, so there is nothing to correct. Bring the card to a window.",
            ),
        )
    return found


@effect("registers.correction_asked")
def correction_asked(move: Move) -> None:
    """Refuses whoever is not in the register, and a value that cannot be right, before anybody waits for it."""
    _resident(move.case.applicant_id)
    name = services.CORRECTABLE[str(move.data["element"])]
    if name != "name":
        services.checked(move.at, **{name: str(move.data["right_value"]).strip()})
    move.case.title = move.procedure.title.zh  # never the value


@effect("registers.corrected")
def corrected(move: Move) -> None:
    """Written where the datum is owned, in the transaction of the decision."""
    resident = _resident(move.case.applicant_id)
    said = {}
    for fact in ErasableFact.objects.filter(
        case_id=move.case.id, name__in=("element", "right_value")
    ).order_by("seq"):
        said[fact.name] = str(open_fact(bytes(fact.value)))
    element, value = said["element"], said["right_value"]

    def write(m: Move) -> None:
        services.correct(resident, element, value, by=SYSTEM, reason=f"case {m.case.number}", at=m.at)

    move.then(write)
