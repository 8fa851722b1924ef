"""What a peer publishes for everybody (读取对方公开内容), kept for a day; while it does not answer, what was read last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from linli.base.clock import now
from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.kernel.exchange import wire
from linli.kernel.exchange.models import Peer, PeerPage

FRESH = timedelta(days=1)


class NotAnswering(LinliError):
    status = 503


def published(peer: Peer, path: str, *, at: datetime | None = None) -> dict[str, Any]:
    """One public address of a peer's API (对方公开接口的内容), asked at most once a day.

    Refuses where it was never read and cannot be read now (`exchange.not_answering`).
    """
    at = at or now()
    known = PeerPage.objects.filter(peer=peer, path=path).first()
    if known is not None and known.read_at > at - FRESH:
        return dict(known.content)
    try:
        answer = wire.get(peer.base_url, path)
        content = answer.content if answer.status == 200 and isinstance(answer.content, dict) else None
    except wire.NotReached:
        content = None
    if content is not None:
        PeerPage.objects.update_or_create(
            peer=peer, path=path[:300], defaults={"content": content, "read_at": at}
        )
        return content
    if known is not None:
        return dict(known.content)
    raise NotAnswering(
        "exchange.not_answering",
        Text(
            f"{peer.title.zh}的平台现在没有应答，读不到那里的事项。请过一会儿再试；急的，可以打电话问那里的政务服务中心。",
            f"The installation of {peer.title.en} does not answer now, so its services cannot be read. Try again in a "
            "while; if it is urgent, call the service centre there.",
        ),
    )
