"""Reads of what is public (查询公示). It is public: nothing here depends on who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.expressions import RawSQL

from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from linli.kernel.places.queries import prefix_range
from linli.kernel.publicity import search
from linli.kernel.publicity.models import ENDED, NOTICE, SHOWN, WITHDRAWN, Objection, Publication

NEWEST = ("-id",)
COLUMNS = {6: "county", 9: "township", 12: "village"}
FED = 50  # entries of a feed


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to (筛选条件). An area brings what concerns it: all below it, and what holds for all of an
    area above."""

    area: str = ""  # prefix
    kind: str = ""
    procedure: str = ""
    words: str = ""
    past: bool = False  # what has ended or was withdrawn
    ended_too: bool = False  # what is on show, and what has ended and can still be read

    @property
    def states(self) -> tuple[str, ...]:
        if self.ended_too:
            return (SHOWN, ENDED)
        return (ENDED, WITHDRAWN) if self.past else (SHOWN,)


def published(
    filters: Filters | None = None, *, cursor: str = "", limit: int = PAGE_SIZE
) -> Page[Publication]:
    """A page of what is on show (在公示的), newest first, in two queries; each branch is a walk along its own index."""
    filters = filters or Filters()
    before = Q(id__lt=decode_cursor(cursor, NEWEST, (int,))[0]) if cursor else Q()
    ids = _newest(_branches(filters, filters.states, before), limit + 1)
    page, more = ids[:limit], len(ids) > limit
    return Page(_rows(page), encode_cursor([page[-1]], NEWEST) if more else None, more)


@dataclass(frozen=True)
class OnShow:
    """How many notices are on show now (正在公示几件), and when the next of them ends."""

    n: int
    next_end: datetime | None


def on_show(area: str, at: datetime) -> OnShow:
    """What one may still object to in an area (现在可以提意见的), in one query over the few notices that are open."""
    here = Q()
    for where in _where(area):
        here |= where
    rows = Publication.objects.filter(here, kind=NOTICE, state=SHOWN, until_at__gte=at)
    found = rows.aggregate(n=Count("pk"), next_end=Min("until_at"))
    return OnShow(found["n"], found["next_end"])


def feed_of(filters: Filters) -> list[Publication]:
    """The newest of all, taken back or not (订阅内容), so that whoever repeats what was shown learns that it is gone."""
    return _rows(_newest(_branches(filters, (SHOWN, ENDED, WITHDRAWN), Q()), FED))


def publication(uid: UUID | str) -> Publication:
    """One publication by its public id (打开一件); what was withdrawn stays at its address."""
    try:
        wanted = UUID(str(uid))
    except ValueError:
        raise absent(Text("公示", "public notice")) from None
    row = (
        Publication.objects.select_related("area", "area__parent", "organisation").filter(uid=wanted).first()
    )
    if row is None:
        raise absent(Text("公示", "public notice"))
    return row


def of_case(case_id: int) -> list[Publication]:
    """Everything that a case showed (一件办件的公示), newest first."""
    return list(Publication.objects.filter(case_id=case_id).select_related("organisation").order_by("-id"))


def objections_to(publications: Sequence[Publication]) -> list[Objection]:
    """The objections to these (异议), for those who may see the case; to the public only their number."""
    if not any(row.n_objections for row in publications):
        return []
    return list(
        Objection.objects.filter(publication__in=publications).select_related("publication").order_by("id")
    )


def _branches(filters: Filters, states: Sequence[str], condition: Q) -> list[QuerySet[Publication]]:
    if filters.kind:
        condition &= Q(kind=filters.kind)
    if filters.procedure:
        condition &= Q(procedure=filters.procedure)
    found = Publication.objects.filter(condition)
    if filters.words.strip():
        matching = search.matching_sql(filters.words)
        found = found.filter(pk__in=RawSQL(*matching)) if matching else found.none()  # noqa: S611 - fixed text
    return [found.filter(where, state=state) for where in _where(filters.area) for state in states]


def _where(prefix: str) -> list[Q]:
    """The area and what lies in it by the column of its level; each area above by itself."""
    if not prefix:
        return [Q()]
    above = [prefix[:n] for n in PREFIX_LENGTH.values() if n < len(prefix)]
    if column := COLUMNS.get(len(prefix)):
        inside = Q(**{column: prefix})
    else:
        name = "county" if len(prefix) < PREFIX_LENGTH["county"] else "grid"
        start, end = prefix_range(prefix)
        inside = Q(**{f"{name}__gte": start, **({f"{name}__lt": end} if end else {})})
    return [inside, *(Q(grid=upper) for upper in above)]


def _newest(branches: Sequence[QuerySet[Publication]], limit: int) -> list[int]:
    """The newest ids of all branches together, in one statement that reads no more than `limit` rows of each."""
    parts: list[str] = []
    params: list[Any] = []
    for n, branch in enumerate(branches):
        try:
            sql, values = branch.order_by("-id").values_list("id")[:limit].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) b{n}")
        params += list(values)
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION '.join(parts)} ORDER BY 1 DESC LIMIT {int(limit)}", params)
        return [row[0] for row in cursor.fetchall()]


def _rows(ids: Sequence[int]) -> list[Publication]:
    if not ids:
        return []
    found = Publication.objects.filter(pk__in=ids).select_related("area", "area__parent", "organisation")
    rows = {row.pk: row for row in found}
    return [rows[i] for i in ids if i in rows]
