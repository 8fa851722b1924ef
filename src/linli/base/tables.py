"""Reading tables (读取表格): CSV, plain or gzip, as it stands, row by row. Nothing here touches the database.

A damaged line costs itself alone: a quotation mark that is never closed does not swallow the rows after it.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from linli.base.errors import Unreadable
from linli.base.i18n import Text

ENDINGS = (".csv", ".csv.gz")
# How many lines one quoted cell may reach over.
MOST_LINES = 40
LONGEST_LINE = 1_000_000
_BROKEN = re.compile("[\ud800-\udfff]")  # what `surrogateescape` makes of bytes that are no text


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells in the order of the header, or why it cannot be used."""

    number: int  # of its first line; the header is line 1
    content: str
    cells: list[str] | None
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file, opened for its header alone; `rows()` reads it anew each time."""

    path: Path
    header: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","

    def rows(self) -> Iterator[Row]:
        with _opened(self.path, self.encoding) as file:
            lines = _lines(file)
            next(lines, None)
            yield from _rows(lines, len(self.header), self.delimiter)

    def n_lines(self) -> int:
        """About how many rows, for the progress (大约行数); reads the whole file once, and so knows that it is whole."""
        with _opened(self.path, self.encoding) as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.buffer.read(1 << 20), b"")) - 1

    def columns(self, names: Sequence[str]) -> dict[str, int]:
        return {name: self.header.index(name) for name in names}


def open_table(path: Path, *, encoding: str = "utf-8", delimiter: str = ",") -> Table:
    """The table in a file (打开表格). Refuses `imports.damaged` and `imports.wrong_columns` (no usable header)."""
    with _opened(path, encoding) as file:
        first = next(_lines(file), "")
    header = [name.strip() for name in _cells(first, delimiter) or []]
    if not header or _is_broken(first) or "\x00" in first or len(set(header)) < len(header):
        raise Unreadable(
            "imports.wrong_columns",
            Text(
                f"文件 {path.name} 的第一行不是可用的列名（应为 UTF-8 编码的 CSV，列名不重复）。请另存后重新导入。",
                f"The first line of {path.name} does not name columns (a CSV in UTF-8, each name once). "
                "Save it anew and import it again.",
            ),
        )
    return Table(path, tuple(header), encoding, delimiter)


def files_in(path: Path) -> list[Path]:
    """The tables to read: the file itself, or in a folder every CSV in the order of the names."""
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.name.lower().endswith(ENDINGS))
    if not path.is_file():
        raise Unreadable(
            "imports.no_file",
            Text(f"没有找到文件 {path}。请核对路径。", f"The file {path} was not found. Check the path."),
        )
    return [path]


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            binary: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if packed else raw
            encoding = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
            with io.TextIOWrapper(binary, encoding, "surrogateescape", newline="\n") as file:
                yield file
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Unreadable(
            "imports.damaged",
            Text(
                f"文件 {path.name} 已损坏或无法读取（{error}）。请重新获取该文件再导入。",
                f"The file {path.name} is damaged or cannot be read ({error}). Get it again and import it.",
            ),
        ) from error
    except LookupError as error:
        raise Unreadable(
            "imports.bad_mapping",
            Text(
                f"对照文件写的编码“{encoding}”不存在。常用的有 utf-8、gb18030。",
                f"The mapping names an unknown encoding {encoding!r}. Usual ones are utf-8 and gb18030.",
            ),
        ) from error


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        yield line.removesuffix("\n").removesuffix("\r")


def _rows(lines: Iterator[str], width: int, delimiter: str) -> Iterator[Row]:
    number = 1
    waiting: list[str] = []  # lines read ahead in search of a closing quotation mark
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        number += 1
        if not line.strip():
            continue
        cells = _cells(line, delimiter)
        if cells is None and line.count('"') % 2:
            joined, used = _joined(line, lines, waiting, delimiter, width)
            if joined is not None:
                yield _row(number, "\n".join([line, *waiting[:used]]), joined, width)
                del waiting[:used]
                number += used
                continue
        yield _row(number, line, cells, width)


def _joined(
    first: str, lines: Iterator[str], waiting: list[str], delimiter: str, width: int
) -> tuple[list[str] | None, int]:
    """The row that begins in an open quotation mark, and over how many more lines it reaches; or nothing."""
    text = first
    for used in range(1, MOST_LINES):
        while len(waiting) < used:
            line = next(lines, None)
            if line is None:
                return None, 0
            waiting.append(line)
        text += "\n" + waiting[used - 1]
        if text.count('"') % 2 == 0:
            cells = _cells(text, delimiter)
            return (cells, used) if cells is not None and len(cells) == width else (None, 0)
    return None, 0


def _row(number: int, content: str, cells: list[str] | None, width: int) -> Row:
    if _is_broken(content):
        reason = Text(
            "这一行的文字编码不对。请把文件另存为 UTF-8 后重新导入。",
            "This line is not UTF-8. Save the file as UTF-8 and import it again.",
        )
        return Row(number, content, None, reason)
    if "\x00" in content:
        reason = Text("这一行含有空字符，文件可能已损坏。", "This line holds a null character.")
        return Row(number, content, None, reason)
    if cells is None or len(cells) != width:
        n_found = "?" if cells is None else len(cells)
        reason = Text(
            f"这一行有 {n_found} 列，应为 {width} 列。请检查逗号和引号。",
            f"This line has {n_found} columns, not {width}. Check its commas and quotation marks.",
        )
        return Row(number, content, None, reason)
    return Row(number, content, cells)


def _is_broken(text: str) -> bool:
    return not text.isascii() and _BROKEN.search(text) is not None


def _cells(line: str, delimiter: str) -> list[str] | None:
    if '"' not in line:
        return line.split(delimiter)
    try:
        # Through a file-like object, so that a cell may hold a line break.
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
