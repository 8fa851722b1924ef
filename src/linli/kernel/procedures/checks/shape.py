"""How a file is written (写法): every key known, every value of a kind that can be read. What cannot be read is named
and left out, so that the rest of the file is still examined.

PC603 a key that no procedure file has · PC604 a value that cannot be read · PC605 what a file cannot do without is missing
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeAlias

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.kernel.procedures.checks.finding import Finding, near
from linli.kernel.procedures.lines import Path

_SOURCE = re.compile(r"(?:(?:default|\d{2,12}):)?\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class Value:
    """One value, and how it is written."""

    fits: Callable[[Any], bool]
    mend: Text


@dataclass(frozen=True)
class Table:
    """A table: its keys, and what stands under keys that the file itself names (`rest`)."""

    keys: Mapping[str, Node] = field(default_factory=dict)
    rest: Node | None = None
    free: str = ""  # keys with this beginning may hold anything


@dataclass(frozen=True)
class Rows:
    row: Node


@dataclass(frozen=True)
class Either:
    """A plain value, or a table (or rows) where one stands."""

    plain: Value
    large: Table | Rows


Node: TypeAlias = "Value | Table | Rows | Either"


def _reads(period: Any) -> bool:
    try:
        return isinstance(period, str) and bool(parse_period(period))
    except LinliError:
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_words(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _is_share(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        return 0 < float(str(value).strip().rstrip("%")) <= 1000
    except ValueError:
        return False


def _is_day(value: Any) -> bool:
    if isinstance(value, date | datetime):
        return True
    try:
        return isinstance(value, str) and (not value or bool(date.fromisoformat(value[:10])))
    except ValueError:
        return False


def _is_choices(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) or _is_whole(v) for v in value)


STRING = Value(lambda v: isinstance(v, str), Text("写成一段带引号的文字。", "Write one text in quotes."))
YES_OR_NO = Value(
    lambda v: isinstance(v, bool),
    Text("写 true 或 false，不加引号。", "Write true or false, without quotes."),
)
WHOLE = Value(_is_whole, Text("写一个整数。", "Write a whole number."))
WORDS = Value(_is_words, Text('写成 ["…", "…"]，或一段文字。', 'Write ["…", "…"], or one text in quotes.'))
PERIOD = Value(
    _reads,
    Text(
        "写一个期限，例如 30 minutes、24 hours、3 working days、15 days。",
        "Write a period, such as 30 minutes, 24 hours, 3 working days, 15 days.",
    ),
)
DAYS = Value(
    lambda v: (_is_whole(v) and 0 < v <= 36_600) or _reads(v),
    Text(
        "写天数（例如 7）或期限（例如 7 working days）。",
        "Write days (such as 7) or a period (such as 7 working days).",
    ),
)
SHARE = Value(_is_share, Text("写成 80% 这样。", "Write it like 80%."))
A_DAY = Value(_is_day, Text("写成 2027-01-01。", "Write it like 2027-01-01."))
SOURCES = Value(
    lambda v: isinstance(v, list) and all(not isinstance(n, bool) and _SOURCE.fullmatch(str(n)) for n in v),
    Text(
        '写旧版本的号码，例如 [3] 或 ["default:2"]。',
        'Write the numbers of older versions, such as [3] or ["default:2"].',
    ),
)
ANYTHING = Value(lambda v: True, Text("", ""))
TEXT = Either(
    Value(STRING.fits, Text('写成 { zh = "…", en = "…" }。', 'Write { zh = "…", en = "…" }.')),
    Table({"zh": STRING, "en": STRING}),
)
LIMIT_KEYS: dict[str, Node] = {
    "by": STRING,
    "is": PERIOD,
    "from": STRING,
    "sample": YES_OR_NO,
    "within_case": YES_OR_NO,
    "basis": STRING,
}
LIMIT = Either(PERIOD, Table(LIMIT_KEYS, rest=PERIOD))
CHOICES = Either(
    Value(
        _is_choices,
        Text('写成 { 代码 = { zh = "…", en = "…" } }。', 'Write { code = { zh = "…", en = "…" } }.'),
    ),
    Table(rest=TEXT),
)


def _keys(spec: Mapping[str, str]) -> dict[str, Node]:
    return {key: NODES[kind] for kind, keys in spec.items() for key in keys.split()}


NODES: dict[str, Node] = {
    "string": STRING,
    "yes": YES_OR_NO,
    "whole": WHOLE,
    "words": WORDS,
    "period": PERIOD,
    "days": DAYS,
    "share": SHARE,
    "day": A_DAY,
    "any": ANYTHING,
    "text": TEXT,
    "limit": LIMIT,
    "choices": CHOICES,
}
PERSONAL = Table(_keys({"string": "purpose basis keep", "words": "seen_by"}))
SUSPENDS = Table(_keys({"words": "grounds notify", "string": "basis", "days": "max"}))
PART_TO = Table(_keys({"string": "actor", "limit": "within"}))
ACTION = Table(
    {
        **_keys(
            {
                "text": "title public_words",
                "string": "to remedy notice guard effect opens returns final_by",
                "words": "form optional by notifies publishes parts after",
                "yes": "adverse resumes once extends withdraws",
                "period": "within",
            }
        ),
        "suspends": SUSPENDS,
        "part_to": PART_TO,
    }
)
STEP = Table(
    {
        **_keys(
            {
                "text": "title public_words places",
                "string": "kind actor helpers_actor guard outcome timeout objection basis",
                "limit": "within helpers_within statutory",
                "days": "days statutory_days",
                "words": "publishes",
                "yes": "outside_limit",
                "any": "join quorum threshold",
            }
        ),
        "actions": Table(rest=ACTION),
    }
)
FIELD = Table(
    {
        **_keys(
            {
                "text": "title hint ask_again",
                "string": "type assigns keep kind source element",
                "yes": "required public searchable internal masked prefilled",
                "whole": "max min",
                "choices": "choices",
                "words": "order read_by",
            }
        ),
        "personal": PERSONAL,
    },
    free="x_",
)
OPEN = Table(_keys({"words": "form optional notifies", "string": "effect"}))
CHALLENGE = Table(_keys({"days": "within", "string": "basis", "yes": "once"}))
EXTEND = Table(
    _keys(
        {
            "limit": "max",
            "yes": "never_beyond_original once sample",
            "string": "by basis",
            "words": "notify",
        }
    )
    | {"statutory": Either(DAYS, Table(LIMIT_KEYS, rest=PERIOD))}
)
EMERGENCY = Table({"limit": LIMIT, "steps": Table(rest=LIMIT), **_keys({"yes": "first", "any": "order"})})
ESCALATION = Table(_keys({"share": "at", "string": "do to"}))
MOVES = Table({"from": SOURCES, "steps": Table(rest=STRING), **_keys({"string": "limits basis"})})
CASE = Table(
    {
        **_keys(
            {
                "string": "code prefix confidential first extends jurisdiction",
                "any": "version",
                "text": "title hint",
                "words": "basis opened_by channels overseers",
                "limit": "limit statutory_limit",
                "day": "valid_from",
                "yes": "sees_origin",
            }
        ),
        "open": OPEN,
        "public": Table(_keys({"string": "precision"})),
        "challenge": CHALLENGE,
        "extend": EXTEND,
        "escalation": Rows(ESCALATION),
        "emergency": EMERGENCY,
        "moves": MOVES,
        "fields": Table(rest=FIELD),
        "steps": Table(rest=STEP),
        "anywhere": Table(rest=ACTION),
    }
)


@dataclass
class Shaped:
    """What of a file can be read (可读的部分), and what cannot."""

    raw: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unread: set[Path] = field(default_factory=set)

    def lost(self, path: Path) -> bool:
        """Whether this key, or a table that holds it, could not be read: then it is not missing."""
        return any(path[:n] in self.unread for n in range(1, len(path) + 1))


def shaped(raw: Mapping[str, Any]) -> Shaped:
    """Read a file as far as it can be read (读取文件写法)."""
    found = Shaped()
    found.raw = _walk(CASE, raw, (), found)
    version = found.raw.get("version", 1)
    if not _is_whole(version) and not (isinstance(version, str) and version.isdecimal() and len(version) < 9):
        _unreadable(("version",), version, WHOLE.mend, found)
        del found.raw["version"]
    return found


_LEFT_OUT = object()


def _walk(node: Node, value: Any, path: Path, found: Shaped) -> Any:
    if isinstance(node, Either):
        is_large = isinstance(value, Mapping if isinstance(node.large, Table) else list)
        node = node.large if is_large else node.plain
    if isinstance(node, Value):
        if not node.fits(value):
            return _unreadable(path, value, node.mend, found)
        return value
    if isinstance(node, Rows):
        if not isinstance(value, list):
            return _unreadable(path, value, Text("写成 [ { … }, { … } ]。", "Write [ { … }, { … } ]."), found)
        rows = [_walk(node.row, row, (*path, n), found) for n, row in enumerate(value)]
        return [{} if row is _LEFT_OUT else row for row in rows]  # each keeps its place
    if not isinstance(value, Mapping):
        return _unreadable(
            path, value, Text("写成一个表，例如 { … }。", "Write a table, such as { … }."), found
        )
    return _table(node, value, path, found)


def _table(node: Table, value: Mapping[str, Any], path: Path, found: Shaped) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, inner in value.items():
        inside = node.keys.get(key, node.rest)
        if inside is None and node.free and key.startswith(node.free):
            inside = ANYTHING
        if inside is None:
            # What was meant is not missing as well.
            found.unread.update((*path, m) for m in get_close_matches(key, node.keys, 1) if m not in value)
            found.findings.append(
                Finding(
                    "PC603",
                    (*path, key),
                    Text(f"不认识的键“{key}”。", f"{key!r} is not a key of procedure files."),
                    near(key, node.keys),
                )
            )
            continue
        read = _walk(inside, inner, (*path, key), found)
        if read is not _LEFT_OUT:
            kept[key] = read
    return kept


def _unreadable(path: Path, value: Any, mend: Text, found: Shaped) -> Any:
    found.unread.add(path)
    key = next((k for k in reversed(path) if isinstance(k, str)), "")
    shown = (str(value).lower() if isinstance(value, bool) else str(value))[:60]
    found.findings.append(
        Finding(
            "PC604",
            path,
            Text(
                f"“{key}”写的是“{shown}”，读不懂。", f"What is written for {key!r} cannot be read: {shown}."
            ),
            mend,
        )
    )
    return _LEFT_OUT


def missing(raw: Mapping[str, Any]) -> Iterator[Finding]:
    """What a whole file (with its override laid over it) cannot do without (缺少的内容)."""
    for key in ("code", "prefix"):
        if not raw.get(key):
            yield _lacks((key,))
    if not raw.get("steps"):
        yield _lacks(("steps",))
    if raw.get("extend") and "max" not in raw["extend"]:
        yield _lacks(("extend", "max"))
    for n, level in enumerate(raw.get("escalation", ())):
        if "at" not in level:
            yield _lacks(("escalation", n, "at"))
    actions: list[tuple[Path, Mapping[str, Any]]] = [
        (("anywhere", c), a) for c, a in raw.get("anywhere", {}).items()
    ]
    for code, step in raw.get("steps", {}).items():
        actions += [(("steps", code, "actions", c), a) for c, a in step.get("actions", {}).items()]
    for path, action in actions:
        for key, needed in (("part_to", "actor"), ("suspends", "grounds")):
            if key in action and not action[key].get(needed):
                yield _lacks((*path, key, needed))


def _lacks(path: Path) -> Finding:
    key = path[-1]
    return Finding(
        "PC605",
        path,
        Text(f"这里缺少“{key}”。", f"{key!r} is missing here."),
        Text(
            "补上它；写法见 docs/reference/procedure-checks.md。",
            "Add it; docs/reference/procedure-checks.md shows how.",
        ),
    )
