"""A year as a calendar that one can read (年历): twelve months, each day off and each weekend worked said in a word."""

from __future__ import annotations

import calendar as months_table
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from linli.base.i18n import Text
from linli.base.workdays import SATURDAY
from linli.kernel.calendar.models import DayOff

MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True)
class Day:
    """One day: `off` and `work` are what the notice says, `rest` an ordinary weekend."""

    n: int
    kind: str  # off | work | rest | plain
    name: str


@dataclass(frozen=True)
class Month:
    title: Text
    weeks: list[list[Day | None]]
    n_working: int


def year_in_months(year: int, days: Iterable[DayOff]) -> list[Month]:
    """Twelve months of weeks from Monday on (年历), with how many working days each has."""
    said: Mapping[date, DayOff] = {d.date: d for d in days}
    found = []
    for month in range(1, 13):
        weeks: list[list[Day | None]] = []
        n_working = 0
        for week in months_table.Calendar().monthdatescalendar(year, month):
            row: list[Day | None] = []
            for day in week:
                if day.month != month:
                    row.append(None)
                    continue
                entry = said.get(day)
                ordinary = "rest" if day.weekday() >= SATURDAY else "plain"
                kind = ordinary if entry is None else "off" if entry.kind == DayOff.Kind.OFF else "work"
                n_working += kind in {"plain", "work"}
                row.append(Day(day.day, kind, entry.name if entry else ""))
            weeks.append(row)
        found.append(Month(Text(f"{month} 月", MONTHS[month - 1]), weeks, n_working))
    return found
