from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from linli.base.clock import SHANGHAI
from linli.web.words import due_words, length_words, moment_words, size_words

NOW = datetime(2026, 11, 24, 8, 49, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("due_at", "zh", "en", "state"),
    [
        (NOW - timedelta(minutes=18), "超时 18 分钟", "18 min late", "late"),
        (NOW, "超时 1 分钟", "1 min late", "late"),
        (NOW - timedelta(hours=30), "超时 30 小时", "30 h late", "late"),
        (NOW - timedelta(days=3), "超时 3 天", "3 days late", "late"),
        (NOW + timedelta(minutes=12), "还有 12 分钟", "12 min left", "soon"),
        (NOW.replace(hour=15, minute=0), "今天 15:00", "today 15:00", "soon"),
        (NOW.replace(day=25, hour=10, minute=20), "明天 10:20", "tomorrow 10:20", "ok"),
        (NOW.replace(day=26), "11 月 26 日", "26 Nov", "ok"),
        (NOW.replace(year=2027, month=1, day=5), "2027 年 1 月 5 日", "5 Jan 2027", "ok"),
    ],
)
def test_due_is_said_in_words(due_at: datetime, zh: str, en: str, state: str) -> None:
    said = due_words(due_at, NOW)
    assert (said.short.zh, said.short.en, said.state) == (zh, en, state)


def test_the_day_is_the_local_one() -> None:
    late_evening = datetime(2026, 11, 24, 23, 50, tzinfo=SHANGHAI)
    assert due_words(datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI), late_evening).short.zh == "明天 09:00"


def test_a_stopped_clock_promises_no_hour() -> None:
    assert due_words(NOW, NOW, paused=True).state == "paused"


def test_done_work_is_late_only_when_it_was() -> None:
    assert due_words(NOW, NOW + timedelta(days=9), done_at=NOW).short.zh == "按时办完"
    assert due_words(NOW, NOW, done_at=NOW + timedelta(minutes=5)).short.zh == "超时 5 分钟 办完"


def test_the_whole_sentence_names_the_weekday() -> None:
    assert due_words(NOW, NOW).whole.zh == "应在 2026 年 11 月 24 日（周二）08:49 前完成"


@pytest.mark.parametrize(
    ("moment", "zh"),
    [
        (NOW.replace(hour=8, minute=12), "08:12"),
        (NOW.replace(day=23, hour=8, minute=12), "昨天 08:12"),
        (NOW.replace(day=20, hour=8, minute=12), "周五 08:12"),
        (NOW.replace(day=2), "11 月 2 日 08:49"),
        (NOW.replace(year=2025), "2025 年 11 月 24 日 08:49"),
    ],
)
def test_moments_are_said_as_short_as_they_can_be(moment: datetime, zh: str) -> None:
    assert moment_words(moment, NOW).zh == zh


def test_lengths_and_sizes() -> None:
    assert length_words(timedelta(seconds=10)).en == "1 min"
    assert size_words(10) == "1 KB"
    assert size_words(3 * 1024 * 1024) == "3.0 MB"
