"""One row as the mapping reads it (按对照读一行): pure, no table, no query."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from string import Formatter
from typing import Any, NamedTuple

from linli.base.coordinates import to_wgs84
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.tables import Row, Table
from linli.domains.events.imports.mapping import EventMapping, Level, Words

# Before this, and later than now, a date is a slip of the pen or another format.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
MOST_KNOWN = 50_000


class Named(NamedTuple):
    """A node of a path as the file names it; an area also has its level."""

    code: str
    name: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class OldEvent:
    """What one row says (一行的内容)."""

    row_id: str
    digest: str  # of the cells that the mapping reads: tells whether a row that is known says something else
    opened_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    title: str
    categories: tuple[Named, ...]
    areas: tuple[Named, ...]
    unit: Named | None
    lng: float | None
    lat: float | None
    place_text: str
    kind: str
    kind_name: str
    channel: str
    channel_name: str
    on_time: bool | None
    outcome: str
    n_reporters: int


class RowRejected(Exception):
    """Why a row is not taken; the run goes on with the next."""

    def __init__(self, zh: str, en: str) -> None:
        self.reason = Text(zh, en)


def few_words(mapping: EventMapping) -> tuple[str, ...]:
    """The columns whose words repeat from row to row."""
    levels = (*mapping.categories, *mapping.areas, *([mapping.unit] if mapping.unit else []))
    found = [name for level in levels for name in (level.code, level.name) if name]
    found += [words.column for words in (mapping.kind, mapping.channel, mapping.on_time) if words]
    return tuple(dict.fromkeys(found))


class RowReader:
    """Reads the rows of one table by its mapping."""

    def __init__(self, mapping: EventMapping, table: Table, *, at: datetime) -> None:
        self.mapping = mapping
        self.at = {name: table.header.index(name) for name in mapping.columns}
        self.latest = at + timedelta(days=1)
        self.few = [self.at[name] for name in few_words(mapping)]
        self._known: dict[tuple[str, ...], dict[str, Any]] = {}
        self.titles = [list(Formatter().parse(template)) for template in mapping.titles]

    def read(self, row: Row) -> OldEvent:
        """Refuses (`RowRejected`) a row without id or opening, with impossible dates, places or words."""
        if row.cells is None:
            reason = row.reason or Text("", "")
            raise RowRejected(reason.zh, reason.en)
        cells = row.cells
        get = self._getter(cells)
        mapping = self.mapping
        row_id = get(mapping.external_id)
        if not row_id or len(row_id) > 60:
            raise RowRejected(
                f"“{mapping.external_id}”为空或超过60个字，无法辨认这一件。",
                f"{mapping.external_id!r} is empty or longer than 60 characters: the case cannot be told apart.",
            )
        opened_at, ended_at, due_at = self._dates(get)
        lng, lat = self._point(get)
        fixed = self._fixed(cells, get)
        return OldEvent(
            row_id=row_id,
            digest=sha256("\x1f".join([cells[i] for i in self.at.values()]).encode()).hexdigest()[:16],
            opened_at=opened_at,
            ended_at=ended_at,
            due_at=due_at,
            **fixed,
            lng=lng,
            lat=lat,
            place_text=" ".join(get(mapping.place_text).split()) if mapping.place_text else "",
            outcome=str(self._word(mapping.outcome, get) or "")[:40],
            n_reporters=self._count(get),
        )

    def _fixed(self, cells: list[str], get: Callable[[str], str]) -> dict[str, Any]:
        """What the columns with few words say, worked out once for each combination."""
        key = tuple([cells[i] for i in self.few])
        if (found := self._known.get(key)) is None:
            mapping = self.mapping
            on_time = self._word(mapping.on_time, get)
            found = {
                "title": self._title(get),
                "categories": self._path(mapping.categories, get),
                "areas": self._path(mapping.areas, get),
                "unit": next(iter(self._path((mapping.unit,), get)), None) if mapping.unit else None,
                "kind": str(self._word(mapping.kind, get) or "")[:20],
                "kind_name": get(mapping.kind.column)[:40] if mapping.kind else "",
                "channel": str(self._word(mapping.channel, get) or "import")[:12],
                "channel_name": get(mapping.channel.column)[:40] if mapping.channel else "",
                "on_time": on_time if isinstance(on_time, bool) else None,
            }
            if len(self._known) < MOST_KNOWN:
                self._known[key] = found
        return found

    def _getter(self, cells: list[str]) -> Callable[[str], str]:
        at, empty = self.at, self.mapping.empty

        def get(name: str) -> str:
            value = cells[at[name]].strip()
            return "" if value in empty else value

        return get

    def _dates(self, get: Callable[[str], str]) -> tuple[datetime, datetime | None, datetime | None]:
        mapping = self.mapping
        opened_at = self._moment(get(mapping.opened_at), mapping.opened_at)
        if opened_at is None:
            raise RowRejected(
                f"“{mapping.opened_at}”为空，不知何时提出。",
                f"{mapping.opened_at!r} is empty: it is not known when the case was opened.",
            )
        ended_at = self._moment(get(mapping.ended_at), mapping.ended_at) if mapping.ended_at else None
        due_at = self._moment(get(mapping.due_at), mapping.due_at) if mapping.due_at else None
        for moment, name in ((opened_at, mapping.opened_at), (ended_at, mapping.ended_at)):
            if moment and moment > self.latest:
                raise RowRejected(
                    f"“{name}”是将来的时间：{get(name)}。", f"{name!r} lies in the future: {get(name)}."
                )
        if ended_at and ended_at < opened_at:
            raise RowRejected(
                f"办结时间（{get(mapping.ended_at)}）早于提出时间（{get(mapping.opened_at)}）。",
                f"It was closed ({get(mapping.ended_at)}) before it was opened ({get(mapping.opened_at)}).",
            )
        return opened_at, ended_at, due_at

    def _moment(self, text: str, name: str) -> datetime | None:
        if not text:
            return None
        written = self.mapping.date_format
        try:
            if written and written != "%Y-%m-%d %H:%M:%S":
                found = datetime.strptime(text, written)  # noqa: DTZ007  the mapping's time zone is set below
            else:
                found = datetime.fromisoformat(text)
                if written and len(text) != 19:
                    raise ValueError(text)
            if found.tzinfo is None:
                found = found.replace(tzinfo=self.mapping.zone)
            found = found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise RowRejected(
                f"“{name}”不是可用的时间：{text[:40]}（应写作 {written or 'ISO 8601'}）。",
                f"{name!r} is no usable time: {text[:40]} (written as {written or 'ISO 8601'}).",
            ) from None
        if found < EARLIEST:
            raise RowRejected(f"“{name}”早于1900年：{text[:40]}。", f"{name!r} is before 1900: {text[:40]}.")
        return found

    def _point(self, get: Callable[[str], str]) -> tuple[float | None, float | None]:
        mapping = self.mapping
        if not mapping.lng:
            return None, None
        lng_text, lat_text = get(mapping.lng), get(mapping.lat)
        if not lng_text and not lat_text:
            return None, None
        try:
            lng, lat = float(lng_text), float(lat_text)
            if not (math.isfinite(lng) and math.isfinite(lat)):
                raise ValueError
            if lng == 0 and lat == 0:  # how files say that they do not know
                return None, None
            return to_wgs84(lng, lat, mapping.datum)
        except (ValueError, Invalid):
            raise RowRejected(
                f"坐标不对：经度 {lng_text[:20]}，纬度 {lat_text[:20]}。",
                f"The coordinates are wrong: longitude {lng_text[:20]}, latitude {lat_text[:20]}.",
            ) from None

    def _path(self, levels: Iterable[Level], get: Callable[[str], str]) -> tuple[Named, ...]:
        """The levels that the row names; a level without a name is left out."""
        return tuple(
            Named(get(level.code) if level.code else "", " ".join(name.split())[:100], level.level)
            for level in levels
            if (name := get(level.name))
        )

    def _word(self, words: Words | None, get: Callable[[str], str]) -> Any:
        if words is None or not (word := get(words.column)):
            return None
        code = words.of(word)
        if code is None:
            raise RowRejected(
                f"“{words.column}”的“{word[:40]}”在对照文件里没有。请补上后重新导入。",
                f"The mapping does not know {word[:40]!r} in {words.column!r}. Add it and import again.",
            )
        return code

    def _count(self, get: Callable[[str], str]) -> int:
        text = get(self.mapping.n_reporters) if self.mapping.n_reporters else ""
        if not text:
            return 1
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 1_000_000 or len(text) > 9:
            raise RowRejected(
                f"“{self.mapping.n_reporters}”应为正整数：{text[:20]}。",
                f"{self.mapping.n_reporters!r} is a whole number from 1: {text[:20]}.",
            )
        return int(text)

    def _title(self, get: Callable[[str], str]) -> str:
        """The first template whose columns all say something; none: what the whole file is."""
        for template in self.titles:
            parts = []
            for literal, name, *_ in template:
                parts.append(literal)
                if name is not None:
                    if not (value := get(name)):
                        break
                    parts.append(value)
            else:
                return "".join(parts)[:200]
        return self.mapping.title.zh[:200]
