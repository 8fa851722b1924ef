"""How often something may be tried (限流): codes, look-ups, sign-ins. One small table, one statement a try.

Counted in fixed stretches, so that at a boundary up to twice the limit can pass. A try inside a transaction that
is rolled back is not counted: call `hit` outside `atomic`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

from linli.base import clock
from linli.base.errors import TooMany
from linli.base.i18n import Text
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import LimitCount

_UPSERT = (
    "INSERT INTO people_limitcount (key_hash, stretch, n, expires_at) VALUES (%s, %s, 1, %s) "
    "ON CONFLICT (key_hash, stretch) DO UPDATE SET n = people_limitcount.n + 1 RETURNING n"
)


def hit(key: str, limit: int, per: timedelta, *, at: datetime | None = None) -> None:
    """Count one try (计一次); refuses the one after `limit` within `per` (TooMany `people.too_many`, `retry_at`)."""
    at = at or clock.now()
    stretch, ends = _stretch(at, per)
    with connection.cursor() as cursor:
        expires = connection.ops.adapt_datetimefield_value(ends)
        cursor.execute(_UPSERT, [_hash(key, per), stretch, expires])
        (n,) = cursor.fetchone()
    if n > limit:
        raise _too_many(at, ends)


def check(key: str, limit: int, per: timedelta, *, at: datetime | None = None) -> None:
    """Refuse like `hit` when the limit is used up, without counting (只查不计): for counting failures alone."""
    at = at or clock.now()
    stretch, ends = _stretch(at, per)
    used = LimitCount.objects.filter(key_hash=_hash(key, per), stretch=stretch).values_list("n", flat=True)
    if (used.first() or 0) >= limit:
        raise _too_many(at, ends)


def forgive(key: str, per: timedelta, *, at: datetime | None = None) -> None:
    """Start counting anew (清零), after a success."""
    stretch, _ = _stretch(at or clock.now(), per)
    LimitCount.objects.filter(key_hash=_hash(key, per), stretch=stretch).delete()


def clear(*, at: datetime) -> int:
    """Remove counts of stretches that are over (清理过期计数)."""
    return LimitCount.objects.filter(expires_at__lt=at).delete()[0]


def _stretch(at: datetime, per: timedelta) -> tuple[int, datetime]:
    seconds = int(per.total_seconds())
    stretch = int(at.timestamp()) // seconds
    return stretch, datetime.fromtimestamp((stretch + 1) * seconds, UTC)


def _hash(key: str, per: timedelta) -> bytes:
    # Keys name phones and addresses: keyed, so that the table does not give them away.
    return current_vault().lookup_hash("people.limit", f"{int(per.total_seconds())}\0{key}")


def _too_many(at: datetime, ends: datetime) -> TooMany:
    until = clock.local(ends)
    same_day = until.date() == clock.local(at).date()
    when = f"{until:%H:%M:%S}" if same_day else f"{until:%Y-%m-%d %H:%M}"
    return TooMany(
        "people.too_many",
        Text(f"尝试次数过多。请在{when}之后再试。", f"Too many tries. Please try again after {when}."),
        retry_at=ends.isoformat(),
        retry_after=max(1, int((ends - at).total_seconds())),
    )
