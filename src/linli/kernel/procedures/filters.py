"""Filters that every list has (通用筛选): the same words in a list's address, an export and behind a figure."""

from __future__ import annotations

from typing import Any

from linli.base.clock import now
from linli.kernel.procedures.lastlooks import unread_cases
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.registry import list_filter


def register() -> None:
    @list_filter("running")
    def running(queryset: Any, _value: str, _actor: Any) -> Any:
        """Not ended, historic ones left out (正在办)."""
        return queryset.filter(ended_at__isnull=True, historic=False)

    @list_filter("task_late")
    def task_late(queryset: Any, _value: str, _actor: Any) -> Any:
        """Its present step is past its limit (当前环节已超时)."""
        late = Task.objects.filter(done_at__isnull=True, due_at__lt=now()).values("case_id")
        return queryset.filter(status="open", pk__in=late)

    @list_filter("news")
    def news(queryset: Any, _value: str, actor: Any) -> Any:
        """Others did something in it since I last opened it (有新动态)."""
        return queryset.filter(pk__in=unread_cases(actor))
