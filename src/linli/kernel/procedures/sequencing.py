"""Records into the log, and a root a day (入账与每日封存): the worker's work, and `./linli records seal`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from linli.base.clock import local, now
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.records import heads, log
from linli.kernel.records.models import Head

AT_ONCE = 2000
PATIENCE = 60.0  # seconds

NEXT = (
    "SELECT r.id, c.number, r.seq, r.hash, r.case_id FROM records_record r "
    "LEFT JOIN procedures_case c ON c.id = r.case_id WHERE r.id > %s AND r.id <= %s ORDER BY r.id LIMIT %s"
)


@dataclass(frozen=True)
class Sequenced:
    n: int
    up_to_date: bool  # everything that stood at the beginning is in the log


def sequence(at: datetime | None = None, *, limit: int = AT_ONCE) -> Sequenced:
    """Give the next settled records their places in the log (入账), oldest first, at most `limit` of them.

    One short transaction; what is cut off by a crash is done again by the next turn. Does nothing while somebody is
    in the middle of writing what may belong before.
    """
    boundary = log.settled_up_to()
    if boundary is None:
        return Sequenced(0, up_to_date=False)
    with log.alone():
        last = log.last_leaf()
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [last.record_id if last else 0, boundary, limit])
            rows = cursor.fetchall()
        if rows:
            tree, size = heads.tree_for_writing(at or now())
            log.append(tree, size, [log.Entry(r[0], r[1] or f"#{r[4]}", r[2], bytes(r[3])) for r in rows])
    return Sequenced(len(rows), up_to_date=len(rows) < limit)


def turn(at: datetime | None = None) -> int:
    """One turn of the worker (一轮): some records, and once a day, when all are in, the day's root."""
    at = at or now()
    done = sequence(at)
    if not done.up_to_date or heads.is_sealed(local(at).date()):
        return done.n
    heads.seal(at)
    return done.n + 1


def seal_now(at: datetime | None = None) -> Head:
    """Bring the log up to date and seal it (立即封存). Refuses while a long write, such as an import, is under way."""
    end = time.monotonic() + PATIENCE
    while not (done := sequence(at)).up_to_date:
        if not done.n and time.monotonic() > end:
            raise Refused(
                "records.busy",
                Text(
                    "有一批写入还没有结束，没有封存。请等导入等操作完成后再运行一次。",
                    "A long write is still under way, so nothing was sealed. Run it again when the import is done.",
                ),
            )
    return heads.seal(at)
