"""The statutory chains as tables: what each law says, from three days on real calendars, against a count day by day.

The three starts: Tuesday before Spring Festival 2026, Thursday before National Day 2025, Monday before New Year 2026.
Every date was worked out by a count of its own from the published days; `by_hand` counts them once more here, one day
at a time, with none of the code that is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from linli.base.legaltime import due, due_after_suspension, extended, parse_period, parse_start
from linli.base.tests.official_days import OFFICIAL

STARTS = ("2026-02-10", "2025-09-25", "2025-12-22")

# Law and article, the period with the unit that this law gives it, the last day from each of the three starts.
PERIODS = [
    ("信访工作条例 22、23：登记转送", "15 d", "2026-02-25 2025-10-10 2026-01-06"),
    ("信访工作条例 23：转送不当异议", "5 wd", "2026-02-24 2025-10-09 2025-12-29"),
    ("信访工作条例 34：办理", "60 d", "2026-04-13 2025-11-24 2026-02-24"),
    ("信访工作条例 35：申请复查", "30 d", "2026-03-12 2025-10-27 2026-01-21"),
    ("信访工作条例 35：复查", "30 d", "2026-03-12 2025-10-27 2026-01-21"),
    ("信访工作条例 36：申请复核", "30 d", "2026-03-12 2025-10-27 2026-01-21"),
    ("信访工作条例 36：复核", "30 d", "2026-03-12 2025-10-27 2026-01-21"),
    ("行政许可法 32：一次告知补正", "5 wd", "2026-02-24 2025-10-09 2025-12-29"),
    ("行政许可法 42：决定", "20 wd", "2026-03-16 2025-10-29 2026-01-20"),
    ("行政许可法 42：联合办理", "45 wd", "2026-04-21 2025-12-03 2026-03-02"),
    ("行政许可法 44：送达", "10 wd", "2026-03-02 2025-10-15 2026-01-06"),
    ("行政许可法 47：要求听证", "5 wd", "2026-02-24 2025-10-09 2025-12-29"),
    ("行政许可法 47：组织听证", "20 wd", "2026-03-16 2025-10-29 2026-01-20"),
    ("行政处罚法 60：作出决定", "90 d", "2026-05-11 2025-12-24 2026-03-23"),
    ("行政处罚法 64：要求听证", "5 wd", "2026-02-24 2025-10-09 2025-12-29"),
    ("行政处罚法 61：送达", "7 wd", "2026-02-26 2025-10-11 2025-12-31"),
    ("行政处罚法 56：先行登记保存", "7 wd", "2026-02-26 2025-10-11 2025-12-31"),
    ("行政处罚法 67：缴款", "15 d", "2026-02-25 2025-10-10 2026-01-06"),
    ("国办发〔2018〕118号：许可、处罚公示", "7 wd", "2026-02-26 2025-10-11 2025-12-31"),
    ("国办发〔2018〕118号：执法结果公示", "20 wd", "2026-03-16 2025-10-29 2026-01-20"),
    ("行政处罚法 48：撤回公开", "3 wd", "2026-02-13 2025-09-29 2025-12-25"),
    ("行政复议法 20：申请", "60 d", "2026-04-13 2025-11-24 2026-02-24"),
    ("行政复议法 62：决定", "60 d", "2026-04-13 2025-11-24 2026-02-24"),
    ("行政复议法 62：简易程序决定", "30 d", "2026-03-12 2025-10-27 2026-01-21"),
    ("行政复议法 30：受理审查", "5 wd", "2026-02-24 2025-10-09 2025-12-29"),
    ("行政复议法 31：补正通知", "5 wd", "2026-02-24 2025-10-09 2025-12-29"),
    ("行政复议法 31：申请人补正", "10 wd", "2026-03-02 2025-10-15 2026-01-06"),
    ("政府信息公开条例 33：答复", "20 wd", "2026-03-16 2025-10-29 2026-01-20"),
    ("政府信息公开条例 30：补正通知", "7 wd", "2026-02-26 2025-10-11 2025-12-31"),
    ("政府信息公开条例 32：第三方意见", "15 wd", "2026-03-09 2025-10-22 2026-01-13"),
    ("人民调解法 33：申请司法确认", "30 d", "2026-03-12 2025-10-27 2026-01-21"),
    ("司法确认：受理", "3 d", "2026-02-13 2025-09-28 2025-12-25"),  # a Sunday that is worked stays
    ("司法确认：裁定", "15 d", "2026-02-25 2025-10-10 2026-01-06"),
]

# First limit and extension; the extension runs from the day on which the first one ended.
EXTENSIONS = [
    ("信访工作条例 34", "60 d", "30 d", "2026-05-13 2025-12-24 2026-03-26"),
    ("行政许可法 42", "20 wd", "10 wd", "2026-03-30 2025-11-12 2026-02-03"),
    ("行政许可法 42：联合办理", "45 wd", "15 wd", "2026-05-14 2025-12-24 2026-03-23"),
    ("行政复议法 62", "60 d", "30 d", "2026-05-13 2025-12-24 2026-03-26"),
    ("政府信息公开条例 33", "20 wd", "20 wd", "2026-04-14 2025-11-26 2026-02-24"),
    ("司法确认：裁定", "15 d", "10 d", "2026-03-09 2025-10-20 2026-01-16"),
]

# What the law does not count: a hearing or a third party's opinion, from–to, one for each start.
EXCLUDED = (
    ("2026-02-12", "2026-02-26"),
    ("2025-09-29", "2025-10-13"),
    ("2025-12-30", "2026-01-08"),
)
NOT_COUNTED = [
    ("信访工作条例 36：复核听证", "30 d", "2026-03-26 2025-11-10 2026-01-30"),
    ("行政许可法 45：听证、鉴定", "20 wd", "2026-03-23 2025-11-05 2026-01-28"),
    ("行政许可法 45：联合办理中的听证", "45 wd", "2026-04-28 2025-12-10 2026-03-10"),
    ("政府信息公开条例 33：征求第三方意见", "20 wd", "2026-03-23 2025-11-05 2026-01-28"),
]

# A notice so long before a hearing or a meeting: the day itself, the period, the last day for the notice.
NOTICES = [
    ("行政许可法 48：听证前通知", "2026-02-27", "7 wd", "2026-02-11"),
    ("行政许可法 48：听证前通知", "2025-10-15", "7 wd", "2025-09-29"),
    ("行政处罚法 64：听证前通知", "2026-01-06", "7 wd", "2025-12-25"),
    ("行政处罚法 64：听证前通知", "2026-10-12", "7 wd", "2026-09-24"),
    ("村民委员会组织法：会议前通知", "2026-02-27", "10 d", "2026-02-17"),  # in the holiday: not moved
    ("村民委员会组织法：会议前通知", "2026-05-20", "10 d", "2026-05-10"),
    ("村民委员会组织法：会议前通知", "2025-10-15", "10 d", "2025-10-05"),
]

Span = tuple[date, date]
ONE = timedelta(days=1)


def works(day: date) -> bool:
    return day in OFFICIAL.work or (day.weekday() < 5 and day not in OFFICIAL.off)


def by_hand(start: date, period: str, excluded: Sequence[Span] = ()) -> date:
    """Day by day: the first day is the one after the start; the last one is moved off days off and excluded days."""
    left, unit = int(period.split()[0]), period.split()[1]
    day = start
    while left:
        day += ONE
        if not any(a <= day < b for a, b in excluded) and (unit == "d" or works(day)):
            left -= 1
    while not works(day) or any(a <= day < b for a, b in excluded):
        day += ONE
    return day


def from_each_start(table: list[tuple[str, str, str]]) -> list[tuple[str, str, int, str]]:
    return [(law, period, i, day) for law, period, days in table for i, day in enumerate(days.split())]


@pytest.mark.parametrize(("law", "period", "which", "last"), from_each_start(PERIODS))
def test_the_periods_of_each_law(law: str, period: str, which: int, last: str) -> None:
    start = STARTS[which]
    assert by_hand(date.fromisoformat(start), period) == date.fromisoformat(last), law
    assert due(parse_period(period), parse_start(start), OFFICIAL).due_on == date.fromisoformat(last), law


@pytest.mark.parametrize(
    ("law", "first", "more", "which", "last"),
    [(law, first, more, i, d) for law, first, more, days in EXTENSIONS for i, d in enumerate(days.split())],
)
def test_the_extensions_of_each_law(law: str, first: str, more: str, which: int, last: str) -> None:
    start = STARTS[which]
    assert by_hand(by_hand(date.fromisoformat(start), first), more) == date.fromisoformat(last), law
    before = due(parse_period(first), parse_start(start), OFFICIAL)
    after = extended(before, parse_period(more), OFFICIAL)
    assert after.due_on == date.fromisoformat(last), law
    assert f"经批准延长{parse_period(more).zh}" in after.explanation.zh


@pytest.mark.parametrize(("law", "period", "which", "last"), from_each_start(NOT_COUNTED))
def test_hearings_and_third_parties_are_not_counted(law: str, period: str, which: int, last: str) -> None:
    start, (a, b) = STARTS[which], EXCLUDED[which]
    days = (date.fromisoformat(a), date.fromisoformat(b))
    assert by_hand(date.fromisoformat(start), period, [days]) == date.fromisoformat(last), law
    found = due_after_suspension(
        parse_period(period), parse_start(start), [(parse_start(a), parse_start(b))], OFFICIAL
    )
    assert found.due_on == date.fromisoformat(last), law


@pytest.mark.parametrize(("law", "event", "period", "latest"), NOTICES)
def test_minimum_notices_count_backwards(law: str, event: str, period: str, latest: str) -> None:
    left, unit = int(period.split()[0]), period.split()[1]
    day = date.fromisoformat(event)
    while left:
        day -= ONE
        left -= unit == "d" or works(day)
    assert day == date.fromisoformat(latest), law
    found = due(parse_period(period), parse_start(event), OFFICIAL, backwards=True)
    assert (found.due_on, found.unrolled_on) == (day, day), law


def test_a_pause_within_an_extension_moves_its_end() -> None:
    first = due(parse_period("7 wd"), parse_start("2026-06-01"), OFFICIAL)
    assert first.due_on == date(2026, 6, 10)
    pause = (parse_start("2026-06-12"), parse_start("2026-06-16"))
    more = extended(first, parse_period("5 wd"), OFFICIAL, suspended=[pause])
    assert more.due_on == by_hand(date(2026, 6, 10), "5 wd", [(date(2026, 6, 12), date(2026, 6, 16))])
    assert "6月12日中止、6月16日恢复" in more.explanation.zh


def test_extensions_together_are_no_longer_than_the_first_limit_where_the_rule_says_so() -> None:
    first = due(parse_period("3 wd"), parse_start("2026-06-01"), OFFICIAL)
    more = extended(first, parse_period("5 wd"), OFFICIAL, most=parse_period("3 wd"))
    assert (first.due_on, more.due_on) == (date(2026, 6, 4), date(2026, 6, 9))
    assert "但延长不超过原时限3个工作日" in more.explanation.zh
    once = extended(first, parse_period("2 wd"), OFFICIAL, most=parse_period("3 wd"), first=first)
    twice = extended(once, parse_period("2 wd"), OFFICIAL, most=parse_period("3 wd"), first=first)
    assert (once.due_on, twice.due_on) == (date(2026, 6, 8), date(2026, 6, 9))


def test_pauses_are_told_together_and_one_within_a_day_counts_for_nothing() -> None:
    moments = (
        ("2026-03-10T10:00", "2026-03-13"),
        ("2026-03-14", "2026-03-16"),
        ("2026-03-17T09:00", "2026-03-17T11:00"),
    )
    pauses = [(parse_start(a), parse_start(b)) for a, b in moments]
    found = due_after_suspension(parse_period("15 d"), parse_start("2026-03-02"), pauses, OFFICIAL)
    assert found.due_on == date(2026, 3, 23)
    assert (
        "3月17日当天中止又恢复，这一天仍计入，3月10日中止、3月13日恢复，3月14日中止、3月16日恢复，中止期间不计"
        in found.explanation.zh
    )
    assert (
        "from 10 March until it resumed on 13 March and from 14 March until it resumed on 16 March, does not count"
        in found.explanation.en
    )
