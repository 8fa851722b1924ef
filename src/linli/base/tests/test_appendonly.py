from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from linli.base.appendonly import append_only_sql, is_append_only
from linli.kernel.people.models import AuditEntry

KEYS = [["case_id", "seq"]]


def run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def entries(db: None) -> Iterator[None]:
    run(
        [
            "CREATE TABLE entries (id integer PRIMARY KEY, case_id integer, seq integer, UNIQUE (case_id, seq))",
            *append_only_sql("entries", connection.vendor, keys=KEYS)[0],
            "INSERT INTO entries (id, case_id, seq) VALUES (1, 1, 1)",
        ]
    )
    yield
    run([*append_only_sql("entries", connection.vendor)[1], "DROP TABLE entries"])


def rows() -> list[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, case_id, seq FROM entries ORDER BY id")
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET seq = 2",
        "UPDATE entries SET seq = seq WHERE id = 1",
        "DELETE FROM entries WHERE id = 1",
    ],
)
def test_changes_are_refused_as_integrity_errors(entries: None, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run([statement])
    assert rows() == [(1, 1, 1)]


def test_a_row_is_not_replaced_or_truncated_either(entries: None) -> None:
    if connection.vendor == "sqlite":
        tries = [
            "INSERT OR REPLACE INTO entries (id, case_id, seq) VALUES (1, 9, 9)",
            "INSERT OR REPLACE INTO entries (id, case_id, seq) VALUES (2, 1, 1)",
        ]
    else:
        tries = [
            "TRUNCATE entries",
            "INSERT INTO entries (id, case_id, seq) VALUES (1, 9, 9) ON CONFLICT (id) DO UPDATE SET seq = 9",
            "SET LOCAL session_replication_role = replica; DELETE FROM entries",
        ]
    for statement in tries:
        with pytest.raises(DatabaseError), transaction.atomic():
            run([statement])
    assert rows() == [(1, 1, 1)]


def test_new_rows_are_welcome_and_the_guard_can_be_repeated(entries: None) -> None:
    run(append_only_sql("entries", connection.vendor, keys=KEYS)[0])
    run(["INSERT INTO entries (id, case_id, seq) VALUES (2, 1, 2)"])
    assert rows() == [(1, 1, 1), (2, 1, 2)]
    assert is_append_only(connection, "entries")


def test_a_lifted_guard_is_noticed(entries: None) -> None:
    run(append_only_sql("entries", connection.vendor)[1])
    assert not is_append_only(connection, "entries")
    run(["DELETE FROM entries"])
    assert rows() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_test_that_commits_finds_and_leaves_the_tables_empty_and_guarded(time: str) -> None:
    assert not AuditEntry.objects.exists()
    assert is_append_only(connection, "people_auditentry")
    AuditEntry.objects.create(act="people.account_opened", at=datetime(2026, 3, 1, tzinfo=UTC))
    with pytest.raises(IntegrityError):
        AuditEntry.objects.all().delete()


def test_names_and_databases_it_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="plain name"):
        append_only_sql("entries; DROP TABLE x", "sqlite")
    with pytest.raises(ValueError, match="oracle"):
        append_only_sql("entries", "oracle")
