"""Checking the log against the records (总账核验): every leaf, every kept node, every daily root and its signature.

One pass over the leaves with their records beside them; nothing is held but the right edge of the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from linli.kernel.procedures.models import Case
from linli.kernel.records import heads, log
from linli.kernel.records.chain import START
from linli.kernel.records.models import Head, Leaf, Node, Record, Tree
from linli.kernel.records.signing import public_keys
from linli.kernel.records.tree import STEP, Frontier, Name


@dataclass(frozen=True)
class Fault:
    case: str
    seq: int
    kind: str  # changed | removed | inserted | reordered | root

    def as_dict(self) -> dict[str, Any]:
        return {"case": self.case, "seq": self.seq, "kind": self.kind}


class _Broken(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def tree_fault() -> Fault | None:
    """The first place where log and records do not agree (总账第一处不符); nothing when all is whole.

    A record that is gone, with or without its case, is `removed`; one that should have a leaf by its number and has
    none is `inserted`; a record that was rewritten with its whole chain, a leaf, a node, a root or a signature that
    does not hold is `root`. Records that wait for the sequencer are no fault.
    """
    try:
        _check_heads()
        _check_leaves()
    except _Broken as broken:
        return broken.fault
    return _never_sequenced()


def _check_heads() -> None:
    """Each head signed by a key of this installation, each naming the one before, none shrinking."""
    keys = {key.id: key for key in public_keys()}
    hashings = {tree.pk: (tree.algorithm, log.hashing_of(tree)) for tree in Tree.objects.all()}
    previous, last = START, None
    for head in Head.objects.order_by("id"):
        if head.tree not in hashings:
            raise _Broken(_of(head))
        algorithm, hashing = hashings[head.tree]
        key, text = keys.get(head.key), heads.text_of(head, algorithm)
        follows = head.pk == (1 if last is None else last.pk + 1) and bytes(head.previous) == previous
        grown = last is None or (last.tree, last.size, last.at) <= (head.tree, _at_least(head, last), head.at)
        signed = key is not None and key.algorithm == algorithm and key.holds(text, bytes(head.signature))
        if not (follows and grown and signed):
            raise _Broken(_of(head))
        previous, last = hashing.plain(text), head


def _at_least(head: Head, last: Head) -> int:
    """A new tree begins small again."""
    return head.size if head.tree == last.tree else max(head.size, last.size)


def _of(head: Head) -> Fault:
    return Fault(f"root {head.day}", head.size, "root")


class _Edge:
    """A tree as it grows leaf by leaf: the kept nodes are compared as they come about, heads at their size."""

    def __init__(self, tree: Tree) -> None:
        self.nodes: dict[int, Iterator[Any]] = {}
        self.tree, self.hashing = tree, log.hashing_of(tree)
        self.frontier = Frontier(self.hashing, made=self._made)
        self.where = Fault("", 0, "root")
        self.heads = iter(Head.objects.filter(tree=tree.pk).order_by("id"))
        self.head = next(self.heads, None)
        self._settle()

    def push(self, place: int, number: str, seq: int, value: bytes) -> None:
        self.where = Fault(number, seq, "root")
        self.frontier.push(log.Entry(place, number, seq, value).leaf(self.hashing))
        self._settle()

    def end(self) -> None:
        if self.head is not None:
            raise _Broken(_of(self.head))
        for rows in self.nodes.values():
            if next(rows, None) is not None:
                raise _Broken(self.where)

    def _settle(self) -> None:
        while self.head is not None and self.head.size == self.frontier.size:
            if bytes(self.head.root) != self.frontier.root():
                raise _Broken(_of(self.head))
            self.head = next(self.heads, None)

    def _made(self, name: Name, value: bytes) -> None:
        level, place = name
        if level % STEP:
            return
        if level not in self.nodes:
            self.nodes[level] = _nodes(self.tree.pk, level)
        if (row := next(self.nodes[level], None)) is None or (row[0], bytes(row[1])) != (place, value):
            raise _Broken(self.where)


def _nodes(tree: int, level: int) -> Iterator[tuple[int, Any]]:
    """All kept nodes of a level, in pieces: a server's own cursor would stay open behind a fault."""
    rows: list[tuple[int, Any]] = []
    while rows := list(
        Node.objects.filter(tree=tree, level=level, place__gt=rows[-1][0] if rows else -1)
        .order_by("place")
        .values_list("place", "hash")[:CHUNK]
    ):
        yield from rows


CHUNK = 5000
LEAVES = (
    "SELECT l.id, l.number, l.seq, l.hash, r.hash, r.seq, c.number FROM records_leaf l "
    "LEFT JOIN records_record r ON r.id = l.record_id LEFT JOIN procedures_case c ON c.id = r.case_id "
    "WHERE l.id >= %s AND l.id < %s ORDER BY l.id"
)


def _leaves() -> Iterator[tuple[Any, ...]]:
    last = log.last_leaf()
    for start in range(0, last.pk + 1 if last else 0, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(LEAVES, [start, start + CHUNK])
            rows: Iterable[Any] = cursor.fetchall()
        yield from rows


def _check_leaves() -> None:
    trees = list(Tree.objects.order_by("id"))
    edge: _Edge | None = None
    expected = 0
    for place, number, seq, value, own, own_seq, own_number in _leaves():
        while trees and trees[0].first == place:
            edge = _next(edge, trees)
        if own is None:
            raise _Broken(Fault(number, seq, "removed"))
        whole = bytes(own) == bytes(value) and (own_seq, own_number or number) == (seq, number)
        if edge is None or place != expected or not whole:
            raise _Broken(Fault(number, seq, "root"))
        edge.push(place, number, seq, bytes(value))
        expected += 1
    while trees and trees[0].first == expected:
        edge = _next(edge, trees)
    if edge is not None:
        edge.end()
    if trees:
        raise _Broken(Fault("", expected, "root"))
    if edge is None and (head := Head.objects.order_by("id").first()):
        raise _Broken(_of(head))


def _next(edge: _Edge | None, trees: list[Tree]) -> _Edge:
    if edge is not None:
        edge.end()
    return _Edge(trees.pop(0))


def _never_sequenced() -> Fault | None:
    """A record whose number is below the last one sequenced, yet which has no leaf: it was put in afterwards."""
    last = log.last_leaf()
    if last is None:
        return None
    record = (
        Record.objects.filter(~Exists(Leaf.objects.filter(record_id=OuterRef("pk"))), pk__lte=last.record_id)
        .order_by("pk")
        .first()
    )
    if record is None:
        return None
    number = Case.objects.filter(pk=record.case_id).values_list("number", flat=True).first()
    return Fault(number or f"#{record.case_id}", record.seq, "inserted")
