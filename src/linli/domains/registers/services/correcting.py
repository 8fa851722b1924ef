"""One datum, corrected where it is owned (更正登记)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.domains.registers.models import Resident
from linli.domains.registers.queries import visible_to
from linli.domains.registers.services.checking import as_the_card_says, checked_on, keeper, locked, wrong_at
from linli.domains.registers.services.names import enter_keys
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.people.services import correct_person

CORRECTABLE = {
    "person.name": "name",
    "person.birth_date": "birth_date",
    "person.sex": "sex",
    "person.address": "address",
    "household.relation": "relation",
}
"""What a correction changes here on application."""
AT_THE_COUNTER = {**CORRECTABLE, "person.phone": "phone", "person.id_number": "id_number"}
"""What a clerk corrects beside it, with the card in hand (窗口凭证件更正)."""


@transaction.atomic
def correct(
    resident: Resident, element: str, value: str, *, by: Actor, reason: str, at: datetime | None = None
) -> Resident:
    """Correct one datum where it is owned (更正登记): every form reads the new value, no copy keeps the old one.

    Refuses what is not corrected here, a value that cannot be right, no reason, whoever may not see the resident, the phone of
    somebody who signs in with it, and an ID number that somebody else has. A corrected ID number says date of birth and sex anew.
    Notes `registers.corrected` with the element, never the value.
    """
    at = at or clock.now()
    name = AT_THE_COUNTER.get(element)
    if name is None:
        raise wrong_at(
            "registers.not_here", "element", "请选要更正的一项。", "Please choose what to correct."
        )
    if by.kind != "system" and not visible_to(by).filter(pk=resident.pk).exists():
        raise absent(Text("居民", "resident"))
    hat = keeper(by, resident.prefix)
    value = value.strip()
    if not value:
        raise wrong_at(
            "registers.no_value", "value", "请写更正后的内容。", "Please enter what it should say."
        )
    if not reason.strip():
        raise wrong_at("registers.no_reason", "reason", "请写明凭什么更正。", "Please say on what ground.")
    resident = locked(resident)
    try:
        _write(resident, name, value, by=by, reason=reason, at=at)
    except Invalid as error:  # at the one field that there is
        raise Invalid(
            error.code, error.message, fields={"value": next(iter(error.fields.values()), error.message)}
        ) from error
    resident.as_of = clock.local(at).date()
    resident.mark = None  # the next file is read anew
    resident.save()
    enter_keys(resident)
    audit.note("registers.corrected", by=by, at=at, about=resident.person, hat=hat, element=element)
    return resident


def _write(resident: Resident, name: str, value: str, *, by: Actor, reason: str, at: datetime) -> None:
    today = clock.local(at).date()
    if name not in ("name", "phone", "id_number"):
        setattr(resident, name, checked_on(today, **{name: value})[name])
        return
    if name == "phone" and Account.objects.filter(person=resident.person).exists():
        raise wrong_at(
            "registers.phone_by_code",
            "value",
            "这个号码是本人登录用的，请本人在“我的信息”里用验证码更换。",
            "They sign in with this number: they change it themselves under “My data”, with a code.",
        )
    if name == "id_number":
        card = as_the_card_says(value, {}, today)
        resident.birth_date, resident.sex = card["birth_date"], card["sex"]
    correct_person(resident.person, {name: value}, by=by, reason=reason, at=at)
