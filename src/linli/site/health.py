"""Is the server ready (健康检查): the database answers and has every migration."""

from __future__ import annotations

import logging

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

log = logging.getLogger(__name__)


class _Schema:
    """Found complete once, it stays so for this process (a new release is a new process)."""

    complete = False


def pending_migrations() -> list[str]:
    """The migrations that the database still lacks (待执行的迁移)."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 `{"ok": true}` when ready, 503 else (就绪检查). Says nothing about why: that stands in the log."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        _Schema.complete = _Schema.complete or not pending_migrations()
    except (Error, OSError) as error:
        log.warning("healthz: the database does not answer: %s", type(error).__name__)
        return JsonResponse({"ok": False}, status=503)
    return JsonResponse({"ok": _Schema.complete}, status=200 if _Schema.complete else 503)
