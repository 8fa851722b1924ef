"""Reading files of days off (读取放假安排文件): CSV, JSON and TOML, as they stand, with their row numbers.

CSV: a row for each day, with the columns `date,name,kind` and, where known, `year` (of the notice, which may reach into
the December before) and `notice`; `year_file` and `paper_url` are read as these two, Chinese headings too.
JSON: the same rows as a list, or years as `{"year": 2027, "papers": ["…"], "days": [{"date", "name", "isOffDay"}]}`.
TOML: years as in `days_off.toml`, with `from`–`to` for spans. Nothing here touches a table.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from linli.base.errors import Unreadable
from linli.base.i18n import Text

SUFFIXES = (".csv", ".json", ".toml")
LONGEST_SPAN = 31
_YEAR = re.compile(r"[12][0-9]{3}")
HEADINGS = {
    "date": ("date", "日期"),
    "name": ("name", "节日", "名称"),
    "kind": ("kind", "类型", "isOffDay"),
    "year": ("year", "year_file", "年份"),
    "notice": ("notice", "paper_url", "通知", "依据"),
}
KINDS = {
    **dict.fromkeys(("off", "放假", "休", "休息", "true"), "off"),
    **dict.fromkeys(("work", "上班", "班", "调休", "调休上班", "补班", "false"), "work"),
}
BAD_DATE = Text("日期看不懂。请写成 2027-02-05。", "The date cannot be read. Write it like 2027-02-05.")
BAD_KIND = Text(
    "类型看不懂。请写 off（放假）或 work（调休上班）。",
    "The kind cannot be read. Write off (day off) or work (make-up working day).",
)
BAD_YEAR = Text("年份看不懂。请写四位年份。", "The year cannot be read. Write four digits.")


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a file (一天), or why it cannot be used."""

    file: str
    row: int
    content: str
    day: date | None = None
    name: str = ""
    kind: str = ""
    year: int = 0  # of the notice; 0: not to be made out
    notice: str = ""
    reason: Text | None = None


def read_days(path: Path) -> list[DayLine]:
    """The days of a file, or of all files of a folder, in order. Refuses `calendar.unreadable`."""
    files = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
    if not files or any(p.suffix.lower() not in SUFFIXES for p in files):
        raise _unreadable(path.name, "没有 .csv、.json 或 .toml 文件", "no .csv, .json or .toml file")
    return [line for file in files for line in _lines(file)]


def _lines(file: Path) -> Iterator[DayLine]:
    text = _decoded(file)
    try:
        if file.suffix.lower() == ".csv":
            rows: Iterator[tuple[int, Mapping[str, Any]]] = _csv_rows(text, file.name)
        elif file.suffix.lower() == ".json":
            rows = _json_rows(json.loads(text))
        else:
            rows = _toml_rows(tomllib.loads(text))
        for row, cells in rows:
            yield _line(file.name, row, cells)
    except (csv.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(file.name, str(error), str(error)) from error


def _decoded(file: Path) -> str:
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(file.name, "不是 UTF-8 或 GB18030 编码", "neither UTF-8 nor GB18030")


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    known = {heading for headings in HEADINGS.values() for heading in headings}
    if not known & set(reader.fieldnames or ()) or not set(HEADINGS["date"]) & set(reader.fieldnames or ()):
        raise _unreadable(name, "缺少“date”列", "there is no column “date”")
    yield from enumerate(reader, 2)


def _json_rows(content: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = content if isinstance(content, list) else [content]
    number = 0
    for entry in entries:
        above = {"year": entry.get("year"), "notice": " ".join(entry.get("papers") or ())}
        for day in entry.get("days", [entry]):
            number += 1
            yield number, {**above, **day}


def _toml_rows(content: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    number = 0
    for year in content["years"]:
        above = {"year": year["year"], "notice": year.get("notice", "")}
        spans = [(s["from"], s.get("to", s["from"]), s["name"], "off") for s in year.get("off", ())]
        spans += [(s["on"], s["on"], s["name"], "work") for s in year.get("work", ())]
        for first, last, name, kind in spans:
            if not 0 <= (last - first).days < LONGEST_SPAN:
                raise ValueError(f"{first} – {last}")
            for i in range((last - first).days + 1):
                number += 1
                yield number, {**above, "date": first + timedelta(days=i), "name": name, "kind": kind}


def _line(file: str, row: int, cells: Mapping[str, Any]) -> DayLine:
    found = {key: _cell(cells, headings) for key, headings in HEADINGS.items()}
    content = ",".join(found.values())
    try:
        day = date.fromisoformat(found["date"].replace("/", "-"))
    except ValueError:
        day = None
    text = found["year"] or found["date"][:4]
    year = int(text) if _YEAR.fullmatch(text) else 0
    kind = KINDS.get(found["kind"].lower(), "")
    reason = BAD_DATE if day is None else BAD_YEAR if not year else None if kind else BAD_KIND
    return DayLine(file, row, content, day, found["name"], kind, year, found["notice"], reason)


def _cell(cells: Mapping[str, Any], headings: tuple[str, ...]) -> str:
    value = next((cells[h] for h in headings if cells.get(h) not in (None, "")), "")
    return str(value).strip()


def _unreadable(name: str, zh: str, en: str) -> Unreadable:
    return Unreadable(
        "calendar.unreadable",
        Text(
            f"放假安排 {name} 读不出来：{zh}。请按 docs/reference/days-off-file.md 更正。",
            f"The days off in {name} cannot be read: {en}. See docs/reference/days-off-file.md.",
        ),
    )
