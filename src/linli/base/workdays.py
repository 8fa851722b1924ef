"""Working days and business hours (工作日与办公时间), as values: the tables behind them live in kernel/calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from typing import Protocol

from linli.base.clock import SHANGHAI

SATURDAY = 5


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
class BusinessHours:
    """Hours in which an organisation works on a working day (办公时间): spans in order, none overlapping."""

    spans: tuple[tuple[time, time], ...] = field(default=())

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise ValueError("business hours are spans in order that do not overlap")

    @property
    def close(self) -> time:
        return self.spans[-1][1]

    def on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for opens, closes in self.spans:
            yield datetime.combine(day, opens, SHANGHAI), datetime.combine(day, closes, SHANGHAI)

    def __str__(self) -> str:
        return "、".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in self.spans)


# Sample, to be set per organisation: hours of county halls vary by place and season.
SAMPLE_HOURS = BusinessHours(((time(8, 30), time(12)), (time(14, 30), time(17, 30))))
