"""Sending messages (发送消息): kept in the transaction of the act, carried over by the worker until they are answered.

As with notices, a claim is committed before anything is sent and lapses by itself, so that a crash neither loses a
message nor sends it under another key. Messages about one case go in the order in which they were made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef

from linli.base import clock
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.base.ids import sha256
from linli.kernel.exchange import envelope, wire
from linli.kernel.exchange.models import (
    ACKNOWLEDGED,
    GIVEN_UP,
    OUT,
    QUEUED,
    REFUSED,
    SENDING,
    Message,
    Peer,
)
from linli.kernel.exchange.registry import KINDS, follow
from linli.kernel.procedures.hot import one_transaction
from linli.kernel.records.signing import algorithm_in_force, signer

log = logging.getLogger(__name__)

PATH = "/api/v1/exchange/messages"
# Between one try and the next; the last one is repeated. After MOST_TRIES, about a week, it waits for a person.
PAUSES = tuple(
    timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600)
)
MOST_TRIES = 22
CLAIM = timedelta(minutes=2)
# What no second try can mend. 404 is not among them: we may not be admitted over there yet.
FINAL = frozenset({403, 409, 413, 415, 422})
AHEAD = (QUEUED, SENDING, GIVEN_UP)


def send(
    peer: Peer,
    kind: str,
    body: Mapping[str, Any],
    *,
    case_number: str,
    county: str,
    at: datetime | None = None,
) -> Message:
    """Say something to another installation (发出消息): kept now, sent by the worker. Call it in the act's transaction.

    Refuses what is too large for one message; files beyond that go by courier.
    """
    at = at or clock.now()
    found = envelope.Envelope(kind, case_number, county, peer.county, dict(body))
    raw = found.text()
    if len(raw) > envelope.MOST_BYTES:
        raise Invalid(
            "exchange.too_large",
            Text(
                "电子材料合起来太大，一次传不过去。请把照片缩小，或者改用邮寄交接。",
                "The electronic papers are too large together to be sent at once. Make the pictures smaller, or hand "
                "the papers over by courier.",
            ),
        )
    return Message.objects.create(
        direction=OUT,
        peer=peer,
        kind=kind,
        case_number=case_number,
        local=county,
        body=raw.decode(),
        digest=sha256(raw),
        made_at=at,
        state=QUEUED,
        next_try_at=at,
    )


def turn() -> int:
    """The worker's turn (交换任务): look what there is to tell, then deliver."""
    return follow() + deliver_due()


def deliver_due(limit: int = 50, *, at: datetime | None = None) -> int:
    """Deliver what is due (发送到期消息), one at a time. Gives how many were tried."""
    tried = 0
    while tried < limit and (row := _claim(at or clock.now())):
        _deliver(row, at)
        tried += 1
    return tried


def _claim(at: datetime) -> Message | None:
    ahead = Message.objects.filter(
        direction=OUT,
        peer=OuterRef("peer"),
        case_number=OuterRef("case_number"),
        state__in=AHEAD,
        id__lt=OuterRef("id"),
    )
    due = Message.objects.filter(
        ~Exists(ahead), state__in=(QUEUED, SENDING), next_try_at__lte=at, peer__active=True
    ).order_by("next_try_at", "id")
    if not due.exists():  # an idle worker takes no write lock
        return None
    with one_transaction():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        row = due.first()
        if row is None:
            return None
        row.state, row.attempts = SENDING, row.attempts + 1
        Message.objects.filter(pk=row.pk).update(
            state=SENDING, next_try_at=at + CLAIM, attempts=F("attempts") + 1, sent_at=at
        )
    return Message.objects.select_related("peer").get(pk=row.pk)


def _deliver(row: Message, at: datetime | None) -> None:
    try:
        answer = _post(row, at or clock.now())
        said = answer.content if isinstance(answer.content, dict) else {}
        if answer.status == 200 and isinstance(said.get("answer"), dict):
            _acknowledged(row, said["answer"], at or clock.now())
        elif answer.status in FINAL and said.get("code"):
            _refused(row, answer.status, said)
        else:
            wait = timedelta(seconds=min(answer.wait, 3600))
            _put_off(row, f"answered {answer.status}", at or clock.now(), wait)
    except wire.NotReached as error:
        _put_off(row, str(error), at or clock.now())
    except Exception as error:
        # One broken row must not stop the others. The text of an unknown error may hold personal data.
        log.exception("message %s", row.key)
        _put_off(row, f"unexpected: {type(error).__name__}", at or clock.now())


def _post(row: Message, at: datetime) -> wire.Answer:
    raw, key = row.body.encode(), str(row.key)
    own, moment = signer(algorithm_in_force()), envelope.moment_text(at)
    signature = own.sign(envelope.to_sign(key, moment, raw))
    return wire.post(row.peer.base_url, PATH, raw, envelope.headers_of(key, moment, own.key_id, signature))


def _acknowledged(row: Message, answer: dict[str, Any], at: datetime) -> None:
    kind = KINDS.get(row.kind)
    with one_transaction():
        mine = Message.objects.filter(pk=row.pk, state=SENDING)
        if not mine.update(state=ACKNOWLEDGED, acknowledged_at=at, answer=answer, last_error=""):
            return  # a second worker, after a claim that lapsed, heard the same answer
        if kind and (answered := kind.answered):
            _hear(row, lambda: answered(row, answer))


def _refused(row: Message, status: int, said: dict[str, Any]) -> None:
    """What the other side will not take, whoever asks again: the act's own case hears why."""
    words = str(said.get("detail", ""))[:500]
    kind = KINDS.get(row.kind)
    with one_transaction():
        mine = Message.objects.filter(pk=row.pk, state=SENDING)
        error = f"refused: {status} {str(said['code'])[:60]}"
        if mine.update(state=REFUSED, last_error=error) and kind and (refused := kind.refused):
            _hear(row, lambda: refused(row, Text(words, words)))


def _hear(row: Message, hear: Callable[[], None]) -> None:
    """Tell the case. Where it has moved on in a way that leaves nothing to do, the log still shows what was answered."""
    try:
        with one_transaction():
            hear()
    except LinliError as error:
        log.warning("message %s: %s", row.key, error.code)


def _put_off(row: Message, reason: str, at: datetime, wait: timedelta = timedelta()) -> None:
    mine = Message.objects.filter(pk=row.pk, state=SENDING, attempts=row.attempts)
    if row.attempts >= MOST_TRIES:
        mine.update(state=GIVEN_UP, last_error=reason[:200])
        return
    pause = max(PAUSES[min(row.attempts, len(PAUSES)) - 1], wait)
    mine.update(state=QUEUED, next_try_at=at + pause, last_error=reason[:200])
    # The line is the same for all that goes there: let the others wait for it, too, and other peers come first.
    waiting = Message.objects.filter(peer_id=row.peer_id, state=QUEUED, next_try_at__lt=at + pause)
    waiting.update(next_try_at=at + pause)
