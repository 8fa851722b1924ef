"""Supervision (督办): what came to yellow or red waits in a supervisor's queue until it moved on or was dealt with.

A row says: this task of this case, in this queue, since then. It comes by the sweeper, by whoever reports upward, and goes
when the task is done; nobody has to look for late cases among all cases. The verbs are in `overseeing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from linli.base.ids import uuid7
from linli.base.paging import COUNTED_AT_MOST, Count, Page, decode_cursor, encode_cursor
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.holders import area_queues
from linli.kernel.procedures.models import Case, Supervision
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import not_recused, visible_to

SUPERVISING = frozenset({"supervisor", "leader"})
LEVELS = ("red", "yellow")
ORDER = ("since", "id")


# ------------------------------------------------------------------------------------------------ rows


def raise_row(case_id: int, task_id: int, queue: str, level: str, at: datetime) -> None:
    """Put a task before a supervisor (列入督办), or raise what is there from yellow to red.

    What was settled and has since come to a further share of its limit is there again.
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procedures_supervision (uid, case_id, task_id, queue, level, since, n_urged, outcome) "
            "VALUES (%s, %s, %s, %s, %s, %s, 0, '') ON CONFLICT (task_id, queue) DO UPDATE SET "
            "level = CASE WHEN procedures_supervision.done_at IS NULL AND procedures_supervision.level = 'red' "
            "THEN 'red' ELSE excluded.level END, "
            "since = CASE WHEN procedures_supervision.done_at IS NULL THEN procedures_supervision.since "
            "ELSE excluded.since END, done_at = NULL, outcome = ''",
            [uuid7().hex, case_id, task_id, queue, level, moment],
        )


def tasks_closed(task_ids: Collection[int], at: datetime) -> None:
    """Nothing is left to supervise about tasks that are done (事已办，督办自动了结), in the transaction that ends them.

    Call it for tasks that were warned of (`alert_stage` > 0): no other can have a row.
    """
    if task_ids:
        marks = ", ".join(["%s"] * len(task_ids))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procedures_supervision SET done_at = %s, outcome = 'moved' "
                f"WHERE done_at IS NULL AND task_id IN ({marks})",
                [connection.ops.adapt_datetimefield_value(at), *task_ids],
            )


def urged(task_ids: Iterable[int], at: datetime) -> None:
    """Whoever supervises these tasks sees that they were urged (记催办次数)."""
    rows = Supervision.objects.filter(task_id__in=list(task_ids), done_at__isnull=True)
    rows.update(urged_at=at, n_urged=F("n_urged") + 1)


def close_own(rows: Iterable[Supervision], at: datetime, outcome: str) -> None:
    ids = [row.pk for row in rows]
    Supervision.objects.filter(pk__in=ids, done_at__isnull=True).update(done_at=at, outcome=outcome)


# ------------------------------------------------------------------------------------------------ who


def hat_over(procedure: Procedure, prefix: str, actor: Actor) -> Hat | None:
    """The post in which somebody supervises a case of this procedure (督办岗位): a supervisor or leader whose area covers
    it, where the procedure reports to that role or lets it oversee; the nearest first."""
    named = {e.to.partition("@")[0] for e in procedure.escalation if e.to} | procedure.overseeing_roles
    roles = named & SUPERVISING
    fitting = [hat for hat in actor.hats if hat.roles & roles and hat.covers(prefix)]
    return max(fitting, key=lambda hat: len(hat.area_prefix), default=None)


def queues_watched(actor: Actor) -> list[str]:
    """The queues of supervision that are this person's own (我的督办队列)."""
    found: set[str] = set()
    for hat in actor.hats:
        for role in hat.roles & SUPERVISING:
            found |= {*area_queues(role, hat.area_prefix), f"{role}#{hat.organisation_id}"}
    return sorted(found)


# ------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True)
class Filters:
    """What the supervisor's list is narrowed to (督办筛选)."""

    level: str = ""
    procedure: str = ""
    township: str = ""  # prefix

    def condition(self) -> Q:
        named = {"level": self.level, "case__procedure": self.procedure, "case__township": self.township}
        return Q(**{name: value for name, value in named.items() if value})


@dataclass(frozen=True)
class Watched:
    """One row of the list (督办一项). `open` is false where even the supervisor may not read the case itself."""

    row: Supervision
    open: bool

    @property
    def procedure(self) -> Procedure:
        return procedure_of(self.row.case.version_id)


def watched(
    actor: Actor, filters: Filters | None = None, *, cursor: str = "", limit: int = 50
) -> Page[Watched]:
    """What waits for this supervisor (督办清单), the longest waiting first: one index range for each of their queues."""
    after = Q()
    if cursor:
        since, last = decode_cursor(cursor, ORDER, (datetime, int))
        after = Q(since__gte=since) & (Q(since__gt=since) | Q(id__gt=last))
    condition = after & (filters or Filters()).condition()
    keys: list[tuple[datetime, int]] = []
    for queue in queues_watched(actor):
        rows = _open(actor, condition, queue=queue).order_by(*ORDER)
        keys += rows.values_list("since", "id")[: limit + 1]
    keys.sort()
    page, more = keys[:limit], len(keys) > limit
    found = {r.pk: r for r in _whole(Supervision.objects.filter(pk__in=[k[1] for k in page]))}
    rows_shown = [found[k[1]] for k in page if k[1] in found]
    readable = set(
        visible_to(actor).filter(pk__in={r.case_id for r in rows_shown}).values_list("pk", flat=True)
        if rows_shown
        else ()
    )
    items = [Watched(row, row.case_id in readable) for row in rows_shown]
    return Page(items, encode_cursor(page[-1], ORDER) if more else None, more)


def counts(actor: Actor) -> dict[str, Count]:
    """How many wait in all, and how many of them are red (督办数量), counted up to the limit in one query."""
    queues = queues_watched(actor)
    levels: Counter[str] = Counter()
    if queues:
        rows = _open(actor, Q(), queue__in=queues).values_list("level", flat=True)
        levels.update(rows[: COUNTED_AT_MOST + 1])
    n, exact = levels.total(), levels.total() <= COUNTED_AT_MOST
    return {"all": Count(min(n, COUNTED_AT_MOST), exact), "red": Count(levels["red"], exact)}


def rows_of(case: Case) -> list[Supervision]:
    """Who supervises a case now (本件督办情况)."""
    return list(
        Supervision.objects.filter(case=case, done_at__isnull=True).select_related("task").order_by(*ORDER)
    )


def rows_mine(case_id: int, actor: Actor) -> list[Supervision]:
    return list(
        Supervision.objects.filter(
            case_id=case_id, queue__in=queues_watched(actor), done_at__isnull=True, task__done_at__isnull=True
        ).order_by(*ORDER)
    )


def _open(actor: Actor, condition: Q, **which: Any) -> QuerySet[Supervision]:
    rows = Supervision.objects.filter(condition, done_at__isnull=True, task__done_at__isnull=True, **which)
    return not_recused(actor, rows, case="case__")


def _whole(rows: QuerySet[Supervision]) -> QuerySet[Supervision]:
    return rows.select_related(
        "case__area__parent", "case__lead", "task__organisation", "task__taken_by", "task"
    )
