"""A penalty told, heard, reviewed, decided and complied with (告知、听证、审核、决定、执行): limits and refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.base.errors import NotAllowed
from linli.domains.enforcement.tests.ways import (
    AT,
    DECIDED,
    FACTS,
    TOLD,
    day,
    deciding,
    do,
    investigating,
    on,
    performing,
    refused,
    told,
    weighing,
)
from linli.kernel.people.models import Post
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.publicity.models import Publication
from tests.cast import Cast

# ---- 告知、陈述申辩、听证 ------------------------------------------------------------------------------------


def test_the_right_to_a_hearing_must_be_told_for_heavy_penalties(law_cast: Cast) -> None:
    """行政处罚法 63."""
    case = investigating(law_cast, AT)
    do(law_cast, case, "officer", "report", AT, {"facts_found": FACTS, "gravity": "major"})
    heavy = {**TOLD, "penalty_kind": "large_fine", "amount": 50000}
    assert "63" in refused(law_cast, case, "officer", "tell", heavy)
    assert "金额" in refused(law_cast, case, "officer", "tell", {**TOLD, "amount": 0})
    do(law_cast, case, "officer", "tell", AT, {**heavy, "hearing_right": True})
    assert case.step == "hearing_the_party"


def test_the_party_has_five_working_days(law_cast: Cast) -> None:
    """行政处罚法 64；2026-02-10 告知，到 2026-02-24 为止."""
    case = told(law_cast, day("2026-02-10"))
    task = Task.objects.get(case=case, done_at=None)
    assert on(task.due_at) == "2026-02-24"
    with pytest.raises(NotAllowed):
        do(law_cast, case, "outsider", "speak", AT, {"statement": "—"})
    do(law_cast, case, "resident", "speak", day("2026-02-11"), {"statement": "已经整改。"})
    assert "63" in refused(
        law_cast, case, "resident", "ask_hearing", {"subject": "占道经营"}, day("2026-02-12")
    )
    engine.tick(task.due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "weighing"


def test_heard_then_reviewed_then_decided(law_cast: Cast) -> None:
    """行政处罚法 57、58、63–65."""
    case = told(law_cast, AT, gravity="major", penalty_kind="large_fine", amount=50000, hearing_right=True)
    do(law_cast, case, "resident", "ask_hearing", AT, {"subject": "占道经营处罚听证"})
    assert case.step == "in_hearing"
    hearing = Case.objects.get(origin=case, procedure="hearing")
    assert hearing.applicant == case.applicant
    notice = {"held_on": "2026-06-16", "held_at": "上午九点，区司法局", "open_to_public": True}
    do(law_cast, hearing, "hearing_officer", "give_notice", day("2026-06-03"), notice)
    record = {"minutes": "当事人陈述、质证。", "n_present": 5, "signed": True}
    do(law_cast, hearing, "hearing_officer", "hold", day("2026-06-16", 11), record)
    case.refresh_from_db()
    assert case.step == "weighing"
    assert on(case.statutory_due_at) == "2026-08-31"  # 法律没有把听证排除在九十日之外
    at = day("2026-06-17")
    opinion = {"heard_out": "采纳部分意见。"}
    assert "58" in refused(law_cast, case, "officer", "submit", opinion, at)
    do(law_cast, case, "officer", "send_to_review", at, opinion)
    do(law_cast, case, "legal_reviewer", "approve", at, {"review_opinion": "同意。"})
    lighter = {**DECIDED, "penalty_kind": "large_fine", "amount": 30000}
    assert "集体讨论" in refused(law_cast, case, "city_leader", "penalise", lighter, at)
    heavier = {**lighter, "amount": 60000, "discussion": "〔2026〕4号"}
    assert "45" in refused(law_cast, case, "city_leader", "penalise", heavier, at)
    do(law_cast, case, "city_leader", "penalise", at, {**lighter, "discussion": "〔2026〕4号"})
    assert case.step == "serving"
    assert on(Task.objects.get(case=case, done_at=None).due_at) == "2026-06-29"  # 7 个工作日，端午放假


def test_a_waived_hearing_goes_on(law_cast: Cast) -> None:
    case = told(law_cast, AT, gravity="major", penalty_kind="shutdown", amount=None, hearing_right=True)
    do(law_cast, case, "resident", "ask_hearing", AT, {"subject": "停业处罚听证"})
    hearing = Case.objects.get(origin=case, procedure="hearing")
    do(law_cast, hearing, "resident", "waive", AT + timedelta(days=1))
    case.refresh_from_db()
    assert case.step == "weighing"


# ---- 法制审核、决定 ------------------------------------------------------------------------------------------


def test_no_review_no_decision(law_cast: Cast) -> None:
    """行政处罚法 58."""
    case = weighing(law_cast, AT, gravity="major", hearing_right=True)
    assert "58" in refused(law_cast, case, "officer", "submit", {"heard_out": "没有提出。"})
    do(law_cast, case, "officer", "send_to_review", AT, {"heard_out": "没有提出。"})
    do(law_cast, case, "legal_reviewer", "send_back", AT, {"review_opinion": "裁量理由不足。"})
    assert case.step == "weighing"
    assert "58" in refused(law_cast, case, "officer", "submit", {"heard_out": "已补充。"})
    do(law_cast, case, "officer", "send_to_review", AT, {"heard_out": "已补充。"})
    do(law_cast, case, "legal_reviewer", "investigate_further", AT, {"review_opinion": "补查面积。"})
    assert case.step == "investigating"


def test_a_review_holds_only_for_what_was_found_before_it(law_cast: Cast) -> None:
    case = weighing(law_cast, AT, gravity="major", hearing_right=True)
    do(law_cast, case, "officer", "send_to_review", AT, {"heard_out": "没有提出。"})
    do(law_cast, case, "legal_reviewer", "approve", AT, {"review_opinion": "同意。"})
    do(law_cast, case, "city_leader", "send_back", AT, {"note": "补查持续时间。"})
    do(law_cast, case, "officer", "report", AT, {"facts_found": FACTS, "gravity": "major"})
    do(law_cast, case, "officer", "tell", AT, {**TOLD, "hearing_right": True})
    do(law_cast, case, "resident", "nothing_more", AT)
    assert "58" in refused(law_cast, case, "officer", "submit", {"heard_out": "没有提出。"})


def test_who_investigated_neither_reviews_nor_decides(law_cast: Cast) -> None:
    case = deciding(law_cast, AT)
    with pytest.raises(NotAllowed):
        do(law_cast, case, "officer", "penalise", AT, DECIDED)
    Post.objects.filter(pk=law_cast.post("officer").pk).update(roles=["officer", "leader"])
    law_cast._actors.clear()
    assert "执法人员" in refused(law_cast, case, "officer", "penalise", DECIDED)


def test_facts_that_change_are_told_anew(law_cast: Cast) -> None:
    case = weighing(law_cast, AT)
    do(law_cast, case, "officer", "tell_anew", AT, {"note": "金额计算有误。"})
    assert case.step == "notifying"


@pytest.mark.parametrize(
    ("action", "data", "outcome"),
    [
        (
            "not_penalise",
            {"decision_number": "1", "reason": "初次、轻微、已改正。", "legal_basis": "行政处罚法 33"},
            "let_off",
        ),
        ("dismiss", {"reason": "证据不足。"}, "no_breach"),
        (
            "transfer",
            {"received_by": "区公安分局", "reason": "涉嫌犯罪。", "legal_basis": "行政处罚法 27"},
            "transferred",
        ),
    ],
)
def test_the_other_ends(law_cast: Cast, action: str, data: dict[str, Any], outcome: str) -> None:
    case = do(law_cast, deciding(law_cast, AT), "city_leader", action, AT, data)
    assert case.outcome == outcome
    assert not Publication.objects.exists()
    assert replay(case) == []


# ---- 送达、执行 --------------------------------------------------------------------------------------------


def test_paying_late_costs_at_most_the_fine_again(law_cast: Cast) -> None:
    """行政处罚法 66、67、72."""
    case = performing(law_cast, AT)
    assert on(Task.objects.get(case=case, done_at=None).due_at) == "2026-06-16"
    extra = {"surcharge": 500, "reason": "逾期未缴。", "legal_basis": "行政处罚法 72"}
    assert "没有过" in refused(law_cast, case, "officer", "add_surcharge", extra, day("2026-06-10"))
    late = day("2026-07-20")
    assert "72" in refused(law_cast, case, "officer", "add_surcharge", {**extra, "surcharge": 501}, late)
    do(law_cast, case, "officer", "add_surcharge", late, extra)
    do(law_cast, case, "city_leader", "put_off", late, {"instalments": "分两期，每期 250 元。"})
    assert case.step == "performing"


def test_the_court_is_asked_ten_days_after_a_demand(law_cast: Cast) -> None:
    """行政强制法 54."""
    case = performing(law_cast, AT)
    court = {"received_by": "鼓楼区人民法院", "reason": "催告后仍不履行。"}
    assert "催告" in refused(law_cast, case, "officer", "refer", court, day("2026-12-01"))
    do(law_cast, case, "officer", "urge", day("2026-12-01"), {"note": "请十日内缴纳。"})
    assert "催告" in refused(law_cast, case, "officer", "refer", court, day("2026-12-09"))
    do(law_cast, case, "officer", "refer", day("2026-12-14"), court)
    assert case.outcome == "referred"


def test_a_stranger_sees_nothing(law_cast: Cast) -> None:
    case = investigating(law_cast, AT)
    for name in ("outsider", "anonymous", "dispatcher", "stranger_officer", "examiner"):
        assert not visible_to(law_cast.actor(name)).filter(pk=case.pk).exists(), name
    for name in ("resident", "officer", "city_leader", "legal_reviewer", "supervisor"):
        assert visible_to(law_cast.actor(name)).filter(pk=case.pk).exists(), name
