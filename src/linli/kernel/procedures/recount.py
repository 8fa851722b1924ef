"""Counting due dates anew (到期日重算), when the days off of a year have been published, entered or corrected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from linli.base import legaltime
from linli.base.clock import SHANGHAI, now
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress
from linli.base.legaltime import WorkCalendar, parse_period
from linli.kernel.calendar import queries as calendar
from linli.kernel.calendar.days_import import import_days
from linli.kernel.calendar.services import YearImport, counted_by
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.services.installation import enter_year
from linli.kernel.procedures import hot, publishing
from linli.kernel.procedures.clocks import iso
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.own_records import RECOUNTED
from linli.kernel.procedures.pauses import recount
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import note

MOST_FORESEEN = 2000


@dataclass(frozen=True)
class Recounted:
    """How many cases changed (重算结果), and whether all that the tables concern have been looked at."""

    n_changed: int
    done: bool


def recount_by_calendar(
    *, by: Actor = SYSTEM, at: datetime | None = None, most: int | None = None
) -> Recounted:
    """Count anew what the year tables that changed concern (按放假安排重算时限), each case with a record of old and new.

    Provisional dates become certain; dates that a correction made wrong become right, whether the case is open or
    its clock stands still. Pauses and extensions are kept. What is done keeps the date that held when it was done.
    With `most`, it stops after so many cases: what is left waits for the next call, which finds the rest.
    """
    at = at or now()
    n_changed = n_seen = 0
    for year in calendar.waiting_years():
        if year.changed_from is None or year.changed_to is None:
            continue
        for case_id in _concerned(year.changed_from, year.changed_to):
            if most is not None and n_seen >= most:
                return Recounted(n_changed, done=False)
            n_seen += 1
            n_changed += _recount(case_id, by, at)
        counted_by(year)
    return Recounted(n_changed, done=True)


@dataclass(frozen=True)
class Foreseen:
    """What another table would move (重算预览): running tasks by the day they are due now and would be."""

    n_looked: int
    moves: tuple[tuple[date, date, int], ...]

    @property
    def n_moved(self) -> int:
        return sum(n for _, _, n in self.moves)


def foreseen(old: WorkCalendar, new: WorkCalendar, first: date, last: date) -> Foreseen:
    """Which due dates of running tasks another table would move (重算预览); nothing is changed.

    Looked at are the tasks that end on or after the first day that differs and began by the last, those alone whose
    clock never stood: at most 2,000 of them.
    """
    start = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    rows = Task.objects.filter(
        done_at__isnull=True, due_at__gte=start, opened_at__lt=end, case__clock_segments__isnull=True
    )
    moves: dict[tuple[date, date], int] = {}
    n = 0
    for opened_at, period in rows.order_by("due_at").values_list("opened_at", "period")[:MOST_FORESEEN]:
        n += 1
        if not period:
            continue
        before, after = (legaltime.due(parse_period(period), opened_at, table).due_on for table in (old, new))
        if before != after:
            moves[before, after] = moves.get((before, after), 0) + 1
    return Foreseen(n, tuple((a, b, k) for (a, b), k in sorted(moves.items())))


def import_calendar(
    path: str | Path,
    *,
    mapping: Any = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    most: int | None = None,
) -> ImportReport:
    """Import days off from a file or a folder, then count anew what they concern (导入放假安排并重算时限).

    With `most`, so many cases at once; the rest is counted in the background.
    """
    if mapping is not None:
        raise Invalid(
            "calendar.no_mapping",
            Text(
                "放假安排不用列对应。列名见 docs/reference/days-off-file.md。",
                "Days off take no mapping. See docs/reference/days-off-file.md for the columns.",
            ),
        )
    report = import_days(path, enter=enter_year, by=by, dry_run=dry_run, progress=progress)
    if dry_run:
        return report
    anew = recount_by_calendar(by=by, most=most)
    if anew.n_changed or not anew.done:
        rest = (
            Text("", "")
            if anew.done
            else Text("其余的由后台接着算。", " The rest is counted in the background.")
        )
        report.notes.append(
            Text(
                f"{anew.n_changed} 件办件的时限已重算并留痕。{rest.zh}",
                f"{anew.n_changed} cases were counted anew, with a record in each.{rest.en}",
            )
        )
    return report


@dataclass(frozen=True)
class CalendarTrial:
    """What a file of days off would do (放假安排试算): its years with the days that change, and the due dates that move."""

    report: ImportReport
    years: tuple[YearImport, ...]
    seen: Foreseen | None

    @property
    def mark(self) -> str:
        """Says which outcome was looked at, so that no other is put in force."""
        days = [(y.year, y.first_time, [d.isoformat() for d in y.changed]) for y in self.years]
        rows = [(row, why.zh) for _, row, _, why in self.report.faulty]
        return sha256(repr((days, rows, self.report.n_read, self.report.n_accepted)).encode()).hexdigest()


def try_calendar(path: str | Path, *, by: Actor) -> CalendarTrial:
    """Import days off and take it back (试导放假安排): which days change and which due dates of running tasks would move."""
    years: list[YearImport] = []

    def enter(year: int, **facts: Any) -> YearImport:
        done = enter_year(year, **facts)
        years.append(done)
        return done

    before = calendar.official_calendar()
    with transaction.atomic():
        report = import_days(path, enter=enter, by=by)
        days = [d for y in years for d in y.changed]
        days += [date(y.year, m, n) for y in years if y.first_time for m, n in ((1, 1), (12, 31))]
        seen = foreseen(before, calendar.official_calendar(), min(days), max(days)) if days else None
        transaction.set_rollback(True)
    calendar.forget()
    if report.rejects:
        Path(report.rejects).unlink()  # the page has them
        report.rejects = None
    return CalendarTrial(report, tuple(years), seen)


def _concerned(first: date, last: date) -> Iterator[int]:
    """The running cases whose counting may have touched these days: begun by their end, due no earlier than their
    start. A case that was due before, and one opened later, cannot have counted them."""
    start = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    tasks = Task.objects.filter(case_id=OuterRef("pk"), done_at__isnull=True)
    reached = (
        Q(due_at__gte=start)
        | Q(statutory_due_at__gte=start)
        | Q(provisional=True)
        | Exists(tasks.filter(Q(due_at__gte=start) | Q(provisional=True)))
    )
    running = Case.objects.filter(status__in=("open", "suspended"), historic=False, opened_at__lt=end)
    return running.filter(reached).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=1000)


def _recount(case_id: int, by: Actor, at: datetime) -> bool:
    with hot.one_transaction():
        case = hot.lock_case(case_id)
        if case is None or case.status not in {"open", "suspended"}:
            return False
        procedure = procedure_of(case.version_id)
        tasks = hot.stand(case)
        before = _stand(case, tasks)
        move = Move(case, procedure, procedure.steps[case.step], RECOUNTED, {}, by, max(at, case.last_at))
        recount(move, tasks)
        after = _stand(case, tasks)
        changes = {
            name: [iso(before[name][0]), iso(after[name][0])] for name in after if before[name] != after[name]
        }
        if changes:
            note(move, {"due": changes})
            if move.step.kind == "publicity" and tasks:
                publishing.moved(case.id, tasks[0].due_at, provisional=tasks[0].provisional, at=move.at)
        return bool(changes)


def _stand(case: CaseState, tasks: list[TaskState]) -> dict[str, tuple[datetime | None, bool]]:
    return {
        "case": (case.due_at, case.provisional),
        "law": (case.statutory_due_at, case.provisional),
        **{task.uid: (task.due_at, task.provisional) for task in tasks},
    }
