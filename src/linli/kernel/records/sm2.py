"""Signing with SM2 (SM2 签名), GB/T 32918.2 (GM/T 0003.2), with the signer's name and the curve of GB/T 32918.5.

`cryptography` knows SM3 but no SM2, and no library found is both kept up and free of a compiler, so the few lines are
here, on the arithmetic of the standalone checker. It is not constant in time: meant for one signature a day by the
worker, never for one that strangers can ask for. The nonce is drawn from key and message as in RFC 6979 with HMAC-SM3,
so that no weak source of chance can give the key away, and signing again gives the same signature.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes, hmac

from linli.kernel.records.standalone.signatures import SM_BASE, SM_N, sm2_digest, sm2_plain, sm2_times


def new_private_key() -> bytes:
    return (secrets.randbelow(SM_N - 2) + 1).to_bytes(32, "big")


def public_of(private: bytes) -> bytes:
    """The public key, x and y of 32 bytes each (公钥)."""
    x, y = sm2_plain(sm2_times(int.from_bytes(private, "big"), SM_BASE))
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def sign(private: bytes, message: bytes) -> bytes:
    """r and s, 32 bytes each (签名)."""
    digest = sm2_digest(public_of(private), message)
    return next(s for k in nonces(private, digest) if (s := _sign_with(private, digest, k)))


def _sign_with(private: bytes, digest: int, k: int) -> bytes:
    """Empty for the nonces that the standard sends back."""
    d = int.from_bytes(private, "big")
    r = (digest + sm2_plain(sm2_times(k, SM_BASE))[0]) % SM_N
    s = pow(1 + d, -1, SM_N) * (k - r * d) % SM_N
    if r == 0 or r + k == SM_N or s == 0:
        return b""
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def nonces(private: bytes, digest: int) -> Iterator[int]:
    """RFC 6979, 3.2, with HMAC-SM3; the group's order has 256 bits, so no bits are cut off."""
    seed = private + (digest % SM_N).to_bytes(32, "big")
    value, key = b"\1" * 32, bytes(32)
    for mark in (b"\0", b"\1"):
        key = _hmac(key, value + mark + seed)
        value = _hmac(key, value)
    while True:
        value = _hmac(key, value)
        if 0 < (found := int.from_bytes(value, "big")) < SM_N:
            yield found
        key = _hmac(key, value + b"\0")
        value = _hmac(key, value)


def _hmac(key: bytes, message: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SM3())
    made.update(message)
    return made.finalize()
