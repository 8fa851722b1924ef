"""Signatures and hashes in plain Python agree with the standards' own examples and with `cryptography`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.base.errors import Unreadable
from linli.kernel.records import signing, sm2
from linli.kernel.records.standalone.signatures import (
    SM_N,
    ed25519_holds,
    key_id,
    sm2_digest,
    sm2_holds,
    sm3,
    sm3_slowly,
)
from linli.kernel.records.tree import sm3 as sm3_of_the_tree

# GB/T 32905, appendix A
SM3_EXAMPLES = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
# GB/T 32918.5 (GM/T 0003.5), appendix A: signer 1234567812345678, message "message digest"
SM2_PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
SM2_PUBLIC = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SM2_NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SM2_E = 0xF0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640
SM2_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
# RFC 8032, 7.1, tests 1 to 3
ED25519 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize("message", SM3_EXAMPLES)
def test_sm3_as_in_the_standard(message: bytes) -> None:
    assert {sm3(message).hex(), sm3_slowly(message).hex(), sm3_of_the_tree(message).hex()} == {
        SM3_EXAMPLES[message]
    }


@given(st.binary(max_size=300))
def test_sm3_in_plain_python_is_that_of_the_library(message: bytes) -> None:
    assert sm3_slowly(message) == sm3_of_the_tree(message)


def test_sm2_as_in_the_standard() -> None:
    assert sm2.public_of(SM2_PRIVATE) == SM2_PUBLIC
    assert sm2_digest(SM2_PUBLIC, b"message digest") == SM2_E
    assert sm2._sign_with(SM2_PRIVATE, SM2_E, SM2_NONCE) == SM2_SIGNATURE
    assert sm2_holds(SM2_PUBLIC, b"message digest", SM2_SIGNATURE)


def test_sm2_signs_the_same_twice_and_never_two_messages_with_one_nonce() -> None:
    private = sm2.new_private_key()
    assert sm2.sign(private, b"one") == sm2.sign(private, b"one") != sm2.sign(private, b"two")
    nonces = {next(sm2.nonces(private, n)) for n in range(20)}
    assert len(nonces) == 20
    assert all(0 < k < SM_N for k in nonces)


@pytest.mark.parametrize("private", [b"\0" * 31 + b"\1", (SM_N - 2).to_bytes(32, "big")])
def test_sm2_at_the_ends_of_its_range(private: bytes) -> None:
    assert sm2_holds(sm2.public_of(private), b"text", sm2.sign(private, b"text"))


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=100), st.integers(0, 511))
def test_an_sm2_signature_with_one_bit_changed_does_not_hold(message: bytes, bit: int) -> None:
    signature = sm2.sign(SM2_PRIVATE, message)
    assert sm2_holds(SM2_PUBLIC, message, signature)
    forged = bytearray(signature)
    forged[bit // 8] ^= 1 << bit % 8
    assert not sm2_holds(SM2_PUBLIC, message, bytes(forged))
    assert not sm2_holds(SM2_PUBLIC, message + b".", signature)


def test_sm2_refuses_what_is_no_signature_and_no_key() -> None:
    n = SM_N.to_bytes(32, "big")
    r, s = SM2_SIGNATURE[:32], SM2_SIGNATURE[32:]
    for bad in (b"", r, bytes(32) + s, r + bytes(32), n + s, r + n, SM2_SIGNATURE + b"\0"):
        assert not sm2_holds(SM2_PUBLIC, b"message digest", bad)
    assert not sm2_holds(SM2_PUBLIC[:-1] + b"\0", b"message digest", SM2_SIGNATURE)
    assert not sm2_holds(b"", b"message digest", SM2_SIGNATURE)


@pytest.mark.parametrize(("private", "public", "message", "signature"), ED25519)
def test_ed25519_as_in_the_rfc(private: str, public: str, message: str, signature: str) -> None:
    algorithm = signing.ALGORITHMS["ed25519"]
    assert algorithm.public_of(bytes.fromhex(private)).hex() == public
    assert algorithm.sign(bytes.fromhex(private), bytes.fromhex(message)).hex() == signature
    for holds in (ed25519_holds, algorithm.holds):
        assert holds(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 511), st.integers(0, 255))
def test_ed25519_in_plain_python_says_what_the_library_says(message: bytes, bit: int, key_bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(os.urandom(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    forged, other = bytearray(signature), bytearray(public)
    forged[bit // 8] ^= 1 << bit % 8
    other[key_bit // 8] ^= 1 << key_bit % 8
    library = signing.ALGORITHMS["ed25519"].holds
    assert ed25519_holds(public, message, signature)
    for p, m, s in (
        (public, message, bytes(forged)),
        (public, message + b".", signature),
        (bytes(other), message, signature),
        (public, message, signature[:63]),
    ):
        assert ed25519_holds(p, m, s) is library(p, m, s) is False


def test_ed25519_takes_no_second_form_of_a_signature() -> None:
    """s + L would hold for a careless checker."""
    _, public, message, signature = (bytes.fromhex(text) for text in ED25519[1])
    order = 2**252 + 27742317777372353535851937790883648493
    s = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not ed25519_holds(public, message, signature[:32] + s)


@pytest.mark.parametrize("name", ["ed25519", "sm2"])
def test_a_key_is_made_once_outside_the_database(name: str, settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR, settings.LINLI_PROOF_ALGORITHM = str(tmp_path), name
    assert signing.public_keys() == []
    first, again = signing.signer(name), signing.signer(name)
    assert first == again
    [key] = signing.public_keys()
    assert key.id == first.key_id == key_id(name, key.public)
    assert key.holds(b"text", first.sign(b"text"))
    assert not key.holds(b"other", first.sign(b"text"))
    file = signing._path(name)
    assert file.stat().st_mode & 0o077 == 0
    file.write_text(file.read_text().replace('"private": "', '"private": "zz'))
    with pytest.raises(Unreadable):
        signing.signer(name)


def test_the_key_as_other_programs_read_it() -> None:
    key = Ed25519PrivateKey.generate().public_key()
    raw = key.public_bytes_raw()
    pem = signing.PublicKey("", "ed25519", raw).as_pem()
    assert load_pem_public_key(pem.encode()) == key
