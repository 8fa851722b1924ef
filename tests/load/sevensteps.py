"""A whole case in process (全程一件): the engine beside the very same rows by bare SQL with the bare driver.

One case goes through the engine while every table is watched; what was added and changed at each act is then replayed
as the least SQL that leaves the same rows: lock the case, insert what is new, update what changed, commit.
"""

from __future__ import annotations

import cProfile
import gc
import io
import pstats
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.base.ids import uuid7
from linli.domains.events import services
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.models import Case
from tests.load.counting import counted
from tests.load.county import County, way
from tests.load.moulds import TABLES, WORDS

CASE, NUMBER, SERIES = object(), object(), "bare-EV-2026"
COUNT = (
    "INSERT INTO procedures_counter (series, last) VALUES (%s, 1) ON CONFLICT (series) "
    "DO UPDATE SET last = procedures_counter.last + 1 RETURNING last"
)
WATCHED = {**TABLES, "notices_notice": "case_number", "procedures_case_fts": "case"}
PRIMARY = {"procedures_case": "id", "events_event": "case_id"}  # known to us; all others are given out
Statement = tuple[str, list[Any]]
Snapshot = dict[str, dict[Any, dict[str, Any]]]


@dataclass
class Act:
    """What one act leaves behind (一次操作的落库), as statements in order."""

    name: str
    n_engine: int  # statements that the engine took
    writes: list[Statement] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """Engine and bare SQL side by side (对照结果), for a whole case. CPU is of this process and of the database's."""

    engine_ms: float
    bare_ms: float
    engine_cpu_ms: float
    bare_cpu_ms: float
    n_engine: list[int]
    n_bare: list[int]
    rows: dict[str, int]

    @property
    def ratio(self) -> float:
        return self.engine_ms / self.bare_ms

    @property
    def cpu_ratio(self) -> float:
        return self.engine_cpu_ms / self.bare_cpu_ms


def compare(county: County, *, n_cases: int = 40) -> Comparison:
    """Case by case in turn, so that whatever else the machine does meets both (交替测量)."""
    runner = Runner(county)
    acts, rows = watch(runner)
    bare = Bare()
    for _ in range(5):
        runner.whole_case()
        bare.whole_case(_prepared(acts))
    gc.collect()
    found = [(runner.whole_case(), bare.whole_case(_prepared(acts))) for _ in range(n_cases)]
    bare.close()
    engine_ms, engine_cpu, bare_ms, bare_cpu = (
        statistics.median(case[who][what] for case in found) for who in (0, 1) for what in (0, 1)
    )
    statements = [act.n_engine for act in acts], [len(act.writes) for act in acts]
    return Comparison(engine_ms, bare_ms, engine_cpu, bare_cpu, *statements, rows)


class Clock:
    """Milliseconds that passed and that were worked (耗时与CPU), of this process and one backend of the database."""

    def __init__(self, backend: int | None) -> None:
        self.stat = Path(f"/proc/{backend}/schedstat") if backend else None
        self.passed = self.worked = 0.0

    def _worked(self) -> float:
        nanoseconds = int(self.stat.read_text().split()[0]) if self.stat else 0
        return nanoseconds / 1e6 + time.process_time() * 1000

    def __enter__(self) -> Self:
        self.worked -= self._worked()
        self.passed -= time.perf_counter() * 1000
        return self

    def __exit__(self, *_: object) -> None:
        self.passed += time.perf_counter() * 1000
        self.worked += self._worked()


class Runner:
    """Brings cases from report to rating through the verbs (引擎走完全程). Who acts is known beforehand."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.lead = min(county.handlers)
        self.resident = county.residents[0]
        self.grid = next(iter(county.grids.values()))[0]
        self.by = county.actor(self.resident)
        self.backend = _backend(connection.cursor)
        steps = way(county, self.grid, self.lead, self.resident)
        self.steps = [(action, data, county.actor(who)) for _, who, action, data in steps]

    def whole_case(self) -> tuple[float, float]:
        """Time and CPU in the verbs alone; reading the case in between is not counted."""
        clock, at = Clock(self.backend), now() - timedelta(hours=1)
        with clock:
            number = self.opened(at)
        case = Case.objects.get(number=number)
        for _, work in self.acts(case, at):
            with clock:
                work()
        return clock.passed, clock.worked

    def opened(self, at: datetime) -> str:
        words, grid = {"description": WORDS[0]}, self.grid
        return services.report(words, by=self.by, channel="web", lng=grid.lng, lat=grid.lat, at=at).number

    def acts(self, case: Case, at: datetime) -> list[tuple[str, Callable[[], Any]]]:
        return [
            (action, partial(engine.act, case, action, data, by=by, at=at + timedelta(minutes=5 * n)))
            for n, (action, data, by) in enumerate(self.steps, 1)
        ]


def _backend(cursor: Callable[[], Any]) -> int | None:
    """The process behind a connection to PostgreSQL (数据库后端进程号)."""
    if connection.vendor != "postgresql":
        return None
    with cursor() as asking:
        asking.execute("SELECT pg_backend_pid()")
        return int(asking.fetchone()[0])


def watch(runner: Runner) -> tuple[list[Act], dict[str, int]]:
    """One case through the engine, every table looked at after each act (记下每步落库)."""
    runner.whole_case()  # fills what is kept in memory
    before: Snapshot = {table: {} for table in WATCHED}
    at = now() - timedelta(hours=1)
    with counted() as statements:
        number = runner.opened(at)
    case = Case.objects.get(number=number)
    acts = [_act("open", len(statements), before, after := _snapshot(case))]
    for name, work in runner.acts(case, at):
        before = after
        with counted() as statements:
            work()
        acts.append(_act(name, len(statements), before, after := _snapshot(case)))
    return acts, {table: len(rows) for table, rows in after.items()}


def _snapshot(case: Case) -> Snapshot:
    found: Snapshot = {}
    keys: dict[str, Any] = {"case_number": case.number}
    with connection.cursor() as cursor:
        for table, key in WATCHED.items():
            if key == "case":
                key = "rowid" if connection.vendor == "sqlite" else "case_id"
            columns = f"{key}, terms" if table == "procedures_case_fts" else "*"
            wanted: Any = keys.get(key, case.pk)
            cursor.execute(f"SELECT {columns} FROM {table} WHERE {key} = %s", [wanted])
            names = [d[0] for d in cursor.description]
            rows = [dict(zip(names, map(_for_driver, row), strict=True)) for row in cursor.fetchall()]
            found[table] = {row.get("id", row.get(key)): row for row in rows}
            for row in rows:
                if table not in PRIMARY:
                    row.pop("id", None)
                for name in {"case_id", "rowid"} & set(row):
                    row[name] = CASE
                for name in {"number", "case_number"} & set(row):
                    row[name] = NUMBER
                if table == "procedures_case":
                    row.pop("id")
    return found


def _for_driver(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, datetime) and connection.vendor == "sqlite":
        return str((value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None))
    return value


def _act(name: str, n_engine: int, before: Snapshot, after: Snapshot) -> Act:
    act = Act(name, n_engine)
    if name == "open":
        act.writes.append((COUNT, [SERIES]))
    else:
        lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
        act.writes.append((f"SELECT {hot.CASE_COLUMNS} FROM procedures_case WHERE id = %s{lock}", [CASE]))
    for table, rows in after.items():
        new = [row for key, row in rows.items() if key not in before[table]]
        if new:
            act.writes.append(_insert(table, new))
        for key, old in before[table].items():
            changed = {name: value for name, value in rows[key].items() if value != old[name]}
            if changed:
                act.writes.append(_update(table, old, changed))
    return act


def _insert(table: str, rows: Sequence[dict[str, Any]]) -> Statement:
    # What is empty need not be named, as long as the column has a default.
    names = [n for n in rows[0] if any(row[n] is not None for row in rows)]
    mark = "%s::tsvector" if table == "procedures_case_fts" and connection.vendor == "postgresql" else "%s"
    one = ", ".join(mark if n == "terms" else "%s" for n in names)
    tail = " RETURNING id" if table == "procedures_case" else ""
    quoted = ", ".join(f'"{name}"' for name in names)
    sql = f"INSERT INTO {table} ({quoted}) VALUES {', '.join([f'({one})'] * len(rows))}{tail}"
    return sql, [row[name] for row in rows for name in names]


def _update(table: str, old: dict[str, Any], changed: dict[str, Any]) -> Statement:
    key = "uid" if "uid" in old else "id" if table == "procedures_case" else "case_id"
    where = CASE if key in {"id", "case_id"} else old[key]
    columns = ", ".join(f'"{name}" = %s' for name in changed)
    return f"UPDATE {table} SET {columns} WHERE {key} = %s", [*changed.values(), where]


def _prepared(acts: Sequence[Act]) -> list[list[Statement]]:
    """The values of one more case, made before the clock runs (预先备好的参数)."""
    number = f"{SERIES}-{uuid7().hex[-12:]}"
    uids: dict[Any, Any] = {}

    def value(v: Any) -> Any:
        if v is NUMBER:
            return number
        if isinstance(v, UUID) or (isinstance(v, str) and len(v) == 32 and v[12] == "7"):
            return uids.setdefault(v, uuid7() if isinstance(v, UUID) else uuid7().hex)
        return v

    return [[(sql, [value(v) for v in params]) for sql, params in act.writes] for act in acts]


class Bare:
    """The driver alone, its connection set up as the product's is (裸驱动)."""

    def __init__(self) -> None:
        options = connection.settings_dict
        self.connection: Any
        if connection.vendor == "sqlite":
            self.connection = sqlite3.connect(options["NAME"], isolation_level=None)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
            self.connection = psycopg.connect(**{k: options[v] for k, v in names.items()}, autocommit=True)
        self.backend = _backend(self.connection.cursor)

    def whole_case(self, acts: Sequence[Sequence[Statement]]) -> tuple[float, float]:
        """Time and CPU of statements that are all ready."""
        with Clock(self.backend) as clock:
            self._run(acts)
        return clock.passed, clock.worked

    def _run(self, acts: Sequence[Sequence[Statement]]) -> None:
        embedded = isinstance(self.connection, sqlite3.Connection)
        cursor, case_id = self.connection.cursor(), 0
        for statements in acts:
            cursor.execute("BEGIN IMMEDIATE" if embedded else "BEGIN")
            for sql, params in statements:
                found = [case_id if v is CASE else v for v in params]
                cursor.execute(sql.replace("%s", "?") if embedded else sql, found)
                if "RETURNING id" in sql:
                    case_id = cursor.fetchone()[0]
                elif sql is COUNT or sql.startswith("SELECT"):
                    cursor.fetchone()
            cursor.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


def profile(county: County, n_cases: int = 100) -> str:
    """Where a whole case spends its time (耗时分布), and the statements of each act."""
    runner = Runner(county)
    runner.whole_case()
    said = io.StringIO()
    with CaptureQueriesContext(connection) as captured:
        runner.whole_case()
    for query in captured.captured_queries:
        print(query["sql"][:150].replace("\n", " "), file=said)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(n_cases):
        runner.whole_case()
    profiler.disable()
    for order in ("tottime", "cumulative"):
        pstats.Stats(profiler, stream=said).strip_dirs().sort_stats(order).print_stats(45)
    return said.getvalue()
