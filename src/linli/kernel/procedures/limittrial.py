"""What other limits would do (时限试算): due dates before and after by the real calendar, and how the work of the last
months would have stood. Nothing is moved; counts and days, no case and no person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from linli.base import legaltime
from linli.base.codes import truncate
from linli.base.legaltime import Due, Period, WorkCalendar
from linli.base.paging import Count, count_up_to
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.procedures.amending import LimitRow, limit_rows
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case, Task

LOOKED_BACK = timedelta(days=90)
MOST_TRIED = 300  # the newest of them, for each limit: what a page can wait for


@dataclass(frozen=True)
class Example:
    """A limit that changes (时限变化): when something taken in now would be due before and after."""

    row: LimitRow
    old: Period
    new: Period
    before: Due
    after: Due


@dataclass(frozen=True)
class Tried:
    """The work of the last months under another limit (按新时限回算): how many were late, how many would have been."""

    row: LimitRow
    n: int
    n_late: int
    n_would_be: int


@dataclass(frozen=True)
class Effect:
    """What a new version does (影响): running cases keep theirs, so these are counted and not moved."""

    n_running: Count
    n_opened: Count  # in the last months: as many again will follow the new version
    examples: tuple[Example, ...]
    tried: tuple[Tried, ...]


def effect_of(old: Procedure, new: Procedure, jurisdiction: str, *, at: datetime) -> Effect:
    """What changes with a new version of a procedure in an area (新版本的影响)."""
    calendar = official_calendar()
    examples = tuple(_examples(old, new, at, calendar))
    cases = _cases(old.code, jurisdiction)
    running = cases.filter(status__in=("open", "suspended"))
    return Effect(
        count_up_to(running),
        count_up_to(cases.filter(opened_at__gte=at - LOOKED_BACK)),
        examples,
        tuple(_tried(e, cases, at, calendar) for e in examples if e.row.path[0] != "extend"),
    )


def _cases(code: str, jurisdiction: str) -> QuerySet[Case]:
    county = truncate(jurisdiction, "county")
    return Case.objects.filter(procedure=code, county__startswith=county, historic=False)


def _examples(old: Procedure, new: Procedure, at: datetime, calendar: WorkCalendar) -> Iterable[Example]:
    now = {row.code: row.period for row in limit_rows(new)}
    for row in limit_rows(old):
        period = now.get(row.code)
        if row.period is None or period is None or period == row.period:
            continue
        before, after = (legaltime.due(p, at, calendar) for p in (row.period, period))
        yield Example(row, row.period, period, before, after)


def _tried(example: Example, cases: QuerySet[Case], at: datetime, calendar: WorkCalendar) -> Tried:
    """Only what ran without a pause: with one, other limits would have met another pause."""
    row, since = example.row, at - LOOKED_BACK
    rows: Iterable[tuple[datetime, datetime | None]]
    if row.path == ("limit",):
        ended = cases.filter(ended_at__gte=since, clock_segments__isnull=True).filter(_of(row, ""))
        rows = ended.order_by("-ended_at").values_list("opened_at", "ended_at")[:MOST_TRIED]
    else:
        step = str(row.path[2] if row.path[0] == "emergency" else row.path[1])
        part = Q(part="helper") if row.path[-1] == "helpers_within" else ~Q(part="helper")
        done = Task.objects.filter(
            part, case__in=cases, step=step, done_at__gte=since, case__clock_segments__isnull=True
        )
        rows = (
            done.filter(_of(row, "case__"))
            .order_by("-done_at")
            .values_list("opened_at", "done_at")[:MOST_TRIED]
        )
    spans = [(start, end) for start, end in rows if end is not None]
    late, would = (
        sum(end > legaltime.due(period, start, calendar).due_at for start, end in spans)
        for period in (example.old, example.new)
    )
    return Tried(row, len(spans), late, would)


def _of(row: LimitRow, path: str) -> Q:
    """The cases to which this row of a table applies."""
    if not row.key or row.key == "default" or not row.by:
        return Q()
    return Q(**{f"{path}facts__{row.by}": row.key})
