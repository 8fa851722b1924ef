"""Pages by key (按键翻页): never by offset, never counted exactly past 1,000."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, ValidationError
from django.db import connections
from django.db.models import Q, QuerySet

from linli.base.errors import Unreadable
from linli.base.i18n import Text

PAGE_SIZE = 50
LARGEST_PAGE = 200
COUNTED_AT_MOST = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, and where the next ones begin (一页)."""

    items: list[T]
    next_cursor: str | None
    has_more: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are (数量): `exact` is false when there are more than were counted."""

    n: int
    exact: bool

    def __str__(self) -> str:
        return str(self.n) if self.exact else f"{self.n}+"


def keyset(
    queryset: QuerySet[Any],
    order_fields: Sequence[str],
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Any]:
    """One page of a list, in one query (按键取一页).

    `order_fields` as in `order_by` (`-id`, `due_at`, `organisation__code`), none of them null in any row (annotate
    a `Coalesce` where they may be); `id` is added when the last one is not unique. The question is `a >= x AND (a > x OR id > i)`: a plain OR makes the database read the whole index.
    Refuses a cursor that is damaged or was made for another order (Unreadable `paging.bad_cursor`).
    """
    order = list(order_fields)
    if not order or not _unique(queryset, order[-1].lstrip("-")):
        order.append("-id" if order and order[-1].startswith("-") else "id")
    limit = max(1, min(limit, LARGEST_PAGE))
    queryset = queryset.order_by(*order)
    if cursor:
        values = decode_cursor(cursor, order)
        try:
            queryset = queryset.filter(_after(order, values))
        except (ValueError, TypeError, ValidationError) as error:
            raise _bad_cursor() from error
    rows = list(queryset[: limit + 1])
    has_more = len(rows) > limit
    rows = rows[:limit]
    following = encode_cursor([_value(rows[-1], name) for name in order], order) if has_more else None
    return Page(rows, following, has_more)


def count_up_to(queryset: QuerySet[Any], most: int = COUNTED_AT_MOST) -> Count:
    """How many rows, counted no further than `most` (计数到上限), in one query."""
    n = queryset.order_by()[: most + 1].count()
    return Count(min(n, most), n <= most)


def counts_up_to(querysets: Sequence[QuerySet[Any]], most: int = COUNTED_AT_MOST) -> list[Count]:
    """How many rows each has, counted no further than `most` (一次数清几项), in one statement for all of them."""
    parts, params, places = [], [], []
    for place, queryset in enumerate(querysets):
        bounded = queryset.order_by().values("pk")[: most + 1]
        try:
            sql, values = bounded.query.get_compiler(using=queryset.db).as_sql()
        except EmptyResultSet:  # it can have no rows
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) n{place})")
        params += values
        places.append(place)
    found = dict.fromkeys(range(len(querysets)), 0)
    if parts:
        with connections[querysets[0].db].cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)
            found |= dict(zip(places, cursor.fetchone(), strict=True))
    return [Count(min(n, most), n <= most) for n in found.values()]


def encode_cursor(values: Sequence[Any], order: Sequence[str]) -> str:
    body = json.dumps([_order_mark(order), *map(_plain, values)], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, order: Sequence[str], kinds: Sequence[type] = ()) -> list[Any]:
    """The values a cursor stands for (解读翻页游标). It is not signed: it only narrows what the reader may see. `kinds`
    says of what type each has to be, for a caller whose database would break on another."""
    try:
        body = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        mark, *values = body
        if mark != _order_mark(order) or len(values) != len(order):
            raise ValueError
        found = [_typed(value) for value in values]
        if any(not isinstance(v, kind) or isinstance(v, bool) for v, kind in zip(found, kinds, strict=False)):
            raise ValueError
        return found
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise _bad_cursor() from error


def _bad_cursor() -> Unreadable:
    return Unreadable(
        "paging.bad_cursor",
        Text(
            "这个翻页位置已失效。请回到列表第一页重新查看。",
            "This place in the list is no longer valid. Go back to the first page of the list.",
        ),
    )


def _unique(queryset: QuerySet[Any], name: str) -> bool:
    if name in {"id", "pk"}:
        return True
    try:
        return bool(getattr(queryset.model._meta.get_field(name), "unique", False))
    except FieldDoesNotExist:
        return False


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    name, value = order[0].lstrip("-"), values[0]
    strict = "lt" if order[0].startswith("-") else "gt"
    if len(order) == 1:
        return Q(**{f"{name}__{strict}": value})
    return Q(**{f"{name}__{strict}e": value}) & (
        Q(**{f"{name}__{strict}": value}) | _after(order[1:], values[1:])
    )


def _value(row: Any, name: str) -> Any:
    name = name.lstrip("-")
    if isinstance(row, dict):
        value = row[name]
    else:
        value = row
        for part in name.split("__"):
            value = getattr(value, part)
    if value is None:
        raise ValueError(f"a list cannot be paged by {name}: it is empty in some rows")
    return value


def _order_mark(order: Sequence[str]) -> str:
    return hashlib.sha256(",".join(order).encode()).hexdigest()[:6]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"u": str(value)}
    if isinstance(value, str | int | float):
        return value
    raise ValueError(f"a list cannot be paged by a value of type {type(value).__name__}")


def _typed(value: Any) -> Any:
    match value:
        case {"t": str(text)}:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)  # a moment that UTC cannot say is refused here
        case {"d": str(text)}:
            return date.fromisoformat(text)
        case {"u": str(text)}:
            return uuid.UUID(text)
        case str(text) if "\0" not in text:
            text.encode()  # half of a surrogate pair is refused here
            return text
        case int() | float() if abs(value) < 2**63:
            return value
    raise ValueError
