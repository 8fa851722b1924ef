"""Hashes and signatures in plain Python (散列与签名): SHA-256, SM3, Ed25519 (RFC 8032), SM2 (GB/T 32918).

A part of the standalone checker, so nothing is imported but the standard library. It takes its time: a signature
some milliseconds. Only public values pass through it, so that time tells nobody anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

Hash = Callable[[bytes], bytes]
EdPoint = tuple[int, int, int, int]
SmPoint = tuple[int, int, int]  # x/z², y/z³; z = 0: the point at infinity


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sm3_slowly(data: bytes) -> bytes:
    """GB/T 32905, for a Python whose own library has no SM3."""
    mask = 0xFFFFFFFF

    def turn(x: int, n: int) -> int:
        n %= 32
        return (x << n | x >> 32 - n) & mask if n else x

    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    data += b"\x80" + b"\0" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(data), 64):
        w = [int.from_bytes(data[i : i + 4], "big") for i in range(start, start + 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            s1 = turn(turn(a, 12) + e + turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) & mask, 7)
            s2 = s1 ^ turn(a, 12)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & mask & g
            t1, t2 = ff + d + s2 + (w[j] ^ w[j + 4]) & mask, gg + h + s1 + w[j] & mask
            a, b, c, d = t1, a, turn(b, 9), c
            e, f, g, h = t2 ^ turn(t2, 9) ^ turn(t2, 17), e, turn(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]  # noqa: B905  not in Python 3.9
    return b"".join(x.to_bytes(4, "big") for x in v)


def sm3(data: bytes) -> bytes:
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        return sm3_slowly(data)


HASHES = {"sha256": sha256, "sm3": sm3}

# Signatures: Ed25519 (RFC 8032) and SM2 (GB/T 32918.2, curve of 32918.5)

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def ed_add(one: EdPoint, two: EdPoint) -> EdPoint:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_times(n: int, point: EdPoint) -> EdPoint:
    found = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = ed_add(found, point)
        point, n = ed_add(point, point), n >> 1
    return found


def ed_point(data: bytes) -> EdPoint | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    u, v = y * y - 1, D * y * y + 1
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


ED_BASE: Any = ed_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r, s = ed_point(public), ed_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    one, two = ed_times(s, ED_BASE), ed_add(r, ed_times(k, key))
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


SM_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM_A, SM_B = SM_P - 3, 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM_BASE = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    1,
)
SM_ZERO = (1, 1, 0)
SM_ID = b"1234567812345678"


def sm2_double(point: SmPoint) -> SmPoint:
    x, y, z = point
    delta, gamma = z * z, y * y
    beta, alpha = x * gamma, 3 * (x - delta) * (x + delta)
    new = (alpha * alpha - 8 * beta) % SM_P
    return new, (alpha * (4 * beta - new) - 8 * gamma * gamma) % SM_P, 2 * y * z % SM_P


def sm2_add(one: SmPoint, two: SmPoint) -> SmPoint:
    if not one[2] or not two[2]:
        return two if not one[2] else one
    first, second = one[2] * one[2] % SM_P, two[2] * two[2] % SM_P
    u, s = one[0] * second % SM_P, one[1] * second * two[2] % SM_P
    h, r = (two[0] * first - u) % SM_P, (two[1] * first * one[2] - s) % SM_P
    if not h:
        return SM_ZERO if r else sm2_double(one)
    square = h * h % SM_P
    x = (r * r - square * h - 2 * u * square) % SM_P
    return x, (r * (u * square - x) - s * square * h) % SM_P, h * one[2] * two[2] % SM_P


def sm2_times(n: int, point: SmPoint) -> SmPoint:
    found = SM_ZERO
    while n:
        if n & 1:
            found = sm2_add(found, point)
        point, n = sm2_double(point), n >> 1
    return found


def sm2_plain(point: SmPoint) -> tuple[int, int]:
    """x and y of a point that is not at infinity."""
    inverse = pow(point[2], -1, SM_P)
    return point[0] * inverse**2 % SM_P, point[1] * inverse**3 % SM_P


def sm2_digest(public: bytes, message: bytes) -> int:
    """The number that is signed: SM3 over signer, curve, key and message."""
    curve = b"".join(n.to_bytes(32, "big") for n in (SM_A, SM_B, *SM_BASE[:2]))
    signer = sm3((8 * len(SM_ID)).to_bytes(2, "big") + SM_ID + curve + public)
    return int.from_bytes(sm3(signer + message), "big")


def sm2_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(public) != 64 or len(signature) != 64:
        return False
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if x >= SM_P or y >= SM_P or (y * y - x * x * x - SM_A * x - SM_B) % SM_P:
        return False
    if not (0 < r < SM_N and 0 < s < SM_N) or (r + s) % SM_N == 0:
        return False
    point = sm2_add(sm2_times(s, SM_BASE), sm2_times((r + s) % SM_N, (x, y, 1)))
    return point[2] != 0 and (sm2_digest(public, message) + sm2_plain(point)[0]) % SM_N == r


SIGNATURES = {"ed25519": (ed25519_holds, sha256), "sm2": (sm2_holds, sm3)}
PEM = {32: ("ed25519", bytes.fromhex("302a300506032b6570032100")),
       64: ("sm2", bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"))}  # fmt: skip


def key_id(algorithm: str, public: bytes) -> str:
    return algorithm + "-" + SIGNATURES[algorithm][1](public).hex()[:32]
