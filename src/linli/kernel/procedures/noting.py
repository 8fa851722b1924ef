"""Records that move nothing but say something (只留痕不流转的办理): with what was written sealed, so that it can be erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.kernel.procedures import hot
from linli.kernel.procedures.sealing import split_facts, write_facts
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.writing import _columns, _entry
from linli.kernel.records.chain import entry_hash


def note(
    move: Move, public: Mapping[str, Any], *, data: Mapping[str, Any] | None = None, before: str = ""
) -> None:
    """Append a record about a case that no action of its procedure moves (留痕).

    `public` is what the kernel did, in the clear; `data` are facts of the case that change with it; `before` is the step
    it stood at, where that is another now. The entries of the act are sealed, whatever their fields say.
    """
    case = move.case
    case.seq += 1
    case.facts = {**case.facts, **(data or {})}
    clear, sealed = split_facts(move)
    facts = {
        "data": dict(data or {}),
        "note": {**clear, **public},
        "open": [],
        "close": [],
        "case": _columns(case),
    }
    entry, salted = _entry(move, facts, sealed, before=before or case.step)
    prev, case.head_hash = case.head_hash, entry_hash(case.head_hash, entry)
    hot.insert_record(case.id, entry, prev, case.head_hash)
    hot.update_case(case)
    write_facts(move, sealed, salted)
