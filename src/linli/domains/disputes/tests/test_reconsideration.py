"""Reconsideration and the court after it (行政复议、行政诉讼): limits in working days and days, and what they change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, LinliError, NotAllowed, Refused
from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.test_ways import reconsideration, refused_permit
from linli.domains.disputes.tests.ways import MONDAY, do, opened, walked
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record
from tests.cast import Cast

ASK = {"request": "撤销。", "reason": "没有影响通行。"}


def task_due(case: Case) -> date:
    return local(Task.objects.get(case=case, done_at__isnull=True).due_at).date()


def on(moment: datetime | None) -> date:
    assert moment is not None
    return local(moment).date()


def court_of(cast: Cast, decided: Case, at: datetime) -> Case:
    data = {"challenged": decided.number, "court": "鼓楼区人民法院", "sued_on": "2026-03-25"}
    return opened(cast, "court-review", data, at=at)


@pytest.mark.parametrize(
    ("start", "admitted_by"),
    [
        # facts 152: 工作日，春节、劳动节、补班日
        (datetime(2026, 2, 10, 1, 0, tzinfo=UTC), date(2026, 2, 24)),
        (datetime(2026, 4, 30, 1, 0, tzinfo=UTC), date(2026, 5, 11)),
        (datetime(2026, 9, 18, 1, 0, tzinfo=UTC), date(2026, 9, 24)),
    ],
)
def test_admission_is_examined_within_five_working_days(
    permits: Cast, start: datetime, admitted_by: date
) -> None:
    case, _ = reconsideration(permits, since=start)
    assert task_due(case) == admitted_by


def test_silence_admits_it_in_the_ordinary_procedure(permits: Cast) -> None:
    case, at = reconsideration(permits)
    engine.tick(at + timedelta(days=7, hours=8, minutes=30))  # 3 月 9 日下班后
    case.refresh_from_db()
    assert (case.step, case.facts["track"]) == ("serving", "ordinary")
    assert case.due_at is not None
    # 视为受理之日 3 月 9 日起 60 日 = 5 月 8 日
    assert on(case.due_at) == date(2026, 5, 8)
    assert case.statutory_due_at == case.due_at


def test_the_chain_of_limits_in_both_procedures(permits: Cast) -> None:
    for track, copy, reply, whole in (
        ("ordinary", date(2026, 3, 16), date(2026, 3, 23), date(2026, 5, 6)),
        ("simplified", date(2026, 3, 10), date(2026, 3, 16), date(2026, 4, 7)),
    ):
        case, at = reconsideration(permits)
        at += timedelta(days=3)  # 3 月 5 日受理
        do(permits, case, "reconsideration", "admit", {"track": track}, at=at)
        assert (task_due(case), on(case.due_at)) == (copy, whole)
        at += timedelta(days=4)  # 3 月 9 日发送副本
        do(permits, case, "reconsideration", "send_copy", {"lead": ways.MUNICIPAL}, at=at)
        assert task_due(case) == reply
        do(permits, case, "handler", "reply", ways.REPLY[3], at=at)
        assert task_due(case) == whole  # never beyond the whole


def test_a_correction_is_given_ten_working_days_and_is_asked_for_once(permits: Cast) -> None:
    case, at = reconsideration(permits)
    do(permits, case, "reconsideration", "request_correction", {"to_correct": "请写明请求。"}, at=at)
    assert task_due(case) == date(2026, 3, 16)
    do(permits, case, "clerk", "correct", {"correction": "请求撤销。"}, at=at + timedelta(days=3))
    with pytest.raises(Refused, match="一次"):
        do(
            permits,
            case,
            "reconsideration",
            "request_correction",
            {"to_correct": "再补。"},
            at=at + timedelta(days=4),
        )


def test_whoever_does_not_correct_has_given_up(permits: Cast) -> None:
    case, at = reconsideration(permits)
    do(permits, case, "reconsideration", "request_correction", {"to_correct": "请写明请求。"}, at=at)
    engine.tick(at + timedelta(days=15))
    case.refresh_from_db()
    assert (case.step, case.status) == ("abandoned", "ended")


def test_an_authority_that_does_not_reply_stands_without_evidence(permits: Cast) -> None:
    case, at = reconsideration(permits, [ways.ADMIT, ways.SEND])
    engine.tick(at + timedelta(days=20))
    case.refresh_from_db()
    assert (case.step, case.facts["no_reply"]) == ("trying", True)


def test_an_extension_is_thirty_days_once_by_the_head_and_not_in_the_simplified_procedure(
    permits: Cast,
) -> None:
    case, at = reconsideration(permits, ways.TRIED)
    before = on(case.due_at)
    for who in ("reconsideration", "resident", "leader"):  # the head of a township is not the county's
        with pytest.raises(NotAllowed):
            do(permits, case, who, "extend", {"reason": "情况复杂。"}, at=at)
    do(permits, case, "county_leader", "extend", {"reason": "情况复杂。"}, at=at)
    assert before == date(2026, 5, 6)
    assert on(case.due_at) == on(case.statutory_due_at) == date(2026, 6, 5)

    simple, at = reconsideration(permits, ways.RECONSIDERATION["simplified, on paper"][0][:3])
    with pytest.raises(Refused, match="简易程序不能延长"):
        do(permits, simple, "county_leader", "extend", {"reason": "情况复杂。"}, at=at)
    do(permits, simple, "county_leader", "to_ordinary", {"reason": "有争议。"}, at=at)
    assert simple.facts["track"] == "ordinary"
    assert on(simple.due_at) == date(2026, 5, 6)


def test_the_clock_stops_on_the_grounds_of_the_law_alone(permits: Cast) -> None:
    case, at = reconsideration(permits, ways.TRIED)
    with pytest.raises(LinliError):
        do(permits, case, "reconsideration", "suspend", {"ground": "parts", "reason": "忙。"}, at=at)
    do(permits, case, "reconsideration", "suspend", {"ground": "interpretation", "reason": "待解释。"}, at=at)
    with pytest.raises(Refused, match="60 日"):
        do(
            permits,
            case,
            "reconsideration",
            "terminate",
            {**ways.WHY, "decision_number": "终1号", "remedy_told": "15日内起诉。"},
            at=at + timedelta(days=70),
        )
    do(permits, case, "reconsideration", "resume", at=at + timedelta(days=70))
    # 5 月 6 日加上中止的 70 日；停走、恢复的当天各算一天
    assert date(2026, 7, 13) <= on(case.due_at) <= date(2026, 7, 15)


def test_the_parties_are_heard_before_an_ordinary_decision(permits: Cast) -> None:
    case, at = reconsideration(permits, [ways.ADMIT, ways.SEND, ways.REPLY])
    with pytest.raises(Refused, match="听取"):
        do(permits, case, "reconsideration", "maintain", ways.DECISION, at=at)
    data = {**ways.DECISION, "not_heard_for": "三次联系不上申请人。"}
    do(permits, case, "reconsideration", "maintain", data, at=at)
    assert case.outcome == "maintained"


def test_every_decision_names_the_remedy_the_court_and_the_time(permits: Cast) -> None:
    case, at = reconsideration(permits, ways.TRIED)
    data = {k: v for k, v in ways.DECISION.items() if k != "remedy_told"}
    for action in ("maintain", "change", "revoke", "declare_unlawful", "dismiss"):
        with pytest.raises(Invalid) as refusal:
            do(permits, case, "reconsideration", action, data, at=at)
        assert "remedy_told" in refusal.value.fields


def test_it_is_asked_for_within_sixty_days_and_by_the_person(permits: Cast) -> None:
    permit = refused_permit(permits)
    data = {"challenged": permit.number, **ASK}
    late = MONDAY + timedelta(days=66)  # 第 60 日是 5 月 1 日，顺延到 5 月 6 日
    with pytest.raises(Refused, match="行政复议法 20"):
        opened(permits, "reconsideration", data, at=late)
    with pytest.raises(LinliError):
        opened(permits, "reconsideration", data, by="outsider", at=MONDAY)
    opened(permits, "reconsideration", {**data, "late_reason": "住院两个月，有病历。"}, at=late)
    with pytest.raises(Refused, match="已经提出过"):
        opened(permits, "reconsideration", {**data, "late_reason": "再提一次。"}, at=late)


def test_whoever_decided_does_not_sit_on_the_reconsideration(permits: Cast) -> None:
    from linli.kernel.people.actors import actor_for
    from linli.kernel.people.models import Post

    case, at = reconsideration(permits)
    Post.objects.filter(pk=permits.post("dispatcher").pk).update(
        roles=["dispatcher", "reconsideration_officer"], area=permits.area("county")
    )
    both = actor_for(permits.account("dispatcher"), at=at)
    with pytest.raises(Refused, match="回避"):
        engine.act(case, "admit", {"track": "ordinary"}, by=both, at=at)


def test_a_decision_set_aside_is_put_right_in_the_first_case(permits: Cast) -> None:
    case, _ = reconsideration(permits, ways.RECONSIDERATION["revoked"][0])
    assert case.origin_id is not None
    permit = Case.objects.get(pk=case.origin_id)
    assert (permit.step, permit.status) == ("deciding", "open")


def test_the_court_sets_aside_what_was_upheld_and_the_first_case_follows(permits: Cast) -> None:
    case, at = reconsideration(permits, ways.RECONSIDERATION["maintained"][0])
    assert case.origin_id is not None
    permit = Case.objects.get(pk=case.origin_id)
    assert permit.step == "refused"
    court = court_of(permits, case, at + timedelta(days=15))
    walked(permits, court, ways.COURT["annulled"][0], since=at + timedelta(days=15))
    case.refresh_from_db()
    permit.refresh_from_db()
    assert (case.outcome, permit.step) == ("revoked", "deciding")
    assert "court_revoked" in Record.objects.filter(case_id=case.pk).values_list("action", flat=True)


def test_a_case_declined_or_dismissed_is_taken_up_when_the_court_says_so(permits: Cast) -> None:
    for way, back in (("declined", "received"), ("dismissed", "trying")):
        case, at = reconsideration(permits, ways.RECONSIDERATION[way][0])
        walked(permits, court_of(permits, case, at), ways.COURT["annulled"][0], since=at)
        case.refresh_from_db()
        assert (case.step, case.status) == (back, "open")


def test_one_sues_within_fifteen_days_and_what_is_registered_late_says_why(permits: Cast) -> None:
    case, at = reconsideration(permits, ways.RECONSIDERATION["maintained"][0])
    with pytest.raises(Refused, match="行政诉讼法 45"):
        court_of(permits, case, at + timedelta(days=19))
    assert local(at + timedelta(days=15)).date() == date(2026, 4, 4)  # 清明假期，顺延到 4 月 7 日
    assert court_of(permits, case, at + timedelta(days=18)).step == "registered"


def test_the_court_has_seven_days_then_six_months(permits: Cast) -> None:
    case, at = reconsideration(permits, ways.RECONSIDERATION["maintained"][0])
    court = court_of(permits, case, at)
    assert task_due(court) == date(2026, 3, 27)
    do(permits, court, "clerk", "filed", {"court_number": "1号"}, at=at + timedelta(days=3))
    assert on(court.due_at) == date(2026, 9, 23)


def test_whoever_reconsiders_reads_the_case_as_long_as_it_is_theirs(permits: Cast) -> None:
    case, at = reconsideration(permits, ways.TRIED)
    challenged = case.origin_id
    assert challenged is not None

    def reads(who: str) -> bool:
        return visible_to(permits.actor(who)).filter(pk=challenged).exists()

    assert reads("reconsideration")
    assert not reads("county_clerk"), "who only enters it does not"
    do(permits, case, "resident", "withdraw", {"note": "不再坚持。"}, at=at)
    assert case.ended_at is not None
    assert not reads("reconsideration")
