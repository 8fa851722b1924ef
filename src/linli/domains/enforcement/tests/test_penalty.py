"""A penalty from filing to performance (行政处罚全程): the ordinary way, the limits of the law, and every refusal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.domains.enforcement.tests.ways import (
    DECIDED,
    FACTS,
    TOLD,
    day,
    deciding,
    do,
    investigating,
    officers,
    opened,
    performing,
    told,
    weighing,
    without_none,
)
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Account, Post
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.publicity.models import Publication
from tests.cast import Cast
from tests.remedies import reconsidered

AT = day("2026-06-01")
BUREAU = "350102-city-management"


def on(moment: datetime | None) -> str:
    assert moment is not None
    return f"{local(moment):%Y-%m-%d}"


def refused(cast: Cast, case: Case, who: str, action: str, data: dict[str, Any], at: datetime = AT) -> str:
    """The Chinese words of a "not yet" (暂不能办的原因)."""
    with pytest.raises(Refused) as found:
        do(cast, case, who, action, at, data)
    assert found.value.code == "procedures.not_yet"
    return found.value.message.zh


def test_the_ordinary_way(law_cast: Cast) -> None:
    case = performing(law_cast, AT)
    assert on(case.statutory_due_at) == "2026-08-31"  # 90 日止于 08-30 周日，顺延
    do(law_cast, case, "officer", "perform", AT + timedelta(days=9), {"performance": "罚款已缴。"})
    assert (case.step, case.outcome) == ("closed", "complied")
    assert replay(case) == []
    assert verify_all().first_fault is None


def test_the_party_sees_each_step_and_gets_every_notice(law_cast: Cast) -> None:
    """行政处罚法 44；举报线索和内部意见当事人看不到."""
    case = performing(law_cast, AT)
    party = law_cast.actor("resident")
    assert case.applicant == law_cast.person("resident")
    assert visible_to(party).filter(pk=case.pk).exists()
    read = timeline(case, party)
    assert {"file", "report", "tell", "penalise", "serve"} <= {entry.action for entry in read}
    shown = {fact.code for entry in read for fact in entry.facts}
    assert {"reason", "legal_basis", "penalty_kind", "amount"} <= shown
    assert not {"clue", "source", "evidence", "review_opinion", "discussion"} & shown
    told_of = set(Notice.objects.filter(person=case.applicant).values_list("template", flat=True))
    assert {"enforcement.decided", "enforcement.told"} <= told_of


def test_the_decision_is_published_with_the_party_masked(law_cast: Cast) -> None:
    """行政处罚法 48."""
    case = do(law_cast, deciding(law_cast, AT), "city_leader", "penalise", AT, DECIDED)
    shown = Publication.objects.get(case_id=case.pk)
    text = str(shown.facts)
    assert "林**" in text
    assert "林小邻" not in text
    assert "13900000001" not in text
    assert "罚款 500 元" in text


def test_overturned_on_reconsideration_and_taken_down_with_the_reason(law_cast: Cast) -> None:
    case = performing(law_cast, AT)
    do(law_cast, case, "officer", "perform", AT, {"performance": "罚款已缴。"})
    remedy = reconsidered(law_cast, case, AT + timedelta(days=20), lead=BUREAU, replies="city_handler")
    assert (case.step, case.outcome) == ("overturned", "overturned")
    shown = Publication.objects.get(case_id=case.pk)
    assert shown.state == "withdrawn"
    assert remedy.number in shown.withdraw_reason
    assert shown.facts == []
    assert replay(case) == []


@pytest.mark.parametrize("action", ["change", "declare_unlawful"])
def test_what_is_changed_or_unlawful_is_taken_down_too(law_cast: Cast, action: str) -> None:
    case = performing(law_cast, AT)
    reconsidered(law_cast, case, AT + timedelta(days=3), lead=BUREAU, replies="city_handler", action=action)
    assert case.step == "overturned"
    assert Publication.objects.get(case_id=case.pk).state == "withdrawn"


def test_upheld_changes_nothing(law_cast: Cast) -> None:
    case = performing(law_cast, AT)
    reconsidered(law_cast, case, AT + timedelta(days=3), lead=BUREAU, replies="city_handler", action="uphold")
    assert case.step == "performing"
    assert Publication.objects.get(case_id=case.pk).state == "shown"


# ---- 立案、当场处罚 ----------------------------------------------------------------------------------------


def test_who_may_begin_and_what_must_be_known_of_the_party(law_cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        engine.open_case(
            "penalty",
            by=law_cast.actor("resident"),
            area=law_cast.area("village1"),
            data={},
            channel="web",
        )
    with pytest.raises(Refused) as found:
        opened(law_cast, AT, party="nobody")
    assert found.value.code == "enforcement.no_party"
    with pytest.raises(Invalid):
        opened(law_cast, AT, party_kind="organisation")
    case = opened(
        law_cast, AT, party="outsider", party_kind="organisation", party_organisation="安居物业公司"
    )
    assert case.facts["party_shown"] == "安居物业公司"
    assert case.lead == law_cast.organisation("city_management")


@pytest.mark.parametrize("filed", ["2026-02-10", "2026-06-01", "2026-07-06"])
def test_ninety_days_run_from_filing(law_cast: Cast, filed: str) -> None:
    """行政处罚法 60；末日是休息日的顺延."""
    last = {"2026-02-10": "2026-05-11", "2026-06-01": "2026-08-31", "2026-07-06": "2026-10-08"}
    case = opened(law_cast, day(filed) - timedelta(days=4))
    assert case.statutory_due_at is None
    do(law_cast, case, "city_leader", "file", day(filed), officers(law_cast))
    assert (on(case.due_at), on(case.statutory_due_at)) == (last[filed], last[filed])


def test_two_different_officers_of_the_authority(law_cast: Cast) -> None:
    """行政处罚法 42、43."""
    case = opened(law_cast, AT)
    for first, second, words in (
        ("officer", "officer", "不得少于两人"),
        ("officer", "stranger_officer", "办理机关"),
    ):
        assert words in refused(law_cast, case, "city_leader", "file", officers(law_cast, first, second))
    with pytest.raises(Invalid):
        do(law_cast, case, "city_leader", "file", AT, officers(law_cast, "officer", "city_handler"))
    other = opened(law_cast, AT, party="outsider")
    Account.objects.filter(person=law_cast.person("outsider")).update(person=None)
    Account.objects.filter(username="second_officer").update(person=law_cast.person("outsider"))
    assert "当事人本人须回避" in refused(law_cast, other, "city_leader", "file", officers(law_cast))


def test_on_the_spot_only_what_is_small(law_cast: Cast) -> None:
    """行政处罚法 51."""
    case = opened(law_cast, AT)
    spot = {**DECIDED, **officers(law_cast), "statement": "认可，马上清理。"}
    for data in ({**spot, "amount": 201}, {**spot, "penalty_kind": "confiscation"}):
        assert "51" in refused(law_cast, case, "officer", "on_the_spot", data)
    assert "金额" in refused(law_cast, case, "officer", "on_the_spot", without_none({**spot, "amount": 0}))
    assert "自己" in refused(law_cast, case, "third_officer", "on_the_spot", {**spot, "amount": 200})
    do(law_cast, case, "officer", "on_the_spot", AT, {**spot, "amount": 200})
    assert case.step == "performing"
    firm = opened(law_cast, AT, party_kind="organisation", party_organisation="安居物业公司")
    do(law_cast, firm, "officer", "on_the_spot", AT, {**spot, "amount": 3000})
    assert firm.step == "performing"


def test_not_filed_ends_it(law_cast: Cast) -> None:
    case = do(law_cast, opened(law_cast, AT), "city_leader", "not_file", AT, {"reason": "已当场改正。"})
    assert case.outcome == "not_filed"


# ---- 调查 ------------------------------------------------------------------------------------------------


def test_only_the_two_officers_investigate(law_cast: Cast) -> None:
    case = investigating(law_cast, AT)
    assert "另外两名" in refused(law_cast, case, "third_officer", "record_evidence", {"evidence": "照片"})
    do(law_cast, case, "officer", "record_evidence", AT, {"evidence": "现场照片八张，记录仪编号 A12。"})
    do(law_cast, case, "resident", "explain", AT, {"statement": "当天是临时摆放。"})
    assert case.step == "investigating"


def test_an_officer_steps_aside(law_cast: Cast) -> None:
    """行政处罚法 43：由负责人决定，决定之前不停止调查."""
    case = opened(law_cast, AT)
    assert "还没有确定" in refused(law_cast, case, "resident", "ask_recusal", {"reason": "是邻居。"})
    do(law_cast, case, "city_leader", "file", AT, officers(law_cast))
    do(law_cast, case, "resident", "ask_recusal", AT, {"reason": "执法人员一是我的邻居，有过节。"})
    granted = {
        "recusal_decision": "granted",
        "reason": "可能影响公正。",
        "recused_officer": law_cast.post("officer").uid.hex,
    }
    for new in ({}, {"new_officer": law_cast.post("second_officer").uid.hex}):
        refused(law_cast, case, "city_leader", "decide_recusal", {**granted, **new})
    data = {**granted, "new_officer": law_cast.post("third_officer").uid.hex}
    do(law_cast, case, "city_leader", "decide_recusal", AT, data)
    assert case.facts["officer_a"] == law_cast.post("third_officer").uid.hex
    refused(law_cast, case, "officer", "record_evidence", {"evidence": "照片"})
    do(law_cast, case, "third_officer", "record_evidence", AT, {"evidence": "照片"})
    again = {"recusal_decision": "refused", "reason": "没有法定的回避情形。"}
    do(law_cast, case, "city_leader", "decide_recusal", AT, again)
    assert replay(case) == []


def held(cast: Cast, at: datetime) -> tuple[Case, Case]:
    case = investigating(cast, at)
    items = {"subject": "占用中山路人行道经营", "held_items": "折叠桌两张，存城管仓库。"}
    do(cast, case, "officer", "hold_evidence", at, items)
    return case, Case.objects.get(origin=case, procedure="evidence-hold")


def test_evidence_is_decided_about_in_seven_working_days(law_cast: Cast) -> None:
    """行政处罚法 56、85；2026-09-24 起 7 个工作日到 2026-10-12 (facts.md 19)."""
    case, hold = held(law_cast, day("2026-09-24"))
    assert (on(hold.due_at), on(hold.statutory_due_at)) == ("2026-10-12", "2026-10-12")
    report = {"facts_found": FACTS, "gravity": "ordinary"}
    assert hold.number in refused(law_cast, case, "officer", "report", report, day("2026-09-25"))
    decided = {"treatment": "recorded", "explained": "已拍照，退还。"}
    do(law_cast, hold, "officer", "settle", day("2026-09-28"), decided)
    do(law_cast, case, "officer", "report", day("2026-09-28"), report)
    assert case.step == "notifying"


def test_evidence_held_too_long_is_released_by_the_clock(law_cast: Cast) -> None:
    _, hold = held(law_cast, day("2026-09-24"))
    assert hold.due_at is not None
    engine.tick(hold.due_at + timedelta(minutes=1))
    hold.refresh_from_db()
    assert hold.outcome == "lapsed"
    assert Notice.objects.filter(person=hold.applicant, case_number=hold.number).exists()


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
