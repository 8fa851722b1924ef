"""Who lives here (登记、迁入): entered at a window, in a household or alone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from linli.base import clock
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.text import same_name
from linli.domains.registers.models import Household, Resident
from linli.domains.registers.services.checking import as_the_card_says, checked_on, keeper, wrong_at
from linli.domains.registers.services.names import enter_keys
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Person
from linli.kernel.people.services import find_or_create_person
from linli.kernel.places.models import Area

BY_HAND = "窗口登记 | entered at a window"


@transaction.atomic
def register_resident(
    person: Person,
    *,
    area: Area,
    by: Actor,
    household: str = "",
    relation: str = "",
    birth_date: str = "",
    sex: str = "",
    address: str = "",
    source: str = BY_HAND,
    at: datetime | None = None,
) -> Resident:
    """Enter a person who lives here (登记、迁入). Refuses whoever lives elsewhere by the register and has not moved out, a
    relation or sex that is none, a date that lies ahead, and a household of an area that somebody else keeps. Notes
    `registers.registered`."""
    at = at or clock.now()
    hat = keeper(by, area.prefix)
    today = clock.local(at).date()
    values = checked_on(today, birth_date=birth_date, sex=sex, relation=relation, address=address)
    former = Resident.objects.select_for_update().filter(person=person).first()
    if former is not None and former.valid_to is None:
        raise Refused(
            "registers.lives_elsewhere",
            Text(
                "这个人已有登记，请先在原处办迁出。",
                "This person is registered already: let them move out first.",
            ),
        )
    home = home_of(household, area, hat)
    stays = {
        "area": area,
        "prefix": area.prefix,
        "household": home,
        "source": source,
        "as_of": today,
        "valid_from": today,
    }
    resident, _ = Resident.objects.update_or_create(
        person=person, defaults={**stays, **values, "valid_to": None, "mark": None}
    )
    enter_keys(resident)
    audit.note("registers.registered", by=by, at=at, about=person, hat=hat, area=area.code)
    return resident


@transaction.atomic
def enter_resident(
    *,
    name: str,
    area: Area,
    by: Actor,
    id_number: str = "",
    phone: str = "",
    birth_date: str = "",
    sex: str = "",
    household: str = "",
    relation: str = "",
    address: str = "",
    at: datetime | None = None,
) -> Resident:
    """Enter somebody at a window (窗口登记): who they are, then where they live; what the ID number says is taken from it.

    Refuses no name, neither an ID number nor a date of birth, an ID number that is known under another name or says another
    date of birth or sex, and what `register_resident` refuses. Notes `registers.registered`."""
    at = at or clock.now()
    keeper(by, area.prefix)
    said = {"birth_date": birth_date, "sex": sex}
    if not name.strip():
        raise wrong_at("registers.no_name", "name", "请写姓名。", "Please enter the name.")
    if id_number:
        said = as_the_card_says(id_number, said, clock.local(at).date())
    elif not birth_date:
        raise wrong_at(
            "registers.nothing_to_tell_by",
            "birth_date",
            "没有证件号码的，请写出生日期，才分得清同名的人。",
            "Without an ID number enter the date of birth, by which people of one name are told apart.",
        )
    person = find_or_create_person(name, phone, id_number, by=by, at=at)
    if person.name and same_name(person.name) != same_name(name):
        raise wrong_at(
            "registers.other_name",
            "id_number",
            "这个证件号码已登记在另一个姓名下。请对照证件核对姓名和号码。",
            "This ID number is known under another name. Check name and number against the card.",
        )
    return register_resident(
        person, area=area, by=by, household=household, relation=relation, address=address, at=at, **said
    )


def home_of(household: str, area: Area, hat: Hat | None) -> Household | None:
    """The household of this number (按户号找户), made when it is new; refuses one of an area that somebody else keeps."""
    if not household:
        return None
    if len(household) > 40:
        raise wrong_at(
            "registers.invalid", "household", "户号不超过 40 个字。", "A number has 40 characters at most."
        )
    home, _ = Household.objects.get_or_create(
        number=household, defaults={"area": area, "prefix": area.prefix}
    )
    if hat is not None and not hat.covers(home.prefix):
        raise wrong_at(
            "registers.household_elsewhere",
            "household",
            "这个户号登记在别的辖区。请核对户号；全户迁来的，请原辖区先办迁出。",
            "That number belongs to a household of another area. Check it; if they all moved here, let that area "
            "move them out first.",
        )
    return home
