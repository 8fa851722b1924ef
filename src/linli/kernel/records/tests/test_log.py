"""The log grows in batches of any size, loses nothing to a crash, and is read in few statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from linli.base.appendonly import is_append_only
from linli.base.errors import NotFound, Unreadable
from linli.kernel.records import heads, log
from linli.kernel.records.models import Head, Leaf, Node, Tree
from linli.kernel.records.standalone.signatures import HASHES
from linli.kernel.records.standalone.trees import Growing, leaf_of, root_by_inclusion
from linli.kernel.records.tree import inclusion_spans
from tests.load.counting import counted

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 21, 16, 0, 3, tzinfo=UTC)  # 00:00:03 on the 22nd in Shanghai


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = str(tmp_path)


def entry(n: int) -> log.Entry:
    return log.Entry(n + 1, f"350102-EV-2026-{n // 5:06d}", n % 5 + 1, sha256(str(n).encode()).digest())


def grow(n: int) -> None:
    """The next n records, in one batch."""
    with log.alone():
        tree, size = heads.tree_for_writing(NIGHT)
        log.append(tree, size, [entry(tree.first + size + i) for i in range(n)])


def expected(start: int, end: int, name: str = "sha256") -> Growing:
    made = Growing(HASHES[name])
    for n in range(start, end):
        e = entry(n)
        made.push(leaf_of(HASHES[name], e.number, e.seq, e.hash.hex()))
    return made


@pytest.mark.parametrize("batches", [[1] * 40, [16, 16, 1, 300], [255, 1, 1], [517], [0, 3, 0, 600]])
def test_batches_of_any_size_give_the_same_tree(batches: list[int]) -> None:
    total = 0
    for n in batches:
        grow(n)
        total += n
        assert heads.seal(NIGHT).root == expected(0, total).root()
    tree = Tree.objects.get()
    assert list(Leaf.objects.order_by("id").values_list("id", flat=True)) == list(range(total))
    assert Node.objects.filter(level=4).count() == total // 16
    assert Node.objects.filter(level=8).count() == total // 256
    for index in {0, 7, total // 2, total - 1}:
        proof = log.hashes_of(tree, inclusion_spans(index, total))
        e = entry(index)
        leaf = leaf_of(HASHES["sha256"], e.number, e.seq, e.hash.hex())
        assert root_by_inclusion(HASHES["sha256"], leaf, index, total, proof) == expected(0, total).root()


def test_a_batch_that_breaks_leaves_nothing_behind() -> None:
    grow(20)
    tree, size = heads.tree_for_writing(NIGHT)
    with pytest.raises(IntegrityError), log.alone():
        log.append(tree, size, [entry(20), entry(20)])
    assert (Leaf.objects.count(), Node.objects.count()) == (20, 1)
    grow(12)
    assert heads.seal(NIGHT).root == expected(0, 32).root()


def test_proofs_take_as_many_statements_for_many_leaves_as_for_few() -> None:
    taken: list[tuple[int, ...]] = []
    grow(20)
    heads.seal(NIGHT)
    for n in (80, 3000):
        grow(n)
        head = heads.seal(NIGHT)
        with counted() as one:
            heads.inclusion([n // 3, n // 2])
        with counted() as two:
            heads.consistency(Head.objects.order_by("id")[0], head)
        with counted() as three:
            heads.seal(NIGHT)
        taken.append((len(one), len(two), len(three)))
        with counted() as batch:
            grow(16)
        taken.append((len(batch),))
    assert taken[0] == taken[2] <= (5, 4, 8)
    assert taken[1] == taken[3] <= (6,)


def test_an_appended_batch_writes_a_fifteenth_of_a_row_more_for_each_leaf() -> None:
    grow(3000)
    assert Node.objects.count() <= 3000 / 15


def test_a_day_has_one_nightly_head_whatever_else_is_sealed() -> None:
    grow(3)
    nightly = heads.seal(NIGHT)
    grow(4)
    later = heads.seal(NIGHT + timedelta(hours=9))
    assert heads.head_of_day(nightly.day) == nightly
    assert heads.latest_head() == later
    assert heads.head_named("latest") == heads.head_named("7") == later
    assert heads.head_named("2026-11-22") == nightly
    assert heads.first_of_days([nightly.day]) == {nightly.pk}
    for words, refusal in (
        ("2026-11-23", NotFound),
        ("99", NotFound),
        ("heute", Unreadable),
        ("", Unreadable),
    ):
        with pytest.raises(refusal):
            heads.head_named(words)


def test_a_clock_that_was_put_back_makes_no_earlier_head() -> None:
    first = heads.seal(NIGHT)
    assert heads.seal(NIGHT - timedelta(days=3)).at == first.at


def test_heads_name_the_one_before() -> None:
    for n in (2, 0, 5):
        grow(n)
        heads.seal(NIGHT)
    first, second, third = Head.objects.order_by("id")
    assert bytes(first.previous) == bytes(32)
    assert bytes(second.previous) == sha256(heads.text_of(first, "ed25519")).digest()
    assert bytes(third.previous) == sha256(heads.text_of(second, "ed25519")).digest()
    assert (second.size, bytes(second.root)) == (first.size, bytes(first.root))


def test_another_algorithm_is_another_tree_behind_a_last_head(settings: Any) -> None:
    grow(20)
    heads.seal(NIGHT)
    grow(3)  # under no head yet
    settings.LINLI_PROOF_ALGORITHM = "sm2"
    grow(40)
    new = heads.seal(NIGHT)
    first, last = Head.objects.filter(tree=1).order_by("id")
    assert (last.size, last.key.split("-")[0]) == (23, "ed25519")
    assert (new.tree, new.size, new.key.split("-")[0]) == (2, 40, "sm2")
    assert new.root == expected(23, 63, "sm3").root()
    steps = heads.consistency(new, first)["steps"]
    assert [(s["from"]["size"], s["to"]["size"]) for s in steps] == [(20, 23), (23, 40)]
    settings.LINLI_PROOF_ALGORITHM = "ed25519"
    back = heads.seal(NIGHT)
    assert (back.tree, back.size) == (3, 0)
    found, proofs = heads.inclusion([1, 23, 24, 63])
    assert [(h["tree"], h["size"]) for h in found] == [(1, 23), (2, 40), (3, 0)]
    assert {r: (p["tree"], p["index"]) for r, p in proofs.items()} == {
        1: (1, 0),
        23: (1, 22),
        24: (2, 0),
        63: (2, 39),
    }


@pytest.mark.parametrize("table", ["records_tree", "records_leaf", "records_node", "records_head"])
def test_the_database_refuses_to_change_the_log(table: str) -> None:
    grow(20)
    heads.seal(NIGHT)
    assert is_append_only(connection, table)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1000"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
