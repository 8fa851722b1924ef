"""Fills the database with open cases (灌入在办件): whole and provable, past the engine, as fast as the database takes.

PostgreSQL by COPY, the embedded database by `executemany` in one transaction. With `bulk` the secondary indexes are
made anew afterwards and foreign keys are not asked, which is not possible inside a test's transaction.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from linli.base.ids import uuid7
from linli.kernel.procedures.models import Case
from linli.kernel.records.chain import START, Entry, entry_hash
from tests.load.county import SIDE, County, Grid
from tests.load.moulds import TABLES, Mould

CHUNK = 20_000
SPREAD_SECONDS = 3 * 3600
FTS = "procedures_case_fts"
Rows = dict[str, list[Sequence[Any]]]


def fill(county: County, moulds: Sequence[Mould], total: int, *, bulk: bool = False, seed: int = 1) -> int:
    """Copy moulds until there are `total` cases (灌到总件数). Returns how many were added."""
    wanted = total - Case.objects.count()
    if wanted <= 0:
        return 0
    copier = Copier(county, moulds, seed)
    with _fast(bulk), transaction.atomic():
        for first in range(0, wanted, CHUNK):
            rows: Rows = defaultdict(list)
            for _ in range(min(CHUNK, wanted - first)):
                copier.copy_into(rows)
            _write(copier.columns, rows)
        _set_counters(copier)
    return wanted


class Copier:
    """Makes the rows of one more case (复制一件) from a mould of the same township."""

    def __init__(self, county: County, moulds: Sequence[Mould], seed: int) -> None:
        self.chance = random.Random(seed)
        self.columns = moulds[0].columns
        self.by_township: dict[str, list[Mould]] = defaultdict(list)
        for mould in moulds:
            self.by_township[mould.grid.prefix[:9]].append(mould)
        self.grids = county.grids
        self.townships = list(self.by_township)
        self.ids = {table: _largest_id(table) for table in TABLES if "id" in self.columns[table]}
        self.series = moulds[0].number.rsplit("-", 1)[0]
        self.serial = _last_serial(self.series)
        self.at = {table: {name: i for i, name in enumerate(names)} for table, names in self.columns.items()}
        self.times = {table: _moments_among(names) for table, names in self.columns.items()}

    def copy_into(self, rows: Rows) -> None:
        chance = self.chance
        township = chance.choice(self.townships)
        mould, grid = chance.choice(self.by_township[township]), chance.choice(self.grids[township])
        shift = timedelta(
            seconds=-chance.randrange(SPREAD_SECONDS), microseconds=-chance.randrange(1_000_000)
        )
        self.serial += 1
        number = f"{self.series}-{self.serial:06d}"
        case_id = self._next("procedures_case")
        uids: dict[str, str] = {}
        for table in ("procedures_task", "procedures_participation", "records_erasablefact", "events_event"):
            at = self.at[table]
            for row in mould.rows[table]:
                copy = self._shifted(table, row, shift)
                if "id" in at:
                    copy[at["id"]] = self._next(table)
                copy[at["case_id"]] = case_id
                if table == "procedures_task":
                    copy[at["uid"]] = uids[row[at["uid"]]] = uuid7().hex
                    copy[at["queue"]] = row[at["queue"]].replace(mould.grid.prefix, grid.prefix)
                rows[table].append(copy)
        head = self._records(mould, number, case_id, grid, shift, uids, rows)
        rows["procedures_case"].append(self._case(mould, number, case_id, grid, shift, head))
        terms = mould.terms.replace(mould.number.rsplit("-", 1)[1], f"{self.serial:06d}")
        rows[FTS].append((case_id, terms))

    def _next(self, table: str) -> int:
        self.ids[table] += 1
        return self.ids[table]

    def _shifted(self, table: str, row: Sequence[Any], shift: timedelta) -> list[Any]:
        copy = list(row)
        for i in self.times[table]:
            if copy[i] is not None:
                copy[i] = copy[i] + shift
        return copy

    def _records(
        self,
        mould: Mould,
        number: str,
        case_id: int,
        grid: Grid,
        shift: timedelta,
        uids: dict[str, str],
        rows: Rows,
    ) -> bytes:
        at, prev = self.at["records_record"], START
        replaced = list(uids.items())
        replaced += [(text, (moment + shift).isoformat()) for text, moment in mould.moments]
        replaced.append((mould.grid.prefix, grid.prefix))
        for row in mould.rows["records_record"]:
            copy = self._shifted("records_record", row, shift)
            facts = row[at["facts"]]
            for old, new in replaced:
                facts = facts.replace(old, new)
            copy[at["facts"]] = facts
            copy[at["id"]], copy[at["case_id"]] = self._next("records_record"), case_id
            own = entry_hash(prev, Entry(number, *(copy[at[name]] for name in Entry._fields[1:])))
            copy[at["prev_hash"]], copy[at["hash"]] = prev, own
            rows["records_record"].append(copy)
            prev = own
        return prev

    def _case(
        self, mould: Mould, number: str, case_id: int, grid: Grid, shift: timedelta, head: bytes
    ) -> list[Any]:
        at = self.at["procedures_case"]
        copy = self._shifted("procedures_case", mould.rows["procedures_case"][0], shift)
        half = SIDE / 2
        changed: dict[str, Any] = {
            "id": case_id,
            "number": number,
            "head_hash": head,
            "area_id": grid.area_id,
            "grid": grid.prefix,
            "village": grid.prefix[:12],
            "lng": grid.lng + self.chance.uniform(-half, half),
            "lat": grid.lat + self.chance.uniform(-half, half),
            "tracking_hash": os.urandom(32),
        }
        for name, value in changed.items():
            copy[at[name]] = value
        return copy


def _moments_among(names: Sequence[str]) -> list[int]:
    return [i for i, name in enumerate(names) if name == "at" or name.endswith("_at")]


def _largest_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        return int(cursor.fetchone()[0])


def _last_serial(series: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last FROM procedures_counter WHERE series = %s", [series])
        return int(cursor.fetchone()[0])


def _set_counters(copier: Copier) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procedures_counter SET last = %s WHERE series = %s", [copier.serial, copier.series]
        )
        if connection.vendor == "postgresql":  # SQLite counts on from the largest by itself
            for table, last in copier.ids.items():
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])


def _write(columns: dict[str, list[str]], rows: Rows) -> None:
    # The case first: inside a test's transaction its id is asked for.
    write: Callable[[str, Sequence[str], list[Sequence[Any]]], None] = (
        _copy if connection.vendor == "postgresql" else _insert_many
    )
    for table, names in columns.items():
        write(table, names, rows[table])
    _write_search(rows[FTS])


def _copy(table: str, names: Sequence[str], rows: list[Sequence[Any]]) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_many(table: str, names: Sequence[str], rows: list[Sequence[Any]]) -> None:
    quoted, marks = ", ".join(f'"{name}"' for name in names), ", ".join(["%s"] * len(names))
    times = _moments_among(names)
    for row in rows:
        for i in times:
            if isinstance(value := row[i], datetime):
                row[i] = str(value.astimezone(UTC).replace(tzinfo=None))  # type: ignore[index]  # rows are lists here
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", rows)


def _write_search(rows: list[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"INSERT INTO {FTS} (rowid, terms) VALUES (%s, %s)", rows)
            return
        cursor.execute("CREATE TEMPORARY TABLE load_fts (case_id bigint, terms text) ON COMMIT DROP")
        _copy("load_fts", ["case_id", "terms"], rows)
        cursor.execute(f"INSERT INTO {FTS} SELECT case_id, to_tsvector('simple', terms) FROM load_fts")
        cursor.execute("DROP TABLE load_fts")


@contextmanager
def _fast(bulk: bool) -> Iterator[None]:
    """Indexes made afterwards, foreign keys not asked (先灌后建索引); only outside a transaction."""
    if not bulk:
        yield
        return
    on, off = (
        ("SET session_replication_role = origin", "SET session_replication_role = replica")
        if connection.vendor == "postgresql"
        else ("PRAGMA foreign_keys = ON", "PRAGMA foreign_keys = OFF")
    )
    with connection.cursor() as cursor:
        indexes = _secondary_indexes(cursor)
        cursor.execute(off)
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, made in indexes:
            cursor.execute(made)
        cursor.execute(on)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _secondary_indexes(cursor: Any) -> list[tuple[str, str]]:
    """Name and definition of every index that no constraint rests on."""
    tables = [*TABLES, FTS]
    marks = ", ".join(["%s"] * len(tables))
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            f"JOIN pg_class t ON t.oid = i.indrelid WHERE t.relname IN ({marks}) AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)",
            tables,
        )
    else:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            f"AND tbl_name IN ({marks})",
            tables,
        )
    return list(cursor.fetchall())
