"""A hearing (听证): notice in time, a chair who did not investigate, a signed record, and the case that waited for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import NotAllowed, Refused
from linli.domains.disputes.tests.ways import MONDAY, do, opened
from linli.kernel.people.actors import actor_for
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Record
from tests.cast import Cast

RECORD = {"minutes": "双方到场陈述、质证。", "n_present": 8, "signed": True}


def notice(held_on: str) -> dict[str, object]:
    return {"held_on": held_on, "held_at": "9:30，区政务中心三楼", "open_to_public": True}


def waiting(cast: Cast, at: datetime = MONDAY) -> tuple[Case, Case]:
    """A permit that waits for its hearing, and the hearing."""
    permit = opened(cast, "test-permit", {"wish": "门前摆摊"}, at=at)
    do(cast, permit, "dispatcher", "hold_hearing", {"subject": "占道是否影响通行"}, at=at)
    return permit, Case.objects.get(origin=permit, procedure="hearing")


def test_the_hearing_is_tied_to_the_case_and_held_within_twenty_working_days(permits: Cast) -> None:
    permit, hearing = waiting(permits)
    assert (permit.status, hearing.step, hearing.applicant) == (
        "suspended",
        "arranging",
        permits.person("resident"),
    )
    assert hearing.due_at is not None
    assert local(hearing.due_at).date().isoformat() == "2026-03-30"  # 3 月 2 日起 20 个工作日
    assert hearing.statutory_due_at == hearing.due_at


def test_the_notice_comes_seven_working_days_before(permits: Cast) -> None:
    """3 月 2 日通知：最早 3 月 11 日举行（之前 7 个工作日是 3 月 2 日）。"""
    _, hearing = waiting(permits)
    with pytest.raises(Refused, match="最迟 2026-02-28"):  # a make-up Saturday on which people worked
        do(permits, hearing, "hearing_officer", "give_notice", notice("2026-03-10"), at=MONDAY)
    do(permits, hearing, "hearing_officer", "give_notice", notice("2026-03-11"), at=MONDAY)
    assert hearing.step == "noticed"


def test_a_hearing_held_lets_the_case_go_on_and_its_time_does_not_count(permits: Cast) -> None:
    permit, hearing = waiting(permits)
    before = permit.due_at
    do(permits, hearing, "hearing_officer", "give_notice", notice("2026-03-16"), at=MONDAY)
    with pytest.raises(Refused, match="还没有到"):
        do(permits, hearing, "hearing_officer", "hold", RECORD, at=MONDAY + timedelta(days=2))
    held = datetime(2026, 3, 16, 6, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="签字"):
        do(permits, hearing, "hearing_officer", "hold", {**RECORD, "signed": False}, at=held)
    do(permits, hearing, "hearing_officer", "hold", RECORD, at=held)
    permit.refresh_from_db()
    assert (hearing.outcome, permit.status) == ("held", "open")
    assert permit.due_at is not None
    assert before is not None
    assert permit.due_at > before
    last = Record.objects.filter(case_id=permit.pk).order_by("-seq").first()
    assert last is not None
    assert last.action == "hearing_over"


def test_the_chair_did_not_act_in_the_case(permits: Cast) -> None:
    post = permits.post("dispatcher")
    post.roles = ["dispatcher", "hearing_officer"]
    post.save()
    permit, hearing = waiting(permits)
    both = actor_for(permits.account("dispatcher"), at=MONDAY)
    with pytest.raises(Refused, match="不能主持"):
        engine.act(hearing, "give_notice", notice("2026-03-16"), by=both, at=MONDAY)
    assert permit.status == "suspended"


def test_the_party_may_waive_it_and_the_case_goes_on(permits: Cast) -> None:
    permit, hearing = waiting(permits)
    do(permits, hearing, "resident", "waive", at=MONDAY + timedelta(days=1))
    permit.refresh_from_db()
    assert (hearing.outcome, permit.status) == ("waived", "open")


def test_whoever_stays_away_has_waived_it(permits: Cast) -> None:
    permit, hearing = waiting(permits)
    do(permits, hearing, "hearing_officer", "give_notice", notice("2026-03-16"), at=MONDAY)
    do(
        permits,
        hearing,
        "hearing_officer",
        "absent",
        {"note": "无正当理由未到。"},
        at=datetime(2026, 3, 16, 6, 0, tzinfo=UTC),
    )
    permit.refresh_from_db()
    assert (hearing.outcome, permit.status) == ("waived", "open")


def test_an_objection_to_the_chair_is_decided_by_the_leader(permits: Cast) -> None:
    _, hearing = waiting(permits)
    do(permits, hearing, "resident", "object_to_chair", {"note": "主持人是经办人的亲戚。"}, at=MONDAY)
    assert hearing.step == "chair_disputed"
    with pytest.raises(NotAllowed):
        do(permits, hearing, "hearing_officer", "keep", {"note": "没有关系。"}, at=MONDAY)
    do(permits, hearing, "county_leader", "replace", {"note": "同意回避。"}, at=MONDAY)
    assert hearing.step == "arranging"


def test_it_can_be_put_off_and_a_written_waiver_recorded(permits: Cast) -> None:
    permit, hearing = waiting(permits)
    do(permits, hearing, "hearing_officer", "give_notice", notice("2026-03-16"), at=MONDAY)
    do(permits, hearing, "hearing_officer", "postpone", {"note": "场地停电。"}, at=MONDAY)
    do(permits, hearing, "clerk", "record_waiver", {"note": "书面放弃。"}, at=MONDAY)
    permit.refresh_from_db()
    assert (hearing.outcome, permit.status) == ("waived", "open")
