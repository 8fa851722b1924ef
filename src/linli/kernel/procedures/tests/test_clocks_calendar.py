"""Days off that are published or corrected move the due dates that counted them (按放假安排重算), each with a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.kernel.calendar import queries
from linli.kernel.calendar.models import DayOff, PublishedYear
from linli.kernel.calendar.rules import FIXED_FESTIVALS
from linli.kernel.calendar.services import import_year
from linli.kernel.procedures import proof
from linli.kernel.procedures.casebook import case_limits, timeline
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.recount import recount_by_calendar
from linli.kernel.procedures.tests.clockcase import accepted, asked_for, did, open_task
from linli.kernel.procedures.tests.clockcase import permits as permits
from linli.kernel.records.models import Record
from tests.cast import Cast

CHRISTMAS = datetime(2026, 12, 24, 1, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 24, 1, 0, tzinfo=UTC)  # seven working days end on 8 May
NEW_YEAR = {date(2027, 1, day): "元旦" for day in (1, 2, 3, 4)}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    queries.forget()


def on(moment: datetime | None) -> date:
    assert moment is not None
    return local(moment).date()


def publish_2027(cast: Cast) -> None:
    days = {**{date(2027, *day): "法定节日" for day in FIXED_FESTIVALS}, **NEW_YEAR}
    import_year(2027, off=days, work={}, notice="测试用", by=cast.actor("admin"))


def correct_2026(cast: Cast, **changes: set[date]) -> None:
    """The table of 2026 with some days taken out of it or put in."""
    now = {day.date: (day.kind, day.name) for day in queries.days_of(2026)}
    off = {
        d: name for d, (kind, name) in now.items() if kind == "off" and d not in changes.get("not_off", ())
    }
    off |= dict.fromkeys(changes.get("off", ()), "劳动节")
    work = {d: name for d, (kind, name) in now.items() if kind == "work"}
    import_year(2026, off=off, work=work, notice="更正", by=cast.actor("admin"))


def recounted(cast: Cast, at: datetime) -> int:
    done = recount_by_calendar(by=cast.actor("admin"), at=at)
    assert done.done
    return done.n_changed


def last_record(case: Case) -> Record:
    return Record.objects.filter(case_id=case.pk).latest("seq")


def test_case_task_and_the_laws_own_limit_become_certain(permits: Cast) -> None:
    case = accepted(permits, at=CHRISTMAS)
    assert (on(case.due_at), on(case.statutory_due_at)) == (date(2027, 1, 4), date(2027, 1, 21))
    assert case.provisional
    assert open_task(case).provisional
    said = case_limits(case).words
    assert said is not None
    assert said.zh.count("（暂定）") == 2
    publish_2027(permits)
    assert recounted(permits, CHRISTMAS) == 1
    case = Case.objects.get(pk=case.pk)
    assert (on(case.due_at), on(case.statutory_due_at)) == (date(2027, 1, 6), date(2027, 1, 25))
    assert not case.provisional
    assert (open_task(case).due_at, open_task(case).provisional) == (case.due_at, False)
    record = last_record(case)
    assert record.action == "recounted"
    assert {"case", "law", open_task(case).uid.hex} == set(json.loads(record.facts)["note"]["due"])
    assert proof.replay(case) == []
    titles = [entry.title.zh for entry in timeline(case, permits.actor("resident"))]
    assert "放假安排公布后，时限重新计算" in titles
    assert recounted(permits, CHRISTMAS) == 0


def test_a_case_whose_task_is_certain_and_whose_own_limit_is_not_is_found(permits: Cast) -> None:
    case = asked_for(permits, at=CHRISTMAS - timedelta(days=3))
    case = did(permits, case, "dispatcher", "accept", CHRISTMAS - timedelta(days=3))
    assert not open_task(case).provisional  # seven working days end on 30 December
    assert on(case.statutory_due_at) == date(2027, 1, 18)
    publish_2027(permits)
    assert recounted(permits, CHRISTMAS) == 1
    case.refresh_from_db()
    assert on(case.statutory_due_at) == date(2027, 1, 20)


def test_a_case_whose_clock_stands_still_is_counted_too(permits: Cast) -> None:
    case = accepted(permits, at=CHRISTMAS)
    case = did(permits, case, "dispatcher", "stop", CHRISTMAS + timedelta(days=1), ground="expert-review")
    alert = open_task(case).alert_at
    publish_2027(permits)
    assert recounted(permits, CHRISTMAS + timedelta(days=2)) == 1
    case.refresh_from_db()
    assert (case.status, case.provisional) == ("suspended", False)
    assert on(case.due_at) == date(2027, 1, 6)
    assert open_task(case).alert_at == alert  # it still runs on by itself when the pause is over


def test_a_correction_moves_dates_that_were_certain(permits: Cast) -> None:
    case = accepted(permits, at=APRIL)
    assert on(case.due_at) == date(2026, 5, 8)
    assert not case.provisional
    correct_2026(permits, not_off={date(2026, 5, 4), date(2026, 5, 5)})
    assert recounted(permits, APRIL) == 1
    case.refresh_from_db()
    assert on(case.due_at) == date(2026, 5, 6)
    correct_2026(permits, off={date(2026, 5, 4), date(2026, 5, 5)})
    assert recounted(permits, APRIL) == 1
    case.refresh_from_db()
    assert (on(case.due_at), last_record(case).action) == (date(2026, 5, 8), "recounted")


def test_what_the_days_cannot_have_touched_and_what_has_ended_stay(permits: Cast) -> None:
    before = accepted(permits, at=APRIL - timedelta(days=60))
    ended = did(permits, accepted(permits, at=APRIL), "dispatcher", "grant", APRIL)
    after = accepted(permits, at=APRIL + timedelta(days=60))
    was = {case.pk: case.due_at for case in (before, ended, after)}
    correct_2026(permits, not_off={date(2026, 5, 4), date(2026, 5, 5)})
    assert recounted(permits, APRIL) == 0
    assert dict(Case.objects.values_list("pk", "due_at")) == was


def test_what_one_call_leaves_the_next_one_finds(permits: Cast) -> None:
    for _ in range(3):
        accepted(permits, at=CHRISTMAS)
    publish_2027(permits)
    first = recount_by_calendar(by=permits.actor("admin"), at=CHRISTMAS, most=2)
    assert (first.n_changed, first.done) == (2, False)
    assert PublishedYear.objects.get(year=2027).changed_from == date(2027, 1, 1)
    assert recounted(permits, CHRISTMAS) == 1
    assert PublishedYear.objects.get(year=2027).changed_from is None
    assert DayOff.objects.filter(published__year=2027).exists()
