"""The tree over all records (留痕总树), pure: the append-only Merkle tree of RFC 9162, section 2.

Leaf = H(0x00 || data), node = H(0x01 || left || right). Of the nodes above the leaves only every fourth level is
kept (4, 8, 12 …): one row for fifteen leaves or more, and any other node is made again from at most eight of them.
A subtree is named by its level and its index there; what is asked for is a range of leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes

from linli.kernel.records.chain import canonical

STEP = 4  # levels from one kept level to the next

Name = tuple[int, int]  # (level, index) of a complete subtree
Span = tuple[int, int]  # leaves from … up to, without the last


def sm3(data: bytes) -> bytes:
    """GB/T 32905 SM3: there on every machine, whatever its own OpenSSL was built with."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()


HASHES: dict[str, Callable[[bytes], bytes]] = {"sha256": _sha256, "sm3": sm3}


class Hashing(NamedTuple):
    """How a tree hashes (树的散列). One tree has one way from its first leaf to its last."""

    name: str

    def plain(self, data: bytes) -> bytes:
        return HASHES[self.name](data)

    def leaf(self, data: bytes) -> bytes:
        return HASHES[self.name](b"\0" + data)

    def node(self, left: bytes, right: bytes) -> bytes:
        return HASHES[self.name](b"\1" + left + right)


def leaf_data(number: str, seq: int, record: bytes) -> bytes:
    """What a leaf is made of (叶子内容): the case's number, the record's number in it, the record's own hash. Whoever has
    these three can make the leaf again, without reading what the record says."""
    return canonical([number, seq, record.hex()]).encode()


class Frontier:
    """The right edge of a tree (树的右缘): the complete subtrees of which it is put together, the largest first.

    Leaves are pushed one by one; each complete subtree that comes about is handed to `made`.
    """

    def __init__(
        self,
        hashing: Hashing,
        peaks: Iterable[tuple[Name, bytes]] = (),
        made: Callable[[Name, bytes], None] | None = None,
    ) -> None:
        self.hashing = hashing
        self.peaks = list(peaks)
        self.made = made
        self.size = sum(1 << level for (level, _), _ in self.peaks)

    def push(self, leaf: bytes) -> None:
        name: Name = (0, self.size)
        while self.peaks and self.peaks[-1][0][0] == name[0]:
            (level, index), left = self.peaks.pop()
            name, leaf = (level + 1, index >> 1), self.hashing.node(left, leaf)
            if self.made is not None:
                self.made(name, leaf)
        self.peaks.append((name, leaf))
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return self.hashing.plain(b"")
        found = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            found = self.hashing.node(left, found)
        return found


def peaks(size: int) -> list[Name]:
    """The complete subtrees of a tree of this size, the largest first."""
    return _complete((0, size))


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Which subtrees prove that leaf `index` is in the tree of this size (RFC 9162, 2.1.3.1), lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    found: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """Which subtrees prove that the tree of `new` leaves begins with that of `old` (RFC 9162, 2.1.4.1)."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        return []
    found: list[Span] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, end))
    return found[::-1]


def needed(spans: Iterable[Span]) -> dict[int, list[Span]]:
    """Where the subtrees of these ranges are kept: for each kept level the index ranges to read, joined.

    However large the tree, a range needs at most fifteen neighbours at each kept level.
    """
    wanted: dict[int, set[Span]] = {}
    for span in spans:
        for level, index in _complete(span):
            kept = level - level % STEP
            wanted.setdefault(kept, set()).add((index << level - kept, index + 1 << level - kept))
    return {level: _joined(sorted(ranges)) for level, ranges in sorted(wanted.items())}


def hash_of(span: Span, kept: Mapping[Name, bytes], hashing: Hashing) -> bytes:
    """The hash over a range of leaves from the kept nodes (一段叶子的散列). Raises KeyError when one is absent."""
    start, end = span
    if start == end:
        return hashing.plain(b"")
    names = _complete(span)
    found = _complete_hash(names[-1], kept, hashing)
    for name in reversed(names[:-1]):
        found = hashing.node(_complete_hash(name, kept, hashing), found)
    return found


def _complete_hash(name: Name, kept: Mapping[Name, bytes], hashing: Hashing) -> bytes:
    level, index = name
    if level % STEP == 0:
        return kept[name]
    left = _complete_hash((level - 1, 2 * index), kept, hashing)
    return hashing.node(left, _complete_hash((level - 1, 2 * index + 1), kept, hashing))


def _split(size: int) -> int:
    """The largest power of two that is smaller than the size."""
    return 1 << (size - 1).bit_length() - 1


def _complete(span: Span) -> list[Name]:
    """A range as complete subtrees from left to right. It begins where a subtree of its own size may begin."""
    start, end = span
    found: list[Name] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _joined(ranges: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in ranges:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def kept_names(level: int, ranges: Iterable[Span]) -> Iterator[Name]:
    for start, end in ranges:
        yield from ((level, index) for index in range(start, end))
