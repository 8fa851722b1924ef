"""A request for government information (依申请公开全程): limits, waits that do not count, every answer and refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.visibility import visible_to
from tests.cast import Cast
from tests.remedies import reconsidered

GOVERNMENT = "350102-government"
OFFICER = "disclosure_officer"


def day(text: str, hour: int = 9) -> datetime:
    """A moment in Shanghai: `2026-02-10`."""
    year, month, number = (int(part) for part in text.split("-"))
    return datetime(year, month, number, hour - 8, tzinfo=UTC)


AT = day("2026-06-01")
WITHHELD: dict[str, Any] = {
    "answer_number": "鼓政公开答〔2026〕8号",
    "withheld_because": "internal",
    "reason": "属于内部事务信息。",
    "legal_basis": "政府信息公开条例 16",
}
GIVEN: dict[str, Any] = {
    "answer_number": "鼓政公开答〔2026〕9号",
    "answer": "您申请的批复已提供，见附件。",
    "delivered_in": "electronic",
}


def asked(cast: Cast, at: datetime = AT, *, by: str = "resident", **data: Any) -> Case:
    receipt = engine.open_case(
        "information-request",
        by=cast.actor(by),
        area=cast.area("village1"),
        data={
            "subject": "中山路改造项目的批复",
            "office": GOVERNMENT,
            "form_wanted": "electronic",
            **data,
        },
        channel="web" if by == "resident" else "window",
        applicant=cast.person("resident"),
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def do(
    cast: Cast, case: Case, who: str, action: str, at: datetime, data: dict[str, Any] | None = None
) -> Case:
    engine.act(case, action, data or {}, by=cast.actor(who), at=at)
    case.refresh_from_db()
    return case


def due_on(case: Case) -> tuple[str, str]:
    assert case.due_at is not None
    assert case.statutory_due_at is not None
    return f"{local(case.due_at):%Y-%m-%d}", f"{local(case.statutory_due_at):%Y-%m-%d}"


def both(last: str) -> tuple[str, str]:
    return last, last


@pytest.mark.parametrize(
    ("came", "last"),
    [("2026-06-18", "2026-07-17"), ("2026-02-10", "2026-03-16"), ("2026-09-24", "2026-10-29")],
)
def test_twenty_working_days_from_receipt(law_cast: Cast, came: str, last: str) -> None:
    """政府信息公开条例 31、33；节假日和补班按公布的安排 (facts.md 19)."""
    assert due_on(asked(law_cast, day(came))) == both(last)


def test_answered_at_once(law_cast: Cast) -> None:
    case = asked(law_cast, by="clerk")
    do(law_cast, case, OFFICER, "disclose", AT + timedelta(hours=1), GIVEN)
    assert (case.status, case.outcome) == ("ended", "disclosed")
    told = set(Notice.objects.filter(person=law_cast.person("resident")).values_list("template", flat=True))
    assert {"case.received", "case.closed"} <= told
    assert replay(case) == []
    assert verify_all().first_fault is None


def test_extended_once_by_the_head(law_cast: Cast) -> None:
    case = asked(law_cast)
    with pytest.raises(NotAllowed):
        do(law_cast, case, OFFICER, "extend", AT, {"reason": "需要查档。"})
    do(law_cast, case, "county_leader", "extend", day("2026-06-22"), {"reason": "档案在外馆。"})
    assert due_on(case) == both("2026-07-28")
    with pytest.raises(Refused):
        do(law_cast, case, "county_leader", "extend", day("2026-06-23"), {"reason": "再延长。"})


def test_a_correction_once_in_seven_days_begins_the_time_anew(law_cast: Cast) -> None:
    """政府信息公开条例 30."""
    case = asked(law_cast)
    missing = {"missing": "请写明批复的年份或文号。"}
    do(law_cast, case, OFFICER, "ask_correction", day("2026-06-10"), missing)
    do(law_cast, case, "resident", "correct", day("2026-06-18"), {"corrected": "2025 年的批复。"})
    assert case.step == "answering"
    assert due_on(case) == both("2026-07-17")
    with pytest.raises(Refused):
        do(law_cast, case, OFFICER, "ask_correction", day("2026-06-22"), missing)


def test_a_correction_is_not_asked_after_seven_working_days(law_cast: Cast) -> None:
    case = asked(law_cast, day("2026-09-24"))
    late = day("2026-10-13")  # 第七个工作日是 10-12 (facts.md 19)
    with pytest.raises(Refused) as refused:
        do(law_cast, case, OFFICER, "ask_correction", late, {"missing": "请写明年份。"})
    assert "30" in refused.value.message.zh
    other = asked(law_cast, day("2026-09-24"))
    do(law_cast, other, OFFICER, "ask_correction", day("2026-10-12"), {"missing": "请写明年份。"})
    assert other.step == "correcting"


def test_not_corrected_counts_as_given_up_and_is_taken_up_with_a_reason(law_cast: Cast) -> None:
    case = asked(law_cast)
    do(law_cast, case, OFFICER, "ask_correction", AT, {"missing": "请写明年份。"})
    due = Task.objects.get(case=case, done_at=None).due_at
    engine.tick(due + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.outcome == "abandoned"
    do(law_cast, case, "resident", "take_up", due + timedelta(days=2), {"note": "住院，刚看到。"})
    assert case.step == "correcting"
    do(law_cast, case, "resident", "correct", due + timedelta(days=3), {"corrected": "2025 年。"})
    assert case.step == "answering"


def test_asking_a_third_party_does_not_count(law_cast: Cast) -> None:
    """政府信息公开条例 32、33."""
    case = asked(law_cast)
    assert due_on(case) == both("2026-06-30")
    with pytest.raises(Refused):
        do(law_cast, case, OFFICER, "third_party_answered", AT, {"third_party_view": "—"})
    do(law_cast, case, OFFICER, "ask_third_party", day("2026-06-03"), {"third_party": "某建设公司"})
    assert case.status == "suspended"
    with pytest.raises(Refused):
        do(law_cast, case, OFFICER, "disclose", day("2026-06-04"), GIVEN)
    with pytest.raises(Refused):
        do(law_cast, case, OFFICER, "consulted", day("2026-06-04"), {"other_view": "—"})
    view = {"third_party_view": "同意公开。"}
    do(law_cast, case, OFFICER, "third_party_answered", day("2026-06-10"), view)
    assert due_on(case) == both("2026-07-07")


def test_a_silent_third_party_holds_it_up_for_fifteen_working_days_at_most(law_cast: Cast) -> None:
    case = asked(law_cast)
    do(law_cast, case, OFFICER, "ask_third_party", day("2026-06-03"), {"third_party": "某建设公司"})
    engine.tick(day("2026-06-24"))
    case.refresh_from_db()
    assert case.status == "suspended"
    engine.tick(day("2026-06-26"))
    case.refresh_from_db()
    assert case.status == "open"
    do(law_cast, case, OFFICER, "disclose", day("2026-06-26"), GIVEN)
    assert case.outcome == "disclosed"


def test_another_body_is_consulted(law_cast: Cast) -> None:
    case = asked(law_cast)
    do(law_cast, case, OFFICER, "consult", day("2026-06-03"), {"other_body": "350102-municipal"})
    do(law_cast, case, OFFICER, "consulted", day("2026-06-05"), {"other_view": "可以公开。"})
    assert case.status == "open"


def test_withheld_with_reason_basis_and_remedy(law_cast: Cast) -> None:
    case = asked(law_cast)
    with pytest.raises(Invalid):
        do(law_cast, case, OFFICER, "withhold", AT, {"answer_number": "1"})
    do(law_cast, case, OFFICER, "withhold", AT, WITHHELD)
    assert case.outcome == "withheld"
    assert Notice.objects.filter(person=law_cast.person("resident"), template="disclosure.answered").exists()
    reconsidered(law_cast, case, AT + timedelta(days=30), lead="350102-municipal", replies="handler")
    assert case.step == "answering"
    assert due_on(case) == both("2026-08-03")  # 2026-07-06 撤销，重新起算


def test_a_third_partys_rights_are_a_reason_only_after_asking(law_cast: Cast) -> None:
    case = asked(law_cast)
    data = {**WITHHELD, "withheld_because": "third_party"}
    partly = {**GIVEN, **data, "withheld": "合同价款"}
    for action, entries in (("withhold", data), ("disclose_partly", partly)):
        with pytest.raises(Refused) as refused:
            do(law_cast, case, OFFICER, action, AT, entries)
        assert "32" in refused.value.message.zh
    do(law_cast, case, OFFICER, "ask_third_party", AT, {"third_party": "某建设公司"})
    do(law_cast, case, OFFICER, "third_party_answered", AT, {"third_party_view": "价款属于商业秘密。"})
    do(law_cast, case, OFFICER, "disclose_partly", AT, partly)
    assert case.outcome == "partly"


@pytest.mark.parametrize(
    ("action", "data", "outcome"),
    [
        (
            "not_held",
            {
                "answer_number": "1",
                "where": "市自然资源局。",
                "reason": "不由本机关制作。",
                "legal_basis": "36",
            },
            "not_held",
        ),
        ("public_already", {"answer_number": "2", "where": "区政府网站公报栏。"}, "disclosed"),
        (
            "not_handled",
            {"answer_number": "3", "where": "区信访局。", "reason": "内容是投诉。", "legal_basis": "39"},
            "not_handled",
        ),
        ("correct_record", {"answer_number": "4", "answer": "出生日期已更正。"}, "corrected"),
    ],
)
def test_the_other_answers(law_cast: Cast, action: str, data: dict[str, Any], outcome: str) -> None:
    case = do(law_cast, asked(law_cast), OFFICER, action, AT, data)
    assert case.outcome == outcome
    assert replay(case) == []


def test_withdrawn_while_a_third_party_is_asked(law_cast: Cast) -> None:
    case = asked(law_cast)
    do(law_cast, case, OFFICER, "ask_third_party", AT, {"third_party": "某建设公司"})
    do(law_cast, case, "resident", "withdraw", AT)
    assert case.outcome == "withdrawn"


def test_an_authority_that_answers_no_requests_is_refused(law_cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        asked(law_cast, office="350102-garden")
    assert refused.value.code == "disclosure.nobody_there"


def test_a_stranger_sees_nothing(law_cast: Cast) -> None:
    case = asked(law_cast)
    for name in ("outsider", "anonymous", "examiner", "officer", "dispatcher"):
        assert not visible_to(law_cast.actor(name)).filter(pk=case.pk).exists(), name
    for name in ("resident", OFFICER, "supervisor"):
        assert visible_to(law_cast.actor(name)).filter(pk=case.pk).exists(), name
