"""Reads of the official calendar (官方日历查询), which every due date asks: kept in memory, renewed when it changes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Max, QuerySet

from linli.base.workdays import DayTable
from linli.kernel.calendar.models import DayOff, PublishedYear

# How long another process may still count by the table of before an import.
REFRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Kept:
    calendar: DayTable
    revision: int
    checked: float


_kept: _Kept | None = None


def official_calendar() -> DayTable:
    """The official working days (官方工作日历) as one unchanging value; no query while the copy in memory is fresh.

    An import in this process shows at once, one elsewhere within `REFRESH_SECONDS`. Inside a transaction that has
    itself changed the table nothing is kept, since it may still be rolled back.
    """
    global _kept
    if _changed_in_this_transaction():
        return _load()
    kept, now = _kept, time.monotonic()
    if kept is not None and now - kept.checked < REFRESH_SECONDS:
        return kept.calendar
    revision = _revision()
    same = kept is not None and kept.revision == revision
    calendar = kept.calendar if kept is not None and same else _load()
    _kept = _Kept(calendar, revision, now)
    return calendar


def forget() -> None:
    """Read the table anew next time (清除缓存); the services call it after each change."""
    global _kept
    _kept = None


def published_years() -> QuerySet[PublishedYear]:
    """Years with a published table, the latest first (已公布年份)."""
    return PublishedYear.objects.order_by("-year")


def waiting_years() -> QuerySet[PublishedYear]:
    """Years whose days changed since due dates were last counted by them (待重算年份), the oldest first."""
    return PublishedYear.objects.filter(changed_from__isnull=False).order_by("year")


def days_of(year: int) -> QuerySet[DayOff]:
    """What the notice of a year changes, in order (某年放假与调休日)."""
    return DayOff.objects.filter(published__year=year).order_by("date")


def first_unpublished(day: date) -> int:
    """The first year from this day's on whose table is still missing (最早未公布年份): from there dates are provisional."""
    calendar, year = official_calendar(), day.year
    while calendar.is_published(year):
        year += 1
    return year


def _revision() -> int:
    return PublishedYear.objects.aggregate(latest=Max("revision"))["latest"] or 0


def _load() -> DayTable:
    days = list(DayOff.objects.values_list("date", "kind"))
    return DayTable(
        off=frozenset(day for day, kind in days if kind == DayOff.Kind.OFF),
        work=frozenset(day for day, kind in days if kind == DayOff.Kind.WORK),
        published=frozenset(PublishedYear.objects.values_list("year", flat=True)),
    )


def _changed_in_this_transaction() -> bool:
    # A change waits for its commit with `forget`; a rollback drops it from this list.
    return any(entry[1] is forget for entry in connection.run_on_commit)
