"""Linked cases, publicity and parts, whole or not at all (中途崩溃、同时办理): a crash after every statement, many at the same
moment, and cases that open each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from linli.base.errors import Invalid, LinliError, NotAllowed
from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.ways import opened, petition
from linli.domains.events.tests.test_many_hands import GARDEN, NOT_OURS, in_post, joint
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine, overseeing, proof
from linli.kernel.procedures.hands import hands
from linli.kernel.procedures.models import (
    Case,
    CaseLink,
    ClockSegment,
    Counter,
    Participation,
    Recusal,
    Supervision,
    Task,
)
from linli.kernel.publicity.models import Objection, Publication
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import MONDAY
from tests.faults.test_attacks_due_process import DISAGREE, STANDS, UPHOLD
from tests.faults.test_crash_in_the_middle import Crash
from tests.faults.test_together import together
from tests.invented import begun, open_parts, three_parts
from tests.publicity import AFTER, proposed, shown_by
from tests.publicity import MONDAY as SHOWN_AT

TABLES = (
    Case, Task, Record, ErasableFact, Participation, Notice, Counter, CaseLink, ClockSegment, Recusal, Supervision,
    Publication, Objection,
)  # fmt: skip
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WRITES = ("INSERT", "UPDATE", "DELETE")

# ------------------------------------------------------------------------------------------------ crashes


def everything() -> dict[str, list[Any]]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def crashing_after(n: int) -> Callable[..., Any]:
    """Lets the n-th write of this connection through, then dies."""
    seen = 0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        result = execute(sql, params, many, context)
        if sql.lstrip().upper().startswith(WRITES):
            seen += 1
            if seen == n:
                raise Crash(sql)
        return result

    return watch


def each_crash_leaves_nothing(act: Callable[[], Any]) -> int:
    """Do it again and again, each time dying one write later, until it goes through; how many writes it has."""
    before, n = everything(), 0
    while True:
        n += 1
        try:
            with connection.execute_wrapper(crashing_after(n)):
                act()
        except Crash:
            died = True
        else:
            died = False
        assert (everything() == before) == died, f"half of it stayed after write {n}"
        if not died:
            assert proof.verify_all().first_fault is None
            return n - 1


@pytest.mark.django_db
def test_a_crash_anywhere_between_linked_cases_leaves_nothing_half(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    hearing = {"subject": "协议第六条"}
    act = engine.act
    assert (
        each_crash_leaves_nothing(
            lambda: act(case, "hold_hearing", hearing, by=law_cast.actor("handler"), at=at)
        )
        > 8
    )
    held = Case.objects.get(procedure="hearing")
    each_crash_leaves_nothing(lambda: act(held, "waive", {}, by=law_cast.actor("resident"), at=at + HOUR))
    each_crash_leaves_nothing(
        lambda: act(case, "reject", ways.OPINION, by=law_cast.actor("handler"), at=at + DAY)
    )
    asked = {"challenged": case.number, **DISAGREE}
    each_crash_leaves_nothing(lambda: opened(law_cast, "petition-review", asked, at=at + 2 * DAY))
    review = Case.objects.get(procedure="petition-review")
    each_crash_leaves_nothing(
        lambda: act(review, "reject", STANDS, by=law_cast.actor("petition_county"), at=at + 3 * DAY)
    )
    asked = {"challenged": review.number, **DISAGREE}
    again = opened(law_cast, "petition-rereview", asked, at=at + 4 * DAY)
    # Ends the re-review, turns the review, and takes the petition up anew: three cases in one transaction.
    turned = {**UPHOLD, "body": "福州市信访局"}
    assert (
        each_crash_leaves_nothing(
            lambda: act(again, "uphold", turned, by=law_cast.actor("petition_city"), at=at + 5 * DAY)
        )
        > 12
    )
    case.refresh_from_db()
    assert case.step == "redoing"


@pytest.mark.django_db
def test_a_crash_anywhere_in_publicity_leaves_nothing_half(public_notices: Cast) -> None:
    cast, act = public_notices, engine.act
    dispatcher = cast.actor("dispatcher")
    case = proposed(cast)

    def object_to() -> Any:
        return engine.open_case(
            "test-objection", by=cast.actor("anonymous"), area=cast.area("village1"), data={"why": "不同意"},
            channel="web", origin_id=case.pk, at=SHOWN_AT + HOUR,
        )  # fmt: skip

    each_crash_leaves_nothing(object_to)
    objection = Case.objects.get(procedure="test-objection")
    each_crash_leaves_nothing(
        lambda: act(objection, "answer", {"answer": "不成立"}, by=dispatcher, at=SHOWN_AT + DAY)
    )
    taken_back = {"reason": "写错了", "document": "x"}
    each_crash_leaves_nothing(
        lambda: act(case, "take_back", taken_back, by=dispatcher, at=SHOWN_AT + 2 * DAY)
    )
    each_crash_leaves_nothing(lambda: act(case, "propose", by=dispatcher, at=SHOWN_AT + 2 * DAY))
    over = AFTER + 3 * DAY
    each_crash_leaves_nothing(lambda: act(case, "over", by=dispatcher, at=over))
    each_crash_leaves_nothing(lambda: act(case, "grant", by=dispatcher, at=over + HOUR))
    each_crash_leaves_nothing(lambda: act(case, "annul", {"reason": "有误"}, by=dispatcher, at=over + DAY))
    assert {p.state for p in Publication.objects.filter(case_id=case.pk)} == {"withdrawn"}


@pytest.mark.django_db
def test_a_crash_anywhere_in_parts_recusal_and_supervision_leaves_nothing_half(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    in_post(cast, "committee", "committee_handler")
    case, at, act = joint(cast), MONDAY + 3 * HOUR, engine.act
    dispatcher = cast.actor("dispatcher")
    each_crash_leaves_nothing(
        lambda: act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=at)
    )
    other = {"instead": "350102-committee", "reason": "归社区"}
    each_crash_leaves_nothing(lambda: act(case, "part_other", other, by=dispatcher, at=at + HOUR))
    accused = {"accused": ["350102-property"]}
    each_crash_leaves_nothing(lambda: act(case, "recuse", accused, by=dispatcher, at=at + 2 * HOUR))
    each_crash_leaves_nothing(
        lambda: overseeing.take_over(
            case.number, "提级", by=cast.actor("supervisor"), organisation=GARDEN, at=at + 3 * HOUR
        )
    )


# ------------------------------------------------------------------------------------------------ loops


@pytest.mark.django_db
def test_cases_that_open_each_other_wait_for_a_person_each_time(cast: Cast, invented: None) -> None:
    ping, by = begun(cast, "test-ping"), cast.actor("dispatcher")
    engine.act(ping, "ask", by=by, at=MONDAY + HOUR)
    for n in range(1, 4):
        pong = Case.objects.filter(procedure="test-pong", ended_at__isnull=True).get()
        engine.act(pong, "close", by=by, at=MONDAY + (n + 1) * HOUR)
        assert Case.objects.filter(procedure="test-pong").count() == n + 1
    engine.act(ping, "close", by=by, at=MONDAY + DAY)
    pong = Case.objects.filter(procedure="test-pong", ended_at__isnull=True).get()
    engine.act(pong, "close", by=by, at=MONDAY + 2 * DAY)  # what opened it has ended
    assert Case.objects.filter(procedure="test-pong").count() == 4
    assert proof.verify_all().first_fault is None


@pytest.mark.django_db
def test_what_the_end_of_a_case_cannot_bring_about_leaves_no_half_of_it(
    cast: Cast, invented: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ping, by = begun(cast, "test-ping"), cast.actor("dispatcher")
    engine.act(ping, "ask", by=by, at=MONDAY + HOUR)
    pong = Case.objects.get(procedure="test-pong")
    monkeypatch.setattr(engine, "hand_on", lambda *_: {})  # nothing to open the next one with
    engine.act(pong, "close", by=by, at=MONDAY + 2 * HOUR)
    actions = list(Record.objects.filter(case_id=ping.pk).order_by("seq").values_list("action", flat=True))
    assert actions == ["open", "ask", "linked.ended"]
    assert Case.objects.filter(procedure="test-pong").count() == 1
    assert proof.verify_all().first_fault is None
    with pytest.raises(Invalid):
        engine.act(ping, "ask", by=by, at=MONDAY + 3 * HOUR)
    assert Record.objects.filter(case_id=ping.pk).count() == 3


@pytest.mark.django_db
def test_the_last_part_that_is_left_is_not_dropped(cast: Cast, invented: None) -> None:
    """Else nobody had anything left to do, and all had to do it again."""
    case, (lead, garden, property_handler) = three_parts(cast, "test-parts-A")
    engine.act(case, "done", by=lead, at=MONDAY + HOUR)
    engine.act(case, "done", by=garden, at=MONDAY + HOUR)
    engine.act(case, "dispute", by=property_handler, at=MONDAY + HOUR)
    dispatcher = cast.actor("dispatcher")
    with pytest.raises(LinliError, match="只剩这一部分"):
        engine.act(case, "drop", by=dispatcher, at=MONDAY + 2 * HOUR)
    engine.act(case, "back", by=dispatcher, at=MONDAY + 2 * HOUR)
    assert open_parts(case) == ["helper"]
    engine.act(case, "done", by=property_handler, at=MONDAY + 3 * HOUR)
    case.refresh_from_db()
    assert case.status == "ended"


@pytest.mark.django_db
def test_a_helper_speaks_for_nobody_else(cast: Cast, invented: None) -> None:
    case, (_, garden, _) = three_parts(cast, "test-parts-A")
    engine.act(case, "done", by=garden, at=MONDAY + HOUR)
    for action in ("done", "dispute", "drop", "back"):
        with pytest.raises(NotAllowed):
            engine.act(case, action, by=garden, at=MONDAY + HOUR)
    assert open_parts(case) == ["helper", "lead"]


@pytest.mark.django_db
def test_a_part_that_a_recusal_took_away_is_not_said_to_be_done(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    case, at = joint(cast), MONDAY + 3 * HOUR
    engine.act(case, "recuse", {"accused": ["350102-property"]}, by=cast.actor("dispatcher"), at=at)
    said = {str(h.who): str(h.said) for h in hands(case, at + HOUR)}
    assert said["安居物业公司"] == "不再由它办"
    assert said["区园林中心"] == "None"


# ------------------------------------------------------------------------------------------------ at the same moment


@pytest.mark.django_db(transaction=True)
def test_of_many_remedies_asked_for_at_once_one_is_opened(transactional_db: None, law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])
    asked = {"challenged": case.number, **DISAGREE}
    results = together(*[lambda: opened(law_cast, "petition-review", asked, at=at + DAY)] * 5)
    refused = [r for r in results if isinstance(r, LinliError)]
    assert {r.code for r in refused} == {"procedures.challenged_already"}
    assert len(refused) == 4
    assert Case.objects.filter(origin=case).count() == CaseLink.objects.filter(kind="remedy").count() == 1
    assert proof.verify_all().first_fault is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["test-parts-T", "test-parts-A"])
def test_parts_done_at_the_same_moment_end_the_step_once(
    transactional_db: None, cast: Cast, invented: None, code: str
) -> None:
    case, handlers = three_parts(cast, code)
    results = together(*[lambda h=h: engine.act(case, "done", by=h, at=MONDAY + HOUR) for h in handlers])
    refused = [r for r in results if isinstance(r, LinliError)]
    assert len(refused) == (1 if code == "test-parts-T" else 0)  # two are enough, the third comes too late
    case.refresh_from_db()
    assert (case.status, open_parts(case)) == ("ended", [])
    assert Record.objects.filter(case_id=case.pk, to_step="ended").count() == 1
    assert proof.replay(case) == []


@pytest.mark.django_db(transaction=True)
def test_the_last_helper_and_the_lead_at_the_same_moment(transactional_db: None, cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    case, at = joint(cast), MONDAY + 3 * HOUR
    done = {"result": "修好了", "public_answer": "已修好"}
    together(
        lambda: engine.act(case, "answer", done, by=cast.actor("handler"), at=at),
        lambda: engine.act(case, "answer", done, by=cast.actor("other_handler"), at=at),
        lambda: engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=at),
    )
    case.refresh_from_db()
    assert case.step == "verifying"
    assert set(Task.objects.filter(case=case, done_at__isnull=True).values_list("step", flat=True)) == {
        "verifying"
    }
    assert proof.replay(case) == []


@pytest.mark.django_db(transaction=True)
def test_a_notice_ends_or_is_objected_to(transactional_db: None, public_notices: Cast) -> None:
    cast = public_notices
    case = proposed(cast)

    def object_to() -> Any:
        return engine.open_case(
            "test-objection", by=cast.actor("anonymous"), area=cast.area("village1"), data={"why": "不同意"},
            channel="web", origin_id=case.pk, at=AFTER,
        )  # fmt: skip

    results = together(object_to, lambda: engine.act(case, "over", by=cast.actor("dispatcher"), at=AFTER))
    assert sum(isinstance(r, LinliError) for r in results) == 1
    case.refresh_from_db()
    objected = Case.objects.filter(procedure="test-objection").exists()
    assert (case.step == "notice") == objected
    assert shown_by(case).n_open_objections == Objection.objects.count() == int(objected)
