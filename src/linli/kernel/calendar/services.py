"""Writes of the official calendar (官方日历维护): the yearly notice is data that an administrator enters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db import IntegrityError, transaction
from django.db.models import Max

from linli.base.clock import now
from linli.base.errors import Invalid, OutOfDate
from linli.base.i18n import Text
from linli.base.workdays import SATURDAY
from linli.kernel.calendar import queries
from linli.kernel.calendar.models import DayOff, PublishedYear
from linli.kernel.calendar.rules import check_year
from linli.kernel.calendar.shipped import shipped_years

SHIPPED_BY = "Linli"


class Named(Protocol):
    """Whoever enters a table; the calendar knows no people, so the name is kept."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class YearImport:
    """What an import did (导入结果). `changed` are days that became working or off: due dates on them may move."""

    year: int
    first_time: bool
    changed: tuple[date, ...]


def import_year(
    year: int,
    *,
    off: Mapping[date, str],
    work: Mapping[date, str],
    notice: str,
    by: Named,
    at: datetime | None = None,
) -> YearImport:
    """Enter or correct a year's days off and make-up working days (录入或更正年度放假安排): day → festival.

    The new table takes the place of the year's old one; the same table again changes nothing. Refuses
    `calendar.bad_year` with the fields to mend, `calendar.day_taken` for a day that another year's notice
    has set, `calendar.out_of_date` when somebody else entered a table at the same moment.
    Who may do this the caller decides. The days that changed are kept until due dates have been counted by them.
    """
    check_year(year, off, work, notice)
    wanted = {**dict.fromkeys(off, DayOff.Kind.OFF.value), **dict.fromkeys(work, DayOff.Kind.WORK.value)}
    names = {day: name.strip() for day, name in (*off.items(), *work.items())}
    try:
        with transaction.atomic():
            published = PublishedYear.objects.select_for_update().filter(year=year).first()
            old = {day.date: day for day in queries.days_of(year)}
            was = {day: (entry.kind, entry.name) for day, entry in old.items()}
            to_be = {day: (kind, names[day]) for day, kind in wanted.items()}
            if published is not None and published.notice == notice.strip() and was == to_be:
                return YearImport(year, first_time=False, changed=())
            _refuse_days_of_other_years(year, wanted)
            first_time = published is None
            published = published or PublishedYear(year=year)
            published.notice = notice.strip()
            published.imported_by = by.name[:60]
            published.imported_at = at or now()
            published.revision = _next_revision()
            days = {*wanted, *old}
            changed = sorted(
                d for d in days if wanted.get(d, _usual(d)) != (old[d].kind if d in old else _usual(d))
            )
            _mark(published, changed, first_time=first_time)
            published.save()
            published.days.all().delete()
            _add_days(published, wanted, names)
            transaction.on_commit(queries.forget)
    except IntegrityError as error:
        raise OutOfDate(
            "calendar.out_of_date",
            Text(
                "其他人刚刚也在录入放假安排，您的内容尚未保存。请刷新后核对，再保存一次。",
                "Somebody else entered days off at the same moment; yours were not saved. "
                "Reload, check and save again.",
            ),
        ) from error
    return YearImport(year, first_time, tuple(changed))


def counted_by(published: PublishedYear) -> None:
    """Due dates have been counted by this table (已按此表重算); not, if it was changed again meanwhile."""
    PublishedYear.objects.filter(pk=published.pk, revision=published.revision).update(
        changed_from=None, changed_to=None
    )


def _mark(published: PublishedYear, changed: Sequence[date], *, first_time: bool) -> None:
    """Which days wait for due dates to be counted anew: with those that still wait from before, and the whole year when
    it is published, since what was provisional in it no longer is."""
    waiting = [day for day in (published.changed_from, published.changed_to) if day is not None]
    whole = [date(published.year, 1, 1), date(published.year, 12, 31)] if first_time else []
    days = sorted([*waiting, *whole, *changed])
    if days:
        published.changed_from, published.changed_to = days[0], days[-1]


def import_shipped_years() -> list[int]:
    """Enter the years that come with Linli and are not there yet (装入随产品提供的年表); corrected years stay."""
    with transaction.atomic():
        present = set(PublishedYear.objects.values_list("year", flat=True))
        tables = [table for table in shipped_years() if table.year not in present]
        if not tables:
            return []
        revision = _next_revision()
        for i, table in enumerate(tables):
            published = PublishedYear(
                year=table.year,
                notice=table.notice,
                imported_at=now(),
                imported_by=SHIPPED_BY,
                revision=revision + i,
            )
            _mark(published, sorted(table.off | table.work), first_time=True)
            published.save()
            kinds = {
                **dict.fromkeys(table.off, DayOff.Kind.OFF.value),
                **dict.fromkeys(table.work, DayOff.Kind.WORK.value),
            }
            _add_days(published, kinds, table.off | table.work)
        transaction.on_commit(queries.forget)
    return [table.year for table in tables]


def _add_days(published: PublishedYear, kinds: Mapping[date, str], names: Mapping[date, str]) -> None:
    DayOff.objects.bulk_create(
        DayOff(date=day, kind=kind, name=names[day], published=published)
        for day, kind in sorted(kinds.items())
    )


def _next_revision() -> int:
    return (PublishedYear.objects.aggregate(latest=Max("revision"))["latest"] or 0) + 1


def _usual(day: date) -> str:
    return DayOff.Kind.WORK if day.weekday() < SATURDAY else DayOff.Kind.OFF


def _refuse_days_of_other_years(year: int, wanted: Mapping[date, str]) -> None:
    taken = DayOff.objects.filter(date__in=list(wanted)).exclude(published__year=year)
    found = [f"{entry.date} ({entry.published.year})" for entry in taken.select_related("published")]
    if found:
        days = ", ".join(sorted(found))
        raise Invalid(
            "calendar.day_taken",
            Text(
                f"这些日期已由其他年份的通知确定：{days}。请先更正那一年的安排。",
                f"These days are already set by another year's notice: {days}. Correct that year first.",
            ),
        )
