"""A domain's own row beside its case (领域附表), read and written without building a query each time.

The row's key is the case. Measured: what Django spends on building and compiling such a query is more than what the
statement costs. Values pass through the model's own fields, so both databases get what they store.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Field, Model

from linli.kernel.procedures.hot import read_moment


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is no column of {model.__name__}")
    return field


def _stored(model: type[Model], name: str, value: Any) -> Any:
    return _field(model, name).get_db_prep_save(value, connection)


def _column(model: type[Model], name: str) -> str:
    return connection.ops.quote_name(str(_field(model, name).column))


def add_beside(row: Model) -> None:
    """Write a new row (写入附表)."""
    fields = row._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({marks})", values)


def set_beside(model: type[Model], case_id: int, values: dict[str, Any]) -> None:
    """Change columns of the case's row (更新附表)."""
    sets = ", ".join(f"{_column(model, name)} = %s" for name in values)
    params = [_stored(model, name, value) for name, value in values.items()]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET {sets} WHERE case_id = %s", [*params, case_id])


def read_beside(model: type[Model], case_id: int, name: str) -> Any:
    """One column of the case's row (读取附表); None where there is no row."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_column(model, name)} FROM {model._meta.db_table} WHERE case_id = %s", [case_id]
        )
        row = cursor.fetchone()
    return read_moment(row[0]) if row else None
