"""Business hours: what people write is read, kept and shown again; what cannot be hours is refused by its field."""

from __future__ import annotations

from datetime import date, time

import pytest

from linli.base.businesshours import hours_from, hours_kept, parse_hours, season_line, spans_line
from linli.base.errors import Invalid
from linli.base.legaltime import due, parse_period, parse_start
from linli.base.tests.official_days import OFFICIAL

ORDINARY = "8:30-12:00 14:30-17:30"
SUMMER = "05-01 ~ 09-30 8:30-12:00 15:00-18:00"


@pytest.mark.parametrize(
    "text",
    [ORDINARY, "08:30－12:00、14:30－17:30", "8:30至12:00，14:30到17:30", "8:30 – 12:00; 14:30 – 17:30"],
)
def test_spans_are_read_as_people_write_them(text: str) -> None:
    assert parse_hours(text).spans == ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))


def test_seasons_hold_from_the_first_to_the_last_day_and_over_new_year() -> None:
    hours = parse_hours(ORDINARY, SUMMER)
    assert hours.close_on(date(2026, 4, 30)) == time(17, 30)
    assert hours.close_on(date(2026, 5, 1)) == hours.close_on(date(2026, 9, 30)) == time(18)
    winter = parse_hours(ORDINARY, "11月1日至2月29日 9:00-12:00 13:00-17:00")
    assert [winter.close_on(date(2027, m, 1)) for m in (1, 3, 11)] == [time(17), time(17, 30), time(17)]


def test_what_is_kept_and_shown_is_read_again() -> None:
    hours = parse_hours(ORDINARY, SUMMER)
    assert hours_from(hours_kept(hours)) == hours
    assert parse_hours(spans_line(hours.spans), season_line(hours.seasons[0])) == hours
    assert hours_from({}) is None


@pytest.mark.parametrize(
    ("text", "seasons", "field"),
    [
        ("", "", "hours"),
        ("上班时间", "", "hours"),
        ("17:30-8:30", "", "hours"),
        ("8:30-12:00 11:00-17:30", "", "hours"),
        ("8:30-25:00", "", "hours"),
        ("8:30-12:00 和下午", "", "hours"),
        (ORDINARY, "夏天 9:00-18:00", "seasons"),
        (ORDINARY, "05-01 ~ 13-30 9:00-18:00", "seasons"),
        (ORDINARY, "02-30 ~ 03-30 9:00-18:00", "seasons"),
        (ORDINARY, "05-01 ~ 09-30", "seasons"),
        (ORDINARY, "05-01 ~ 09-30 9:00-18:00\n09-01 ~ 10-30 9:00-17:00", "seasons"),
    ],
)
def test_what_cannot_be_hours_is_refused(text: str, seasons: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_hours(text, seasons)
    assert refusal.value.code == "clock.bad_hours"
    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize("kept", [{"spans": "early"}, {"spans": [["8", "30"]]}, {"seasons": []}])
def test_kept_hours_that_were_spoilt_are_refused(kept: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        hours_from(kept)
    assert refusal.value.code == "clock.bad_hours"


def test_working_hours_and_the_end_of_a_working_day_follow_the_season() -> None:
    hours = parse_hours(ORDINARY, SUMMER)
    # 30 April 16:30: one hour is left; Labour Day; then the summer afternoon begins at 15:00.
    found = due(parse_period("6 wh"), parse_start("2026-04-30T16:30"), OFFICIAL, hours=hours)
    assert found.due_at == parse_start("2026-05-06T16:30")
    assert found.explanation.zh == (
        "2026年4月30日16:30收到，从当时起算；只计办公时间（4月30日起08:30–12:00、14:30–17:30，5月6日起08:30–12:00、15:00–18:00），"
        "共6个工作小时，5月1日至5日放假不计，到5月6日16:30届满。"
    )
    day = due(parse_period("1 wd"), parse_start("2026-07-06"), OFFICIAL, hours=hours)
    assert day.due_at == parse_start("2026-07-07T18:00")
    assert day.explanation.zh.endswith("到7月7日18:00下班时届满。")
    assert day.explanation.en.endswith("the period ends on 7 July at 18:00, close of business.")
