"""A resident entered exactly once (不重复登记), however often a program sends the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from linli.base import clock
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.registers.models import Resident
from linli.domains.registers.services.entering import enter_resident
from linli.kernel.people.actors import Actor
from linli.kernel.people.keys import current_vault
from linli.kernel.places.models import Area
from linli.kernel.procedures.keys import scoped
from linli.kernel.procedures.models import ClientKey
from linli.kernel.records.chain import canonical


def enter_once(
    *, client_key: str, area: Area, by: Actor, at: datetime | None = None, **said: str
) -> tuple[Resident, bool]:
    """`enter_resident`, and whether it was repeated (凭提交编号登记): the same key and content give the first entry again. Refuses
    other content under a key that was used; what was sent is kept by neither, but as a keyed hash."""
    at = at or clock.now()
    key = scoped(by, f"resident:{client_key}")
    digest = current_vault().lookup_hash("registers.once", canonical({**said, "area": area.code}))
    if (first := _first(key, digest)) is not None:
        return first, True
    try:
        with transaction.atomic():
            # The key first: whoever sends the same at the same time waits here, and then reads what came of it.
            kept = ClientKey.objects.create(key=key, digest=digest, receipt={}, at=at)
            made: dict[str, Any] = dict(said)
            resident = enter_resident(area=area, by=by, at=at, **made)
            kept.receipt = {"resident": str(resident.person.uid)}
            kept.save(update_fields=["receipt"])
        return resident, False
    except IntegrityError:
        if (first := _first(key, digest)) is None:
            raise
        return first, True


def _first(key: str, digest: bytes) -> Resident | None:
    known = ClientKey.objects.filter(key=key).first()
    if known is None:
        return None
    if bytes(known.digest) != digest:
        raise Refused(
            "registers.key_taken",
            Text(
                "这个提交编号已经用于另一份内容，没有登记。请换一个编号再提交。",
                "This key was used for other content; nothing was registered. Send again with a new key.",
            ),
        )
    return (
        Resident.objects.select_related("person", "area", "household")
        .filter(person__uid=known.receipt["resident"])
        .first()
    )
