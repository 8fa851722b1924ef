"""The engine's statements as SQL (引擎的语句): the hot path, the same on both databases.

Measured reason (docs/adr): through the ORM a whole case costs several times these statements. Everything here is
called by the engine alone, inside its transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import RLock
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from linli.kernel.procedures.state import CaseState, TaskState
from linli.kernel.records.chain import Entry, canonical

# SQLite has one writer; waiting here is fair and short, waiting in SQLite's busy handler is neither.
_embedded_writer = RLock()


@contextmanager
def one_transaction() -> Iterator[None]:
    """One short write transaction (一次写事务); on the embedded database one writer of a process at a time."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _embedded_writer, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield


def _moment(value: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def read_moment(value: Any) -> Any:
    """SQLite gives texts or naive moments, both in UTC; PostgreSQL gives aware moments."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value


CASE_COLUMNS = (
    "id, number, version_id, step, status, seq, head_hash, area_id, grid, title, opened_at, due_at, statutory_due_at, "
    "provisional, ended_at, outcome, lead_id, applicant_id, window_id, acted_seq, recused, facts, historic, "
    "origin_id, limits_version_id"
)


def lock_case(case: int | QuerySet[Any, Any]) -> CaseState | None:
    """Read and lock a case, by its id or as the one row of a query for ids. Its own `seq` and `head_hash` are read
    here: a joined value would be stale after a wait."""
    which: str = "%s"
    params: Sequence[Any] = [case]
    if not isinstance(case, int):
        try:
            which, params = case.query.sql_with_params()
        except EmptyResultSet:
            return None
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CASE_COLUMNS} FROM procedures_case WHERE id = ({which}){lock}", params)
        row = cursor.fetchone()
    if row is None:
        return None
    state = CaseState(*row)
    state.head_hash = bytes(state.head_hash)
    for name in ("opened_at", "due_at", "statutory_due_at", "ended_at"):
        setattr(state, name, read_moment(getattr(state, name)))
    for name in ("provisional", "recused", "historic"):
        setattr(state, name, bool(getattr(state, name)))
    facts: Any = state.facts
    state.facts = json.loads(facts) if isinstance(facts, str) else facts
    return state


TASK_COLUMNS = (
    "uid, step, part, queue, role, organisation_id, opened_at, due_at, provisional, period, alert_at, alert_stage, "
    "taken_by_id, id"
)


LAST_AT = "SELECT at FROM records_record WHERE case_id = %s ORDER BY seq DESC LIMIT 1"


def open_tasks(case_id: int) -> list[TaskState]:
    return [_task(row) for row in _task_rows(case_id)]


def stand(case: CaseState) -> list[TaskState]:
    """The open tasks of a locked case; the moment of its last record is read along, into `last_at`."""
    rows = _task_rows(case.id)
    last = rows[0][-1] if rows else None
    if not rows:
        with connection.cursor() as cursor:
            cursor.execute(LAST_AT, [case.id])
            last = (cursor.fetchone() or (None,))[0]
    case.last_at = max(case.opened_at, read_moment(last) or case.opened_at)
    return [_task(row) for row in rows]


def _task_rows(case_id: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {TASK_COLUMNS}, ({LAST_AT}) FROM procedures_task "
            "WHERE case_id = %s AND done_at IS NULL ORDER BY id",
            [case_id, case_id],
        )
        rows: list[Any] = cursor.fetchall()
    return rows


def _task(row: Any) -> TaskState:
    task = TaskState(*row[:-1])
    task.uid = str(task.uid).replace("-", "")
    task.opened_at, task.due_at = read_moment(task.opened_at), read_moment(task.due_at)
    task.alert_at, task.provisional = read_moment(task.alert_at), bool(task.provisional)
    return task


def next_number(series: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procedures_counter (series, last) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET last = procedures_counter.last + 1 RETURNING last",
            [series],
        )
        return int(cursor.fetchone()[0])


def _insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, returning: str = "") -> Any:
    marks = ", ".join(["%s"] * len(columns))
    values = ", ".join([f"({marks})"] * len(rows))
    tail = f" RETURNING {returning}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}{tail}",
            [value for row in rows for value in row],
        )
        return cursor.fetchone()[0] if returning else None


def insert_case(state: CaseState, columns: dict[str, Any]) -> int:
    row = {
        "number": state.number,
        "version_id": state.version_id,
        "step": state.step,
        "status": state.status,
        "seq": state.seq,
        "acted_seq": state.acted_seq,
        "head_hash": state.head_hash,
        "area_id": state.area_id,
        "grid": state.prefix,
        "county": state.prefix[:6],
        "township": state.prefix[:9],
        "village": state.prefix[:12],
        "title": state.title,
        "opened_at": _moment(state.opened_at),
        "due_at": _moment(state.due_at),
        "statutory_due_at": _moment(state.statutory_due_at),
        "provisional": state.provisional,
        "ended_at": _moment(state.ended_at),
        "outcome": state.outcome,
        "lead_id": state.lead_id,
        "applicant_id": state.applicant_id,
        "window_id": state.window_id,
        "recused": state.recused,
        "facts": canonical(state.facts),
        **columns,
    }
    return int(_insert("procedures_case", list(row), [list(row.values())], returning="id"))


def update_case(state: CaseState) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procedures_case SET step = %s, status = %s, seq = %s, acted_seq = %s, head_hash = %s, title = %s, "
            "due_at = %s, statutory_due_at = %s, provisional = %s, ended_at = %s, outcome = %s, lead_id = %s, "
            "recused = %s, facts = %s, area_id = %s, grid = %s, county = %s, township = %s, village = %s "
            "WHERE id = %s",
            [
                state.step,
                state.status,
                state.seq,
                state.acted_seq,
                state.head_hash,
                state.title,
                _moment(state.due_at),
                _moment(state.statutory_due_at),
                state.provisional,
                _moment(state.ended_at),
                state.outcome,
                state.lead_id,
                state.recused,
                canonical(state.facts),
                state.area_id,
                state.prefix,
                state.prefix[:6],
                state.prefix[:9],
                state.prefix[:12],
                state.id,
            ],
        )


RECORD_COLUMNS = ("case_id", *Entry._fields[1:], "prev_hash", "hash")


def insert_record(case_id: int, entry: Entry, prev_hash: bytes, own_hash: bytes) -> None:
    row = [case_id, entry.seq, _moment(entry.at), *entry[3:], prev_hash, own_hash]
    _insert("records_record", RECORD_COLUMNS, [row])


def insert_facts(rows: Iterable[Sequence[Any]]) -> None:
    """Rows of (case_id, seq, name, salt, value, purpose, keep)."""
    rows = list(rows)
    if rows:
        _insert("records_erasablefact", ["case_id", "seq", "name", "salt", "value", "purpose", "keep"], rows)


def close_tasks(tasks: Sequence[TaskState], at: datetime, by: int | None, outcome: str) -> None:
    if tasks:
        marks = ", ".join(["%s"] * len(tasks))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procedures_task SET done_at = %s, done_by_id = %s, outcome = %s, alert_at = NULL "
                f"WHERE id IN ({marks})",
                [_moment(at), by, outcome, *(t.id for t in tasks)],
            )


def clock_segments(case_id: int) -> list[tuple[str, datetime, datetime | None, str]]:
    """(kind, from, to, ground) of every pause and extension, in order; an extension's ground is its length."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, from_at, to_at, ground FROM procedures_clocksegment WHERE case_id = %s ORDER BY from_at",
            [case_id],
        )
        rows = cursor.fetchall()
    return [(kind, read_moment(start), read_moment(end), ground) for kind, start, end, ground in rows]


def organisations_in_use(codes: Sequence[str]) -> dict[str, int]:
    """code → id of those of the named organisations that are active."""
    if not codes:
        return {}
    marks = ", ".join(["%s"] * len(codes))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT code, id FROM people_organisation WHERE active AND code IN ({marks})", list(codes)
        )
        return dict(cursor.fetchall())


def schedule_erasure(case_id: int, days: dict[str, date | None]) -> None:
    """From which day the facts of a case are due to be erased, by their keep period; none: while it runs."""
    marks = ", ".join(["%s"] * len(days))
    kind = "" if connection.vendor == "sqlite" else "::date"
    cases = " ".join([f"WHEN %s THEN %s{kind}"] * len(days))
    params = [v for keep, on in days.items() for v in (keep, connection.ops.adapt_datefield_value(on))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE records_erasablefact SET erase_on = CASE keep {cases} END WHERE case_id = %s AND keep IN ({marks})",
            [*params, case_id, *days],
        )


def forget_photo_places(case_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_attachment SET lng = NULL, lat = NULL WHERE case_id = %s AND lng IS NOT NULL",
            [case_id],
        )


def blur_field_place(case_id: int) -> None:
    """Where a field worker stood becomes the middle of the grid (外勤位置模糊到网格); no shape, no point."""
    middle = (
        "SELECT (min_{0} + max_{0}) / 2 FROM places_areashape s WHERE s.area_id = procedures_case.area_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE procedures_case SET lng = ({middle.format('lng')}), lat = ({middle.format('lat')}), precision = 'grid'"
            " WHERE id = %s AND channel = 'field' AND precision = 'point'",
            [case_id],
        )


TASK_INSERT = (
    "uid",
    "case_id",
    "step",
    "part",
    "queue",
    "role",
    "organisation_id",
    "opened_at",
    "due_at",
    "provisional",
    "period",
    "alert_at",
    "alert_stage",
    "outcome",
)


def insert_tasks(case_id: int, tasks: Sequence[TaskState]) -> None:
    if tasks:
        rows = [
            [
                t.uid,
                case_id,
                t.step,
                t.part,
                t.queue,
                t.role,
                t.organisation_id,
                _moment(t.opened_at),
                _moment(t.due_at),
                t.provisional,
                t.period,
                _moment(t.alert_at),
                t.alert_stage,
                "",
            ]
            for t in tasks
        ]
        _insert("procedures_task", TASK_INSERT, rows)


def update_task_clock(task: TaskState) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procedures_task SET queue = %s, due_at = %s, provisional = %s, period = %s, alert_at = %s, "
            "alert_stage = %s WHERE id = %s AND done_at IS NULL",
            [
                task.queue,
                _moment(task.due_at),
                task.provisional,
                task.period,
                _moment(task.alert_at),
                task.alert_stage,
                task.id,
            ],
        )


def take_part(case_id: int, rows: Sequence[tuple[str, int, str]]) -> None:
    """Who takes part from now on: (kind, ref, part). Taking part twice is once."""
    if rows:
        marks = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procedures_participation (case_id, kind, ref, part) "
                f"VALUES {marks} ON CONFLICT (case_id, kind, ref, part) DO NOTHING",
                [v for kind, ref, part in rows for v in (case_id, kind, ref, part)],
            )


def part_with(case_id: int, kind: str) -> None:
    """Nobody of this kind takes part any more: a file that only those named may read is closed to them at its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procedures_participation WHERE case_id = %s AND kind = %s", [case_id, kind]
        )


def people_told(case_id: int) -> list[int]:
    """The applicant and everyone who reported the same (当事人和同诉人)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ref FROM procedures_participation WHERE case_id = %s AND kind = 'person'",
            [case_id],
        )
        return [row[0] for row in cursor.fetchall()]


def insert_notices(
    rows: Sequence[tuple[str, int | None, int | None, str, dict[str, Any], str]], at: datetime
) -> None:
    """Rows of (uid, account, person, template, params, case number); the outbox of kernel/notices."""
    if rows:
        moment = _moment(at)
        _insert(
            "notices_notice",
            [
                "uid",
                "account_id",
                "person_id",
                "template",
                "params",
                "case_number",
                "created_at",
                "next_try_at",
            ],
            [
                [uid, account, person, template, canonical(params), number, moment, moment]
                for uid, account, person, template, params, number in rows
            ],
        )
