"""Review and re-review (复查、复核): asked for in time and once, and what becomes of the petition."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import LinliError, NotAllowed, Refused
from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.ways import do, opened, petition, walked
from linli.kernel.procedures.models import Case, CaseLink, ClockSegment
from linli.kernel.records.models import Record
from tests.cast import Cast

DISAGREE = {"reason": "过渡费应发到回迁之日。"}
UPHOLD = {"finding": "原意见遗漏协议第六条。", "order": "重新核定。", "opinion_number": "复查〔2026〕1号"}
FROM_ABOVE = {"body": "福州市信访局"}
STANDS = {
    "finding": "原意见正确。",
    "reason": "协议已终止。",
    "legal_basis": "信访工作条例 32",
    "opinion_number": "复查〔2026〕2号",
}


def rejected(cast: Cast) -> tuple[Case, datetime]:
    return petition(cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])


def review_of(cast: Cast, case: Case, at: datetime, **kwargs: object) -> Case:
    data = {"challenged": case.number, **DISAGREE, **kwargs}
    return opened(cast, "petition-review", data, at=at)


def rereview_of(cast: Cast, case: Case, at: datetime) -> Case:
    return opened(cast, "petition-rereview", {"challenged": case.number, **DISAGREE}, at=at)


def actions_of(case: Case) -> list[str]:
    return list(Record.objects.filter(case_id=case.pk).order_by("seq").values_list("action", flat=True))


def test_a_review_is_tied_to_the_opinion_and_decided_within_thirty_days(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    review = review_of(law_cast, case, at + timedelta(days=30))
    assert review.origin_id == case.pk
    assert CaseLink.objects.filter(kind="remedy").count() == 1
    assert actions_of(case)[-1] == "remedy.opened"
    # 2026-03-27 + 30 日 = 4 月 26 日（周日），顺延到 27 日
    assert local(at).date() == date(2026, 3, 27)
    assert review.due_at is not None
    assert local(review.opened_at).date() == date(2026, 4, 26)
    assert local(review.due_at).date() == date(2026, 5, 26)
    assert review.statutory_due_at == review.due_at


def test_a_review_upheld_takes_the_petition_up_anew_and_says_so(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    review = review_of(law_cast, case, at + timedelta(days=3))
    do(law_cast, review, "petition_county", "uphold", UPHOLD, at=at + timedelta(days=10))
    case.refresh_from_db()
    assert (review.outcome, case.step, case.status) == ("upheld", "redoing", "open")
    assert "review_upheld" in actions_of(case)
    do(law_cast, case, "handler", "support", ways.OPINION, at=at + timedelta(days=20))
    assert case.step == "implementing"


def test_a_review_upheld_reopens_a_petition_that_was_filed(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    review = review_of(law_cast, case, at + timedelta(days=1))
    walked(law_cast, case, [ways.RATE, ways.FILE], since=at + timedelta(days=1))
    assert case.status == "ended"
    do(law_cast, review, "petition_county", "uphold", UPHOLD, at=at + timedelta(days=20))
    case.refresh_from_db()
    assert (case.step, case.status, case.outcome) == ("redoing", "open", "")


def test_a_new_opinion_can_be_reviewed_again_the_old_one_cannot(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    review = review_of(law_cast, case, at + timedelta(days=1))
    with pytest.raises(Refused, match="已经提出过"):
        review_of(law_cast, case, at + timedelta(days=2))
    do(law_cast, review, "petition_county", "uphold", UPHOLD, at=at + timedelta(days=5))
    with pytest.raises(LinliError):
        review_of(law_cast, case, at + timedelta(days=6))
    do(law_cast, case, "handler", "reject", ways.OPINION, at=at + timedelta(days=10))
    assert review_of(law_cast, case, at + timedelta(days=12)).step == "reviewing"


def test_a_declined_petition_is_sorted_anew_after_a_review(law_cast: Cast) -> None:
    case, at = petition(law_cast, ways.PETITION["declined"][0])
    review = review_of(law_cast, case, at + timedelta(days=1))
    do(law_cast, review, "petition_county", "uphold", UPHOLD, at=at + timedelta(days=5))
    case.refresh_from_db()
    assert case.step == "registered"


def test_a_review_asked_for_late_is_refused_unless_there_was_a_reason(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    late = at + timedelta(days=33)
    with pytest.raises(Refused, match="信访工作条例 35"):
        review_of(law_cast, case, late)
    review = review_of(law_cast, case, late, late_reason="邮寄，4月20日才收到。")
    do(law_cast, review, "petition_county", "decline", ways.WHY, at=late)
    assert review.outcome == "declined"


def test_nothing_to_review_before_an_opinion_and_nobody_elses_petition(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    with pytest.raises(Refused, match="没有可以申请"):
        review_of(law_cast, case, at)
    do(law_cast, case, "handler", "reject", ways.OPINION, at=at)
    with pytest.raises(LinliError):
        opened(law_cast, "petition-review", {"challenged": case.number, **DISAGREE}, by="outsider", at=at)
    clerk = opened(
        law_cast,
        "petition-review",
        {"challenged": case.number, **DISAGREE},
        by="petition_town",
        channel="window",
        at=at,
    )
    assert clerk.applicant == law_cast.person("resident")


def test_only_the_level_above_decides_a_review(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    review = review_of(law_cast, case, at)
    for who in ("handler", "resident", "petition_town"):
        with pytest.raises(NotAllowed):
            do(law_cast, review, who, "uphold", UPHOLD, at=at)


def test_where_the_county_decided_itself_the_prefecture_reviews(law_cast: Cast) -> None:
    case, at = rejected(law_cast)
    review = review_of(law_cast, case, at)
    do(law_cast, review, "petition_county", "hand_up", {"reason": "县里是原办理机关。"}, at=at)
    with pytest.raises(NotAllowed):
        do(law_cast, review, "petition_county", "uphold", UPHOLD, at=at)
    do(law_cast, review, "petition_city", "uphold", UPHOLD, at=at)
    case.refresh_from_db()
    assert case.step == "redoing"


def stood(cast: Cast) -> tuple[Case, Case, datetime]:
    case, at = rejected(cast)
    review = review_of(cast, case, at)
    at += timedelta(days=10)
    return case, do(cast, review, "petition_county", "reject", STANDS, at=at), at


def test_a_rereview_upheld_turns_the_review_and_through_it_the_petition(law_cast: Cast) -> None:
    case, review, at = stood(law_cast)
    assert case.step == "evaluating"
    rereview = rereview_of(law_cast, review, at + timedelta(days=5))
    do(law_cast, rereview, "petition_city", "uphold", UPHOLD | FROM_ABOVE, at=at + timedelta(days=15))
    review.refresh_from_db()
    case.refresh_from_db()
    assert (review.step, review.outcome, review.status) == ("upheld", "upheld", "ended")
    assert (case.step, case.status) == ("redoing", "open")
    assert actions_of(review)[-1] == "overturned"
    assert "review_upheld" in actions_of(case)


def test_a_rereview_is_final(law_cast: Cast) -> None:
    case, review, at = stood(law_cast)
    rereview = rereview_of(law_cast, review, at)
    do(law_cast, rereview, "petition_city", "reject", STANDS | FROM_ABOVE, at=at)
    case.refresh_from_db()
    assert (rereview.step, case.step) == ("final", "evaluating")
    for procedure in ("petition-review", "petition-rereview"):
        with pytest.raises(Refused):
            opened(law_cast, procedure, {"challenged": rereview.number, **DISAGREE}, at=at)


def test_a_rereview_needs_a_review_that_went_against_the_person_and_thirty_days(law_cast: Cast) -> None:
    case, review, at = stood(law_cast)
    with pytest.raises(Refused):
        rereview_of(law_cast, case, at)
    with pytest.raises(Refused, match="信访工作条例 36"):
        rereview_of(law_cast, review, at + timedelta(days=40))


def test_the_time_of_a_hearing_is_not_counted_in_a_rereview(law_cast: Cast) -> None:
    _, review, at = stood(law_cast)
    rereview = rereview_of(law_cast, review, at)
    first = rereview.due_at
    assert first is not None
    do(law_cast, rereview, "petition_city", "hold_hearing", {"subject": "协议第六条"}, at=at)
    assert rereview.status == "suspended"
    with pytest.raises(Refused, match="中止"):
        do(law_cast, rereview, "petition_city", "uphold", UPHOLD | FROM_ABOVE, at=at + timedelta(days=1))
    hearing = Case.objects.get(origin=rereview, procedure="hearing")
    notice = {
        "held_on": local(at + timedelta(days=14)).date().isoformat(),
        "held_at": "9:30，区政务中心三楼",
        "open_to_public": True,
    }
    do(law_cast, hearing, "hearing_officer", "give_notice", notice, at=at + timedelta(days=1))
    record = {"minutes": "双方到场陈述、质证。", "n_present": 8, "signed": True}
    do(law_cast, hearing, "hearing_officer", "hold", record, at=at + timedelta(days=14))
    rereview.refresh_from_db()
    assert rereview.status == "open"
    segment = ClockSegment.objects.get(case=rereview)
    assert (segment.ground, segment.to_at) == ("hearing", at + timedelta(days=14))
    assert rereview.due_at is not None
    assert timedelta(days=13) <= rereview.due_at - first <= timedelta(days=18)
    assert rereview.statutory_due_at == rereview.due_at
    do(law_cast, rereview, "petition_city", "reject", STANDS | FROM_ABOVE, at=at + timedelta(days=40))
    assert rereview.outcome == "rejected"


def test_where_the_prefecture_is_not_on_the_platform_the_county_enters_its_opinion(law_cast: Cast) -> None:
    _, review, at = stood(law_cast)
    data = UPHOLD | FROM_ABOVE
    post = law_cast.post("hearing_officer")
    post.roles = ["petition_reviewer"]
    post.save()
    for name in ("petition_city", "petition_province"):
        for appointment in law_cast.account(name).appointments.all():
            appointment.delete()
    rereview = rereview_of(law_cast, review, at)
    with pytest.raises(NotAllowed):
        do(law_cast, rereview, "petition_town", "uphold", data, at=at)
    with pytest.raises(Refused, match="回避"):  # who decided the review does not enter it either
        do(law_cast, rereview, "petition_county", "uphold", data, at=at)
    do(law_cast, rereview, "hearing_officer", "uphold", data, at=at)
    assert rereview.facts["body"] == "福州市信访局"
