"""The whole log for auditors (审计导出): every record as it was hashed, every place, every root, in files that the
standalone checker reads from beginning to end.

It holds the public facts of all cases, confidential ones too, and what each office did: for auditors, not for the
public. Facts that stay erasable are in it as digests alone. Format: docs/reference/proof.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linli.base.clock import now
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.procedures.evidence import hashed_columns
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import one_moment
from linli.kernel.records import heads, log
from linli.kernel.records.models import Head, Leaf, Record, Tree
from linli.kernel.records.signing import ALGORITHMS
from linli.kernel.records.standalone import NAME, one_file

FORMAT = "linli-proof/audit/1"
ABOUT = Text(
    "全部留痕的审计导出。内容含不对所有人公开的事项，只供审计使用，请妥善保管。",
    "An audit dump of all records. It holds matters that are not public to everybody: for auditors only; keep it safe.",
)
CHUNK = 2000


def export_log(
    folder: Path, *, at: datetime | None = None, progress: Callable[[int], Any] | None = None
) -> dict[str, Any]:
    """Write the audit dump into a new or empty folder (导出总账), as it stood at one moment.

    Refuses a folder in which something lies already (`records.folder_in_use`).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise Refused(
            "records.folder_in_use",
            Text(
                f"文件夹 {folder} 里已经有东西，没有导出。请换一个空文件夹。",
                f"The folder {folder} is not empty, so nothing was written. Name an empty one.",
            ),
        )
    with one_moment():
        trees = list(Tree.objects.order_by("id"))
        last = log.last_leaf()
        n_records = _write(folder / "records.jsonl", _records(last), progress)
        n_cases = _write(folder / "cases.jsonl", _cases())
        n_heads = _write(folder / "heads.jsonl", _heads(trees))
    about = {
        "format": FORMAT,
        "about": ABOUT.as_dict(),
        "made_at": (at or now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "n_cases": n_cases,
        "n_records": n_records,
        "n_leaves": 0 if last is None else last.pk + 1,
        "n_heads": n_heads,
        "trees": [{"tree": t.pk, "first": t.first, "hash": ALGORITHMS[t.algorithm].hash} for t in trees],
    }
    (folder / "audit.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "keys.json").write_text(json.dumps(heads.keys_published(), indent=1), encoding="utf-8")
    (folder / NAME).write_text(one_file(), encoding="utf-8")
    return about


def _write(path: Path, rows: Iterable[dict[str, Any]], progress: Callable[[int], Any] | None = None) -> int:
    n = 0
    with path.open("w", encoding="utf-8") as file:
        for n, row in enumerate(rows, 1):
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            if progress and n % CHUNK == 0:
                progress(n)
    return n


def _records(last: Leaf | None) -> Iterator[dict[str, Any]]:
    """All records in the order of the log, then those that wait for their place."""
    for start in range(0, last.pk + 1 if last else 0, CHUNK):
        leaves = list(Leaf.objects.filter(id__gte=start, id__lt=start + CHUNK).order_by("id"))
        rows = Record.objects.in_bulk([leaf.record_id for leaf in leaves])
        for leaf in leaves:
            yield _line(leaf.pk, leaf.number, leaf.seq, bytes(leaf.hash), rows.get(leaf.record_id))
    waiting = Record.objects.filter(pk__gt=last.record_id if last else 0).order_by("pk")
    numbers: dict[int, str] = {}
    for row in waiting.iterator(chunk_size=CHUNK):
        if row.case_id not in numbers:
            number = Case.objects.filter(pk=row.case_id).values_list("number", flat=True).first()
            numbers[row.case_id] = number or f"#{row.case_id}"
        yield _line(None, numbers[row.case_id], row.seq, bytes(row.hash), row)


def _line(place: int | None, number: str, seq: int, value: bytes, row: Record | None) -> dict[str, Any]:
    """A record that the log knows and the table has lost is written with what the log knows."""
    return {
        "index": place,
        "case": number,
        "seq": seq,
        "hash": value.hex(),
        "prev": bytes(row.prev_hash).hex() if row else "",
        "entry": list(hashed_columns(number, row)) if row else None,
    }


def _cases() -> Iterator[dict[str, Any]]:
    rows = Case.objects.order_by("id").values_list("number", "seq", "head_hash")
    for number, seq, value in rows.iterator(chunk_size=CHUNK):
        yield {"case": number, "n_records": seq, "head": bytes(value).hex()}


def _heads(trees: list[Tree]) -> Iterator[dict[str, Any]]:
    known = {tree.pk: tree.algorithm for tree in trees}
    for head in Head.objects.order_by("id").iterator(chunk_size=CHUNK):
        yield heads.facts_of(head, known[head.tree])
