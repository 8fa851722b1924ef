"""Import of days off and make-up working days (导入放假安排). The form of the files: docs/reference/days-off-file.md.

A year is taken whole or not at all, since a notice that was read by half gives wrong days. The same file again changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from linli.base.clock import local, now
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.base.workdays import SATURDAY
from linli.kernel.calendar import queries
from linli.kernel.calendar.days_files import DayLine, read_days
from linli.kernel.calendar.rules import LONGEST_NOTICE
from linli.kernel.calendar.services import YearImport, import_year

TWICE = Text(
    "同一天前面已有一行，写的不一样。请保留一行。",
    "An earlier row says something else of this day; keep one.",
)
HALF = Text(
    "同一年有一行用不了，整年没有导入。请更正那一行后再导入。",
    "Another row of this year cannot be used, so none of it was taken. Mend that row and import again.",
)


def import_days(
    path: str | Path,
    *,
    enter: Callable[..., YearImport] = import_year,
    by: Any,
    dry_run: bool = False,
    progress: Progress | None = None,
    at: datetime | None = None,
) -> ImportReport:
    """Import the days off of one or more years from a file or a folder (导入放假安排).

    A year is replaced by what the file says of it; days that it no longer names become what their weekday says. Rows
    of a year that cannot be a notice, or of which one row cannot be read, are all rejected, with the reason. `enter` is the verb that writes a year.
    Refuses unreadable files (`calendar.unreadable`) before anything is written.
    """
    at = at or now()
    lines = read_days(Path(path))
    report = ImportReport()
    usable, rejected = _sorted_out(lines)
    usable.sort(key=lambda line: line.year)
    with _written_unless(dry_run):
        for year, group in groupby(usable, key=lambda line: line.year):
            _import_year(year, list(group), report, rejected, enter, by, at)
            if progress:
                progress(report.n_read, len(lines))
    report.n_rejected = len(rejected)
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "calendar", at=local(at)) as writer:
        for line, reason in sorted(rejected, key=lambda item: (item[0].file, item[0].row)):
            writer.reject(line.file, line.row, line.content, reason)
    report.rejects, report.faulty = str(writer.path) if writer.path else None, writer.first
    return report


def _sorted_out(lines: list[DayLine]) -> tuple[list[DayLine], list[tuple[DayLine, Text]]]:
    """The rows of years that can be taken whole, and all others with what is wrong (逐年核对)."""
    said: dict[tuple[int, date | None], tuple[str, str]] = {}
    wrong: dict[int, Text] = {}
    for i, line in enumerate(lines):
        first = said.setdefault((line.year, line.day), (line.kind, line.name))
        if line.reason is not None:
            wrong[i] = line.reason
        elif first != (line.kind, line.name):
            wrong[i] = TWICE
    spoilt = {lines[i].year for i in wrong}
    usable = [line for line in lines if line.year not in spoilt]
    return usable, [(line, wrong.get(i, HALF)) for i, line in enumerate(lines) if line.year in spoilt]


@contextmanager
def _written_unless(dry_run: bool) -> Iterator[None]:
    """A dry run does all of it, so that every refusal shows, and takes it back."""
    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _import_year(
    year: int,
    lines: list[DayLine],
    report: ImportReport,
    rejected: list[tuple[DayLine, Text]],
    enter: Callable[..., YearImport],
    by: Any,
    at: datetime,
) -> None:
    wanted: dict[date, tuple[str, str]] = {}
    taken: list[DayLine] = []
    n_new = 0
    present = {day.date: (day.kind, day.name) for day in queries.days_of(year)}
    for line in lines:
        assert line.day is not None
        said = (line.kind, line.name)
        if line.day in wanted or (line.kind == "work" and line.day.weekday() < SATURDAY):
            report.n_unchanged += 1  # said before, or a working day anyway
        else:
            wanted[line.day] = said
            taken.append(line)
            n_new += present.get(line.day) != said
    if wanted == present and wanted:
        report.n_unchanged += len(wanted)
        return
    notice = " ".join(dict.fromkeys(line.notice for line in lines if line.notice)) or lines[0].file
    try:
        done = enter(
            year,
            off={day: name for day, (kind, name) in wanted.items() if kind == "off"},
            work={day: name for day, (kind, name) in wanted.items() if kind == "work"},
            notice=notice[:LONGEST_NOTICE],
            by=by,
            at=at,
        )
    except LinliError as refusal:
        reason = _reason(refusal)
        rejected.extend((line, reason) for line in taken)
        return
    report.n_accepted += n_new
    report.n_unchanged += len(wanted) - n_new
    gone = sorted(set(present) - set(wanted))
    report.notes.append(
        Text(
            f"{year}年：{len(done.changed)} 天与原来不同。"
            + (f"不再单列的日期：{_list(gone)}。" if gone else ""),
            f"{year}: {len(done.changed)} days differ from before."
            + (f" No longer named: {_list(gone)}." if gone else ""),
        )
    )


def _reason(refusal: LinliError) -> Text:
    fields = list(refusal.fields.values()) if isinstance(refusal, Invalid) else []
    said = [refusal.message, *fields]
    return Text("".join(text.zh for text in said), " ".join(text.en for text in said))


def _list(days: list[date]) -> str:
    return ", ".join(day.isoformat() for day in days)
