"""The wall board (大屏): every number opens a list of as many rows; nothing of a person; nothing of the neighbours'."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Some old and late, one new, one that ended today."""
    load_all()
    reported(cast)
    event_at(cast, "handling", grid="grid3")
    fresh = reported(cast, at=now())
    engine.act(
        fresh,
        "decline",
        {"reason": "不属于本平台受理范围。", "legal_basis": "《信访工作条例》第十七条"},
        by=cast.actor("dispatcher"),
        at=now(),
    )
    reported(cast, grid="grid2", at=now())
    return cast


def rows(client: Client, url: str) -> int:
    return len(client.get(url).context["rows"])


def wall(client: Client, query: str = "") -> Any:
    return client.get(f"/board/{query}")


def test_every_number_opens_a_list_of_as_many_rows(busy: Cast) -> None:
    client = busy.client("dispatcher")
    shown = wall(client).context["wall"]
    assert shown.numbers["open"].n >= 3
    assert shown.numbers["late"].n == 2
    assert shown.numbers["new"].n == 2
    assert shown.numbers["ended"].n == 1
    for name, number in shown.numbers.items():
        assert rows(client, number.url) == number.n, name
    for cell in shown.cells:
        assert rows(client, cell.url) == cell.n_open
        assert rows(client, cell.late_url) == cell.n_late
    for bucket in shown.trend.buckets[-14:]:
        assert rows(client, bucket.opened_url) == bucket.n_opened
        assert rows(client, bucket.ended_url) == bucket.n_ended
    assert shown.trend.n_ended == 1


def test_a_year_is_counted_by_weeks_with_their_lists(busy: Cast) -> None:
    client = busy.client("dispatcher")
    trend = client.get("/staff/figures/?days=365").context["trend"]
    assert len(trend.buckets) == 53
    assert trend.buckets[0].last - trend.buckets[0].first == timedelta(days=6)
    assert rows(client, trend.buckets[-1].opened_url) == trend.buckets[-1].n_opened
    assert rows(client, trend.buckets[-1].ended_url) == trend.buckets[-1].n_ended
    assert trend.n_opened == Case.objects.count()


def test_the_wall_names_nobody_and_quotes_nobody(busy: Cast) -> None:
    text = wall(busy.client("dispatcher")).content.decode()
    for words in ("三盏路灯", "林小邻", "13900000001", "黄派遣", "郑市政"):
        assert words not in text
    assert "路灯" in text  # its category, its place
    hidden = Case.objects.filter(step="handling").get()
    Case.objects.filter(pk=hidden.pk).update(confidential="handlers")
    assert hidden.number not in wall(busy.client("dispatcher")).content.decode()


def test_neighbours_see_no_number_of_it(busy: Cast) -> None:
    client = busy.client("neighbour_dispatcher")
    shown = wall(client).context["wall"]
    assert {name: number.n for name, number in shown.numbers.items()} == dict.fromkeys(shown.numbers, 0)
    assert (shown.trend.n_opened, shown.trend.n_ended, shown.push) == (0, 0, ())
    assert shown.is_new
    assert wall(client, "?area=350102001000").status_code == 404


def test_it_goes_round_the_areas_when_asked(busy: Cast) -> None:
    client = busy.client("dispatcher")
    first = wall(client, "?rotate=30")
    assert first.context["next_url"] == "?area=350102001001&rotate=30"
    last = wall(client, "?area=350102001002&rotate=5")
    assert last.context["next_url"] == "?area=350102001000&rotate=10"
    assert wall(client, "?rotate=soon").context["rotate"] == 0


def test_it_costs_the_same_for_many_cases(busy: Cast) -> None:
    client = busy.client("dispatcher")

    def taken() -> int:
        wall(client)
        with CaptureQueriesContext(connection) as statements:
            assert wall(client).status_code == 200
        return len(statements)

    before = taken()
    for _ in range(6):
        reported(busy, at=now())
    assert taken() <= before <= 36


def test_an_unreadable_day_narrows_to_nothing(busy: Cast) -> None:
    client = busy.client("dispatcher")
    for day in ("today", "2026-02-30", "2026-11-01..", "..", "9999-12-31"):
        assert rows(client, f"/staff/cases/?ended_on={day}") == 0
