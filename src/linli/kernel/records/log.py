"""The log of all records (总账): the tree of `tree.py` on tables that only grow.

One sequencer at a time gives each settled record its place, in the order of the records' own numbers. Writing costs
two reads and two inserts a batch, reading a proof two reads, however many leaves there are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max, Q

from linli.kernel.records.models import Leaf, Node, Record, Tree
from linli.kernel.records.signing import ALGORITHMS
from linli.kernel.records.tree import (
    STEP,
    Frontier,
    Hashing,
    Name,
    Span,
    hash_of,
    leaf_data,
    needed,
    peaks,
)

ONE_AT_A_TIME = 0x6C696E6C69  # the advisory lock's number
RANGES_AT_ONCE = 200  # SQLite takes no condition of more than a thousand parts
PATIENCE = 1.0  # seconds that the sequencer waits for writers who are under way
WRITING = ("RowExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")


class Entry(NamedTuple):
    """A record on its way into the log."""

    record_id: int
    number: str
    seq: int
    hash: bytes

    def leaf(self, hashing: Hashing) -> bytes:
        return hashing.leaf(leaf_data(self.number, self.seq, self.hash))


@contextmanager
def alone() -> Iterator[None]:
    """The transaction of the one sequencer (独占写入); the embedded database has only one writer anyway."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        yield


def settled_up_to() -> int | None:
    """The record number up to which nothing can appear any more (已定界限); None while a writer is under way.

    On PostgreSQL a record can become visible after one with a higher number. Whoever may still write a lower number
    than the highest that is seen now holds a lock on the table at this moment: when those have let go, all is settled.
    Nobody waits for this, unlike for a lock on the table.
    """
    highest: int = Record.objects.aggregate(highest=Max("id"))["highest"] or 0
    if connection.vendor != "postgresql":
        return highest
    waited, writers = time.monotonic(), _writers()
    while writers:
        if time.monotonic() - waited > PATIENCE:
            return None
        time.sleep(0.01)
        writers &= _writers()
    return highest


def _writers() -> set[str]:
    marks = ", ".join(["%s"] * len(WRITING))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            f"AND relation = 'records_record'::regclass AND mode IN ({marks}) AND pid <> pg_backend_pid()",
            WRITING,
        )
        return {row[0] for row in cursor.fetchall()}


def hashing_of(tree: Tree) -> Hashing:
    return Hashing(ALGORITHMS[tree.algorithm].hash)


def last_leaf() -> Leaf | None:
    return Leaf.objects.order_by("-id").first()


def latest_tree() -> Tree | None:
    return Tree.objects.order_by("-id").first()


def append(tree: Tree, size: int, entries: Sequence[Entry]) -> None:
    """Put records at the end of a tree that has `size` leaves (入账). Only inside `alone()`."""
    hashing = hashing_of(tree)
    nodes: list[tuple[int, int, int, bytes]] = []

    def made(name: Name, value: bytes) -> None:
        if name[0] % STEP == 0:
            nodes.append((tree.pk, *name, value))

    edge = frontier(tree, size)
    edge.made = made
    for entry in entries:
        edge.push(entry.leaf(hashing))
    start = tree.first + size
    _insert(
        "records_leaf",
        ("id", "record_id", "number", "seq", "hash"),
        [(start + n, *entry) for n, entry in enumerate(entries)],
    )
    if nodes:
        _insert("records_node", ("tree", "level", "place", "hash"), nodes)


def frontier(tree: Tree, size: int) -> Frontier:
    """The right edge of the tree as it was with `size` leaves (某一规模时的右缘)."""
    hashing = hashing_of(tree)
    spans = [(index << level, index + 1 << level) for level, index in peaks(size)]
    kept = kept_nodes(tree, spans)
    values = [hash_of(span, kept, hashing) for span in spans]
    return Frontier(hashing, list(zip(peaks(size), values, strict=True)))


def hashes_of(tree: Tree, spans: Sequence[Span]) -> list[bytes]:
    """The hashes over ranges of leaves (几段叶子的散列), in two statements."""
    kept, hashing = kept_nodes(tree, spans), hashing_of(tree)
    return [hash_of(span, kept, hashing) for span in spans]


def kept_nodes(tree: Tree, spans: Iterable[Span]) -> dict[Name, bytes]:
    hashing = hashing_of(tree)
    ranges = needed(spans)
    found: dict[Name, bytes] = {}
    of_leaves = [Q(id__gte=tree.first + a, id__lt=tree.first + b) for a, b in ranges.pop(0, ())]
    for condition in _bundled(of_leaves):
        for place, number, seq, value in Leaf.objects.filter(condition).values_list(
            "id", "number", "seq", "hash"
        ):
            found[0, place - tree.first] = hashing.leaf(leaf_data(number, seq, bytes(value)))
    of_nodes = [
        Q(level=level, place__gte=a, place__lt=b) for level, parts in ranges.items() for a, b in parts
    ]
    for condition in _bundled(of_nodes):
        rows = Node.objects.filter(condition, tree=tree.pk).values_list("level", "place", "hash")
        found.update(((level, place), bytes(value)) for level, place, value in rows)
    return found


def _bundled(conditions: list[Q]) -> Iterator[Q]:
    for start in range(0, len(conditions), RANGES_AT_ONCE):
        bundle = conditions[start]
        for condition in conditions[start + 1 : start + RANGES_AT_ONCE]:
            bundle |= condition
        yield bundle


def _insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Many rows at once; the ORM takes several times as long."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copying: Any = cursor  # Django passes `copy` on to psycopg, its types do not say so
            with connection.wrap_database_errors, copying.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
