"""Reads of the exchange log (交换记录查询). Contents are not read here: nobody opens them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.kernel.exchange.models import GIVEN_UP, OUT, QUEUED, REFUSED, SENDING, Message, Peer


def peers(*, active: bool | None = None) -> QuerySet[Peer]:
    """The other installations (对方平台), by county."""
    rows = Peer.objects.order_by("county")
    return rows if active is None else rows.filter(active=active)


@dataclass(frozen=True, slots=True)
class Traffic:
    """A peer with what waits, what failed, and when something was last said (往来概况)."""

    peer: Peer
    n_waiting: int
    n_failed: int
    last_at: datetime | None


def traffic() -> list[Traffic]:
    """Every peer with its figures (各对方平台的往来), in one query."""
    out = Q(messages__direction=OUT)
    rows = peers().annotate(
        n_waiting=Count("messages", filter=out & Q(messages__state__in=(QUEUED, SENDING))),
        n_failed=Count("messages", filter=out & Q(messages__state__in=(REFUSED, GIVEN_UP))),
        last_at=Max("messages__made_at"),
    )
    return [Traffic(p, p.n_waiting, p.n_failed, p.last_at) for p in rows]


def message_page(peer: Peer, *, cursor: str = "", limit: int = PAGE_SIZE) -> Page[Message]:
    """What was said to and by a peer (往来消息), the newest first."""
    return keyset(Message.objects.filter(peer=peer).defer("body"), ["-id"], cursor, limit)
