"""The demo's register (居民登记演示): some 300 households of people who do not exist, and the demo's residents among them."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from linli.base.clock import local
from linli.domains.registers.imports.residents import import_residents
from linli.domains.registers.imports.rows import COLUMNS
from linli.domains.registers.imports.values import import_elements
from linli.domains.registers.models import Resident
from linli.domains.registers.services import enter_keys
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import within

HOUSEHOLDS, FEW = 300, 60
SURNAMES = "林陈黄郑王李吴刘蔡杨许张"
GIVEN = "安和宁乐平康明新春秋雨晴山海云川"
STREETS = ("和平路", "文化路", "学军路", "江滨路", "城东路")
NOT_A_PHONE = "1380013"  # begins the numbers of people who do not exist; the first thousands are the logins'


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Import the demo's households (载入居民登记演示); a repeated run changes nothing."""
    villages = list(within(county.prefix).filter(level="village").order_by("code"))
    if not villages:
        return
    chance = random.Random(7)  # noqa: S311  the same people each time
    rows = [
        row
        for n in range(FEW if small else HOUSEHOLDS)
        for row in _household(n, villages, chance, local(at).date())
    ]
    rows += [
        # Entered twice, as it happens: for the page of likely duplicates.
        {**row, "external_id": f"demo-again-{n}", "household_id": "", "relation": "", "phone": ""}
        for n, row in enumerate(rows[5:20:5])
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo-residents.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, COLUMNS, restval="")
            table.writeheader()
            table.writerows(rows)
        import_residents(file, progress=progress, at=at)
    _with_us(villages, at)
    _from_others(at)


def _from_others(at: datetime) -> None:
    """What the federation of disabled people, the civil affairs office and others brought about some of them (其他主管的要素值)."""
    day = (local(at).date() - timedelta(days=20)).isoformat()
    heads = (
        Resident.objects.filter(relation="head", valid_to=None, external_id__startswith="demo-")
        .order_by("-person__account", "external_id")
        .values_list("external_id", flat=True)[:30]
    )
    told = (
        ("disability.grade", "肢体二级"),
        ("assistance.status", "最低生活保障，2 人"),
        ("person.residence", "和平路 12 号 201"),
        ("disability.grade", "听力三级"),
        ("person.residence", "文化路 3 号 102"),
    )
    rows = [(who, *told[n % len(told)], day) for n, who in enumerate(heads)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo-elements.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            table = csv.writer(out)
            table.writerow(("external_id", "element", "value", "as_of"))
            table.writerows(rows)
        import_elements(file, at=at)


def _household(n: int, villages: list[Area], chance: random.Random, today: date) -> list[dict[str, str]]:
    surname, street = chance.choice(SURNAMES), chance.choice(STREETS)
    home = {
        "area_code": villages[n % len(villages)].code,
        "address": f"{street} {chance.randrange(1, 200)} 号 {chance.randrange(1, 7)}0{chance.randrange(1, 5)}",
        "household_id": f"demo-{n + 1:05}",
        "valid_from": "2024-01-01",
    }
    ages = [chance.randrange(35, 75)]
    relations = [
        "户主",
        *(["配偶"] if chance.random() < 0.7 else []),
        *["子女"] * chance.choice((0, 1, 1, 2)),
    ]
    ages += [
        max(ages[0] + chance.randrange(-4, 5), 22)
        if r == "配偶"
        else max(ages[0] - chance.randrange(24, 34), 1)
        for r in relations[1:]
    ]
    return [
        {
            **home,
            "external_id": f"demo-{n + 1:05}-{k}",
            "name": (surname if relation != "配偶" else chance.choice(SURNAMES))
            + chance.choice(GIVEN)
            + chance.choice(GIVEN),
            "phone": f"{NOT_A_PHONE}{5000 + n * 5 + k}" if age > 18 and relation != "子女" else "",
            "birth_date": (today - timedelta(days=age * 365 + chance.randrange(365))).isoformat(),
            "sex": chance.choice(("男", "女")),
            "relation": relation,
        }
        for k, (relation, age) in enumerate(zip(relations, ages, strict=True))
    ]


def _with_us(villages: list[Area], at: datetime) -> None:
    """The demo's own residents live in the first households, as heads (演示账号的居民)."""
    people = Person.objects.filter(account__demo=True, account__username__startswith="resident-").order_by(
        "pk"
    )
    homes = Resident.objects.filter(
        external_id__endswith="-0", external_id__startswith="demo-"
    ).select_related("household")
    with_child = homes.filter(household__residents__relation="child").distinct().order_by("external_id")
    for person, head in zip(people, list(with_child[: people.count()]), strict=False):
        if Resident.objects.filter(person=person).exists():
            continue
        Resident.objects.filter(pk=head.pk).update(household=None, valid_to=local(at).date())
        ours = Resident.objects.create(
            person=person,
            external_id=f"demo-account-{person.pk}",
            area_id=head.area_id,
            prefix=head.prefix,
            household=head.household,
            relation="head",
            sex=head.sex,
            birth_date=head.birth_date,
            address=head.address,
            source=head.source,
            as_of=head.as_of,
            valid_from=head.valid_from,
        )
        for changed in (head, ours):
            changed.refresh_from_db()
            enter_keys(changed)
