"""Whose business hours hold (适用的办公时间): read once, kept a few seconds, forgotten at once on a local change.

An organisation that sets none works by those of the one above it; a post that answers for an area, by those of the
office of that area or of the nearest area above. Where nobody set any, the sample of `base.workdays` holds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.db.models.signals import post_delete, post_save

from linli.base.businesshours import hours_from
from linli.base.workdays import BusinessHours
from linli.kernel.people.models import Organisation

KEPT_SECONDS = 30.0
OFFICE = "office"


@dataclass
class _Table:
    own: dict[int, BusinessHours] = field(default_factory=dict)
    above: dict[int, int] = field(default_factory=dict)
    by_area: dict[str, BusinessHours] = field(default_factory=dict)
    read_at: float = 0.0


_kept: _Table | None = None


def hours_of(organisation_id: int | None, prefix: str = "") -> BusinessHours | None:
    """The hours by which an organisation works (组织的办公时间), else the office of the area; none: nobody set any."""
    table = _table()
    if not table.own:
        return None
    at, seen = organisation_id, set()
    while at is not None and at not in seen:
        if at in table.own:
            return table.own[at]
        seen.add(at)
        at = table.above.get(at)
    covering = [known for known in table.by_area if prefix.startswith(known)]
    return table.by_area[max(covering, key=len)] if covering else None


def forget(*_: Any, **__: Any) -> None:
    global _kept
    _kept = None


post_save.connect(forget, sender=Organisation, dispatch_uid="hours-organisation")
post_delete.connect(forget, sender=Organisation, dispatch_uid="hours-organisation-gone")


def _table() -> _Table:
    global _kept
    kept = _kept
    if kept is None or time.monotonic() - kept.read_at > KEPT_SECONDS:
        _kept = kept = _read()
    return kept


def _read() -> _Table:
    table = _Table(read_at=time.monotonic())
    rows = Organisation.objects.exclude(hours={}).order_by("pk")
    for pk, kind, prefix, kept in rows.values_list("pk", "kind", "area__prefix", "hours"):
        hours = hours_from(kept)
        if hours is not None:
            table.own[pk] = hours
            if kind == OFFICE:
                table.by_area.setdefault(prefix, hours)
    if table.own:
        above = Organisation.objects.filter(parent__isnull=False).values_list("pk", "parent__pk")
        table.above = dict(above)
    return table
