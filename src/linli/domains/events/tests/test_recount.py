"""A due date past the published years is provisional, and counted anew when the year is entered (暂定到期日)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from linli.kernel.calendar.rules import FIXED_FESTIVALS
from linli.kernel.calendar.services import import_year
from linli.kernel.procedures import proof
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.recount import recount_by_calendar
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at

NEW_YEARS_EVE = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)


def test_the_date_moves_with_a_record_when_the_days_off_are_published(cast: Cast) -> None:
    case = event_at(cast, "handling", at=NEW_YEARS_EVE)
    before = Task.objects.get(case=case, done_at__isnull=True)
    assert before.provisional
    days = {date(2027, 1, day): "元旦" for day in (1, 2, 3, 4)}
    days |= {date(2027, *day): "法定节日" for day in FIXED_FESTIVALS}
    import_year(2027, off=days, work={}, notice="测试用", by=cast.actor("admin"))
    assert recount_by_calendar(by=cast.actor("admin"), at=NEW_YEARS_EVE).n_changed == 1
    after = Task.objects.get(pk=before.pk)
    assert not after.provisional
    assert after.due_at > before.due_at
    assert Record.objects.filter(case_id=case.pk).latest("seq").action == "recounted"
    case.refresh_from_db()
    assert proof.replay(case) == []
    assert proof.verify_all().first_fault is None
    assert recount_by_calendar(by=cast.actor("admin"), at=NEW_YEARS_EVE).n_changed == 0


def test_dates_within_published_years_stay(cast: Cast) -> None:
    event_at(cast, "handling")
    assert recount_by_calendar(by=cast.actor("admin")).n_changed == 0
