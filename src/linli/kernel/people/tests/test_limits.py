from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.base.errors import TooMany
from linli.kernel.people import limits
from linli.kernel.people.models import LimitCount

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def test_the_one_after_the_limit_is_refused_with_the_time_to_try_again() -> None:
    for _ in range(3):
        limits.hit("tracking:10.0.0.1", 3, HOUR, at=AT)
    with pytest.raises(TooMany) as refusal:
        limits.hit("tracking:10.0.0.1", 3, HOUR, at=AT + timedelta(minutes=10))
    assert refusal.value.data == {"retry_at": "2026-03-01T09:00:00+00:00", "retry_after": 3000}
    assert "17:00" in refusal.value.message.zh  # local time
    limits.hit("tracking:10.0.0.2", 3, HOUR, at=AT)
    limits.hit("tracking:10.0.0.1", 3, HOUR, at=AT + HOUR)


def test_checking_does_not_count_and_forgiving_starts_anew() -> None:
    for _ in range(5):
        limits.check("k", 1, HOUR, at=AT)
    limits.hit("k", 1, HOUR, at=AT)
    with pytest.raises(TooMany):
        limits.check("k", 1, HOUR, at=AT)
    limits.forgive("k", HOUR, at=AT)
    limits.hit("k", 1, HOUR, at=AT)


def test_keys_are_not_readable_and_old_counts_go() -> None:
    limits.hit("+8613900000001", 1, HOUR, at=AT)
    assert b"139" not in bytes(LimitCount.objects.get().key_hash)
    assert limits.clear(at=AT) == 0
    assert limits.clear(at=AT + HOUR + timedelta(seconds=1)) == 1
