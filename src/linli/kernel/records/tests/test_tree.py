"""The tree gives the published roots and proofs, and its proofs hold for the checker and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.records.standalone.signatures import HASHES
from linli.kernel.records.standalone.trees import Fault, Growing, check_consistency, root_by_inclusion
from linli.kernel.records.tree import (
    STEP,
    Frontier,
    Hashing,
    Name,
    consistency_spans,
    hash_of,
    inclusion_spans,
    kept_names,
    needed,
)

# The reference vectors of Certificate Transparency (RFC 6962, kept by RFC 9162).
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], B, D]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])]


class Grown:
    """A tree with the nodes that are kept of it, and all its roots."""

    def __init__(self, data: list[bytes], name: str = "sha256") -> None:
        self.hashing = Hashing(name)
        self.kept: dict[Name, bytes] = {}
        self.leaves = [self.hashing.leaf(d) for d in data]
        edge = Frontier(self.hashing, made=self._made)
        self.roots = [edge.root()]
        for n, leaf in enumerate(self.leaves):
            self.kept[0, n] = leaf
            edge.push(leaf)
            self.roots.append(edge.root())

    def _made(self, name: Name, value: bytes) -> None:
        if name[0] % STEP == 0:
            self.kept[name] = value

    def proof(self, spans: list[tuple[int, int]]) -> list[bytes]:
        """From nothing but the rows that `needed` names."""
        rows = {name: self.kept[name] for level, r in needed(spans).items() for name in kept_names(level, r)}
        return [hash_of(span, rows, self.hashing) for span in spans]


def test_the_published_roots() -> None:
    assert [root.hex() for root in Grown(INPUTS).roots] == ROOTS


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_the_published_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    tree = Grown(INPUTS)
    assert [p.hex() for p in tree.proof(inclusion_spans(index, size))] == proof


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_the_published_consistency_proofs(old: int, new: int, proof: list[str]) -> None:
    tree = Grown(INPUTS)
    assert [p.hex() for p in tree.proof(consistency_spans(old, new))] == proof


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_every_leaf_of_every_size_is_proven(name: str) -> None:
    tree, hashed = Grown([n.to_bytes(2, "big") for n in range(200)], name), HASHES[name]
    checked = Growing(hashed)
    for size in range(1, 201):
        checked.push(tree.leaves[size - 1])
        assert checked.root() == tree.roots[size]
        for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
            proof = tree.proof(inclusion_spans(index, size))
            found = root_by_inclusion(hashed, tree.leaves[index], index, size, proof)
            assert found == tree.roots[size]
            assert len(proof) <= (size - 1).bit_length()


TREE = Grown([n.to_bytes(2, "big") for n in range(200)])
SIZES = st.integers(0, 200)


@settings(max_examples=300, deadline=None)
@given(SIZES, SIZES)
def test_every_size_continues_every_smaller_one(one: int, two: int) -> None:
    old, new = sorted((one, two))
    proof = TREE.proof(consistency_spans(old, new))
    check_consistency(HASHES["sha256"], old, TREE.roots[old], new, TREE.roots[new], proof)
    forged = bytes(32)
    if new:
        with pytest.raises(Fault):
            check_consistency(HASHES["sha256"], old, TREE.roots[old], new, forged, [*proof, forged])
    if old > 0:
        with pytest.raises(Fault):
            check_consistency(HASHES["sha256"], old, forged, new, TREE.roots[new], proof)
    if 0 < old < new:
        with pytest.raises(Fault):
            check_consistency(HASHES["sha256"], old, TREE.roots[old], new, forged, proof)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_proof_holds_for_its_own_leaf_place_and_size_alone(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    index = data.draw(st.integers(0, size - 1))
    hashed, leaf = HASHES["sha256"], TREE.leaves[index]
    proof = TREE.proof(inclusion_spans(index, size))
    changed = list(proof)
    at = data.draw(st.integers(0, len(proof) - 1))
    changed[at] = bytes(b ^ 1 for b in proof[at])
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    wrong = [
        (leaf, index, changed),
        (leaf, index, proof[:-1]),
        (leaf, index, [*proof, proof[-1]]),
        (leaf, other, proof),
        (TREE.leaves[other], index, proof),
    ]
    for value, place, steps in wrong:
        try:
            assert root_by_inclusion(hashed, value, place, size, steps) != TREE.roots[size]
        except Fault:
            continue


def test_a_proof_reads_few_rows_of_a_large_tree() -> None:
    for size in (10_000_000, 2**24, 2**24 - 1):
        for index in (0, 1, size // 2, size // 3, size - 1):
            ranges = needed(inclusion_spans(index, size))
            assert sum(b - a for parts in ranges.values() for a, b in parts) <= 7 * 2 * 15
        ranges = needed(consistency_spans(size // 3, size))
        assert sum(b - a for parts in ranges.values() for a, b in parts) <= 7 * 2 * 15


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_spans(index, size)
    with pytest.raises(ValueError, match="does not begin"):
        consistency_spans(size + 1, size)
