"""The official calendar: every day of 2018–2026 as published, imports and their refusals, the copy in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from linli.base.clock import SHANGHAI
from linli.base.errors import Invalid, OutOfDate
from linli.base.legaltime import Period, due
from linli.base.tests.official_days import OFFICIAL
from linli.kernel.calendar import queries, services
from linli.kernel.calendar.models import DayOff, PublishedYear
from linli.kernel.calendar.rules import check_year
from linli.kernel.calendar.shipped import shipped_years
from tests.shared_data import shared


@dataclass
class Clerk:
    name: str = "林主任"


OFF_2027 = {
    date(2027, 1, 1): "元旦",
    **{date(2027, 2, 5) + timedelta(days=i): "春节" for i in range(7)},
    date(2027, 5, 1): "劳动节",
    **{date(2027, 10, 1) + timedelta(days=i): "国庆节" for i in range(7)},
}
WORK_2027 = {date(2027, 2, 20): "春节", date(2026, 12, 26): "元旦"}


def enter(**changes: object) -> services.YearImport:
    values = {"off": OFF_2027, "work": WORK_2027, "notice": "国办发明电〔2026〕样例", "by": Clerk()} | changes
    return services.import_year(2027, **values)  # type: ignore[arg-type]  # the cases below change one at a time


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    queries.forget()
    yield
    queries.forget()


@pytest.mark.django_db
def test_every_day_of_the_published_years_is_as_published() -> None:
    with shared("data/holidays/cn_holidays_2018_2026.csv").open(encoding="utf-8") as file:
        kinds = {date.fromisoformat(row["date"]): (row["kind"], row["name"]) for row in csv.DictReader(file)}
    calendar = queries.official_calendar()
    days = (date(2018, 1, 1) + timedelta(days=i) for i in range((date(2027, 1, 1) - date(2018, 1, 1)).days))
    for day in days:
        kind = kinds.get(day, ("work" if day.weekday() < 5 else "off", ""))[0]
        assert calendar.is_working_day(day) == (kind == "work"), day
        assert calendar.is_day_off(day) == (kind == "off"), day
    # The source also names Monday 2020-02-03, on which work began again: a working day anyway.
    assert kinds.pop(date(2020, 2, 3)) == ("work", "春节")
    assert {day.date: (day.kind, day.name) for day in DayOff.objects.all()} == kinds
    assert [year for year in range(2015, 2030) if calendar.is_published(year)] == list(range(2018, 2027))


def test_what_is_shipped_passes_its_own_rules() -> None:
    years = list(shipped_years())
    assert [table.year for table in years] == list(range(2018, 2027))
    for table in years:
        check_year(table.year, table.off, table.work, table.notice)
    # The table that the pure tests of legal time use is the same one.
    recent = [table for table in years if table.year >= 2024]
    assert OFFICIAL.off == {day for table in recent for day in table.off}
    assert OFFICIAL.work == {day for table in recent for day in table.work}


@pytest.mark.django_db
def test_loading_what_is_shipped_leaves_years_that_are_there() -> None:
    assert services.import_shipped_years() == []
    PublishedYear.objects.filter(year=2026).delete()
    assert services.import_shipped_years() == [2026]
    assert DayOff.objects.filter(published__year=2026).count() == 39


@pytest.mark.django_db
def test_a_new_year_is_entered_and_makes_dates_certain() -> None:
    start = datetime(2027, 2, 4, 10, tzinfo=SHANGHAI)
    before = due(Period(3, "working_days"), start, queries.official_calendar())
    assert (before.provisional, before.due_on) == (True, date(2027, 2, 9))
    assert queries.first_unpublished(date(2026, 11, 22)) == 2027

    done = enter(at=datetime(2026, 11, 22, tzinfo=SHANGHAI))
    assert (done.year, done.first_time) == (2027, True)
    assert date(2027, 2, 8) in done.changed
    assert date(2027, 2, 6) not in done.changed  # a Saturday was off anyway
    assert date(2026, 12, 26) in done.changed

    after = due(Period(3, "working_days"), start, queries.official_calendar())
    assert (after.provisional, after.due_on) == (False, date(2027, 2, 16))
    assert queries.official_calendar().is_working_day(date(2026, 12, 26))
    assert queries.first_unpublished(date(2026, 11, 22)) == 2028
    entered = queries.published_years()[0]
    assert (entered.year, entered.imported_by, entered.notice) == (2027, "林主任", "国办发明电〔2026〕样例")
    assert queries.days_of(2027).count() == len(OFF_2027) + len(WORK_2027)


@pytest.mark.django_db
def test_the_same_table_again_changes_nothing_and_a_correction_only_its_days() -> None:
    enter()
    revision = PublishedYear.objects.get(year=2027).revision
    assert enter() == services.YearImport(2027, first_time=False, changed=())
    assert PublishedYear.objects.get(year=2027).revision == revision

    corrected = enter(off=OFF_2027 | {date(2027, 2, 12): "春节"}, work={date(2027, 2, 20): "春节"})
    assert corrected.changed == (date(2026, 12, 26), date(2027, 2, 12))
    assert PublishedYear.objects.get(year=2027).revision > revision
    assert not queries.official_calendar().is_working_day(date(2027, 2, 12))
    assert not DayOff.objects.filter(date=date(2026, 12, 26)).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"notice": "  "}, "notice"),
        ({"notice": "长" * 301}, "notice"),
        ({"work": {date(2027, 2, 19): "春节"}}, "work"),  # a Friday
        ({"work": {date(2027, 2, 6): "春节"}}, "work"),  # off as well
        ({"off": OFF_2027 | {date(2028, 5, 1): "劳动节"}}, "off"),
        ({"off": OFF_2027 | {date(2027, 6, 9): " "}}, "off"),
        ({"off": {date(2027, 1, 1): "元旦"}}, "off"),  # no Labour Day, no National Day
    ],
)
def test_a_table_that_cannot_be_a_notice_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        enter(**changes)
    assert refusal.value.code == "calendar.bad_year"
    assert set(refusal.value.fields) == {field}
    assert not PublishedYear.objects.filter(year=2027).exists()


@pytest.mark.django_db
def test_refused_years_and_days_of_another_year() -> None:
    with pytest.raises(Invalid) as refusal:
        services.import_year(27, off=OFF_2027, work={}, notice="通知", by=Clerk())
    assert set(refusal.value.fields) == {"year"}
    enter()
    off = {day.date: day.name for day in queries.days_of(2026).filter(kind="off")}
    with pytest.raises(Invalid) as refusal:
        services.import_year(2026, off=off, work={date(2026, 12, 26): "元旦"}, notice="更正", by=Clerk())
    assert refusal.value.code == "calendar.day_taken"
    assert "2026-12-26 (2027)" in refusal.value.message.zh


@pytest.mark.django_db
def test_two_people_entering_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = PublishedYear.objects.get(year=2026).revision
    monkeypatch.setattr(services, "_next_revision", lambda: taken)  # as the slower of the two saw it
    with pytest.raises(OutOfDate):
        enter()
    assert not PublishedYear.objects.filter(year=2027).exists()


@pytest.mark.django_db
def test_the_copy_in_memory(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = queries.official_calendar()
    with django_assert_num_queries(0):
        assert queries.official_calendar() is first
    monkeypatch.setattr(queries, "REFRESH_SECONDS", -1.0)
    with django_assert_num_queries(1):  # looks whether another process changed it, and reads nothing more
        assert queries.official_calendar() is first
    monkeypatch.setattr(queries, "REFRESH_SECONDS", 1000.0)

    with transaction.atomic():
        enter()
        assert queries.official_calendar().is_published(2027)
        transaction.set_rollback(True)
    assert not queries.official_calendar().is_published(2027)  # rolled back: nothing of it was kept

    enter()
    assert queries.official_calendar().is_published(2027)


@pytest.mark.django_db
def test_an_import_elsewhere_is_seen_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    latest = PublishedYear.objects.get(year=2026)
    assert not queries.official_calendar().is_published(2027)
    # As another process would, without clearing this one's copy.
    PublishedYear.objects.create(
        year=2027,
        notice="通知",
        imported_at=latest.imported_at,
        imported_by="别处",
        revision=latest.revision + 1,
    )
    assert not queries.official_calendar().is_published(2027)
    monkeypatch.setattr(queries, "REFRESH_SECONDS", -1.0)
    assert queries.official_calendar().is_published(2027)
