"""The records themselves (留痕原文), for whoever wants to prove a case without trusting this installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hmac import compare_digest
from typing import Any

from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records import heads
from linli.kernel.records.chain import Entry
from linli.kernel.records.models import Record


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record's place in the chain; its hashed columns only for those who oversee the case."""

    seq: int
    at: datetime
    prev_hash: bytes
    hash: bytes
    entry: tuple[Any, ...] | None


def evidence_page(case: Case, actor: Actor, *, cursor: str = "", limit: int = PAGE_SIZE) -> Page[Evidence]:
    """A page of the case's records, oldest first, for a reader who may see the case (留痕核对).

    Everybody gets the chain of hashes, which is enough to show a later change. The columns say which account
    opened the case and what was done inside the office: they are for the roles that oversee the procedure.
    """
    whole = oversees(case, actor)
    page = keyset(Record.objects.filter(case_id=case.pk), ["seq"], cursor, limit)
    items = [
        Evidence(
            row.seq,
            row.at,
            bytes(row.prev_hash),
            bytes(row.hash),
            hashed_columns(case.number, row) if whole else None,
        )
        for row in page.items
    ]
    return Page(items, page.next_cursor, page.has_more)


@dataclass(frozen=True, slots=True)
class PrintedRecord:
    """The last record of a printed file as it stands today (纸上末条留痕的现状)."""

    n_since: int  # records that came after it
    sealed_on: date | None  # the day of the root that covers it; none while it waits for the night
    root: str


def printed_record(number: str, seq: int, digest: str) -> PrintedRecord | None:
    """Look up the record that a printed file ends with, by its hash (核对纸上的散列): None when it stands otherwise."""
    case_id = Case.objects.filter(number=number.upper()[:40]).values_list("pk", flat=True).first()
    row = Record.objects.filter(case_id=case_id or 0, seq=seq).first()
    if row is None or not compare_digest(bytes(row.hash).hex(), digest.lower()):
        return None
    heads_found, proofs = heads.inclusion([row.pk])
    n_since = Record.objects.filter(case_id=row.case_id, seq__gt=seq).count()
    if row.pk not in proofs:
        return PrintedRecord(n_since, None, "")
    head = next(h for h in heads_found if h["tree"] == proofs[row.pk]["tree"])
    return PrintedRecord(n_since, date.fromisoformat(head["day"]), head["root"])


def oversees(case: Case, actor: Actor) -> bool:
    roles = procedure_of(case.version_id).overseeing_roles
    return any(hat.roles & roles and hat.covers(case.grid) for hat in actor.hats)


def hashed_columns(number: str, row: Record) -> tuple[Any, ...]:
    """What the hash covers, as it is hashed: see `records.chain.entry_hash`."""
    entry = Entry(number, *(getattr(row, name) for name in Entry._fields[1:]))
    return (entry.number, entry.seq, _moment(row.at), *entry[3:])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
