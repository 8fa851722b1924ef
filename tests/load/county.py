"""The county of the benchmarks (压测用县): townships of villages of grids, staffed as a real one, made in a second.

Every township has a dispatcher, every grid its worker; departments of the county handle. Grids are squares of two
thousandths of a degree, side by side, so that `locate` finds each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import shapely
from django.contrib.auth.hashers import make_password
from django.db import transaction

from linli.base.codes import prefix_of
from linli.domains.events.models import Category, Directory
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Account, Appointment, Organisation, Person, Post
from linli.kernel.people.services import create_resident_account, find_or_create_person
from linli.kernel.places.locator import shapes_changed
from linli.kernel.places.models import Area, AreaShape

CODE = "350102"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WEST, SOUTH, SIDE = 119.0, 26.0, 0.002
N_DEPARTMENTS, N_RESIDENTS = 8, 40
CATEGORIES = ("lamp", "manhole", "litter", "noise", "tree")


@dataclass(frozen=True, slots=True)
class Grid:
    area_id: int
    prefix: str
    lng: float
    lat: float


@dataclass
class County:
    """Who is who (人员与网格), by the township's prefix where there is one of each."""

    grids: dict[str, list[Grid]] = field(default_factory=dict)
    dispatchers: dict[str, Account] = field(default_factory=dict)
    grid_workers: dict[str, Account] = field(default_factory=dict)  # by the grid's prefix
    handlers: dict[str, Account] = field(default_factory=dict)  # by the organisation's code
    residents: list[Account] = field(default_factory=list)
    _actors: dict[int, Actor] = field(default_factory=dict)

    def actor(self, account: Account) -> Actor:
        if account.pk not in self._actors:
            self._actors[account.pk] = actor_for(account)
        return self._actors[account.pk]


def build_county(n_townships: int = 10, n_villages: int = 10, n_grids: int = 10) -> County:
    """A county with its people (建县): 10 × 10 × 10 grids unless said otherwise."""
    made = County()
    with transaction.atomic():
        areas = _areas(made, n_townships, n_villages, n_grids)
        _staff(made, areas)
        _residents(made)
        _categories()
        shapes_changed()
    return made


def _area(code: str, name: str, level: str, parent: Area | None) -> Area:
    return Area(code=code, prefix=prefix_of(code), name=name, name_en=name, level=level, parent=parent)


def _areas(made: County, n_townships: int, n_villages: int, n_grids: int) -> dict[str, Area]:
    county = _area(f"{CODE}000000", "试验区", "county", None)
    county.save()
    townships, villages, grids = [], [], []
    places: dict[str, tuple[float, float]] = {}
    for t in range(1, n_townships + 1):
        township = _area(f"{CODE}{t:03d}000", f"第{t}街道", "township", county)
        townships.append(township)
        for v in range(1, n_villages + 1):
            village = _area(f"{CODE}{t:03d}{v:03d}", f"第{t}街道第{v}社区", "village", township)
            villages.append(village)
            for g in range(1, n_grids + 1):
                grids.append(_area(f"{village.code}{g:03d}", f"第{v}社区第{g}网格", "grid", village))
                x, y = WEST + SIDE * ((t - 1) * n_grids + g - 1), SOUTH + SIDE * (v - 1)
                places[grids[-1].prefix] = (x, y)
    for level in (townships, villages, grids):
        for area in level:
            area.parent_id = area.parent.pk if area.parent else None
        Area.objects.bulk_create(level, batch_size=500)
    shapes = []
    for grid in grids:
        x, y = places[grid.prefix]
        box = shapely.box(x, y, x + SIDE, y + SIDE)
        shapes.append(AreaShape.of(grid, box, datum="WGS84", source="", illustrative=True, at=SINCE))
        middle = Grid(grid.pk, grid.prefix, round(x + SIDE / 2, 6), round(y + SIDE / 2, 6))
        made.grids.setdefault(grid.prefix[:9], []).append(middle)
    AreaShape.objects.bulk_create(shapes, batch_size=500)
    return {area.prefix: area for area in (county, *townships, *villages, *grids)}


def _staff(made: County, areas: dict[str, Area]) -> None:
    password = make_password("yace-mima-2026")  # one hash for all: hashing is slow by design
    wanted: list[tuple[str, str, Area]] = []  # username, role, area
    for prefix, area in areas.items():
        role = {"township": "dispatcher", "grid": "grid_worker", "county": "supervisor"}.get(area.level)
        if role:
            wanted.append((f"{role}-{prefix}", role, area))
    county = areas[CODE]
    wanted += [(f"handler-{n}", "handler", county) for n in range(N_DEPARTMENTS)]
    organisations = {
        name: Organisation(code=f"{CODE}-{name}", name=name, kind=_kind(role), area=area)
        for name, role, area in wanted
        if role != "grid_worker"
    }
    Organisation.objects.bulk_create(organisations.values(), batch_size=200)
    accounts, posts = [], []
    for name, role, area in wanted:
        accounts.append(Account(username=name, name=name, password=password, created_at=SINCE))
        organisation = organisations.get(name) or organisations[f"dispatcher-{area.prefix[:9]}"]
        posts.append(Post(organisation=organisation, title=role, roles=[role], area=area))
    Account.objects.bulk_create(accounts, batch_size=200)
    Post.objects.bulk_create(posts, batch_size=200)
    Appointment.objects.bulk_create(
        [
            Appointment(post=p, account=a, from_on=date(2026, 1, 1))
            for p, a in zip(posts, accounts, strict=True)
        ],
        batch_size=200,
    )
    for (name, role, area), account in zip(wanted, accounts, strict=True):
        if role == "dispatcher":
            made.dispatchers[area.prefix] = account
        elif role == "grid_worker":
            made.grid_workers[area.prefix] = account
        elif role == "handler":
            made.handlers[organisations[name].code] = account


def _kind(role: str) -> str:
    return "department" if role == "handler" else "office"


def _residents(made: County) -> None:
    for n in range(N_RESIDENTS):
        person: Person = find_or_create_person(f"居民{n}", f"+86139{n:08d}", "", at=SINCE)
        made.residents.append(create_resident_account(person, at=SINCE))


def _categories() -> None:
    directory = Directory.objects.create(code="load", version=1, title="压测目录", active=True)
    Category.objects.bulk_create(
        Category(directory=directory, key=f"load:1:{code}", code=code, name=code, limit="3 working days")
        for code in CATEGORIES
    )


def way(
    county: County, grid: Grid, lead: str, resident: Account
) -> list[tuple[str, Account, str, dict[str, Any]]]:
    """The six acts after the report (七步中后六步): the step each leads to, who does what with which entries."""
    dispatcher, handler = county.dispatchers[grid.prefix[:9]], county.handlers[lead]
    return [
        ("dispatching", dispatcher, "accept", {"category": "load:1:lamp", "grade": "simple"}),
        ("assigned", dispatcher, "assign", {"lead": lead}),
        ("handling", handler, "sign", {}),
        ("verifying", handler, "answer", {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}),
        ("evaluating", county.grid_workers[grid.prefix], "verify", {"passed": "到场看过，都亮了。"}),
        ("closed", resident, "rate", {"contacted": True, "solved": True, "satisfied": 5}),
    ]
