"""Identifiers that may be seen from outside (对外标识)."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import uuid

# No 0 O 1 I L: they are misread on paper and misheard on the phone.
TRACKING_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
TRACKING_LENGTH = 8


def uuid7() -> uuid.UUID:
    """UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits; sorts by time."""
    return uuid.UUID(bytes=bytes(_uuid7()))


def uuid7_hex() -> str:
    """The same as 32 hexadecimal digits, for rows written by the million (批量编号)."""
    return _uuid7().hex()


def _uuid7() -> bytearray:
    value = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    value[6] = (value[6] & 0x0F) | 0x70
    value[8] = (value[8] & 0x3F) | 0x80
    return value


def new_tracking_code() -> str:
    """Tracking code (查询码): 8 characters without look-alikes, about 39 bits; look-ups are rate-limited."""
    return "".join(secrets.choice(TRACKING_ALPHABET) for _ in range(TRACKING_LENGTH))


def normalise_tracking_code(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
