"""Running events move to a newer version (在办件转版): what the dry run says, what the move does, what stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from linli.base.clock import today
from linli.base.errors import NotFound, OutOfDate, Refused
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Appointment
from linli.kernel.procedures import engine, moving, proof, versions
from linli.kernel.procedures.casebook import case_due, tasks_of, timeline
from linli.kernel.procedures.loader import lay_over
from linli.kernel.procedures.models import Case, ProcedureVersion, Task
from linli.kernel.procedures.moving import Planned
from linli.kernel.procedures.replanning import Replanned
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BASIS = "测试办〔2026〕9号 第二条"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    versions.forget()
    moving._in_the_way.cache_clear()
    yield
    versions.forget()
    moving._in_the_way.cache_clear()


def shipped() -> dict[str, Any]:
    return versions.shipped_files()["grid-event"][1]


def newer(changes: dict[str, Any] | None = None, **moves: Any) -> ProcedureVersion:
    """The next default version, with a mapping from the one before it."""
    last = ProcedureVersion.objects.filter(code="grid-event", jurisdiction="").latest("version")
    mapping = {"from": [last.version], "basis": BASIS, **moves}
    raw = {**lay_over(shipped(), changes or {}), "moves": mapping}
    made = versions._store(versions.Loading("", raw))
    versions.forget()
    return made


def renamed(old: str, new: str) -> dict[str, Any]:
    """The shipped file with one step under another code and title."""
    steps = {new if code == old else code: step for code, step in shipped()["steps"].items()}
    steps[new] = {
        **steps[new],
        "title": {"zh": "正在处置", "en": "In hand"},
        "public_words": {"zh": "正在处置", "en": "In hand"},
    }
    for step in steps.values():
        step["actions"] = {
            code: {**action, **({"to": new} if action.get("to") == old else {})}
            for code, action in step.get("actions", {}).items()
        }
    return steps


def renamed_version(cast: Cast, **moves: Any) -> ProcedureVersion:
    last = ProcedureVersion.objects.filter(code="grid-event", jurisdiction="").latest("version")
    mapping = {"from": [last.version], "basis": BASIS, "steps": {"handling": "in_hand"}, **moves}
    raw = {**shipped(), "steps": renamed("handling", "in_hand"), "moves": mapping}
    made = versions._store(versions.Loading("", raw))
    versions.forget()
    return made


def plan_of(planned: Planned) -> Replanned:
    assert planned.plan is not None, planned.refused
    return planned.plan


def moved(target: ProcedureVersion, **kwargs: Any) -> list[Planned]:
    return list(moving.move_all(target, by=SYSTEM, **{"at": MONDAY + 6 * HOUR, **kwargs}))


def test_a_case_goes_on_at_the_step_that_the_mapping_names(cast: Cast) -> None:
    case = event_at(cast, "handling")
    before = Task.objects.get(case=case, done_at__isnull=True)
    target = renamed_version(cast)
    dry = list(moving.dry_run(target, at=MONDAY + 6 * HOUR))
    assert [(p.number, plan_of(p).step, p.refused) for p in dry] == [
        (case.number, ("handling", "in_hand"), None)
    ]
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.version_id, fresh.seq) == (case.version_id, case.seq)  # nothing moved

    assert [p.moved for p in moved(target)] == [True]
    fresh.refresh_from_db()
    assert (fresh.version_id, fresh.step, fresh.due_at) == (target.pk, "in_hand", case.due_at)
    after = Task.objects.get(pk=before.pk)
    assert (after.step, after.uid, after.due_at) == ("in_hand", before.uid, before.due_at)
    assert proof.replay(fresh) == []
    assert proof.verify_all().first_fault is None
    record = Record.objects.filter(case_id=case.pk).latest("seq")
    assert (record.action, record.from_step, record.to_step) == ("version.moved", "handling", "in_hand")
    assert BASIS in record.facts
    assert moved(target) == []  # moved once
    data = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}
    engine.act(fresh, "answer", data, by=cast.actor("handler"), at=MONDAY + 7 * HOUR)
    fresh.refresh_from_db()
    assert fresh.step == "verifying"
    assert proof.replay(fresh) == []


def test_the_timeline_reads_older_records_with_the_version_of_their_day(cast: Cast) -> None:
    case = event_at(cast, "handling")
    words = [(e.title, e.to_step) for e in timeline(case, cast.actor("handler"))]
    public = [e.title for e in timeline(case, cast.actor("resident"))]
    changes = renamed("handling", "in_hand")
    changes["reported"]["actions"]["take_in"] = changes["reported"]["actions"].pop("accept")
    last = ProcedureVersion.objects.filter(code="grid-event", jurisdiction="").latest("version")
    mapping = {"from": [last.version], "basis": BASIS, "steps": {"handling": "in_hand"}}
    fields = {k: v for k, v in shipped()["fields"].items() if k != "description"}
    raw = {
        **shipped(),
        "steps": changes,
        "moves": mapping,
        "fields": fields | {"words": shipped()["fields"]["description"]},
    }
    target = versions._store(versions.Loading("", {**raw, "open": {"form": ["words"]}}))
    versions.forget()
    assert all(p.moved for p in moved(target))
    case.refresh_from_db()
    now = timeline(case, cast.actor("handler"))
    assert [(e.title, e.to_step) for e in now][:-1] == words
    assert now[-1].title.zh == "按新的程序版本办理"
    assert str(now[-1].to_step) == "正在处置"
    assert [e.title for e in timeline(case, cast.actor("resident"))][: len(public)] == public
    page = cast.client("handler").get(f"/staff/cases/{case.number}/")
    assert page.status_code == 200
    assert "受理" in page.content.decode()


def test_an_open_form_of_the_older_version_is_out_of_date(cast: Cast) -> None:
    case = event_at(cast, "handling")
    seen = case.seq
    moved(newer())
    data = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}
    with pytest.raises(OutOfDate):
        engine.act(case, "answer", data, by=cast.actor("handler"), seq=seen, at=MONDAY + 7 * HOUR)


SHORTER = {
    "limit": {"simple": "2 working days"},
    "steps": {"handling": {"within": {"default": "1 working day"}}},
}
LONGER = {"limit": {"simple": "30 working days"}}
PAST = {"limit": {"simple": "1 hours"}}


def test_new_limits_are_taken_where_they_are_better_for_the_person(cast: Cast) -> None:
    case = event_at(cast, "handling")
    target = newer(SHORTER, limits="new")
    plan = plan_of(next(iter(moving.dry_run(target, at=MONDAY + 6 * HOUR))))
    before, after = plan.due
    assert before == case.due_at
    assert before is not None
    assert after is not None
    assert after < before
    moved(target)
    case.refresh_from_db()
    assert (case.due_at, case.limits_version_id) == (plan.due[1], None)
    whole = case_due(case)
    assert whole is not None
    assert whole.due_at == case.due_at
    assert tasks_of(case)[0].due.due_at == Task.objects.get(case=case, done_at__isnull=True).due_at
    told = Notice.objects.filter(template="version.moved", person=cast.person("resident"))
    assert told.count() == 1
    assert proof.replay(case) == []


@pytest.mark.parametrize("changes", [LONGER, PAST])
def test_a_move_takes_back_no_promise_and_makes_nothing_late(cast: Cast, changes: dict[str, Any]) -> None:
    case = event_at(cast, "handling")
    target = newer(changes, limits="new")
    moved(target)
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.due_at, fresh.version_id) == (case.due_at, target.pk)
    assert fresh.limits_version_id == case.version_id
    assert not Notice.objects.filter(template="version.moved").exists()
    # Whatever counts it anew later counts it by the limits that were kept.
    engine.act(fresh, "ask", {"question": "哪几盏？"}, by=cast.actor("handler"), at=MONDAY + 7 * HOUR)
    engine.act(fresh, "reply", {"reply": "三盏"}, by=cast.actor("resident"), at=MONDAY + 8 * HOUR)
    fresh.refresh_from_db()
    assert fresh.due_at == case.due_at
    whole = case_due(fresh)
    assert whole is not None
    assert whole.due_at == case.due_at
    assert proof.replay(fresh) == []


def test_kept_limits_stay_as_they_are(cast: Cast) -> None:
    case = event_at(cast, "handling")
    task = Task.objects.get(case=case, done_at__isnull=True)
    moved(newer(SHORTER, limits="keep"))
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.due_at, fresh.limits_version_id) == (case.due_at, case.version_id)
    assert Task.objects.get(pk=task.pk).due_at == task.due_at


def test_a_late_task_is_warned_of_by_the_newer_shares_once(cast: Cast) -> None:
    case = event_at(cast, "handling")
    task = Task.objects.get(case=case, done_at__isnull=True)
    near = task.opened_at + 0.9 * (task.due_at - task.opened_at)
    for _ in range(4):
        engine.tick(near)
    levels = [
        {"at": "50%", "do": "remind"},
        {"at": "85%", "do": "yellow"},
        {"at": "100%", "do": "red", "to": "supervisor@county"},
    ]
    moved(newer({"escalation": levels}), at=near)
    after = Task.objects.get(pk=task.pk)
    assert after.alert_stage == 1  # 85 % is new, and past: it is warned of at the next look
    assert after.alert_at is not None
    assert after.alert_at <= near
    assert engine.tick(near) == 1


# ------------------------------------------------------------------------------------------------ refusals


def refused(target: ProcedureVersion) -> str:
    [dry] = list(moving.dry_run(target, at=MONDAY + 6 * HOUR))
    assert dry.plan is None
    assert dry.refused is not None
    [done] = moved(target)
    assert not done.moved
    assert Case.objects.get(number=dry.number).version_id != target.pk
    return dry.refused.zh


def test_without_a_mapping_nothing_moves(cast: Cast) -> None:
    event_at(cast, "handling")
    with pytest.raises(Refused) as error:
        moving.target_version("grid-event")
    assert error.value.code == "procedures.no_mapping"
    with pytest.raises(NotFound):
        moving.target_version("grid-event", "350102")
    with pytest.raises(NotFound):
        moving.target_version("grid-event", number=99)


def test_a_version_that_is_to_come_moves_nothing_yet(cast: Cast) -> None:
    made = newer()
    ProcedureVersion.objects.filter(pk=made.pk).update(valid_from=today() + DAY)
    with pytest.raises(Refused) as error:
        moving.target_version("grid-event")
    assert error.value.code == "procedures.not_in_force"


def test_a_step_that_leads_nowhere_keeps_its_cases(cast: Cast) -> None:
    event_at(cast, "handling")
    assert "没有去处" in refused(renamed_version(cast, steps={}))


def test_a_step_of_another_kind_keeps_its_cases(cast: Cast) -> None:
    event_at(cast, "handling")
    assert "不是同一类环节" in refused(renamed_version(cast, steps={"handling": "dispatching"}))


def test_a_clock_that_stands_still_on_an_unknown_ground_keeps_its_case(cast: Cast) -> None:
    case = event_at(cast, "handling")
    data = {"ground": "weather", "reason": "台风"}
    engine.act(case, "suspend", data, by=cast.actor("handler"), at=MONDAY + HOUR)
    grounds = {"suspends": {"grounds": ["parts"], "notify": ["applicant"]}}
    target = newer({"steps": {"handling": {"actions": {"suspend": grounds}}}})
    assert "天气或不可抗力" in refused(target)
    engine.act(case, "resume", {}, by=cast.actor("handler"), at=MONDAY + 2 * HOUR)
    assert [p.moved for p in moved(target)] == [True]


def test_an_actor_whom_nobody_is_keeps_the_case(cast: Cast) -> None:
    case = reported(cast)
    target = newer({"steps": {"reported": {"actor": "secretary@township"}}})
    assert "没有人在岗" in refused(target)
    cast.post("leader").roles = ["leader", "secretary"]
    cast.post("leader").save()
    assert [p.moved for p in moved(target)] == [True]
    task = Task.objects.get(case=case, done_at__isnull=True)
    assert (task.queue, task.role) == ("secretary@350102001", "secretary")
    assert Notice.objects.filter(template="task.assigned", account=cast.account("leader")).exists()
    assert Appointment.objects.exists()


def test_a_county_with_its_own_version_keeps_it(cast: Cast) -> None:
    event_at(cast, "handling")
    target = newer()
    versions._store(versions.Loading("350102", shipped(), {"jurisdiction": "350102"}))
    versions.forget()
    assert "另一个版本" in refused(target)


def test_a_county_takes_over_the_cases_of_the_default(cast: Cast) -> None:
    case = event_at(cast, "handling")
    last = ProcedureVersion.objects.filter(code="grid-event", jurisdiction="").latest("version")
    raw = {**shipped(), "moves": {"from": [f"default:{last.version}"], "basis": BASIS}}
    made = versions._store(versions.Loading("350102", raw, {"jurisdiction": "350102"}))
    versions.forget()
    target = moving.target_version("grid-event", "350102")
    assert target.pk == made.pk
    assert [p.moved for p in moved(target)] == [True]
    case.refresh_from_db()
    assert case.version_id == made.pk


def test_what_ended_or_is_elsewhere_is_not_touched(cast: Cast) -> None:
    event_at(cast, "closed")
    event_at(cast, "handling")
    target = newer()
    assert list(moving.dry_run(target, under=("350103",))) == []
    assert [p.plan is not None for p in moving.dry_run(target, under=("350102001",))] == [True]


def test_moving_can_be_stopped_and_begun_again(cast: Cast) -> None:
    cases = [event_at(cast, "handling", at=MONDAY + timedelta(minutes=n)) for n in range(3)]
    target = newer()
    first = next(iter(moving.move_all(target, by=SYSTEM, at=MONDAY + 6 * HOUR)))
    assert first.number == cases[0].number
    assert [p.number for p in moved(target)] == [c.number for c in cases[1:]]
    assert moved(target) == []


def test_a_case_that_moved_on_since_the_dry_run_is_decided_anew(cast: Cast) -> None:
    case = event_at(cast, "handling")
    target = renamed_version(cast)
    waiting = moving.move_all(target, by=SYSTEM, at=MONDAY + 6 * HOUR)
    running = list(moving._running(target, ("",), 0))
    data = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}
    engine.act(case, "answer", data, by=cast.actor("handler"), at=MONDAY + 5 * HOUR)
    done = moving._move(running[0], target, SYSTEM, None, MONDAY + 6 * HOUR)
    assert plan_of(done).step == ("verifying", "verifying")
    assert list(waiting) == []


def test_what_the_dry_run_gives_can_be_written_down(cast: Cast) -> None:
    case = event_at(cast, "handling")
    [planned] = list(moving.dry_run(newer(SHORTER, limits="new"), at=MONDAY + 6 * HOUR))
    facts = planned.as_dict()
    assert facts["number"] == case.number
    assert facts["step"] == ["handling", "handling"]
    assert facts["tells_applicant"] is True
    assert len(facts["tasks"]) == 1
    assert "林小邻" not in str(facts)
