"""A crash at any point leaves no half of an act (中途崩溃不留半截): all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.domains.events.models import Event
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine, hot, proof, writing
from linli.kernel.procedures.models import Case, ClientKey, Counter, Participation, Task
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, lamp_category

LATER = MONDAY + timedelta(hours=1)
TABLES = (Case, Task, Record, ErasableFact, Participation, Notice, Event, ClientKey, Counter)
OPENING = (
    "next_number",
    "insert_case",
    "insert_record",
    "insert_facts",
    "insert_tasks",
    "take_part",
    "insert_notices",
)
ACTING = (
    "lock_case",
    "stand",
    "insert_record",
    "update_case",
    "close_tasks",
    "insert_tasks",
    "insert_facts",
    "take_part",
    "insert_notices",
)


class Crash(Exception):
    """Stands for the process dying here."""


def everything() -> dict[str, list[Any]]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def crash_after(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real: Callable[..., Any] = getattr(hot, name)

    def dies(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Crash(name)

    monkeypatch.setattr(hot, name, dies)


@pytest.mark.parametrize("statement", OPENING)
def test_a_crash_while_a_case_is_opened_leaves_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    lamp_category()
    before = everything()

    def send() -> Any:
        return engine.open_case(
            "grid-event",
            by=cast.actor("clerk"),
            area=cast.area("grid1"),
            data={"description": "路灯不亮", "contact": "13900000001"},
            channel="window",
            applicant=cast.person("resident"),
            client_key="k-crash",
            at=MONDAY,
        )

    with monkeypatch.context() as patch:
        crash_after(patch, statement)
        with pytest.raises(Crash):
            send()
    assert everything() == before
    receipt = send()
    assert receipt.repeated is False
    assert Case.objects.get().number == receipt.number
    assert proof.verify_all().first_fault is None


@pytest.mark.parametrize("statement", ACTING)
def test_a_crash_in_an_act_leaves_the_case_as_it_was(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    case = event_at(cast, "handling")
    before = everything()

    def answer() -> Any:
        done = {"result": "换了灯头", "public_answer": "亮了"}
        return engine.act(case, "answer", done, by=cast.actor("handler"), client_key="k-crash", at=LATER)

    with monkeypatch.context() as patch:
        crash_after(patch, statement)
        with pytest.raises(Crash):
            answer()
    assert everything() == before
    answer()
    case.refresh_from_db()
    assert case.step == "verifying"
    assert proof.replay(case) == []


def test_a_crash_in_a_domain_effect_takes_the_whole_act_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = event_at(cast, "dispatching")
    before = everything()
    monkeypatch.setattr(writing, "attach", lambda move: (_ for _ in ()).throw(Crash()))
    with pytest.raises(Crash):
        engine.act(case, "assign", {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), at=LATER)
    assert everything() == before
