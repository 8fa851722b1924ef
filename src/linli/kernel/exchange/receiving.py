"""Taking in messages (收取消息): proven first, then kept and carried out in one transaction, once for each key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from linli.base.clock import now
from linli.base.errors import LinliError, NotFound, Refused, Unreadable, absent
from linli.base.i18n import Text
from linli.base.ids import sha256
from linli.kernel.exchange import envelope
from linli.kernel.exchange.models import IN, RECEIVED, Message, Peer, PeerKey
from linli.kernel.exchange.registry import KINDS, Incoming, Kind
from linli.kernel.places.queries import current
from linli.kernel.procedures.hot import one_transaction
from linli.kernel.records.signing import PublicKey

ADDRESS = Text("地址", "address")


def receive(
    raw: bytes, headers: Mapping[str, str], key: str, *, at: datetime | None = None
) -> tuple[dict[str, Any], bool]:
    """Take in a message (收取消息). Gives the answer, and whether it is that of an earlier time.

    Whoever is not known here, is stopped, signed wrongly, or means another installation gets the answer of what does
    not exist, so that nobody learns with whom we exchange. Refuses an old one (`exchange.too_old`), a kind that is not
    understood (`exchange.unknown_kind`), other content under a key already used (`exchange.key_taken`), and whatever
    the handler refuses; then nothing is kept.
    """
    at = at or now()
    peer, found = _proven(raw, headers, key)
    sent_at = envelope.moment_of(headers.get(envelope.TIME_HEADER, ""))
    if sent_at is None or abs(at - sent_at) > envelope.MOST_APART:
        raise Unreadable(
            "exchange.too_old",
            Text(
                "这条消息的签名时间与本平台时间相差超过十分钟，没有收。请核对两边的时钟，再发一次。",
                "This message was signed more than ten minutes from our time and was not taken. Check both clocks and "
                "send it again.",
            ),
        )
    digest = sha256(raw)
    if known := _known(peer, key, digest):
        return known.answer, True
    kind, incoming = _understood(
        Incoming(peer, UUID(key), found.kind, found.case, found.receiver, found.body, at)
    )
    try:
        with one_transaction():
            if known := _known(peer, key, digest):
                return known.answer, True
            return _carried_out(kind, incoming, raw, digest, sent_at), False
    except IntegrityError:  # the same message came twice at one moment
        known = _known(peer, key, digest)
        if known is None:
            raise
        return known.answer, True


def _understood(incoming: Incoming) -> tuple[Kind, Incoming]:
    kind = KINDS.get(incoming.kind)
    if kind is None:
        raise Refused(
            "exchange.unknown_kind",
            Text(
                f"本平台不接收“{incoming.kind}”这种消息。请核对两边的版本。",
                f"Messages of the kind {incoming.kind!r} are not taken here. Compare the versions of both installations.",
            ),
        )
    if prepare := kind.prepare:
        incoming = replace(incoming, prepared=_told(lambda: prepare(incoming)))
    return kind, incoming


def _told(ask: Callable[[], Any]) -> Any:
    """What a handler says. Absent is said as a refusal: a bare 404 means that the sender is not admitted."""
    try:
        return ask()
    except NotFound as error:
        raise Refused("exchange.not_there", error.message) from error


def _proven(raw: bytes, headers: Mapping[str, str], key: str) -> tuple[Peer, envelope.Envelope]:
    name = headers.get(envelope.KEY_HEADER, "")[:60]
    moment = headers.get(envelope.TIME_HEADER, "")[:40]
    rows = list(PeerKey.objects.filter(key_id=name, peer__active=True).select_related("peer"))
    signature = envelope.signature_bytes(headers.get(envelope.SIGNATURE_HEADER, ""))
    message = envelope.to_sign(key, moment, raw)
    if not rows or not PublicKey(name, rows[0].algorithm, bytes(rows[0].public)).holds(message, signature):
        raise nowhere()
    found = envelope.opened(raw)
    peer = next((row.peer for row in rows if found and row.peer.county == found.sender), None)
    if found is None or peer is None or not _serves(found.receiver):
        raise nowhere()
    return peer, found


def _serves(county: str) -> bool:
    return current().filter(code=county, level="county").exists()


def _known(peer: Peer, key: str, digest: bytes) -> Message | None:
    known = Message.objects.filter(peer=peer, direction=IN, key=key).defer("body").first()
    if known is not None and bytes(known.digest) != digest:
        raise Refused(
            "exchange.key_taken",
            Text(
                "这个编号已经用于另一份内容，没有再收。请换一个编号再发。",
                "This key was used for other content, and nothing was taken. Send it again under a new key.",
            ),
        )
    return known


def _carried_out(
    kind: Kind, incoming: Incoming, raw: bytes, digest: bytes, sent_at: datetime
) -> dict[str, Any]:
    row = Message.objects.create(
        key=incoming.key,
        direction=IN,
        peer=incoming.peer,
        kind=incoming.kind,
        case_number=incoming.case_number,
        local=incoming.county,
        body=raw.decode(),
        digest=digest,
        made_at=incoming.at,
        sent_at=sent_at,
        received_at=incoming.at,
        state=RECEIVED,
    )
    answer: dict[str, Any] = _told(lambda: kind.handle(incoming))
    row.answer = answer
    row.save(update_fields=["answer"])
    return answer


def nowhere() -> LinliError:
    return absent(ADDRESS)
