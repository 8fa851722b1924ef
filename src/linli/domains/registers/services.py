"""The verbs of the registers (登记的写操作): one transaction each, noted, never past the owner of a datum."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.errors import Invalid, Refused, absent
from linli.base.i18n import Text
from linli.domains.registers import nameparts
from linli.domains.registers.models import (
    RELATIONS,
    SEXES,
    ElementValue,
    Household,
    Merge,
    NamePart,
    Resident,
)
from linli.domains.registers.queries import CLERKS, visible_to
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import Person
from linli.kernel.people.services import correct_person
from linli.kernel.places.models import Area

CORRECTABLE = {
    "person.name": "name",
    "person.birth_date": "birth_date",
    "person.sex": "sex",
    "person.address": "address",
    "household.relation": "relation",
}
"""What a correction changes here; an ID number is corrected at the counter, with the card."""
BY_HAND = "窗口登记 | entered at a window"


def _hat(by: Actor, prefix: str) -> Hat | None:
    """The post that keeps the register there (登记岗位); refuses everybody else like what does not exist."""
    if by.kind == "system":
        return None
    hat = next((h for role in sorted(CLERKS) if (h := by.hat_for(role, prefix))), None)
    if hat is None:
        raise absent(Text("居民", "resident"))
    return hat


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
    hat = _hat(by, area.prefix)
    today = clock.local(at).date()
    values = _checked(today, birth_date=birth_date, sex=sex, relation=relation, address=address)
    former = Resident.objects.select_for_update().filter(person=person).first()
    if former is not None and former.valid_to is None:
        raise Refused(
            "registers.lives_elsewhere",
            Text(
                "这个人已有登记，请先在原处办迁出。",
                "This person is registered already: let them move out first.",
            ),
        )
    home = None
    if household:
        home, _ = Household.objects.get_or_create(
            number=household, defaults={"area": area, "prefix": area.prefix}
        )
        if hat is not None and not hat.covers(home.prefix):
            words = Text(
                "这个户号登记在别的辖区。请核对户号；全户迁来的，请原辖区先办迁出。",
                "That number belongs to a household of another area. Check it; if they all moved here, let that area "
                "move them out first.",
            )
            raise Invalid("registers.household_elsewhere", words, fields={"household": words})
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
    enter_name(resident)
    audit.note("registers.registered", by=by, at=at, about=person, hat=hat, area=area.code)
    return resident


@transaction.atomic
def move_out(resident: Resident, *, on: date, by: Actor, at: datetime | None = None) -> Resident:
    """A person moves out (迁出): the entry stays until the person is erased, and is offered nowhere. Refuses a day to come and
    somebody who has moved out already. Notes `registers.moved_out`."""
    at = at or clock.now()
    hat = _hat(by, resident.prefix)
    if on > clock.local(at).date():
        wrong = Text("迁出日期不能在将来。", "The day of moving out cannot lie ahead.")
        raise Invalid("registers.day_ahead", wrong, fields={"on": wrong})
    moved = Resident.objects.filter(pk=resident.pk, valid_to=None).update(valid_to=on, household=None)
    if not moved:
        raise Refused(
            "registers.moved_already",
            Text("已经办过迁出，没有改动。", "They moved out already; nothing was changed."),
        )
    NamePart.objects.filter(resident=resident).delete()
    audit.note("registers.moved_out", by=by, at=at, about=resident.person, hat=hat)
    resident.refresh_from_db()
    return resident


@transaction.atomic
def correct(
    resident: Resident, element: str, value: str, *, by: Actor, reason: str, at: datetime | None = None
) -> Resident:
    """Correct one datum where it is owned (更正登记): every form reads the new value, no copy keeps the old one.

    Refuses what is not corrected here, a value that cannot be right, and whoever may not see the resident. Notes
    `registers.corrected` with the element, never the value.
    """
    at = at or clock.now()
    name = CORRECTABLE.get(element)
    if name is None:
        wrong = Text("这一项不能在这里更正。", "This is not corrected here.")
        raise Invalid("registers.not_here", wrong, fields={"element": wrong})
    if by.kind != "system" and not visible_to(by).filter(pk=resident.pk).exists():
        raise absent(Text("居民", "resident"))
    hat = _hat(by, resident.prefix)
    value = value.strip()
    if not value:
        wrong = Text("请写更正后的内容。", "Please enter what it should say.")
        raise Invalid("registers.no_value", wrong, fields={"value": wrong})
    if name == "name":
        correct_person(resident.person, {"name": value}, by=by, reason=reason, at=at)
    else:
        value = _checked(clock.local(at).date(), **{name: value})[name]
        setattr(resident, name, value)
    resident.as_of = clock.local(at).date()
    resident.mark = None  # the next file is read anew
    resident.save()
    audit.note("registers.corrected", by=by, at=at, about=resident.person, hat=hat, element=element)
    return resident


def enter_name(resident: Resident) -> None:
    """Let somebody who lives here be found by a part of their name, and nobody else (登记姓名检索值); the caller's transaction."""
    NamePart.objects.filter(resident=resident).delete()
    if resident.valid_to is None:
        found = nameparts.parts(resident.person.name, current_vault().finder(nameparts.KIND))
        NamePart.objects.bulk_create(
            NamePart(resident=resident, part=part, prefix=resident.prefix) for part in found
        )


def follow_identity(person: Person) -> None:
    """A name that was corrected elsewhere is found here at once; of whom was anonymised nothing stays (随姓名变更或删除)."""
    if person.erased_at is not None:
        ElementValue.objects.filter(person=person).delete()
        Merge.objects.filter(Q(kept=person) | Q(gone=person)).update(moved=None)
        Resident.objects.filter(person=person).delete()
    elif (resident := Resident.objects.filter(person=person).first()) is not None:
        resident.person = person
        enter_name(resident)


def checked(at: datetime, **values: str) -> dict[str, str]:
    """Whether these values can be right (核对取值); refuses like `correct`."""
    return _checked(clock.local(at).date(), **values)


def _checked(today: date, **values: str) -> dict[str, str]:
    faults: dict[str, Text] = {}
    checked = dict(values)
    for name, table in (("sex", SEXES), ("relation", RELATIONS)):
        value = values.get(name, "")
        code = next((c for c, title in table.items() if value in {c, title.zh, title.en}), None)
        if value and code is None:
            words = (
                "、".join(title.zh for title in table.values()),
                ", ".join(title.en for title in table.values()),
            )
            faults[name] = Text(f"请写：{words[0]}。", f"Write one of: {words[1]}.")
        elif code:
            checked[name] = code
    if birth := values.get("birth_date", ""):
        try:
            late = date.fromisoformat(birth) > today
        except ValueError:
            late = True
        if late:
            faults["birth_date"] = Text(
                "出生日期写成 1980-05-06，不能在将来。", "Write the date like 1980-05-06; not in the future."
            )
    if len(values.get("address", "")) > 200:
        faults["address"] = Text("地址不超过 200 个字。", "An address has 200 characters at most.")
    if faults:
        raise Invalid("registers.invalid", next(iter(faults.values())), fields=faults)
    return checked
