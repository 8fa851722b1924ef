"""Exactly once (不重不漏) and forgetting (到期删除), through the acts of an event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from linli.base.errors import LinliError, Refused
from linli.domains.events import services
from linli.kernel.procedures import engine, keys, proof
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, RefusedWrite
from linli.kernel.procedures.retention import erase_due
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

LATER = MONDAY + timedelta(hours=1)
YEARS = timedelta(days=366)


def test_an_act_that_is_repeated_after_the_case_moved_on_gets_its_first_receipt(cast: Cast) -> None:
    case = reported(cast)
    data = {"category": "test:1:lamp", "grade": "simple"}

    def accept(grade: str = "simple") -> Any:
        return engine.act(
            case,
            "accept",
            {**data, "grade": grade},
            by=cast.actor("dispatcher"),
            seq=1,
            client_key="k",
            at=LATER,
        )

    first = accept()
    engine.act(case, "assign", {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), at=LATER)
    again = accept()
    assert again.repeated
    assert (again.seq, again.step) == (first.seq, first.step) == (2, "dispatching")
    with pytest.raises(Refused) as refused:
        accept("urgent")
    assert refused.value.code == "procedures.key_taken"
    assert "urgent" in RefusedWrite.objects.get().content
    assert Record.objects.filter(case_id=case.pk, action="accept").count() == 1


def test_a_refused_act_keeps_nothing_under_its_key(cast: Cast) -> None:
    case = reported(cast)
    for grade in ("no-such-grade", "simple"):
        data = {"category": "test:1:lamp", "grade": grade}
        try:
            receipt = engine.act(case, "accept", data, by=cast.actor("dispatcher"), client_key="k", at=LATER)
        except LinliError:
            assert grade == "no-such-grade"
    assert not receipt.repeated


def test_long_keys_that_begin_alike_are_not_the_same(cast: Cast) -> None:
    actor = cast.actor("dispatcher")
    one, other = (keys.scoped(actor, "k" * 200 + end) for end in "ab")
    assert one != other
    assert max(len(one), len(other)) <= 120
    assert keys.scoped(actor, "short") == f"staff:{actor.account_id}:short"


def test_other_content_stays_kept_inside_a_larger_write_that_goes_on(cast: Cast) -> None:
    lng, lat = cast.point("grid1")

    def send(text: str) -> Any:
        return services.report(
            {"description": text}, by=cast.actor("anonymous"), channel="web", lng=lng, lat=lat, client_key="k"
        )

    with transaction.atomic():
        send("路灯不亮")
        with pytest.raises(Refused):
            send("井盖没了")
    assert "井盖没了" in RefusedWrite.objects.get().content


def test_erased_facts_leave_a_whole_chain_and_a_readable_timeline(cast: Cast) -> None:
    case = event_at(cast, "closed", contact="13900000001", description="张三家门口灯坏了")
    end = Case.objects.get(pk=case.pk).ended_at
    assert end is not None
    assert erase_due(end).n_facts == 0
    assert erase_due(end + YEARS).n_facts > 0
    assert not ErasableFact.objects.filter(case_id=case.pk, name="contact").exists()
    erase_due(end + 6 * YEARS)
    case.refresh_from_db()
    assert "张三" not in case.title
    assert proof.verify_all().first_fault is None
    assert proof.replay(case) == []
    shown = {f.code: str(f.value) for f in timeline(case, cast.actor("dispatcher"))[0].facts}
    assert "已按规定删除" in shown["contact"]
    assert "张三" not in str(shown)


def test_a_case_that_was_taken_up_again_keeps_what_it_needs(cast: Cast) -> None:
    case = event_at(cast, "closed", contact="13900000001")
    engine.act(
        case, "reopen", {"reason": "又不亮了"}, by=cast.actor("resident"), at=MONDAY + timedelta(days=5)
    )
    assert erase_due(MONDAY + 10 * YEARS).n_facts == 0
    assert ErasableFact.objects.filter(case_id=case.pk, name="contact").exists()
