"""What others reported close by, as the public may see it (附近在办的公开摘要), and joining it without knowing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from linli.base.errors import TooMany
from linli.domains.events import queries
from linli.domains.events.queries import Nearby
from linli.kernel.people import limits
from linli.kernel.people.actors import Actor
from linli.kernel.people.keys import current_vault

LOOKS_PER_ADDRESS = 120  # an hour: a summary says little, but the whole map should not be walked through


@dataclass(frozen=True)
class NearbyView:
    """An open case close by; `ref` names it for this draft alone, and says nothing about it."""

    near: Nearby
    ref: str


def near_point(
    request: HttpRequest, by: Actor, point: tuple[float, float] | None, *, key: str
) -> list[NearbyView]:
    """Open cases close to a point (附近在办), nearest first; none without a point, or after too many looks."""
    if point is None:
        return []
    if not by.is_staff:
        who = f"account:{by.account_id}" if by.account_id else request.META.get("REMOTE_ADDR", "")
        try:
            limits.hit(f"nearby:{who}", LOOKS_PER_ADDRESS, timedelta(hours=1))
        except TooMany:
            return []
    found = queries.nearby(by, lng=point[0], lat=point[1])
    return [NearbyView(n, _ref(key, n.summary.number)) for n in found]


def _ref(key: str, number: str) -> str:
    return current_vault().lookup_hash("events.nearby", f"{key}\0{number}").hex()[:24]


def number_behind(ref: str, near: Iterable[NearbyView]) -> str:
    return next((n.near.summary.number for n in near if n.ref == ref), "")
