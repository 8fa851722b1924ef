"""A licence from application to acceptance and delivery (行政许可): the ordinary way, receipt, correction, refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.domains.matters.tests.ways import (
    APPLICATION,
    MONDAY,
    REFUSAL,
    applied,
    code_of,
    day,
    deciding,
    do,
    due_on,
    law_on,
)
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.publicity.models import Publication
from linli.kernel.records.models import Record
from tests.cast import Cast


def test_the_ordinary_way(law_cast: Cast) -> None:
    case = deciding(law_cast)
    do(law_cast, case, "licensing_leader", "grant", MONDAY + timedelta(days=3), {
        "decision_number": "鼓审批〔2026〕12号", "conditions": "门楣一块，长三米。", "valid_until": "2029-06-01",
    })  # fmt: skip
    assert case.step == "delivering"
    shown = Publication.objects.get(case_id=case.pk)
    assert shown.kind == "result"
    assert {fact["code"] for fact in shown.facts} == {
        "subject", "office", "decision_number", "conditions", "valid_until",
    }  # fmt: skip
    do(law_cast, case, "examiner", "deliver", MONDAY + timedelta(days=4), {"delivery": "window"})
    assert (case.step, case.status, case.outcome) == ("granted", "ended", "granted")
    do(law_cast, case, "resident", "rate", MONDAY + timedelta(days=5), {"satisfied": 5})
    told = set(Notice.objects.filter(person=law_cast.person("resident")).values_list("template", flat=True))
    assert {"case.received", "case.moved", "case.rate"} <= told
    assert replay(case) == []
    assert verify_all().first_fault is None


def test_a_clerk_enters_it_for_somebody_at_the_window(law_cast: Cast) -> None:
    case = applied(law_cast, by="clerk", holder="安居物业公司", uscc="91350100M000100Y43")
    assert case.applicant == law_cast.person("resident")
    do(law_cast, case, "clerk", "accept", MONDAY)
    assert case.step == "accepted"


# ---- 受理、补正 -------------------------------------------------------------------------------------------


def test_what_nobody_asks_about_in_five_working_days_is_accepted_from_the_day_it_came(law_cast: Cast) -> None:
    """行政许可法 32；2026-02-10 起 5 个工作日，补班的周六算一天，到 2026-02-24 为止 (facts.md 19)."""
    case = applied(law_cast, day("2026-02-10"))
    task = Task.objects.get(case=case, done_at=None)
    assert f"{local(task.due_at):%Y-%m-%d}" == "2026-02-24"
    engine.tick(task.due_at - timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "received"
    engine.tick(task.due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "accepted"
    assert Record.objects.filter(case_id=case.pk, action="deemed_accepted", actor_kind="system").exists()
    # 从收到之日起算：20 个工作日。
    assert due_on(case) == law_on(case) == "2026-03-16"


@pytest.mark.parametrize(
    ("received", "accepted", "handling", "last"),
    [
        ("2026-06-18", "2026-06-18", "single", "2026-07-17"),  # facts.md 19: 端午放假
        ("2026-02-10", "2026-02-12", "single", "2026-03-18"),  # 春节放假，02-14、02-28 补班
        ("2026-09-24", "2026-09-28", "single", "2026-10-30"),  # 中秋、国庆放假，10-10 补班
        ("2026-06-18", "2026-06-18", "joint", "2026-08-21"),  # 联合办理 45 个工作日
    ],
)
def test_the_time_to_decide_runs_from_acceptance(
    law_cast: Cast, received: str, accepted: str, handling: str, last: str
) -> None:
    """行政许可法 42、82."""
    case = applied(law_cast, day(received))
    do(law_cast, case, "examiner", "accept", day(accepted))
    helpers = {"helpers": ["350102-garden"]} if handling == "joint" else {}
    do(
        law_cast,
        case,
        "examiner",
        "allot",
        day(accepted),
        {"handling": handling, "public_interest": False, **helpers},
    )
    assert (due_on(case), law_on(case)) == (last, last)


def test_a_correction_is_asked_once_and_begins_the_time_anew(law_cast: Cast) -> None:
    case = applied(law_cast, day("2026-06-01"))
    do(
        law_cast,
        case,
        "examiner",
        "ask_correction",
        day("2026-06-03"),
        {"missing": "缺产权人同意书，请补交原件。"},
    )
    assert case.step == "correcting"
    assert Notice.objects.filter(person=law_cast.person("resident"), template="matters.correction").exists()
    do(law_cast, case, "resident", "correct", day("2026-06-10"), {"corrected": "同意书已补。"})
    assert case.step == "received"
    assert due_on(case) == "2026-07-09"  # 从补正之日起 20 个工作日
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "examiner", "ask_correction", day("2026-06-11"), {"missing": "再补一件。"})
    assert code_of(refused) == "procedures.not_yet"
    task = Task.objects.get(case=case, done_at=None)
    engine.tick(task.due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "accepted"
    assert law_on(case) == "2026-07-09"


def test_nothing_is_declined_by_the_clock_when_no_correction_comes(law_cast: Cast) -> None:
    case = applied(law_cast)
    do(law_cast, case, "examiner", "ask_correction", MONDAY, {"missing": "缺效果图。"})
    engine.tick(Task.objects.get(case=case, done_at=None).due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "uncorrected"
    do(law_cast, case, "resident", "correct", day("2026-07-01"), {"corrected": "补来了。"})
    assert case.step == "received"


def test_declining_gives_reason_basis_and_remedy(law_cast: Cast) -> None:
    case = applied(law_cast)
    with pytest.raises(Invalid):
        do(law_cast, case, "examiner", "decline", MONDAY, {"reason": "不属本机关职权。"})
    with pytest.raises(NotAllowed):
        do(law_cast, case, "clerk", "decline", MONDAY, REFUSAL)
    do(law_cast, case, "examiner", "decline", MONDAY, REFUSAL)
    assert case.outcome == "not_accepted"
    assert Notice.objects.filter(person=law_cast.person("resident"), template="case.declined").exists()


def test_who_applies_must_be_known_and_is_not_asked_again(law_cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        engine.open_case(
            "licence",
            by=law_cast.actor("anonymous"),
            area=law_cast.area("village1"),
            data=APPLICATION,
            channel="web",
            at=MONDAY,
        )
    assert code_of(refused) == "matters.no_applicant"
    case = applied(law_cast)
    read = {f.code: f for e in timeline(case, law_cast.actor("examiner")) for f in e.facts}
    assert read["applicant_name"].value == "林**"
    assert read["contact"].masked
    assert "contact" not in {f.code for e in timeline(case, law_cast.actor("supervisor")) for f in e.facts}


def test_an_authority_where_nobody_examines_is_refused(law_cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        applied(law_cast, office="350102-municipal")
    assert code_of(refused) == "matters.nobody_there"
    with pytest.raises(Invalid):
        applied(law_cast, uscc="91350100M000100Y44")
    assert not Case.objects.exists()
