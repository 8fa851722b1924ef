"""Every procedure of this domain runs from its first step to each of its ends (走完全程), by the verbs alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.ways import MONDAY, do, mediation, opened, petition, walked
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.versions import current_version, procedure_of
from tests.cast import Cast


def refused_permit(cast: Cast, at: datetime = MONDAY) -> Case:
    case = opened(cast, "test-permit", {"wish": "门前摆摊"}, at=at)
    return do(cast, case, "dispatcher", "refuse", ways.WHY, at=at)


def reconsideration(
    cast: Cast, steps: list[ways.Step] | None = None, *, since: datetime = MONDAY
) -> tuple[Case, datetime]:
    permit = refused_permit(cast, since)
    data = {"challenged": permit.number, "request": "撤销不予许可决定。", "reason": "没有影响通行。"}
    case = opened(cast, "reconsideration", data, at=since)
    return case, walked(cast, case, steps or [], since=since)


def court_review(cast: Cast, steps: list[ways.Step] | None = None) -> tuple[Case, datetime]:
    decided, at = reconsideration(cast, ways.RECONSIDERATION["maintained"][0])
    data = {"challenged": decided.number, "court": "鼓楼区人民法院", "sued_on": "2026-03-25"}
    case = opened(cast, "court-review", data, at=at)
    return case, walked(cast, case, steps or [], since=at)


def confirmation(cast: Cast, steps: list[ways.Step] | None = None) -> tuple[Case, datetime]:
    origin, at = mediation(cast, [ways.TAKE_UP, ways.BEGIN, ways.AGREE])
    do(
        cast,
        origin,
        "mediator",
        "apply_confirmation",
        {"jointly": True, "court": "鼓楼区人民法院"},
        at=at,
    )
    case = Case.objects.get(origin=origin, procedure="judicial-confirmation")
    return case, walked(cast, case, steps or [], since=at)


MAKERS = {
    "petition": (petition, ways.PETITION),
    "mediation": (mediation, ways.MEDIATION),
    "reconsideration": (reconsideration, ways.RECONSIDERATION),
    "court-review": (court_review, ways.COURT),
    "judicial-confirmation": (confirmation, ways.CONFIRMATION),
}
ALL = [(code, name) for code, (_, table) in MAKERS.items() for name in table]


@pytest.mark.parametrize(("code", "name"), ALL, ids=[f"{c}: {n}" for c, n in ALL])
def test_the_way_leads_where_it_should(permits: Cast, code: str, name: str) -> None:
    make, table = MAKERS[code]
    steps, end = table[name]
    case, _ = make(permits, steps)
    assert case.step == end
    waiting = Task.objects.filter(case=case, done_at__isnull=True)
    ended = procedure_of(case.version_id).steps[end].kind == "end"
    assert waiting.exists() is not ended
    if ended:
        assert case.ended_at is not None
        told = Notice.objects.filter(case_number=case.number, person=permits.person("resident"))
        assert told.exists()


def test_the_ways_reach_every_end_that_is_not_reached_by_time_or_by_a_linked_case(law_cast: Cast) -> None:
    by_time = {"reconsideration": {"abandoned"}}
    for code, (_, table) in MAKERS.items():
        procedure = procedure_of(current_version(code, "350102"))
        ends = {s.code for s in procedure.steps.values() if s.kind == "end"}
        assert ends - {end for _, end in table.values()} == by_time.get(code, set()), code


def test_a_petition_that_nobody_rates_is_filed_all_the_same(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])
    assert case.step == "evaluating"
    engine.tick(at + timedelta(days=40))
    case.refresh_from_db()
    assert case.step == "filing"
