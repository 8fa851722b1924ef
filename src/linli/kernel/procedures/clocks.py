"""Due times of tasks and cases (时限计算): from the definition's limits, the facts, the calendar and the suspensions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from linli.base.legaltime import Due, Period, due, due_after_suspension, moment_at_share
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.procedures.definitions import Escalation, Limit
from linli.kernel.procedures.registry import LIMIT_SOURCES

Pause = tuple[datetime, datetime]


def period_for(limit: Limit | None, facts: dict[str, Any]) -> Period | None:
    """The period that applies to this case (适用时限). While the deciding fact is unknown: none."""
    if limit is None:
        return None
    if limit.period is not None:
        return limit.period
    value = facts.get(limit.by)
    if value is None:
        return None
    found = limit.table.get(str(value))
    if found is None and limit.by in LIMIT_SOURCES:
        found = LIMIT_SOURCES[limit.by](str(value))
    return found or limit.table.get("default")


def period_text(period: Period) -> str:
    return f"{period.n} {period.unit.replace('_', ' ')}"


def due_for(period: Period, start: datetime, pauses: Sequence[Pause] = ()) -> Due:
    calendar = official_calendar()
    return due_after_suspension(period, start, pauses, calendar) if pauses else due(period, start, calendar)


def next_alert(
    escalation: Sequence[Escalation], stage: int, opened_at: datetime, due_at: datetime, *, timeout: bool
) -> datetime | None:
    """When the sweeper has to look at a task again (下次提醒时间); a step with a timeout is looked at when due."""
    if timeout:
        return due_at
    if stage >= len(escalation):
        return None
    return moment_at_share(opened_at, due_at, escalation[stage].share)


def iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
