"""Filters that every list has (通用筛选): the same words in a list's address, an export and behind a figure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from linli.base.clock import SHANGHAI, now, today
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

    @list_filter("task_due_today")
    def task_due_today(queryset: Any, _value: str, _actor: Any) -> Any:
        """Its present step is late, or will be by midnight (当前环节今天要超时)."""
        midnight = datetime.combine(today() + timedelta(days=1), time.min, SHANGHAI)
        pressing = Task.objects.filter(done_at__isnull=True, due_at__lt=midnight).values("case_id")
        return queryset.filter(status="open", pk__in=pressing)

    @list_filter("news")
    def news(queryset: Any, _value: str, actor: Any) -> Any:
        """Others did something in it since I last opened it (有新动态)."""
        return queryset.filter(pk__in=unread_cases(actor))

    @list_filter("task_today")
    def task_today(queryset: Any, _value: str, _actor: Any) -> Any:
        """Its present step comes due before midnight (当前环节今天到期)."""
        due = Task.objects.filter(done_at__isnull=True, due_at__gte=now(), due_at__lt=midnight_after(today()))
        return queryset.filter(status="open", pk__in=due.values("case_id"))

    @list_filter("ended_on")
    def ended_on(queryset: Any, value: str, _actor: Any) -> Any:
        """Ended on that day, or from one to another (某日或某段办结): `2026-11-28`, `2026-11-22..2026-11-28`."""
        first, _, last = value.partition("..")
        try:
            start = midnight_after(date.fromisoformat(first) - timedelta(days=1))
            end = midnight_after(date.fromisoformat(last or first))
        except (ValueError, OverflowError):
            return queryset.none()
        return queryset.filter(ended_at__gte=start, ended_at__lt=end)


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)
