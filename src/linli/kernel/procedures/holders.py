"""Who holds which role where, today (在岗索引): read once, kept a few seconds, forgotten at once on a local change.

A task goes to the nearest area, from the step's level upward, where somebody holds the role: a village without a grid
worker of its own hands its checks to the township, and no task waits where nobody is.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models.signals import post_delete, post_save

from linli.base.clock import today
from linli.base.codes import PREFIX_LENGTH, level_of_prefix, truncate
from linli.kernel.people.actors import in_force
from linli.kernel.people.models import Account, Appointment, Delegation, Organisation, Post

KEPT_SECONDS = 5.0


@dataclass
class Holders:
    by_area: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    by_organisation: dict[tuple[str, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    organisations: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # by account
    read_at: float = 0.0


_kept: Holders | None = None
_lock = threading.Lock()


def _read() -> Holders:
    day = today()
    found = Holders(read_at=time.monotonic())
    columns = ("post__roles", "post__area__prefix", "post__organisation_id")
    own = Appointment.objects.filter(in_force(day), account__is_active=True).values_list(
        "account_id", *columns
    )
    deputies = Delegation.objects.filter(
        in_force(day, "appointment__"),
        from_on__lte=day,
        to_on__gte=day,
        ended_at__isnull=True,
        deputy__is_active=True,
    ).values_list("deputy_id", *(f"appointment__{column}" for column in columns))
    for account, roles, prefix, organisation in (*own, *deputies):
        for role in roles:
            found.by_area[role, prefix].append(account)
            found.by_organisation[role, organisation].append(account)
            found.organisations[account].add(organisation)
    return found


def holders() -> Holders:
    global _kept
    kept = _kept
    if kept is None or time.monotonic() - kept.read_at > KEPT_SECONDS:
        with _lock:
            _kept = kept = _read()
    return kept


def forget(*_: Any, **__: Any) -> None:
    global _kept
    _kept = None


for _model in (Account, Appointment, Delegation, Organisation, Post):
    post_save.connect(forget, sender=_model, dispatch_uid=f"holders-{_model.__name__}")
    post_delete.connect(forget, sender=_model, dispatch_uid=f"holders-{_model.__name__}-gone")

UPWARD = ("micro_grid", "grid", "village", "township", "county", "prefecture", "province")


# After the area of a queue: or of any area below it.
BELOW = "+"


def nearest_queue(role: str, level: str, case_prefix: str, barred: Collection[int] = ()) -> str:
    """The queue that a task for `role@level` on a case at `case_prefix` waits in (就近找到承办人): of the nearest area, from
    that level upward, where somebody holds the role who does not sit in a recused organisation.

    Whoever holds the role further down has no part in it, with two exceptions. A case that is only known to lie in a wider
    area waits for all of them there. And where nobody at that level or above is on this platform, it goes to the nearest
    below, over the case's own area.
    """
    first = truncate(case_prefix, level)
    below = f"{role}@{first}{BELOW}"
    if len(first) < PREFIX_LENGTH[level] and able_in(below, barred):
        return below
    here = UPWARD.index(level)
    for upper in (*UPWARD[here:], *reversed(UPWARD[:here])):
        queue = f"{role}@{truncate(case_prefix, upper)}"
        if able_in(queue, barred):
            return queue
    return f"{role}@{first}"


def area_queues(role: str, own: str) -> list[str]:
    """The queues of areas whose tasks a holder of this role in this area may take (岗位能接的区域队列)."""
    wider = [own[:n] for n in PREFIX_LENGTH.values() if n < len(own)]
    return [f"{role}@{own}", *(f"{role}@{prefix}{BELOW}" for prefix in (*wider, own))]


def area_of_queue(queue: str) -> str:
    """The prefix of the area that a queue names (队列的区域), empty for a queue of an organisation or a person."""
    return queue.partition("@")[2].removesuffix(BELOW)


def able_in(queue: str, barred: Collection[int] = ()) -> list[int]:
    """Who in a queue may act (可办人员): nobody who sits in a recused organisation."""
    sits_in = holders().organisations
    return [account for account in accounts_in(queue) if sits_in.get(account, set()).isdisjoint(barred)]


def queue_now(queue: str, case_prefix: str, barred: Collection[int] = ()) -> str:
    """Where a task that waits has to wait now (待办改道): people leave and are recused; a queue in which nobody is left
    who may act hands its tasks to the nearest area where somebody is."""
    role, prefix = queue.partition("@")[0], area_of_queue(queue)
    if not prefix.isdigit() or able_in(queue, barred):
        return queue
    found = nearest_queue(role, level_of_prefix(prefix), case_prefix, barred)
    return found if able_in(found, barred) else queue


def accounts_in(queue: str) -> list[int]:
    """The accounts that a queue reaches today (队列中的在岗人员)."""
    if "@" in queue:
        role, prefix = queue.split("@", 1)
        if prefix.endswith(BELOW):
            return _held_below(role, prefix.removesuffix(BELOW))
        return list(holders().by_area.get((role, prefix), ()))
    role, _, organisation = queue.partition("#")
    if role == "person" or not organisation.isdigit():
        return []
    return list(holders().by_organisation.get((role, int(organisation)), ()))


def _held_below(role: str, prefix: str) -> list[int]:
    rows = holders().by_area.items()
    return [
        a for (held, area), accounts in rows if held == role and area.startswith(prefix) for a in accounts
    ]
