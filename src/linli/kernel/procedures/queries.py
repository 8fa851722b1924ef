"""All reads of cases and tasks (查询): each starts from what the person may see, each list pages by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import Count, Page, count_up_to, counts_up_to, decode_cursor, encode_cursor
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import search
from linli.kernel.procedures.authority import queues_of
from linli.kernel.procedures.hot import read_moment
from linli.kernel.procedures.models import Case, Participation, Recusal, Task
from linli.kernel.procedures.readers import as_read_by, in_words
from linli.kernel.procedures.registry import LIST_FILTERS
from linli.kernel.procedures.visibility import branches, not_recused, visible_to

__all__ = ["access_case", "case_page", "count_up_to", "inbox", "inbox_counts", "visible_to"]

# One organisation or person can take part in a case in so many ways at once, each a row of the join.
PARTS_AT_MOST = 3
BY_DUE, NEWEST = ("due_at", "id"), ("-id",)


def access_case(number: str, actor: Actor) -> Case:
    """The case with this number, if this person may see it (打开办件); otherwise the answer for what does not exist."""
    case = (
        visible_to(actor)
        .filter(number=number)
        .select_related("area", "area__parent", "lead", "applicant", "version")
        .first()
    )
    if case is None:
        raise absent(Text("办件", "case"))
    return as_read_by(case, actor)


@dataclass(frozen=True)
class CaseFilters:
    """What a list is narrowed to (筛选条件). The same values serve page, API, export and the list behind a figure."""

    procedure: str = ""
    step: str = ""
    status: str = ""
    area: str = ""  # prefix
    words: str = ""
    late: bool = False
    due_before: datetime | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    lead: int | None = None
    numbers: tuple[str, ...] = ()
    more: dict[str, str] = field(default_factory=dict)  # filters that domains registered

    def apply(self, queryset: QuerySet[Case], actor: Actor, now: datetime) -> QuerySet[Case]:
        exact = {name: value for name in ("procedure", "step", "status") if (value := getattr(self, name))}
        condition = Q(**exact)
        ranges = {
            "opened_at__gte": self.opened_from,
            "opened_at__lt": self.opened_to,
            "lead_id": self.lead,
            "grid__gte": self.area,
            "grid__lt": self.area and self.area + "\x7f",
            "number__in": self.numbers,
        }
        condition &= Q(**{name: value for name, value in ranges.items() if value})
        late_before = min(filter(None, (now if self.late else None, self.due_before)), default=None)
        if late_before:
            condition &= Q(status="open", due_at__lt=late_before)
        queryset = queryset.filter(condition)
        if self.words.strip():
            found = search.matching_sql(self.words)
            queryset = queryset.filter(pk__in=RawSQL(*found)) if found else queryset.none()  # noqa: S611 - fixed text
            if not actor.is_staff and actor.person_id is not None:
                # What somebody else wrote is not to be guessed word by word either.
                followed = Participation.objects.filter(
                    kind="person", ref=actor.person_id, part="follower"
                ).values("case_id")
                queryset = queryset.exclude(~Q(applicant_id=actor.person_id), pk__in=followed)
        for name, value in self.more.items():
            if name in LIST_FILTERS and value:
                queryset = LIST_FILTERS[name](queryset, value, actor)
        return queryset


def case_page(
    actor: Actor,
    filters: CaseFilters | None = None,
    *,
    now: datetime,
    cursor: str = "",
    limit: int = 50,
    order: str = "newest",
) -> Page[Case]:
    """A page of cases (办件列表), newest first or by due time. Each branch of the visibility rule is asked for one
    page's worth by its own index, so the list costs the same with a thousand cases and with a million."""
    filters = filters or CaseFilters()
    by_due = order == "due"
    direction = BY_DUE if by_due else NEWEST
    columns = ("due_at", "id") if by_due else ("id",)
    after = _after_due(cursor) if by_due else _before_id(cursor)
    if by_due:
        after &= Q(status="open", due_at__isnull=False)
    querysets = []
    for branch in branches(actor):
        joined = None if by_due else branch.joined
        cases = Case.objects.filter(branch.condition if joined is None else joined, after)
        cases = filters.apply(not_recused(actor, cases), actor, now)
        if joined is None:
            querysets.append(cases.order_by(*direction).values_list(*columns)[: limit + 1])
        else:
            ordered = cases.order_by("-participations__case_id").values_list("participations__case_id")
            querysets.append(ordered[: PARTS_AT_MOST * limit + 1])
    keys = _merged(querysets, columns, descending=not by_due, limit=limit + 1)
    page, more = keys[:limit], len(keys) > limit
    rows = {
        c.pk: c
        for c in Case.objects.filter(pk__in=[k[-1] for k in page]).select_related(
            "area", "area__parent", "lead"
        )
    }
    items = [as_read_by(rows[k[-1]], actor) for k in page if k[-1] in rows]
    return Page(items, encode_cursor(page[-1], direction) if more else None, more)


def _after_due(cursor: str) -> Q:
    """Behind the cursor's place, in the form that one index range answers."""
    if not cursor:
        return Q()
    due, last = decode_cursor(cursor, BY_DUE, (datetime, int))
    return Q(due_at__gte=due) & (Q(due_at__gt=due) | Q(id__gt=last))


def _before_id(cursor: str) -> Q:
    return Q(id__lt=decode_cursor(cursor, NEWEST, (int,))[0]) if cursor else Q()


def _merged(
    querysets: Sequence[QuerySet[Any, Any]], columns: Sequence[str], *, descending: bool, limit: int
) -> list[tuple[Any, ...]]:
    if not querysets:
        return []
    parts, params = [], []
    for n, queryset in enumerate(querysets):
        try:
            sql, values = queryset.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) b{n}")
        params += list(values)
    if not parts:
        return []
    order = ", ".join(f"{i + 1}{' DESC' if descending else ''}" for i in range(len(columns)))
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION '.join(parts)} ORDER BY {order} LIMIT {int(limit)}", params)
        rows = cursor.fetchall()
    return [
        tuple(read_moment(v) if c == "due_at" else v for c, v in zip(columns, row, strict=True))
        for row in rows
    ]


@dataclass(frozen=True)
class InboxRow:
    task: Task
    case: Case


def inbox(
    actor: Actor,
    *,
    cursor: str = "",
    limit: int = 50,
    narrowed: Q | None = None,
) -> Page[InboxRow]:
    """My tasks, the most pressing first (待办): one index range for each of my queues, flat however many cases there are."""
    condition = _after_due(cursor) & (narrowed or Q())
    querysets = [
        Task.objects.filter(condition, queue=queue, done_at__isnull=True)
        .order_by("due_at", "id")
        .values_list("due_at", "id")[: limit + 1]
        for queue in queues_of(actor)
    ]
    keys = _merged(querysets, ("due_at", "id"), descending=False, limit=limit + 1)
    page, more = keys[:limit], len(keys) > limit
    tasks = _tasks([k[1] for k in page], actor)
    return Page(
        [InboxRow(t, in_words(t.case)) for t in tasks],
        encode_cursor(page[-1], BY_DUE) if more else None,
        more,
    )


def _tasks(ids: Iterable[int], actor: Actor) -> list[Task]:
    wanted = list(ids)
    # Asked of these tasks alone: a sub-select over all cases would be read whole.
    visible = not_recused(actor, Task.objects.filter(pk__in=wanted), case="case__")
    rows = {t.pk: t for t in visible.select_related("case", "case__area", "case__area__parent", "case__lead")}
    return [rows[i] for i in wanted if i in rows]


@dataclass(frozen=True)
class Beside:
    """The numbers of the cases before and after one in the inbox (上一件、下一件); empty at either end."""

    before: str = ""
    after: str = ""


def beside_in_inbox(actor: Actor, case: Case) -> Beside:
    """What stands before and after a case in my inbox (待办里的前后件); of one that does not wait for me, the first of all."""
    queues = queues_of(actor)
    mine = Task.objects.filter(case=case, queue__in=queues, done_at__isnull=True).order_by("due_at", "id")
    here = mine.values_list("due_at", "id").first() if queues else None
    if here is None:
        return Beside(after=_first_number(actor, queues, Q(), "due_at", "id", case))
    due, last = here
    before = Q(due_at__lte=due) & (Q(due_at__lt=due) | Q(id__lt=last))
    after = Q(due_at__gte=due) & (Q(due_at__gt=due) | Q(id__gt=last))
    return Beside(
        _first_number(actor, queues, before, "-due_at", "-id", case),
        _first_number(actor, queues, after, "due_at", "id", case),
    )


def _first_number(
    actor: Actor, queues: Sequence[str], condition: Q, by_due: str, by_id: str, case: Case
) -> str:
    rows = [
        Task.objects.filter(condition, queue=queue, done_at__isnull=True)
        .exclude(case=case)
        .order_by(by_due, by_id)
        .values_list("due_at", "id")[:2]
        for queue in queues
    ]
    keys = _merged(rows, ("due_at", "id"), descending=by_due.startswith("-"), limit=2)
    return next((t.case.number for t in _tasks([k[1] for k in keys], actor)), "")


def inbox_counts(actor: Actor, now: datetime, end_of_today: datetime) -> dict[str, Count]:
    """How many are open, late, due today (待办数量), each up to the counting limit; of what the list shows, no more."""
    queues = queues_of(actor)
    if not queues:
        return dict.fromkeys(("open", "late", "today"), Count(0, exact=True))
    mine = Task.objects.filter(queue__in=queues, done_at__isnull=True)
    barred = Recusal.objects.filter(organisation_id__in=sorted(actor.organisation_ids))
    mine = mine.exclude(case__in=barred.values("case_id"))
    asked = {
        "open": mine,
        # While the clock is stopped nothing is late, whatever its due time was.
        "late": mine.filter(due_at__lt=now).exclude(case__status="suspended"),
        "today": mine.filter(due_at__gte=now, due_at__lt=end_of_today),
    }
    return dict(zip(asked, counts_up_to(list(asked.values())), strict=True))
