"""Rating a service and what a bad rating brings about (好差评): once, anonymous to who worked on it, put right, appealed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from linli.base.clock import local, now
from linli.base.errors import LinliError, NotAllowed, Refused
from linli.domains.matters.models import ServiceRating
from linli.domains.matters.tests.ways import LICENSING, MONDAY, applied, deciding, do
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.links import linked_cases
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.visibility import visible_to
from tests.cast import Cast

pytestmark = pytest.mark.django_db
GRANT = {
    "decision_number": "鼓审批〔2026〕12号",
    "conditions": "门楣一块，长三米。",
    "valid_until": "2029-06-01",
}
BAD = {"satisfied": 1, "blame": ["slow", "many_trips"], "comment": "跑了四趟，石局长手下的人说不清。"}
WORKED = ("examiner", "licensing_leader", "licensing_handler", "clerk")


def delivered(cast: Cast) -> Case:
    case = deciding(cast)
    do(cast, case, "licensing_leader", "grant", MONDAY + timedelta(days=1), GRANT)
    return do(cast, case, "examiner", "deliver", MONDAY + timedelta(days=2), {"delivery": "window"})


def rated_badly(cast: Cast, **data: Any) -> tuple[Case, Case]:
    """The rated service and the case that follows it up (差评与它的整改件)."""
    case = do(cast, delivered(cast), "resident", "rate", MONDAY + timedelta(days=3), {**BAD, **data})
    return case, Case.objects.get(procedure="bad-rating")


def verified(cast: Cast) -> Case:
    _, follow_up = rated_badly(cast)
    return do(cast, follow_up, "rating_reviewer", "verify", MONDAY + timedelta(days=3, hours=1), {
        "verified": "留痕里申请人补正了三次，每次只说一项。",
    })  # fmt: skip


def to_rectify(cast: Cast) -> tuple[Case, Case]:
    follow_up = do(cast, verified(cast), "rating_reviewer", "to_rectify", MONDAY + timedelta(days=4), {
        "reached": "reached", "said": "就想一次说清楚。", "office": LICENSING, "problem": "补正没有一次说全。",
    })  # fmt: skip
    return follow_up, Case.objects.get(procedure="service-rectification")


def test_a_good_rating_counts_and_brings_nothing_about(law_cast: Cast) -> None:
    case = do(law_cast, delivered(law_cast), "resident", "rate", MONDAY, {"satisfied": 4})
    rating = ServiceRating.objects.get()
    assert (rating.rated, rating.stars, rating.organisation) == (
        case,
        4,
        Organisation.objects.get(code=LICENSING),
    )
    assert not Case.objects.filter(procedure="bad-rating").exists()


def test_a_service_is_rated_once(law_cast: Cast) -> None:
    case, _ = rated_badly(law_cast)
    with pytest.raises(LinliError):
        do(law_cast, case, "resident", "rate", MONDAY + timedelta(days=4), {"satisfied": 5})
    assert [r.stars for r in ServiceRating.objects.all()] == [1]
    assert Case.objects.filter(procedure="bad-rating").count() == 1


def test_nobody_but_the_person_rates(law_cast: Cast) -> None:
    case = delivered(law_cast)
    for who in (*WORKED, "supervisor", "outsider"):
        with pytest.raises((NotAllowed, Refused, LinliError)):
            do(law_cast, case, who, "rate", MONDAY + timedelta(days=3), {"satisfied": 5})
    assert not ServiceRating.objects.exists()


@pytest.mark.parametrize("who", WORKED)
def test_who_worked_on_it_cannot_learn_who_rated_badly(law_cast: Cast, who: str) -> None:
    case, follow_up = rated_badly(law_cast)
    actor = law_cast.actor(who)
    facts = {f.code for e in timeline(case, actor) for f in e.facts}
    assert not facts & {"satisfied", "blame", "comment"}
    assert not visible_to(actor).filter(pk=follow_up.pk).exists()
    assert linked_cases(case, actor) == []
    said = [str(e.title) for e in timeline(case, actor)]
    assert not any("差评" in words for words in said)


def test_the_whole_way_back_to_the_person(law_cast: Cast) -> None:
    follow_up, work = to_rectify(law_cast)
    assert (follow_up.step, work.step) == ("rectifying", "rectifying")
    do(
        law_cast,
        work,
        "licensing_leader",
        "report",
        MONDAY + timedelta(days=7),
        {"done": "补正单改为一次列全，主任复核。"},
    )
    follow_up.refresh_from_db()
    assert follow_up.step == "answering"
    do(
        law_cast,
        follow_up,
        "rating_reviewer",
        "answer",
        MONDAY + timedelta(days=8),
        {"answer": "补正单已改，向您道歉。"},
    )
    assert (follow_up.step, follow_up.outcome) == ("answered", "answered")
    rating = ServiceRating.objects.get()
    assert (rating.counted, str(rating.put_right_on)) == (True, "2026-06-09")
    read = {f.code: str(f.value) for e in timeline(follow_up, law_cast.actor("resident")) for f in e.facts}
    assert read["answer"] == "补正单已改，向您道歉。"
    assert "verified" not in read
    assert replay(follow_up) == replay(work) == []
    assert verify_all().first_fault is None


@pytest.mark.parametrize("who", ["licensing_leader", "licensing_handler", "examiner"])
def test_the_organisation_is_told_the_problem_and_no_more(law_cast: Cast, who: str) -> None:
    follow_up, work = to_rectify(law_cast)
    actor = law_cast.actor(who)
    assert visible_to(actor).filter(pk=work.pk).exists()
    assert not visible_to(actor).filter(pk=follow_up.pk).exists()
    page = law_cast.client(who).get(f"/staff/cases/{work.number}/").content.decode()
    assert "补正没有一次说全" in page
    for hidden in ("林小邻", "跑了四趟", "一次说清楚", "不满意", follow_up.number, "139"):
        assert hidden not in page, hidden


def test_who_worked_on_the_service_does_not_look_into_its_rating(law_cast: Cast) -> None:
    case = applied(law_cast)
    do(law_cast, case, "examiner_and_reviewer", "accept", MONDAY)
    for who, action, data in (
        ("examiner", "allot", {"handling": "single", "public_interest": False}),
        ("examiner", "report", {"opinion": "符合条件。", "affects_others": False}),
        ("licensing_leader", "grant", GRANT),
        ("examiner", "deliver", {"delivery": "window"}),
        ("resident", "rate", BAD),
    ):
        do(law_cast, case, who, action, MONDAY + timedelta(days=1), data)
    follow_up = Case.objects.get(procedure="bad-rating")
    found = {"verified": "属实。"}
    with pytest.raises(Refused) as refused:
        do(law_cast, follow_up, "examiner_and_reviewer", "verify", MONDAY + timedelta(days=1), found)
    assert "参与办理" in str(refused.value)
    do(law_cast, follow_up, "rating_reviewer", "verify", MONDAY + timedelta(days=1), found)


def test_not_reached_is_not_cleared_up(law_cast: Cast) -> None:
    follow_up = verified(law_cast)
    with pytest.raises(Refused) as refused:
        do(law_cast, follow_up, "rating_reviewer", "settled", MONDAY + timedelta(days=4), {
            "reached": "not_reached", "said": "没有人接。", "answer": "已经说清楚。",
        })  # fmt: skip
    assert "没有联系上" in str(refused.value)


def test_malicious_is_found_by_somebody_else_with_reasons_and_can_be_appealed(law_cast: Cast) -> None:
    _, follow_up = rated_badly(law_cast, comment="随便打的。")
    do(
        law_cast,
        follow_up,
        "rating_reviewer",
        "propose_filter",
        MONDAY + timedelta(days=3, hours=1),
        {"verified": "本人说打错了。"},
    )
    with pytest.raises(LinliError):  # not by the one who proposed it
        do(
            law_cast,
            follow_up,
            "rating_reviewer",
            "filter",
            MONDAY + timedelta(days=4),
            {"reason": "恶意。", "legal_basis": "国办发〔2019〕51号"},
        )
    with pytest.raises(LinliError):  # nor without a reason
        do(
            law_cast,
            follow_up,
            "supervisor",
            "filter",
            MONDAY + timedelta(days=4),
            {"legal_basis": "国办发〔2019〕51号"},
        )
    assert ServiceRating.objects.get().counted
    do(
        law_cast,
        follow_up,
        "supervisor",
        "filter",
        MONDAY + timedelta(days=4),
        {"reason": "与办理无关。", "legal_basis": "国办发〔2019〕51号"},
    )
    assert (follow_up.outcome, ServiceRating.objects.get().counted) == ("filtered", False)

    receipt = engine.open_case(
        "rating-appeal", by=law_cast.actor("resident"), area=law_cast.area("village1"), channel="web",
        data={"challenged": follow_up.number, "reason": "确实跑了四趟，有回执。"}, at=MONDAY + timedelta(days=5),
    )  # fmt: skip
    appeal = Case.objects.get(number=receipt.number)
    with pytest.raises(LinliError):  # whoever decided is recused
        do(law_cast, appeal, "supervisor", "uphold", MONDAY + timedelta(days=6), {"opinion": "成立。"})
    do(
        law_cast,
        appeal,
        "second_supervisor",
        "uphold",
        MONDAY + timedelta(days=6),
        {"opinion": "回执属实，成立。"},
    )
    follow_up.refresh_from_db()
    assert (follow_up.step, follow_up.status) == ("calling", "open")
    assert ServiceRating.objects.get().counted


def test_each_step_has_its_day(law_cast: Cast) -> None:
    """Samples: looked into within 1 working day, called within 2, put right within 5, all within 15 (facts 67)."""
    _, follow_up = rated_badly(law_cast)  # Thursday 4 June 2026
    due = [str(Task.objects.get(case=follow_up, done_at__isnull=True).due_at.date())]
    assert due == ["2026-06-05"]
    assert follow_up.due_at is not None
    assert str(follow_up.due_at.date()) == "2026-06-26"  # 19 June is the Dragon Boat holiday


def given(
    cast: Cast, stars: list[int], organisation: str, on: str = "2026-04-10", *, counted: bool = True
) -> None:
    for n in stars:
        ServiceRating.objects.create(
            rated=applied(cast),
            organisation=Organisation.objects.get(code=organisation),
            matter="licence",
            stars=n,
            given_on=on,
            counted=counted,
        )


def test_the_page_shows_sums_by_office_and_nothing_of_fewer_than_five(law_cast: Cast) -> None:
    given(law_cast, [5, 5, 4, 3, 1], LICENSING)
    given(law_cast, [1, 1], LICENSING, counted=False)
    given(law_cast, [1, 2, 3], "350102-garden")
    page = law_cast.client("anonymous").get("/ratings/?quarter=2026-2").content.decode()
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page, re.DOTALL)
    told = [re.sub(r"<[^>]+>", " ", row).split() for row in rows]
    assert told == [
        ["区园林中心", "少于", "5", "太少，不公布"],
        ["鼓楼区行政审批局", "5", "80", "%", "2", "1", "1", "0", "1", "0", "/", "1"],
    ]


def test_the_days_of_this_month_are_not_in_it_yet(law_cast: Cast) -> None:
    today = local(now()).date()
    given(law_cast, [5] * 6, LICENSING, today.isoformat())
    assert "还没有评价" in law_cast.client("anonymous").get("/ratings/").content.decode()


@pytest.mark.django_db
def test_the_page_takes_the_same_few_queries_however_many_were_rated(
    law_cast: Cast, django_assert_max_num_queries: Any
) -> None:
    given(law_cast, [5] * 30, LICENSING)
    given(law_cast, [4] * 20, "350102-garden")
    client = law_cast.client("anonymous")
    client.get("/ratings/?quarter=2026-2")
    with django_assert_max_num_queries(4):
        client.get("/ratings/?quarter=2026-2")
