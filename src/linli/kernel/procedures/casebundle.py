"""The proof of a case to take home (案卷证明): its records in the form in which they are hashed, and their places under
the daily root, for the checker that needs no Linli.

Nobody reads in it what the pages do not show them. A record is given whole to its own party when everything in it
stands on their timeline, and to the roles that oversee the case; to everybody else, and for every other record, its
hash alone, from which its leaf can be made. A party also gets text and salt of what they may read of the facts that
stay erasable, personal ones left out: who holds a tracking code holds this file too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.keys import current_vault
from linli.kernel.procedures.casebook import EntryView, is_own, timeline
from linli.kernel.procedures.evidence import hashed_columns, oversees
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.sealing import FACT_CONTEXT
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records import heads
from linli.kernel.records.models import ErasableFact, Record

FORMAT = "linli-proof/case/1"
ABOUT = Text(
    "这是案卷的证明。用 check_proof.py 可以在自己的电脑上核对，不必相信平台。只有散列的留痕，是您在页面上看不到内容的。",
    "This proves the case. Check it on your own computer with check_proof.py; you need not trust the platform. "
    "Records given by their hash alone are those whose content you cannot read on the pages.",
)
WAITING = Text(
    "有 {n} 条留痕还没有封存，今晚封存后请再下载一次。",
    "{n} records are not sealed yet. They will be sealed tonight; download this again after that.",
)


def case_proof(case: Case, actor: Actor, *, at: datetime | None = None) -> dict[str, Any]:
    """The proof of a case for a reader who may see it (下载案卷证明)."""
    rows = list(Record.objects.filter(case_id=case.pk).order_by("seq"))
    found, places = heads.inclusion([row.pk for row in rows])
    whole, readable = _readable(case, actor, rows)
    values = _values(case, readable) if is_own(case, actor) else {}
    records = []
    for row in rows:
        record: dict[str, Any] = {"seq": row.seq, "prev": _hex(row.prev_hash), "hash": _hex(row.hash)}
        if row.seq in whole:
            record["entry"] = list(hashed_columns(case.number, row))
            if row.seq in values:
                record["values"] = values[row.seq]
        records.append({**record, "leaf": places.get(row.pk)})
    n_waiting = sum(record["leaf"] is None for record in records)
    return {
        "format": FORMAT,
        "about": ABOUT.as_dict(),
        "case": case.number,
        "made_at": (at or now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "n_records": len(records),
        "n_waiting": n_waiting,
        **({"waiting": WAITING.format(n=n_waiting).as_dict()} if n_waiting else {}),
        "heads": found,
        "records": records,
    }


def _readable(
    case: Case, actor: Actor, rows: Iterable[Record]
) -> tuple[set[int], Mapping[int, frozenset[str]]]:
    """Which records this reader gets whole, and which facts of each stand on their timeline."""
    if not is_own(case, actor):
        return ({row.seq for row in rows} if oversees(case, actor) else set()), {}
    shown = {entry.seq: entry for entry in timeline(case, actor)}
    return (
        {row.seq for row in rows if row.seq in shown and _all_shown(case, row, shown[row.seq])},
        {seq: frozenset(f.code for f in e.facts if not (f.masked or f.erased)) for seq, e in shown.items()},
    )


def _all_shown(case: Case, row: Record, entry: EntryView) -> bool:
    """Whether nothing in the record is hidden from the party: no fact that the timeline leaves out, no organisation
    that only helps, none that is recused, no note of the office."""
    facts = json.loads(row.facts)
    known = procedure_of(case.version_id).fields
    stated = {**facts.get("data", {}), **facts.get("part", {})}
    codes = {code for code, value in stated.items() if value not in (None, "", [])}
    parts = {task["part"] for task in facts.get("open", ())}
    if row.actor_kind == "staff":
        parts |= {known[c].assigns for c in codes if c in known}
    hidden = codes - {fact.code for fact in entry.facts} | {
        c for c in codes if c in known and known[c].internal
    }
    return not hidden and parts <= {"lead", ""} and not set(facts) & {"queues", "note", "source"}


def _values(case: Case, readable: Mapping[int, frozenset[str]]) -> dict[int, dict[str, dict[str, str]]]:
    """Salt and text of the sealed facts that the party reads (可删除事实的原文与盐), as they were digested."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    vault = current_vault()
    for fact in ErasableFact.objects.filter(case_id=case.pk).order_by("id"):
        if fact.name in readable.get(fact.seq, ()):
            text = vault.open(bytes(fact.value), context=FACT_CONTEXT)
            found.setdefault(fact.seq, {})[fact.name] = {"salt": _hex(fact.salt), "value": text}
    return found


def _hex(value: bytes | memoryview) -> str:
    return bytes(value).hex()
