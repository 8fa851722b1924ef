"""Who signs the daily root, and with what (每日根的签名): a port `Signer`, Ed25519 or SM2 behind it.

A tree's algorithm says both how it hashes and how its heads are signed: `ed25519` with SHA-256, `sm2` with SM3.
The private key lies outside the database, in `DIR/keys/proof-<algorithm>.json`:
`{"current": id, "keys": {id: {"public": hex, "private": hex}}}`. To change keys, a new one is added and named
`current`; of older ones the public half stays, so that what they signed can still be checked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.base.vault import text_or_create
from linli.kernel.records import sm2
from linli.kernel.records.standalone.signatures import PEM, key_id, sm2_holds


class Algorithm(NamedTuple):
    name: str
    hash: str
    new_private: Callable[[], bytes]
    public_of: Callable[[bytes], bytes]
    sign: Callable[[bytes, bytes], bytes]
    holds: Callable[[bytes, bytes, bytes], bool]


def _ed25519_new() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()


def _ed25519_public(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _ed25519_sign(private: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def _ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


ALGORITHMS = {
    a.name: a
    for a in (
        Algorithm("ed25519", "sha256", _ed25519_new, _ed25519_public, _ed25519_sign, _ed25519_holds),
        Algorithm("sm2", "sm3", sm2.new_private_key, sm2.public_of, sm2.sign, sm2_holds),
    )
}


class Signer(Protocol):
    """Signs the text of a head (签名者); a key in a hardware module is another one of these."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True)
class FileSigner:
    """Signs with the key of the data folder's key file (文件密钥)."""

    algorithm: Algorithm
    private: bytes
    key_id: str

    def sign(self, message: bytes) -> bytes:
        return self.algorithm.sign(self.private, message)


@dataclass(frozen=True)
class PublicKey:
    """A key by which anyone checks a head (公钥); its id is drawn from the key itself, so it cannot be swapped."""

    id: str
    algorithm: str
    public: bytes

    def holds(self, message: bytes, signature: bytes) -> bool:
        return ALGORITHMS[self.algorithm].holds(self.public, message, signature)

    def as_dict(self) -> dict[str, str]:
        return {"id": self.id, "algorithm": self.algorithm, "public": self.public.hex()}

    def as_pem(self) -> str:
        """SubjectPublicKeyInfo as other programs read it."""
        text = base64.b64encode(PEM[len(self.public)][1] + self.public).decode()
        lines = [text[i : i + 64] for i in range(0, len(text), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def algorithm_in_force() -> str:
    """`ed25519` or `sm2`, as the setting LINLI_PROOF_ALGORITHM says (当前算法)."""
    return str(settings.LINLI_PROOF_ALGORITHM)


def signer(name: str) -> Signer:
    """The signer of an algorithm (取签名者); its key is made when there is none yet."""
    algorithm = ALGORITHMS[name]
    path = _path(name)
    text = text_or_create(path, lambda: _new_file(algorithm))
    try:
        file = json.loads(text)
        current = str(file["current"])
        private = bytes.fromhex(file["keys"][current]["private"])
        if key_id(name, algorithm.public_of(private)) != current:
            raise ValueError(current)
    except (ValueError, KeyError, TypeError) as error:
        raise _bad_file(path) from error
    return FileSigner(algorithm, private, current)


def public_keys() -> list[PublicKey]:
    """Every key by which a head may be signed (全部公钥), the present one of each algorithm first. Makes none."""
    found = []
    for name in ALGORITHMS:
        path = _path(name)
        if not path.exists():
            continue
        try:
            file = json.loads(path.read_text())
            keys = sorted(file["keys"].items(), key=lambda item: item[0] != file["current"])
            publics = [bytes.fromhex(key["public"]) for _, key in keys]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _bad_file(path) from error
        found += [PublicKey(key_id(name, public), name, public) for public in publics]
    return sorted(found, key=lambda key: key.algorithm != algorithm_in_force())


def _path(name: str) -> Path:
    return Path(settings.LINLI_DATA_DIR) / "keys" / f"proof-{name}.json"


def _new_file(algorithm: Algorithm) -> str:
    private = algorithm.new_private()
    public = algorithm.public_of(private)
    name = key_id(algorithm.name, public)
    return json.dumps({"current": name, "keys": {name: {"public": public.hex(), "private": private.hex()}}})


def _bad_file(path: Path) -> Unreadable:
    return Unreadable(
        "records.bad_proof_key",
        Text(
            f"签名密钥文件 {path.name} 读不出来，每日根没有生成。请从备份恢复这个文件，不要新建。",
            f"The signing key file {path.name} cannot be read, so no daily root was made. Restore it from a backup; "
            "do not make a new one.",
        ),
    )
