"""Whether periods one after another fit into another one (期间比较), pure.

In one unit they are added up. In mixed units they are played through over the year tables that come with Linli: from
every day of every published year, at the hours that matter, each period beginning when the one before it is due. What
fits on an ordinary day and not over the Spring Festival does not fit; the worst start says when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from linli.base.clock import SHANGHAI
from linli.base.i18n import Text
from linli.base.legaltime import SAMPLE_HOURS, DayTable, Period, due
from linli.kernel.calendar.shipped import shipped_years

Chain = tuple[Period, ...]
DAY = 24 * 3600
LAST_SECOND = DAY - 1
# unit: the unit that it can be added up in, and how many of it
SAME = {
    "minutes": ("minutes", 1),
    "hours": ("minutes", 60),
    "working_hours": ("working_hours", 1),
    "days": ("days", 1),
    "working_days": ("working_days", 1),
    "months": ("months", 1),
    "years": ("months", 12),
}
CLOCKED = frozenset({"minutes", "working_hours"})  # these end at an hour, all others with a day
ABOUT_HOURS = {"minutes": 1 / 60, "working_hours": 3.0, "days": 24.0, "working_days": 34.0, "months": 730.0}


@dataclass(frozen=True)
class TooLong:
    """How far the periods reach beyond the limit, at the worst (超出时限的最坏情形)."""

    total: Text
    start: datetime | None = None  # none: in one unit, where every start is the same
    ends: datetime | None = None
    limit_ends: datetime | None = None


def nominal(chain: Chain) -> float:
    """About how many hours, to put the longest first."""
    return sum(n * ABOUT_HOURS[unit] for unit, n in map(_plain, chain))


def total_words(chain: Chain) -> Text:
    """The sum in words (合计): what has one unit is added up."""
    sums: dict[str, int] = {}
    for unit, n in map(_plain, chain):
        sums[unit] = sums.get(unit, 0) + n
    parts = [_words(unit, n) for unit, n in sums.items()]
    return Text("加 ".join(p.zh for p in parts), " + ".join(p.en for p in parts))


@lru_cache(maxsize=20_000)
def too_long(chain: Chain, limit: Period) -> TooLong | None:
    """Why periods that follow each other do not fit into one (连续期间超出时限); none where they always do."""
    if not chain:
        return None
    (unit, most), parts = _plain(limit), [_plain(p) for p in chain]
    if all(u == unit for u, _ in parts):
        return TooLong(total_words(chain)) if sum(n for _, n in parts) > most else None
    joined = _joined(parts)
    if _surely_fits(joined, unit, most):
        return None
    worst: tuple[int, int, int, int] | None = None
    seen = False
    by_day = unit not in CLOCKED and joined[-1][0] not in CLOCKED
    for start in _starts(joined, unit):
        end, limit_end = start, _end((unit, most), start)
        for part in joined:
            end = _end(part, end)
        if end > _LAST and limit_end > _LAST:
            continue
        seen = True
        over = end // DAY - limit_end // DAY if by_day else end - limit_end
        if over > 0 and (worst is None or over > worst[0]):
            worst = (over, start, end, limit_end)
    if not seen and nominal(chain) > nominal((limit,)):
        return TooLong(total_words(chain))
    if worst is None:
        return None
    _, start, end, limit_end = worst
    return TooLong(total_words(chain), _moment(start), _moment(end), _moment(limit_end))


def _plain(period: Period) -> tuple[str, int]:
    unit, n = SAME[period.unit]
    return unit, period.n * n


def _words(unit: str, n: int) -> Text:
    if unit == "minutes" and n % 60 == 0:
        unit, n = "hours", n // 60
    elif unit == "minutes" and n > 60:
        hours, left = _words("minutes", n // 60 * 60), Period(n % 60, "minutes").title
        return Text(f"{hours.zh} {left.zh}", f"{hours.en} {left.en}")
    elif unit == "months" and n % 12 == 0:
        unit, n = "years", n // 12
    name = Period(1, unit)
    en = name.en.removeprefix("1 ") + ("" if n == 1 else "s")
    return Text(f"{n} {name.zh.removeprefix('1')}", f"{n} {en}")


def _surely_fits(parts: list[tuple[str, int]], unit: str, most: int) -> bool:
    """What needs no playing through: minutes reach past midnight no oftener than there are days in them, and a period
    of days that begins a day later ends no later than one that is a day longer."""
    days = [n for u, n in parts if u == unit]
    minutes = [n for u, n in parts if u == "minutes"]
    if unit not in {"days", "working_days"} or len(days) + len(minutes) < len(parts):
        return False
    if unit == "days" and len(days) > 1:
        return False
    ends_at_an_hour = parts[-1][0] == "minutes"
    return sum(days) + sum(-(-n // (24 * 60)) for n in minutes) + ends_at_an_hour <= most


def _joined(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Neighbours of one unit make one period: 2 + 3 working days are 5."""
    joined: list[tuple[str, int]] = []
    for unit, n in parts:
        if joined and joined[-1][0] == unit:
            joined[-1] = (unit, joined[-1][1] + n)
        else:
            joined.append((unit, n))
    return joined


def _starts(parts: list[tuple[str, int]], unit: str) -> Iterator[int]:
    """Every published day, at the hours after which another day is counted from."""
    seconds = {0}
    if unit in CLOCKED or parts[0][0] in CLOCKED:
        seconds |= {LAST_SECOND}
        if parts[0][0] == "minutes":
            before_midnight = -parts[0][1] * 60 % DAY
            seconds |= {before_midnight, (before_midnight - 1) % DAY}
        if "working_hours" in {unit, *(u for u, _ in parts)}:
            edges = (edge for span in SAMPLE_HOURS.spans for edge in span)
            seconds |= {(e.hour * 60 + e.minute) * 60 for e in edges}
    for day in range(_FIRST // DAY, _LAST // DAY + 1):
        for second in sorted(seconds):
            yield day * DAY + second


def _end(part: tuple[str, int], start: int) -> int:
    unit, n = part
    if unit == "minutes":
        return start + n * 60
    if start > _LAST:
        return start + DAY  # past the published tables: nothing more is asked of it
    return _due(unit, n, start if unit in CLOCKED else start // DAY * DAY)


@lru_cache(maxsize=400_000)
def _due(unit: str, n: int, start: int) -> int:
    return _seconds(due(Period(n, unit), _moment(start), _published()).due_at)


def _moment(seconds: int) -> datetime:
    day = datetime.fromordinal(seconds // DAY).replace(tzinfo=SHANGHAI)
    return day + timedelta(seconds=seconds % DAY)


def _seconds(moment: datetime) -> int:
    return moment.toordinal() * DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


@lru_cache(maxsize=1)
def _published() -> DayTable:
    years = list(shipped_years())
    return DayTable(
        frozenset(day for y in years for day in y.off),
        frozenset(day for y in years for day in y.work),
        frozenset(y.year for y in years),
    )


def _span() -> tuple[int, int]:
    years = sorted(_published().published)
    return date(years[0], 1, 1).toordinal() * DAY, date(years[-1], 12, 31).toordinal() * DAY + LAST_SECOND


_FIRST, _LAST = _span()
