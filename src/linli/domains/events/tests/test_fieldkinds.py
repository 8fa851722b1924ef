"""Reports, visits and walks from the field (外勤上报、入户走访、巡查)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from linli.kernel.fieldwork.models import FieldEntry, Patrol
from linli.kernel.fieldwork.patrols import patrols
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.events import lamp_category
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db

GRID, NEXT_GRID = "350102001001001", "350102001001002"
ASKED: dict[str, Any] = {
    "area": GRID,
    "topic": "needs",
    "consent": True,
    "request": "楼道灯坏了，想换个亮一点的。",
    "wants_answer": True,
    "contact": "13900000001",
}


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path


def test_a_report_is_the_one_of_the_page(cast: Cast) -> None:
    lamp_category()
    phone = Phone(cast)
    body = a_report(cast, category="test:1:lamp", contact="13900000001", place_text="北门", accuracy_m="12")
    receipt = phone.put(entry("report", body)).json()
    case = Case.objects.get(number=receipt["number"])
    assert (case.place_text, case.facts["category"], case.applicant) == (
        "北门",
        "test:1:lamp",
        cast.person("resident"),
    )


def test_a_visit_notes_what_was_asked_for(cast: Cast) -> None:
    receipt = Phone(cast).put(entry("visit", {**ASKED, "lng": "119.305", "lat": "26.085"})).json()
    case = Case.objects.get(number=receipt["number"])
    assert (case.procedure, case.step, case.channel) == ("visit", "open", "field")
    assert (case.lng, case.lat) == (None, None)  # nobody's position belongs to it
    assert "119.305" not in FieldEntry.objects.get().body
    assert case.applicant == cast.person("resident")
    assert case.facts == {"topic": "needs", "consent": "yes", "wants_answer": True}
    assert first_fact(case, "request") == ASKED["request"]


def test_without_consent_nothing_of_it_is_kept(cast: Cast) -> None:
    for consent in (False, "yes", None):
        receipt = Phone(cast).put(entry("visit", {**ASKED, "consent": consent})).json()
        assert receipt["state"] == "kept"
    assert not Case.objects.exists()
    assert not any("楼道灯" in row.body or "13900000001" in row.body for row in FieldEntry.objects.all())


def test_a_visit_and_a_walk_are_in_ones_own_grid(cast: Cast) -> None:
    phone = Phone(cast)
    assert phone.put(entry("visit", {**ASKED, "area": NEXT_GRID})).json()["state"] == "kept"
    assert phone.put(entry("patrol", {"area": NEXT_GRID, "checked": ["road"]})).json()["state"] == "kept"
    lng, lat = cast.point("grid2")
    away = {"area": GRID, "checked": [], "lng": str(lng), "lat": str(lat)}
    assert phone.put(entry("patrol", away)).json()["state"] == "kept"
    assert not Patrol.objects.exists()


def test_the_resident_reads_and_corrects_what_was_noted(cast: Cast) -> None:
    receipt = Phone(cast).put(entry("visit", ASKED)).json()
    address = reverse("web:case", args=[receipt["number"]])
    assert ASKED["request"] in cast.client("resident").get(address).content.decode()
    assert cast.client("outsider").get(address).status_code == 404
    engine.act(receipt["number"], "correct", {"note": "是三楼的灯。"}, by=cast.actor("resident"))
    engine.act(receipt["number"], "answer", {"answer": "周五换灯。"}, by=cast.actor("grid_worker"))
    assert Case.objects.get(number=receipt["number"]).outcome == "answered"


def test_what_needs_work_becomes_a_report_that_is_linked(cast: Cast) -> None:
    lamp_category()
    receipt = Phone(cast).put(entry("visit", ASKED)).json()
    engine.act(
        receipt["number"], "to_report", {"description": "三楼楼道灯不亮。"}, by=cast.actor("grid_worker")
    )
    opened = Case.objects.get(procedure="grid-event")
    assert opened.origin is not None
    assert (opened.origin.number, opened.step) == (receipt["number"], "reported")


def test_a_walk_keeps_no_point(cast: Cast) -> None:
    lng, lat = cast.point("grid1")
    body = {"area": GRID, "checked": ["road", "fire"], "text": "都好", "lng": str(lng), "lat": str(lat)}
    made = entry("patrol", body)
    phone = Phone(cast)
    assert phone.put(made).json()["state"] == phone.put(made).json()["state"] == "done"
    walk = Patrol.objects.get()
    assert (walk.area.code, walk.checked) == (GRID, ["road", "fire"])
    assert str(lng) not in FieldEntry.objects.get().body
    assert not {f.name for f in Patrol._meta.get_fields()} & {"lng", "lat", "point"}
    assert [p.pk for p in patrols(cast.actor("dispatcher")).items] == [walk.pk]
    assert not patrols(cast.actor("neighbour_dispatcher")).items
    assert not patrols(cast.actor("grid_worker")).items
