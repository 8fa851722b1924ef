"""Periods: how they may be written, and what is refused."""

from __future__ import annotations

import pytest

from linli.base.errors import Invalid
from linli.base.periods import UNITS, Period, parse_period


@pytest.mark.parametrize(
    ("text", "n", "unit"),
    [
        ("3 working days", 3, "working_days"),
        ("1 working day", 1, "working_days"),
        ("5 working_days", 5, "working_days"),
        ("5 wd", 5, "working_days"),
        ("5个工作日", 5, "working_days"),
        ("15 d", 15, "days"),
        ("15日", 15, "days"),
        ("15天", 15, "days"),
        ("1 day", 1, "days"),
        ("2 h", 2, "hours"),
        ("２小时", 2, "hours"),
        ("4 wh", 4, "working_hours"),
        ("4 working hours", 4, "working_hours"),
        ("30 min", 30, "minutes"),
        ("1 mo", 1, "months"),
        ("6 Months", 6, "months"),
        ("1个月", 1, "months"),
        ("2 years", 2, "years"),
    ],
)
def test_period_is_read(text: str, n: int, unit: str) -> None:
    assert parse_period(text) == Period(n, unit)


@pytest.mark.parametrize(
    "text",
    ["", "5", "days", "0 days", "-3 days", "1.5 hours", "5 weeks", "3 m", "99999 days", "5 days or so"],
)
def test_period_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_period(text)
    assert refusal.value.code == "clock.bad_period"


def test_titles_in_both_languages() -> None:
    assert Period(3, "working_days").title.as_dict() == {"zh": "3 个工作日", "en": "3 working days"}
    assert Period(1, "months").title.en == "1 month"
    for unit in UNITS:
        assert (
            parse_period(Period(2, unit).title.zh)
            == parse_period(Period(2, unit).title.en)
            == Period(2, unit)
        )
