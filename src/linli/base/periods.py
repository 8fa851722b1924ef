"""Periods as laws and procedure files write them (期间): a number and one of seven units."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from linli.base.errors import Invalid
from linli.base.i18n import Text

# Longest period per unit: about a century, so that no date arithmetic can leave the calendar.
_LONGEST = {
    "minutes": 1_000_000,
    "hours": 100_000,
    "working_hours": 20_000,
    "days": 36_600,
    "working_days": 25_000,
    "months": 1_200,
    "years": 100,
}
UNITS = tuple(_LONGEST)

_ZH = {
    "minutes": "分钟",
    "hours": "小时",
    "working_hours": "个工作小时",
    "days": "日",
    "working_days": "个工作日",
    "months": "个月",
    "years": "年",
}

_SPELLINGS = {
    "minutes": "min mins minute minutes 分钟",
    "hours": "h hour hours 小时",
    "working_hours": "wh workinghour workinghours 工作时 个工作时 工作小时 个工作小时",
    "days": "d day days 日 天",
    "working_days": "wd workingday workingdays 工作日 个工作日",
    "months": "mo month months 月 个月",
    "years": "y year years 年",
}
_UNIT_OF = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}


@dataclass(frozen=True, slots=True)
class Period:
    """A length of legal time (期间). Refuses `clock.bad_period`: an unknown unit, none, less than one, a century."""

    n: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _LONGEST or not 1 <= self.n <= _LONGEST[self.unit]:
            raise bad_period()

    @property
    def title(self) -> Text:
        return Text(f"{self.n} {_ZH[self.unit]}", self.en)

    @property
    def zh(self) -> str:
        return f"{self.n}{_ZH[self.unit]}"

    @property
    def en(self) -> str:
        words = self.unit.replace("_", " ")
        return f"{self.n} {words[:-1] if self.n == 1 else words}"

    def __str__(self) -> str:
        return str(self.title)


def parse_period(text: str) -> Period:
    """Read a period (识别期间): `3 working days`, `1 working day`, `15 d`, `2 h`, `5 wd`, `1 mo`, `5个工作日`.

    Refuses `clock.bad_period`.
    """
    plain = re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text)).lower()
    found = re.fullmatch(r"([0-9]{1,7})(\D+)", plain)
    unit = _UNIT_OF.get(found[2]) if found else None
    if found is None or unit is None:
        raise bad_period()
    return Period(int(found[1]), unit)


def bad_period() -> Invalid:
    return Invalid(
        "clock.bad_period",
        Text(
            "看不懂这个期限。请写一个正整数和单位，如“5个工作日”“15日”“2小时”“1个月”，最长约一百年。",
            "This period cannot be read. Write a whole number from 1 and a unit, such as “5 working days”, "
            "“15 days”, “2 hours”, “1 month”; at most about a century.",
        ),
    )
