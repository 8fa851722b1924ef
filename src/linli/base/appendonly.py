"""Tables that only grow (只增不改的表): the database itself refuses to change or remove a row.

Triggers refuse UPDATE, DELETE, PostgreSQL's TRUNCATE, and SQLite's INSERT OR REPLACE, which would otherwise remove
the old row without firing a DELETE trigger. The refusal is an `IntegrityError` on both databases.

SQLite drops a table's triggers when Django rebuilds the table: a migration that alters a table of this kind ends
with `AppendOnly(...)` again, which is safe to repeat. `is_append_only` tells whether the guard stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

GUARDED = ("update", "delete")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def append_only_sql(
    table: str, vendor: str, *, keys: Sequence[Sequence[str]] = ()
) -> tuple[list[str], list[str]]:
    """Statements that close a table against change, and those that open it again (只增约束).

    `keys` are the table's unique column sets besides `id`: on SQLite a row that would replace another through
    one of them is refused. Refuses names that are not plain lower-case identifiers, and unknown databases.
    """
    for name in (table, *(column for key in keys for column in key)):
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a plain name: {name!r}")
    if vendor == "sqlite":
        return _sqlite(table, keys)
    if vendor == "postgresql":
        return _postgresql(table)
    raise ValueError(f"no append-only guard for the database {vendor!r}")


def _sqlite(table: str, keys: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only');"
    names = [f"{table}_no_{event}" for event in (*GUARDED, "replace")]
    backward = [f"DROP TRIGGER IF EXISTS {name}" for name in names]
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{c} = NEW.{c}' for c in key)})"
        for key in (("id",), *keys)
    )
    forward = [
        f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} BEGIN {refuse} END"
        for event in GUARDED
    ]
    forward.append(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} BEGIN {refuse} END"
    )
    return [*backward, *forward], backward


def _postgresql(table: str) -> tuple[list[str], list[str]]:
    function = f"{table}_refuse"
    execute = f"EXECUTE FUNCTION {function}()"
    body = f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';"
    backward = [
        f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}",
        f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
        f"DROP FUNCTION IF EXISTS {function}()",
    ]
    forward = [
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {execute}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {execute}",
        # ALWAYS: not switched off by session_replication_role, which a restore or a replica tool may set.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
    ]
    return [*backward, *forward], backward


class AppendOnly(Operation):
    """Migration step that closes a table against change (只增约束迁移); reversing it opens the table."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, keys: Sequence[Sequence[str]] = ()) -> None:
        self.table = table
        self.keys = keys

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.table], {"keys": self.keys} if self.keys else {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The model looks the same; only the database refuses more."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(schema_editor, 0)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(schema_editor, 1)

    def _run(self, schema_editor: BaseDatabaseSchemaEditor, direction: int) -> None:
        for statement in append_only_sql(self.table, schema_editor.connection.vendor, keys=self.keys)[
            direction
        ]:
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Close {self.table} against change"


def is_append_only(connection: BaseDatabaseWrapper, table: str) -> bool:
    """Does the guard of this table stand (约束是否有效)? One query; for the operator's `check` and for tests."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            found = {name for (name,) in cursor.fetchall()}
            return found >= {f"{table}_no_{event}" for event in (*GUARDED, "replace")}
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgenabled = 'A' "
            "AND tgname IN (%s, %s)",
            [table, f"{table}_no_change", f"{table}_no_truncate"],
        )
        return bool(cursor.fetchone() == (2,))
