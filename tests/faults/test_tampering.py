"""Whoever changes, removes, inserts or reorders a record behind the platform's back is found (篡改必现)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from linli.base.appendonly import append_only_sql
from linli.kernel.procedures import proof
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at, reported

TABLE = "records_record"
COLUMNS: dict[str, Any] = {
    "at": "2020-01-01 00:00:00",
    "actor": 999_999,
    "actor_kind": "system",
    "post": 999_999,
    "on_behalf_of": 5,
    "action": "decline",
    "from_step": "elsewhere",
    "to_step": "elsewhere",
    "facts": '{"case":{},"close":[],"data":{"grade":"critical"},"open":[]}',
    "digests": '{"description":"00"}',
    "prev_hash": bytes(31) + b"\x01",
    "hash": bytes(31) + b"\x01",
}


@contextmanager
def behind_the_back() -> Iterator[Any]:
    """With the guards lifted, as somebody with the database's own password could."""
    close, lift = append_only_sql(TABLE, connection.vendor, keys=[["case_id", "seq"]])
    with connection.cursor() as cursor:
        for statement in lift:
            cursor.execute(statement)
        yield cursor
        for statement in close:
            cursor.execute(statement)


@pytest.fixture
def cases(cast: Cast) -> tuple[Case, Case]:
    first, second = event_at(cast, "evaluating"), reported(cast)
    verdict = proof.verify_all()
    assert verdict.first_fault is None
    assert (verdict.n_cases, verdict.n_records) == (2, 7)
    return first, second


def fault() -> tuple[str, int, str]:
    found = proof.verify_all().first_fault
    assert found is not None
    return found.case, found.seq, found.kind


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 3, 6])
def test_any_column_of_any_record(cases: tuple[Case, Case], column: str, seq: int) -> None:
    with behind_the_back() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET {column} = %s WHERE case_id = %s AND seq = %s",
            [COLUMNS[column], cases[0].pk, seq],
        )
    number, at, kind = fault()
    assert number == cases[0].number
    # A forged own hash shows at the record itself or at the one that follows it.
    assert at in (seq, seq + 1)
    assert kind in ("changed", "reordered") if column.endswith("hash") else kind == "changed"


@pytest.mark.parametrize("seq", [1, 3, 6])
def test_a_removed_record_the_last_one_too(cases: tuple[Case, Case], seq: int) -> None:
    with behind_the_back() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE case_id = %s AND seq = %s", [cases[0].pk, seq])
    assert fault() == (cases[0].number, seq, "removed")


def test_the_only_record_of_a_case(cases: tuple[Case, Case]) -> None:
    with behind_the_back() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE case_id = %s", [cases[1].pk])
    assert fault() == (cases[1].number, 1, "removed")


@pytest.mark.parametrize(("case_id", "seq"), [(0, 7), (0, 99), (0, 0), (999, 1)])
def test_an_inserted_record(cases: tuple[Case, Case], case_id: int, seq: int) -> None:
    row = Record.objects.filter(case_id=cases[0].pk).order_by("-seq").values()[0]
    row.pop("id")
    row |= {"case_id": case_id or cases[0].pk, "seq": seq}
    Record.objects.bulk_create([Record(**row)])
    assert fault()[1:] == (seq, "inserted")


def test_two_records_that_changed_places(cases: tuple[Case, Case]) -> None:
    with behind_the_back() as cursor:
        for old, new in ((2, 77), (3, 2), (77, 3)):
            cursor.execute(
                f"UPDATE {TABLE} SET seq = %s WHERE case_id = %s AND seq = %s", [new, cases[0].pk, old]
            )
    assert fault()[2] in ("reordered", "changed")


def test_a_record_moved_to_another_case(cases: tuple[Case, Case]) -> None:
    with behind_the_back() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE case_id = %s", [cases[1].pk])
        cursor.execute(
            f"UPDATE {TABLE} SET case_id = %s WHERE case_id = %s AND seq = 1", [cases[1].pk, cases[0].pk]
        )
    assert proof.verify_all().first_fault is not None


def test_a_chain_written_anew_does_not_fit_its_case(cases: tuple[Case, Case]) -> None:
    Case.objects.filter(pk=cases[0].pk).update(head_hash=bytes(32))
    assert fault() == (cases[0].number, 6, "changed")


@pytest.mark.parametrize(
    "statement", ["UPDATE records_record SET action = 'x'", "DELETE FROM records_record"]
)
def test_the_database_itself_refuses(cases: tuple[Case, Case], statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert proof.verify_all().first_fault is None
