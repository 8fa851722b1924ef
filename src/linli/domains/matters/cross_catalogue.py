"""What can be applied for in another place (异地事项): read from that place's own published catalogue, kept for a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.matters import cross_rules as rules
from linli.domains.matters.queries import MATTER
from linli.domains.matters.reading import read_matter
from linli.domains.matters.spec import MatterSpec
from linli.kernel.exchange.models import Peer
from linli.kernel.exchange.reading import published

MOST_PAGES = 10
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ThereRow:
    """One matter of another place, as its list says it (异地事项一行)."""

    code: str
    title: Text
    short: Text
    department: Text | None
    promised: Text


def matters_there(peer: Peer, words: str = "") -> list[ThereRow]:
    """The matters of a place that may be received elsewhere (可以异地代收的事项), by their code; `words` narrows them."""
    found: list[ThereRow] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        path = f"/api/v1/matters?area={peer.county}&limit={AT_ONCE}"
        page = published(peer, path + (f"&cursor={quote(cursor)}" if cursor else ""))
        found += [_row(each) for each in _items(page) if rules.received_elsewhere(str(each.get("scope", "")))]
        cursor = str(page.get("next") or "")
        if not cursor:
            break
    wanted = words.strip().lower()
    return [
        row for row in found if not wanted or any(wanted in said.lower() for said in (*_said(row.title), *_said(row.short)))
    ]  # fmt: skip


def matter_there(peer: Peer, code: str) -> MatterSpec:
    """One matter of a place, whole (一个异地事项): its questions, papers, limits, grounds of refusal.

    Absent: not in force there, or not to be received elsewhere.
    """
    detail = published(peer, f"/api/v1/matters/{quote(code, safe='')}?area={peer.county}")
    raw = detail.get("file")
    spec, _ = read_matter(raw) if isinstance(raw, dict) else (None, [])
    if spec is None or not rules.received_elsewhere(spec.scope):
        raise absent(MATTER)
    return spec


def _items(page: dict[str, Any]) -> list[dict[str, Any]]:
    items = page.get("items")
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []


def _row(each: dict[str, Any]) -> ThereRow:
    department = each.get("department")
    promised = str(each.get("promised_limit", ""))[:60]
    return ThereRow(
        str(each.get("code", ""))[:36],
        _text(each.get("title")),
        _text(each.get("short")),
        _text(department) if department else None,
        Text(_in_chinese(promised), promised),
    )


def _in_chinese(limit: str) -> str:
    number, _, unit = limit.partition(" ")
    words = {"working": "个工作日", "day": "天", "days": "天", "month": "个月", "months": "个月"}
    return f"{number} {words.get(unit.split(' ')[0], unit)}" if unit else limit


def _text(value: Any) -> Text:
    if not isinstance(value, dict):
        return Text("", "")
    zh = str(value.get("zh", ""))[:200]
    return Text(zh, str(value.get("en") or zh)[:300])


def _said(text: Text) -> tuple[str, str]:
    return text.zh, text.en
