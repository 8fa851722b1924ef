"""A plan of help (关爱帮扶全程): consent first, named readers alone, looks told, withdrawal erases, heard before it stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.domains.care import queries
from linli.domains.care.models import HelpPlan, ServiceTotal, Visit
from linli.kernel.people.actors import actor_for
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import casebook, engine
from linli.kernel.procedures.links import linked_cases
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.procedures.queries import access_case
from linli.kernel.procedures.retention import erase_due
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import ErasableFact
from tests.cast import STAFF, Cast
from tests.lawcast import LAW_STAFF

AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HEALTH = {"health_need": "上下楼要有人扶。"}


def day(n: int) -> str:
    return (local(AT).date() + n * DAY).isoformat()


def asked(cast: Cast, code: str = "help-plan", *, by: str = "resident", **data: Any) -> Case:
    group = "elderly" if code == "help-plan" else "left_behind"
    receipt = engine.open_case(
        code,
        by=cast.actor(by),
        area=cast.area("village1"),
        data={"target_group": group, "wish": "想有人帮忙买菜。", "home_address": "和平路 12 号", **data},
        channel="web" if by == "resident" else "field",
        applicant=cast.person("resident"),
        at=AT,
    )
    return Case.objects.get(number=receipt.number)


def do(cast: Cast, case: Case, who: str, action: str, after: float = 0, **data: Any) -> Case:
    engine.act(case, action, data, by=cast.actor(who), at=AT + after * DAY)
    case.refresh_from_db()
    return case


def planned(cast: Cast, *scopes: str, **data: Any) -> Case:
    case = asked(cast)
    consent: dict[str, Any] = {"consent_scope": list(scopes)} if scopes else {}
    do(cast, case, "care_worker", "agree", consent_ground="consent", **consent)
    settled = {"needs": "买菜做饭困难。", "goals": "每天中午送一餐", "review_on": day(60), **data}
    return do(cast, case, "care_worker", "plan", 1, **settled)


def sees(cast: Cast, case: Case) -> set[str]:
    """Who of all the staff of the county may open it."""
    return {n for n in (*STAFF, *LAW_STAFF) if visible_to(cast.actor(n)).filter(pk=case.pk).exists()}


def test_the_care_team_alone_sees_a_file_and_it_closes_at_its_end(law_cast: Cast) -> None:
    """Not the neighbour's worker, not the dispatcher, supervisor, leader or administrator; children's files apart."""
    case = planned(law_cast)
    assert sees(law_cast, case) == {"care_worker"}
    child = asked(law_cast, "child-care")
    assert sees(law_cast, child) == {"child_worker"}
    do(law_cast, child, "child_worker", "agree", consent_ground="minors_43")
    assert sees(law_cast, child) == {"child_worker"}
    do(law_cast, case, "care_worker", "end_agreed", 2, agreed_end="yes")
    assert sees(law_cast, case) == set()
    assert visible_to(law_cast.actor("resident")).filter(pk=case.pk).exists()
    assert verify_all().first_fault is None


def test_the_title_tells_nobody_what_was_asked(law_cast: Cast) -> None:
    assert asked(law_cast).title == "关爱帮扶"


def test_nothing_is_entered_without_the_persons_agreement(law_cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        asked(law_cast, by="care_worker")
    assert refused.value.code == "care.not_agreed"
    assert not Case.objects.filter(procedure="help-plan").exists()
    assert asked(law_cast, by="care_worker", agreed="yes").step == "asked"
    with pytest.raises(NotAllowed):
        asked(law_cast, by="dispatcher", agreed="yes")


def test_a_consent_opens_health_and_its_withdrawal_erases(law_cast: Cast) -> None:
    """个人信息保护法 29、47: a separate consent before the field opens; withdrawn, it is gone, and the help goes on."""
    case = planned(law_cast)
    changed = {"needs": "买菜困难。", "goals": "送餐", **HEALTH}
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "care_worker", "change_plan", 2, **changed)
    assert "健康情况" in refused.value.message.zh
    assert "health" in refused.value.message.en
    with pytest.raises(Refused):
        do(law_cast, case, "resident", "withdraw_consent", 2)
    with pytest.raises(Invalid) as nothing:
        do(law_cast, case, "resident", "give_consent", 2, consent_scope=[])
    assert nothing.value.code == "care.nothing_agreed"
    do(law_cast, case, "resident", "give_consent", 2, consent_scope=["health"])
    do(law_cast, case, "care_worker", "change_plan", 2, **changed)
    assert ErasableFact.objects.filter(case_id=case.pk, name="health_need").exists()
    do(law_cast, case, "resident", "withdraw_consent", 3)
    assert not ErasableFact.objects.filter(case_id=case.pk, name="health_need").exists()
    assert ErasableFact.objects.filter(case_id=case.pk, name="needs").exists()
    assert case.step == "helping"
    assert replay(case) == []
    assert verify_all().first_fault is None
    with pytest.raises(Refused):
        do(law_cast, case, "care_worker", "change_plan", 4, **changed)


def test_a_law_opens_no_more_than_it_says(law_cast: Cast) -> None:
    """社会救助法 40–41 asks for a consent before means; 未成年人保护法 43 has a file about who looks after the child."""
    case = asked(law_cast)
    do(law_cast, case, "care_worker", "agree", consent_ground="assistance_37")
    plan = {"needs": "需要救助。", "goals": "一起申请", "review_on": day(30)}
    with pytest.raises(Refused):
        do(law_cast, case, "care_worker", "plan", 1, **plan, money_need="收入少。")
    child = asked(law_cast, "child-care")
    do(law_cast, child, "child_worker", "agree", consent_ground="minors_43", consent_scope=["health"])
    do(law_cast, child, "child_worker", "plan", 1, **plan, family_need="由外婆照看。", **HEALTH)
    do(law_cast, child, "resident", "withdraw_consent", 2)
    kept = set(ErasableFact.objects.filter(case_id=child.pk).values_list("name", flat=True))
    assert "family_need" in kept
    assert "health_need" not in kept


def test_a_plan_is_reviewed_within_three_months(law_cast: Cast) -> None:
    case = planned(law_cast)
    for far in (day(-1), day(120)):
        with pytest.raises(Refused):
            do(law_cast, case, "care_worker", "review", 1, finding="送餐正常。", review_on=far)
    do(law_cast, case, "care_worker", "review", 60, finding="送餐正常。", review_on=day(140))
    assert HelpPlan.objects.get(case=case).review_on == local(AT).date() + 140 * DAY


def test_a_plan_ends_within_a_year(law_cast: Cast) -> None:
    case = planned(law_cast)
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "care_worker", "review", 300, finding="送餐正常。", review_on=day(380))
    assert "一年" in refused.value.message.zh
    do(law_cast, case, "care_worker", "review", 300, finding="送餐正常。", review_on=day(360))
    assert case.step == "helping"


def test_a_visit_keeps_nothing_that_was_not_agreed_to(law_cast: Cast) -> None:
    case = planned(law_cast)
    do(law_cast, case, "care_worker", "plan_visit", 1, visit_on=day(3), visit_topic="errand")
    made = {"visit_on": day(3), "visit_topic": "errand"}
    with pytest.raises(Refused):  # the day has not come
        do(law_cast, case, "care_worker", "visited", 2, **made, met="met")
    with pytest.raises(Refused):
        do(law_cast, case, "care_worker", "visited", 3, **made, met="unwanted", request="想要轮椅。")
    do(
        law_cast,
        case,
        "care_worker",
        "visited",
        3,
        **made,
        met="met",
        request="想要轮椅。",
        answer="下周送来。",
    )
    visit = Visit.objects.get(plan_id=case.pk)
    assert (visit.state, visit.asked, visit.answered) == ("met", True, True)
    with pytest.raises(Refused):
        do(law_cast, case, "care_worker", "plan_visit", 4, visit_on=day(3), visit_topic="errand")


def test_what_was_asked_for_waits_until_it_is_answered(law_cast: Cast) -> None:
    case, worker = planned(law_cast), law_cast.actor("care_worker")
    with pytest.raises(Refused):
        do(law_cast, case, "care_worker", "answer_request", 2, answer="下周送来。")
    made = {"visit_on": day(3), "visit_topic": "errand", "met": "met", "request": "想要轮椅。"}
    do(law_cast, case, "care_worker", "visited", 3, **made)
    assert [v.plan_id for v in queries.unanswered(worker)] == [case.pk]
    assert queries.unanswered(law_cast.actor("other_care_worker")) == []
    assert "待答复的事" in law_cast.client("care_worker").get("/staff/care/").content.decode()
    do(law_cast, case, "care_worker", "answer_request", 4, answer="下周送来。")
    assert queries.unanswered(worker) == []


def test_each_look_is_in_the_persons_own_list(law_cast: Cast) -> None:
    case = planned(law_cast)
    looks = AccessEntry.objects.filter(person=law_cast.person("resident"), case_number=case.number)
    casebook.timeline(access_case(case.number, law_cast.actor("resident")), law_cast.actor("resident"))
    assert not looks.exists()
    worker = law_cast.actor("care_worker")
    casebook.timeline(access_case(case.number, worker), worker)
    assert [look.what for look in looks] == ["file"]
    do(law_cast, case, "care_worker", "plan_visit", 1, visit_on=day(2), visit_topic="company")
    moment = AT + 2 * DAY
    page = queries.calls(worker, local(moment).date(), at=moment)
    assert [(c.name, c.address) for c in page.items] == [("林小邻", "和平路 12 号")]
    assert looks.filter(what="name, home_address").count() == 1
    queries.calls(worker, local(moment).date(), at=moment)
    assert looks.filter(what="name, home_address").count() == 1
    neighbour = queries.calls(law_cast.actor("other_care_worker"), local(moment).date(), at=moment)
    assert neighbour.items == []
    with pytest.raises(NotFound):
        access_case(case.number, law_cast.actor("other_care_worker"))


def test_what_was_asked_for_becomes_a_case_that_does_not_tell_about_the_plan(law_cast: Cast) -> None:
    case = planned(law_cast)
    do(law_cast, case, "care_worker", "to_report", 2, description="楼道的灯坏了。")
    event = Case.objects.get(procedure="grid-event")
    assert (event.title, event.origin_id) == ("网格事件", case.pk)
    dispatcher = law_cast.actor("dispatcher")
    assert visible_to(dispatcher).filter(pk=event.pk).exists()
    assert linked_cases(event, dispatcher) == []
    page = law_cast.client("dispatcher").get(f"/staff/cases/{event.number}/").content.decode()
    assert case.number not in page
    assert "关爱帮扶" not in page


def test_a_file_closes_to_whoever_leaves_the_post_or_hands_it_over(law_cast: Cast) -> None:
    case = planned(law_cast)
    do(law_cast, case, "care_worker", "propose_end", 5, reason="没有见到。")
    assert sees(law_cast, case) == {"care_worker", "care_lead"}
    do(law_cast, case, "care_lead", "go_on", 6)
    with pytest.raises(Refused):
        do(law_cast, case, "care_worker", "take_over", 7)
    post = law_cast.post("care_worker")
    post.roles = ["grid_worker"]
    post.save()
    assert not visible_to(actor_for(law_cast.account("care_worker"))).filter(pk=case.pk).exists()


def test_the_day_costs_the_same_with_many_visits(law_cast: Cast, django_assert_max_num_queries: Any) -> None:
    worker = law_cast.actor("care_worker")
    for n in range(6):
        case = planned(law_cast)
        do(law_cast, case, "care_worker", "plan_visit", 1, visit_on=day(2), visit_topic="company")
        if n in (0, 5):
            queries.calls(worker, local(AT).date() + 2 * DAY, at=AT + DAY)  # the first look of the day
            with django_assert_max_num_queries(4):
                queries.calls(worker, local(AT).date() + 2 * DAY, at=AT + DAY)


def test_help_stops_against_a_wish_only_after_the_person_was_heard(law_cast: Cast) -> None:
    """社会救助法 48; the reason, the law and a review that can be asked for come with it."""
    case = planned(law_cast, "health", **HEALTH)
    do(law_cast, case, "care_worker", "propose_end", 5, reason="三次没有见到。")
    decision = {"reason": "已搬走。", "legal_basis": "社会救助法 48"}
    with pytest.raises(NotAllowed):  # who proposed it does not decide
        do(law_cast, case, "care_worker", "stop", 6, **decision)
    with pytest.raises(Refused) as refused:
        do(law_cast, case, "care_lead", "stop", 6, **decision)
    assert "听取" in refused.value.message.zh
    do(law_cast, case, "resident", "state", 7, statement="我只是去了女儿家。")
    do(law_cast, case, "care_lead", "stop", 8, **decision)
    assert (case.step, case.outcome) == ("stopped", "stopped")
    review = engine.open_case(
        "care-review",
        by=law_cast.actor("resident"),
        area=law_cast.area("village1"),
        data={"challenged": case.number, "reason": "还需要送餐。"},
        channel="web",
        at=AT + 9 * DAY,
    )
    found = Case.objects.get(number=review.number)
    assert sees(law_cast, found) == {"county_care_lead"}
    do(law_cast, found, "county_care_lead", "uphold", 10, opinion="本人仍需要。")
    case.refresh_from_db()
    assert (case.step, case.status) == ("helping", "open")
    assert HelpPlan.objects.get(case=case).group == "elderly"
    assert sees(law_cast, case) == {"care_worker"}


def test_no_answer_in_time_lets_the_head_decide(law_cast: Cast) -> None:
    case = planned(law_cast)
    do(law_cast, case, "care_worker", "propose_end", 5, reason="三次没有见到。")
    do(law_cast, case, "care_lead", "stop", 15.5, reason="没有回音。", legal_basis="社会救助法 48")
    assert case.outcome == "stopped"


def test_what_was_written_about_health_goes_a_month_after_the_end(law_cast: Cast) -> None:
    case = planned(law_cast, "health", **HEALTH)
    do(law_cast, case, "care_worker", "plan_visit", 2, visit_on=day(9), visit_topic="company")
    do(law_cast, case, "resident", "leave", 3)
    assert not Visit.objects.filter(plan_id=case.pk).exists()
    assert HelpPlan.objects.get(case=case).group == ""
    facts = ErasableFact.objects.filter(case_id=case.pk)
    erase_due(AT + 40 * DAY)
    assert not facts.filter(name="health_need").exists()
    assert facts.filter(name="needs").exists()
    erase_due(AT + 400 * DAY)
    assert not facts.filter(name__in=("needs", "wish", "home_address", "target_group")).exists()


def test_figures_have_no_small_numbers_and_no_files(law_cast: Cast) -> None:
    for _ in range(5):
        asked(law_cast)
    asked(law_cast, "child-care")
    ServiceTotal.objects.create(
        village="350102001001", month=local(AT).date().replace(day=1), service="meals", n=4
    )
    groups, services = queries.totals(law_cast.actor("care_lead"), local(AT).date().replace(day=1))
    shown = {t.title.en: str(t.n) for t in (*groups, *services)}
    assert shown["Elderly person left behind"] == "5"
    assert shown["Meals"] in {"少于 5", "under 5"}
    assert "Child left behind" not in shown
    assert queries.calls(law_cast.actor("care_lead"), local(AT).date(), at=AT).items == []


def test_pages_open_to_the_care_team_alone(law_cast: Cast) -> None:
    for name in ("dispatcher", "supervisor", "admin", "leader", "grid_worker"):
        client = law_cast.client(name)
        assert client.get("/staff/care/").status_code == 403
        assert client.get("/staff/care/totals/").status_code == 403
    assert law_cast.client("care_worker").get("/staff/care/").status_code == 200
    assert law_cast.client("care_worker").get("/staff/care/totals/").status_code == 403
    assert law_cast.client("care_lead").get("/staff/care/totals/").status_code == 200
    paper = law_cast.client("anonymous").get("/services/help-plan/paper/").content.decode()
    assert "留守老人" in paper
    assert "None" not in paper
    page = law_cast.client("anonymous").get("/care/self-check/")
    assert b"<form" not in page.content.split(b"<main")[1].split(b"</main")[0]


def test_a_service_is_counted_without_the_person(law_cast: Cast) -> None:
    for _ in range(2):
        engine.open_case(
            "care-service",
            by=law_cast.actor("resident"),
            area=law_cast.area("village1"),
            data={"service": "counselling", "wanted": "想找人谈谈。"},
            channel="web",
            applicant=law_cast.person("resident"),
            at=AT,
        )
    total = ServiceTotal.objects.get()
    assert (total.village, total.service, total.n) == ("350102001001", "counselling", 2)
    case = Case.objects.filter(procedure="care-service").first()
    assert case is not None
    assert sees(law_cast, case) == {"care_worker"}
