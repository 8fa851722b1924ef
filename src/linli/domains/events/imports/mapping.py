"""Mappings (对照文件): what the columns of somebody else's file mean here. The form: docs/reference/import-events.md.

A mapping is read strictly: a word that is not known is refused by name, because a silent slip would cost every row.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from linli.base.codes import LEVELS, level_of
from linli.base.coordinates import datum_named
from linli.base.errors import Invalid, Unreadable
from linli.base.i18n import Text

SHIPPED = Path(__file__).resolve().parent.parent / "mappings"
SOURCE = re.compile(r"[a-z][a-z0-9]{1,15}")
CODE = re.compile(r"[a-z_]{1,40}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a path: the column of its name, and the column of its code where there is one."""

    name: str
    code: str = ""
    level: str = ""  # of an area


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a column stand for here: by the whole word, by how it starts, else the default."""

    column: str
    values: Mapping[str, Any] = field(default_factory=dict)
    starts: tuple[tuple[str, str], ...] = ()
    default: Any = None

    def of(self, word: str) -> Any:
        if word in self.values:
            return self.values[word]
        return next((code for start, code in self.starts if word.startswith(start)), self.default)


@dataclass(frozen=True)
class EventMapping:
    source: str
    title: Text
    zone: ZoneInfo
    external_id: str
    opened_at: str
    root_code: str
    root_name: str
    root_name_en: str = ""
    ended_at: str = ""
    due_at: str = ""
    n_reporters: str = ""
    date_format: str = ""  # empty: ISO 8601
    titles: tuple[str, ...] = ()
    directory_title: str = ""
    categories: tuple[Level, ...] = ()
    areas: tuple[Level, ...] = ()
    unit: Level | None = None
    lng: str = ""
    lat: str = ""
    datum: str = "WGS84"
    place_text: str = ""
    kind: Words | None = None
    channel: Words | None = None
    on_time: Words | None = None
    outcome: Words | None = None
    step: str = "closed"
    empty: frozenset[str] = frozenset()
    encoding: str = "utf-8"
    delimiter: str = ","

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping names, each once; a file that lacks one is not of this form."""
        found = [self.external_id, self.opened_at, self.ended_at, self.due_at, self.n_reporters]
        found += [self.lng, self.lat, self.place_text]
        for level in (*self.categories, *self.areas, *([self.unit] if self.unit else [])):
            found += [level.code, level.name]
        found += [words.column for words in (self.kind, self.channel, self.on_time, self.outcome) if words]
        return tuple(dict.fromkeys(name for name in found if name))


@lru_cache(maxsize=1)
def shipped() -> tuple[EventMapping, ...]:
    """The mappings that come with the product (随附对照)."""
    return tuple(load(path) for path in sorted(SHIPPED.glob("*.toml")))


def find_mapping(named: str | Path | None) -> EventMapping | None:
    """The mapping that was named, by file or by the name of a shipped one (指定对照)."""
    if named is None:
        return None
    known = {mapping.source: mapping for mapping in shipped()}
    path = Path(named)
    if not path.exists() and str(named) in known:
        return known[str(named)]
    return load(path)


def recognise(header: Iterable[str]) -> EventMapping | None:
    """The shipped mapping whose columns are all there (按列识别)."""
    columns = set(header)
    return next((mapping for mapping in shipped() if columns.issuperset(mapping.columns)), None)


def load(path: Path) -> EventMapping:
    """Read a mapping (读取对照文件). Refuses `imports.bad_mapping`, naming the word that does not fit."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        names = "、".join(mapping.source for mapping in shipped()) if path.parent != SHIPPED else ""
        _refuse(
            path,
            f"{error}。请提供 UTF-8 编码的 TOML 文件" + (f"，或随附对照的名称：{names}" if names else ""),
            f"{error}. Give a TOML file in UTF-8"
            + (f", or the name of one shipped: {names}" if names else ""),
        )
    return _Reader(path).mapping(raw)


def _refuse(path: Path, zh: str, en: str) -> NoReturn:
    raise Unreadable(
        "imports.bad_mapping",
        Text(
            f"对照文件 {path.name} 不能使用：{zh}。说明见 docs/reference/import-events.md。",
            f"The mapping {path.name} cannot be used: {en}. See docs/reference/import-events.md.",
        ),
    )


class _Reader:
    """Takes the tables of the file apart; whatever is left over is a mistake."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mapping(self, raw: dict[str, Any]) -> EventMapping:
        row, area = self.table(raw, "row"), self.table(raw, "area")
        category, place, unit = self.table(raw, "category"), self.table(raw, "place"), self.table(raw, "unit")
        outcome = self.table(raw, "outcome")
        source = self.take(raw, "source", "")
        title: dict[str, Any] = self.take(raw, "title", {})
        root: dict[str, Any] = self.take(area, "root", {})
        step = self.take(outcome, "step", "closed")
        found = EventMapping(
            source=source,
            title=Text(str(title.get("zh") or source), str(title.get("en") or title.get("zh") or source)),
            zone=self.zone(self.take(raw, "timezone", "Asia/Shanghai")),
            external_id=self.needed(row, "external_id"),
            opened_at=self.needed(row, "opened_at"),
            ended_at=self.take(row, "ended_at", ""),
            due_at=self.take(row, "due_at", ""),
            n_reporters=self.take(row, "n_reporters", ""),
            date_format=self.take(row, "date_format", ""),
            titles=tuple(str(template) for template in self.items(row, "title")),
            directory_title=self.take(category, "title", ""),
            categories=self.levels(category),
            areas=self.levels(area),
            root_code=str(root.get("code", "")),
            root_name=str(root.get("name", "")),
            root_name_en=str(root.get("name_en", "")),
            lng=self.take(place, "lng", ""),
            lat=self.take(place, "lat", ""),
            datum=self.datum(self.take(place, "datum", "WGS84")),
            place_text=self.take(place, "text", ""),
            unit=self.unit(unit),
            kind=self.words(self.table(raw, "kind"), str),
            channel=self.words(self.table(raw, "channel"), str),
            on_time=self.words(self.table(raw, "on_time"), bool),
            outcome=self.words(outcome, str),
            step=step,
            empty=frozenset(str(word) for word in self.items(raw, "empty")),
            encoding=self.take(raw, "encoding", "utf-8"),
            delimiter=self.take(raw, "delimiter", ","),
        )
        for table in (raw, row, area, category, place, unit):
            if table:
                _refuse(self.path, f"不认识“{next(iter(table))}”", f"unknown word {next(iter(table))!r}")
        self.check(found)
        return found

    def take(self, table: dict[str, Any], key: str, default: T) -> T:
        value = table.pop(key, default)
        if not isinstance(value, type(default)):
            _refuse(self.path, f"“{key}”的类型不对", f"{key!r} is of the wrong type")
        return value

    def table(self, raw: dict[str, Any], key: str) -> dict[str, Any]:
        return self.take(raw, key, {})

    def items(self, raw: dict[str, Any], key: str) -> list[Any]:
        return self.take(raw, key, [])

    def pair(self, entry: Any) -> tuple[str, str]:
        if not isinstance(entry, list) or len(entry) != 2:
            _refuse(
                self.path,
                "starts 的每一项是两个词",
                "each of `starts` is two words: the beginning and the code",
            )
        return str(entry[0]), str(entry[1])

    def needed(self, table: dict[str, Any], key: str) -> str:
        value = self.take(table, key, "")
        if not value:
            _refuse(self.path, f"缺少“{key}”", f"{key!r} is missing")
        return value

    def zone(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            _refuse(self.path, f"没有时区“{name}”", f"there is no time zone {name!r}")

    def datum(self, name: str) -> str:
        try:
            return datum_named(name)
        except Invalid as error:
            _refuse(self.path, error.message.zh.rstrip("。"), error.message.en.rstrip("."))

    def levels(self, table: dict[str, Any]) -> tuple[Level, ...]:
        found = []
        for entry in self.items(table, "levels"):
            known = isinstance(entry, dict) and set(entry) <= {"name", "code", "level"}
            if not known or not isinstance(entry.get("name"), str):
                _refuse(self.path, "levels 的每一级须写 name", "each of `levels` names the column `name`")
            found.append(Level(**{key: str(value) for key, value in entry.items()}))
        return tuple(found)

    def unit(self, table: dict[str, Any]) -> Level | None:
        name, code = self.take(table, "name", ""), self.take(table, "code", "")
        return Level(name, code) if name else None

    def words(self, table: dict[str, Any], kind: type) -> Words | None:
        if not table:
            return None
        values: dict[str, Any] = self.take(table, "values", {})
        starts = tuple(self.pair(entry) for entry in self.items(table, "starts"))
        default = table.pop("default", None)
        codes = [*values.values(), *(code for _, code in starts), *([] if default is None else [default])]
        for code in codes:
            if not isinstance(code, kind) or (isinstance(code, str) and not CODE.fullmatch(code)):
                _refuse(self.path, f"“{code}”不能作代码", f"{code!r} cannot be a code")
        column = self.needed(table, "column")
        if table:
            _refuse(self.path, f"不认识“{next(iter(table))}”", f"unknown word {next(iter(table))!r}")
        return Words(column, values, starts, default)

    def check(self, found: EventMapping) -> None:
        if not SOURCE.fullmatch(found.source):
            _refuse(
                self.path, "source 须为2至16位小写字母或数字", "`source` has 2 to 16 small letters or digits"
            )
        try:
            order = [LEVELS.index(level_of(found.root_code)), *(LEVELS.index(a.level) for a in found.areas)]
        except (Invalid, ValueError):
            _refuse(
                self.path, "area 的 root.code 或 level 不对", "`root.code` or a `level` of [area] is wrong"
            )
        if not found.root_name or order != sorted(set(order)):
            _refuse(
                self.path,
                "area.root 须有 name，各级须由上到下",
                "[area] root needs a name, its levels go from the top down",
            )
        if bool(found.lng) != bool(found.lat):
            _refuse(self.path, "lng 与 lat 须同时写", "`lng` and `lat` go together")
        if len(found.delimiter) != 1:
            _refuse(self.path, "delimiter 须为一个字符", "`delimiter` is one character")
        self.check_titles(found)

    def check_titles(self, found: EventMapping) -> None:
        """A title is made of categories, areas and units alone: free text may name people."""
        levels = (*found.categories, *found.areas, *([found.unit] if found.unit else []))
        allowed = {level.name for level in levels} | ({found.kind.column} if found.kind else set())
        for template in found.titles:
            try:
                named = {name for _, name, *_ in Formatter().parse(template) if name is not None}
            except ValueError as error:
                _refuse(self.path, f"title：{error}", f"title: {error}")
            if not named <= allowed:
                _refuse(
                    self.path,
                    f"title 只能用类别、区域、单位的列，不能用“{min(named - allowed)}”",
                    f"a title is made of category, area and unit columns, not of {min(named - allowed)!r}",
                )
