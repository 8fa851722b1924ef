"""Counts the SQL of every request (统计每次请求的语句数) in a header. Only the benchmarks start the server with it.

Transaction control (BEGIN, SAVEPOINT …) is not counted: whether it is a statement differs by driver.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")

from django.db import connection

HEADER = "X-Load-Sql"
CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that this thread executes meanwhile (期间执行的语句)."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().upper().startswith(CONTROL):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


class CountingApplication:
    """The product's own application; each answer says how many statements it took."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with counted() as statements:

            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                return start_response(status, [*headers, (HEADER, str(len(statements)))], *rest)

            return self.application(environ, start)


def __getattr__(name: str) -> Any:
    """`application` is made when the server asks for it, so that tests may import `counted` alone."""
    if name != "application":
        raise AttributeError(name)
    from linli.site.wsgi import application

    return CountingApplication(application)
