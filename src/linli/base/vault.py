"""The vault (密钥库): personal data is sealed with AES-256-GCM and found by keyed hash (HMAC-SHA-256).

Keys come from outside the database: `LINLI_KEYS` (JSON) or the file `keys.json` in the key folder:
`{"current": "k1", "seal": {"k1": base64 of 32 bytes, …}, "lookup": base64 of 32 bytes}`.
A new key is added and named `current`; older ones stay for reading until everything is sealed again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultError(Exception):
    """Keys are missing or do not open what is stored; the message names no secret."""


@dataclass(frozen=True)
class Vault:
    current: str
    seal_keys: dict[str, AESGCM]
    lookup_key: bytes

    def seal(self, plain: str, *, context: str) -> bytes:
        """Seal a text (加密). `context` (table and field) is bound in: a value cannot be moved elsewhere."""
        return self.sealer(context)(plain)

    def sealer(self, context: str) -> Callable[[str], bytes]:
        """Seals many texts of one field (批量加密)."""
        key_id, about = self.current.encode(), context.encode()
        head, encrypt = bytes([len(key_id)]) + key_id, self.seal_keys[self.current].encrypt

        def seal(plain: str) -> bytes:
            nonce = os.urandom(12)
            return head + nonce + encrypt(nonce, plain.encode(), about)

        return seal

    def open(self, sealed: bytes | memoryview, *, context: str) -> str:
        raw = bytes(sealed)
        n = raw[0]
        key = self.seal_keys.get(raw[1 : 1 + n].decode(errors="replace"))
        if key is None:
            raise VaultError("the key that sealed this value is not in the key file")
        try:
            return key.decrypt(raw[1 + n : 13 + n], raw[13 + n :], context.encode()).decode()
        except InvalidTag as error:
            raise VaultError("this value was not sealed with the keys at hand") from error

    def lookup_hash(self, kind: str, value: str) -> bytes:
        """Keyed hash for finding a value without opening any (加密检索). `kind` keeps fields apart."""
        return hmac.digest(self.lookup_key, f"{kind}\0{value}".encode(), "sha256")

    def finder(self, kind: str) -> Callable[[str], bytes]:
        """Hashes many values of one kind as `lookup_hash` does (批量检索值): RFC 2104 with what never changes hashed once,
        in half of the time."""
        key = self.lookup_key if len(self.lookup_key) <= 64 else hashlib.sha256(self.lookup_key).digest()
        block = key.ljust(64, b"\0")
        inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + kind.encode() + b"\0")
        outer = hashlib.sha256(bytes(b ^ 0x5C for b in block))

        def find(value: str) -> bytes:
            within, around = inner.copy(), outer.copy()
            within.update(value.encode())
            around.update(within.digest())
            return around.digest()

        return find


def vault_from_json(text: str) -> Vault:
    try:
        data = json.loads(text)
        seal = {k: AESGCM(base64.b64decode(v)) for k, v in data["seal"].items()}
        vault = Vault(data["current"], seal, base64.b64decode(data["lookup"]))
        seal[vault.current]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VaultError("the key file is not readable: see docs/how-to on keys") from error
    return vault


def new_keys_json() -> str:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return json.dumps({"current": "k1", "seal": {"k1": key()}, "lookup": key()})


def load_or_create(folder: Path) -> Vault:
    """Read the key file, or write a first one (mode 600) for a new data folder."""
    return vault_from_json(text_or_create(folder / "keys.json", new_keys_json))


def text_or_create(path: Path, make: Callable[[], str]) -> str:
    """The text of a secret file (密钥文件), made first when there is none, mode 600.

    Several processes may start at once: each writes a file of its own and links it to the name. The first link
    wins, nobody ever reads half a file, and all of them read the same one.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    return path.read_text()
