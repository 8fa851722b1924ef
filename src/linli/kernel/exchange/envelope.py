"""What is signed, and how it is written (报文与签名). Pure: no query, no clock.

The body is canonical JSON: `{"body":…,"case":…,"from":county,"kind":…,"to":county,"v":1}`. The signature is detached. It
covers the key of the message, the moment and the hash of the body, under a first line that no other text signed with
the installation's key begins with.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.records.chain import canonical
from linli.kernel.records.signing import PublicKey
from linli.kernel.records.standalone.signatures import PEM, key_id

VERSION = 1
FIRST_LINE = "linli-exchange/1"
KEY_HEADER, TIME_HEADER, SIGNATURE_HEADER = "X-Linli-Key", "X-Linli-Time", "X-Linli-Signature"
MOST_APART = timedelta(minutes=10)  # between the two clocks; the same message later is a replay
MOST_BYTES = 24 * 1024 * 1024  # of a whole message, files in it as base64
FIELDS = {"v", "kind", "case", "from", "to", "body"}


@dataclass(frozen=True, slots=True)
class Envelope:
    kind: str
    case: str
    sender: str
    receiver: str
    body: dict[str, Any]

    def text(self) -> bytes:
        return canonical(
            {
                "v": VERSION,
                "kind": self.kind,
                "case": self.case,
                "from": self.sender,
                "to": self.receiver,
                "body": self.body,
            }
        ).encode()


def to_sign(key: str, moment: str, raw: bytes) -> bytes:
    return f"{FIRST_LINE}\n{key}\n{moment}\n{sha256(raw).hexdigest()}\n".encode()


def moment_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def signature_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def opened(raw: bytes) -> Envelope | None:
    """The envelope of a body (拆封); nothing where it is not one, or not written as it was signed."""
    try:
        found = json.loads(raw)
        fits = isinstance(found, dict) and found.keys() == FIELDS and canonical(found).encode() == raw
    except (ValueError, RecursionError, UnicodeEncodeError):
        return None
    if not fits or found["v"] != VERSION or not isinstance(found["body"], dict):
        return None
    words = [found[name] for name in ("kind", "case", "from", "to")]
    if not all(isinstance(word, str) and len(word) <= 40 and word.isprintable() for word in words):
        return None
    return Envelope(words[0], words[1], words[2], words[3], found["body"])


def keys_in(pem: str) -> list[PublicKey]:
    """The public keys in a text of PEM blocks (读取 PEM 公钥). Refuses a text without one, and kinds not known here."""
    found: list[PublicKey] = []
    for block in pem.split("-----BEGIN PUBLIC KEY-----")[1:]:
        inside = "".join(block.partition("-----END")[0].split())
        raw = signature_bytes(inside)
        for size, (algorithm, head) in PEM.items():
            if raw[:-size] == head:
                found.append(PublicKey(key_id(algorithm, raw[-size:]), algorithm, raw[-size:]))
    if not found:
        problem = Text(
            "这里要对方平台的公钥：打开对方的 /proof/key.pem，把全部文字粘贴过来。",
            "The public key of the other installation is needed here: open its /proof/key.pem and paste all of it.",
        )
        raise Invalid("exchange.bad_key", problem, fields={"key": problem})
    return found


def headers_of(key: str, moment: str, key_name: str, signature: bytes) -> Mapping[str, str]:
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        KEY_HEADER: key_name,
        TIME_HEADER: moment,
        SIGNATURE_HEADER: base64.b64encode(signature).decode(),
    }
