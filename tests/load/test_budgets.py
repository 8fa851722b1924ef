"""Counts that hold on any machine (数量预算): SQL of a request, and that lists are answered by their indexes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from linli.base.clock import now
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.services.tokens import make_token
from linli.kernel.places.queries import forget_shapes
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.queries import CaseFilters, case_page, inbox
from linli.kernel.procedures.versions import load_all
from tests.load.counting import counted
from tests.load.county import County, build_county
from tests.load.fill import fill
from tests.load.moulds import Mould, make_moulds

pytestmark = pytest.mark.django_db
FEW, MANY = 60, 600
SIGNED_IN = 4  # session, account, posts, deputies: what every page of the desk asks


# A table read row by row, under its own name or an alias: PostgreSQL says "Seq Scan on", SQLite "SCAN". `b0`, `b1` …
# are the parts of a list that are merged, each no longer than a page; procedures are few.
WHOLE_TABLE = re.compile(
    r"Seq Scan on procedures_(?:task|case)\b|\bSCAN (?!b\d+$|procedures_procedureversion)"
)


class Room:
    """A small county with moulds, and the dispatcher of its first township."""

    def __init__(self) -> None:
        load_all()
        self.county: County = build_county(2, 2, 3)
        self.moulds: list[Mould] = make_moulds(self.county, standing={"reported": 3, "assigned": 1})
        self.township, self.dispatcher = next(iter(self.county.dispatchers.items()))
        self.token = make_token(self.dispatcher, "load", by=SYSTEM)[1]
        self.browser = Client()
        self.browser.force_login(self.dispatcher, backend="django.contrib.auth.backends.ModelBackend")

    def fill(self, total: int) -> None:
        fill(self.county, self.moulds, total)

    def get(self, path: str) -> Any:
        return Client().get(path, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)

    def waiting(self) -> list[str]:
        found = Case.objects.filter(township=self.township, step="reported", status="open").order_by("id")
        return list(found.values_list("number", flat=True))


@pytest.fixture
def room(db: None) -> Any:
    yield Room()
    forget_shapes()


def test_copies_are_whole_cases(room: Room) -> None:
    room.fill(FEW)
    assert verify_all().as_dict()["first_fault"] is None
    assert [found for case in Case.objects.all() for found in replay(case)] == []


def least(ask: Callable[[], Any]) -> int:
    """The statements of a request (语句数), the least of four: what is kept in memory for seconds is read anew at times."""
    taken = []
    for _ in range(4):
        with counted() as statements:
            answer = ask()
        assert answer.status_code in {200, 201}
        taken.append(len(statements))
    return min(taken)


def test_creating_takes_few_statements(room: Room) -> None:
    grid = room.county.grids[room.township][0]
    body = {"description": "井盖松动。", "lng": grid.lng, "lat": grid.lat, "channel": "phone"}
    assert least(lambda: room.post("/api/v1/events", body)) <= 20


def test_acting_takes_few_statements(room: Room) -> None:
    room.fill(FEW)
    numbers = iter(room.waiting())
    accept = {"data": {"category": "load:1:lamp", "grade": "simple"}}
    assert least(lambda: room.post(f"/api/v1/cases/{next(numbers)}/actions/accept", accept)) <= 15


@pytest.mark.parametrize("query", ["", "&order=due", "&status=open", "&late=true"])
def test_a_list_takes_the_same_few_statements_for_many_cases(room: Room, query: str) -> None:
    taken = []
    for size in (FEW, MANY):
        room.fill(size)
        taken.append(least(lambda: room.get(f"/api/v1/cases?limit=50{query}")))
    assert taken[0] == taken[1] <= 8
    if not query:
        assert len(room.get("/api/v1/cases?limit=50").json()["items"]) == 50


@pytest.mark.parametrize(("path", "most"), [("/staff/", 8), ("/staff/cases/", 12)])
def test_a_page_takes_the_same_few_statements_for_many_cases(room: Room, path: str, most: int) -> None:
    taken = []
    for size in (FEW, MANY):
        room.fill(size)
        taken.append(least(lambda: room.browser.get(path)) - SIGNED_IN)
    assert taken[0] == taken[1] <= most


def plans(room: Room, read: Callable[[], Any]) -> list[str]:
    """What the database means to do for the reads of cases and tasks (查询计划), a line for each part."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    room.fill(MANY)
    with connection.execute_wrapper(note):
        read()
    postgresql = connection.vendor == "postgresql"
    found = []
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows would be read whole
        for sql, params in asked:
            if "procedures_" in sql:
                cursor.execute(f"{'EXPLAIN' if postgresql else 'EXPLAIN QUERY PLAN'} {sql}", params)
                found += [str(row[-1]).strip() for row in cursor.fetchall()]
    return found


READS: dict[str, tuple[str, Callable[[Actor], Any]]] = {
    "inbox": ("procedures_task_queue", inbox),
    "newest first": ("procedures_case_township", lambda actor: case_page(actor, now=now())),
    "by due time": ("procedures_case_due_town", lambda actor: case_page(actor, now=now(), order="due")),
    "late": (
        "procedures_case_due_town",
        lambda actor: case_page(actor, CaseFilters(late=True), now=now(), order="due"),
    ),
}


@pytest.mark.parametrize("name", READS)
def test_a_read_is_answered_by_its_index(room: Room, name: str) -> None:
    index, read = READS[name]
    found = plans(room, lambda: read(room.county.actor(room.dispatcher)))
    assert [line for line in found if WHOLE_TABLE.search(line)] == []
    assert any(index in line for line in found), "\n".join(found)
