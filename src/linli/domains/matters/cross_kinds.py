"""Who handles which message (消息种类登记)."""

from __future__ import annotations

from linli.domains.matters import cross, cross_there, handing
from linli.domains.matters import cross_words as w
from linli.kernel.exchange.registry import follower, kind


def register() -> None:
    kind(
        w.APPLICATION,
        cross_there.on_application,
        prepare=cross.prepare_files,
        answered=cross.application_answered,
        refused=cross.application_refused,
    )
    kind(w.NEWS, cross.on_news, prepare=cross.prepare_files)
    kind(w.CORRECTION, cross_there.on_correction, prepare=cross.prepare_files, refused=cross.message_refused)
    kind(w.WITHDRAWN, cross_there.on_withdrawn)
    kind(w.HANDOVER, handing.on_handover, refused=cross.message_refused)
    kind(w.HANDED, handing.on_taken)
    kind(w.DELIVERED, cross_there.on_delivered)
    follower(cross_there.tell_news)
