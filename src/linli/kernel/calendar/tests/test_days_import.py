"""Days off from files: three forms, whole years or none, the usual counts, and the same file twice."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linli.base.errors import Unreadable
from linli.base.imports import ImportReport
from linli.kernel.calendar import queries, shipped
from linli.kernel.calendar.days_import import import_days
from linli.kernel.calendar.models import PublishedYear
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

YEAR = [
    ("2027-01-01", "元旦", "off"),
    ("2026-12-26", "元旦", "work"),
    ("2027-02-05", "春节", "off"),
    ("2027-02-20", "春节", "work"),
    ("2027-05-01", "劳动节", "off"),
    ("2027-10-01", "国庆节", "off"),
    ("2027-10-02", "国庆节", "off"),
    ("2027-10-03", "国庆节", "off"),
]


@dataclass
class Clerk:
    name: str = "林主任"


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.LINLI_DATA_DIR = tmp_path / "data"
    queries.forget()
    yield
    queries.forget()


def written(folder: Path, rows: list[tuple[str, str, str]], *, encoding: str = "utf-8") -> Path:
    path = folder / "2027.csv"
    lines = ["date,name,kind,year_file,paper_url"]
    lines += [f"{day},{name},{kind},2027,https://www.gov.cn/notice" for day, name, kind in rows]
    path.write_text("\n".join(lines), encoding=encoding)
    return path


def counts(report: ImportReport) -> tuple[int, int, int]:
    assert report.n_read == report.n_accepted + report.n_unchanged + report.n_rejected
    return report.n_accepted, report.n_unchanged, report.n_rejected


def take(path: Path, **options: Any) -> ImportReport:
    return import_days(path, by=Clerk(), **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_year_from_a_table_once_and_again(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, YEAR, encoding=encoding)
    assert counts(take(path)) == (8, 0, 0)
    year = PublishedYear.objects.get(year=2027)
    assert (year.notice, year.imported_by) == ("https://www.gov.cn/notice", "林主任")
    assert queries.official_calendar().is_working_day(date(2026, 12, 26))
    assert not queries.official_calendar().is_working_day(date(2027, 2, 5))
    assert counts(take(path)) == (0, 8, 0)
    assert PublishedYear.objects.get(year=2027).revision == year.revision


def test_years_as_json_with_papers(tmp_path: Path) -> None:
    days = [{"date": d, "name": n, "isOffDay": k == "off"} for d, n, k in YEAR]
    path = tmp_path / "2027.json"
    path.write_text(json.dumps({"year": 2027, "papers": ["https://www.gov.cn/a"], "days": days}))
    assert counts(take(path)) == (8, 0, 0)
    assert PublishedYear.objects.get(year=2027).notice == "https://www.gov.cn/a"


def test_the_form_that_is_shipped_is_read() -> None:
    accepted, unchanged, rejected = counts(take(shipped.FILE))
    assert (accepted, rejected) == (0, 0)
    assert unchanged > 300


def test_the_shared_days_are_those_that_are_shipped() -> None:
    """The source also names a Monday as worked, which it is anyway."""
    assert counts(take(shared("data/holidays"))) == (0, 315, 0)


def test_a_correction_counts_what_is_new_and_takes_out_what_is_gone(tmp_path: Path) -> None:
    take(written(tmp_path, YEAR))
    corrected = [row for row in YEAR if row[0] != "2026-12-26"] + [("2027-02-08", "春节", "off")]
    report = take(written(tmp_path, corrected))
    assert counts(report) == (1, 7, 0)
    assert "2026-12-26" in report.notes[0].zh
    assert not queries.official_calendar().is_working_day(date(2026, 12, 26))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("2027-02-30", "春节", "off"), "日期看不懂"),
        (("2027-02-08", "春节", "maybe"), "类型看不懂"),
        (("2027-05-01", "五一", "work"), "前面已有一行"),
        (("2027-02-08", "", "off"), "写明这些日期是什么节日"),
        (("2027-02-13", "春节", "work"), ""),
    ],
)
def test_a_year_is_taken_whole_or_not_at_all(tmp_path: Path, row: tuple[str, str, str], why: str) -> None:
    report = take(written(tmp_path, [*YEAR, row]))
    taken = PublishedYear.objects.filter(year=2027).exists()
    if not why:
        assert (counts(report), taken) == ((9, 0, 0), True)
        return
    accepted, _, rejected = counts(report)
    assert (accepted, taken) == (0, False)
    assert rejected == 9
    assert report.rejects is not None
    with Path(report.rejects).open(encoding="utf-8-sig") as file:
        reasons = [line["reason_zh"] for line in csv.DictReader(file)]
    assert any(why in reason for reason in reasons)


def test_a_year_without_its_festivals_is_rejected_with_the_days_that_are_missing(tmp_path: Path) -> None:
    report = take(written(tmp_path, YEAR[:4]))
    assert counts(report) == (0, 0, 4)
    assert not PublishedYear.objects.filter(year=2027).exists()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(tmp_path: Path) -> None:
    assert counts(take(written(tmp_path, YEAR), dry_run=True)) == (8, 0, 0)
    assert not PublishedYear.objects.filter(year=2027).exists()
    assert not queries.official_calendar().is_published(2027)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "day,what\n2027-01-01,元旦\n"),
        ("a.json", "{"),
        ("a.json", '["2027-01-01"]'),
        ("a.toml", "years = 3"),
        ("a.xlsx", "PK"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_written(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as refusal:
        take(path)
    assert refusal.value.code == "calendar.unreadable"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(Unreadable):
        take(tmp_path / "none")
