"""Turns that few cases take (少见的走法): recusal on the way, merges of merges, people who leave, reviews of nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from linli.base.errors import Refused
from linli.domains.events.models import Event
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import reporter_of
from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures import engine, proof, sweeper
from linli.kernel.procedures.models import Case, CaseLink, Participation, Task
from linli.kernel.procedures.queries import access_case, inbox
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

LATER = MONDAY + timedelta(hours=1)
DONE = {"result": "换了灯头。", "public_answer": "亮了。"}


def with_helper(cast: Cast) -> Case:
    """A case that the municipal department handles and the gardeners help with."""
    case = event_at(cast, "dispatching")
    data = {"lead": "350102-municipal", "helpers": ["350102-garden"]}
    engine.act(case, "assign", data, by=cast.actor("dispatcher"), at=LATER)
    engine.act(case, "sign", {}, by=cast.actor("handler"), at=LATER)
    case.refresh_from_db()
    return case


def queues(case: Case) -> list[str]:
    return sorted(Task.objects.filter(case=case, done_at__isnull=True).values_list("queue", flat=True))


def people_told(case: Case) -> set[int]:
    return set(Participation.objects.filter(case=case, kind="person").values_list("ref", flat=True))


def test_a_helper_that_is_recused_loses_its_part_and_does_not_get_it_again(cast: Cast) -> None:
    case = with_helper(cast)
    data = {"accused": ["350102-garden"]}
    engine.act(case, "recuse", data, by=cast.actor("dispatcher"), at=LATER)
    case.refresh_from_db()
    assert queues(case) == [f"handler#{cast.organisation('municipal').pk}"]
    assert case.facts["helpers"] == []
    assert proof.replay(case) == []
    engine.act(case, "answer", DONE, by=cast.actor("handler"), at=LATER)
    engine.act(case, "rework", {"reason": "还不亮"}, by=cast.actor("grid_worker"), at=LATER)
    assert queues(case) == [f"handler#{cast.organisation('municipal').pk}"]


def test_the_lead_named_among_the_helpers_has_one_task(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    data = {"lead": "350102-municipal", "helpers": ["350102-municipal", "350102-garden"]}
    engine.act(case, "assign", data, by=cast.actor("dispatcher"), at=LATER)
    engine.act(case, "sign", {}, by=cast.actor("handler"), at=LATER)
    assert len(queues(case)) == len(set(queues(case))) == 2


def test_rework_gives_every_helper_their_part_again(cast: Cast) -> None:
    case = with_helper(cast)
    engine.act(
        case, "answer", DONE, by=cast.actor("handler"), at=LATER
    )  # the helper's part is closed with it
    assert [q.split("@")[0] for q in queues(case)] == ["grid_worker"]
    engine.act(case, "rework", {"reason": "还不亮"}, by=cast.actor("grid_worker"), at=LATER)
    assert len(queues(case)) == 2


def test_a_helper_does_not_stop_the_clock_of_the_whole_case(cast: Cast) -> None:
    case = with_helper(cast)
    offered = {a.code: a.blocked for a in engine.open_actions(case, cast.actor("other_handler"))}
    assert offered["suspend"] is not None
    assert offered["ask"] is not None
    assert offered["answer"] is None


def test_what_the_recused_committee_would_verify_goes_up_to_whoever_is_next(cast: Cast) -> None:
    above = Post.objects.create(
        organisation=cast.organisation("street"),
        title="网格长",
        roles=["grid_worker"],
        area=cast.area("township"),
    )
    Appointment.objects.create(post=above, account=cast.account("clerk"), from_on=date(2026, 1, 1))
    for recused_at in ("reported", "verifying"):
        case = event_at(cast, recused_at)
        data = {"accused": ["350102-committee"]}
        engine.act(case, "recuse", data, by=cast.actor("dispatcher"), at=LATER)
        if recused_at == "reported":
            for who, action, entries in (
                ("dispatcher", "accept", {"category": "test:1:lamp", "grade": "simple"}),
                ("dispatcher", "assign", {"lead": "350102-municipal"}),
                ("handler", "sign", {}),
                ("handler", "answer", DONE),
            ):
                engine.act(case, action, entries, by=cast.actor(who), at=LATER)
        case.refresh_from_db()
        assert queues(case) == [f"grid_worker@{cast.area('township').prefix}"]
        assert proof.replay(case) == []


def test_a_task_whose_people_left_goes_up_when_it_is_next_looked_at(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    assert queues(case) == [f"grid_worker@{cast.area('grid1').prefix}"]
    Appointment.objects.get(account=cast.account("grid_worker")).delete()
    above = Post.objects.create(
        organisation=cast.organisation("street"),
        title="网格长",
        roles=["grid_worker"],
        area=cast.area("village1"),
    )
    Appointment.objects.create(post=above, account=cast.account("clerk"), from_on=date(2026, 1, 1))
    task = Task.objects.get(case=case, done_at__isnull=True)
    assert task.alert_at is not None
    engine.tick(task.alert_at)
    case.refresh_from_db()
    assert queues(case) == [f"grid_worker@{cast.area('village1').prefix}"]
    assert Notice.objects.filter(account=cast.account("clerk"), template="task.remind").exists()
    assert proof.replay(case) == []


def test_nothing_is_assigned_where_nobody_would_take_it(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    with pytest.raises(Refused) as refused:
        engine.act(case, "assign", {"lead": "350102-property"}, by=cast.actor("dispatcher"), at=LATER)
    assert "没有在岗的承办人员" in refused.value.message.zh


def test_what_the_town_answered_itself_comes_back_to_the_town(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "return_to_dispatch", {"reason": "无管辖权"}, by=cast.actor("handler"), at=LATER)
    engine.act(case, "settle", DONE, by=cast.actor("dispatcher"), at=LATER)
    case.refresh_from_db()
    assert case.lead_id is None
    engine.act(case, "not_solved", {"reason": "还不亮"}, by=cast.actor("resident"), at=LATER)
    case.refresh_from_db()
    assert case.step == "dispatching"
    assert [r.case for r in inbox(cast.actor("dispatcher")).items] == [case]
    assert proof.replay(case) == []


def test_rework_of_an_organisation_without_people_goes_to_the_dispatcher(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    Appointment.objects.get(account=cast.account("handler")).delete()
    engine.act(case, "rework", {"reason": "还不亮"}, by=cast.actor("grid_worker"), at=LATER)
    case.refresh_from_db()
    assert case.step == "dispatching"


def test_a_merge_of_merges_keeps_everybody_informed_and_comes_apart_in_any_order(cast: Cast) -> None:
    resident, outsider = cast.person("resident").pk, cast.person("outsider").pk
    for first_undone in ("a", "b"):
        c = event_at(cast, "dispatching", by="anonymous")
        b, a = reported(cast, by="outsider"), reported(cast)
        for case, master in ((a, b), (b, c)):
            engine.act(case, "merge", {"master": master.number}, by=cast.actor("dispatcher"), at=LATER)
        assert people_told(c) == {resident, outsider}
        assert Event.objects.get(case=c).n_reporters == 3
        undone, other = (a, b) if first_undone == "a" else (b, a)
        engine.act(undone, "unmerge", {"reason": "另一处"}, by=cast.actor("dispatcher"), at=LATER)
        left = {outsider} if first_undone == "a" else set()
        assert people_told(c) == left
        assert Event.objects.get(case=c).n_reporters == 1 + len(left)
        engine.act(other, "unmerge", {"reason": "另一处"}, by=cast.actor("dispatcher"), at=LATER)
        assert people_told(c) == set()
        assert people_told(b) == {outsider}
        assert [e.n_reporters for e in Event.objects.filter(case__in=[a, b, c])] == [1, 1, 1]
        assert not CaseLink.objects.filter(kind="merged", undone_at__isnull=True).exists()


def test_of_a_case_without_a_name_those_who_joined_are_told(cast: Cast) -> None:
    master, other = event_at(cast, "dispatching", by="anonymous"), reported(cast)
    engine.act(other, "merge", {"master": master.number}, by=cast.actor("dispatcher"), at=LATER)
    engine.act(master, "assign", {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), at=LATER)
    assert Notice.objects.filter(case_number=master.number, person=cast.person("resident")).exists()


def test_what_others_reported_too_is_not_withdrawn_by_one(cast: Cast) -> None:
    master, other = reported(cast), reported(cast, by="anonymous")
    engine.act(other, "merge", {"master": master.number}, by=cast.actor("dispatcher"), at=LATER)
    with pytest.raises(Refused) as refused:
        engine.act(master, "withdraw", {}, by=cast.actor("resident"), at=LATER)
    assert "别人也反映了" in refused.value.message.zh


def test_the_end_is_told_to_the_applicant_and_never_twice(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    data = {"contacted": True, "solved": True, "satisfied": 5}
    engine.act(case, "call_back", data, by=cast.actor("call_back"), at=LATER)
    told = Notice.objects.filter(case_number=case.number, person=cast.person("resident"), channel="in_app")
    assert [n.template for n in told.order_by("-id")][:1] == ["case.closed"]
    assert told.filter(template="case.closed").count() == 1
    forgotten = event_at(cast, "evaluating")
    engine.tick(MONDAY + timedelta(days=40))
    assert Notice.objects.filter(case_number=forgotten.number, template="case.closed").exists()


def test_the_lead_is_told_that_a_case_was_withdrawn(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "withdraw", {}, by=cast.actor("resident"), at=LATER)
    told = Notice.objects.filter(case_number=case.number, account=cast.account("handler"), channel="in_app")
    assert told.order_by("-id").values_list("template", flat=True)[0] == "task.withdrawn"


def test_only_a_declined_report_is_reviewed_and_only_once(cast: Cast) -> None:
    case = reported(cast)

    def review() -> str:
        return engine.open_case(
            "event-review",
            by=cast.actor("resident"),
            area=case.area,
            data={"challenged": case.number, "reason": "应当受理"},
            channel="web",
            applicant=cast.person("resident"),
            at=LATER,
        ).number

    with pytest.raises(Refused) as refused:
        review()
    assert refused.value.code == "procedures.nothing_to_challenge"
    reasons = {"reason": "不属于受理范围", "legal_basis": "清单第 2 项"}
    engine.act(case, "decline", reasons, by=cast.actor("dispatcher"), at=LATER)
    number = review()
    with pytest.raises(Refused) as twice:
        review()
    assert twice.value.code == "procedures.challenged_already"
    assert number in twice.value.message.zh
    engine.act(number, "uphold", {"opinion": "应当受理"}, by=cast.actor("supervisor"), at=LATER)
    case.refresh_from_db()
    assert case.step == "reported"
    assert Record.objects.filter(case_id=case.pk, action="review_upheld").count() == 1
    assert proof.verify_all().first_fault is None


def test_one_sick_case_does_not_hold_up_the_sweeper(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sick, well = reported(cast), reported(cast)
    real = sweeper._warn

    def falls_ill(case: object, *args: object, **kwargs: object) -> None:
        if getattr(case, "id", None) == sick.pk:
            raise KeyError("ill")
        real(case, *args, **kwargs)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(sweeper, "_warn", falls_ill)
    assert engine.tick(LATER) == 2
    assert not Record.objects.filter(case_id=sick.pk, action="clock.remind").exists()
    assert Record.objects.filter(case_id=well.pk, action="clock.remind").exists()
    assert engine.tick(LATER) == 1  # the other one alone: the sick one is put off


def test_who_rates_just_before_the_timeout_has_rated(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    data = {"contacted": True, "solved": True, "satisfied": 4}
    engine.act(case, "rate", data, by=cast.actor("resident"), at=LATER)
    engine.tick(MONDAY + timedelta(days=60))
    assert not Record.objects.filter(case_id=case.pk, action="close_unrated").exists()


def test_numbers_begin_anew_with_the_year_in_shanghai(cast: Cast) -> None:
    last = reported(cast, at=datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    first = reported(cast, at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert last.number.startswith("350102-EV-2026-")
    assert first.number == "350102-EV-2027-000001"


def test_a_reporter_without_a_name_withdraws_by_code(cast: Cast) -> None:
    case = reported(cast, by="anonymous")
    engine.act(case, "withdraw", {}, by=reporter_of(case.pk), at=LATER)
    case.refresh_from_db()
    assert case.outcome == "withdrawn"


def test_an_organisation_that_lost_the_case_reads_on_and_does_nothing_more(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "return_to_dispatch", {"reason": "无管辖权"}, by=cast.actor("handler"), at=LATER)
    engine.act(case, "assign", {"lead": "350102-garden"}, by=cast.actor("dispatcher"), at=LATER)
    case.refresh_from_db()
    assert access_case(case.number, cast.actor("handler")) == case
    assert engine.open_actions(case, cast.actor("handler")) == []
