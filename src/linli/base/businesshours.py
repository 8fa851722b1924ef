"""Business hours as people write them and as they are kept (办公时间的读写): text in a form, JSON in a table.

8:30-12:00 14:30-17:30                                   the whole year
05-01 ~ 09-30 8:30-12:00 15:00-18:00                     a season, one to a line
{"spans": [["08:30", "12:00"]], "seasons": [{"from": "05-01", "to": "09-30", "spans": [["09:00", "12:00"]]}]}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import time
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.workdays import BusinessHours, MonthDay, Season, Spans

_CLOCK = r"(\d{1,2}):(\d{2})"
_TO = r"\s*(?:-|–|—|~|至|到)\s*"
_SPAN = re.compile(rf"{_CLOCK}{_TO}{_CLOCK}")
_MONTH_DAY = r"(\d{1,2})[-/.月](\d{1,2})日?"
_SEASON = re.compile(rf"{_MONTH_DAY}{_TO}{_MONTH_DAY}[\s,、:]+(.+)")


def parse_hours(text: str, seasons: str = "") -> BusinessHours:
    """Read business hours from a form (识别办公时间): spans of the whole year, then a season to each line.

    Refuses `clock.bad_hours` with the field to mend: `hours` or `seasons`.
    """
    spans = _spans(text, "hours", text)
    found = [_season(line) for line in seasons.splitlines() if line.strip()]
    return _made(spans, found)


def hours_from(kept: Mapping[str, Any] | None) -> BusinessHours | None:
    """The hours that a table keeps (读取已存的办公时间); nothing kept: none of its own. Refuses `clock.bad_hours`."""
    if not kept:
        return None
    try:
        spans = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in kept["spans"])
        seasons = [
            Season(
                _kept_day(season["from"]),
                _kept_day(season["to"]),
                tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in season["spans"]),
            )
            for season in kept.get("seasons", ())
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _bad("hours", str(dict(kept))) from error
    return _made(spans, seasons)


def hours_kept(hours: BusinessHours) -> dict[str, Any]:
    """Hours as a table keeps them (存储形式)."""
    kept: dict[str, Any] = {"spans": _kept_spans(hours.spans)}
    if hours.seasons:
        kept["seasons"] = [
            {"from": _day_text(s.first), "to": _day_text(s.last), "spans": _kept_spans(s.spans)}
            for s in hours.seasons
        ]
    return kept


def spans_line(spans: Spans) -> str:
    """Spans as a form shows them, to be read by `parse_hours` again."""
    return " ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in spans)


def hours_line(hours: BusinessHours | None) -> str:
    """Hours and seasons in one line, for a log; none: a dash."""
    if hours is None:
        return "-"
    return "; ".join([spans_line(hours.spans), *(season_line(season) for season in hours.seasons)])


def season_line(season: Season) -> str:
    return f"{_day_text(season.first)} ~ {_day_text(season.last)} {spans_line(season.spans)}"


def _made(spans: Spans, seasons: list[Season]) -> BusinessHours:
    try:
        return BusinessHours(spans, tuple(seasons))
    except ValueError:
        raise Invalid(
            "clock.bad_hours",
            Text(
                "办公时间没有保存。请按提示更正。", "The business hours were not saved. Mend what is marked."
            ),
            fields={
                "seasons": Text(
                    "各季节的日期有重叠。请让每一天只落在一个季节里。",
                    "The seasons overlap. Let every day lie in one season at most.",
                )
            },
        ) from None


def _season(line: str) -> Season:
    found = _SEASON.fullmatch(_plain(line))
    if found is None:
        raise _bad("seasons", line)
    try:
        first, last = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
        return Season(first, last, _spans(found[5], "seasons", line))
    except ValueError:
        raise _bad("seasons", line) from None


def _spans(text: str, field: str, whole: str) -> Spans:
    plain = _plain(text)
    found = list(_SPAN.finditer(plain))
    if not found or re.sub(r"[\s,、;]+", "", _SPAN.sub("", plain)):
        raise _bad(field, whole)
    try:
        spans = tuple((time(int(m[1]), int(m[2])), time(int(m[3]), int(m[4]))) for m in found)
        BusinessHours(spans)
    except ValueError:
        raise _bad(field, whole) from None
    return spans


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _kept_day(text: str) -> MonthDay:
    month, day = text.split("-")
    return int(month), int(day)


def _day_text(day: MonthDay) -> str:
    return f"{day[0]:02}-{day[1]:02}"


def _kept_spans(spans: Spans) -> list[list[str]]:
    return [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in spans]


def _bad(field: str, text: str) -> Invalid:
    example = {
        "hours": "8:30-12:00 14:30-17:30",
        "seasons": "05-01 ~ 09-30 8:30-12:00 15:00-18:00",
    }[field]
    shown = " ".join(text.split())[:60]
    return Invalid(
        "clock.bad_hours",
        Text(
            "办公时间没看懂。请按提示更正。", "The business hours were not understood. Mend what is marked."
        ),
        fields={
            field: Text(
                f"看不懂“{shown}”。请从早到晚、不重叠地写，例如：{example}",
                f"“{shown}” cannot be read. Write spans in order that do not overlap, such as: {example}",
            )
        },
    )
