from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "linli.kernel.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.indicators.queries import behind
        from linli.kernel.procedures.registry import list_filter

        @list_filter("indicator")
        def _behind(queryset: Any, value: str, actor: Any) -> Any:
            """`indicator=solved:among;2026-11-01T00:00:00+08:00;2026-12-01T00:00:00+08:00`"""
            name, *period = value.split(";")
            start, end = ([_moment(p) for p in period] + [None, None])[:2]
            return behind(queryset, name, actor, start, end)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
