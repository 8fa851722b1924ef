"""What changed between two versions of a procedure (程序对照), in words: limits with their direction, actors, forms, remedies.

Compared is what the two files say once defaults are filled in, so that writing out what held anyway is no change.
A whole step, action, field or table that came or went is one change; inside those that stayed, each key is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.kernel.procedures.differencewords import Book, is_limit, is_plain_period
from linli.kernel.procedures.loader import COMMON_FIELDS, LIMIT_WORDS
from linli.kernel.procedures.wording import length

Path = tuple[str, ...]
LISTS = frozenset(
    "channels opened_by overseers form optional notifies notify by parts publishes after seen_by read_by grounds".split()
)
TEXTS = frozenset("title hint public_words places".split())
PERIODS = frozenset("days statutory_days max".split())
# What holds where nothing is written; everything else is empty then.
DEFAULTS: dict[Path, Any] = {
    ("confidential",): "parties",
    ("open", "notifies"): ["applicant"],
    ("public", "precision"): "village",
    ("steps", "*", "kind"): "task",
    ("steps", "*", "join"): "lead",
    ("fields", "*", "type"): "string",
    ("extend", "once"): True,
    ("challenge", "once"): True,
}


@dataclass(frozen=True)
class Change:
    """One thing that differs (一处改动). `step` is where it belongs: a step's code, or empty for the whole."""

    path: str
    kind: str  # added | removed | changed
    old: Any
    new: Any
    words: Text
    step: str = ""
    direction: str = ""  # longer | shorter, for limits

    def as_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "words": self.words.as_dict(),
            "step": self.step or None,
            "direction": self.direction or None,
        }


@dataclass(frozen=True)
class Group:
    """What changed at one step, at every step, or in the whole (一组改动)."""

    title: Text
    changes: tuple[Change, ...]


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], titles: Mapping[str, Text] | None = None
) -> list[Change]:
    """What differs between two (merged) files (对照两个版本), in the order of the file; nothing when they say the same."""
    before, after = _settled(old), _settled(new)
    return _Comparison(Book(before, after, titles or {})).walk((), before, after)


def grouped(changes: list[Change], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Group]:
    """The changes of the whole first, then step by step (按环节归类)."""
    book = Book(_settled(old), _settled(new), {})
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.step, []).append(change)
    return [
        Group(book.place_title(step), tuple(rows)) for step, rows in sorted(found.items(), key=book.order)
    ]


class _Comparison:
    def __init__(self, book: Book) -> None:
        self.book = book

    def walk(self, path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
        found: list[Change] = []
        for key in [*new, *(k for k in old if k not in new)]:
            here = (*path, str(key))
            was, now = old.get(key), new.get(key)
            if was == now:
                continue
            if isinstance(was, Mapping) and isinstance(now, Mapping) and not _is_whole(here, was, now):
                found += self.walk(here, was, now)
            else:
                found.append(self._change(here, was, now))
        return found

    def _change(self, path: Path, old: Any, new: Any) -> Change:
        kind = "added" if old is None else "removed" if new is None else "changed"
        direction = _direction(path, old, new)
        words = self.book.words(path, kind, old, new, direction)
        step = path[1] if path[0] == "steps" and len(path) > 1 else ""
        if path[0] == "emergency" and path[1:2] == ("steps",) and len(path) > 2:
            step = path[2]
        if path[0] == "anywhere":
            step = "*"
        return Change(".".join(path), kind, old, new, words, step, direction)


def _is_whole(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Compared as one value: a text, and a limit that is written in another way than before."""
    if path[-1] in TEXTS or _is_choice(path):
        return True
    return is_limit(path) and ("is" in old) != ("is" in new)


def _is_choice(path: Path) -> bool:
    return len(path) > 1 and path[-2] == "choices"


def _direction(path: Path, old: Any, new: Any) -> str:
    if not (isinstance(old, str) and isinstance(new, str)):
        old, new = (v.get("is") if isinstance(v, Mapping) else v for v in (old, new))
    try:
        was, now = (length(parse_period(str(v).removesuffix(" after end"))) for v in (old, new))
    except LinliError:
        return ""
    return "longer" if now > was else "shorter" if now < was else ""


# ---- what a file says, with what holds anyway ----


def _settled(raw: Mapping[str, Any]) -> dict[str, Any]:
    fields = raw.get("fields")
    own = fields if isinstance(fields, Mapping) else {}
    steps = raw.get("steps")
    first = raw.get("first") or (next(iter(steps), "") if isinstance(steps, Mapping) else "")
    whole = {**raw, "fields": {**COMMON_FIELDS, **own}, "first": first}
    found = _table((), whole)
    for path, value in DEFAULTS.items():
        _fill(found, path, value)
    return found


def _fill(table: dict[str, Any], path: Path, value: Any) -> None:
    head, *rest = path
    if not rest:
        table.setdefault(head, value)
        return
    if head == "*":
        for inner in table.values():
            if isinstance(inner, dict):
                _fill(inner, tuple(rest), value)
        return
    if head in {"open", "public"}:
        table.setdefault(head, {})
    if isinstance(table.get(head), dict):
        _fill(table[head], tuple(rest), value)


def _table(path: Path, raw: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in raw.items():
        settled = _value((*path, str(key)), value)
        if settled is not None:
            found[str(key)] = settled
    return found


def _value(path: Path, value: Any) -> Any:
    """A value as it is compared; nothing where it says nothing."""
    key = path[-1]
    if is_limit(path) and isinstance(value, str):
        value = {"is": value}
    if (key in TEXTS or _is_choice(path)) and isinstance(value, str) and value:
        return {"zh": value, "en": value}
    if key == "choices" and isinstance(value, list):
        value = {str(v): str(v) for v in value}
    if isinstance(value, Mapping):
        kept = path[0] == "challenge" or (len(path) == 2 and path[0] in {"steps", "fields", "anywhere"})
        return _table(path, value) or ({} if kept or path[-2:-1] == ("actions",) else None)
    if isinstance(value, list):
        return [_value((*path, str(n)), v) for n, v in enumerate(value)] or _nothing(path)
    is_list = (key in LISTS and not _by_fact(path)) or path in {("basis",), ("moves", "from")}
    if is_list and isinstance(value, str) and value:
        return [value]
    return _scalar(path, value)


def _nothing(path: Path) -> Any:
    """An empty list says something only where a list holds by default."""
    return [] if path in DEFAULTS else None


def _by_fact(path: Path) -> bool:
    """`by` of a limit names a field, `by` of an extension one actor; elsewhere it is a list."""
    return path[-1] == "by" and (path[0] == "extend" or is_limit(path[:-1]))


def _scalar(path: Path, value: Any) -> Any:
    if value is None or value == "" or (value is False and path not in DEFAULTS):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    in_limit = len(path) > 1 and is_limit(path[:-1]) and path[-1] not in (LIMIT_WORDS - {"is"})
    if in_limit or is_plain_period(path) or (path[-1] in PERIODS and path[0] != "fields"):
        return _period(f"{value} days" if isinstance(value, int) else value)
    return value


def _period(value: Any) -> Any:
    try:
        return parse_period(str(value)).en
    except LinliError:
        return value
