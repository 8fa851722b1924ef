"""Old cases from elsewhere (历史办件): closed facts, written in bulk.

They count in statistics and lists, never in inboxes, clocks or notices, whatever their last status was elsewhere.
Each has one record, with what was taken over and from where, in a chain as whole as any other's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from linli.base.clock import local
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.text import bigrams
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.records.chain import START, Entry, canonical, digests_text, entry_hash

ACTION = "imported"
NO_DIGESTS = digests_text({})


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
    if not cases:
        return []
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
    """Ids by number."""
    insert_rows("procedures_case", list(rows[0]), [list(row.values()) for row in rows])
    found: dict[str, int] = {}
    numbers = [row["number"] for row in rows]
    for start in range(0, len(numbers), 1000):
        chunk = numbers[start : start + 1000]
        found.update(Case.objects.filter(number__in=chunk).values_list("number", "pk"))
    return found


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Many rows of one table (批量写入), for what stands beside each case. The ORM, and one statement with many marks,
    took two to three times as long."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copying: Any = cursor  # Django passes `copy` on to psycopg, its types do not say so
            with copying.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))


def _index(words: Iterable[tuple[int, str]]) -> None:
    """As `search.add`, for many."""
    rows = ((pk, " ".join(bigrams(text)[:2000])) for pk, text in words)
    if connection.vendor == "sqlite":
        insert_rows("procedures_case_fts", ("rowid", "terms"), rows)
    else:
        ids, terms = zip(*rows, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procedures_case_fts (case_id, terms) SELECT id, to_tsvector('simple', words) "
                "FROM unnest(%s::bigint[], %s::text[]) AS new (id, words)",
                [list(ids), list(terms)],
            )
