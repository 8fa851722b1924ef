"""Several people at the same moment (多人同时办理), over connections of their own, on either database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from linli.base.errors import LinliError
from linli.domains.events import services
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.models import Case, Task
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at, lamp_category, reported

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives, a refusal included, when all begin at once."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=20)
            return act()
        except LinliError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_many_who_act_on_one_step_one_wins_and_all_others_are_told(
    transactional_db: None, cast: Cast
) -> None:
    case = reported(cast)
    actor = cast.actor("dispatcher")
    data = {"category": "test:1:lamp", "grade": "simple"}

    def accept() -> Any:
        return engine.act(case, "accept", data, by=actor, seq=1)

    results = together(*[accept] * 6)
    refusals = [r for r in results if isinstance(r, LinliError)]
    assert len(refusals) == 5
    assert {r.code for r in refusals} == {"procedures.out_of_date"}
    assert all("黄派遣" in str(r) for r in refusals)
    assert list(Record.objects.filter(case_id=case.pk).order_by("seq").values_list("seq", flat=True)) == [
        1,
        2,
    ]
    assert Task.objects.filter(case=case, done_at__isnull=True).count() == 1
    assert proof.verify_all().first_fault is None


def test_notes_at_the_same_moment_are_all_kept_in_one_chain(transactional_db: None, cast: Cast) -> None:
    case = event_at(cast, "handling")
    actor = cast.actor("handler")
    acts = [lambda n=n: engine.act(case, "supplement", {"note": f"第 {n} 条"}, by=actor) for n in range(8)]
    assert not [r for r in together(*acts) if isinstance(r, LinliError)]
    case.refresh_from_db()
    assert case.seq == Record.objects.filter(case_id=case.pk).count() == 4 + 8
    assert proof.replay(case) == []
    assert proof.verify_all().first_fault is None


def test_one_client_key_sent_many_times_makes_one_case(transactional_db: None, cast: Cast) -> None:
    lamp_category()
    lng, lat = cast.point("grid1")
    actor = cast.actor("resident")

    def send() -> Any:
        return services.report(
            {"description": "路灯不亮"}, by=actor, channel="web", lng=lng, lat=lat, client_key="same"
        )

    results = together(*[send] * 6)
    assert {r.number for r in results} == {Case.objects.get().number}
    assert sum(not r.repeated for r in results) == 1


def test_numbers_never_repeat_when_many_report_at_once(transactional_db: None, cast: Cast) -> None:
    lamp_category()
    lng, lat = cast.point("grid1")
    actor = cast.actor("anonymous")
    acts = [
        lambda n=n: services.report(
            {"description": f"第 {n} 盏灯"}, by=actor, channel="web", lng=lng, lat=lat
        )
        for n in range(12)
    ]
    results = together(*acts)
    assert len({r.number for r in results}) == 12
    assert proof.verify_all().first_fault is None


def test_the_sweeper_and_a_person_do_not_both_move_a_case(transactional_db: None, cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    late = Task.objects.get(case=case, done_at__isnull=True).due_at
    rating = {"solved": True, "satisfied": 4}
    resident = cast.actor("resident")
    together(
        lambda: engine.tick(late),
        lambda: engine.act(case, "rate", rating, by=resident, seq=case.seq),
        lambda: engine.tick(late),
    )
    case.refresh_from_db()
    assert case.step == "closed"
    assert Record.objects.filter(case_id=case.pk, to_step="closed").count() == 1
    assert proof.replay(case) == []
