"""A penalty from filing to performance (行政处罚全程): the ordinary way, the limits of the law, and every refusal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from linli.base.errors import Invalid, NotAllowed, Refused
from linli.domains.enforcement.tests.ways import (
    AT,
    BUREAU,
    DECIDED,
    FACTS,
    day,
    deciding,
    do,
    investigating,
    officers,
    on,
    opened,
    performing,
    refused,
    without_none,
)
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Account
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.publicity.models import Publication
from tests.cast import Cast
from tests.remedies import challenged, reconsidered


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


def test_maintained_changes_nothing(law_cast: Cast) -> None:
    case = performing(law_cast, AT)
    reconsidered(
        law_cast, case, AT + timedelta(days=3), lead=BUREAU, replies="city_handler", action="maintain"
    )
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


def test_nobody_reads_that_they_raised_what_the_office_opened(law_cast: Cast) -> None:
    case = performing(law_cast, AT)
    theirs = timeline(case, law_cast.actor("resident"))
    assert theirs[0].title.zh == "机关登记立案"
    assert theirs[0].who.zh != "您"
    desk = timeline(case, law_cast.actor("officer"))
    assert desk[0].title.zh == "登记立案"
    assert "反映人" not in {entry.who.zh for entry in desk}
    assert "当事人" in {entry.who.zh for entry in desk}
    page = law_cast.client("resident").get(f"/case/{case.number}/").content.decode()
    assert "您提出了这件事" not in page


def test_the_party_reads_what_to_do_about_the_decision_and_until_when(law_cast: Cast) -> None:
    """行政复议法 20：知道决定之日起六十日内；行政处罚法 44、61."""
    case = performing(law_cast, AT)
    told = Notice.objects.filter(person=case.applicant, template="enforcement.decided").first()
    assert told is not None
    assert told.params["remedy"]["zh"] == "行政复议"
    assert told.params["until_at"]
    page = law_cast.client("resident").get(f"/case/{case.number}/").content.decode()
    assert "不同意这个决定" in page
    assert f"/case/{case.number}/remedy/" in page
    assert "行政复议法 20" in page


def test_the_party_finds_the_remedy_from_the_penalty_and_the_penalty_from_the_remedy(law_cast: Cast) -> None:
    case = performing(law_cast, AT)
    remedy = challenged(law_cast, case, AT + timedelta(days=9))
    client = law_cast.client("resident")
    for here, there in ((case, remedy), (remedy, case)):
        page = client.get(f"/case/{here.number}/").content.decode()
        assert "相关的事" in page
        assert f'href="/case/{there.number}/"' in page
