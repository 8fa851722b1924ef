"""Rehearsals (预演): stories planned backwards and played forward, each act by whoever may do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.people.models import Account
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.rehearsal import Act, Rehearsal, Story, Troupe, in_office_hours
from linli.kernel.records.models import Record
from tests.cast import Cast

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Shanghai
ASK = {"entry": "一次查阅", "question": "为什么看我的电话？"}
ANSWER = {"answer": "为了回访。", "lawful": "yes"}


@pytest.fixture
def troupe(cast: Cast) -> Troupe:
    Account.objects.update(demo=True)
    return Troupe.of(cast.area("county"), at=NOW)


def story(troupe: Troupe, *acts: Act, dwell: float = 2) -> Story:
    return Story(
        "access-question",
        troupe.village(0),
        ASK,
        acts,
        applicant=troupe.resident(0),
        title="查阅询问",
        dwell=dwell,
    )


def test_a_story_ends_where_it_is_to_stand_and_in_office_hours(troupe: Troupe) -> None:
    told = story(troupe, Act(3, "supervisor", "answer", ANSWER))
    Rehearsal(troupe).run([told])
    case = Case.objects.get(number=told.number)
    assert case.step == "answered"
    assert case.ended_at is not None
    here = local(case.ended_at)
    assert official_calendar().is_working_day(here.date())
    assert 8 <= here.hour < 18
    assert case.ended_at <= NOW - timedelta(days=2)
    assert case.ended_at - case.opened_at >= timedelta(days=3)


def test_the_sweeper_goes_along(troupe: Troupe) -> None:
    told = story(troupe, dwell=30)
    Rehearsal(troupe).run([told])
    case = Case.objects.get(number=told.number)
    actions = Record.objects.filter(case_id=case.pk).values_list("action", flat=True)
    assert "clock.red" in actions


@pytest.mark.django_db
def test_office_hours_skip_weekends_and_holidays() -> None:
    sunday = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    assert in_office_hours(sunday) < sunday
    assert local(in_office_hours(sunday)).date().isoweekday() == 5
    assert in_office_hours(NOW) == NOW


def test_what_is_refused_names_the_story_and_the_act(troupe: Troupe) -> None:
    with pytest.raises(RuntimeError, match=r"查阅询问.*act 1 \(answer\)"):
        Rehearsal(troupe).run([story(troupe, Act(3, "supervisor", "answer", {"answer": ""}))])


def test_nobody_acts_who_is_not_there(troupe: Troupe) -> None:
    with pytest.raises(LookupError, match="mayor"):
        Rehearsal(troupe).run([story(troupe, Act(3, "mayor", "answer", ANSWER))])
