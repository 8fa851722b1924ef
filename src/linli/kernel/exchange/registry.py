"""Which messages are understood here (消息种类登记). Domains call these from their `apps.py`; the kernel knows none by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.base.i18n import Text
from linli.kernel.exchange.models import Message, Peer


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that has been proven to be the peer's (已验签的消息)."""

    peer: Peer
    key: UUID
    kind: str
    case_number: str
    county: str  # which of ours it is for
    body: dict[str, Any]
    at: datetime
    prepared: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """`handle` does what the message asks and gives the answer; `answered` and `refused` hear of it at the sender.

    `prepare` does what is slow before the transaction begins, such as keeping files; what it gives is in `prepared`.
    """

    code: str
    title: Text
    handle: Callable[[Incoming], dict[str, Any]]
    prepare: Callable[[Incoming], Any] | None = None
    answered: Callable[[Message, dict[str, Any]], None] | None = None
    refused: Callable[[Message, Text], None] | None = None


KINDS: dict[str, Kind] = {}
FOLLOWERS: list[Callable[[], int]] = []


def kind(
    code: str,
    title: Text,
    handle: Callable[[Incoming], dict[str, Any]],
    *,
    prepare: Callable[[Incoming], Any] | None = None,
    answered: Callable[[Message, dict[str, Any]], None] | None = None,
    refused: Callable[[Message, Text], None] | None = None,
) -> None:
    """Say who handles a kind of message (登记消息种类). All but `prepare` run in the transaction that notes the message: a
    refusal that `handle` raises (LinliError) takes everything back and goes to the sender as it is."""
    entry = Kind(code, title, handle, prepare, answered, refused)
    if KINDS.get(code, entry) != entry:
        raise ValueError(f"registered twice: {code}")
    KINDS[code] = entry


def follower(turn: Callable[[], int]) -> None:
    """Have the worker ask, before it delivers, whether there is anything to tell (登记跟踪任务): gives how much there was.

    A follower reads the records of its cases from where it stopped, so that no act of the engine waits for it.
    """
    if turn not in FOLLOWERS:
        FOLLOWERS.append(turn)


def follow() -> int:
    return sum(turn() for turn in FOLLOWERS)


def kind_title(code: str) -> Text:
    """A kind in words (消息种类名称); one that is not handled here any more by its code."""
    known = KINDS.get(code)
    return known.title if known else Text(code, code)
