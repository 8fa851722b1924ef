"""Moulds (样件): cases that the engine itself opened and moved; `fill` copies their rows by the hundred thousand.

So a copy looks in every column as the engine writes it. What differs from copy to copy (ids, number, task uids, grid,
moments) is replaced, and the chain of records is hashed anew with the product's own functions.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from linli.base.clock import now
from linli.base.text import bigrams
from linli.domains.events import services
from linli.kernel.procedures import engine
from linli.kernel.procedures.hot import read_moment
from linli.kernel.procedures.models import Case
from tests.load.county import County, Grid, way

# The tables of a case, with the column that names it. Notices are left out: they leave the outbox and are read once.
TABLES = {
    "procedures_case": "id",
    "procedures_task": "case_id",
    "procedures_participation": "case_id",
    "records_record": "case_id",
    "records_erasablefact": "case_id",
    "events_event": "case_id",
}
# Of every township's moulds so many stand at each step: work waits for the dispatcher first.
STANDING = {"reported": 12, "dispatching": 2, "assigned": 2, "handling": 2, "verifying": 2}
WORDS = (
    "北门三盏路灯不亮。晚上看不见路，老人容易摔倒。",
    "井盖松动，车一压就响。已经三天了，请尽快修好。",
    "楼下垃圾堆了两天没有清运。味道很大，苍蝇很多。",
    "夜里十一点还在施工。孩子要上学，睡不着。",
    "台风后大树倒在路口。车过不去，要绕很远。",
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00")


@dataclass(frozen=True)
class Mould:
    grid: Grid
    number: str
    columns: dict[str, list[str]]
    rows: dict[str, list[list[Any]]]
    terms: str  # of the search index
    moments: tuple[tuple[str, datetime], ...]  # as they stand in the records' texts


def make_moulds(county: County, *, seed: int = 0, standing: dict[str, int] | None = None) -> list[Mould]:
    """Open and move the moulds through the engine (用引擎立样件): the last six days, every township, five steps."""
    chance = random.Random(seed)
    found = []
    for township in county.grids:
        for step, n in (standing or STANDING).items():
            for _ in range(n):
                found.append(_mould(county, township, step, chance))
    return found


def report_by_engine(
    county: County, grid: Grid, *, words: str, by: Any = None, at: datetime | None = None
) -> Case:
    """One report in the middle of a grid (在网格正中反映一件)."""
    receipt = services.report(
        {"description": words},
        by=by or county.actor(county.dispatchers[grid.prefix[:9]]),
        channel="web" if by else "phone",
        lng=grid.lng,
        lat=grid.lat,
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def _mould(county: County, township: str, step: str, chance: random.Random) -> Mould:
    grid, words = chance.choice(county.grids[township]), chance.choice(WORDS)
    resident, lead = chance.choice(county.residents), chance.choice(sorted(county.handlers))
    at = now() - timedelta(minutes=chance.randrange(60, 6 * 24 * 60))
    by = county.actor(resident) if chance.random() < 0.5 else None
    case = report_by_engine(county, grid, words=words, by=by, at=at)
    for reached, who, action, data in way(county, grid, lead, resident):
        if case.step == step:
            break
        at += timedelta(minutes=chance.randrange(1, 9), seconds=chance.randrange(60))
        engine.act(case, action, data, by=county.actor(who), at=at)
        case.refresh_from_db()
        assert case.step == reached
    return _read(case, grid, words)


def _read(case: Case, grid: Grid, words: str) -> Mould:
    columns, rows = {}, {}
    with connection.cursor() as cursor:
        for table, key in TABLES.items():
            order = " ORDER BY seq" if table == "records_record" else ""
            cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s{order}", [case.pk])
            columns[table] = [d[0] for d in cursor.description]
            rows[table] = [[_plain(value) for value in row] for row in cursor.fetchall()]
    texts = [row[columns["records_record"].index("facts")] for row in rows["records_record"]]
    moments = {m: datetime.fromisoformat(m) for text in texts for m in MOMENT.findall(text)}
    terms = " ".join(bigrams(f"{case.title} {case.place_text} {case.number} {words}")[:2000])
    return Mould(grid, case.number, columns, rows, terms, tuple(moments.items()))


def _plain(value: Any) -> Any:
    """What each driver gives, as one kind of value (统一各驱动的取值)."""
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return read_moment(value).astimezone(UTC)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def grids_of(county: County, seed: int) -> Iterator[tuple[str, Grid]]:
    """Grids at random without end (随机网格)."""
    chance = random.Random(seed)
    townships = list(county.grids)
    while True:
        township = chance.choice(townships)
        yield township, chance.choice(county.grids[township])
