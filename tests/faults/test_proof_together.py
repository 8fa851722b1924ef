"""Sequencers and writers at the same moment (入账与办理同时进行): nothing is skipped, nothing has two places."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from linli.base.errors import Refused
from linli.kernel.procedures import engine, proof, sequencing
from linli.kernel.records import heads, log
from linli.kernel.records.models import Leaf, Record
from tests.cast import Cast
from tests.events import event_at, lamp_category, reported
from tests.faults.test_together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = str(tmp_path)


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """A thread with a connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()


def all_are_in() -> None:
    while sequencing.sequence().n:
        continue
    assert list(Leaf.objects.order_by("id").values_list("record_id", flat=True)) == list(
        Record.objects.order_by("id").values_list("id", flat=True)
    )
    assert list(Leaf.objects.order_by("id").values_list("id", flat=True)) == list(range(Leaf.objects.count()))
    heads.seal()
    assert proof.verify_all().first_fault is None


def test_many_sequencers_and_many_writers(transactional_db: None, cast: Cast) -> None:
    lamp_category()
    case = event_at(cast, "handling")
    handler = cast.actor("handler")

    def write(n: int) -> None:
        reported(cast, description=f"第 {n} 盏灯。")
        engine.act(case, "supplement", {"note": f"第 {n} 条"}, by=handler)

    def sequence() -> None:
        for _ in range(6):
            sequencing.sequence(limit=2)

    acts = [lambda n=n: write(n) for n in range(4)] + [sequence] * 3
    assert [r for r in together(*acts) if r is not None] == []
    all_are_in()


def test_one_day_has_one_nightly_root_though_two_workers_run(transactional_db: None, cast: Cast) -> None:
    reported(cast)
    together(sequencing.turn, sequencing.turn, sequencing.turn)
    while sequencing.turn():
        continue
    all_are_in()
    days = [head.day for head in heads.head_page().items]
    assert len(heads.first_of_days(days)) == len(set(days))


def test_a_record_that_becomes_visible_late_is_waited_for(
    transactional_db: None, cast: Cast, elsewhere: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the lower number, and whoever came after has committed already."""
    if connection.vendor != "postgresql":
        pytest.skip("the embedded database has one writer: records become visible in their order")
    monkeypatch.setattr(log, "PATIENCE", 0.1)
    monkeypatch.setattr(sequencing, "PATIENCE", 0.1)
    case, handler = event_at(cast, "handling"), cast.actor("handler")
    written, go_on = Event(), Event()

    def slow_writer() -> None:
        with transaction.atomic():
            engine.act(case, "supplement", {"note": "先写，后提交。"}, by=handler)
            written.set()
            go_on.wait(20)

    slow = elsewhere.submit(slow_writer)
    written.wait(20)
    reported(cast, description="后写，先提交。")
    try:
        assert sequencing.sequence() == sequencing.Sequenced(0, up_to_date=False)
        assert sequencing.turn() == 0
        with pytest.raises(Refused) as refused:
            sequencing.seal_now()
        assert refused.value.code == "records.busy"
        assert not Leaf.objects.exists()
    finally:
        go_on.set()
    slow.result(timeout=20)
    assert sequencing.sequence() == sequencing.Sequenced(6, up_to_date=True)
    all_are_in()


def test_writers_do_not_wait_for_the_sequencer(
    transactional_db: None, cast: Cast, elsewhere: ThreadPoolExecutor
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the embedded database has one writer")
    reported(cast)
    with log.alone():
        sequencing.sequence()
        elsewhere.submit(reported, cast, description="同时写入。").result(timeout=20)
    all_are_in()
