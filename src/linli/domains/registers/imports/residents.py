"""Import of residents (导入居民登记): `linli import residents FILE`. The form: docs/reference/residents-file.md.

The header and the whole file are read once before anything is written. Then batches are committed one by one, each whole or
not at all: an import that was cut short is simply run again, and finds what is already there unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import Any

from django.conf import settings

from linli.base.clock import local, now
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.base.tables import Row, Table
from linli.domains.registers.imports import rows as reading
from linli.domains.registers.imports.headers import tables_in
from linli.domains.registers.imports.rows import COLUMNS, REQUIRED, Preparer, Ready, Rejected
from linli.domains.registers.imports.writing import BATCH, Writer
from linli.kernel.people import audit
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.keys import current_vault, keys_text

ALONE = 20_000
"""Up to so many rows one process does everything; beyond, others check and seal while this one writes."""


def import_residents(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> ImportReport:
    """Import residents from a file or a folder (导入居民登记); the same file twice changes nothing.

    A row is known again by its `external_id`, else its ID number, else by name, birth date, phone, area and household. What
    differs is corrected, and pairs that may be one person are noted. Refuses files that cannot be read or lack a column (`imports.*`) before anything is written; rejected
    rows go to `imports/` in the data folder, with column and reason. Records one `registers.imported` with its counts.
    """
    del mapping  # the header is fixed
    at = at or now()
    report = ImportReport()
    tables = tables_in(Path(path), COLUMNS, REQUIRED, "docs/reference/residents-file.md")
    n_rows = sum(table.n_lines() for table in tables)
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "residents", at=local(at)) as rejects:
        n_likely = sum(
            _take(table, n_rows, report, rejects, dry_run=dry_run, progress=progress, at=at)
            for table in tables
        )
    if n_likely:
        report.notes.append(
            Text(
                f"有 {n_likely} 对登记可能是同一个人：请窗口人员到“居民登记”的“查重”（/staff/registers/duplicates/）逐对核对。",
                f"{n_likely} pairs of entries may be one person each: clerks compare them under Residents, Likely "
                "duplicates (/staff/registers/duplicates/).",
            )
        )
    report.rejects = str(rejects.path) if rejects.path else None
    report.faulty = rejects.first
    if not dry_run:
        facts = {"n_accepted": report.n_accepted, "n_unchanged": report.n_unchanged, "n_rejected": report.n_rejected}  # fmt: skip
        audit.note("registers.imported", by=by, at=at, counts=facts)
    return report


def _take(
    table: Table,
    n_rows: int,
    report: ImportReport,
    rejects: RejectWriter,
    *,
    dry_run: bool,
    progress: Progress | None,
    at: datetime,
) -> int:
    today = local(at).date()
    writer = Writer(at=at, today=today, dry_run=dry_run)
    n_likely = 0
    unreadable: list[Rejected] = []
    with reading.seldom_collected(), _sealing(table, today, n_rows) as prepare:
        for done in prepare(_chunks(table.rows(), unreadable)):
            ready = [row for row in done if isinstance(row, Ready)]
            outcome = writer.write(ready)
            report.n_accepted += outcome.n_accepted
            report.n_unchanged += outcome.n_unchanged
            n_likely += outcome.n_likely
            bad = [row for row in done if isinstance(row, Rejected)] + unreadable + outcome.rejected
            unreadable.clear()
            for row in sorted(bad, key=lambda r: r.number):
                rejects.reject(table.path.name, row.number, row.content, row.reason)
            report.n_rejected += len(bad)
            if progress:
                progress(report.n_read, n_rows)
    return n_likely


def _chunks(rows: Iterator[Row], unreadable: list[Rejected]) -> Iterator[list[tuple[int, list[str]]]]:
    """The rows in batches; what is no row at all is set aside."""
    while batch := list(islice(rows, BATCH)):
        chunk = []
        for row in batch:
            if row.cells is None:
                unreadable.append(Rejected(row.number, row.content, row.reason or Text("", "")))
            else:
                chunk.append((row.number, row.cells))
        yield chunk


Prepare = Any  # takes batches of rows, gives them checked and sealed, in the same order


@contextmanager
def _sealing(table: Table, today: date, n_rows: int) -> Iterator[Prepare]:
    n_workers = min(4, cpu_count() or 1)
    if n_rows <= ALONE or n_workers < 2:
        preparer = Preparer(current_vault(), table.header, today)
        yield lambda chunks: (reading.prepared(preparer, chunk) for chunk in chunks)
        return
    with get_context("spawn").Pool(
        n_workers, reading.start_worker, (keys_text(), table.header, today)
    ) as pool:
        yield lambda chunks: _few_ahead(pool, chunks, 2 * n_workers)


def _few_ahead(pool: Any, chunks: Iterable[Any], n_ahead: int) -> Iterator[list[Ready | Rejected]]:
    """The workers are a few batches ahead and no more, so that a file of any length fits in memory."""
    waiting: list[Any] = []
    for chunk in chunks:
        waiting.append(pool.apply_async(reading.prepare, (chunk,)))
        if len(waiting) > n_ahead:
            yield reading.taken_over(waiting.pop(0).get())
    for one in waiting:
        yield reading.taken_over(one.get())
