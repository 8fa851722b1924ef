"""What a year table must be (年表规则), pure: no Django, no clock, no query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.workdays import SATURDAY

EARLIEST, LATEST = 1999, 2199
LONGEST_NOTICE, LONGEST_NAME = 300, 40

# Measures on days off for national festivals (全国年节及纪念日放假办法) article 2: the ones with a fixed date.
FIXED_FESTIVALS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


def check_year(year: int, off: Mapping[date, str], work: Mapping[date, str], notice: str) -> None:
    """Refuse a table that cannot be a year's notice (核对年表): `calendar.bad_year` with the fields to mend.

    Days lie in the year, or in the December before and the January after it, into which notices reach. A make-up
    working day is a Saturday or Sunday; the festivals with a fixed date are off; every day has a name.
    """
    fields: dict[str, Text] = {}
    if not EARLIEST <= year <= LATEST:
        fields["year"] = Text(
            f"年份应在{EARLIEST}至{LATEST}之间。", f"The year is between {EARLIEST} and {LATEST}."
        )
    if not 1 <= len(notice.strip()) <= LONGEST_NOTICE:
        fields["notice"] = Text(
            f"请填写放假通知的文号或网址，以便核对，最多{LONGEST_NOTICE}字。",
            f"Name the notice by its number or address, at most {LONGEST_NOTICE} characters, for checking.",
        )
    for field, days in (("off", off), ("work", work)):
        stray = [day for day in days if not _belongs(day, year)]
        nameless = [day for day, name in days.items() if not 1 <= len(name.strip()) <= LONGEST_NAME]
        if stray:
            fields[field] = Text(
                f"这些日期不属于{year}年的安排：{_list(stray)}。请删去或更正。",
                f"These days do not belong to {year}: {_list(stray)}. Remove or correct them.",
            )
        elif nameless:
            fields[field] = Text(
                f"请用不超过{LONGEST_NAME}字写明这些日期是什么节日：{_list(nameless)}。",
                f"Say in at most {LONGEST_NAME} characters which festival these are: {_list(nameless)}.",
            )
    both = [day for day in work if day in off]
    weekdays = [day for day in work if day.weekday() < SATURDAY]
    if both:
        fields["work"] = Text(
            f"这些日期既写了放假又写了上班：{_list(both)}。请保留一处。",
            f"These days are given as off and as working: {_list(both)}. Keep one of the two.",
        )
    elif weekdays:
        fields["work"] = Text(
            f"调休上班日应是周六或周日，这些不是：{_list(weekdays)}。请核对通知。",
            f"A make-up working day is a Saturday or Sunday, these are not: {_list(weekdays)}. Check the notice.",
        )
    missing = [] if "year" in fields else [date(year, *day) for day in FIXED_FESTIVALS]
    missing = [day for day in missing if day not in off]
    if missing and "off" not in fields:
        fields["off"] = Text(
            f"这些法定节日没有写为放假：{_list(missing)}。请补上，或核对是否选错了年份。",
            f"These statutory festivals are not given as off: {_list(missing)}. Add them, or check the year.",
        )
    if fields:
        raise Invalid(
            "calendar.bad_year",
            Text(
                f"{year}年的放假安排有{len(fields)}处需要更正，尚未保存。",
                f"The days off of {year} need {len(fields)} corrections and were not saved.",
            ),
            fields=fields,
        )


def _belongs(day: date, year: int) -> bool:
    return date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31) if EARLIEST <= year <= LATEST else True


def _list(days: Iterable[date]) -> str:
    return ", ".join(day.isoformat() for day in sorted(days))
