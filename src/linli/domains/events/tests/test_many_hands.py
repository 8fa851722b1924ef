"""Many hands on one event (联合办理): helpers with their own limits, one disputed part, whistle and report, recusal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from linli.base.errors import NotAllowed, NotFound, Refused
from linli.kernel.people.models import Account, Appointment, Post
from linli.kernel.procedures import casebook, engine, proof
from linli.kernel.procedures.models import Case, Recusal, Task
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, event_at

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
GARDEN, PROPERTY, MUNICIPAL = "350102-garden", "350102-property", "350102-municipal"
NOT_OURS = {"reason": "绿化带以外的路面不归园林。", "legal_basis": "职责清单第三条"}


def in_post(cast: Cast, organisation: str, username: str, role: str = "handler") -> Any:
    """Somebody more who handles for an organisation of the cast."""
    from linli.kernel.people.actors import actor_for

    account = Account.objects.create(username=username, name=username, created_at=MONDAY)
    post = Post.objects.create(
        organisation=cast.organisation(organisation), title="承办员", roles=[role], area=cast.area("county")
    )
    Appointment.objects.create(post=post, account=account, from_on=date(2026, 1, 1))
    return actor_for(account)


def joint(cast: Cast) -> Case:
    """Handled by the municipal department, helped by the gardens and the property company."""
    case = event_at(cast, "dispatching")
    helpers = [GARDEN, PROPERTY]
    engine.act(
        case, "assign", {"lead": MUNICIPAL, "helpers": helpers}, by=cast.actor("dispatcher"), at=MONDAY + HOUR
    )
    engine.act(case, "sign", {}, by=cast.actor("handler"), at=MONDAY + 2 * HOUR)
    case.refresh_from_db()
    return case


def open_parts(case: Case) -> dict[str, str]:
    rows = Task.objects.filter(case=case, done_at__isnull=True).select_related("organisation")
    return {row.organisation.code if row.organisation else row.role: row.part for row in rows}


def test_each_organisation_has_its_own_part_and_limit(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    case = joint(cast)
    assert open_parts(case) == {MUNICIPAL: "lead", GARDEN: "helper", PROPERTY: "helper"}
    engine.act(
        case, "answer", {"result": "树修好了", "public_answer": "已修剪"}, by=cast.actor("other_handler"),
        at=MONDAY + 3 * HOUR,
    )  # fmt: skip
    case.refresh_from_db()
    assert case.step == "handling", "a helper's part does not speak for the case"
    assert open_parts(case) == {MUNICIPAL: "lead", PROPERTY: "helper"}
    assert "public_answer" not in case.facts


def test_a_disputed_part_is_decided_while_the_others_go_on(cast: Cast) -> None:
    property_handler = in_post(cast, "property", "property_handler")
    case, at = joint(cast), MONDAY + 3 * HOUR
    engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=at)
    assert open_parts(case) == {MUNICIPAL: "lead", GARDEN: "disputed", PROPERTY: "helper"}
    codes = {a.code for a in engine.open_actions(case, cast.actor("dispatcher"))}
    assert {"part_other", "part_back", "part_drop"} <= codes
    assert "dispute_part" not in {a.code for a in engine.open_actions(case, cast.actor("other_handler"))}
    with pytest.raises(NotAllowed):
        engine.act(case, "part_back", {"reason": "x"}, by=property_handler, at=at)
    with pytest.raises(Refused) as taken:
        engine.act(
            case, "part_other", {"instead": PROPERTY, "reason": "归物业"}, by=cast.actor("dispatcher"), at=at
        )
    assert "已经在办" in taken.value.message.zh
    engine.act(
        case, "part_back", {"reason": "职责清单写明由园林办"}, by=cast.actor("dispatcher"), at=at + HOUR
    )
    assert open_parts(case) == {MUNICIPAL: "lead", GARDEN: "helper", PROPERTY: "helper"}
    with pytest.raises(Refused) as twice:
        engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=at + 2 * HOUR)
    assert "只能提出一次" in twice.value.message.zh
    # The other helper has not disputed yet and still may.
    engine.act(case, "dispute_part", NOT_OURS, by=property_handler, at=at + 2 * HOUR)
    assert proof.replay(Case.objects.get(pk=case.pk)) == []


def test_a_part_goes_to_another_organisation_or_to_nobody(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    committee = in_post(cast, "committee", "committee_handler")
    case, at = joint(cast), MONDAY + 3 * HOUR
    engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=at)
    engine.act(
        case,
        "part_other",
        {"instead": "350102-committee", "reason": "归社区"},
        by=cast.actor("dispatcher"),
        at=at,
    )
    case.refresh_from_db()
    assert open_parts(case) == {MUNICIPAL: "lead", PROPERTY: "helper", "350102-committee": "helper"}
    assert sorted(case.facts["helpers"]) == ["350102-committee", PROPERTY]
    assert visible_to(committee).filter(pk=case.pk).exists()
    engine.act(case, "dispute_part", NOT_OURS, by=committee, at=at + HOUR)
    engine.act(case, "part_drop", {"reason": "不再需要"}, by=cast.actor("dispatcher"), at=at + HOUR)
    case.refresh_from_db()
    assert open_parts(case) == {MUNICIPAL: "lead", PROPERTY: "helper"}
    assert case.facts["helpers"] == [PROPERTY]
    assert proof.replay(case) == []
    assert proof.verify_all().first_fault is None


def test_a_dispute_after_its_day_is_too_late(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    case = joint(cast)
    with pytest.raises(Refused) as late:
        engine.act(
            case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=MONDAY + timedelta(days=3)
        )
    assert "1个工作日内提出，到 11-17 17:00 为止" in late.value.message.zh


def test_whistle_and_report_keeps_who_came_and_what_they_did(cast: Cast) -> None:
    property_handler = in_post(cast, "property", "property_handler")
    receipt = engine.open_case(
        "whistle",
        by=cast.actor("dispatcher"),
        area=cast.area("township"),
        data={
            "matter": "夜市占道，油烟和垃圾一起治理。",
            "departments": [GARDEN, MUNICIPAL, PROPERTY],
            "meet_place": "庆城路口",
            "meet_at": "11月16日 11:00",
        },
        channel="window",
        at=MONDAY,
    )
    case = Case.objects.get(number=receipt.number)
    assert set(open_parts(case).values()) == {"lead", "helper"}
    assert len(open_parts(case)) == 4
    assert visible_to(cast.actor("other_handler")).filter(pk=case.pk).exists()
    engine.act(case, "report_in", {"n_people": 3}, by=cast.actor("handler"), at=MONDAY + HOUR)
    engine.act(case, "report_in", {"n_people": 1}, by=property_handler, at=MONDAY + HOUR)
    engine.act(case, "start", {}, by=cast.actor("dispatcher"), at=MONDAY + 2 * HOUR)
    case.refresh_from_db()
    assert case.step == "working"
    assert case.facts["absent"] == [GARDEN]
    engine.act(case, "part_done", {"part_result": "清了占道"}, by=cast.actor("handler"), at=MONDAY + 5 * HOUR)
    engine.act(case, "sum_up", {"summary": "夜市已规范"}, by=cast.actor("dispatcher"), at=MONDAY + 9 * HOUR)
    case.refresh_from_db()
    assert case.facts["unfinished"] == [GARDEN, PROPERTY]
    engine.act(
        case, "appraise", {"appraisal": "园林没有到场"}, by=cast.actor("leader"), at=MONDAY + 10 * HOUR
    )
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("ended", "resolved")
    arrivals = Record.objects.filter(case_id=case.pk, action="report_in")
    assert arrivals.count() == 2
    assert proof.replay(case) == []
    with pytest.raises(NotAllowed):
        engine.open_case(
            "whistle",
            by=cast.actor("handler"),
            area=cast.area("township"),
            data={},
            channel="window",
            at=MONDAY,
        )


def test_a_recused_helper_leaves_the_joint_case_and_what_came_out_of_it(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    case = joint(cast)
    engine.act(case, "recuse", {"accused": [GARDEN]}, by=cast.actor("supervisor"), at=MONDAY + 3 * HOUR)
    case.refresh_from_db()
    assert open_parts(case) == {MUNICIPAL: "lead", PROPERTY: "helper"}
    assert case.facts["helpers"] == [PROPERTY]
    assert not visible_to(cast.actor("other_handler")).filter(pk=case.pk).exists()
    with pytest.raises(NotFound):
        engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=MONDAY + 4 * HOUR)
    with pytest.raises(Refused) as lead:
        engine.act(
            case, "recuse", {"accused": [MUNICIPAL]}, by=cast.actor("supervisor"), at=MONDAY + 4 * HOUR
        )
    assert "正在承办" in lead.value.message.zh
    assert Recusal.objects.filter(case=case).count() == 1
    assert proof.replay(case) == []


def test_an_organisation_recused_later_is_recused_from_a_part_split_off_before(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    part = {"part_title": "旁边还有一件", "part_category": "test:1:lamp"}
    engine.act(case, "split", part, by=cast.actor("dispatcher"), at=MONDAY + HOUR)
    engine.act(case, "recuse", {"accused": [GARDEN]}, by=cast.actor("supervisor"), at=MONDAY + 2 * HOUR)
    split_off = Case.objects.exclude(pk=case.pk).get()
    engine.act(
        split_off,
        "accept",
        {"category": "test:1:lamp", "grade": "simple"},
        by=cast.actor("dispatcher"),
        at=MONDAY + 3 * HOUR,
    )
    with pytest.raises(Refused) as refused:
        engine.act(split_off, "assign", {"lead": GARDEN}, by=cast.actor("dispatcher"), at=MONDAY + 3 * HOUR)
    assert "须回避" in refused.value.message.zh


def test_a_quarrel_behind_a_report_goes_to_mediation_and_the_report_says_how_that_ended(cast: Cast) -> None:
    case = event_at(cast, "handling")
    at = MONDAY + 3 * HOUR
    engine.act(case, "to_mediation", {"subject": "楼上装修噪声"}, by=cast.actor("handler"), at=at)
    mediation = Case.objects.get(origin=case)
    assert (mediation.procedure, mediation.applicant_id) == ("mediation", case.applicant_id)
    assert mediation.area_id == case.area_id
    engine.act(mediation, "terminate", {"note": "和对方说好了。"}, by=cast.actor("resident"), at=at + HOUR)
    case.refresh_from_db()
    assert case.step == "handling", "the report goes on all the while"
    titles = [e.title.zh for e in casebook.timeline(case, cast.actor("handler"))]
    assert any(t.startswith("“人民调解”已办结") for t in titles)
    assert proof.replay(case) == []
