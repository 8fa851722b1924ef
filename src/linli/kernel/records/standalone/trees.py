"""Proofs about the tree (树的证明), as RFC 9162, section 2.1 says how to check them. A part of the standalone checker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from linli.kernel.records.standalone.signatures import Hash


class Fault(Exception):
    def __init__(self, kind: str, where: str = "") -> None:
        super().__init__(kind, where)
        self.kind, self.where = kind, where


def node(hashed: Hash, left: bytes, right: bytes) -> bytes:
    return hashed(b"\1" + left + right)


def leaf_of(hashed: Hash, number: str, seq: int, record: str) -> bytes:
    return hashed(b"\0" + canonical([number, seq, record]).encode())


def root_by_inclusion(hashed: Hash, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    if not 0 <= index < size:
        raise Fault("root")
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            raise Fault("root")
        if fn & 1 or fn == sn:
            found = node(hashed, step, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node(hashed, found, step)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Fault("root")
    return found


def check_consistency(
    hashed: Hash, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    fault = Fault("consistency")
    if old > new or (old in (0, new) and proof) or (old == 0 and old_root != hashed(b"")):
        raise fault
    if old == new and old_root != new_root:
        raise fault
    if old in (0, new):
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        raise fault
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    one = two = steps[0]
    for step in steps[1:]:
        if sn == 0:
            raise fault
        if fn & 1 or fn == sn:
            one, two = node(hashed, step, one), node(hashed, step, two)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            two = node(hashed, two, step)
        fn, sn = fn >> 1, sn >> 1
    if sn or one != old_root or two != new_root:
        raise fault


class Growing:
    """A tree that is only ever appended to, kept as its complete subtrees."""

    def __init__(self, hashed: Hash) -> None:
        self.hashed, self.size = hashed, 0
        self.peaks: list[tuple[int, bytes]] = []

    def push(self, leaf: bytes) -> None:
        level = 0
        while self.peaks and self.peaks[-1][0] == level:
            level, leaf = level + 1, node(self.hashed, self.peaks.pop()[1], leaf)
        self.peaks.append((level, leaf))
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return self.hashed(b"")
        found = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            found = node(self.hashed, left, found)
        return found


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
