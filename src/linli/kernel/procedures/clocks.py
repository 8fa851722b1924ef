"""Due times of tasks and cases (时限计算): from the definition's limits, the facts, the calendar and the suspensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from linli.base.i18n import Text
from linli.base.legaltime import (
    RECEIVED,
    BusinessHours,
    Due,
    Period,
    due_after_suspension,
    moment_at_share,
    not_beyond,
)
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.people.hours import hours_of
from linli.kernel.procedures.definitions import Extension, Limit, Procedure, Step
from linli.kernel.procedures.registry import LIMIT_SOURCES

Pause = tuple[datetime, datetime]

STEP_BEGAN = Text("进入本环节", "This step began")
WHOLE_CASE = Text("这一环节不得超过全程时限", "this step may not outlast the whole case")

# Only while the fact that a limit goes by is not known yet and its table is empty, which the checker refuses.
FALLBACK = Period(1, "working_days")
# About how long each unit is, to tell the longest of a table's periods while nobody knows which one applies.
UNIT_HOURS = {
    "minutes": 1 / 60,
    "hours": 1.0,
    "working_hours": 3.0,
    "days": 24.0,
    "working_days": 34.0,
    "months": 720.0,
    "years": 8760.0,
}


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


def extension_for(rule: Extension | None, facts: dict[str, Any]) -> Extension | None:
    """The rule of extension as it holds for this case (适用的延长规则): by its facts, where it goes by one."""
    if rule is None or rule.limits is None:
        return rule
    return replace(
        rule,
        period=period_for(rule.limits, facts) or rule.period,
        statutory=period_for(rule.statutory_limits, facts) or rule.statutory,
    )


def period_text(period: Period) -> str:
    return f"{period.n} {period.unit.replace('_', ' ')}"


def due_for(
    period: Period,
    start: datetime,
    pauses: Sequence[Pause] = (),
    hours: BusinessHours | None = None,
    began: Text = RECEIVED,
) -> Due:
    """When a limit ends (时限届满) that began at `start`, by the official calendar and the hours of who has it."""
    return due_after_suspension(period, start, pauses, official_calendar(), hours=hours, began=began)


def hours_at(queue: str, organisation_id: int | None, prefix: str) -> BusinessHours | None:
    """The business hours by which a task runs (待办适用的办公时间): of the organisation that has it, else of the office
    of the area that its queue names, else of the case's own area. Whoever is asked as a person has none."""
    role, _, where = queue.partition("@")
    if role.startswith("person#"):
        return None
    return hours_of(organisation_id, prefix) if "#" in role else hours_of(None, where or prefix)


def task_due(
    limit: Limit | None,
    facts: dict[str, Any],
    opened_at: datetime,
    *,
    case_due: datetime | None,
    hours: BusinessHours | None = None,
) -> tuple[Due, Period]:
    """Until when a new task is to be done (待办到期), and by which period.

    While the fact that its limit goes by is unknown, the longest of the table holds. With `within_case` it is never
    later than the whole case's own due time; a task that begins after that is due at once.
    """
    period = period_for(limit, facts)
    if period is None:
        period = max(limit.table.values(), key=_length) if limit and limit.table else FALLBACK
    found = due_for(period, opened_at, hours=hours, began=STEP_BEGAN)
    return clamped(found, limit, opened_at, case_due), period


def clamped(found: Due, limit: Limit | None, opened_at: datetime, case_due: datetime | None) -> Due:
    """Not later than the whole case's due time, where the step's limit says so (不超过全程时限)."""
    if limit is None or not limit.within_case or case_due is None:
        return found
    return not_beyond(found, max(case_due, opened_at), WHOLE_CASE)


def _length(period: Period) -> float:
    return period.n * UNIT_HOURS[period.unit]


def next_alert(
    procedure: Procedure, step: Step, queue: str, stage: int, opened_at: datetime, due_at: datetime
) -> datetime | None:
    """When the sweeper has to look at a task again (下次提醒时间): at the next share of its limit that is warned of. A step
    with a timeout is looked at when due, too; before that, only where staff can still do it themselves."""
    level = procedure.escalation[stage] if stage < len(procedure.escalation) else None
    if step.timeout:
        staff_can = step.kind in {"task", "joint"} and not queue.startswith("person#")
        if level is None or level.share >= 1 or not staff_can:
            return due_at
    return moment_at_share(opened_at, due_at, level.share) if level else None


def iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
