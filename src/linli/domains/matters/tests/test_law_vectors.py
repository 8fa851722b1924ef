"""The law's periods, end to end (法定期限向量): fixed days through the engine, over the published days off of 2026.

Facts 58 (行政许可法 30–48, 82), 60, 64 and 66 are fixed by law; what 61 and 67 say is local, and a sample wherever it
stands in a file. 57 is in `test_no_longer_than_the_law`, 65 in `test_checks` (MC402, MC403). Every last day is worked out a second time by counting by hand over the State Council's notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, LinliError, NotAllowed, Refused
from linli.domains.matters.applying import apply
from linli.domains.matters.models import ServiceRating
from linli.domains.matters.tests.ways import (
    APPLICATION,
    applied,
    code_of,
    day,
    deciding,
    do,
    due_on,
    examining,
    law_on,
)
from linli.kernel.procedures import engine
from linli.kernel.procedures.clocks import due_for
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.versions import procedure_of, shipped_files
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.servicecast import put_in_force

pytestmark = pytest.mark.django_db

# facts 22: the State Council's notice of 2025-11-04.
OFF = [("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
       ("09-25", "09-27"), ("10-01", "10-07")]  # fmt: skip
MADE_UP = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def is_workday(on: date) -> bool:
    text = f"{on:%m-%d}"
    if text in MADE_UP:
        return True
    return on.weekday() < 5 and not any(first <= text <= last for first, last in OFF)


def counted(start: str, n: int) -> str:
    """The last of so many working days by hand (手工数工作日): the first day is not counted (民法典 201)."""
    on = date.fromisoformat(start)
    while n:
        on += timedelta(days=1)
        n -= is_workday(on)
    return on.isoformat()


def task_of(case: Case) -> Task:
    return Task.objects.get(case=case, done_at__isnull=True, part="lead")


def on(moment: Any) -> str:
    return f"{local(moment):%Y-%m-%d}"


# ---- 58: 受理、补正 ----------------------------------------------------------------------------------------

RECEIVED = [  # 行政许可法 32: five working days, else accepted from the day it was received
    ("2026-02-10", "2026-02-24"),  # a Saturday worked, then the Spring Festival (facts 152)
    ("2026-04-30", "2026-05-11"),  # Labour Day, then a Saturday worked (facts 152)
    ("2026-09-18", "2026-09-24"),  # a Sunday worked (facts 152)
    ("2026-10-09", "2026-10-15"),  # the next day is a Saturday on which people work
]


@pytest.mark.parametrize(("received", "last"), RECEIVED)
def test_art_32_what_is_not_asked_in_five_working_days_is_accepted(
    law_cast: Cast, received: str, last: str
) -> None:
    assert counted(received, 5) == last
    case = applied(law_cast, day(received))
    due = task_of(case).due_at
    assert on(due) == last
    engine.tick(due - timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "received"
    engine.tick(due + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.step == "accepted"
    assert Record.objects.get(case_id=case.pk, action="deemed_accepted").actor_kind == "system"
    assert (
        due_on(case) == law_on(case) == counted(received, 20)
    )  # from the day it was received, not from today


def test_art_32_everything_is_asked_once_and_the_time_begins_anew(law_cast: Cast) -> None:
    """facts 60 (优化营商环境条例 36): once; what comes later is no ground."""
    case = applied(law_cast, day("2026-06-01"))
    do(law_cast, case, "examiner", "ask_correction", day("2026-06-03"), {"missing": "缺同意书，请补原件。"})
    do(law_cast, case, "resident", "correct", day("2026-06-10"), {"corrected": "已补。"})
    assert on(task_of(case).due_at) == counted("2026-06-10", 5)
    assert law_on(case) == counted("2026-06-10", 20)
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "examiner", "ask_correction", day("2026-06-11"), {"missing": "再补一件。"})
    assert code_of(refused) == "procedures.not_yet"


# ---- 58: 决定、延长、联合办理、初审 --------------------------------------------------------------------------

DECIDED = [  # article, handling, working days, extended by, begun, last, last when extended
    ("42", "single", 20, 10, "2026-06-18", "2026-07-17", "2026-07-31"),  # Dragon Boat (facts 152)
    ("42", "single", 20, 10, "2026-02-06", "2026-03-12", "2026-03-26"),  # Spring Festival, two Saturdays worked
    ("42", "single", 20, 10, "2026-09-24", "2026-10-29", "2026-11-12"),  # two festivals, a Saturday worked
    ("43", "single", 20, 10, "2026-04-03", "2026-05-07", "2026-05-20"),  # examined first by the lower body
    ("42", "joint", 45, 15, "2026-06-01", "2026-08-04", "2026-08-25"),
    ("42", "joint", 45, 15, "2026-08-10", "2026-10-16", "2026-11-06"),
]  # fmt: skip


@pytest.mark.parametrize(("article", "handling", "n", "more", "begun", "last", "extended"), DECIDED)
def test_art_42_43_decided_in_time_and_extended_once_by_the_head(
    law_cast: Cast, article: str, handling: str, n: int, more: int, begun: str, last: str, extended: str
) -> None:
    assert (counted(begun, n), counted(begun, n + more)) == (last, extended), article
    helpers = {"helpers": ["350102-garden"]} if handling == "joint" else {}
    case = examining(law_cast, day(begun), handling=handling, **helpers)
    assert (due_on(case), law_on(case)) == (last, last)
    with pytest.raises(Invalid):
        do(law_cast, case, "licensing_leader", "extend", day(last), {"reason": " "})
    with pytest.raises(NotAllowed):
        do(law_cast, case, "examiner", "extend", day(last), {"reason": "现场复杂。"})
    do(law_cast, case, "licensing_leader", "extend", day(last), {"reason": "现场复杂，需再次核查。"})
    assert (due_on(case), law_on(case)) == (extended, extended)
    with pytest.raises(Refused):
        do(law_cast, case, "licensing_leader", "extend", day(last), {"reason": "还要延长。"})


@pytest.mark.parametrize("ground", ["expert-review", "inspection"])
def test_art_45_testing_and_expert_review_do_not_count(law_cast: Cast, ground: str) -> None:
    case = examining(law_cast, day("2026-06-01"))
    assert law_on(case) == counted("2026-06-01", 20) == "2026-06-30"
    do(law_cast, case, "examiner", "special_procedure", day("2026-06-02"), {"ground": ground, "special": "结构评审。"})  # fmt: skip
    do(law_cast, case, "examiner", "special_done", day("2026-06-09"), {"finding": "结构安全。"})
    # One day had gone by; nineteen follow the day on which it was done.
    assert due_on(case) == law_on(case) == counted("2026-06-09", 19) == "2026-07-07"


# ---- 58: 送达、听证 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["grant", "refuse"])
@pytest.mark.parametrize(("decided", "last"), [("2026-02-12", "2026-03-04"), ("2026-09-23", "2026-10-14")])
def test_art_44_delivered_within_ten_working_days(
    law_cast: Cast, decision: str, decided: str, last: str
) -> None:
    """The promise is shorter, and no file may promise more (PC checks)."""
    assert counted(decided, 10) == last
    case = deciding(law_cast, day("2026-02-10") if decided < "2026-03" else day("2026-09-21"))
    said = (
        {"reason": "遮挡消防通道。", "legal_basis": "消防法 28"}
        if decision == "refuse"
        else {"conditions": "—"}
    )
    do(law_cast, case, "licensing_leader", decision, day(decided), {"decision_number": "1", **said})
    step = procedure_of(case.version_id).steps[case.step]
    assert step.statutory is not None
    assert step.statutory.period is not None
    assert on(due_for(step.statutory.period, day(decided)).due_at) == last
    assert on(task_of(case).due_at) == counted(decided, 5) < last


HEARINGS = [  # asked for, to be held by (47: twenty working days); told on, first day it may be (48: seven before)
    ("2026-09-18", "2026-10-22", "2026-09-24", "2026-10-10", "2026-10-12"),
    ("2026-06-10", "2026-07-09", "2026-06-12", "2026-06-23", "2026-06-24"),
]


@pytest.mark.parametrize(("asked", "last", "told", "too_soon", "first"), HEARINGS)
def test_art_47_48_heard_within_twenty_working_days_with_seven_days_notice(
    law_cast: Cast, asked: str, last: str, told: str, too_soon: str, first: str
) -> None:
    assert counted(asked, 20) == last
    assert counted(told, 7) == first
    case = examining(law_cast, day(asked))
    do(law_cast, case, "resident", "hold_hearing", day(asked), {"subject": "招牌设置"})
    hearing = Case.objects.get(origin=case, procedure="hearing")
    assert (due_on(hearing), law_on(hearing)) == (last, last)
    said = {"held_at": "上午九点，区行政服务中心", "open_to_public": True}
    with pytest.raises(Refused):
        do(law_cast, hearing, "hearing_officer", "give_notice", day(told), {"held_on": too_soon, **said})
    do(law_cast, hearing, "hearing_officer", "give_notice", day(told), {"held_on": first, **said})
    assert hearing.step == "noticed"


# ---- 66: 一次一评，五档，后两档是差评 -------------------------------------------------------------------------


@pytest.mark.parametrize(("stars", "bad"), [(5, False), (4, False), (3, False), (2, True), (1, True)])
def test_facts_66_one_service_one_rating_and_the_last_two_are_bad(
    law_cast: Cast, stars: int, bad: bool
) -> None:
    """国办发〔2019〕51号; GB/T 39735-2020."""
    case = deciding(law_cast, day("2026-06-01"))
    do(law_cast, case, "licensing_leader", "grant", day("2026-06-02"), {"decision_number": "1", "conditions": "—"})  # fmt: skip
    do(law_cast, case, "examiner", "deliver", day("2026-06-03"), {"delivery": "window"})
    do(law_cast, case, "resident", "rate", day("2026-06-04"), {"satisfied": stars})
    assert Case.objects.filter(procedure="bad-rating").exists() is bad
    with pytest.raises(LinliError):
        do(law_cast, case, "resident", "rate", day("2026-06-05"), {"satisfied": 5})
    assert ServiceRating.objects.count() == 1


def test_facts_66_a_rating_is_of_five_levels_and_nobody_has_to_give_one(law_cast: Cast) -> None:
    case = deciding(law_cast, day("2026-06-01"))
    do(law_cast, case, "licensing_leader", "grant", day("2026-06-02"), {"decision_number": "1", "conditions": "—"})  # fmt: skip
    do(law_cast, case, "examiner", "deliver", day("2026-06-03"), {"delivery": "window"})
    assert case.status == "ended"  # without one
    for stars in (0, 6):
        with pytest.raises(Invalid):
            do(law_cast, case, "resident", "rate", day("2026-06-04"), {"satisfied": stars})


# ---- 64: 能共享的不再要 --------------------------------------------------------------------------------------


def test_facts_64_who_applies_is_not_asked_what_the_account_says(law_cast: Cast) -> None:
    """国务院令716号: what can be had by sharing is not demanded again (matters: MC404; procedures: PC508)."""
    asked = procedure_of(applied(law_cast).version_id).open_form
    assert not {"applicant_name", "id_number", "address"} & set(asked)
    with pytest.raises(Invalid):
        applied(law_cast, applicant_name="林小邻")
    assert set(APPLICATION) <= set(asked)


# ---- 61、67: 本地的期限都是样例 -------------------------------------------------------------------------------

LIMITS = ("limit", "within", "helpers_within", "extend", "days")
OURS = sorted(
    code
    for code, (path, _) in shipped_files().items()
    if path.parent.parent.name == "matters" and path.parent.name == "procedures"
)


def limits_of(raw: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, str, bool]]:
    """Where each limit stands, the article that sets it, and whether it is marked as a sample."""
    for key, value in raw.items():
        here = f"{where}.{key}".strip(".")
        if isinstance(value, Mapping) and (key not in LIMITS or "title" in value):
            yield from limits_of(value, here)
        elif key in LIMITS and not isinstance(value, int):
            said = value if isinstance(value, Mapping) else raw  # a plain period has the words of its block
            basis = str(said.get("basis", ""))
            yield here, basis, said.get("sample") is True or basis.startswith("样例")


@pytest.mark.parametrize("code", OURS)
def test_facts_61_67_a_limit_has_its_article_or_is_a_sample(code: str) -> None:
    """Nothing looks like law that is ours: what no article sets is a sample, for a county to set its own."""
    found = list(limits_of(shipped_files()[code][1]))
    assert found
    assert not [where for where, basis, sample in found if not basis and not sample]


@pytest.mark.parametrize("code", ["bad-rating", "rating-appeal", "service-rectification"])
def test_facts_67_what_becomes_of_a_bad_rating_is_local_throughout(code: str) -> None:
    assert not [where for where, _, sample in limits_of(shipped_files()[code][1]) if not sample]


# ---- 57、60、61: 不是许可的事项 --------------------------------------------------------------------------------

KEPT = [  # matter, its promise in working days, accepted, last day; the law sets no number of days for any of them
    ("disability-card", 20, "2026-09-18", "2026-10-22"),
    ("disability-card", 20, "2026-06-01", "2026-06-30"),
    ("subsistence", 22, "2026-02-06", "2026-03-16"),
    ("temporary-aid", 5, "2026-04-30", "2026-05-11"),
]  # fmt: skip


@pytest.fixture
def offices(service_cast: Cast) -> Cast:
    put_in_force(service_cast, "disability-card", "subsistence", "temporary-aid")
    return service_cast


def applied_for(cast: Cast, code: str, at: str) -> Case:
    asked: dict[str, Any] = {
        "disability-card": {"answers": {"kind": ["limb"], "home": True}, "papers": {"photo": "bring", "records": "later"}},
        "subsistence": {
            "answers": {"cause": "age", "income": "800", "consent": True},
            "papers": {"authority": "bring"},
        },
        "temporary-aid": {
            "answers": {"cause": "fire", "need": "住处", "urgent": False},
            "papers": {"event": "later", "word": "bring"},
        },
    }[code]  # fmt: skip
    receipt = apply(
        code, by=cast.actor("resident"), area=cast.area("village1"), channel="web",
        applicant=cast.person("resident"), at=day(at), commitment=True, **asked,
    )  # fmt: skip
    return Case.objects.get(number=receipt.number)


@pytest.mark.parametrize(("code", "n", "begun", "last"), KEPT)
def test_facts_57_60_what_is_promised_runs_from_the_day_it_came_when_nobody_asks_in_time(
    offices: Cast, code: str, n: int, begun: str, last: str
) -> None:
    """Nobody asked for a correction within five working days: accepted from the day it was received (优化营商环境条例 36)."""
    assert counted(begun, n) == last
    case = applied_for(offices, code, begun)
    due = task_of(case).due_at
    assert on(due) == counted(begun, 5)
    engine.tick(due + timedelta(minutes=1))
    case.refresh_from_db()
    assert Record.objects.get(case_id=case.pk, action="deemed_accepted").actor_kind == "system"
    assert due_on(case) == last


FOLLOWS = [  # matter, its examiner, accepted, the paper's last day: never later than the promise itself
    ("disability-card", "disabled_examiner", "2026-06-01", "2026-06-15"),
    ("temporary-aid", "civil_examiner", "2026-04-30", "2026-05-11"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "who", "begun", "last"), FOLLOWS)
def test_facts_61_a_paper_follows_within_the_promise_and_before_the_result(
    offices: Cast, code: str, who: str, begun: str, last: str
) -> None:
    case = applied_for(offices, code, begun)
    do(
        offices,
        case,
        who,
        "take_papers",
        day(begun, 10),
        {"handed": ["photo" if code == "disability-card" else "word"]},
    )
    do(offices, case, who, "accept_tolerant", day(begun, 10))
    follows = Case.objects.get(origin=case, procedure="supplement")
    assert on(task_of(follows).due_at) == last
    assert case.due_at is not None
    assert task_of(follows).due_at <= case.due_at


def test_facts_57_no_day_of_the_law_is_made_up(offices: Cast) -> None:
    assert applied_for(offices, "subsistence", "2026-06-01").statutory_due_at is None
