"""Each key is found on the line where a person would look for it (行号)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from linli.kernel.procedures.lines import Path, lines_of
from linli.kernel.procedures.versions import shipped_files

TEXT = '''# a comment with [brackets] and key = 1
code = "x"          # ] } "
"quoted key" = 1
a.b . "c.d" = { one = 1, two = [ {x = 1}, {x = 2} ] }
long = """
[not.a.table]
key = "no"
quotes: "" and \\""" end""""
after_long = \'\'\'
also = [not]
it\'s\'\'\'
list = [
  "a", # with ] in a comment
  [1, 2],

  { deep = true },
]
when = 2026-11-22

[table]
k = 1
[ table . "sub table" ]
k = 2
[[rows]]
n = 1
[rows.inner]
k = 3
[[rows]]
n = 2
  [[rows.deep]]
  k = 4
[x.y.z]
k = 5
[x]
k = 6
'''
LINES: dict[Path, int] = {
    ("code",): 2,
    ("quoted key",): 3,
    ("a",): 4,
    ("a", "b", "c.d", "two", 1, "x"): 4,
    ("long",): 5,
    ("after_long",): 9,
    ("list",): 12,
    ("list", 1): 14,
    ("list", 1, 1): 14,
    ("list", 2, "deep"): 16,
    ("when",): 18,
    ("table",): 20,
    ("table", "k"): 21,
    ("table", "sub table", "k"): 23,
    ("rows", 0): 24,
    ("rows", 0, "n"): 25,
    ("rows", 0, "inner", "k"): 27,
    ("rows", 1, "n"): 29,
    ("rows", 1, "deep", 0, "k"): 31,
    ("x", "y", "z", "k"): 33,
    ("x",): 34,
    ("x", "k"): 35,
}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize(("path", "line"), LINES.items(), ids=lambda value: str(value)[:40])
def test_the_line_of_a_key(path: Path, line: int) -> None:
    assert lines_of(TEXT).of(path) == line


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_key_that_the_parser_finds_has_a_line_and_no_other(newline: str) -> None:
    text = TEXT.replace("\n", newline)
    assert set(lines_of(text).at) == set(paths(tomllib.loads(text)))


def test_what_is_missing_is_looked_for_in_its_table() -> None:
    lines = lines_of(TEXT)
    assert lines.of(("table", "missing", "deeper")) == 20
    assert lines.of(("nowhere",)) == 1


def test_every_key_of_what_is_shipped_stands_where_it_is_said() -> None:
    for path, raw in shipped_files().values():
        text = path.read_text(encoding="utf-8")
        lines, rows = lines_of(text), text.split("\n")
        assert set(lines.at) == set(paths(raw))
        for where, line in lines.at.items():
            if isinstance(where[-1], str):
                assert where[-1] in rows[line - 1], where
