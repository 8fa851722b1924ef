"""A licence examined, decided, challenged, announced (许可的审查、决定、救济、公告): what counts, what does not, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.domains.matters.tests.ways import (
    APPLICATION,
    LICENSING,
    MONDAY,
    REFUSAL,
    applied,
    code_of,
    day,
    deciding,
    do,
    due_on,
    examining,
    law_on,
)
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Post
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.publicity.models import Publication
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.remedies import challenged, reconsidered

# ---- 审查：联合、听证、评审、利害关系人 ----------------------------------------------------------------------


def test_joint_handling_has_helpers_and_waits_for_all(law_cast: Cast) -> None:
    case = applied(law_cast)
    do(law_cast, case, "examiner", "accept", MONDAY)
    for data in (
        {"handling": "joint", "public_interest": False},
        {"handling": "single", "public_interest": False, "helpers": ["350102-garden"]},
    ):
        with pytest.raises(Refused) as refused:
            do(law_cast, case, "examiner", "allot", MONDAY, data)
        assert code_of(refused) == "procedures.not_yet"
    do(
        law_cast,
        case,
        "examiner",
        "allot",
        MONDAY,
        {"handling": "joint", "public_interest": False, "helpers": ["350102-garden"]},
    )
    lead, helper = (Task.objects.get(case=case, done_at=None, part=part) for part in ("lead", "helper"))
    assert helper.due_at < lead.due_at
    do(law_cast, case, "examiner", "report", MONDAY, {"opinion": "同意。", "affects_others": False})
    assert case.step == "examining"
    do(law_cast, case, "garden_examiner", "report", MONDAY, {"opinion": "不影响行道树。"})
    assert case.step == "deciding"
    assert replay(case) == []


def test_a_hearing_does_not_count(law_cast: Cast) -> None:
    """行政许可法 45：听证的时间不计入。"""
    case = examining(law_cast, day("2026-06-01"))
    assert due_on(case) == "2026-06-30"
    do(law_cast, case, "examiner", "hold_hearing", day("2026-06-03"), {"subject": "招牌设置"})
    assert case.status == "suspended"
    hearing = Case.objects.get(origin=case, procedure="hearing")
    assert hearing.applicant == case.applicant
    with pytest.raises(Refused):
        do(
            law_cast,
            case,
            "examiner",
            "report",
            day("2026-06-04"),
            {"opinion": "同意。", "affects_others": False},
        )
    with pytest.raises(Refused):
        do(law_cast, case, "examiner", "special_done", day("2026-06-04"), {"finding": "—"})
    do(
        law_cast,
        hearing,
        "hearing_officer",
        "give_notice",
        day("2026-06-04"),
        {"held_on": "2026-06-16", "held_at": "上午九点，区行政服务中心", "open_to_public": True},
    )
    do(
        law_cast,
        hearing,
        "hearing_officer",
        "hold",
        day("2026-06-16", 11),
        {"minutes": "双方陈述了意见。", "n_present": 6, "signed": True},
    )
    case.refresh_from_db()
    assert case.status == "open"
    assert case.step == "examining"
    assert due_on(case) == law_on(case) == "2026-07-13"


def test_a_hearing_that_is_waived_lets_the_clock_run_on(law_cast: Cast) -> None:
    case = examining(law_cast)
    do(law_cast, case, "resident", "hold_hearing", MONDAY, {"subject": "招牌设置"})
    hearing = Case.objects.get(origin=case, procedure="hearing")
    do(law_cast, hearing, "resident", "waive", MONDAY + timedelta(days=1))
    case.refresh_from_db()
    assert case.status == "open"


def test_an_expert_review_does_not_count_and_the_applicant_is_told(law_cast: Cast) -> None:
    case = examining(law_cast, day("2026-06-01"))
    do(
        law_cast,
        case,
        "examiner",
        "special_procedure",
        day("2026-06-02"),
        {"ground": "expert-review", "special": "结构安全评审，约五个工作日。"},
    )
    assert Notice.objects.filter(person=law_cast.person("resident"), template="case.suspended").exists()
    do(law_cast, case, "examiner", "special_done", day("2026-06-09"), {"finding": "结构安全。"})
    assert due_on(case) == "2026-07-07"


def test_extended_once_by_the_head_with_reasons(law_cast: Cast) -> None:
    case = examining(law_cast, day("2026-06-01"))
    with pytest.raises(NotAllowed):
        do(law_cast, case, "examiner", "extend", day("2026-06-20"), {"reason": "现场复杂。"})
    do(law_cast, case, "licensing_leader", "extend", day("2026-06-22"), {"reason": "现场复杂，需再次核查。"})
    assert due_on(case) == law_on(case) == "2026-07-14"
    with pytest.raises(Refused):
        do(law_cast, case, "licensing_leader", "extend", day("2026-06-23"), {"reason": "还要延长。"})


def test_a_joint_licence_may_be_extended_by_fifteen_days(law_cast: Cast) -> None:
    """联合办理 45 个工作日，可以延长 15 个工作日（行政许可法 42）."""
    case = examining(law_cast, day("2026-06-01"), handling="joint", helpers=["350102-garden"])
    assert due_on(case) == law_on(case) == "2026-08-04"
    do(law_cast, case, "licensing_leader", "extend", day("2026-07-20"), {"reason": "三家现场意见不一。"})
    assert due_on(case) == law_on(case) == "2026-08-25"


def test_those_whose_interests_are_touched_are_heard_first(law_cast: Cast) -> None:
    case = examining(law_cast)
    for data in ({"opinion": "同意。"}, {"opinion": "同意。", "affects_others": True}):
        with pytest.raises(Refused):
            do(law_cast, case, "examiner", "report", MONDAY, data)
    do(
        law_cast,
        case,
        "examiner",
        "tell_third_party",
        MONDAY,
        {"third_party": "楼上住户陈女士", "third_party_view": "担心夜间灯光。"},
    )
    do(
        law_cast,
        case,
        "examiner",
        "report",
        MONDAY,
        {"opinion": "加装遮光罩后同意。", "affects_others": True},
    )
    assert case.step == "deciding"


def test_who_examined_does_not_decide(law_cast: Cast) -> None:
    case = deciding(law_cast)
    with pytest.raises(NotAllowed):
        do(law_cast, case, "examiner", "grant", MONDAY, {"decision_number": "1", "conditions": "—"})
    Post.objects.filter(pk=law_cast.post("examiner").pk).update(roles=["examiner", "leader"])
    law_cast._actors.clear()
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "examiner", "grant", MONDAY, {"decision_number": "1", "conditions": "—"})
    assert code_of(refused) == "procedures.not_yet"


# ---- 决定之后 --------------------------------------------------------------------------------------------


def test_refused_overturned_and_examined_anew(law_cast: Cast) -> None:
    case = deciding(law_cast)
    do(
        law_cast,
        case,
        "licensing_leader",
        "refuse",
        MONDAY,
        {"decision_number": "鼓审批不〔2026〕3号", **REFUSAL},
    )
    assert not Publication.objects.exists()
    do(law_cast, case, "examiner", "deliver", MONDAY, {"delivery": "electronic"})
    assert case.outcome == "not_granted"
    reconsidered(law_cast, case, MONDAY + timedelta(days=10), lead=LICENSING, replies="licensing_handler")
    assert case.step == "accepted"
    assert case.status == "open"
    assert Record.objects.filter(case_id=case.pk, action="remedy.opened").exists()
    assert due_on(case) == "2026-07-15"  # 2026-06-16 撤销，重新起算 20 个工作日
    assert replay(case) == []


def test_a_declined_application_is_accepted_when_that_is_ordered(law_cast: Cast) -> None:
    case = applied(law_cast)
    do(law_cast, case, "examiner", "decline", MONDAY, REFUSAL)
    reconsidered(
        law_cast,
        case,
        MONDAY + timedelta(days=10),
        lead=LICENSING,
        replies="licensing_handler",
        action="order",
    )
    assert case.step == "accepted"


def test_reconsideration_is_sought_within_sixty_days_by_the_party(law_cast: Cast) -> None:
    case = applied(law_cast, day("2026-03-02"))
    with pytest.raises(Refused) as refused:
        challenged(law_cast, case, day("2026-03-02"))
    assert code_of(refused) == "procedures.nothing_to_challenge"
    do(law_cast, case, "examiner", "decline", day("2026-03-02"), REFUSAL)
    with pytest.raises(Refused) as refused:
        challenged(law_cast, case, day("2026-05-07"))  # 2026-05-01 在假期，顺延到 05-06
    assert code_of(refused) == "procedures.challenged_too_late"
    assert challenged(law_cast, case, day("2026-05-06")).origin == case


# ---- 公告、异议 ------------------------------------------------------------------------------------------


def announced(cast: Cast) -> Case:
    case = examining(cast, day("2026-06-01"), public_interest=True)
    return do(
        cast,
        case,
        "examiner",
        "announce",
        day("2026-06-02"),
        {"announcement": "拟许可在中山路 12 号设置招牌，利害关系人可申请听证。"},
    )


def test_a_matter_of_public_interest_is_announced_and_heard(law_cast: Cast) -> None:
    """行政许可法 46."""
    case = announced(law_cast)
    assert case.step == "announcing"
    notice = Publication.objects.get(case_id=case.pk)
    assert notice.until_at is not None
    assert f"{local(notice.until_at):%Y-%m-%d}" == "2026-06-11"
    engine.tick(notice.until_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "examining"
    notice.refresh_from_db()
    assert notice.state == "ended"
    report = {"opinion": "同意。", "affects_others": False}
    with pytest.raises(Refused):
        do(law_cast, case, "examiner", "report", day("2026-06-12"), report)
    do(law_cast, case, "examiner", "hold_hearing", day("2026-06-12"), {"subject": "招牌设置"})
    hearing = Case.objects.get(origin=case, procedure="hearing")
    do(law_cast, hearing, "resident", "waive", day("2026-06-15"))
    do(law_cast, case, "examiner", "report", day("2026-06-16"), report)
    assert case.step == "deciding"


def test_a_report_waits_for_the_announcement(law_cast: Cast) -> None:
    case = examining(law_cast, public_interest=True)
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "examiner", "report", MONDAY, {"opinion": "同意。", "affects_others": False})
    assert "46" in refused.value.message.zh


def test_an_announcement_stays_until_objections_are_answered(law_cast: Cast) -> None:
    case = announced(law_cast)
    notice = Publication.objects.get(case_id=case.pk)
    receipt = engine.open_case(
        "publicity-objection",
        by=law_cast.actor("outsider"),
        area=law_cast.area("village1"),
        data={"objection": "招牌会挡住我家窗户。"},
        channel="web",
        applicant=law_cast.person("outsider"),
        origin_id=case.pk,
        at=day("2026-06-10"),
    )
    assert notice.until_at is not None
    engine.tick(notice.until_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "announcing"
    objection = Case.objects.get(number=receipt.number)
    with pytest.raises(Invalid):
        do(law_cast, objection, "supervisor", "reject", day("2026-06-12"), {"checked": "已看现场。"})
    do(
        law_cast,
        objection,
        "supervisor",
        "reject",
        day("2026-06-12"),
        {"checked": "已看现场。", "reason": "招牌低于窗台。", "legal_basis": "行政许可法 46"},
    )
    assert Notice.objects.filter(person=law_cast.person("outsider"), template="case.refused").exists()
    engine.tick(day("2026-06-12", 12))
    case.refresh_from_db()
    assert case.step == "examining"


def test_withdrawn_before_the_decision_and_not_after(law_cast: Cast) -> None:
    case = examining(law_cast)
    do(law_cast, case, "resident", "withdraw", MONDAY)
    assert case.outcome == "withdrawn"
    other = deciding(law_cast)
    do(law_cast, other, "licensing_leader", "grant", MONDAY, {"decision_number": "2", "conditions": "—"})
    with pytest.raises(Refused):
        do(law_cast, other, "resident", "withdraw", MONDAY)


def test_a_published_licence_can_be_taken_down_with_a_reason(law_cast: Cast) -> None:
    case = deciding(law_cast)
    do(law_cast, case, "licensing_leader", "grant", MONDAY, {"decision_number": "2", "conditions": "—"})
    do(law_cast, case, "examiner", "deliver", MONDAY, {"delivery": "post"})
    do(law_cast, case, "licensing_leader", "take_down", MONDAY, {"reason": "许可已注销。"})
    assert Publication.objects.get(case_id=case.pk).state == "withdrawn"


def test_a_stranger_sees_nothing(law_cast: Cast) -> None:
    case = applied(law_cast)
    assert APPLICATION["office"] == LICENSING
    for name in ("outsider", "anonymous", "officer", "neighbour_dispatcher"):
        assert not visible_to(law_cast.actor(name)).filter(pk=case.pk).exists(), name
    for name in ("resident", "examiner", "supervisor", "legal_reviewer"):
        assert visible_to(law_cast.actor(name)).filter(pk=case.pk).exists(), name
