"""Whoever has the database's own password and forges everything in it is still found (重写全账也必现): by `records
verify` while the key file stands, and by anybody with the checker, the key and what they kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.procedures import proof, sequencing
from linli.kernel.procedures.audit import export_log
from linli.kernel.procedures.casebundle import case_proof
from linli.kernel.procedures.models import Case
from linli.kernel.records import heads
from linli.kernel.records.chain import Entry, entry_hash
from linli.kernel.records.models import Head, Node, Record
from linli.kernel.records.signing import public_keys, signer
from tests.cast import Cast
from tests.events import event_at, reported
from tests.forging import behind_the_back, drop_case, rewrite, rewrite_heads, rewrite_leaves
from tests.proofs import FAULT, SOUND, UNUSABLE, Desk, desk

Forge = Callable[[Any], Any]


BOTH = pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])


@pytest.fixture
def algorithm() -> str:
    return "ed25519"


@pytest.fixture
def sealed(cast: Cast, algorithm: str, settings: Any, tmp_path: Path) -> Case:
    """Two cases of seven records under two roots, then one more record that waits, and the key in a folder."""
    settings.LINLI_DATA_DIR, settings.LINLI_PROOF_ALGORITHM = str(tmp_path / "data"), algorithm
    case = event_at(cast, "verifying")
    sequencing.seal_now()
    reported(cast)
    sequencing.seal_now()
    reported(cast)
    assert proof.verify_all().first_fault is None
    return case


@pytest.fixture
def own(sealed: Case, tmp_path: Path) -> Desk:
    (tmp_path / "own").mkdir()
    return desk(tmp_path / "own")


def fault() -> tuple[str, int, str]:
    found = proof.verify_all().first_fault
    assert found is not None
    return found.case, found.seq, found.kind


# Forging the database


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_a_chain_written_anew(sealed: Case, seq: int) -> None:
    with behind_the_back() as cursor:
        rewrite(sealed, cursor, seq)
    assert fault() == (sealed.number, seq, "root")


def test_leaves_and_nodes_written_anew_too(sealed: Case) -> None:
    with behind_the_back() as cursor:
        rewrite(sealed, cursor)
        rewrite_leaves(cursor)
    assert fault()[2] == "root"


@BOTH
def test_roots_written_anew_too(sealed: Case) -> None:
    with behind_the_back() as cursor:
        rewrite(sealed, cursor)
        rewrite_leaves(cursor)
        rewrite_heads(cursor)
    day, size, kind = fault()
    assert (day.split()[0], kind) == ("root", "root")
    assert size == Head.objects.order_by("id")[0].size


@BOTH
def test_signed_anew_with_another_key(sealed: Case, settings: Any, tmp_path: Path) -> None:
    """As when the forger makes a key of their own: this house does not know it."""
    kept = settings.LINLI_DATA_DIR
    with behind_the_back() as cursor:
        rewrite(sealed, cursor)
        rewrite_leaves(cursor)
        cursor.execute("DELETE FROM records_head")
        settings.LINLI_DATA_DIR = str(tmp_path / "forger")
        heads.seal()
    assert proof.verify_all().first_fault is None
    settings.LINLI_DATA_DIR = kept
    assert fault()[2] == "root"


def test_a_whole_case_removed_with_its_row(sealed: Case) -> None:
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM records_record WHERE case_id = %s", [sealed.pk])
        drop_case(cursor, sealed.pk)
    verdict = proof.verify_all()
    assert verdict.n_cases == 2
    assert fault() == (sealed.number, 1, "removed")


def test_a_record_put_in_where_its_number_was_free(sealed: Case) -> None:
    """With its chain and its case adjusted, so that the chains are whole."""
    with behind_the_back() as cursor:
        last = Record.objects.filter(case_id=sealed.pk).order_by("-seq")[0]
        free = Record.objects.order_by("id")[0].pk - 1
        entry = Entry(sealed.number, *(getattr(last, name) for name in Entry._fields[1:]))._replace(
            seq=last.seq + 1
        )
        own = entry_hash(bytes(last.hash), entry)
        Record.objects.bulk_create(
            [
                Record(
                    id=free,
                    case_id=sealed.pk,
                    prev_hash=bytes(last.hash),
                    hash=own,
                    **dict(list(entry._asdict().items())[1:]),
                )
            ]
        )
        cursor.execute(
            "UPDATE procedures_case SET seq = %s, head_hash = %s WHERE id = %s", [entry.seq, own, sealed.pk]
        )
    assert fault() == (sealed.number, last.seq + 1, "inserted")


LOG: dict[str, tuple[str, list[Any]]] = {
    "a leaf is gone": ("DELETE FROM records_leaf WHERE id = 2", []),
    "the last leaf is gone": ("DELETE FROM records_leaf WHERE id = (SELECT max(id) FROM records_leaf)", []),
    "all leaves are gone": ("DELETE FROM records_leaf", []),
    "a leaf names another record": ("UPDATE records_leaf SET record_id = 999999 WHERE id = 1", []),
    "a leaf names another case": ("UPDATE records_leaf SET number = 'X' WHERE id = 1", []),
    "a leaf has another number": ("UPDATE records_leaf SET seq = 9 WHERE id = 1", []),
    "a leaf has another hash": ("UPDATE records_leaf SET hash = %s WHERE id = 1", [bytes(32)]),
    "a root is another": ("UPDATE records_head SET root = %s WHERE id = 1", [bytes(32)]),
    "a root is over fewer": ("UPDATE records_head SET size = size - 1 WHERE id = 2", []),
    "a root has another day": ("UPDATE records_head SET day = '2020-01-01' WHERE id = 2", []),
    "a signature is another": ("UPDATE records_head SET signature = %s WHERE id = 1", [bytes(64)]),
    "the first root is gone": ("DELETE FROM records_head WHERE id = 1", []),
    "the tree begins later": ("UPDATE records_tree SET first = 3", []),
    "the tree is gone": ("DELETE FROM records_tree", []),
}


@pytest.mark.parametrize("what", LOG)
def test_the_log_itself(sealed: Case, what: str) -> None:
    with behind_the_back() as cursor:
        cursor.execute(*LOG[what])
    assert fault()[2] in ({"removed"} if what == "a leaf names another record" else {"root", "inserted"})


def test_a_kept_node(sealed: Case, cast: Cast) -> None:
    for _ in range(16):
        reported(cast)
    sequencing.seal_now()
    assert Node.objects.count() == 1
    assert proof.verify_all().first_fault is None
    with behind_the_back() as cursor:
        cursor.execute("UPDATE records_node SET hash = %s", [bytes(32)])
    assert fault()[2] == "root"
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM records_node")
    assert fault()[2] == "root"


# Forging what people were given


def bundle(case: Case, cast: Cast, who: str = "resident") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(case_proof(case, cast.actor(who))))
    return found


def _entry(doc: Any, n: int, column: int, value: Any) -> None:
    doc["records"][n]["entry"][column] = value


def _rehash(doc: Any, n: int) -> None:
    """As a careful forger does: the record's hash and all that follow it fit again."""
    for i in range(n, len(doc["records"])):
        r = doc["records"][i]
        r["prev"] = doc["records"][i - 1]["hash"] if i else "00" * 32
        if "entry" in r:
            text = json.dumps(r["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            r["hash"] = sha256(bytes.fromhex(r["prev"]) + text.encode()).hexdigest()


def _drop(doc: Any, n: int) -> None:
    del doc["records"][n]


def _renumbered(doc: Any) -> None:
    del doc["records"][1]
    doc["n_records"] -= 1
    for seq, r in enumerate(doc["records"], 1):
        r["seq"] = seq
    _rehash(doc, 0)


BUNDLE: dict[str, tuple[Forge, set[str]]] = {
    "changed": (lambda d: _entry(d, 0, 7, "other"), {"changed"}),
    "another time": (lambda d: _entry(d, 0, 2, "2020-01-01T00:00:00.000000Z"), {"changed"}),
    "changed with its chain": (lambda d: [_entry(d, 0, 7, "other"), _rehash(d, 0)], {"root", "changed"}),
    "removed": (lambda d: _drop(d, 1), {"removed"}),
    "the last removed": (lambda d: _drop(d, -1), {"removed"}),
    "removed and numbered anew": (_renumbered, {"changed", "root"}),
    "inserted": (lambda d: d["records"].append(dict(d["records"][0])), {"inserted"}),
    "reordered": (lambda d: d["records"].insert(0, d["records"].pop(1)), {"reordered"}),
    "another case": (lambda d: d.update(case="350102-EV-2026-999999"), {"changed"}),
    "a forged root": (lambda d: d["heads"][0].update(root="00" * 32), {"signature"}),
    "a forged root with its text": (
        lambda d: d["heads"][0].update(
            root="00" * 32, text=d["heads"][0]["text"].replace(
                base64.b64encode(bytes.fromhex(d["heads"][0]["root"])).decode(),
                base64.b64encode(bytes(32)).decode(),
            ),
        ),
        {"signature"},
    ),
    "a forged signature": (lambda d: d["heads"][0].update(signature="00" * 64), {"signature"}),
    "a longer tree": (lambda d: d["heads"][0].update(size=99), {"signature"}),
    "another place": (lambda d: d["records"][0]["leaf"].update(index=1), {"root"}),
    "a shorter proof": (lambda d: d["records"][0]["leaf"]["proof"].pop(), {"root"}),
    "no head": (lambda d: d.update(heads=[]), {"root"}),
    "no place": (lambda d: d["records"][0].update(leaf=None), {"root", "unsealed"}),
    "another text": (
        lambda d: d["records"][0]["values"]["description"].update(value='"别的话"'), {"value"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BUNDLE)
def test_a_forged_proof_of_a_case(sealed: Case, own: Desk, cast: Cast, what: str) -> None:
    doc = bundle(sealed, cast)
    said = own.check(own.put("case.json", doc))
    assert said.code == SOUND, said.text
    forge, kinds = BUNDLE[what]
    forge(doc)
    said = own.check(own.put("case.json", doc))
    assert (said.code, said.kind in kinds) == (FAULT, True), said.text


@BOTH
def test_another_key_and_no_key(sealed: Case, own: Desk, cast: Cast, settings: Any, tmp_path: Path) -> None:
    path = own.put("case.json", bundle(sealed, cast))
    assert own.check(path, key=None).code == UNUSABLE
    assert own.check(path, key="absent.json").code == UNUSABLE
    pem = own.put("key.pem", public_keys()[0].as_pem())
    assert own.check(path, key=str(pem)).code == SOUND
    settings.LINLI_DATA_DIR = str(tmp_path / "another")
    signer(settings.LINLI_PROOF_ALGORITHM)
    other = own.put("other.json", heads.keys_published())
    said = own.check(path, key=str(other))
    assert (said.code, said.kind) == (FAULT, "key")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"text"', "{}", '{"format":"linli-proof/case/1"}', "\x00"]
)
def test_what_cannot_be_read(sealed: Case, own: Desk, content: str) -> None:
    said = own.check(own.put("odd.json", content))
    assert said.code == UNUSABLE
    assert "无法核验" in said.text


@BOTH
def test_heads_that_somebody_kept(sealed: Case, own: Desk, cast: Cast) -> None:
    first, second = heads.published(list(Head.objects.order_by("id")))
    own.put("kept/2026-11-21.json", first)
    own.put("kept/2026-11-22.json", second)
    own.put("kept/between.json", heads.consistency(*Head.objects.order_by("id")))
    assert own.check("kept").code == SOUND
    assert own.check("kept", own.put("case.json", bundle(sealed, cast))).code == SOUND
    forged = heads.consistency(*Head.objects.order_by("id"))
    forged["steps"][0]["proof"][0] = "00" * 32
    said = own.check(own.put("forged.json", forged))
    assert (said.code, said.kind) == (FAULT, "consistency")


@BOTH
def test_a_split_view(sealed: Case, own: Desk, cast: Cast) -> None:
    """The house itself, key and all, shows one person other books than all others."""
    kept = heads.published(list(Head.objects.order_by("id")))
    with behind_the_back() as cursor:
        rewrite(sealed, cursor)
        rewrite_leaves(cursor)
        cursor.execute("DELETE FROM records_head")
    for _ in kept:
        heads.seal()
    assert proof.verify_all().first_fault is None  # inside the house nothing is left to see it by
    path = own.put("case.json", bundle(Case.objects.get(pk=sealed.pk), cast))
    assert own.check(path).code == SOUND
    said = own.check(path, own.put("kept.json", {"format": "linli-proof/heads/1", "heads": kept}))
    assert (said.code, said.kind) == (FAULT, "split")


# Forging an audit dump


def dump(own: Desk) -> Path:
    export_log(own.folder / "audit")
    return own.folder / "audit"


def edit(folder: Path, name: str, change: Callable[[list[Any]], Any]) -> None:
    rows = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    change(rows)
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _facts(rows: list[Any]) -> None:
    rows[1]["entry"][10] = "{}"


def _swap(rows: list[Any]) -> None:
    rows[1], rows[2] = rows[2], rows[1]


def _gone(rows: list[Any]) -> None:
    """A record taken out, and all that follow moved up."""
    del rows[1]
    for n, row in enumerate(rows):
        row["index"] = n if row["index"] is not None else None


AUDIT: dict[str, tuple[str, Callable[[list[Any]], Any], set[str]]] = {
    "changed": ("records.jsonl", _facts, {"changed"}),
    "a hash": ("records.jsonl", lambda rows: rows[3].update(hash="00" * 32), {"changed"}),
    "removed": ("records.jsonl", lambda rows: rows.pop(1), {"removed"}),
    "the first removed": ("records.jsonl", lambda rows: rows.pop(0), {"removed"}),
    "removed and moved up": ("records.jsonl", _gone, {"removed"}),
    "lost by the table": ("records.jsonl", lambda rows: rows[2].update(entry=None), {"removed"}),
    "inserted": ("records.jsonl", lambda rows: rows.insert(1, dict(rows[0])), {"reordered", "inserted"}),
    "reordered": ("records.jsonl", _swap, {"removed", "reordered"}),
    "truncated": ("records.jsonl", lambda rows: rows.__delitem__(slice(4, None)), {"truncated"}),
    "the waiting one removed": ("records.jsonl", lambda rows: rows.pop(), {"removed"}),
    "a case left out": ("cases.jsonl", lambda rows: rows.pop(), {"inserted"}),
    "a forged root": ("heads.jsonl", lambda rows: rows[0].update(root="00" * 32), {"signature"}),
    "a root left out": ("heads.jsonl", lambda rows: rows.pop(0), {"chain"}),
}


@pytest.mark.parametrize("what", AUDIT)
def test_a_forged_audit_dump(sealed: Case, own: Desk, what: str) -> None:
    folder = dump(own)
    assert own.check(folder).code == SOUND
    name, change, kinds = AUDIT[what]
    edit(folder, name, change)
    said = own.check(folder)
    assert (said.code, said.kind in kinds) == (FAULT, True), said.text


def test_a_dump_from_a_forged_database(sealed: Case, own: Desk) -> None:
    with behind_the_back() as cursor:
        rewrite(sealed, cursor)
    said = own.check(dump(own))
    assert (said.code, said.kind) == (FAULT, "changed")


@BOTH
def test_a_dump_carries_its_own_checker_and_key(sealed: Case, own: Desk) -> None:
    folder = dump(own)
    assert {p.name for p in folder.iterdir()} == {
        "audit.json", "cases.jsonl", "check_proof.py", "heads.jsonl", "keys.json", "records.jsonl",
    }  # fmt: skip
    said = own.check(folder, key=None)
    assert said.code == SOUND
    assert "the enclosed key is used" in said.text
