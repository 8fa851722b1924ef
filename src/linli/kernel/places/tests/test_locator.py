"""Point to area: what wins, and when a change is seen."""

from __future__ import annotations

import math
from datetime import date
from time import monotonic

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from linli.kernel.places import locator, queries, services
from linli.kernel.places.models import Area, AreaShape, Stamp
from linli.kernel.places.tests.conftest import Clerk, square

Tree = dict[str, Area]


@pytest.fixture
def shaped(tree: Tree, clerk: Clerk) -> Tree:
    """The county covers 2 by 2 degrees; two villages lie in its lower half, side by side."""
    services.set_shape(tree["350102000000"], square(119, 26, 2), datum="WGS84", by=clerk)
    services.set_shape(tree["350102001002"], square(120, 26), datum="WGS84", by=clerk)
    services.set_shape(tree["350102001001"], square(119, 26), datum="WGS84", by=clerk)
    return tree


def code_at(lng: float, lat: float) -> str | None:
    area = queries.locate(lng, lat)
    return area.code if area else None


def test_the_finest_shape_wins_and_without_one_the_nearest_above(shaped: Tree) -> None:
    assert code_at(119.5, 26.5) == "350102001001"
    assert code_at(120.5, 26.5) == "350102001002"
    assert code_at(119.5, 27.5) == "350102000000"
    assert code_at(118.5, 26.5) is None


def test_on_a_shared_border_the_lower_code_is_the_answer(shaped: Tree) -> None:
    assert code_at(120, 26.5) == "350102001001"
    assert code_at(120, 26) == "350102001001"
    assert code_at(121, 28) == "350102000000"


@pytest.mark.parametrize("point", [(math.nan, 26), (119, math.inf), (1e9, 1e9)])
def test_a_point_that_is_nowhere_is_nowhere(shaped: Tree, point: tuple[float, float]) -> None:
    assert queries.locate(*point) is None


def test_the_answer_is_a_whole_area(shaped: Tree) -> None:
    area = queries.locate(119.5, 26.5)
    assert area == shaped["350102001001"]
    assert area is not None
    assert area.parent == shaped["350102001000"]


def test_a_warm_index_asks_nothing(shaped: Tree, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    locator._own.block = None  # as if the shapes had been committed
    queries.locate(119.5, 26.5)
    with django_assert_num_queries(0):
        queries.locate(120.5, 26.5)


def test_a_change_is_seen_at_once_within_its_transaction_and_gone_with_it(shaped: Tree, clerk: Clerk) -> None:
    with transaction.atomic():
        services.set_shape(shaped["350102002001"], square(119, 27), datum="WGS84", by=clerk)
        assert code_at(119.5, 27.5) == "350102002001"
        transaction.set_rollback(True)
    assert code_at(119.5, 27.5) == "350102000000"


def test_an_area_that_ended_is_no_answer(shaped: Tree, clerk: Clerk) -> None:
    services.set_validity(shaped["350102001001"], valid_from=None, valid_to=date(2020, 1, 1), by=clerk)
    assert code_at(119.5, 26.5) == "350102000000"


def test_a_new_name_is_seen_in_the_answer(shaped: Tree, clerk: Clerk) -> None:
    queries.locate(119.5, 26.5)
    services.rename(shaped["350102001001"], name="庆城新村", by=clerk)
    area = queries.locate(119.5, 26.5)
    assert area is not None
    assert area.name == "庆城新村"


def test_the_change_of_another_process_is_seen_after_two_seconds(
    shaped: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    locator._own.block = None
    assert code_at(119.5, 26.5) == "350102001001"
    AreaShape.objects.filter(area__code="350102001001").delete()
    Stamp.objects.update(value="another")
    assert code_at(119.5, 26.5) == "350102001001"
    later = monotonic() + locator.RECHECK_SECONDS + 0.1
    monkeypatch.setattr(locator, "monotonic", lambda: later)
    assert code_at(119.5, 26.5) == "350102000000"


@pytest.mark.django_db(transaction=True)
def test_a_committed_change_is_seen_at_once_by_everybody(clerk: Clerk) -> None:
    county = services.create_area("350102000000", name="鼓楼区", by=clerk)
    assert queries.locate(119.5, 26.5) is None
    services.set_shape(county, square(119, 26), datum="WGS84", by=clerk)
    assert code_at(119.5, 26.5) == "350102000000"
    with transaction.atomic():
        services.set_shape(county, square(100, 26), datum="WGS84", by=clerk)
        locator._own.block = None  # another thread of this process looks before the commit …
        seen_before = locator._shared.locator
    assert seen_before is not None
    assert code_at(119.5, 26.5) is None  # … and after it
