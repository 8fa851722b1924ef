"""On which line each key of a TOML file stands (键所在的行), since the parser does not say.

A scanner of TOML 1.0 that reads only as much as it takes to know where a key begins: tables, arrays of tables, dotted
and quoted keys, inline tables, arrays and strings over several lines. It is for text that `tomllib` has read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
# The closing quotes of a text over several lines may follow up to two quotes that belong to it.
_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)


@dataclass(frozen=True)
class Lines:
    """Where the keys of one file stand (各键的行号), counted from 1; the file itself, and what is not there, on line 1."""

    at: Mapping[Path, int] = field(default_factory=dict)

    def has(self, path: Path) -> bool:
        return path in self.at

    def of(self, path: Path) -> int:
        """The line of a key; of what is missing, the line of the table that lacks it."""
        while path and path not in self.at:
            path = path[:-1]
        return self.at.get(path, 1)


def lines_of(text: str) -> Lines:
    """Find every key (标出每个键的行号)."""
    return Lines(_Scan(text.replace("\r\n", "\n")).run())


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.i = 0
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # arrays of tables: how many so far
        self.counted, self.line = 0, 1

    def run(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text.startswith("[", self.i):
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.i)
        self.i = match.end() if match else self.i
        return self.i

    def _here(self) -> int:
        self.line += self.text.count("\n", self.counted, self.i)
        self.counted = self.i
        return self.line

    def _mark(self, path: Path, line: int) -> None:
        for n in range(1, len(path) + 1):
            self.found.setdefault(path[:n], line)

    def _header(self) -> Path:
        line = self._here()
        is_array = self.text.startswith("[[", self.i)
        self.i += 2 if is_array else 1
        keys = self._keys()
        self.i += 2 if is_array else 1  # the closing brackets
        path = self._inside(keys[:-1])
        path = (*path, keys[-1])
        if is_array:
            n = self.counts.get(path, -1) + 1
            self.counts[path] = n
            self._mark(path, line)
            path = (*path, n)
        else:
            path = self._inside((keys[-1],), path[:-1])
        self._mark(path, line)
        # A table may be opened only after one below it; then its own line is the better one.
        self.found[path] = line
        return path

    def _inside(self, keys: Path, path: Path = ()) -> Path:
        """Follow keys to the last table of each array of tables on the way."""
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _pair(self, table: Path) -> None:
        line = self._here()
        path = (*table, *self._keys())
        self._mark(path, line)
        self.i += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> Path:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            quoted = _STRING.match(self.text, self.i)
            bare = _BARE.match(self.text, self.i)
            if quoted:
                keys.append(tomllib.loads(f"k = {quoted[0]}")["k"])
                self.i = quoted.end()
            elif bare:
                keys.append(bare[0])
                self.i = bare.end()
            else:
                raise ValueError("no key where one must stand")
            self._skip(_SPACE)
            if not self.text.startswith(".", self.i):
                return tuple(keys)
            self.i += 1

    def _value(self, path: Path) -> None:
        mark = self.text[self.i : self.i + 1]
        if mark in {'"', "'"}:
            self._skip(_STRING)
        elif mark == "[":
            self._array(path)
        elif mark == "{":
            self._inline(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self.i += 1
        n = 0
        while not self.text.startswith("]", self._skip(_BLANK)):
            self._mark((*path, n), self._here())
            self._value((*path, n))
            self._skip(_BLANK)
            if self.text.startswith(",", self.i):
                self.i += 1
            n += 1
            self._still()
        self.i += 1

    def _inline(self, path: Path) -> None:
        self.i += 1
        while not self.text.startswith("}", self._skip(_BLANK)):
            self._pair(path)
            self._skip(_BLANK)
            if self.text.startswith(",", self.i):
                self.i += 1
            self._still()
        self.i += 1

    def _still(self) -> None:
        if self.i >= len(self.text):
            raise ValueError("the text ends within a value")
