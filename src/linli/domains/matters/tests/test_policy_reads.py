"""How often policy cards are read (阅读量): bare totals, without anybody in them, and never in the way of the page."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.base.clock import today
from linli.domains.matters import policy_queries as q
from linli.domains.matters import policy_reads, services
from linli.domains.matters.models import PolicyRead
from linli.domains.matters.spec import CATALOGUE
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Organisation
from linli.kernel.procedures.registry import JOBS
from tests.cast import Cast

pytestmark = pytest.mark.django_db
TOPIC, GUIDE = "/policies/?topic=old_age", "/matters/age-allowance/"


@pytest.fixture(autouse=True)
def card(cast: Cast) -> None:
    county = cast.area("county")
    Organisation.objects.create(code=f"{county.prefix}-civil", name="民政局", kind="department", area=county)
    raw = tomllib.loads((CATALOGUE / "age-allowance.toml").read_text(encoding="utf-8"))
    raw.pop("effective_from", None)
    services.publish(services.save_draft(county, raw, by=SYSTEM), from_on=today(), by=SYSTEM)


def counts() -> dict[str, int]:
    return {row.topic or row.matter: row.n for row in PolicyRead.objects.all()}


def test_each_opening_counts_and_nothing_about_who(cast: Cast, client: Client) -> None:
    for _ in range(3):
        client.get(TOPIC)
    cast.client("resident").get(TOPIC)
    client.get(GUIDE)
    client.get("/policies/")
    assert counts() == {"old_age": 4, "age-allowance": 1, "": 1}
    assert {f.name for f in PolicyRead._meta.get_fields()} == {"id", "county", "topic", "matter", "day", "n"}
    assert set(client.cookies) <= {"csrftoken"}  # the counter leaves nothing in the browser


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}],
)
def test_what_is_fetched_ahead_and_head_and_staff_do_not_count(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    client.get(TOPIC, headers=headers)
    client.head(TOPIC)
    client.head(GUIDE)
    cast.client("dispatcher").get(GUIDE)
    cast.client("admin").get(TOPIC)
    client.get("/matters/moon/")
    assert counts() == {}


@pytest.mark.parametrize("address", [TOPIC, GUIDE])
def test_it_costs_one_statement_and_a_counter_that_fails_fails_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    client = cast.client("resident")
    client.get(address)
    with CaptureQueriesContext(connection) as with_counter:
        client.get(address)
    monkeypatch.setattr(policy_reads, "is_read", lambda request: False)
    with CaptureQueriesContext(connection) as without:
        client.get(address)
    monkeypatch.undo()
    assert len(with_counter) == len(without) + 1

    def broken(*args: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(policy_reads, "add", broken)
    assert client.get(address).status_code == 200


def test_under_five_is_not_said_and_today_not_yet(cast: Cast, client: Client) -> None:
    county, on = cast.area("county"), today()
    yesterday = on - timedelta(days=1)
    policy_reads.add(county.pk, "old_age", "", yesterday, 4)
    policy_reads.add(county.pk, "", "age-allowance", yesterday, 12)
    policy_reads.add(county.pk, "", "age-allowance", on, 30)
    assert str(q.reads(county, on)["old_age"].lately) == "少于 5"
    assert q.reads_of_matters(county, ["age-allowance"], on)["age-allowance"].lately == 12
    page = cast.client("admin").get("/staff/admin/matters/reads/").content.decode()
    assert "高龄津贴" in page
    assert "12" in page
    assert "少于 5" in page
    assert cast.client("dispatcher").get("/staff/admin/matters/reads/").status_code == 404
    policy_reads.add(county.pk, "old_age", "", yesterday, 3)
    if yesterday.year == on.year:
        assert "看了 7 次" in client.get(TOPIC).content.decode()


def test_old_days_become_their_month_and_old_years_go(cast: Cast) -> None:
    county, on = cast.area("county"), date(2026, 11, 29)
    for day, n in (
        (date(2026, 11, 28), 1),
        (date(2026, 9, 30), 2),  # 60 days ago it is 30 September: that month is still kept by day
        (date(2026, 8, 1), 4),
        (date(2026, 8, 31), 8),
        (date(2026, 3, 9), 16),
        (date(2022, 12, 31), 32),
    ):
        policy_reads.add(county.pk, "old_age", "", day, n)
    assert "policy-reads" in JOBS
    assert policy_reads.fold(on) == 3
    assert policy_reads.fold(on) == 0
    rows = PolicyRead.objects.order_by("day").values_list("day", "n")
    assert list(rows) == [
        (date(2026, 3, 1), 16),
        (date(2026, 8, 1), 12),
        (date(2026, 9, 30), 2),
        (date(2026, 11, 28), 1),
    ]
    assert q.reads(county, on)["old_age"] == q.Reads(q.shown(1), 31)
