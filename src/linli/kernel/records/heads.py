"""The daily root (每日根): the signed head of the tree, made every night and at an operator's word.

Each head names the one before it by the hash of its text, so that none can be left out. Anybody who kept one head can
ask for the proof that a later one continues it. Formats: docs/reference/proof.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Min

from linli.base.clock import local, now
from linli.base.errors import Unreadable, absent
from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.kernel.records import log
from linli.kernel.records.chain import START
from linli.kernel.records.models import Head, Leaf, Tree
from linli.kernel.records.signing import ALGORITHMS, algorithm_in_force, public_keys, signer
from linli.kernel.records.standalone.check_proof import head_text
from linli.kernel.records.tree import consistency_spans, hash_of, inclusion_spans

HEAD = Text("每日根", "daily root")


def tree_for_writing(at: datetime) -> tuple[Tree, int]:
    """The tree that new leaves go to, and its size (当前树). Only inside `log.alone()`.

    When the setting names another algorithm, the present tree gets its last head, and a new tree begins behind it.
    """
    total = n_leaves()
    tree, algorithm = log.latest_tree(), algorithm_in_force()
    if tree is not None and tree.algorithm == algorithm:
        return tree, total - tree.first
    if tree is not None:
        last = latest_head()
        if last is None or (last.tree, last.size) != (tree.pk, total - tree.first):
            _make(tree, total - tree.first, at)
    return Tree.objects.create(id=(tree.pk if tree else 0) + 1, algorithm=algorithm, first=total), 0


def n_leaves() -> int:
    last = log.last_leaf()
    return 0 if last is None else last.pk + 1


def seal(at: datetime | None = None) -> Head:
    """Make and sign a head over all leaves there are (封存). Records a head; changes nothing else."""
    with log.alone():
        tree, size = tree_for_writing(at or now())
        return _make(tree, size, at or now())


def is_sealed(day: date) -> bool:
    return Head.objects.filter(day=day).exists()


def _make(tree: Tree, size: int, at: datetime) -> Head:
    last = latest_head()
    moment = at.replace(microsecond=0)
    moment = (
        moment if last is None else max(moment, last.at)
    )  # a clock that was put back makes no earlier head
    by = signer(tree.algorithm)
    head = Head(
        id=1 if last is None else last.pk + 1,
        tree=tree.pk,
        size=size,
        root=log.frontier(tree, size).root(),
        day=local(moment).date(),
        at=moment,
        previous=START if last is None else name_of(last),
        key=by.key_id,
    )
    head.signature = by.sign(text_of(head, tree.algorithm))
    head.save(force_insert=True)
    return head


def latest_head() -> Head | None:
    return Head.objects.order_by("-id").first()


def head_of_day(day: date) -> Head:
    """The first head of a day, the nightly one: its address never shows another (当日的根). Refuses a day without."""
    head = Head.objects.filter(day=day).order_by("id").first()
    if head is None:
        raise absent(HEAD)
    return head


def first_of_days(days: Iterable[date]) -> set[int]:
    """The numbers of the nightly heads of these days; the others of a day were made at somebody's word."""
    rows = Head.objects.filter(day__in=set(days)).values("day").annotate(first=Min("id"))
    return {row["first"] for row in rows}


def head_page(cursor: str = "", limit: int = 50) -> Page[Head]:
    """Heads, newest first (历日根)."""
    return keyset(Head.objects.all(), ["-id"], cursor or None, limit)


def algorithms() -> dict[int, str]:
    return dict(Tree.objects.values_list("id", "algorithm"))


def facts_of(head: Head, algorithm: str) -> dict[str, Any]:
    """A head as it is published (公开格式)."""
    facts: dict[str, Any] = {
        "format": "linli-proof/head/1",
        "number": head.pk,
        "tree": head.tree,
        "size": head.size,
        "root": bytes(head.root).hex(),
        "hash": ALGORITHMS[algorithm].hash,
        "day": head.day.isoformat(),
        "at": head.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "previous": bytes(head.previous).hex(),
        "key": head.key,
    }
    return {**facts, "text": head_text(facts), "signature": bytes(head.signature or b"").hex()}


def published(heads: Sequence[Head]) -> list[dict[str, Any]]:
    known = algorithms()
    return [facts_of(head, known[head.tree]) for head in heads]


def text_of(head: Head, algorithm: str) -> bytes:
    """What is signed."""
    return str(facts_of(head, algorithm)["text"]).encode()


def name_of(head: Head) -> bytes:
    """The hash of a head's text, by which the next one names it."""
    algorithm = Tree.objects.get(pk=head.tree).algorithm
    return log.hashing_of(Tree(algorithm=algorithm)).plain(text_of(head, algorithm))


def keys_published() -> dict[str, Any]:
    return {"format": "linli-proof/keys/1", "keys": [key.as_dict() for key in public_keys()]}


def head_named(words: str) -> Head:
    """The head of a day (`2026-11-22`), or the newest with so many records (`1200`), or the latest (`latest`)."""
    if words == "latest":
        found = latest_head()
    elif words.isascii() and words.isdecimal() and len(words) < 16:
        found = Head.objects.filter(size=int(words)).order_by("-id").first()
    else:
        try:
            return head_of_day(date.fromisoformat(words))
        except ValueError as error:
            raise Unreadable(
                "records.bad_day",
                Text(
                    "请写日期（如 2026-11-22）、留痕条数或 latest。",
                    "Give a day (2026-11-22), a number of records, or latest.",
                ),
            ) from error
    if found is None:
        raise absent(HEAD)
    return found


def consistency(old: Head, new: Head) -> dict[str, Any]:
    """The proof that a later head continues an earlier one (一致性证明), over a change of algorithm too. Asked the wrong
    way round it turns them."""
    old, new = sorted((old, new), key=lambda head: head.pk)
    trees = {tree.pk: tree for tree in Tree.objects.all()}
    steps: list[dict[str, Any]] = []
    while True:
        last = new if old.tree == new.tree else Head.objects.filter(tree=old.tree).order_by("-id")[0]
        tree = trees[old.tree]
        if old.pk != last.pk or not steps:
            proof = log.hashes_of(tree, consistency_spans(old.size, last.size))
            steps.append(_step(old, last, trees, [p.hex() for p in proof]))
        if last.pk == new.pk:
            return {"format": "linli-proof/consistency/1", "steps": steps}
        old = Head.objects.get(pk=last.pk + 1)
        steps.append(_step(last, old, trees, []))


def _step(old: Head, new: Head, trees: dict[int, Tree], proof: list[str]) -> dict[str, Any]:
    return {
        "from": facts_of(old, trees[old.tree].algorithm),
        "to": facts_of(new, trees[new.tree].algorithm),
        "proof": proof,
    }


def inclusion(record_ids: Sequence[int]) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """The heads that cover these records, one for each tree, and each record's place and proof (包含证明).

    Two statements for the tree, whatever its size, and a few for heads and places. A record that is under no head yet
    has no proof.
    """
    places = dict(Leaf.objects.filter(record_id__in=list(record_ids)).values_list("record_id", "id"))
    trees = list(Tree.objects.order_by("-id"))
    heads: list[dict[str, Any]] = []
    proofs: dict[int, dict[str, Any]] = {}
    for tree in trees:
        here = {record: place - tree.first for record, place in places.items() if place >= tree.first}
        places = {record: place for record, place in places.items() if place < tree.first}
        head = Head.objects.filter(tree=tree.pk).order_by("-id").first() if here or tree is trees[0] else None
        if head is None:
            continue
        heads.append(facts_of(head, tree.algorithm))
        spans = {r: inclusion_spans(index, head.size) for r, index in here.items() if index < head.size}
        kept, hashing = (
            log.kept_nodes(tree, [s for each in spans.values() for s in each]),
            log.hashing_of(tree),
        )
        for record, each in spans.items():
            proof = [hash_of(span, kept, hashing).hex() for span in each]
            proofs[record] = {"tree": tree.pk, "index": here[record], "proof": proof}
    return heads[::-1], proofs
