"""The chain of a case's records (留痕链), pure: canonical texts, salted digests, hashes.

A record's hash is SHA-256 over the hash before it and a canonical JSON list of all its columns; the first record
of a case starts from 32 zero bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

START = bytes(32)


class Entry(NamedTuple):
    """The columns of a record that its hash covers, in order."""

    number: str  # of the case: a record moved to another case no longer fits
    seq: int
    at: datetime
    actor: int | None
    actor_kind: str
    post: int | None
    on_behalf_of: int | None
    action: str
    from_step: str
    to_step: str
    facts: str
    digests: str


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, Chinese as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_hash(prev: bytes, entry: Entry) -> bytes:
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = canonical([entry.number, entry.seq, at, *entry[3:]])
    return sha256(prev + body.encode()).digest()


def new_salt() -> bytes:
    return os.urandom(16)


def fact_digest(salt: bytes, name: str, value_json: str) -> str:
    """Digest of an erasable fact; without its salt the value cannot be guessed from it."""
    return sha256(salt + name.encode() + b"\0" + value_json.encode()).hexdigest()


def digests_text(digests: Mapping[str, str]) -> str:
    return canonical(dict(digests))
