"""Reads of notices (查询通知): everybody sees their own and nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.base.i18n import Text
from linli.kernel.notices.models import IN_APP, Notice
from linli.kernel.notices.templates import render

UNREAD_SHOWN = 100  # counted no further: the badge then says 99+


Titles = Callable[[Sequence[str]], Mapping[str, str]]


class Reader(Protocol):
    """Who reads (查阅人): any actor with an account, a person, or both."""

    @property
    def account_id(self) -> int | None: ...

    @property
    def person_id(self) -> int | None: ...


@dataclass(frozen=True)
class NoticeItem:
    uid: UUID
    title: Text
    body: Text
    template: str
    case_number: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class NoticePage:
    items: list[NoticeItem]
    next_cursor: str | None


def addressed_to(reader: Reader) -> QuerySet[Notice]:
    """The notices of this reader (本人的通知); none for somebody unknown."""
    mine = _mine(reader)
    if not mine:
        return Notice.objects.none()
    return Notice.objects.filter(mine[0] | mine[1] if len(mine) == 2 else mine[0])


def my_notices(
    reader: Reader, cursor: str = "", *, limit: int = 30, titles: Titles | None = None
) -> NoticePage:
    """My notices, newest first (我的通知). `cursor` comes from the page before; an unknown one starts anew.

    `titles` says what the cases are called, of those that this reader may see: it is looked up when the notice is read,
    since a title is in the applicant's own words and is kept nowhere else.
    """
    after, uid = None, _uid(cursor)
    if uid:
        after = addressed_to(reader).filter(uid=uid).values_list("id", flat=True).first()
    rows: list[Notice] = []
    # One indexed walk each, merged here: with OR the database would sort everything this reader ever got.
    for who in _mine(reader):
        found = Notice.objects.filter(who, channel=IN_APP).order_by("-id")
        rows += (found.filter(id__lt=after) if after else found)[: limit + 1]
    rows = sorted({row.pk: row for row in rows}.values(), key=lambda row: -row.pk)
    more = len(rows) > limit
    rows = rows[:limit]
    named = titles([row.case_number for row in rows if row.case_number]) if titles else {}
    items = [_item(row, named.get(row.case_number)) for row in rows]
    return NoticePage(items, str(rows[-1].uid) if more else None)


def n_unread(reader: Reader) -> int:
    """How many notices are unread (未读条数), counted up to 100."""
    found = 0
    for who in _mine(reader):
        new = Notice.objects.filter(who, channel=IN_APP, read_at__isnull=True)
        found += new.values("pk")[:UNREAD_SHOWN].count()
    return min(found, UNREAD_SHOWN)


def _mine(reader: Reader) -> list[Q]:
    mine = []
    if reader.account_id is not None:
        mine.append(Q(account_id=reader.account_id))
    if reader.person_id is not None:
        mine.append(Q(person_id=reader.person_id))
    return mine


def _item(row: Notice, title: str | None) -> NoticeItem:
    if title and not row.params.get("title"):
        row.params = {**row.params, "title": title}
    zh, en = render(row, "zh"), render(row, "en")
    return NoticeItem(
        row.uid,
        Text(zh.title, en.title),
        Text(zh.body, en.body),
        row.template,
        row.case_number,
        row.created_at,
        row.read_at,
    )


def _uid(cursor: str) -> UUID | None:
    try:
        return UUID(cursor)
    except ValueError:
        return None
