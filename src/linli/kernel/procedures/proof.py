"""Proving cases (案卷核验): every record against its hash and the chain, every chain against its case, all of them
against the tree and its daily roots, every case against the replay of its records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from linli.kernel.procedures.hot import open_tasks
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.treeproof import Fault, tree_fault
from linli.kernel.records.chain import START, Entry, entry_hash
from linli.kernel.records.models import Record


@dataclass(frozen=True)
class Verdict:
    n_cases: int
    n_records: int
    first_fault: Fault | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": self.first_fault is None,
            "n_cases": self.n_cases,
            "n_records": self.n_records,
            "first_fault": self.first_fault.as_dict() if self.first_fault else None,
        }


def verify_all(progress: Any = None) -> Verdict:
    """Check every record of every case (核验全部留痕), in order, and name the first that was changed, removed or
    inserted. The case knows how many records it has and the hash of the last, so a removed last one is found too; the
    tree knows every record there ever was, so a chain written anew, or a case that is gone whole, is found as well.

    Cases and records are read as they stood at one moment: what people do meanwhile is no fault.
    """
    with one_moment():
        found = _verify_all(progress)
        return found if found.first_fault else replace(found, first_fault=tree_fault())


@contextmanager
def one_moment() -> Iterator[None]:
    """One snapshot for all reads, which holds up no writer (同一时点读取)."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not Django's own transaction: on the embedded database that one takes the place of the only writer.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def _verify_all(progress: Any) -> Verdict:
    n_cases = n_records = 0
    cases = Case.objects.order_by("id").values_list("id", "number", "seq", "head_hash", "historic")
    records = _records()
    pending = next(records, None)
    for case_id, number, n_expected, head, _ in cases.iterator(chunk_size=2000):
        n_cases += 1
        if pending is not None and pending["case_id"] < case_id:
            return Verdict(n_cases, n_records, Fault(f"#{pending['case_id']}", pending["seq"], "inserted"))
        rows = []
        while pending is not None and pending["case_id"] == case_id:
            rows.append(pending)
            pending = next(records, None)
        n_records += len(rows)
        fault = verify_chain(number, n_expected, bytes(head), rows)
        if fault:
            return Verdict(n_cases, n_records, fault)
        if progress:
            progress(n_cases)
    if pending is not None:
        return Verdict(n_cases, n_records, Fault(f"#{pending['case_id']}", pending["seq"], "inserted"))
    return Verdict(n_cases, n_records, None)


def _records() -> Iterator[Any]:
    return Record.objects.order_by("case_id", "seq", "id").values().iterator(chunk_size=2000)


def verify_chain(number: str, n_expected: int, head: bytes, rows: list[dict[str, Any]]) -> Fault | None:
    """The first fault in one case's chain; nothing when it is whole.

    Every row whose own hash fits its own contents is genuine; where the links break tells what was done: a gap in
    the numbers is a removal, a row beyond the case's count or twice the same number an insertion, genuine rows in
    the wrong places a reordering, anything else a change.
    """
    if [r["seq"] for r in rows] == list(range(1, n_expected + 1)) and len(rows) == n_expected:
        return _first_broken(number, head, rows)
    seen: set[int] = set()
    for row in rows:
        if row["seq"] in seen or row["seq"] > n_expected or row["seq"] < 1:
            return Fault(number, row["seq"], "inserted")
        seen.add(row["seq"])
    missing = next(n for n in range(1, n_expected + 1) if n not in seen)
    return Fault(number, missing, "removed")


def _first_broken(number: str, head: bytes, rows: list[dict[str, Any]]) -> Fault | None:
    hashes = {bytes(r["hash"]) for r in rows}
    prev = START
    for row in rows:
        entry = Entry(number, *(row[name] for name in Entry._fields[1:]))
        own_prev, own = bytes(row["prev_hash"]), bytes(row["hash"])
        if own_prev != prev:
            moved = own_prev in hashes or own_prev == START
            genuine = entry_hash(own_prev, entry) == own
            return Fault(number, row["seq"], "reordered" if moved and genuine else "changed")
        if entry_hash(prev, entry) != own:
            return Fault(number, row["seq"], "changed")
        prev = own
    return None if prev == head else Fault(number, len(rows), "changed")


@dataclass(frozen=True)
class Difference:
    number: str
    what: str
    replayed: Any
    stored: Any


def replay(case: Case) -> list[Difference]:
    """Draw a case's state from its records alone and compare it with the row and its tasks (重放)."""
    step, columns, data = "", {}, {}
    open_uids: dict[str, dict[str, Any]] = {}
    seq = 0
    for record in Record.objects.filter(case_id=case.pk).order_by("seq"):
        facts = json.loads(record.facts)
        seq = record.seq
        step = record.to_step or step
        columns = facts["case"]
        data.update(facts["data"])
        for uid in facts.get("close", ()):
            open_uids.pop(uid, None)
        for task in facts["open"]:
            open_uids[task["uid"]] = task
    stored = {
        "status": case.status,
        "due": case.due_at.isoformat() if case.due_at else None,
        "statutory_due": case.statutory_due_at.isoformat() if case.statutory_due_at else None,
        "provisional": case.provisional,
        "outcome": case.outcome,
        "ended": case.ended_at.isoformat() if case.ended_at else None,
        "lead": case.lead_id,
        "area": case.grid,
    }
    found = [
        Difference(case.number, name, columns.get(name), value)
        for name, value in stored.items()
        if columns.get(name) != value
    ]
    pairs = (
        ("step", step, case.step),
        ("seq", seq, case.seq),
        ("facts", data, case.facts),
        ("tasks", sorted(open_uids), sorted(t.uid for t in open_tasks(case.pk))),
    )
    return found + [Difference(case.number, name, a, b) for name, a, b in pairs if a != b]


def cases_to_replay() -> Any:
    return Case.objects.filter(historic=False).order_by(F("id"))
