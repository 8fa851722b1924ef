"""What the field app does with visits (外勤走访): the same verb as on the page; no position is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.base.i18n import Text
from linli.kernel.fieldwork.registry import Outcome, Work, kind, wanted
from linli.kernel.procedures import engine

ASKED = ("visit_on", "visit_topic", "met", "request", "answer", "handed_to")


def visited(work: Work) -> Outcome:
    """Enter a visit that was made without a signal (离线走访). Refused like on the page; a file that somebody changed
    meanwhile is told by its sequence number, as the protocol says."""
    number, seq = wanted(work.body, "number", most=40), work.body.get("seq")
    data = {code: text for code in ASKED if (text := wanted(work.body, code))}
    receipt = engine.act(
        number,
        "visited",
        data,
        by=work.by,
        seq=seq if isinstance(seq, int) else None,
        client_key=work.client_key,
        at=work.at,
    )
    return Outcome(receipt.number, receipt.seq)


def keeps(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Nothing that was said is kept where they did not meet, or did not agree; a position never (不同意就不留内容)."""
    kept = ("number", "seq", *(ASKED if body.get("met") == "met" else ASKED[:3]))
    return {name: body[name] for name in kept if name in body}


def register() -> None:
    kind("care_visit", Text("帮扶走访", "Care visit"), visited, keeps=keeps)
