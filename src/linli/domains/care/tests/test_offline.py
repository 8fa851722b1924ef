"""A visit without a signal (离线走访): the phone carries nothing about the person, and keeps nothing of what was said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.base.clock import local, now
from linli.domains.care.models import Visit
from linli.kernel.fieldwork.bundle import content_for
from linli.kernel.fieldwork.models import FieldEntry
from linli.kernel.people.actors import actor_for
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from tests.cast import Cast
from tests.phone import Phone, entry


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path


@pytest.fixture
def plan(law_cast: Cast) -> Case:
    """A plan of a worker who goes out with a field phone, too."""
    post = law_cast.post("care_worker")
    post.roles = ["care_worker", "grid_worker"]
    post.save()
    start = now() - timedelta(hours=3)
    receipt = engine.open_case(
        "help-plan",
        by=law_cast.actor("resident"),
        area=law_cast.area("village1"),
        data={"target_group": "elderly", "wish": "想要送餐。"},
        channel="web",
        applicant=law_cast.person("resident"),
        at=start,
    )
    case = Case.objects.get(number=receipt.number)
    worker = actor_for(law_cast.account("care_worker"))
    engine.act(case, "agree", {"consent_ground": "consent"}, by=worker, at=start)
    review_on = str(local(start).date() + timedelta(days=30))
    settled = {"needs": "做饭困难。", "goals": "每天送餐", "review_on": review_on}
    engine.act(case, "plan", settled, by=worker, at=start)
    case.refresh_from_db()
    return case


def a_visit(case: Case, day: int = 0, **said: str) -> dict[str, Any]:
    on = str(local(now()).date() + timedelta(days=day))
    data = {"visit_on": on, "visit_topic": "company", "met": "met", **said}
    return entry("act", {"number": case.number, "action": "visited", "seq": case.seq, "data": data})


def test_the_phone_has_the_form_and_no_word_about_the_person(law_cast: Cast, plan: Case) -> None:
    content = content_for(actor_for(law_cast.account("care_worker")))
    task = next(t for t in content["tasks"] if t["number"] == plan.number)
    assert "visited" in {a["code"] for a in task["actions"]}
    assert (task["facts"], task["raw"], task["photos"]) == ([], {}, [])
    grid_worker = content_for(law_cast.actor("grid_worker"))
    assert plan.number not in str(grid_worker)


def test_a_visit_arrives_once_and_its_words_are_in_the_file_alone(law_cast: Cast, plan: Case) -> None:
    phone, made = Phone(law_cast, "care_worker"), a_visit(plan, request="想借一辆轮椅。")
    assert phone.put(made).json()["state"] == phone.put(made).json()["state"] == "done"
    assert Visit.objects.get(plan_id=plan.pk).asked
    assert first_fact(plan, "request") == "想借一辆轮椅。"
    assert "轮椅" not in FieldEntry.objects.get().body


def test_what_is_refused_is_kept_without_its_words(law_cast: Cast, plan: Case) -> None:
    answer = Phone(law_cast, "care_worker").put(a_visit(plan, 2, request="想借一辆轮椅。")).json()
    assert answer["state"] == "kept"
    assert not Visit.objects.exists()
    assert "轮椅" not in FieldEntry.objects.get().body
    other = (
        Phone(law_cast).put(a_visit(plan, request="想借一辆轮椅。")).json()
    )  # the grid's own worker sees no such file
    assert other["state"] == "kept"
    assert not any("轮椅" in row.body for row in FieldEntry.objects.all())
