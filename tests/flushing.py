"""Lets tests empty tables that only grow (测试清库): the guards are lifted for the emptying alone.

Tests that commit (`transactional_db`, `live_server`) empty every table afterwards, which the append-only guards
refuse as they should. The tables are those that the migrations name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest


@cache
def guarded_tables() -> dict[str, list[list[str]]]:
    from django.db.migrations.loader import MigrationLoader

    from linli.base.appendonly import AppendOnly

    return {
        operation.table: [list(key) for key in operation.keys]
        for migration in MigrationLoader(None).disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, AppendOnly)
    }


@pytest.fixture(autouse=True, scope="session")
def guarded_tables_can_be_emptied() -> Iterator[None]:
    from django.db.backends.base.operations import BaseDatabaseOperations

    from linli.base.appendonly import append_only_sql

    flush = BaseDatabaseOperations.execute_sql_flush

    def lifted(self: Any, sql_list: list[str]) -> None:
        tables = guarded_tables()
        vendor = self.connection.vendor
        with self.connection.cursor() as cursor:
            for table in tables:
                for statement in append_only_sql(table, vendor)[1]:
                    cursor.execute(statement)
            flush(self, sql_list)
            for table, keys in tables.items():
                for statement in append_only_sql(table, vendor, keys=keys)[0]:
                    cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", lifted)
        yield
