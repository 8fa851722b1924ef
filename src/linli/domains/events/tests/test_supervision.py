"""Supervision of events (督办): what the sweeper puts before whom, and what the list says of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from linli.domains.events.tests.supervised import (
    HOUR,
    at_share,
    county_leader,
    higher_up,
    rows,
    swept,
    task_of,
)
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine, overseeing, proof, supervision, sweeper
from linli.kernel.procedures.holders import able_in
from linli.kernel.procedures.models import Case, Supervision, Task
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported
from tests.load.counting import counted

__all__ = ["higher_up"]


@pytest.mark.usefixtures("higher_up")
def test_each_share_of_the_limit_comes_before_the_next_above(cast: Cast) -> None:
    county_leader(cast)
    case = event_at(cast, "handling")
    swept(case, 0.6)
    assert rows(case) == []
    assert Notice.objects.filter(template="task.remind", account=cast.account("handler")).exists()
    swept(case, 0.9)
    assert rows(case) == [("leader@350102001", "yellow", "open")]
    assert Notice.objects.filter(template="supervision.due_soon", account=cast.account("leader")).exists()
    swept(case, 1.1)
    assert rows(case)[1:] == [("supervisor@350102", "red", "open")]
    swept(case, 1.9)
    assert len(rows(case)) == 2
    swept(case, 2.1)
    assert rows(case)[2:] == [("leader@350102", "red", "open")]
    told = (
        Notice.objects.filter(template="task.reported_up").order_by("id").values_list("account_id", flat=True)
    )
    assert list(told) == [cast.account("supervisor").pk, cast.account("admin").pk]
    assert task_of(case).alert_at is None
    last = Record.objects.filter(case_id=case.pk).latest("seq")
    assert '"to":"leader@350102"' in last.facts
    case.refresh_from_db()
    assert proof.replay(case) == []


def test_the_notice_says_who_has_it(cast: Cast) -> None:
    case = event_at(cast, "handling")
    swept(case, 1.1)
    notice = Notice.objects.get(template="task.reported_up")
    assert notice.params["by"]["zh"] == "区市政维护中心"


@pytest.mark.usefixtures("higher_up")
def test_what_was_settled_at_yellow_comes_back_at_red_to_the_same_queue(cast: Cast) -> None:
    case = event_at(cast, "handling")
    swept(case, 0.9)
    row = Supervision.objects.get(case=case)
    moment = at_share(case, 0.95)
    overseeing.settle(case.number, "已问过，明天到货。", by=cast.actor("leader"), at=moment)
    assert rows(case) == [("leader@350102001", "yellow", "settled")]
    supervision.raise_row(case.pk, row.task_id, row.queue, "red", moment + HOUR)
    row.refresh_from_db()
    assert (row.level, row.done_at, row.since) == ("red", None, moment + HOUR)
    supervision.raise_row(case.pk, row.task_id, row.queue, "yellow", moment + 2 * HOUR)
    row.refresh_from_db()
    assert (row.level, row.since) == ("red", moment + HOUR)


def test_done_tasks_leave_the_list_of_whoever_supervises_them(cast: Cast) -> None:
    case = event_at(cast, "handling")
    moment = swept(case, 1.1)
    task = task_of(case)
    assert len(supervision.watched(cast.actor("supervisor")).items) == 1
    supervision.tasks_closed([task.pk], moment)
    supervision.tasks_closed([], moment)
    assert rows(case) == [("supervisor@350102", "red", "moved")]
    assert supervision.watched(cast.actor("supervisor")).items == []


def test_a_case_that_moves_on_is_no_longer_supervised(cast: Cast) -> None:
    case = event_at(cast, "handling")
    moment = swept(case, 1.1)
    data = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}
    engine.act(case, "answer", data, by=cast.actor("handler"), at=moment + HOUR)
    assert supervision.watched(cast.actor("supervisor")).items == []
    assert supervision.counts(cast.actor("supervisor"))["all"].n == 0


def due_tasks(case: Case, n: int, at: datetime) -> None:
    """So many cases like this one, each with a task that is to be looked at now."""
    source = Case.objects.get(pk=case.pk)
    task = task_of(case)
    step = timedelta(seconds=1)
    made = []
    for i in range(n):
        source.pk, source.number = None, f"350102-EV-2026-9{Case.objects.count() + i:05d}"
        made.append(
            Case(
                **{
                    f.attname: getattr(source, f.attname)
                    for f in Case._meta.concrete_fields
                    if f.attname != "id"
                }
            )
        )
    Case.objects.bulk_create(made)
    Task.objects.bulk_create(
        Task(
            case=other,
            step=task.step,
            part=task.part,
            queue=task.queue,
            role=task.role,
            organisation_id=task.organisation_id,
            opened_at=task.opened_at,
            due_at=task.due_at,
            period=task.period,
            alert_at=at - (n - i) * step,
        )
        for i, other in enumerate(made)
    )


def not_due(case: Case, n: int, at: datetime) -> None:
    task = task_of(case)
    other = Case.objects.exclude(pk=case.pk).first()
    assert other is not None
    Task.objects.bulk_create(
        Task(
            case=other,
            step=task.step,
            part=task.part,
            queue="handler#0",
            role=task.role,
            opened_at=task.opened_at,
            due_at=task.due_at,
            alert_at=at + timedelta(days=30, seconds=i),
            done_at=task.opened_at,
        )
        for i in range(n)
    )


def test_a_sweep_costs_the_same_however_many_tasks_there_are(cast: Cast) -> None:
    case = event_at(cast, "handling")
    moment = at_share(case, 1.1)
    Task.objects.filter(case=case).update(alert_at=None)
    costs = []
    for n in (1_000, 4_000):
        due_tasks(case, 100, moment)
        not_due(case, n, moment)
        able_in("handler#0")  # the list of holders is read once, and kept
        with counted() as statements:
            assert engine.tick(moment, limit=100) == 100
        costs.append(len(statements))
        Task.objects.exclude(case=case).update(alert_at=None)
    assert abs(costs[0] - costs[1]) <= 2  # the holders are read anew every few seconds
    assert costs[1] <= 1 + 100 * 9


def test_due_tasks_are_found_by_their_index(cast: Cast) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in the embedded database's words")
    reported(cast)
    asked = Task.objects.filter(done_at__isnull=True, alert_at__lte=MONDAY).order_by("alert_at", "id")
    assert "procedures_task_alert" in asked.values_list("id", "case_id")[:100].explain()
    watched = Supervision.objects.filter(queue="supervisor@350102", done_at__isnull=True)
    assert (
        "procedures_supervision_open" in watched.order_by("since", "id").values_list("since", "id").explain()
    )


def test_a_task_that_always_fails_holds_up_nobody_and_is_looked_at_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = event_at(cast, "handling")
    others = [event_at(cast, "handling", at=MONDAY + timedelta(minutes=n)) for n in (1, 2, 3)]
    bad, warn = old.pk, sweeper._warn

    def fails(case: object, *args: object, **kwargs: object) -> None:
        if getattr(case, "id", 0) == bad:
            raise ValueError("broken facts")
        warn(case, *args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(sweeper, "_warn", fails)
    moment = at_share(others[-1], 1.1)
    Task.objects.filter(done_at__isnull=True).update(alert_stage=2)
    looked = sum(engine.tick(moment, limit=1) for _ in range(10))
    assert looked == 4  # the bad one once, each other once
    assert [rows(c) for c in others] == [[("supervisor@350102", "red", "open")]] * 3
    assert rows(old) == []
    again = task_of(old).alert_at
    assert again == moment + sweeper.RETRY
    assert engine.tick(moment) == 0
    monkeypatch.setattr(sweeper, "_warn", warn)
    assert engine.tick(again) == 1
    assert rows(old) == [("supervisor@350102", "red", "open")]


def test_the_list_is_the_supervisors_own_and_pages_by_key(cast: Cast) -> None:
    made = [event_at(cast, "handling", at=MONDAY + timedelta(minutes=30 * n)) for n in range(5)]
    for case in made:
        swept(case, 1.05)
    seen, cursor = [], ""
    while True:
        page = supervision.watched(cast.actor("supervisor"), cursor=cursor, limit=2)
        seen += [w.row.case.number for w in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [c.number for c in made]
    assert supervision.watched(cast.actor("leader")).items == []
    assert supervision.watched(cast.actor("handler")).items == []
    none = supervision.Filters(township="350102002")
    assert supervision.watched(cast.actor("supervisor"), none).items == []
    some = supervision.Filters(level="red", procedure="grid-event", township="350102001")
    assert len(supervision.watched(cast.actor("supervisor"), some).items) == 5
    assert supervision.counts(cast.actor("supervisor"))["red"].n == 5
