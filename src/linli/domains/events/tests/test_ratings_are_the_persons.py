"""Who reads a rating (谁看得到评价): whoever gave it and the call-back desk; whoever worked on it, in figures alone."""

from __future__ import annotations

import pytest

from linli.kernel.indicators.queries import behind, figures
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.visibility import visible_to
from tests.cast import Cast
from tests.events import event_at

GIVEN = {"solved": True, "satisfied": 1, "blame": ["slow"], "comment": "等了一个星期。"}
HIDDEN = {"satisfied", "blame", "comment"}


def read_by(cast: Cast, who: str) -> set[str]:
    case = event_at(cast, "evaluating")
    engine.act(case, "rate", GIVEN, by=cast.actor("resident"))
    case.refresh_from_db()
    return {fact.code for entry in timeline(case, cast.actor(who)) for fact in entry.facts}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["handler", "grid_worker", "dispatcher", "leader"])
def test_those_who_worked_on_it_read_that_it_is_solved_but_no_stars(cast: Cast, who: str) -> None:
    seen = read_by(cast, who)
    assert not seen & HIDDEN
    assert "solved" in seen


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["resident", "call_back", "supervisor"])
def test_the_person_and_the_call_back_desk_read_it(cast: Cast, who: str) -> None:
    assert read_by(cast, who) >= HIDDEN


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["handler", "dispatcher"])
def test_the_page_of_the_case_says_nothing_of_it_either(cast: Cast, who: str) -> None:
    case = event_at(cast, "evaluating")
    engine.act(case, "rate", GIVEN, by=cast.actor("resident"))
    page = cast.client(who).get(f"/staff/cases/{case.number}/").content.decode()
    assert "换了灯头" in page
    assert "等了一个星期" not in page
    assert "非常不满意" not in page


@pytest.mark.django_db
def test_the_figure_of_satisfaction_opens_its_list_to_those_alone_who_read_ratings(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    engine.act(case, "rate", GIVEN, by=cast.actor("resident"))
    for who, opens in (("handler", False), ("dispatcher", False), ("leader", False), ("supervisor", True)):
        actor = cast.actor(who)
        figure = next(f for f in figures(actor) if f.indicator.code == "satisfied")
        listed = behind(visible_to(actor), "satisfied:among", actor, None, None)
        assert (figure.among, figure.opens, figure.too_few) == (1, opens, not opens), who
        assert [c.number for c in listed] == ([case.number] if opens else []), who
