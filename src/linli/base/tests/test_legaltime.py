"""Legal time: tables of dates that law and arithmetic agree on, then properties that hold for every date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.base.clock import SHANGHAI
from linli.base.errors import Invalid
from linli.base.legaltime import (
    BusinessHours,
    DayTable,
    Due,
    Pause,
    Period,
    due,
    due_after_suspension,
    moment_at_share,
    parse_period,
    parse_start,
)
from linli.base.tests.official_days import OFFICIAL


def ends(start: str, period: str, *, backwards: bool = False, roll: bool = True) -> Due:
    return due(parse_period(period), parse_start(start), OFFICIAL, backwards=backwards, roll=roll)


@pytest.mark.parametrize(
    ("start", "period", "due_on", "unrolled_on"),
    [
        # Working days: the official calendar with its make-up days.
        ("2026-02-10", "5 wd", "2026-02-24", None),
        ("2026-04-30", "5 wd", "2026-05-11", None),
        ("2026-09-18", "5 wd", "2026-09-24", None),
        ("2026-09-24", "7 wd", "2026-10-12", None),
        ("2026-10-09", "1 wd", "2026-10-10", None),
        ("2025-09-28", "5 wd", "2025-10-11", None),
        ("2026-06-18", "20 wd", "2026-07-17", None),
        # Civil Code 203: the last day moves off a day off.
        ("2026-02-06", "15 d", "2026-02-24", "2026-02-21"),
        ("2026-02-10", "60 d", "2026-04-13", "2026-04-11"),
        ("2026-09-02", "30 d", "2026-10-08", "2026-10-02"),
        ("2026-01-30", "15 d", "2026-02-14", None),  # a Saturday, but a make-up working day: it stays
        # Civil Code 202: corresponding day, or last of the month.
        ("2026-03-16", "1 mo", "2026-04-16", None),
        ("2025-08-29", "6 mo", "2026-02-28", None),  # a make-up Saturday
        ("2026-10-31", "1 mo", "2026-11-30", None),
        ("2024-02-29", "1 y", "2025-02-28", None),
        ("2025-02-01", "1 y", "2026-02-02", "2026-02-01"),
        # Administrative Licensing Law: correction notice 5 wd, decision 20 + 10 wd, hearing held in 20 wd.
        ("2026-03-02", "5 wd", "2026-03-09", None),
        ("2026-03-02", "20 wd", "2026-03-30", None),
        ("2026-03-30", "10 wd", "2026-04-14", None),
        # Petition regulations: 15 d to register, 60 + 30 d to handle, 30 d to ask for review.
        ("2026-03-02", "15 d", "2026-03-17", None),
        ("2026-03-02", "60 d", "2026-05-06", "2026-05-01"),
        ("2026-05-06", "30 d", "2026-06-05", None),
        # Administrative Penalty Law: hearing asked for in 5 wd, told 7 wd before, decision 90 d, publicity 7 wd.
        ("2026-04-27", "5 wd", "2026-05-07", None),
        ("2026-04-27", "7 wd", "2026-05-09", None),
        ("2026-03-02", "90 d", "2026-06-01", "2026-05-31"),
        # Government information: 20 + 20 wd. Mediation: judicial confirmation within 30 d.
        ("2026-09-09", "20 wd", "2026-10-13", None),
        ("2026-01-20", "30 d", "2026-02-24", "2026-02-19"),
    ],
)
def test_due_day(start: str, period: str, due_on: str, unrolled_on: str | None) -> None:
    found = ends(start, period)
    assert found.due_on.isoformat() == due_on
    assert found.unrolled_on.isoformat() == (unrolled_on or due_on)
    assert not found.provisional


@pytest.mark.parametrize(
    ("start", "period", "latest"),
    [
        ("2026-05-20", "10 days", "2026-05-10"),  # a Sunday: never moved later
        ("2026-03-25", "7 wd", "2026-03-16"),
        ("2026-10-12", "3 wd", "2026-10-08"),
        ("2026-03-31", "1 month", "2026-02-28"),
    ],
)
def test_notice_counts_backwards(start: str, period: str, latest: str) -> None:
    assert ends(start, period, backwards=True).due_on.isoformat() == latest


@pytest.mark.parametrize(
    ("start", "period", "due_at"),
    [
        ("2026-02-10T10:00", "2 hours", "2026-02-10T12:00:00+08:00"),
        ("2026-02-16T23:30", "24 h", "2026-02-17T23:30:00+08:00"),  # New Year's Eve: hours run on
        ("2026-02-10T10:00", "90 min", "2026-02-10T11:30:00+08:00"),
        ("2026-02-10T10:00", "1 wd", "2026-02-11T17:00:00+08:00"),
        ("2026-02-10T23:59", "1 d", "2026-02-11T23:59:59+08:00"),
        ("2026-02-10T16:30:00+00:00", "1 d", "2026-02-12T23:59:59+08:00"),  # already the 11th in Shanghai
        ("2026-03-02T09:00", "2 wh", "2026-03-02T11:00:00+08:00"),
        ("2026-03-02T11:00", "4 wh", "2026-03-02T17:30:00+08:00"),  # the midday break does not count
        ("2026-03-02T20:00", "1 wh", "2026-03-03T09:30:00+08:00"),
        ("2026-02-14T16:30", "4 wh", "2026-02-24T11:30:00+08:00"),  # a make-up Saturday, then nine days off
    ],
)
def test_due_moment(start: str, period: str, due_at: str) -> None:
    assert ends(start, period).due_at == datetime.fromisoformat(due_at)


def test_hours_of_an_organisation() -> None:
    summer = BusinessHours(((time(9), time(12)), (time(15), time(18))))
    start = parse_start("2026-07-06T11:30")
    assert due(parse_period("1 wh"), start, OFFICIAL, hours=summer).due_at == parse_start("2026-07-06T15:30")
    assert due(parse_period("1 wd"), start, OFFICIAL, hours=summer).due_at == parse_start("2026-07-07T18:00")
    back = due(parse_period("1 wh"), parse_start("2026-07-06T15:30"), OFFICIAL, hours=summer, backwards=True)
    assert back.due_at == parse_start("2026-07-06T11:30")
    with pytest.raises(ValueError, match="overlap"):
        BusinessHours(((time(9), time(12)), (time(11), time(18))))


def test_a_year_without_its_table_is_provisional() -> None:
    assert ends("2026-12-28", "5 wd").provisional
    assert ends("2026-12-20", "15 d").provisional
    assert ends("2027-05-06", "5 wd").provisional
    assert not ends("2026-12-28", "3 wd").provisional
    assert not ends("2027-05-06T10:00", "2 h").provisional  # hours need no calendar
    assert ends("2027-05-06", "1 wd").due_on == date(2027, 5, 7)  # Monday to Friday


def test_roll_can_be_left_out() -> None:
    assert ends("2026-02-06", "15 d", roll=False).due_on == date(2026, 2, 21)


def test_refusals() -> None:
    with pytest.raises(Invalid) as refusal:
        parse_start("tomorrow")
    assert refusal.value.code == "clock.bad_start"
    with pytest.raises(Invalid) as refusal:
        ends("9950-01-01", "100 years")
    assert refusal.value.code == "clock.out_of_range"
    with pytest.raises(ValueError, match="aware"):
        due(Period(1, "days"), datetime(2026, 1, 1), OFFICIAL)


@pytest.mark.parametrize(
    ("start", "period", "zh", "en"),
    [
        (
            "2026-02-10",
            "5 wd",
            "2026年2月10日收到，当日不计；从2月11日起算5个工作日，2月15日至23日放假不计，2月14日（周六）调休上班计入，到2月24日届满。",
            (
                "Received on 10 February 2026, a day that is not counted; 5 working days run from 11 February; "
                "the days off 15–23 February do not count; Saturday 14 February, a make-up working day, counts; "
                "the period ends on 24 February."
            ),
        ),
        (
            "2026-05-12",
            "1 wd",
            "2026年5月12日收到，当日不计；从5月13日起算1个工作日，到5月13日届满。",
            (
                "Received on 12 May 2026, a day that is not counted; 1 working day runs from 13 May; "
                "the period ends on 13 May."
            ),
        ),
        (
            "2026-09-24",
            "7 wd",
            "2026年9月24日收到，当日不计；从9月25日起算7个工作日，9月25日至27日、10月1日至7日放假、周末不计，10月10日（周六）调休上班计入，到10月12日届满。",
            (
                "Received on 24 September 2026, a day that is not counted; 7 working days run from 25 September; "
                "the days off 25–27 September and 1–7 October and the weekends in between do not count; "
                "Saturday 10 October, a make-up working day, counts; the period ends on 12 October."
            ),
        ),
        (
            "2026-02-06",
            "15 d",
            "2026年2月6日收到，当日不计；从2月7日起算15日，最后一天2月21日是休息日，顺延到2月24日届满。",
            (
                "Received on 6 February 2026, a day that is not counted; 15 days run from 7 February; "
                "the last day, 21 February, is a day off, so the period ends on 24 February."
            ),
        ),
        (
            "2026-01-31",
            "1 mo",
            "2026年1月31日收到，当日不计；从2月1日起算1个月，到期月没有31日，以月末日为最后一日，到2月28日届满。",
            (
                "Received on 31 January 2026, a day that is not counted; 1 month runs from 1 February; "
                "that month has no day 31, so its last day is taken; the period ends on 28 February."
            ),
        ),
        (
            "2026-12-28",
            "5 wd",
            "2026年12月28日收到，当日不计；从12月29日起算5个工作日，周末不计，到2027年1月4日届满。2027年放假安排尚未公布，此日期为暂定。",
            (
                "Received on 28 December 2026, a day that is not counted; 5 working days run from 29 December; "
                "weekends do not count; the period ends on 4 January 2027. "
                "The days off of 2027 are not published yet, so this date is provisional."
            ),
        ),
        (
            "2026-02-10T10:00",
            "2 h",
            "2026年2月10日10:00收到，从当时起算；连续计算2小时，节假日也计入，到2月10日12:00届满。",
            (
                "Received on 10 February 2026 at 10:00, from which moment the time runs; "
                "2 hours on end, days off and nights included; the period ends on 10 February at 12:00."
            ),
        ),
    ],
)
def test_explanation(start: str, period: str, zh: str, en: str) -> None:
    assert ends(start, period).explanation.as_dict() == {"zh": zh, "en": en}


def test_explanation_backwards_and_after_a_suspension() -> None:
    back = ends("2026-05-20", "10 d", backwards=True).explanation
    assert (
        back.zh
        == "以2026年5月20日为准，当日不计；从5月19日往前数10日，最迟5月10日，这一天是休息日，期限不往后顺延，请提前办理。"
    )
    pause = (parse_start("2026-06-03T10:00"), parse_start("2026-06-08T09:00"))
    found = due_after_suspension(Period(5, "working_days"), parse_start("2026-06-01"), [pause], OFFICIAL)
    assert found.explanation.zh == (
        "2026年6月1日收到，当日不计；从6月2日起算5个工作日，6月3日中止、6月8日恢复，中止期间不计，到6月11日届满。"
    )


def test_long_periods_tell_the_number_of_days_off() -> None:
    found = ends("2026-01-05", "120 wd").explanation
    assert "其间放假20天和周末不计，调休上班3天计入" in found.zh
    assert "20 days of holidays do not count, 3 make-up working days do" in found.en


@pytest.mark.parametrize(
    ("start", "period", "pauses", "due_on"),
    [
        ("2026-06-01", "5 wd", ["2026-06-03T10:00/2026-06-08T09:00"], "2026-06-11"),
        (
            "2026-06-01",
            "5 wd",
            ["2026-06-03T10:00/2026-06-03T16:00"],
            "2026-06-08",
        ),  # same day: nothing moves
        ("2026-06-01", "5 wd", ["2026-06-20T10:00/2026-06-23T16:00"], "2026-06-08"),  # after the end
        ("2026-03-02", "15 d", ["2026-03-10T10:00/2026-03-13T09:00"], "2026-03-20"),
        (
            "2026-03-02",
            "15 d",
            ["2026-03-10T10:00/2026-03-13T09:00", "2026-03-12T08:00/2026-03-14T08:00"],
            "2026-03-23",
        ),
        ("2026-03-16", "1 mo", ["2026-03-20T10:00/2026-03-27T09:00"], "2026-04-23"),
        (
            "2026-03-02",
            "12 d",
            ["2026-03-15T08:00/2026-03-18T08:00"],
            "2026-03-18",
        ),  # over, but it ended suspended
    ],
)
def test_due_after_suspension(start: str, period: str, pauses: list[str], due_on: str) -> None:
    spans: list[Pause] = []
    for pause in pauses:
        first, _, last = pause.partition("/")
        spans.append((parse_start(first), parse_start(last)))
    found = due_after_suspension(parse_period(period), parse_start(start), spans, OFFICIAL)
    assert found.due_on.isoformat() == due_on


def test_moment_at_share() -> None:
    start, end = parse_start("2026-03-02T08:00"), parse_start("2026-03-02T18:00")
    assert moment_at_share(start, end, 0.75) == parse_start("2026-03-02T15:30")
    assert moment_at_share(start, end, 1.0) == end


# ------------------------------------------------------------------------------------------- properties

moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 8, 31)).map(lambda m: m.replace(tzinfo=SHANGHAI))
forward_units = st.sampled_from(["minutes", "hours", "working_hours", "days", "working_days", "months"])
small = st.integers(1, 24)


@given(moments, small, forward_units)
def test_never_before_the_start(start: datetime, n: int, unit: str) -> None:
    assert due(Period(n, unit), start, OFFICIAL).due_at > start
    assert due(Period(n, unit), start, OFFICIAL, backwards=True).due_at < start


@given(moments, small, st.sampled_from(["days", "months", "years", "working_days"]))
def test_never_on_a_day_off_and_never_shortened(start: datetime, n: int, unit: str) -> None:
    found = due(Period(n, unit), start, OFFICIAL)
    assert OFFICIAL.is_working_day(found.due_on)
    assert found.due_on >= found.unrolled_on
    between = (found.due_on - found.unrolled_on).days
    assert all(OFFICIAL.is_day_off(found.unrolled_on + timedelta(days=i)) for i in range(between))


@given(moments, small, forward_units)
def test_monotone_in_the_period_and_in_the_start(start: datetime, n: int, unit: str) -> None:
    found = due(Period(n, unit), start, OFFICIAL).due_at
    assert due(Period(n + 1, unit), start, OFFICIAL).due_at >= found
    assert due(Period(n, unit), start + timedelta(hours=7), OFFICIAL).due_at >= found


@given(moments, small)
def test_working_days_are_counted_exactly(start: datetime, n: int) -> None:
    found = due(Period(n, "working_days"), start, OFFICIAL).due_on
    days = [start.date() + timedelta(days=i) for i in range(1, (found - start.date()).days + 1)]
    assert sum(OFFICIAL.is_working_day(day) for day in days) == n


pauses_after = st.lists(st.tuples(st.integers(0, 24 * 60), st.integers(0, 24 * 20)), max_size=4)


def _spans(start: datetime, plan: list[tuple[int, int]]) -> list[Pause]:
    return [(start + timedelta(hours=a), start + timedelta(hours=a + length)) for a, length in plan]


@settings(max_examples=60)
@given(moments, small, pauses_after)
def test_suspension_conserves_hours(start: datetime, n: int, plan: list[tuple[int, int]]) -> None:
    spans = _spans(start, plan)
    found = due_after_suspension(Period(n, "hours"), start, spans, OFFICIAL).due_at
    running = sum(
        not any(a <= moment < b for a, b in spans)
        for moment in (start + timedelta(hours=i) for i in range(int((found - start) / timedelta(hours=1))))
    )
    assert running == n


@settings(max_examples=60)
@given(moments, small, st.sampled_from(["days", "working_days"]), pauses_after)
def test_suspension_conserves_days(start: datetime, n: int, unit: str, plan: list[tuple[int, int]]) -> None:
    spans = _spans(start, plan)
    found = due_after_suspension(Period(n, unit), start, spans, OFFICIAL)
    stood = {a.date() + timedelta(days=i) for a, b in spans for i in range((b.date() - a.date()).days)}
    days = [start.date() + timedelta(days=i) for i in range(1, (found.unrolled_on - start.date()).days + 1)]
    counted = [day for day in days if day not in stood and (unit == "days" or OFFICIAL.is_working_day(day))]
    assert len(counted) == n
    assert found.due_on not in stood
    assert found.due_at >= due(Period(n, unit), start, OFFICIAL).due_at


@settings(max_examples=40)
@given(moments, small, forward_units, pauses_after, st.booleans())
def test_every_date_can_be_explained(
    start: datetime, n: int, unit: str, plan: list[tuple[int, int]], backwards: bool
) -> None:
    if backwards:
        found = due(Period(n, unit), start, OFFICIAL, backwards=True)
    else:
        found = due_after_suspension(Period(n, unit), start, _spans(start, plan), OFFICIAL)
    text = found.explanation
    assert text.zh.endswith("。")
    assert text.en.endswith(".")
    assert f"{found.due_on.month}月{found.due_on.day}日" in text.zh


def test_an_empty_table_is_monday_to_friday() -> None:
    start = datetime(2026, 10, 1, 1, tzinfo=UTC)
    assert due(Period(1, "working_days"), start, DayTable()).due_on == date(2026, 10, 2)
