"""The other installation, as far as the model needs it (模型里的对方平台): what it brings about, and what it disputes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from linli.domains.matters.cross_dispute import raise_dispute
from linli.domains.matters.cross_dispute_there import on_dispute
from linli.domains.matters.models import CrossCase
from linli.kernel.exchange.models import Peer
from linli.kernel.exchange.registry import Incoming
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to

DISPUTE, THERE = "responsibility-dispute", "350103-SV-2026-000001"
ARRIVED = {"their_number": THERE, "their_step": {"zh": "已收件", "en": "Received"}}
WHY = "包裹里少了一份材料。"
# By procedure and step.
ELSEWHERE = {
    "cross-region": {"sent": ("arrived", "arrived", "not_taken"), "there": ("moved", "asked", "decided")},
    DISPUTE: {
        "raised": ("not_agreed", "not_taken", "taken_there"),
        "answering_window": ("referred_there",),
        "disagreed": ("referred_there", "withdrawn_there"),
        "referred": ("ruled_there",),
    },
}


def disputed(case: Case, rng: random.Random, actors: Iterable[Actor], at: datetime) -> str:
    """Our window, or the other place, questions who is responsible for something in it; gives the number of our end."""
    CrossCase.objects.filter(pk=case.pk).update(other_number=THERE)
    if rng.random() < 0.5:
        clerks = (a for a in actors if "clerk" in a.roles and visible_to(a).filter(pk=case.pk).exists())
        return raise_dispute(case, by=next(clerks), about="late", claim=WHY, at=at).number
    body = {"for": case.number, "uid": str(uuid4()), "number": "1", "about": "late", "claim": WHY}
    return str(on_dispute(Incoming(Peer.objects.get(), uuid4(), "", THERE, "", body, at))["number"])
