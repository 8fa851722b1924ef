"""Whose business hours a task runs by (适用的办公时间): its organisation's, else those above it, else the area's office."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from linli.base.businesshours import parse_hours
from linli.base.clock import local
from linli.base.errors import NotAllowed
from linli.base.workdays import BusinessHours
from linli.kernel.people import services
from linli.kernel.people.hours import hours_of
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures.casebook import tasks_of
from linli.kernel.procedures.clocks import hours_at
from linli.kernel.procedures.tests.clockcase import MONDAY, accepted, did, open_task
from linli.kernel.procedures.tests.clockcase import permits as permits
from tests.cast import Cast

EARLY = parse_hours("8:00-12:00 13:00-16:00")
LATE = parse_hours("9:00-12:00 14:00-18:00", "12-01 ~ 02-28 9:00-12:00 13:30-17:30")


def set_hours(cast: Cast, name: str, hours: BusinessHours | None) -> None:
    services.set_hours(cast.organisation(name), hours, by=cast.actor("admin"))


def close(moment: datetime) -> time:
    return local(moment).time()


def test_an_organisation_without_its_own_works_by_those_above(cast: Cast) -> None:
    street, centre = cast.organisation("street"), cast.organisation("centre")
    assert hours_of(centre.pk, "350102001") is None
    set_hours(cast, "street", LATE)
    assert hours_of(street.pk) == hours_of(centre.pk) == LATE
    set_hours(cast, "centre", EARLY)
    assert (hours_of(street.pk), hours_of(centre.pk)) == (LATE, EARLY)
    set_hours(cast, "centre", None)
    assert hours_of(centre.pk) == LATE


def test_a_post_that_answers_for_an_area_works_by_the_nearest_office(cast: Cast) -> None:
    set_hours(cast, "street", LATE)
    assert hours_at("dispatcher@350102001", None, "350102001001") == LATE
    assert hours_at("dispatcher@350102002", None, "350102002001") is None
    set_hours(cast, "government", EARLY)
    assert hours_at("dispatcher@350102002", None, "350102002001") == EARLY
    assert hours_at("dispatcher@350102001", None, "350102001001") == LATE
    municipal = cast.organisation("municipal")
    assert hours_at(f"handler#{municipal.pk}", municipal.pk, "350102001001") == LATE
    assert hours_at(f"person#{cast.person('resident').pk}", None, "350102001001") is None


def test_tasks_and_cases_end_at_the_close_of_business_of_the_season(permits: Cast) -> None:
    set_hours(permits, "street", LATE)
    case = accepted(permits)
    assert close(open_task(case).due_at) == time(18)
    shown = tasks_of(case)[0].due
    assert shown.due_at == open_task(case).due_at == case.due_at
    assert shown.explanation.zh.endswith("到11月25日18:00下班时届满。")
    winter = accepted(permits, at=datetime(2026, 12, 7, 1, 0, tzinfo=UTC))
    assert close(open_task(winter).due_at) == time(17, 30)


def test_what_was_worked_out_already_stays_until_the_clock_is_counted_anew(permits: Cast) -> None:
    case = accepted(permits)
    before = open_task(case).due_at
    set_hours(permits, "street", EARLY)
    assert open_task(case).due_at == before
    case = did(permits, case, "dispatcher", "wait", MONDAY + timedelta(hours=1), ground="awaiting-applicant")
    case = did(permits, case, "dispatcher", "go_on", MONDAY + timedelta(hours=2))
    assert close(open_task(case).due_at) == time(16)


def test_setting_hours_is_logged_and_only_for_administrators_of_the_area(cast: Cast) -> None:
    set_hours(cast, "street", LATE)
    entry = AuditEntry.objects.filter(act="people.hours_set").latest("id")
    assert entry.facts["before"] == "-"
    assert entry.facts["after"] == "09:00-12:00 14:00-18:00; 12-01 ~ 02-28 09:00-12:00 13:30-17:30"
    n_entries = AuditEntry.objects.count()
    set_hours(cast, "street", LATE)
    assert AuditEntry.objects.count() == n_entries
    with pytest.raises(NotAllowed):
        services.set_hours(cast.organisation("street"), EARLY, by=cast.actor("leader"))
