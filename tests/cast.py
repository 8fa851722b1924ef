"""The cast (固定角色): one small county with the same people in every test; fixture `cast`.

County 350102 with the township 350102001 (two villages, three grids) and its neighbour 350102002. Names are real
places' codes with people made up. Every shape is a square of a hundredth of a degree (WGS-84), side by side:

    grid1 119.30 … grid2 119.31 … (village1)   grid3 119.32 … (village2)   neighbour_grid 119.33 … 119.34

Models are imported inside functions: pytest loads this file before Django is ready.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import shapely

from tests.flushing import guarded_tables_can_be_emptied

if TYPE_CHECKING:
    from django.test import Client

    from linli.kernel.people.actors import Actor
    from linli.kernel.people.models import Account, Organisation, Person, Post
    from linli.kernel.places.models import Area

__all__ = ["PASSWORD", "SECOND_FACTOR", "STAFF", "Cast", "cast", "guarded_tables_can_be_emptied"]

PASSWORD = "ceshi-mima-2026"
SECOND_FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)

# name: code, Chinese name, English name, level, parent
AREAS = {
    "county": ("350102000000", "鼓楼区", "Gulou District", "county", None),
    "township": ("350102001000", "鼓东街道", "Gudong Subdistrict", "township", "county"),
    "neighbour_township": ("350102002000", "鼓西街道", "Guxi Subdistrict", "township", "county"),
    "village1": ("350102001001", "庆城社区", "Qingcheng Community", "village", "township"),
    "village2": ("350102001002", "中山社区", "Zhongshan Community", "village", "township"),
    "neighbour_village": ("350102002001", "西湖社区", "Xihu Community", "village", "neighbour_township"),
    "grid1": ("350102001001001", "庆城第一网格", "Qingcheng Grid 1", "grid", "village1"),
    "grid2": ("350102001001002", "庆城第二网格", "Qingcheng Grid 2", "grid", "village1"),
    "grid3": ("350102001002001", "中山第一网格", "Zhongshan Grid 1", "grid", "village2"),
    "neighbour_grid": ("350102002001001", "西湖第一网格", "Xihu Grid 1", "grid", "neighbour_village"),
}
WEST_EAST = {
    "county": (119.30, 119.34),
    "township": (119.30, 119.33),
    "village1": (119.30, 119.32),
    "grid1": (119.30, 119.31),
    "grid2": (119.31, 119.32),
    "village2": (119.32, 119.33),
    "grid3": (119.32, 119.33),
    "neighbour_township": (119.33, 119.34),
    "neighbour_village": (119.33, 119.34),
    "neighbour_grid": (119.33, 119.34),
}
SOUTH, NORTH = 26.08, 26.09

# name: Chinese name, English name, kind, area, parent
ORGANISATIONS = {
    "government": ("鼓楼区人民政府督查室", "Supervision Office of the District", "office", "county", None),
    "street": ("鼓东街道办事处", "Gudong Street Office", "office", "township", None),
    "centre": ("鼓东街道综治中心", "Gudong Governance Centre", "office", "township", "street"),
    "municipal": ("区市政维护中心", "Municipal Maintenance", "department", "county", None),
    "garden": ("区园林中心", "Parks and Gardens", "department", "county", None),
    "property": ("安居物业公司", "Anju Property Company", "company", "township", None),
    "committee": ("庆城社区居民委员会", "Qingcheng Residents' Committee", "village", "village1", None),
    "neighbour_street": ("鼓西街道办事处", "Guxi Street Office", "office", "neighbour_township", None),
}

# name: Chinese name, English name, role, title, English title, organisation, area
STAFF = {
    "grid_worker": ("陈格一", "Chen Geyi", "grid_worker", "网格员", "Grid worker", "committee", "grid1"),
    "other_grid_worker": (
        "林格二",
        "Lin Ge'er",
        "grid_worker",
        "网格员",
        "Grid worker",
        "committee",
        "grid2",
    ),
    "dispatcher": ("黄派遣", "Huang Paiqian", "dispatcher", "派遣员", "Dispatcher", "centre", "township"),
    "handler": ("郑市政", "Zheng Shizheng", "handler", "承办员", "Handler", "municipal", "county"),
    "other_handler": ("吴园林", "Wu Yuanlin", "handler", "承办员", "Handler", "garden", "county"),
    "clerk": ("周窗口", "Zhou Chuangkou", "clerk", "窗口人员", "Window clerk", "street", "township"),
    "call_back": ("许回访", "Xu Huifang", "call_back", "回访员", "Call-back", "centre", "township"),
    "supervisor": ("何督查", "He Ducha", "supervisor", "督查员", "Supervisor", "government", "county"),
    "leader": ("谢主任", "Xie Zhuren", "leader", "街道主任", "Head of street office", "street", "township"),
    "admin": ("罗管理", "Luo Guanli", "administrator", "平台管理员", "Administrator", "government", "county"),
    "neighbour_dispatcher": (
        "高邻居",
        "Gao Linju",
        "dispatcher",
        "派遣员",
        "Dispatcher",
        "neighbour_street",
        "neighbour_township",
    ),
}

# name: Chinese name, phone, ID number
RESIDENTS = {
    "resident": ("林小邻", "+8613900000001", "350102199001010016"),
    "outsider": ("王路人", "+8613900000002", ""),
}


@dataclass
class Cast:
    """Areas, organisations, posts and accounts by their name in this file (按名取用)."""

    areas: dict[str, Area] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)

    def area(self, name: str) -> Area:
        return self.areas[name]

    def organisation(self, name: str) -> Organisation:
        return self.organisations[name]

    def post(self, name: str) -> Post:
        return self.posts[name]

    def account(self, name: str) -> Account:
        return self.accounts[name]

    def person(self, name: str) -> Person:
        return self.persons[name]

    def actor(self, name: str) -> Actor:
        """Worked out once a test, so that it does not count among the queries of what is tested."""
        from linli.kernel.people.actors import ANONYMOUS, SYSTEM, actor_for

        if name not in self._actors:
            known = {"anonymous": ANONYMOUS, "system": SYSTEM}
            self._actors[name] = known.get(name) or actor_for(self.accounts[name])
        return self._actors[name]

    def names(self) -> list[str]:
        """Everybody, residents and the anonymous visitor too, for matrices (全部角色)."""
        return [*STAFF, *RESIDENTS, "anonymous"]

    def client(self, name: str) -> Client:
        """A browser in which this person is signed in, both factors done."""
        from django.test import Client

        client = Client()
        if name != "anonymous":
            client.force_login(self.accounts[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def point(self, name: str) -> tuple[float, float]:
        """The middle of an area, (lng, lat) in WGS-84."""
        west, east = WEST_EAST[name]
        return (round((west + east) / 2, 6), (SOUTH + NORTH) / 2)

    def second_factor(self, at: datetime | None = None, *, secret: str = SECOND_FACTOR) -> str:
        """The six digits that the authenticator of every member of staff shows now."""
        import base64

        from cryptography.hazmat.primitives.hashes import SHA1
        from cryptography.hazmat.primitives.twofactor.totp import TOTP

        totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
        return totp.generate(int((at or datetime.now(UTC)).timestamp())).decode()


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    from linli.kernel.notices import texts
    from linli.kernel.places.queries import forget_shapes
    from linli.kernel.procedures.versions import forget

    forget()  # a version that another test loaded went with it
    texts.forget()  # and so did its wordings
    yield build_cast()
    forget_shapes()


def build_cast() -> Cast:
    from django.db import transaction

    with transaction.atomic():
        made = Cast()
        _areas(made)
        _organisations(made)
        _residents(made)
        _staff(made)
    return made


def _areas(made: Cast) -> None:
    from linli.base.codes import prefix_of
    from linli.kernel.places.locator import shapes_changed
    from linli.kernel.places.models import Area, AreaShape

    for name, (code, zh, en, level, parent) in AREAS.items():
        made.areas[name] = Area.objects.create(
            code=code,
            prefix=prefix_of(code),
            name=zh,
            name_en=en,
            level=level,
            parent=made.areas[parent] if parent else None,
        )
    AreaShape.objects.bulk_create(
        AreaShape(
            area=made.areas[name],
            wkb=shapely.to_wkb(shapely.box(west, SOUTH, east, NORTH)),
            min_lng=west,
            min_lat=SOUTH,
            max_lng=east,
            max_lat=NORTH,
            updated_at=SINCE,
        )
        for name, (west, east) in WEST_EAST.items()
    )
    shapes_changed()


def _organisations(made: Cast) -> None:
    from linli.kernel.people.models import Organisation

    for name, (zh, en, kind, area, parent) in ORGANISATIONS.items():
        made.organisations[name] = Organisation.objects.create(
            code=f"350102-{name.replace('_', '-')}",
            name=zh,
            name_en=en,
            kind=kind,
            area=made.areas[area],
            parent=made.organisations[parent] if parent else None,
        )


def _residents(made: Cast) -> None:
    from linli.kernel.people.services import create_resident_account, find_or_create_person

    for name, (zh, phone, id_number) in RESIDENTS.items():
        person = find_or_create_person(zh, phone, id_number, at=SINCE)
        made.persons[name] = person
        made.accounts[name] = create_resident_account(person, at=SINCE)


def _staff(made: Cast) -> None:
    from django.contrib.auth.hashers import make_password

    from linli.kernel.people.models import Account, Appointment, Post

    password = make_password(PASSWORD)  # one hash for all: hashing is slow by design
    for name, (zh, en, role, title, title_en, organisation, area) in STAFF.items():
        made.accounts[name] = Account.objects.create(
            username=name,
            name=zh,
            name_en=en,
            email=f"{name}@example.org",
            password=password,
            second_factor=SECOND_FACTOR,
            second_factor_on=SINCE,
            created_at=SINCE,
        )
        made.posts[name] = Post.objects.create(
            organisation=made.organisations[organisation],
            title=title,
            title_en=title_en,
            roles=[role],
            area=made.areas[area],
        )
        Appointment.objects.create(
            post=made.posts[name], account=made.accounts[name], from_on=date(2026, 1, 1)
        )
