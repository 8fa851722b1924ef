from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from linli.base.errors import Unreadable
from linli.base.paging import Count, count_up_to, counts_up_to, decode_cursor, encode_cursor, keyset
from linli.kernel.people.models import Organisation
from tests.cast import Cast


def all_pages(queryset: QuerySet[Any], order: list[str], limit: int) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = keyset(queryset, order, cursor, limit)
        assert page.has_more == (page.next_cursor is not None)
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


@pytest.mark.parametrize(
    "order", [["code"], ["-id"], ["kind"], ["-kind", "id"], ["area__level", "-kind", "id"]]
)
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_together_are_the_list(cast: Cast, order: list[str], limit: int) -> None:
    rows = Organisation.objects.select_related("area")
    tie = [] if order[-1].lstrip("-") in {"id", "code"} else ["-id" if order[-1].startswith("-") else "id"]
    assert all_pages(rows, order, limit) == list(rows.order_by(*order, *tie))


def test_a_page_is_one_query_with_a_range_the_index_can_use(cast: Cast) -> None:
    cursor = keyset(Organisation.objects.all(), ["kind", "id"], limit=2).next_cursor
    with CaptureQueriesContext(connection) as queries:
        keyset(Organisation.objects.all(), ["kind", "id"], cursor, limit=2)
    assert len(queries) == 1
    sql = queries[0]["sql"]
    assert '"kind" >= ' in sql
    assert "OFFSET" not in sql


def test_values_rows_can_be_paged(cast: Cast) -> None:
    assert len(all_pages(Organisation.objects.values("code", "kind", "id"), ["kind", "id"], 3)) == 8


def test_cursor_keeps_types() -> None:
    values = [datetime(2026, 3, 1, 8, tzinfo=UTC), date(2026, 3, 1), uuid.uuid4(), "甲", 7, 1.5]
    order = ["a", "b", "c", "d", "e", "f"]
    assert decode_cursor(encode_cursor(values, order), order) == values


def forged(body: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "é",
        "AAAA",
        forged({}),
        forged([]),
        forged(["x"]),
        encode_cursor(["x"], ["code"]),  # of another order
        encode_cursor(["not a number"], ["id"]),
        encode_cursor([2**70], ["id"]),
        encode_cursor([float("nan")], ["id"]),
        encode_cursor(["a\0b"], ["id"]),
    ],
)
def test_damaged_cursors_are_refused(db: None, cursor: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        keyset(Organisation.objects.all(), ["id"], cursor)
    assert refusal.value.code == "paging.bad_cursor"


def test_a_field_that_may_be_empty_cannot_order_a_list(cast: Cast) -> None:
    with pytest.raises(ValueError, match="parent_id"):
        keyset(Organisation.objects.filter(parent=None), ["parent_id", "id"], limit=1)


def test_counting_stops_at_the_limit(cast: Cast) -> None:
    assert count_up_to(Organisation.objects.all()) == Count(8, exact=True)
    assert str(count_up_to(Organisation.objects.all(), most=5)) == "5+"


def test_several_counts_are_one_statement_and_each_like_its_own(cast: Cast) -> None:
    rows = Organisation.objects.all()
    asked = [
        rows,
        rows.filter(kind="department").order_by("name"),
        rows.none(),
        rows.filter(name__contains="100%"),
        rows.filter(area__level__in=["county"]).exclude(parent__kind="office"),
    ]
    with CaptureQueriesContext(connection) as statements:
        counted = counts_up_to(asked, most=3)
    assert len(statements) == 1
    assert counted == [count_up_to(each, most=3) for each in asked]
    assert counts_up_to([]) == []
