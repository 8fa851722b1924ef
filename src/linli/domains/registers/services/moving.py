"""Who moves (移居、迁出): one person or a household, within what one keeps or away."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from linli.base import clock
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.registers.models import Household, Resident
from linli.domains.registers.services.checking import (
    checked_on,
    keeper,
    kept_here,
    locked,
    moved_already,
    not_ahead,
)
from linli.domains.registers.services.entering import home_of
from linli.domains.registers.services.names import enter_keys
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area


@transaction.atomic
def move(
    resident: Resident,
    *,
    area: Area,
    by: Actor,
    on: date,
    household: str = "",
    relation: str = "",
    address: str = "",
    at: datetime | None = None,
) -> Resident:
    """Somebody moves within what one keeps (辖区内移居): another place, household or relation. Refuses a day to come, whoever
    moved out already, and a place or household that somebody else keeps. Notes `registers.moved`."""
    at = at or clock.now()
    hat = keeper(by, resident.prefix)
    not_ahead(on, at)
    kept_here(by, area)
    values = checked_on(clock.local(at).date(), relation=relation, address=address)
    home = home_of(household, area, hat)
    moved = locked(resident)
    for name, value in {
        "area": area,
        "prefix": area.prefix,
        "household": home,
        "relation": values["relation"] if home else "",
        "address": values["address"] or moved.address,
        "as_of": clock.local(at).date(),
        "valid_from": on,
        "mark": None,
    }.items():
        setattr(moved, name, value)
    moved.save()
    enter_keys(moved)
    audit.note("registers.moved", by=by, at=at, about=moved.person, hat=hat, area=area.code)
    return moved


@transaction.atomic
def move_household(
    home: Household, *, area: Area, by: Actor, on: date, address: str = "", at: datetime | None = None
) -> Household:
    """A household moves within what one keeps, and everybody in it (整户移居). Refuses as `move` does, and a household in which
    nobody lives. Notes `registers.moved` for each."""
    at = at or clock.now()
    hat = keeper(by, home.prefix)
    not_ahead(on, at)
    kept_here(by, area)
    values = checked_on(clock.local(at).date(), address=address)
    for resident in living_there(home):
        resident.area, resident.prefix, resident.mark = area, area.prefix, None
        resident.as_of, resident.valid_from = clock.local(at).date(), on
        resident.address = values["address"] or resident.address
        resident.save()
        enter_keys(resident)
        audit.note("registers.moved", by=by, at=at, about=resident.person, hat=hat, area=area.code)
    home.area, home.prefix = area, area.prefix
    home.save()
    return home


@transaction.atomic
def move_household_out(home: Household, *, on: date, by: Actor, at: datetime | None = None) -> int:
    """Everybody of a household moves out (整户迁出); gives how many. Refuses as `move_out` does, and a household in which nobody
    lives. Notes `registers.moved_out` for each."""
    keeper(by, home.prefix)
    members = living_there(home)
    for resident in members:
        move_out(resident, on=on, by=by, at=at)
    return len(members)


def living_there(home: Household) -> list[Resident]:
    found = list(
        Resident.objects.select_for_update(of=("self",))
        .filter(household=home, valid_to=None)
        .select_related("person")
        .order_by("pk")
    )
    if not found:
        raise Refused(
            "registers.nobody_there",
            Text("这一户现在没有人，没有改动。", "Nobody lives in this household; nothing was changed."),
        )
    return found


@transaction.atomic
def move_out(resident: Resident, *, on: date, by: Actor, at: datetime | None = None) -> Resident:
    """A person moves out (迁出): the entry stays until the person is erased, and is offered nowhere. Refuses a day to come and
    somebody who has moved out already. Notes `registers.moved_out`."""
    at = at or clock.now()
    hat = keeper(by, resident.prefix)
    not_ahead(on, at)
    moved = Resident.objects.filter(pk=resident.pk, valid_to=None).update(valid_to=on, household=None)
    if not moved:
        raise moved_already()
    audit.note("registers.moved_out", by=by, at=at, about=resident.person, hat=hat)
    resident.refresh_from_db()
    enter_keys(resident)
    return resident
