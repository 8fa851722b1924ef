"""Old cases from elsewhere (历史办件): closed facts, written in bulk.

They count in statistics and lists, never in inboxes, clocks or notices, whatever their last status was elsewhere.
Each has one record, with what was taken over and from where, in a chain as whole as any other's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection

from linli.base.clock import local
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.text import bigrams
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.records.chain import START, Entry, canonical, digests_text, entry_hash

ACTION = "imported"
NO_DIGESTS = digests_text({})
# A statement takes at most 32,766 values on the embedded database.
MOST_VALUES = 30_000


@dataclass(frozen=True, slots=True)
class HistoricCase:
    """One old case as it is to stand here (一件历史办件). `facts` are public; `source` says where it comes from."""

    area_id: int
    prefix: str
    title: str
    channel: str
    step: str  # an end of the procedure
    opened_at: datetime
    ended_at: datetime | None = None
    due_at: datetime | None = None
    outcome: str = ""
    lead_id: int | None = None
    lng: float | None = None
    lat: float | None = None
    precision: str = ""
    place_text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)


def insert_historic(code: str, cases: Sequence[HistoricCase], *, by: Actor, at: datetime) -> list[int]:
    """Enter old cases of a procedure (录入历史办件); gives their ids, in the order of `cases`.

    One transaction. Refuses a step that is no end of the procedure. Records `imported`, one record a case: no tasks,
    no clocks, no parties, no notices.
    """
    with hot.one_transaction():
        numbers = _numbers(code, cases)
        rows, entries = [], []
        for case, (number, version, procedure) in zip(cases, numbers, strict=True):
            _check_step(procedure, case.step)
            entry = _entry(case, number, by, at)
            own = entry_hash(START, entry)
            entries.append((entry, own))
            rows.append(_case_row(case, number, version, procedure, own))
        ids = _insert_cases(rows)
        found = [ids[number] for number, _, _ in numbers]
        moment = connection.ops.adapt_datetimefield_value(at)
        insert_rows(
            "records_record",
            hot.RECORD_COLUMNS,
            [
                (pk, entry.seq, moment, *entry[3:], START, own)
                for pk, (entry, own) in zip(found, entries, strict=True)
            ],
        )
        _index(
            (pk, f"{case.title} {case.place_text} {number}")
            for pk, case, (number, _, _) in zip(found, cases, numbers, strict=True)
        )
    return found


def _numbers(code: str, cases: Sequence[HistoricCase]) -> list[tuple[str, int, Procedure]]:
    """A number for each case, from the series of its county and the year in which it was opened; with its version."""
    versions = {county: current_version(code, county) for county in {case.prefix[:6] for case in cases}}
    named = []
    wanted: dict[str, int] = {}
    for case in cases:
        version = versions[case.prefix[:6]]
        procedure = procedure_of(version)
        series = f"{case.prefix[:6]}-{procedure.prefix}-{local(case.opened_at).year}"
        wanted[series] = wanted.get(series, 0) + 1
        named.append((series, version, procedure))
    blocks = {series: _block(series, wanted[series]) for series in sorted(wanted)}
    return [
        (f"{series}-{next(blocks[series]):06d}", version, procedure) for series, version, procedure in named
    ]


def _block(series: str, n: int) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procedures_counter (series, last) VALUES (%s, %s) "
            "ON CONFLICT (series) DO UPDATE SET last = procedures_counter.last + %s RETURNING last",
            [series, n, n],
        )
        last = int(cursor.fetchone()[0])
    return iter(range(last - n + 1, last + 1))


def _check_step(procedure: Procedure, code: str) -> None:
    step = procedure.steps.get(code)
    if step is None or step.kind != "end":
        raise Refused(
            "procedures.not_an_end",
            Text(
                f"历史办件只能放在终点环节，“{procedure.title.zh}”没有“{code}”这个终点。请改对照文件的 step。",
                f"An old case stands at an end; “{procedure.title.en}” has no end {code!r}. Mend `step` in the mapping.",
            ),
        )


def _entry(case: HistoricCase, number: str, by: Actor, at: datetime) -> Entry:
    facts: dict[str, Any] = {
        "data": case.facts,
        "source": case.source,
        "channel": case.channel,
        "opened": _iso(case.opened_at),
        "open": [],
        "close": [],
        "case": {
            "status": "ended",
            "due": _iso(case.due_at),
            "statutory_due": None,
            "provisional": False,
            "outcome": case.outcome,
            "ended": _iso(case.ended_at),
            "lead": case.lead_id,
            "area": case.prefix,
        },
    }
    return Entry(
        number=number,
        seq=1,
        at=at,
        actor=by.account_id,
        actor_kind=by.kind,
        post=by.hats[0].post_id if by.hats else None,
        on_behalf_of=None,
        action=ACTION,
        from_step="",
        to_step=case.step,
        facts=canonical(facts),
        digests=NO_DIGESTS,
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _case_row(
    case: HistoricCase, number: str, version: int, procedure: Procedure, head: bytes
) -> dict[str, Any]:
    moment = connection.ops.adapt_datetimefield_value
    return {
        "number": number,
        "procedure": procedure.code,
        "version_id": version,
        "step": case.step,
        "status": "ended",
        "seq": 1,
        "acted_seq": 1,
        "head_hash": head,
        "area_id": case.area_id,
        "grid": case.prefix,
        "county": case.prefix[:6],
        "township": case.prefix[:9],
        "village": case.prefix[:12],
        "title": case.title[:200],
        "channel": case.channel,
        "confidential": procedure.confidential,
        "opened_at": moment(case.opened_at),
        "due_at": moment(case.due_at),
        "provisional": False,
        "ended_at": moment(case.ended_at),
        "outcome": case.outcome,
        "lng": case.lng,
        "lat": case.lat,
        "precision": case.precision,
        "place_text": case.place_text[:200],
        "lead_id": case.lead_id,
        "facts": canonical(case.facts),
        "historic": True,
        "recused": False,
    }


def _insert_cases(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Ids by number: no database promises the order in which it returns them."""
    if not rows:
        return {}
    columns = list(rows[0])
    returned = insert_rows("procedures_case", columns, [list(row.values()) for row in rows], "number, id")
    return {str(number): int(pk) for number, pk in returned}


def insert_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], returning: str = ""
) -> list[tuple[Any, ...]]:
    """Many rows by few statements (批量写入), a third of what the ORM takes; for what stands beside each case."""
    marks = f"({', '.join(['%s'] * len(columns))})"
    return _insert_marked(f"INSERT INTO {table} ({', '.join(columns)})", marks, rows, returning)


def _insert_marked(
    head: str, marks: str, rows: Iterable[Sequence[Any]], returning: str
) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    rest = iter(rows)
    size = min(500, MOST_VALUES // marks.count("%s"))
    with connection.cursor() as cursor:
        while chunk := list(islice(rest, size)):
            tail = f" RETURNING {returning}" if returning else ""
            cursor.execute(
                f"{head} VALUES {', '.join([marks] * len(chunk))}{tail}",
                [value for row in chunk for value in row],
            )
            found += cursor.fetchall() if returning else ()
    return found


def _index(words: Iterable[tuple[int, str]]) -> None:
    """As `search.add`, for many."""
    rows = ((pk, " ".join(bigrams(text)[:2000])) for pk, text in words)
    if connection.vendor == "sqlite":
        insert_rows("procedures_case_fts", ("rowid", "terms"), rows)
    else:
        head = "INSERT INTO procedures_case_fts (case_id, terms)"
        _insert_marked(head, "(%s, to_tsvector('simple', %s))", rows, "")
