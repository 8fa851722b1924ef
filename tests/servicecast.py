"""The offices of the one window in the small county (一窗受理的角色): who examines and who decides; fixture `service_cast`.

For each department of `DEPARTMENTS` an examiner `X_examiner` and a head `X_leader`; the village's `agent`; and the
resident's household in the register: the resident is its head, with a child and a parent.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.cast import PASSWORD, SECOND_FACTOR, SINCE

if TYPE_CHECKING:
    from linli.kernel.places.models import Area
    from tests.cast import Cast

# code: Chinese name, English name
DEPARTMENTS = {
    "civil": ("鼓楼区民政局", "Civil Affairs of the District"),
    "disabled": ("鼓楼区残疾人联合会", "Disabled Persons' Federation of the District"),
    "market": ("鼓楼区市场监督管理局", "Market Regulation of the District"),
    "police": ("鼓楼区公安局", "Public Security of the District"),
    "health": ("鼓楼区卫生健康局", "Health Bureau of the District"),
    "medical-insurance": ("鼓楼区医疗保障局", "Medical Insurance of the District"),
    "human-resources": ("鼓楼区人力资源和社会保障局", "Human Resources of the District"),
    "fire": ("鼓楼区消防救援大队", "Fire Brigade of the District"),
}
FROM = date(2026, 1, 1)


@pytest.fixture
def service_cast(law_cast: Cast) -> Cast:
    """The cast with every office that the one window needs (加上一窗受理的人员)."""
    from linli.domains.matters.application_fields import forget

    forget()  # a version that another test published went with it
    staff(law_cast)
    household(law_cast)
    return law_cast


def staff(cast: Cast) -> None:
    from linli.kernel.people.models import Organisation

    county, village = cast.area("county"), cast.area("village1")
    for code, (zh, en) in DEPARTMENTS.items():
        name = code.replace("-", "_")
        cast.organisations[name] = Organisation.objects.create(
            code=f"{county.prefix}-{code}", name=zh, name_en=en, kind="department", area=county
        )
        seat(cast, f"{name}_examiner", "examiner", name, county)
        seat(cast, f"{name}_leader", "leader", name, county)
    seat(cast, "agent", "agent", "committee", village)


def seat(cast: Cast, name: str, role: str, organisation: str, area: Area) -> None:
    from django.contrib.auth.hashers import make_password

    from linli.kernel.people.models import Account, Appointment, Post

    cast.accounts[name] = Account.objects.create(
        username=name,
        name=name,
        name_en=name,
        email=f"{name}@example.org",
        password=make_password(PASSWORD),
        second_factor=SECOND_FACTOR,
        second_factor_on=SINCE,
        created_at=SINCE,
    )
    cast.posts[name] = Post.objects.create(
        organisation=cast.organisations[organisation], title=name, title_en=name, roles=[role], area=area
    )
    Appointment.objects.create(post=cast.posts[name], account=cast.accounts[name], from_on=FROM)


def moves_out(cast: Cast, name: str, at: datetime) -> None:
    from linli.base.clock import local
    from linli.domains.registers.models import Resident
    from linli.domains.registers.services.moving import move_out

    move_out(
        Resident.objects.get(person=cast.persons[name]), on=local(at).date(), by=cast.actor("clerk"), at=at
    )


def household(cast: Cast) -> None:
    from linli.domains.registers.services import register_resident
    from linli.kernel.people.actors import SYSTEM
    from linli.kernel.people.services import find_or_create_person

    register = partial(register_resident, area=cast.area("village1"), by=SYSTEM, household="H1", at=SINCE)
    child = find_or_create_person("林小样", "", "", at=SINCE)
    parent = find_or_create_person("林老邻", "", "", at=SINCE)
    register(
        cast.person("resident"), relation="户主", birth_date="1990-01-01", sex="女", address="和平路 12 号"
    )
    register(child, relation="child", birth_date="2025-11-02", sex="男")
    register(parent, relation="parent", birth_date="1950-03-02")
    cast.persons["child"], cast.persons["parent"] = child, parent


def put_in_force(cast: Cast, *codes: str) -> None:
    """Our own matters, from the first day of the year (事项生效)."""
    from linli.domains.matters import shipped
    from linli.domains.matters.services import adopt, adopt_life_event
    from linli.kernel.people.actors import SYSTEM

    files = {p.stem: p for p in [*shipped.matter_files(), *shipped.bundle_files()]}
    for code in codes:
        raw = tomllib.loads(files[code].read_text(encoding="utf-8"))
        if "matters" in raw:
            adopt_life_event(cast.area("county"), raw, by=SYSTEM, at=SINCE)
        else:
            adopt(cast.area("county"), raw, from_on=FROM, by=SYSTEM, at=SINCE)
