"""Working days and business hours (工作日与办公时间), as values: the tables behind them live in kernel/calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from typing import Protocol, TypeAlias

from linli.base.clock import SHANGHAI

SATURDAY = 5

Spans: TypeAlias = "tuple[tuple[time, time], ...]"
MonthDay: TypeAlias = "tuple[int, int]"


class WorkCalendar(Protocol):
    """What legal time asks of a calendar (工作日历). Every day is either a working day or a day off."""

    def is_working_day(self, day: date, /) -> bool: ...

    def is_day_off(self, day: date, /) -> bool: ...

    def is_published(self, year: int, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class DayTable:
    """Monday to Friday, corrected by days off and make-up days (放假与调休表). Empty: nothing is published."""

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    published: frozenset[int] = frozenset()

    def is_working_day(self, day: date, /) -> bool:
        return day not in self.off if day.weekday() < SATURDAY else day in self.work

    def is_day_off(self, day: date, /) -> bool:
        return not self.is_working_day(day)

    def is_published(self, year: int, /) -> bool:
        return year in self.published


@dataclass(frozen=True, slots=True)
class Season:
    """Other hours in one part of the year (季节性办公时间), its last day included; it may reach over New Year."""

    first: MonthDay
    last: MonthDay
    spans: Spans

    def __post_init__(self) -> None:
        _in_order(self.spans)
        for month, day in (self.first, self.last):
            date(2024, month, day)  # a leap year: 29 February is a day

    def holds_on(self, day: date) -> bool:
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Hours in which an organisation works on a working day (办公时间): spans in order, none overlapping.

    In a season its own spans hold; seasons do not overlap either.
    """

    spans: Spans = field(default=())
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        _in_order(self.spans)
        leap_year = [date.fromordinal(date(2024, 1, 1).toordinal() + i) for i in range(366)]
        if any(sum(season.holds_on(day) for season in self.seasons) > 1 for day in leap_year):
            raise ValueError("seasons of business hours do not overlap")

    def spans_on(self, day: date) -> Spans:
        return next((s.spans for s in self.seasons if s.holds_on(day)), self.spans)

    def close_on(self, day: date) -> time:
        """When business ends on a day (当日停止业务活动的时间)."""
        return self.spans_on(day)[-1][1]

    def on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for opens, closes in self.spans_on(day):
            yield datetime.combine(day, opens, SHANGHAI), datetime.combine(day, closes, SHANGHAI)

    def __str__(self) -> str:
        return spans_text(self.spans)


def spans_text(spans: Spans) -> str:
    return "、".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in spans)


def _in_order(spans: Spans) -> None:
    edges = [edge for span in spans for edge in span]
    if not edges or any(a >= b for a, b in pairwise(edges)):
        raise ValueError("business hours are spans in order that do not overlap")


# Sample, to be set per organisation: hours of county halls vary by place and season.
SAMPLE_HOURS = BusinessHours(((time(8, 30), time(12)), (time(14, 30), time(17, 30))))
