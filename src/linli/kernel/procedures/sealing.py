"""Facts in the clear and facts that stay erasable (公开事实与可删除事实)."""

from __future__ import annotations

import json
from typing import Any

from linli.kernel.people.keys import current_vault
from linli.kernel.procedures import hot
from linli.kernel.procedures.state import Move

FACT_CONTEXT = "records.erasablefact.value"


def split_facts(move: Move) -> tuple[dict[str, Any], dict[str, Any]]:
    """Public facts go into the record in the clear; every other fact is sealed, and its digest goes in."""
    fields = move.procedure.fields
    public = {k: v for k, v in move.data.items() if fields[k].public}
    sealed = {k: v for k, v in move.data.items() if not fields[k].public}
    for code in (*move.action.form, *move.action.optional):
        # Assigned anew without helpers: the former ones no longer take part in what follows.
        if fields[code].assigns == "helpers" and fields[code].public and move.case.facts.get(code):
            public.setdefault(code, [])
    return {**public, **move.public}, sealed


def write_facts(move: Move, sealed: dict[str, Any], salted: dict[str, tuple[bytes, str]]) -> None:
    vault, case = current_vault(), move.case
    rows = []
    for name in sealed:
        salt, text = salted[name]
        personal = move.procedure.fields[name].personal
        value = vault.seal(text, context=FACT_CONTEXT)
        rows.append(
            (
                case.id,
                case.seq,
                name,
                salt,
                value,
                personal.purpose if personal else "case",
                move.procedure.fields[name].keep,
            )
        )
    hot.insert_facts(rows)


def open_fact(value: bytes) -> Any:
    return json.loads(current_vault().open(value, context=FACT_CONTEXT))
