"""The dispatch directory against what was done (派单回算): what went elsewhere, and what one rule more would take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from linli.base.clock import now, today
from linli.domains.events import directory as verbs
from linli.domains.events.directory_trial import conflicts
from linli.domains.events.dispatch_trial import effect
from linli.domains.events.models import Category, Directory, DispatchRule, Event
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamps(cast: Cast) -> Category:
    """A lamp in grid 1 that went to the parks."""
    load_all()
    directory = Directory.objects.create(code="t", title="试验目录", active=True)
    category = verbs.create_category(directory, "01", name="路灯", by=cast.actor("admin"))
    receipt = engine.open_case(
        "grid-event",
        by=cast.actor("resident"),
        area=cast.area("grid1"),
        data={"description": "路灯不亮"},
        channel="web",
    )
    case = Case.objects.get(number=receipt.number)
    Case.objects.filter(pk=case.pk).update(lead=cast.organisation("garden"))
    Event.objects.filter(case=case).update(category=category)
    return category


def test_what_went_elsewhere_is_counted(lamps: Category, cast: Cast) -> None:
    found = effect(["350102"], at=now())
    assert (found.n, found.n_none) == (1, 1)
    verbs.add_rule(lamps, cast.area("township"), cast.organisation("municipal"), by=cast.actor("admin"))
    found = effect(["350102"], at=now())
    assert (found.n_same, found.n_other) == (0, 1)
    [row] = found.elsewhere
    assert (row.went.zh, row.would.zh, row.n) == ("区园林中心", "区市政维护中心", 1)
    assert effect(["350102002"], at=now()).n == 0
    assert effect(["350102"], at=now() + timedelta(days=91)).n == 0


def test_a_rule_is_tried_before_it_is_there(lamps: Category, cast: Cast) -> None:
    garden = cast.organisation("garden")
    found = effect(["350102"], at=now(), category=lamps, area=cast.area("grid1"), lead=garden)
    assert (found.n_new, found.n_new_same) == (1, 1)
    assert effect(["350102"], at=now(), category=lamps, area=cast.area("grid2"), lead=garden).n_new == 0
    assert not DispatchRule.objects.exists()


def test_rules_for_the_same_are_a_conflict(lamps: Category, cast: Cast) -> None:
    for name in ("municipal", "garden"):
        DispatchRule.objects.create(category=lamps, area=cast.area("grid1"), lead=cast.organisation(name))
    [(first, second)] = conflicts(DispatchRule.objects.order_by("pk"), today())
    assert (first.lead.code, second.lead.code) == (
        cast.organisation("municipal").code,
        cast.organisation("garden").code,
    )
    page = cast.client("admin").get(reverse("events:admin_dispatch_effect")).content.decode()
    assert "后一条从不生效" in page
    assert cast.client("handler").get(reverse("events:admin_dispatch_effect")).status_code == 404
