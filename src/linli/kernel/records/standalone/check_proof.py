"""Checks what Linli proves, without Linli (独立核验工具): Python 3.9 or newer, nothing else, no network.

    python check_proof.py PATH [PATH ...] [--key key.json]

PATH: the proof of a case, a head, a list of heads, a consistency proof, a folder of such files, or the folder of an
audit dump. All heads that are named in one run are compared with each other. `--key`: the public key (key.json or
key.pem), got from the site at another time or by another way than what is checked.

Exit: 0 sound, 1 a fault (one sentence says which), 2 the input cannot be used. Formats: docs/reference/proof.md.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from linli.kernel.records.standalone.signatures import HASHES, PEM, SIGNATURES, key_id, sha256
from linli.kernel.records.standalone.trees import (
    Fault,
    Growing,
    canonical,
    check_consistency,
    leaf_of,
    root_by_inclusion,
)

Said = tuple[str, str]  # in Chinese, in English
START = "00" * 32
SEALED_WITHIN = timedelta(days=2)  # a head is made every night
FAULTS = {
    "changed": ("这条留痕的内容被改过", "what the record says was changed"),
    "removed": ("少了一条留痕", "a record is missing"),
    "inserted": ("多了一条留痕", "a record was put in"),
    "reordered": ("留痕的次序被动过", "records are not in their order"),
    "root": ("留痕与每日根不符", "the records do not agree with the daily root"),
    "unsealed": ("这条留痕早该封存，却不在根下", "the record should have been sealed by then, and is not"),
    "value": ("所附的原文不是当时填写的内容", "the enclosed text is not what was entered"),
    "signature": ("每日根的签名不对", "the signature of a daily root is wrong"),
    "key": ("每日根不是用这把公钥签的", "a daily root was not signed with this key"),
    "split": ("同一处有两个不同的根：有人给不同的人看不同的账", "two roots for one place: people are shown different books"),
    "chain": ("每日根与前一日的根接不上", "a daily root does not follow the one before"),
    "consistency": ("后一日的账不是在前一日的账上接着记的", "the later tree does not continue the earlier one"),
    "truncated": ("账比每日根所说的短", "the dump is shorter than its daily root says"),
}  # fmt: skip


class Unusable(Exception):
    """The input cannot be used; the message says why in both languages."""


def record_hash(prev: str, entry: Any) -> str:
    return sha256(bytes.fromhex(prev) + canonical(entry).encode()).hex()


def head_text(head: Any) -> str:
    lines = [
        f"linli-proof/1/tree-{head['tree']:d}",
        f"{head['size']:d}",
        base64.b64encode(bytes.fromhex(head["root"])).decode(),
        f"number {head['number']:d}",
        f"day {head['day']}",
        f"at {head['at']}",
        f"hash {head['hash']}",
        f"previous {head['previous']}",
        f"key {head['key']}",
    ]
    return "\n".join(lines) + "\n"


class Checker:
    """One run: the keys it trusts, and every head it has seen."""

    def __init__(self, keys: dict[str, tuple[str, bytes]]) -> None:
        self.keys = keys
        self.heads: dict[int, Any] = {}
        self.places: dict[tuple[int, int], str] = {}

    def head(self, head: Any) -> Any:
        where, text = f"{head['day']} ({head['number']})", head_text(head)
        if head["key"] not in self.keys:
            raise Fault("key", where)
        algorithm, public = self.keys[head["key"]]
        hashes = {"ed25519": "sha256", "sm2": "sm3"}
        if head["hash"] != hashes[algorithm] or head.get("text", text) != text:
            raise Fault("signature", where)
        if not SIGNATURES[algorithm][0](public, text.encode(), bytes.fromhex(head["signature"])):
            raise Fault("signature", where)
        place = (head["tree"], head["size"])
        if self.places.setdefault(place, head["root"]) != head["root"]:
            raise Fault("split", where)
        if head_text(self.heads.setdefault(head["number"], head)) != text:
            raise Fault("split", where)
        return head

    def chain(self) -> None:
        """Heads that follow each other name the one before; no tree ever shrinks."""
        last = None
        for number in sorted(self.heads):
            head = self.heads[number]
            if number == 1 and head["previous"] != START:
                raise Fault("chain", head["day"])
            if last is not None:
                follows = head["number"] == last["number"] + 1
                if follows and head["previous"] != self.name(last):
                    raise Fault("chain", head["day"])
                shrunk = head["tree"] == last["tree"] and head["size"] < last["size"]
                if shrunk or head["tree"] < last["tree"] or head["at"] < last["at"]:
                    raise Fault("chain", head["day"])
            last = head

    def name(self, head: Any) -> str:
        return HASHES[head["hash"]](head_text(head).encode()).hex()

    def case(self, doc: Any) -> Said:
        number, records = doc["case"], doc["records"]
        heads = {head["tree"]: self.head(head) for head in doc["heads"]}
        newest = max((head["at"] for head in heads.values()), default="")
        check_order([r["seq"] for r in records], doc["n_records"], number)
        prev, n_sealed, open_end = START, 0, False
        for r in records:
            where = f"{number} / {r['seq']}"
            if r["prev"] != prev:
                raise Fault("changed", where)
            prev = r["hash"]
            if r.get("entry") is not None:
                check_entry(number, r, where)
            if r["leaf"] is None:
                if r.get("entry") is not None and moment(r["entry"][2]) + SEALED_WITHIN < moment(newest):
                    raise Fault("unsealed", where)
                open_end = True
                continue
            head = heads.get(r["leaf"]["tree"])
            if head is None or open_end:
                raise Fault("root", where)
            hashed, proof = HASHES[head["hash"]], [bytes.fromhex(p) for p in r["leaf"]["proof"]]
            leaf = leaf_of(hashed, number, r["seq"], r["hash"])
            if root_by_inclusion(hashed, leaf, r["leaf"]["index"], head["size"], proof).hex() != head["root"]:
                raise Fault("root", where)
            n_sealed += 1
        n_open = len(records) - n_sealed
        n_hidden = sum(r.get("entry") is None for r in records)
        return (
            f"案卷 {number}：{len(records)} 条留痕，{n_sealed} 条在根下，{n_open} 条待封存，{n_hidden} 条只给出散列。",
            f"case {number}: {len(records)} records, {n_sealed} under a root, {n_open} not sealed, {n_hidden} by hash.",
        )

    def consistency(self, doc: Any) -> Said:
        last = None
        for step in doc["steps"]:
            old, new = self.head(step["from"]), self.head(step["to"])
            if last is not None and head_text(last) != head_text(old):
                raise Fault("consistency", old["day"])
            if old["tree"] == new["tree"] and old["hash"] == new["hash"]:
                proof = [bytes.fromhex(p) for p in step["proof"]]
                roots = bytes.fromhex(old["root"]), bytes.fromhex(new["root"])
                check_consistency(HASHES[old["hash"]], old["size"], roots[0], new["size"], roots[1], proof)
            elif new["number"] != old["number"] + 1 or new["previous"] != self.name(old):
                raise Fault("consistency", new["day"])
            last = new
        if last is None:
            raise Unusable("没有可核对的步骤。", "there is no step to check.")
        first = doc["steps"][0]["from"]
        return (
            f"{last['day']}（{last['size']} 条）是在 {first['day']}（{first['size']} 条）上接着记的。",
            f"{last['day']} ({last['size']} records) continues {first['day']} ({first['size']} records).",
        )

    def all_heads(self, folder: Path, n: int) -> list[Any]:
        heads = sorted((self.head(h) for h in lines(folder / "heads.jsonl")), key=lambda h: int(h["number"]))
        if [h["number"] for h in heads] != list(range(1, n + 1)):
            raise Fault("chain", str(folder))
        self.chain()
        return heads

    def audit(self, folder: Path) -> Said:
        about = load(folder / "audit.json")
        heads = self.all_heads(folder, about["n_heads"])
        book = Book(about["trees"], heads)
        cases: dict[str, tuple[int, str]] = {}
        total, sealed = 0, True
        for r in lines(folder / "records.jsonl"):
            where, (last, prev) = f"{r['case']} / {r['seq']}", cases.get(r["case"], (0, START))
            if r["entry"] is None:
                raise Fault("removed", where)
            sealed = sealed and r["index"] is not None
            if sealed and r["index"] != book.size:
                raise Fault("removed" if r["index"] > book.size else "reordered", where)
            if r["index"] is not None and not sealed:
                raise Fault("reordered", where)
            if r["seq"] != last + 1:
                raise Fault("removed" if r["seq"] > last else "inserted", where)
            check_entry(r["case"], {**r, "prev": prev}, where)
            cases[r["case"]], total = (r["seq"], r["hash"]), total + 1
            if sealed:
                book.push(r)
        if book.heads:
            raise Fault("truncated", book.heads[0]["day"])
        for r in lines(folder / "cases.jsonl"):
            if cases.pop(r["case"], None) != (r["n_records"], r["head"]):
                raise Fault("removed", r["case"])
        if cases:
            raise Fault("inserted", next(iter(cases)))
        if (total, book.size) != (about["n_records"], about["n_leaves"]):
            raise Fault("truncated", str(folder))
        return (
            f"审计导出：{about['n_cases']} 个案卷、{total} 条留痕、{len(heads)} 个每日根，全部完好。",
            f"audit dump: {about['n_cases']} cases, {total} records, {len(heads)} daily roots: all sound.",
        )

    def path(self, path: Path) -> list[Said]:
        """What a file or a folder says, when it holds."""
        if path.is_dir():
            if (path / "audit.json").exists():
                return [self.audit(path)]
            found = [said for file in sorted(path.glob("*.json")) for said in self.path(file)]
            if not found:
                raise Unusable("文件夹里没有可核对的文件。", "the folder holds nothing to check.")
            return found
        doc = load(path)
        kind = doc.get("format", "") if isinstance(doc, dict) else ""
        if kind == "linli-proof/case/1":
            return [self.case(doc)]
        if kind == "linli-proof/consistency/1":
            return [self.consistency(doc)]
        if kind in ("linli-proof/head/1", "linli-proof/heads/1"):
            heads = [self.head(h) for h in doc.get("heads", [doc])]
            return [(f"{len(heads)} 个每日根签名正确。", f"{len(heads)} daily roots are rightly signed.")]
        if kind == "linli-proof/keys/1":
            return []
        raise Unusable("不认识的文件格式。", "this is not a file that Linli gives out.")


class Book:
    """The trees of a dump one after another; each head is compared when its place is reached."""

    def __init__(self, trees: list[Any], heads: list[Any]) -> None:
        self.trees, self.heads, self.size, self.number = list(trees), list(heads), 0, 0
        self.tree = Growing(sha256)
        self.settle()

    def push(self, r: Any) -> None:
        if not self.number:
            raise Fault("root", r["case"])
        self.tree.push(leaf_of(self.tree.hashed, r["case"], r["seq"], r["hash"]))
        self.size += 1
        self.settle()

    def settle(self) -> None:
        while True:
            head = self.heads[0] if self.heads else None
            if head and (head["tree"], head["size"]) == (self.number, self.tree.size):
                if self.tree.root().hex() != head["root"] or HASHES[head["hash"]] is not self.tree.hashed:
                    raise Fault("root", head["day"])
                self.heads.pop(0)
            elif self.trees and self.trees[0]["first"] == self.size:
                tree = self.trees.pop(0)
                self.number, self.tree = tree["tree"], Growing(HASHES[tree["hash"]])
            else:
                return


def check_order(seqs: list[int], n: int, number: str) -> None:
    if seqs == list(range(1, n + 1)):
        return
    missing = sorted(set(range(1, n + 1)) - set(seqs))
    if missing:
        raise Fault("removed", f"{number} / {missing[0]}")
    raise Fault("inserted" if len(seqs) > n else "reordered", number)


def check_entry(number: str, r: Any, where: str) -> None:
    """The record's own hash over what it says, and the enclosed texts over their digests."""
    entry = r["entry"]
    if entry[:2] != [number, r["seq"]] or record_hash(r["prev"], entry) != r["hash"]:
        raise Fault("changed", where)
    for name, kept in r.get("values", {}).items():
        data = bytes.fromhex(kept["salt"]) + name.encode() + b"\0" + kept["value"].encode()
        if json.loads(entry[11]).get(name) != sha256(data).hex():
            raise Fault("value", f"{where} {name}")


def moment(text: str) -> datetime:
    return datetime.strptime((text[:19] or "0001-01-01T00:00:00") + "+0000", "%Y-%m-%dT%H:%M:%S%z")


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))


def lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def read_keys(path: Path) -> dict[str, tuple[str, bytes]]:
    text = path.read_text(encoding="utf-8-sig")
    if "BEGIN PUBLIC KEY" in text:
        body = base64.b64decode("".join(line for line in text.split("\n") if "-----" not in line))
        found = [(name, body[len(head) :]) for n, (name, head) in PEM.items()
                 if body.startswith(head) and len(body) == len(head) + n]  # fmt: skip
    else:
        found = [(k["algorithm"], bytes.fromhex(k["public"])) for k in json.loads(text)["keys"]]
    if not found:
        raise Unusable("公钥文件里没有能用的公钥。", "the key file holds no key that can be used.")
    return {key_id(algorithm, public): (algorithm, public) for algorithm, public in found}


def say(zh: str, en: str) -> None:
    sys.stdout.write(f"{zh}\n{en}\n")


def run(arguments: list[str]) -> int:
    paths, given, key = [], iter(arguments), None
    for argument in given:
        if argument == "--key":
            key = next(given, None)
        else:
            paths.append(Path(argument))
    if not paths or any(str(p).startswith("-") for p in paths):
        say(str(__doc__), "")
        return 2
    own = [p / "keys.json" for p in paths if (p / "keys.json").exists()]
    if key is None and not own:
        raise Unusable("请用 --key 给出公钥文件 key.json。", "give the public key with --key key.json.")
    if key is None:
        say("注意：用的是随附的公钥。请与另一途径得到的公钥编号核对。",
            "Note: the enclosed key is used. Compare its name with one that you got by another way.")  # fmt: skip
    checker = Checker({k: v for p in ([Path(key)] if key else own) for k, v in read_keys(p).items()})
    for name in checker.keys:
        say(f"公钥 {name}", f"key {name}")
    found = [said for path in paths for said in checker.path(path)]
    checker.chain()
    for zh, en in found:
        say("完好：" + zh, "Sound: " + en)
    return 0


def main() -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        return run(sys.argv[1:])
    except Fault as fault:
        zh, en = FAULTS[fault.kind]
        say(f"有问题（{fault.kind}）：{zh}。{fault.where}", f"Fault ({fault.kind}): {en}. {fault.where}")
        return 1
    except Unusable as error:
        say(f"无法核验：{error.args[0]}", f"Cannot be used: {error.args[1]}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"
        say(
            f"无法核验：文件读不出来或不完整（{what}）。",
            f"Cannot be used: unreadable or incomplete ({what}).",
        )
    return 2


if __name__ == "__main__":
    sys.exit(main())
