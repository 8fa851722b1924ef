"""Where a field worker stood is kept to the grid once the case has ended (外勤位置办结后模糊到网格)."""

from __future__ import annotations

import pytest

from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import replay, verify_all
from linli.web.within import placed
from tests.cast import Cast
from tests.events import WAY, event_at, lamp_category
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db


def brought_to_its_end(cast: Cast, case: Case) -> Case:
    for step, who, action, data in WAY[:-1]:
        engine.act(case, action, data, by=cast.actor(who))
        case.refresh_from_db()
        assert case.step == step
    engine.act(case, "call_back", WAY[-1][3], by=cast.actor("call_back"))
    case.refresh_from_db()
    assert case.ended_at is not None
    return case


def test_the_point_of_a_field_report_becomes_the_middle_of_its_grid(cast: Cast) -> None:
    lamp_category()
    lng, lat = cast.point("grid1")
    sent = a_report(cast, lng=str(lng + 0.003), lat=str(lat - 0.002))
    assert Phone(cast).put(entry("report", sent)).status_code == 200
    case = Case.objects.get()
    assert case.precision == "point"
    assert case.lng == pytest.approx(lng + 0.003)
    grid = case.grid
    brought_to_its_end(cast, case)
    assert (case.precision, case.grid) == ("grid", grid)
    assert case.lng == pytest.approx(119.305)
    assert case.lat == pytest.approx(lat, abs=0.001)
    assert placed(Case.objects.all(), cast.actor("dispatcher")).count() == 1  # still counted on the map
    page = cast.client("dispatcher").get(f"/staff/cases/{case.number}/").content.decode()
    assert "只留到网格" in page
    assert f"{lng + 0.003:.3f}" not in page
    assert replay(case) == []
    assert verify_all().first_fault is None


def test_what_a_resident_reported_keeps_its_place(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    place = (case.lng, case.lat)
    engine.act(case, "rate", WAY[-1][3], by=cast.actor("resident"))
    case.refresh_from_db()
    assert (case.precision, (case.lng, case.lat)) == ("point", place)
