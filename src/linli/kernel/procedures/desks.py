"""What is open on the desk of a post (岗位上的未办事项), before the post or who holds it goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from linli.base.clock import now
from linli.base.paging import Count, count_up_to
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account, Post
from linli.kernel.procedures.holders import accounts_in, area_queues
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.visibility import visible_to

SHOWN = 20
LOOKED_AT = 200


@dataclass(frozen=True)
class Desk:
    """The open tasks that a post may take (岗位待办): how many, how many late, those that the reader may see, and who else
    may take them."""

    post: Post
    n_open: Count
    n_late: Count
    rows: tuple[Task, ...]
    others: tuple[Account, ...]

    @property
    def is_left_alone(self) -> bool:
        return bool(self.n_open.n) and not self.others


def desk_of(post: Post, *, by: Actor, without: Collection[int] = (), at: datetime | None = None) -> Desk:
    """What waits for a post, and who may take it besides those who go (岗位待办), in five queries.

    Counts are of all its tasks; the list is of those cases alone that the reader may see, the most urgent first.
    """
    queues = queues_of_post(post)
    waiting = Task.objects.filter(queue__in=queues, done_at__isnull=True)
    # Asked of the most urgent alone: a sub-select over all cases would be read whole.
    urgent = list(waiting.select_related("case").order_by("due_at", "id")[:LOOKED_AT])
    seen = set(visible_to(by).filter(pk__in={t.case_id for t in urgent}).values_list("pk", flat=True))
    busy = set(waiting.order_by().values_list("queue", flat=True).distinct())
    others = {account for queue in sorted(busy or queues) for account in accounts_in(queue)} - set(without)
    return Desk(
        post,
        count_up_to(waiting),
        count_up_to(waiting.filter(due_at__lt=at or now())),
        tuple([t for t in urgent if t.case_id in seen][:SHOWN]),
        tuple(Account.objects.filter(pk__in=others).order_by("username")[:SHOWN]),
    )


def queues_of_post(post: Post) -> list[str]:
    """The queues whose tasks a holder of this post may take (岗位能接的队列)."""
    return sorted({q for role in post.roles for q in _queues(role, post)})


def _queues(role: str, post: Post) -> Iterable[str]:
    return (*area_queues(role, post.area.prefix), f"{role}#{post.organisation_id}")
