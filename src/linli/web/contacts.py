"""Where to go and whom to call (窗口和电话): the offices of the reader's area, nearest first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from linli.base.codes import PREFIX_LENGTH
from linli.base.i18n import Text
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area

SERVING = ("village", "office")
MOST = 5


@dataclass(frozen=True)
class Contact:
    """An office that anybody may turn to (可以找的单位)."""

    title: Text
    phone: str
    address: str

    @property
    def dialled(self) -> str:
        return re.sub(r"[^\d+]", "", self.phone)


def contacts(area: Area | None) -> list[Contact]:
    """The offices that serve an area, those of the area itself first, then of each above (从近到远), in one query. Only
    those that say where they are or how they are called."""
    if area is None:
        return []
    above = [area.prefix[:n] for n in PREFIX_LENGTH.values() if n <= len(area.prefix)]
    rows = Organisation.objects.filter(
        area__prefix__in=above, kind__in=SERVING, active=True, historic=False
    ).select_related("area")
    known = [row for row in rows if row.phone or row.address]
    known.sort(key=lambda row: (-len(row.area.prefix), row.code))
    return [Contact(row.title, row.phone, row.address) for row in known[:MOST]]


def whom_to_call(area: Area | None) -> Contact | None:
    """The nearest office with a phone (就近的电话)."""
    return next((each for each in contacts(area) if each.phone), None)
