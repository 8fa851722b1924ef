"""Every address, every API operation, every role (权限矩阵).

The addresses are read from the site itself, so a new one is in the matrix without anybody remembering it. What each
role gets stands in `matrix.csv`, which a person reads when it changes; renew it with `RENEW_MATRIX=1`. What must hold
whatever the file says is asserted outright: nothing breaks, the desk is closed to residents, a case opens exactly for
those who may see it, and to everybody else it answers like one that does not exist. A plan of help and a child's file
are cases of the walk: each opens for those who work on it alone, and every look at one stands in the person's own list.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from linli.kernel.people.models import AccessEntry
from linli.kernel.people.services.tokens import make_token
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record
from linli.kernel.records.signing import algorithm_in_force, signer
from tests.cast import RESIDENTS, Cast
from tests.events import MONDAY, event_at
from tests.lawcast import add_staff

FILE = Path(__file__).with_name("matrix.csv")
ABSENT = "350102-EV-2026-999999"
NO_UID = "00000000-0000-7000-8000-000000000000"
LEFT_OUT = re.compile(r"^/static/|sign-out")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)|\{(\w+)\}")
CASES = ("own", "neighbour", "plan", "child", "absent")
CARERS = ("care_worker", "other_care_worker", "child_worker", "care_lead", "child_lead")
"""Who else walks, beside the cast: those whose work care data and children's files are, and a colleague of the next village."""
TEAMS = {"plan": {"care_worker"}, "child": {"child_worker"}}
OPEN_AT_THE_DESK = re.compile(r"sign-in|second-factor")


def addresses(patterns: Any = None, prefix: str = "/") -> Iterator[str]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        here = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            yield here


def all_addresses() -> list[str]:
    return sorted({a for a in addresses() if not LEFT_OUT.search(a)})


@dataclass
class World:
    """What the addresses are filled with: things that are there, so that a role is refused for who it is."""

    cast: Cast
    cases: dict[str, Case]

    def names(self) -> list[str]:
        return [*self.cast.names(), *CARERS]

    def number(self, which: str) -> str:
        return self.cases[which].number if which in self.cases else ABSENT

    def fill(self, address: str, which: str) -> str:
        return PARAMETER.sub(
            lambda match: self._value(address, next(filter(None, match.groups())), which), address
        )

    def _value(self, address: str, name: str, which: str) -> str:
        if name == "number":
            return self.number(which)
        if name in ("code", "action"):
            return next(value for part, value in CODES.items() if part in address)
        known = {
            "account": str(self.cast.account("handler").uid),
            "deputy": str(self.cast.account("other_handler").uid),
            "post": str(self.cast.post("handler").uid),
            "since": "2026-01-01",
            "directory": "test",
            "version": "1",
            "n": "1",
            "year": "2026",
        }
        if name == "uid":
            if "/people/" in address:
                return known["account"]
            return known["post"] if "/posts/" in address else NO_UID
        return known.get(name, "nothing")


CODES = {
    "/reveal/": "contact",
    "/cases/<": "accept",
    "/cases/{": "accept",
    "/case/<": "supplement",
    "/category/": "lamp",
    "/mend/": "posts",
    "/organisations/": "350102-municipal",
    "/procedures/": "grid-event",
    "/areas/": "350102001000",
    "": "nothing",
}


@pytest.fixture
def world(cast: Cast, settings: Any, tmp_path: Path) -> World:
    """One of the resident's own, being handled; one of an outsider in the neighbour township; a plan of help and a child's file.

    The data folder is its own and holds a key already, so no row depends on which test made one before.
    """
    settings.LINLI_DATA_DIR = str(tmp_path)
    signer(algorithm_in_force())
    add_staff(cast, CARERS)
    return World(
        cast,
        {
            "own": event_at(cast, "handling"),
            "neighbour": event_at(cast, "reported", by="outsider", grid="neighbour_grid"),
            "plan": in_care(cast, "help-plan", "care_worker", "elderly"),
            "child": in_care(cast, "child-care", "child_worker", "left_behind"),
        },
    )


def in_care(cast: Cast, procedure: str, worker: str, group: str) -> Case:
    """A file that its worker has agreed on with the person (已有帮扶计划)."""
    receipt = engine.open_case(
        procedure,
        by=cast.actor("resident"),
        area=cast.area("village1"),
        data={"target_group": group, "wish": "想有人帮忙。", "home_address": "和平路 12 号"},
        channel="web",
        applicant=cast.person("resident"),
        at=MONDAY,
    )
    case = Case.objects.get(number=receipt.number)
    ground = "consent" if procedure == "help-plan" else "minors_43"
    settled = {
        "needs": "买菜困难。",
        "goals": "送餐",
        "review_on": (MONDAY + timedelta(days=40)).date().isoformat(),
    }
    for action, data in (("agree", {"consent_ground": ground}), ("plan", settled)):
        engine.act(case, action, data, by=cast.actor(worker), at=MONDAY)
        case.refresh_from_db()
    return case


@dataclass
class Visitor:
    """One role with its browser and its token."""

    name: str
    client: Client
    headers: dict[str, str]
    seen: frozenset[str]

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers if path.startswith("/api/") else {})

    def post_nothing(self, path: str) -> Any:
        if path.startswith("/api/"):
            return self.client.post(path, data="{}", content_type="application/json", headers=self.headers)
        return self.client.post(path, {})


def visitor(world: World, name: str) -> Visitor:
    actor = world.cast.actor(name)
    headers = {}
    if name != "anonymous":
        _, text = make_token(world.cast.account(name), "matrix", by=actor)
        headers = {"Authorization": f"Bearer {text}"}
    seen = frozenset(visible_to(actor).values_list("number", flat=True))
    return Visitor(name, world.cast.client(name), headers, seen)


def outcome(response: Any) -> str:
    """A status, and for a turn to the sign-in page that it is one."""
    if response.status_code in (301, 302) and "sign-in" in response["Location"]:
        return "sign-in"
    return str(response.status_code)


def plain(response: Any, number: str) -> str:
    """The answer without what differs from one asking to the next: the number itself, tokens, identifiers."""
    if response.status_code in (301, 302):
        text = response["Location"]
    elif response.streaming:
        text = b"".join(response.streaming_content).decode(errors="replace")
    else:
        text = response.content.decode(errors="replace")
    return re.sub(
        r'value="[A-Za-z0-9-]{32,}"|\b[0-9a-f]{32}\b|[A-Za-z0-9]{64}', "TOKEN", text.replace(number, "NUMBER")
    )


def walk(world: World) -> tuple[dict[tuple[str, str], dict[str, str]], list[str]]:
    """What every role gets at every address, and what must never be."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    wrong: list[str] = []
    for name in world.names():
        who = visitor(world, name)
        for address in all_addresses():
            answers = {}
            for which in CASES if "number" in address else ("-",):
                response = who.get(world.fill(address, which))
                answers[which] = (outcome(response), plain(response, world.number(which)))
                found.setdefault((address, which), {})[name] = outcome(response)
                if response.status_code >= 500:
                    wrong.append(f"{name} breaks {address} ({which})")
                if (
                    response.status_code == 200
                    and which in world.cases
                    and world.number(which) not in who.seen
                ):
                    wrong.append(f"{name} opens {address} ({which}), which they may not see")
                resident = name in RESIDENTS or name == "anonymous"
                desk = address.startswith(("/staff/", "/board/")) and not OPEN_AT_THE_DESK.search(address)
                if resident and desk and response.status_code == 200:
                    wrong.append(f"{name} is let in at {address}")
            hidden = [w for w in world.cases if w in answers and world.number(w) not in who.seen]
            wrong += [
                f"{name} can tell {address} ({w}) from absent"
                for w in hidden
                if answers[w] != answers["absent"]
            ]
    return found, wrong


def test_every_address_answers_every_role_as_written(world: World) -> None:
    names = world.names()
    found, wrong = walk(world)
    assert wrong == []
    looked = (
        AccessEntry.objects.filter(case_number__in=[world.number(which) for which in TEAMS])
        .values_list("case_number", "account__username", "person")
        .distinct()
    )
    resident = world.cast.person("resident").pk
    assert set(looked) == {
        (world.number(which), who, resident) for which, team in TEAMS.items() for who in team
    }, "whoever opened one stands in the person's own list, and nobody else opened one"
    rows = [
        [address, which, *(answers[n] for n in names)] for (address, which), answers in sorted(found.items())
    ]
    table = [["address", "case", *names], *rows]
    if os.environ.get("RENEW_MATRIX"):
        with FILE.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    with FILE.open(newline="", encoding="utf-8") as file:
        written = list(csv.reader(file))
    different = [row for row in table if row not in written] + [row for row in written if row not in table]
    assert not different, "the matrix changed: read it, then renew it with RENEW_MATRIX=1"


def test_posting_nothing_writes_nothing_and_breaks_nothing(world: World) -> None:
    before = Record.objects.count()
    broken = []
    for name in world.names():
        who = visitor(world, name)
        for address in all_addresses():
            if (
                "password" not in address
                and who.post_nothing(world.fill(address, "neighbour")).status_code >= 500
            ):
                broken.append(f"{name} breaks {address}")
    assert broken == []
    new = Record.objects.order_by("-id")[: Record.objects.count() - before]
    assert [(r.actor_kind, r.action) for r in new] == []


@pytest.mark.parametrize("which", TEAMS)
def test_a_file_of_care_opens_for_its_team_alone_and_each_look_is_told(world: World, which: str) -> None:
    """Everybody else gets what they get for a number that was never given, on the desk and by the API."""
    number, team = world.number(which), TEAMS[which]
    case_pages = ("/staff/cases/{}/", "/api/v1/cases/{}", "/api/v1/cases/{}/records")
    for name in world.names():
        if name in RESIDENTS:
            continue
        who = visitor(world, name)
        assert (number in who.seen) is (name in team), name
        for page in case_pages:
            response, absent = who.get(page.format(number)), who.get(page.format(ABSENT))
            if name in team:
                assert response.status_code == 200, (name, page)
            else:
                assert response.status_code == absent.status_code != 200, (name, page)
                assert plain(response, number) == plain(absent, ABSENT), (name, page)
        for listed in ("/staff/", "/staff/cases/", "/api/v1/cases"):
            assert name in team or number not in plain_text(who.get(listed)), (name, listed)
    outsider = visitor(world, "outsider")
    theirs, absent = (outsider.get(f"/case/{n}/") for n in (number, ABSENT))
    assert (theirs.status_code, plain(theirs, number)) == (absent.status_code, plain(absent, ABSENT))

    looks = AccessEntry.objects.filter(case_number=number)
    assert {(look.account.username, look.person_id) for look in looks.select_related("account")} == {
        (name, world.cast.person("resident").pk) for name in team
    }
    own = visitor(world, "resident")
    assert own.get(f"/case/{number}/").status_code == 200
    assert looks.count() == AccessEntry.objects.filter(case_number=number).count(), "one's own is no look"
    assert number in plain_text(own.get("/mine/looks/"))
    assert number not in plain_text(outsider.get("/mine/looks/"))


def plain_text(response: Any) -> str:
    return str(response.content.decode(errors="replace"))
