"""A procedure file as text again (写成程序文件): what a form changed, in the words of a file that people can read and keep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = 4  # keys of a table that still fits one line


def toml_text(raw: Mapping[str, Any]) -> str:
    """Write a file (写出程序文件) that `tomllib` reads as the same values; what is None is left out."""
    return "\n".join(_table(raw, ())) + "\n"


def _table(raw: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    known = {key: value for key, value in raw.items() if value is not None}
    for key, value in known.items():
        if not _is_table(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in known.items():
        if _is_table(value):
            here = (*path, key)
            if not value or any(not _is_table(inner) for inner in value.values()):
                yield f"\n[{'.'.join(_key(part) for part in here)}]"
            yield from _table(value, here)


def _is_table(value: Any) -> bool:
    """Written under a heading of its own; small tables of plain values stand in one line."""
    if not isinstance(value, Mapping):
        return False
    return len(value) > _SHORT or not value or any(isinstance(v, (Mapping, list)) for v in value.values())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(value: str) -> str:
    # JSON's escapes are TOML's, but for one character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inside} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return _text(str(value))
