"""What holds for every date of 2018–2026, on the days off as they were published (needs the shared data)."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.base.clock import SHANGHAI
from linli.base.legaltime import BusinessHours, DayTable, Due, Pause, Period, due, due_after_suspension
from linli.base.workdays import SAMPLE_HOURS
from tests.shared_data import shared

ONE = timedelta(days=1)
FIRST, LAST = date(2018, 1, 1), date(2026, 12, 31)


@cache
def _read(path: Path) -> DayTable:
    days: dict[str, set[date]] = {"off": set(), "work": set()}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            days[row["kind"]].add(date.fromisoformat(row["date"]))
    return DayTable(
        frozenset(days["off"]), frozenset(days["work"]), frozenset(range(FIRST.year, LAST.year + 1))
    )


@pytest.fixture(scope="module")
def published() -> DayTable:
    return _read(shared("data/holidays/cn_holidays_2018_2026.csv"))


starts = st.datetimes(datetime(2018, 1, 1), datetime(2026, 6, 30)).map(lambda m: m.replace(tzinfo=SHANGHAI))
lengths = st.integers(1, 60)
day_units = st.sampled_from(["days", "working_days"])
rolling = st.sampled_from(["days", "working_days", "months"])
forward = st.sampled_from(["minutes", "hours", "working_hours", "days", "working_days"])
pauses = st.lists(st.tuples(st.integers(0, 24 * 40), st.integers(0, 24 * 30)), max_size=4)


def placed(start: datetime, plan: list[tuple[int, int]]) -> list[Pause]:
    return [(start + timedelta(hours=a), start + timedelta(hours=a + length)) for a, length in plan]


def days_between(first: date, last: date) -> list[date]:
    """The days after the first, the last included."""
    return [first + timedelta(days=i) for i in range(1, (last - first).days + 1)]


def stood(day: date, spans: list[Pause]) -> bool:
    return any(a.date() <= day < b.date() for a, b in spans)


@given(starts, lengths, forward)
def test_never_before_receipt(published: DayTable, start: datetime, n: int, unit: str) -> None:
    assert due(Period(n, unit), start, published).due_at > start


@given(starts, st.integers(1, 6), rolling)
def test_never_on_a_day_off_where_the_law_rolls(
    published: DayTable, start: datetime, n: int, unit: str
) -> None:
    found = due(Period(n, unit), start, published)
    assert published.is_working_day(found.due_on)
    assert all(published.is_day_off(day) for day in days_between(found.unrolled_on - ONE, found.due_on - ONE))


@given(starts, lengths, forward, st.integers(0, 24 * 90))
def test_monotone_in_the_period_and_in_the_start(
    published: DayTable, start: datetime, n: int, unit: str, later: int
) -> None:
    found = due(Period(n, unit), start, published).due_at
    assert due(Period(n + 1, unit), start, published).due_at >= found
    assert due(Period(n, unit), start + timedelta(hours=later), published).due_at >= found


@given(starts, lengths)
def test_working_days_are_those_of_a_count_day_by_day(published: DayTable, start: datetime, n: int) -> None:
    last = due(Period(n, "working_days"), start, published).due_on
    counted = [
        day
        for day in days_between(start.date(), last)
        if day in published.work or (day.weekday() < 5 and day not in published.off)
    ]
    assert len(counted) == n
    assert counted[-1] == last


@settings(max_examples=200)
@given(starts, lengths, day_units, pauses)
def test_suspending_and_resuming_conserves_what_is_left(
    published: DayTable, start: datetime, n: int, unit: str, plan: list[tuple[int, int]]
) -> None:
    spans = placed(start, plan)
    found = due_after_suspension(Period(n, unit), start, spans, published)
    counted = [
        day
        for day in days_between(start.date(), found.unrolled_on)
        if not stood(day, spans) and (unit == "days" or published.is_working_day(day))
    ]
    assert len(counted) == n
    assert not stood(found.due_on, spans)
    assert found.due_at >= due(Period(n, unit), start, published).due_at


@settings(max_examples=200)
@given(starts, st.integers(1, 40), pauses)
def test_working_hours_conserve_what_is_left(
    published: DayTable, start: datetime, n: int, plan: list[tuple[int, int]]
) -> None:
    start = start.replace(minute=0, second=0, microsecond=0)
    spans = placed(start, plan)
    found = due_after_suspension(Period(n, "working_hours"), start, spans, published)
    half, at, open_for = timedelta(minutes=30), start, timedelta(0)
    while at < found.due_at:
        opened = any(a <= at < b for a, b in SAMPLE_HOURS.on(at.date()))
        if opened and published.is_working_day(at.date()) and not any(a <= at < b for a, b in spans):
            open_for += half
        at += half
    assert open_for == timedelta(hours=n)


@given(starts, lengths, forward, pauses, st.integers(0, 24 * 20))
def test_splitting_a_pause_changes_nothing(
    published: DayTable, start: datetime, n: int, unit: str, plan: list[tuple[int, int]], at: int
) -> None:
    whole = placed(start, plan)
    split: list[Pause] = []
    for a, b in whole:
        middle = min(b, a + timedelta(hours=at))
        split += [(middle, b), (a, middle)]
    found = due_after_suspension(Period(n, unit), start, whole, published)
    assert due_after_suspension(Period(n, unit), start, split, published) == found


@given(starts, lengths)
def test_counting_back_from_the_end_gives_the_start_again(
    published: DayTable, start: datetime, n: int
) -> None:
    plain = Period(n, "days")
    there = due(plain, start, published, roll=False)
    assert due(plain, there.due_at, published, backwards=True).due_on == start.date()

    working = Period(n, "working_days")
    there = due(working, start, published)
    began = start.date()
    while not published.is_working_day(began):
        began -= ONE
    if began >= FIRST:
        assert due(working, there.due_at, published, backwards=True).due_on == began

    clock = Period(n, "hours")
    there = due(clock, start, published)
    assert due(clock, there.due_at, published, backwards=True).due_at == start


@given(starts, lengths, day_units, st.integers(2018, 2027))
def test_provisional_if_and_only_if_an_unpublished_year_was_counted(
    published: DayTable, start: datetime, n: int, unit: str, missing: int
) -> None:
    years = published.published - {missing}
    calendar = DayTable(published.off, published.work, years)
    found = due(Period(n, unit), start, calendar)
    counted = {day.year for day in days_between(start.date(), found.due_on)}
    assert found.provisional == (not counted <= years)
    assert ("暂定" in found.explanation.zh) == found.provisional
    assert not due(Period(n, "hours"), start, calendar).provisional


@given(starts, lengths, st.booleans())
def test_own_hours_end_the_last_day_and_move_no_day(
    published: DayTable, start: datetime, n: int, early: bool
) -> None:
    spans = SAMPLE_HOURS.spans[:1] if early else SAMPLE_HOURS.spans
    hours = BusinessHours(spans)
    own: Due = due(Period(n, "working_days"), start, published, hours=hours)
    assert own.due_on == due(Period(n, "working_days"), start, published).due_on
    assert own.due_at.timetz().replace(tzinfo=None) == spans[-1][1]
