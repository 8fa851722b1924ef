"""Writes that cross each other (交叉的写入): merges both ways, a check of the chains while people act, files loaded
by two processes. Over connections of their own, on either database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.base.errors import LinliError
from linli.domains.events.models import Event
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine, proof, versions
from linli.kernel.procedures.models import Case, ProcedureVersion
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported
from tests.faults.test_together import together

pytestmark = pytest.mark.django_db(transaction=True)
LATER = MONDAY + timedelta(hours=1)


def test_two_reports_merged_into_each_other_leave_one_to_be_handled(
    transactional_db: None, cast: Cast
) -> None:
    one, other = event_at(cast, "dispatching"), reported(cast, by="outsider")
    actor = cast.actor("dispatcher")

    def merge(case: Case, master: Case) -> Any:
        return engine.act(case, "merge", {"master": master.number}, by=actor, at=LATER)

    results = together(lambda: merge(one, other), lambda: merge(other, one))
    assert sum(isinstance(r, LinliError) for r in results) == 1
    assert Case.objects.filter(status="open").count() == 1
    assert sorted(Event.objects.values_list("n_reporters", flat=True)) == [1, 2]
    assert proof.verify_all().first_fault is None


def test_nothing_is_merged_into_what_ends_at_that_moment(transactional_db: None, cast: Cast) -> None:
    master, case = reported(cast), reported(cast, by="outsider")
    actor = cast.actor("dispatcher")
    reasons = {"reason": "不属于受理范围", "legal_basis": "清单第 2 项"}
    together(
        lambda: engine.act(master, "decline", reasons, by=actor, at=LATER),
        lambda: engine.act(case, "merge", {"master": master.number}, by=actor, at=LATER),
    )
    master.refresh_from_db()
    case.refresh_from_db()
    if case.step == "merged":  # it came first: whoever joined is told how it ended
        told = Notice.objects.filter(case_number=master.number, template="case.declined")
        assert told.filter(person=cast.person("outsider")).exists()
    assert proof.verify_all().first_fault is None


def test_what_people_do_during_a_check_of_the_chains_is_no_fault(transactional_db: None, cast: Cast) -> None:
    case = event_at(cast, "handling")
    actor = cast.actor("handler")

    def act() -> None:
        for n in range(12):
            engine.act(case, "supplement", {"note": f"第 {n} 条"}, by=actor)

    def check() -> list[Any]:
        return [proof.verify_all().first_fault for _ in range(12)]

    faults = together(act, check)[1]
    assert faults == [None] * 12


def test_two_processes_that_load_the_same_new_file_make_one_version(
    transactional_db: None, cast: Cast, tmp_path: Path
) -> None:
    over = tmp_path / "over.toml"
    over.write_text('extends = "grid-event"\njurisdiction = "350102"\nbasis = ["试行"]\n', encoding="utf-8")
    results = together(*[lambda: versions.load_all([over])] * 3)
    assert not [r for r in results if not isinstance(r, list)]
    assert ProcedureVersion.objects.filter(code="grid-event", jurisdiction="350102").count() == 1
    versions.forget()
