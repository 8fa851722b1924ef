"""A case puts itself on public notice (办件公示): what it shows, when it may go on, and what is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from linli.base.errors import Refused
from linli.kernel.calendar.rules import FIXED_FESTIVALS
from linli.kernel.calendar.services import import_year
from linli.kernel.procedures import engine, publishing
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.recount import recount_by_calendar
from linli.kernel.publicity.models import Publication
from tests.cast import Cast
from tests.publicity import AFTER, LAST, MONDAY, SECRET_NAME, SECRET_PHONE, proposed, shown_by

NEW_YEARS_EVE = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)


def objected(cast: Cast, case: Case) -> Case:
    receipt = engine.open_case(
        "test-objection",
        by=cast.actor("anonymous"),
        area=cast.area("village1"),
        data={"why": "老屋去年已经修过。"},
        channel="web",
        origin_id=case.pk,
        at=MONDAY,
    )
    return Case.objects.get(number=receipt.number)


def test_entering_the_step_shows_what_the_file_names_masked_where_it_says_so(public_notices: Cast) -> None:
    case = proposed(public_notices)
    row = shown_by(case)
    assert (row.kind, row.state, row.from_at, row.until_at) == ("notice", "shown", MONDAY, LAST)
    assert {f["code"]: f["value"]["zh"] for f in row.facts} == {
        "matter": "翻修东头老屋",
        "amount": "20000",
        "detail": "房屋鉴定为D级。",
        "family": "林**",
        "phone": "139****0001",
    }
    assert (row.organisation, row.objection) == (public_notices.organisation("centre"), "test-objection")
    assert (row.basis, row.period) == ("村民委员会组织法 30", "7 working days")
    assert SECRET_NAME not in str(row.facts)
    assert SECRET_PHONE[3:] not in str(row.facts)


def test_a_day_is_said_in_words(public_notices: Cast) -> None:
    row = shown_by(proposed(public_notices, starts_on="2026-12-05"))
    shown = {f["code"]: f["value"] for f in row.facts}
    assert shown["starts_on"] == {"zh": "2026 年 12 月 5 日", "en": "5 Dec 2026"}


def test_the_step_cannot_be_left_before_its_days_are_over(public_notices: Cast) -> None:
    case = proposed(public_notices)
    with pytest.raises(Refused) as refusal:
        engine.act(case, "over", by=public_notices.actor("dispatcher"), at=LAST - timedelta(minutes=1))
    assert "11 月 25 日 17:00" in refusal.value.message.zh
    engine.act(case, "over", by=public_notices.actor("dispatcher"), at=LAST)
    row = shown_by(case)
    assert (row.state, row.ended_at) == ("ended", LAST)
    assert row.keep_until is not None


def test_the_system_ends_it_when_its_days_are_over(public_notices: Cast) -> None:
    case = proposed(public_notices)
    engine.tick(LAST - timedelta(minutes=1))
    assert shown_by(case).state == "shown"
    engine.tick(AFTER)
    case.refresh_from_db()
    assert (case.step, shown_by(case).state) == ("deciding", "ended")


def test_it_waits_for_the_answer_to_every_objection(public_notices: Cast) -> None:
    case = proposed(public_notices)
    objection = objected(public_notices, case)
    assert shown_by(case).n_open_objections == 1
    with pytest.raises(Refused) as refusal:
        engine.act(case, "over", by=public_notices.actor("dispatcher"), at=AFTER)
    assert objection.number in refusal.value.message.zh
    engine.tick(AFTER)
    case.refresh_from_db()
    assert case.step == "notice"
    engine.act(
        objection, "answer", {"answer": "查过了，没有修过。"}, by=public_notices.actor("dispatcher"), at=AFTER
    )
    engine.act(case, "over", by=public_notices.actor("dispatcher"), at=AFTER)
    row = shown_by(case)
    assert (row.state, row.n_objections, row.n_open_objections) == ("ended", 1, 0)


def test_it_can_be_taken_back_at_any_time_with_a_reason_and_shown_anew(public_notices: Cast) -> None:
    case = proposed(public_notices)
    first = shown_by(case)
    dispatcher = public_notices.actor("dispatcher")
    engine.act(case, "take_back", {"reason": "金额写错了。"}, by=dispatcher, at=MONDAY + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.state, first.withdraw_reason, first.facts) == ("withdrawn", "金额写错了。", [])
    engine.act(case, "propose", by=dispatcher, at=MONDAY + timedelta(hours=2))
    again = shown_by(case)
    assert again.pk != first.pk
    assert again.state == "shown"


def test_who_asked_for_it_may_give_it_up_before_the_days_are_over(public_notices: Cast) -> None:
    case = proposed(public_notices, applicant="resident")
    objected(public_notices, case)
    engine.act(case, "give_up", by=public_notices.actor("resident"), at=MONDAY + timedelta(hours=1))
    row = shown_by(case)
    assert (row.state, row.facts) == ("withdrawn", [])
    assert "申请人撤回了申请" in row.withdraw_reason


def test_an_act_makes_its_result_public_and_another_takes_it_back(public_notices: Cast) -> None:
    case = proposed(public_notices)
    dispatcher = public_notices.actor("dispatcher")
    engine.act(case, "over", by=dispatcher, at=LAST)
    engine.act(case, "grant", by=dispatcher, at=AFTER)
    row = shown_by(case)
    assert (row.kind, row.state, row.until_at) == ("result", "shown", None)
    assert [f["code"] for f in row.facts] == ["matter", "amount"]
    engine.act(case, "annul", {"reason": "复查后撤销。"}, by=dispatcher, at=AFTER + timedelta(days=1))
    states = set(Publication.objects.filter(case_id=case.pk).values_list("state", flat=True))
    assert states == {"withdrawn"}  # the notice before it as well: nothing of it holds any more


def test_its_end_follows_the_task(public_notices: Cast) -> None:
    case = proposed(public_notices)
    publishing.moved(case.pk, AFTER, provisional=True)
    row = shown_by(case)
    assert (row.until_at, row.provisional) == (AFTER, True)


def test_its_end_moves_when_the_days_off_are_published(public_notices: Cast) -> None:
    case = proposed(public_notices, at=NEW_YEARS_EVE)
    before = shown_by(case)
    assert before.provisional
    days = {date(2027, 1, day): "元旦" for day in (1, 2, 3, 4)}
    days |= {date(2027, *day): "法定节日" for day in FIXED_FESTIVALS}
    import_year(2027, off=days, work={}, notice="测试用", by=public_notices.actor("admin"))
    recount_by_calendar(by=public_notices.actor("admin"), at=NEW_YEARS_EVE)
    after = shown_by(case)
    assert not after.provisional
    assert after.until_at == Task.objects.get(case=case, done_at__isnull=True).due_at != before.until_at


def test_only_the_procedure_that_the_notice_names_is_an_objection(public_notices: Cast) -> None:
    case = proposed(public_notices)
    other = proposed(public_notices)
    assert publishing.objection_opened(case.pk, other.number, MONDAY) is False
    assert publishing.objection_opened(999999, "350102-OJ-2026-999999", MONDAY) is False
    assert publishing.objection_ended(other.number) is False
    assert shown_by(case).n_objections == 0
