"""Reading area files (读取区划文件): CSV lines and GeoJSON features, as they stand, with their row numbers.

The form is described in docs/reference/areas-file.md. Nothing here touches a table.
"""

from __future__ import annotations

import csv
import gzip
import json
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from linli.base.coordinates import datum_named
from linli.base.errors import Invalid, Unreadable
from linli.base.i18n import Text

REQUIRED = ("code", "name", "level", "parent_code")
OPTIONAL = ("name_en", "valid_from", "valid_to", "external_code")
TABLES = (".csv", ".csv.gz")
SHAPES = (".geojson", ".geojson.gz")
# The county shapes that are to be had in China come from AMap, whose coordinates are GCJ-02.
DEFAULT_DATUM = "GCJ02"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its cells by our column names, or why it cannot be used."""

    file: str
    row: int
    content: str
    cells: dict[str, str] | None
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a GeoJSON file."""

    file: str
    row: int
    properties: Mapping[str, Any]
    geometry: Any
    datum: str

    @property
    def content(self) -> str:
        return json.dumps(self.properties, ensure_ascii=False, default=str)


@dataclass(slots=True)
class AreaFiles:
    """All that one import reads: tables first, because shapes belong to areas."""

    lines: list[Line] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AreaMapping:
    """How another file calls our columns (对照): `columns` from our name to theirs, and its datum."""

    columns: Mapping[str, str]
    datum: str | None = None

    @classmethod
    def load(cls, mapping: Mapping[str, Any] | str | Path | None) -> AreaMapping:
        if isinstance(mapping, str | Path):
            try:
                mapping = tomllib.loads(Path(mapping).read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise Unreadable(
                    "imports.bad_mapping",
                    Text(
                        f"对照文件无法读取：{error}。请提供 UTF-8 编码的 TOML 文件。",
                        f"The mapping file cannot be read: {error}. Give a TOML file in UTF-8.",
                    ),
                ) from error
        mapping = mapping or {}
        datum = mapping.get("datum")
        return cls(dict(mapping.get("columns", {})), datum_named(datum) if datum else None)

    def name(self, column: str) -> str:
        return self.columns.get(column, column)


def read_files(path: str | Path, mapping: AreaMapping) -> AreaFiles:
    """Read one file, or in a folder every file that has the form (读取文件或文件夹).

    Refuses `imports.no_file`, `imports.wrong_kind`, `imports.wrong_columns`, `imports.not_geojson`,
    `imports.damaged`. In a folder a table with other columns is left out and noted.
    """
    path = Path(path)
    found = AreaFiles()
    if path.is_dir():
        names = sorted(p for p in path.iterdir() if p.name.lower().endswith(TABLES + SHAPES))
        for file in names:
            try:
                _read(file, mapping, found)
            except Unreadable as error:
                if error.code != "imports.wrong_columns":
                    raise
                found.notes.append(
                    Text(f"没有读取 {file.name}：列名不符。", f"{file.name} was left out: other columns.")
                )
        if not names or not (found.lines or found.features):
            raise Unreadable(
                "imports.no_file",
                Text(
                    f"文件夹 {path} 中没有可导入的区划文件。需要 .csv、.csv.gz、.geojson 或 .geojson.gz，"
                    f"表格的列为 {','.join(REQUIRED)}。",
                    f"The folder {path} holds no area file. Needed: .csv, .csv.gz, .geojson or .geojson.gz; "
                    f"a table has the columns {','.join(REQUIRED)}.",
                ),
            )
        return found
    if not path.is_file():
        raise Unreadable(
            "imports.no_file",
            Text(f"没有找到文件 {path}。请核对路径。", f"The file {path} was not found. Check the path."),
        )
    _read(path, mapping, found)
    return found


def _read(path: Path, mapping: AreaMapping, found: AreaFiles) -> None:
    name = path.name.lower()
    if name.endswith(TABLES):
        found.lines += _read_table(path, mapping)
    elif name.endswith(SHAPES):
        found.features += _read_shapes(path, mapping)
    else:
        raise Unreadable(
            "imports.wrong_kind",
            Text(
                f"不能导入 {path.name}：只接受 .csv、.csv.gz、.geojson、.geojson.gz。请另存为其中一种。",
                f"{path.name} cannot be imported: only .csv, .csv.gz, .geojson and .geojson.gz. "
                "Save it as one of them.",
            ),
        )


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.name.lower().endswith(".gz") else data
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(
            "imports.damaged",
            Text(
                f"文件 {path.name} 已损坏或无法读取（{error}）。请重新获取该文件，没有导入任何内容。",
                f"The file {path.name} is damaged or cannot be read ({error}). Get it again; nothing was imported.",
            ),
        ) from error


def _read_table(path: Path, mapping: AreaMapping) -> list[Line]:
    # Line by line, so that one unclosed quotation mark cannot swallow the rows after it.
    text = _bytes(path).decode("utf-8-sig", "surrogateescape")
    raw = text.replace("\r\n", "\n").split("\n")
    header = [name.strip() for name in _cells(raw[0]) or []]
    if not {mapping.name(column) for column in REQUIRED} <= set(header):
        raise Unreadable(
            "imports.wrong_columns",
            Text(
                f"文件 {path.name} 的列不符。第一行应为列名 {','.join(map(mapping.name, REQUIRED))}"
                f"（可另有 {','.join(OPTIONAL)}），编码为 UTF-8。",
                f"The columns of {path.name} are not those of an area file. The first line should name "
                f"{','.join(map(mapping.name, REQUIRED))} (and may name {','.join(OPTIONAL)}), in UTF-8.",
            ),
        )
    wanted = {column: header.index(mapping.name(column)) for column in REQUIRED}
    wanted |= {c: header.index(mapping.name(c)) for c in OPTIONAL if mapping.name(c) in header}
    lines = []
    for row, content in enumerate(raw[1:], start=2):
        if content.strip():
            lines.append(_line(path.name, row, content, wanted, len(header)))
    return lines


def _line(file: str, row: int, content: str, wanted: Mapping[str, int], n_columns: int) -> Line:
    if not content.isascii() and any("\udc80" <= char <= "\udcff" for char in content):
        return Line(
            file,
            row,
            content,
            None,
            Text(
                "这一行不是 UTF-8 编码。请把文件另存为 UTF-8 后重新导入。",
                "This line is not UTF-8. Save the file as UTF-8 and import it again.",
            ),
        )
    cells = _cells(content)
    if cells is None or len(cells) != n_columns:
        n_found = "?" if cells is None else len(cells)
        return Line(
            file,
            row,
            content,
            None,
            Text(
                f"这一行有 {n_found} 列，应为 {n_columns} 列。请检查逗号和引号。",
                f"This line has {n_found} columns, not {n_columns}. Check its commas and quotation marks.",
            ),
        )
    return Line(file, row, content, {column: cells[i].strip() for column, i in wanted.items()})


def _cells(line: str) -> list[str] | None:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None


def _read_shapes(path: Path, mapping: AreaMapping) -> list[Feature]:
    try:
        content = json.loads(_bytes(path).decode("utf-8-sig"))
        features = [content] if content["type"] == "Feature" else content["features"]
        if not isinstance(features, list):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(
            "imports.not_geojson",
            Text(
                f"文件 {path.name} 不是完整的 GeoJSON FeatureCollection（UTF-8）。请重新导出，没有导入任何内容。",
                f"{path.name} is not a complete GeoJSON FeatureCollection in UTF-8. "
                "Export it again; nothing was imported.",
            ),
        ) from error
    default = str(content.get("datum") or mapping.datum or DEFAULT_DATUM)
    found = []
    for row, feature in enumerate(features, start=1):
        feature = feature if isinstance(feature, dict) else {}
        properties = feature.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        renamed = {**properties}
        renamed.update({ours: properties.get(theirs) for ours, theirs in mapping.columns.items()})
        datum = str(renamed.get("datum") or default)
        found.append(Feature(path.name, row, renamed, feature.get("geometry"), datum))
    return found


def date_of(text: str) -> date | None:
    """A day written as 2026-01-31, None when empty. Refuses `places.bad_dates`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(
            "places.bad_dates",
            Text("日期应写作 2026-01-31。", "A date is written 2026-01-31."),
        ) from None
