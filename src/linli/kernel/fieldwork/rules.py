"""The pure rules of field work (外勤规则): what an entry is, and how two people's entries of one sheet come together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

CONTACT_WITHIN = timedelta(days=7)  # sample: after that the phone drops what it had downloaded
SILENT_AFTER = timedelta(hours=48)  # sample
DEVICES_AT_MOST = 3

Value = str | None


def digest_of(kind: str, made_at: str, body: Mapping[str, Any], files: list[Any]) -> str:
    """What an entry is known by (内容指纹): SHA-256 of its canonical JSON, computed alike on the phone."""
    content = {"kind": kind, "made_at": made_at, "body": body, "files": files}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Merged:
    """What to write, and what two people filled in differently (合并结果)."""

    taken: dict[str, str] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


def merged(base: Mapping[str, Value], now: Mapping[str, Value], mine: Mapping[str, Value]) -> Merged:
    """Three-way, field by field (逐项三方合并): `base` is what the worker saw, `now` what stands there, `mine` what they wrote.

    Equal: nothing to do. Only mine changed: mine. Only theirs changed: theirs stays. Both changed: a person decides.
    An emptied field writes nothing: a sheet says what was seen, and what no longer holds is said in words.
    """
    taken: dict[str, str] = {}
    conflicts: list[str] = []
    for code in sorted(mine):
        saw, stands, wrote = (clean(values.get(code)) for values in (base, now, mine))
        if wrote in {"", stands, saw}:
            continue
        if stands == saw:
            taken[code] = wrote
        else:
            conflicts.append(code)
    return Merged(taken, tuple(conflicts))


def joined(theirs: str, mine: str) -> str:
    """Both, one after the other (两条都留), without saying anything twice."""
    if mine in theirs:
        return theirs
    if theirs in mine:
        return mine
    return f"{theirs}\n{mine}"


def clean(value: Value) -> str:
    return (value or "").replace("\r\n", "\n").strip()
