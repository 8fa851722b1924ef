"""Legal time (法定期间计算), pure: a period, a start and a calendar in; a moment and its explanation out.

Civil Code (民法典) articles 200–204, which hold wherever a law or a contract says nothing else (204):
- 200  periods run by the Gregorian calendar in years, months, days and hours;
- 201  years, months, days: the start day is not counted; hours run from the set moment;
- 202  months and years end on the corresponding day, or on the last day of the month;
- 203  a last day that is a statutory day off moves to the next day after it; the last day ends at midnight,
       or where there are business hours at close of business.
Which periods are working days each law says itself (Administrative Penalty Law 85, Licensing Law 82,
Reconsideration Law 88): that is the unit of the period, never guessed here.
A minimum notice is counted backwards and is never moved later, since that would shorten it.
"""

from __future__ import annotations

import calendar as month_table
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from linli.base.clock import SHANGHAI, local
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime_words import DAY, RECEIVED, Change, Counting, Cut, Extended, explain
from linli.base.periods import UNITS, Period, bad_period, parse_period
from linli.base.workdays import SAMPLE_HOURS, BusinessHours, DayTable, WorkCalendar

__all__ = [
    "CLOSE_OF_BUSINESS",
    "END_OF_DAY",
    "RECEIVED",
    "SAMPLE_HOURS",
    "UNITS",
    "BusinessHours",
    "DayTable",
    "Due",
    "Pause",
    "Period",
    "WorkCalendar",
    "bad_period",
    "due",
    "due_after_suspension",
    "extended",
    "moment_at_share",
    "not_beyond",
    "parse_period",
    "parse_start",
]

CLOSE_OF_BUSINESS = time(17)
"""When a working day ends (停止业务活动的时间). Sample: no national rule names an hour; set it per organisation."""

END_OF_DAY = time(23, 59, 59)
"""When a calendar day ends (24:00, Civil Code 203 II), as the last second that still belongs to it."""

Pause = tuple[datetime, datetime]
"""Suspended at, resumed at (中止、恢复)."""


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a period (期限届满). `unrolled_on` is the last day before it moved off a day off."""

    due_on: date
    due_at: datetime
    unrolled_on: date
    provisional: bool
    counting: Counting = field(repr=False, compare=False)
    changes: tuple[Change, ...] = field(default=(), repr=False, compare=False)

    @property
    def explanation(self) -> Text:
        """Why this date, in one sentence (期限说明); put into words only when somebody asks."""
        return explain(self.counting, self.changes)


def due(
    period: Period,
    start: datetime,
    calendar: WorkCalendar,
    *,
    backwards: bool = False,
    roll: bool = True,
    hours: BusinessHours | None = None,
    began: Text = RECEIVED,
) -> Due:
    """When a period ends (计算期限届满) that begins at `start` (aware; its day is the day in Asia/Shanghai).

    Working days end at close of business, calendar days, months and years at the last second of the day.
    `backwards` counts to the latest moment for a minimum notice and never moves it later; `roll` false leaves
    the last day where it falls, for the few laws that say so. `hours` are the organisation's business hours;
    `began` says what happened at the start. Provisional when a year that was counted has no published
    days off. Hours and minutes by the clock need no calendar and are never provisional.
    Refuses `clock.out_of_range` beyond the year 9999.
    """
    return _due(period, start, (), calendar, hours, began, backwards=backwards, roll=roll)


def due_after_suspension(
    period: Period,
    start: datetime,
    suspended: Sequence[Pause],
    calendar: WorkCalendar,
    *,
    roll: bool = True,
    hours: BusinessHours | None = None,
    began: Text = RECEIVED,
) -> Due:
    """When a period ends that was suspended in between (中止后恢复计算): nothing of it is lost or won.

    Hours: the pause is added. Days: the day of suspension is not used up, and the days not yet used are counted
    on from the day of resumption, that day included; resumed on the same day moves nothing. Months and years
    are then counted in the days that they have. Pauses may overlap and come in any order; one that begins
    after the end of the period changes nothing.
    """
    pauses = _merged(suspended, start)
    return _due(period, start, pauses, calendar, hours, began, backwards=False, roll=roll)


def extended(
    found: Due,
    by: Period,
    calendar: WorkCalendar,
    *,
    suspended: Sequence[Pause] = (),
    hours: BusinessHours | None = None,
    most: Period | None = None,
    first: Due | None = None,
) -> Due:
    """When a period ends that was extended (延长后的届满日): the extension runs from the end of what was there before.

    That end has been moved off a day off already, for then the moved day is the last one (Civil Code 203). Only what
    of the pauses lies after it counts here. With `most`, all extensions together, which began at the end of `first`,
    are never longer than this period.
    """

    def counted(period: Period, start: Due) -> Due:
        return due_after_suspension(period, start.due_at, suspended, calendar, hours=hours)

    later, cap = counted(by, found), counted(most, first or found) if most else None
    cut = cap is not None and cap.due_at < later.due_at
    later = cap if cap is not None and cut else later
    change = Extended(by, later.counting, most if cut else None)
    return replace(
        later,
        provisional=found.provisional or later.provisional,
        counting=found.counting,
        changes=(*found.changes, change),
    )


def not_beyond(found: Due, most: datetime, why: Text) -> Due:
    """A period that may not end after a moment set from outside (不得超过): `why` says what that moment is."""
    if found.due_at <= most:
        return found
    most = local(most)
    return replace(found, due_at=most, due_on=most.date(), changes=(*found.changes, Cut(most, why)))


def moment_at_share(start: datetime, due_at: datetime, share: float) -> datetime:
    """The moment at a share of the time between start and end (时限比例点), as for warnings at 0.75 of a limit."""
    return start + (due_at - start) * share


def parse_start(text: str) -> datetime:
    """Read a start as the command line and forms write it (识别起算时间): `2026-02-10` or `2026-02-10T09:30`.

    Without a zone it is Asia/Shanghai. Refuses `clock.bad_start`.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            "clock.bad_start",
            Text(
                "看不懂这个起算时间。请按“2026-02-10”或“2026-02-10T09:30”的格式填写。",
                "This start cannot be read. Write it like 2026-02-10 or 2026-02-10T09:30.",
            ),
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _due(
    period: Period,
    start: datetime,
    pauses: tuple[Pause, ...],
    calendar: WorkCalendar,
    hours: BusinessHours | None,
    began: Text,
    *,
    backwards: bool,
    roll: bool,
) -> Due:
    if start.tzinfo is None:
        raise ValueError("legal time needs an aware start")
    open_hours = hours or SAMPLE_HOURS
    try:
        if period.unit in {"minutes", "hours"}:
            end = _by_the_clock(period, start, pauses, backwards)
            unrolled = local(end).date()
        elif period.unit == "working_hours":
            end = _by_business_hours(period.n, start, pauses, calendar, open_hours, backwards)
            unrolled = end.date()
        else:
            unrolled = _last_day(period, local(start).date(), pauses, calendar, backwards)
            last = unrolled
            while roll and not backwards and (calendar.is_day_off(last) or _is_paused(last, pauses)):
                last += DAY
            close = hours.close_on(last) if hours else CLOSE_OF_BUSINESS
            at = close if period.unit == "working_days" else END_OF_DAY
            end = datetime.combine(last, at, SHANGHAI)
    except OverflowError:
        raise Invalid(
            "clock.out_of_range",
            Text(
                "期限超出了可计算的年份。请检查起算时间。",
                "The period leaves the years that can be counted. Check its start.",
            ),
        ) from None
    end = local(end)
    unpublished = _unpublished_years(period, local(start).date(), end.date(), calendar)
    used = tuple(pause for pause in pauses if pause[0] < end)
    counting = Counting(
        period,
        start,
        end,
        unrolled,
        unpublished,
        used,
        calendar,
        open_hours,
        backwards,
        began,
        hours is not None,
    )
    return Due(end.date(), end, unrolled, bool(unpublished), counting)


def _unpublished_years(period: Period, start: date, end: date, calendar: WorkCalendar) -> tuple[int, ...]:
    if period.unit in {"minutes", "hours"}:
        return ()
    if period.unit != "working_hours" and start != end:
        start += DAY if end > start else -DAY
    first, last = sorted((start.year, end.year))
    return tuple(year for year in range(first, last + 1) if not calendar.is_published(year))


def _by_the_clock(period: Period, start: datetime, pauses: tuple[Pause, ...], backwards: bool) -> datetime:
    """Hours from the set moment (Civil Code 201 II), pauses added; in UTC, so that no zone rule interferes."""
    length = timedelta(hours=period.n) if period.unit == "hours" else timedelta(minutes=period.n)
    begin = start.astimezone(UTC)
    if backwards:
        return begin - length
    end = begin + length
    for paused_at, resumed_at in pauses:
        if paused_at >= end:
            break
        end += resumed_at - paused_at
    return end


def _by_business_hours(
    n: int,
    start: datetime,
    pauses: tuple[Pause, ...],
    calendar: WorkCalendar,
    hours: BusinessHours,
    backwards: bool,
) -> datetime:
    left = timedelta(hours=n)
    for opens, closes in _open_spans(local(start), calendar, hours, backwards):
        for a, b in _outside(pauses, opens, closes):
            if left <= b - a:
                return b - left if backwards else a + left
            left -= b - a
    raise AssertionError("open spans never end")


def _open_spans(
    start: datetime, calendar: WorkCalendar, hours: BusinessHours, backwards: bool
) -> Iterator[Pause]:
    day = start.date()
    while True:
        if calendar.is_working_day(day):
            spans = list(hours.on(day))
            for opens, closes in reversed(spans) if backwards else spans:
                a, b = (opens, min(closes, start)) if backwards else (max(opens, start), closes)
                if a < b:
                    yield a, b
        day += -DAY if backwards else DAY


def _outside(pauses: tuple[Pause, ...], opens: datetime, closes: datetime) -> Iterator[Pause]:
    for paused_at, resumed_at in pauses:
        if resumed_at <= opens:
            continue
        if paused_at >= closes:
            break
        if opens < paused_at:
            yield opens, local(paused_at)
        opens = max(opens, local(resumed_at))
    if opens < closes:
        yield opens, closes


def _last_day(
    period: Period, start: date, pauses: tuple[Pause, ...], calendar: WorkCalendar, backwards: bool
) -> date:
    """Last day of a period in days, months or years; the start day is not counted (Civil Code 201, 202)."""
    if period.unit == "working_days":
        return _count(period.n, start, backwards, calendar.is_working_day, pauses)
    if period.unit == "days":
        n_days = -period.n if backwards else period.n
    else:
        n_months = period.n * (12 if period.unit == "years" else 1)
        n_days = (_corresponding_day(start, -n_months if backwards else n_months) - start).days
    if pauses:
        return _count(n_days, start, backwards, lambda day: True, pauses)
    return start + timedelta(days=n_days)


def _count(
    n: int, start: date, backwards: bool, counts: Callable[[date], bool], pauses: tuple[Pause, ...]
) -> date:
    day, step = start, -DAY if backwards else DAY
    while n:
        day += step
        if counts(day) and not _is_paused(day, pauses):
            n -= 1
    return day


def _is_paused(day: date, pauses: tuple[Pause, ...]) -> bool:
    return any(local(a).date() <= day < local(b).date() for a, b in pauses)


def _corresponding_day(start: date, n_months: int) -> date:
    """Same day of the month `n_months` on, or the last day of that month (Civil Code 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + n_months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month + 1, min(start.day, month_table.monthrange(year, month + 1)[1]))


def _merged(pauses: Sequence[Pause], start: datetime) -> tuple[Pause, ...]:
    """Pauses in order, cut at the start, overlapping ones joined: a moment is suspended only once."""
    merged: list[Pause] = []
    for paused_at, resumed_at in sorted(pauses):
        paused_from = max(paused_at, start)
        if resumed_at <= paused_from:
            continue
        if merged and paused_from <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], resumed_at))
        else:
            merged.append((paused_from, resumed_at))
    return tuple(merged)
