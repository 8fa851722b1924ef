"""Every address, every API operation, every role (权限矩阵).

The addresses are read from the site itself, so a new one is in the matrix without anybody remembering it. What each
role gets stands in `matrix.csv`, which a person reads when it changes; renew it with `LINLI_RENEW=1`. What must hold
whatever the file says is asserted outright: nothing breaks, the desk is closed to residents, a case opens exactly for
those who may see it, and to everybody else it answers like one that does not exist.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from linli.domains.events.models import Event
from linli.kernel.people.services.tokens import make_token
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record
from tests.cast import RESIDENTS, Cast
from tests.events import event_at

FILE = Path(__file__).with_name("matrix.csv")
ABSENT = "350102-EV-2026-999999"
NO_UID = "00000000-0000-7000-8000-000000000000"
SAMPLES = {
    "number": "",  # the case of the moment
    "code": "350102001000",
    "action": "accept",
    "uid": NO_UID,
    "pk": "999999",
    "key": "no-such-key",
    "path": "nothing",
    "slug": "nothing",
    "year": "2026",
}
LEFT_OUT = re.compile(r"^/static/|sign-out")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)|\{(\w+)\}")


def addresses(patterns: Any = None, prefix: str = "/") -> Iterator[str]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        here = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            yield here


def filled(address: str, number: str) -> str:
    def value(match: re.Match[str]) -> str:
        name = next(g for g in match.groups() if g)
        if name == "number":
            return number
        if name == "code" and "cases/" in address:
            return "accept"
        return SAMPLES.get(name, "nothing")

    return PARAMETER.sub(value, address)


def all_addresses() -> list[str]:
    return sorted({a for a in addresses() if not LEFT_OUT.search(a)})


@pytest.fixture
def cases(cast: Cast) -> dict[str, Case]:
    """One of the resident's own, being handled, and one of an outsider in the neighbour township."""
    own = event_at(cast, "handling")
    Event.objects.filter(case=own).update(answered_by=None)
    return {"own": own, "neighbour": event_at_neighbour(cast)}


def event_at_neighbour(cast: Cast) -> Case:
    return event_at(cast, "reported", by="outsider", grid="neighbour_grid")


def token(cast: Cast, name: str) -> dict[str, str]:
    if name == "anonymous":
        return {}
    _, text = make_token(cast.account(name), "matrix", by=cast.actor(name))
    return {"Authorization": f"Bearer {text}"}


def ask(cast: Cast, name: str, path: str, client: Client, headers: dict[str, str]) -> Any:
    return client.get(path, headers=headers if path.startswith("/api/") else {})


def outcome(response: Any) -> str:
    """A status, and for a turn to the sign-in page that it is one."""
    if response.status_code in (301, 302) and "sign-in" in response["Location"]:
        return "sign-in"
    return str(response.status_code)


def measured(cast: Cast, cases: dict[str, Case]) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in cast.names():
        client, headers = cast.client(name), token(cast, name)
        for address in all_addresses():
            for which in ("own", "neighbour", "absent") if "number" in address else ("-",):
                number = cases[which].number if which in cases else ABSENT
                response = ask(cast, name, filled(address, number), client, headers)
                assert response.status_code < 500, (name, address, which)
                found.setdefault((address, which), {})[name] = outcome(response)
    return found


def test_every_address_answers_every_role_as_written(cast: Cast, cases: dict[str, Case]) -> None:
    names = cast.names()
    now = measured(cast, cases)
    rows = [
        [address, which, *(answers[n] for n in names)] for (address, which), answers in sorted(now.items())
    ]
    table = [["address", "case", *names], *rows]
    if os.environ.get("LINLI_RENEW"):
        with FILE.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    with FILE.open(newline="", encoding="utf-8") as file:
        written = list(csv.reader(file))
    different = [row for row in table if row not in written] + [row for row in written if row not in table]
    assert not different, "the matrix changed: read it, then renew it with LINLI_RENEW=1"


def test_the_desk_and_the_wall_are_closed_to_residents(cast: Cast, cases: dict[str, Case]) -> None:
    for name in (*RESIDENTS, "anonymous"):
        client = cast.client(name)
        for address in all_addresses():
            if (
                not address.startswith(("/staff/", "/board/"))
                or "sign-in" in address
                or "second-factor" in address
            ):
                continue
            status = client.get(filled(address, cases["own"].number)).status_code
            assert status in (302, 403, 404, 405), (name, address, status)


def test_a_case_opens_exactly_for_those_who_may_see_it(cast: Cast, cases: dict[str, Case]) -> None:
    pages = [a for a in all_addresses() if "number" in a and not re.search(r"actions|/do/|reveal", a)]
    assert len(pages) >= 3
    for name in cast.names():
        seen = set(visible_to(cast.actor(name)).values_list("number", flat=True))
        client, headers = cast.client(name), token(cast, name)
        for address in pages:
            for case in cases.values():
                response = ask(cast, name, filled(address, case.number), client, headers)
                if response.status_code == 200:
                    assert case.number in seen, (name, address)


def test_what_one_may_not_see_answers_like_what_does_not_exist(cast: Cast, cases: dict[str, Case]) -> None:
    for name in cast.names():
        seen = set(visible_to(cast.actor(name)).values_list("number", flat=True))
        client, headers = cast.client(name), token(cast, name)
        for address in (a for a in all_addresses() if "number" in a):
            for case in cases.values():
                if case.number in seen:
                    continue
                hidden = ask(cast, name, filled(address, case.number), client, headers)
                absent = ask(cast, name, filled(address, ABSENT), client, headers)
                assert outcome(hidden) == outcome(absent), (name, address)
                assert plain(hidden, case.number) == plain(absent, ABSENT), (name, address)


def plain(response: Any, number: str) -> str:
    """The answer without what differs from one asking to the next: the number itself, tokens, moments."""
    if response.status_code in (301, 302):
        text = response["Location"]
    elif response.streaming:
        text = b"".join(response.streaming_content).decode(errors="replace")
    else:
        text = response.content.decode(errors="replace")
    text = text.replace(number, "NUMBER")
    return re.sub(r'value="[A-Za-z0-9-]{32,}"|\b[0-9a-f]{32}\b|[A-Za-z0-9]{64}', "TOKEN", text)


def test_posting_nothing_writes_nothing_and_breaks_nothing(cast: Cast, cases: dict[str, Case]) -> None:
    before = Record.objects.count()
    for name in cast.names():
        client, headers = cast.client(name), token(cast, name)
        for address in all_addresses():
            if "password" in address:
                continue
            path = filled(address, cases["neighbour"].number)
            if path.startswith("/api/"):
                response = client.post(path, data="{}", content_type="application/json", headers=headers)
            else:
                response = client.post(path, {})
            assert response.status_code < 500, (name, address)
    assert Record.objects.count() == before
