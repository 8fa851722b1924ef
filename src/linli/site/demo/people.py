"""The demo's people (演示人员): organisations, posts and invented holders in every role, made by the people verbs.

Two or three townships are staffed in full, the others so that every case finds somebody. Nobody here is real.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from linli.base.clock import local
from linli.base.i18n import Text
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Account, Organisation
from linli.kernel.people.services import (
    appoint,
    create_account,
    create_organisation,
    create_post,
    create_resident_account,
    find_or_create_person,
    revise_organisation,
)
from linli.kernel.people.services.accounts import password_faults
from linli.kernel.places.models import Area
from linli.kernel.places.queries import children

DATA = Path(__file__).parent / "data"
FULL_TOWNSHIPS = 3
VILLAGES_BY_GRID = 8  # of a fully staffed township; its further villages have one grid worker each
AT_THE_DOOR = (
    ("care_worker", Text("帮扶员", "Care worker"), "帮扶", "Bangfu"),
    ("child_worker", Text("儿童主任", "Child worker"), "护童", "Hutong"),
    ("agent", Text("代办员", "Village agent"), "代办", "Daiban"),
)
OPEN_TO_ALL = frozenset({"committee", "street"})  # whose window and phone anybody may use
IN_POST_FOR = timedelta(days=400)

SURNAMES = (
    "黄 Huang|林 Lin|陈 Chen|郑 Zheng|王 Wang|李 Li|吴 Wu|刘 Liu|蔡 Cai|杨 Yang|许 Xu|张 Zhang|周 Zhou|谢 Xie|"
    "郭 Guo|赖 Lai|邱 Qiu|高 Gao|徐 Xu|朱 Zhu|庄 Zhuang|傅 Fu|洪 Hong|卢 Lu|翁 Weng|沈 Shen|廖 Liao|肖 Xiao|罗 Luo|游 You"
)
DIGITS = "零 Ling|一 Yi|二 Er|三 San|四 Si|五 Wu|六 Liu|七 Qi|八 Ba|九 Jiu"
SHOWN = (
    "dispatcher",
    "handler",
    "grid_worker",
    "call_back",
    "clerk",
    "leader",
    "supervisor",
    "administrator",
    "petition_officer",
    "petition_reviewer",
    "mediator",
    "reconsideration_officer",
    "hearing_officer",
    "examiner",
    "officer",
    "legal_reviewer",
    "disclosure_officer",
    "rating_reviewer",
    "care_worker",
    "care_lead",
    "child_worker",
    "child_lead",
    "agent",
)
"""Roles in the order in which their logins are shown; the first holder of each has the role as user name."""
BELOW_FIRST = frozenset({"leader", "petition_officer", "mediator", "care_lead", "child_lead"})

IN_VILLAGE_FIRST = frozenset({"care_worker", "child_worker", "agent"})


def _pairs(table: str) -> list[tuple[str, str]]:
    return [(zh, en) for zh, en in (pair.split() for pair in table.split("|"))]


@dataclass(frozen=True)
class Seat:
    """One post with the person who is to hold it."""

    organisation: Organisation
    role: str
    title: Text
    area: Area
    holder: Text


class Staffing:
    """Makes seats, then people in them: those whose logins are shown come first (按岗位建账号)."""

    def __init__(self, county: Area, *, password: str, at: datetime, small: bool) -> None:
        self.county, self.at, self.small = county, at, small
        self._surnames = _pairs(SURNAMES)
        self._n = 0
        self._password = password
        # One hash for all: hashing is slow by design, and the password is printed anyway.
        self._hash = make_password(password)
        self._plan: Mapping[str, Any] = tomllib.loads((DATA / "people.toml").read_text(encoding="utf-8"))

    def run(self, progress: Callable[[int, int], None]) -> None:
        seats = list(self._seats())
        # Whose login is shown works where the work begins, such as the head of a street office, who grants extensions.
        above = {**dict.fromkeys(BELOW_FIRST, "county"), **dict.fromkeys(IN_VILLAGE_FIRST, "township")}
        seats.sort(key=lambda s: (SHOWN.index(s.role), s.area.level == above.get(s.role)))
        taken: dict[str, int] = {}
        for n, seat in enumerate(seats):
            taken[seat.role] = taken.get(seat.role, 0) + 1
            self._fill(seat, seat.role if taken[seat.role] == 1 else f"{seat.role}-{taken[seat.role]:03d}")
            progress(n + 1, len(seats))
        for resident in self._plan["resident"]:
            person = find_or_create_person(
                resident["name"],
                resident["phone"],
                language=resident.get("language", "zh"),
                by=SYSTEM,
                at=self.at - timedelta(days=60),
            )
            create_resident_account(person, demo=True, at=self.at - timedelta(days=60))

    def _seats(self) -> Iterator[Seat]:
        title = self.county.title
        for entry in self._plan["county"]:
            words = {"c": title.zh, "C": title.en}
            organisation = self._organisation(self.county, entry, words)
            for post in entry["posts"]:
                holder = Text(post["name"], post["name_en"])
                title_of_post = Text(post["zh"], post["en"])
                yield Seat(organisation, post["role"], title_of_post, self.county, holder)
        n_full = 1 if self.small else FULL_TOWNSHIPS
        for n, township in enumerate(children(self.county)):
            yield from self._township(township, full=n < n_full)

    def _township(self, township: Area, *, full: bool) -> Iterator[Seat]:
        title = township.title
        office = "办事处" if title.zh.endswith("街道") else "人民政府"
        words = {"t": title.zh, "T": title.en, "office": office}
        for entry in self._plan["township"]:
            posts = [post for post in entry["posts"] if full or post.get("everywhere")]
            if not posts:
                continue
            organisation = self._organisation(township, entry, words)
            for post in posts:
                # Where every village has its own grid workers nobody else is needed to look.
                if full and post["role"] == "grid_worker":
                    continue
                name = self._name(post["given"], post["given_en"])
                yield Seat(organisation, post["role"], Text(post["zh"], post["en"]), township, name)
        if full:
            for n, village in enumerate(children(township)):
                yield from self._village(village, by_grid=n < VILLAGES_BY_GRID)

    def _village(self, village: Area, *, by_grid: bool) -> Iterator[Seat]:
        entry = {
            "key": "committee",
            "zh": committee_name(village.name),
            "en": f"{village.title.en} Committee",
            "kind": "village",
        }
        organisation = self._organisation(village, entry, {})
        if by_grid:
            mediator = Text("人民调解员", "Mediator")
            yield Seat(organisation, "mediator", mediator, village, self._name("调解", "Tiaojie"))
        digits = _pairs(DIGITS)
        for n, area in enumerate(children(village) if by_grid else [village], start=1):
            zh, en = digits[n % 10]
            yield Seat(
                organisation,
                "grid_worker",
                Text("网格员", "Grid worker"),
                area,
                self._name(f"格{zh}", f"Ge{en.lower()}"),
            )
        if by_grid:
            for role, title, given, given_en in AT_THE_DOOR:
                yield Seat(organisation, role, title, village, self._name(given, given_en))

    def _organisation(self, area: Area, entry: Mapping[str, Any], words: Mapping[str, str]) -> Organisation:
        made = create_organisation(
            f"{area.prefix}-{entry['key']}",
            entry["zh"].format(**words),
            name_en=entry["en"].format(**words),
            kind=entry["kind"],
            area=area,
            by=SYSTEM,
            at=self.at - IN_POST_FOR,
        )
        if entry["key"] in OPEN_TO_ALL:
            # No exchange begins with 000: nobody is called by mistake.
            phone = f"000-5550{Organisation.objects.count():04d}"
            address = f"{area.name}便民服务大厅"
            revise_organisation(made, phone=phone, address=address, by=SYSTEM, at=self.at - IN_POST_FOR)
        return made

    def _name(self, given: str, given_en: str) -> Text:
        zh, en = self._surnames[self._n % len(self._surnames)]
        self._n += 1
        return Text(f"{zh}{given}", f"{en} {given_en}")

    def _fill(self, seat: Seat, username: str) -> None:
        since = self.at - IN_POST_FOR
        account = create_account(
            username,
            seat.holder.zh,
            name_en=seat.holder.en,
            email="",
            must_change_password=False,
            demo=True,
            by=SYSTEM,
            at=since,
        )
        if weak := password_faults(self._password, account):
            raise ValueError(f"the demo's password will not do for {username}: {weak.en}")
        account.password = self._hash
        account.save(update_fields=["password"])
        post = create_post(
            seat.organisation,
            seat.title.zh,
            title_en=seat.title.en,
            roles=[seat.role],
            area=seat.area,
            by=SYSTEM,
            at=since,
        )
        appoint(post, account, from_on=local(since).date(), by=SYSTEM, at=since)


def committee_name(village: str) -> str:
    """中山社区 → 中山社区居民委员会, 后田村委会 → 后田村村民委员会, 新秀居委会 → 新秀居民委员会 (居、村委会全称)."""
    if village.endswith("委员会"):
        return village
    if village.endswith("村委会"):
        return re.sub("村委会$", "村村民委员会", village)
    return re.sub("居委会$", "", village) + "居民委员会"


def demo_accounts() -> list[Account]:
    """The first demo account of each role, in the order in which they are shown (各角色的演示账号)."""
    found = {account.username: account for account in Account.objects.filter(demo=True, username__in=SHOWN)}
    return [found[role] for role in SHOWN if role in found]
