"""Point to area (定位): an index of all current shapes in each process.

The index is built from the table and thrown away when the stamp in the table differs. Another process's change
is seen within `RECHECK_SECONDS`; a change of this process as soon as it is committed; and within the transaction
that makes the change at once, for that transaction alone.
"""

from __future__ import annotations

import threading
import uuid
from datetime import date
from time import monotonic
from typing import Any

import shapely
from django.db import connection, transaction
from django.db.models import Q

from linli.base.clock import today
from linli.base.codes import LEVELS
from linli.kernel.places.models import Area, AreaShape, Stamp

RECHECK_SECONDS = 2.0
_STAMP = "shapes"
FIELDS = [field.attname for field in Area._meta.concrete_fields]


class Locator:
    """All shapes that are valid on `day`, finest level and lowest code first, so that the first hit is the answer."""

    def __init__(self, stamp: str, day: date, rows: list[tuple[Any, ...]]) -> None:
        """`rows` are the shape as WKB, then the area's columns in the order of `FIELDS`."""
        self.stamp = stamp
        self.day = day
        level, code = 1 + FIELDS.index("level"), 1 + FIELDS.index("code")
        rows = sorted(rows, key=lambda row: (-LEVELS.index(row[level]), row[code]))
        self._areas = [row[1:] for row in rows]
        self._shapes = shapely.from_wkb([bytes(row[0]) for row in rows])
        self._tree = shapely.STRtree(self._shapes)
        self._warm()

    def _warm(self) -> None:
        """GEOS fills a prepared shape when it is first asked, which two threads must not do at the same time."""
        if len(self._shapes):
            shapely.prepare(self._shapes)
            box = shapely.bounds(self._shapes)
            shapely.intersects_xy(self._shapes, (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)

    def __len__(self) -> int:
        return len(self._areas)

    def find(self, lng: float, lat: float) -> Area | None:
        hits = self._tree.query(shapely.points(lng, lat))
        if len(hits) > 1:
            hits.sort()
        for i in hits.tolist():
            if shapely.intersects_xy(self._shapes[i], lng, lat):
                return Area.from_db("default", FIELDS, self._areas[i])
        return None


class _Shared:
    """The index that all threads of this process use; it only ever holds what is committed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.locator: Locator | None = None
        self.recheck_at = 0.0

    def current(self) -> Locator:
        locator = self.locator
        # The second comparison survives a clock that was set back.
        if locator is not None and 0 <= self.recheck_at - monotonic() <= RECHECK_SECONDS:
            return locator
        must_wait = locator is None or self.recheck_at == 0
        if not self.lock.acquire(blocking=must_wait):
            assert locator is not None
            return locator
        try:
            started_at = monotonic()
            self.locator = _same_or_new(self.locator)
            self.recheck_at = started_at + RECHECK_SECONDS
            return self.locator
        finally:
            self.lock.release()

    def forget(self) -> None:
        self.recheck_at = 0.0


_shared = _Shared()
_own = threading.local()  # .block: the outermost transaction that changed shapes; .locator: what it sees


def current_locator() -> Locator:
    block = getattr(_own, "block", None)
    if block is not None:
        if connection.atomic_blocks and connection.atomic_blocks[0] is block:
            _own.locator = _same_or_new(_own.locator)
            locator: Locator = _own.locator
            return locator
        _own.block = _own.locator = None
    return _shared.current()


def _same_or_new(locator: Locator | None) -> Locator:
    # The stamp is read before the shapes: a change in between is found at the next check.
    stamp = Stamp.objects.filter(name=_STAMP).values_list("value", flat=True).first() or ""
    day = today()
    if locator is not None and locator.stamp == stamp and locator.day == day:
        return locator
    rows = AreaShape.objects.filter(
        Q(area__valid_from=None) | Q(area__valid_from__lte=day),
        Q(area__valid_to=None) | Q(area__valid_to__gte=day),
    ).values_list("wkb", *(f"area__{name}" for name in FIELDS))
    return Locator(stamp, day, list(rows))


def shapes_changed() -> None:
    """Tell every process that areas or shapes changed (图形已变更); call it inside the transaction that does it.

    The stamp is random, not a count: a count that is rolled back could come again with other shapes.
    """
    Stamp.objects.bulk_create(
        [Stamp(name=_STAMP, value=uuid.uuid4().hex)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["value"],
    )
    _own.block = connection.atomic_blocks[0]
    _own.locator = None
    transaction.on_commit(_shared.forget)


def forget_shapes() -> None:
    """Look at the table again before the next answer (重新读取图形), for tests that empty the database by hand."""
    _own.block = _own.locator = None
    _shared.forget()
