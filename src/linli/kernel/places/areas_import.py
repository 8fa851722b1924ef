"""Import of areas and their shapes (导入区划与图形). The form of the files: docs/reference/areas-file.md.

Everything is read before anything is written, so an unreadable file changes nothing. Then batches are committed one
by one: an import that was cut short is simply run again, and finds what is already there unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from linli.base.clock import local, now
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.kernel.places.areas_files import AreaMapping, Line, date_of, read_files
from linli.kernel.places.areas_run import Known, RowRejected, Run, check_parent, checked_prefix
from linli.kernel.places.areas_shapes import import_shapes
from linli.kernel.places.locator import shapes_changed
from linli.kernel.places.models import Area, AreaChange

BATCH = 2000


def import_areas(
    path: str | Path,
    *,
    mapping: Mapping[str, Any] | str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Any = None,
    at: datetime | None = None,
) -> ImportReport:
    """Import areas and shapes from a file or a folder (导入区划与图形); the same file twice changes nothing.

    A row whose name differs from the table renames the area; within one run the first row of a code counts and one
    that says something else is rejected. Rejected rows go to `imports/` in the data folder, in a dry run too; a dry
    run writes nothing to the database. Refuses unreadable files (`imports.*`) before anything is written.
    """
    at = at or now()
    named = AreaMapping.load(mapping)
    files = read_files(path, named)
    run = Run(
        dry_run=dry_run,
        by=str(getattr(by, "name", None) or "import"),
        at=at,
        progress=progress,
        n_rows=len(files.lines) + len(files.features),
    )
    run.report.notes = files.notes
    _import_lines(run, files.lines)
    import_shapes(run, files.features)
    if not dry_run:
        _adopt_roots(run)
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "areas", at=local(at)) as writer:
        for row, reason in sorted(run.rejected, key=lambda item: (item[0].file, item[0].row)):
            writer.reject(row.file, row.row, row.content, reason)
    run.report.rejects = str(writer.path) if writer.path else None
    return run.report


def _import_lines(run: Run, lines: list[Line]) -> None:
    usable: list[tuple[str, Line]] = []
    for line in lines:
        if line.cells is None:
            run.reject(line, line.reason or Text("", ""))
        else:
            try:
                usable.append((checked_prefix(line.cells["code"], line.cells["level"]), line))
            except Invalid as error:
                run.reject(line, error.message)
    run.advance(run.report.n_rejected)
    # Parents first, wherever they stand in the file; the order of the rows decides between two of one code.
    usable.sort(key=lambda item: len(item[0]))
    for _, level in groupby(usable, key=lambda item: len(item[0])):
        while batch := list(islice(level, BATCH)):
            _import_batch(run, batch)
            run.advance(len(batch))


def _import_batch(run: Run, batch: list[tuple[str, Line]]) -> None:
    new: list[str] = []
    changed: dict[str, Known] = {}
    for prefix, line in batch:
        try:
            wanted = _wanted(run, prefix, line)
        except RowRejected as rejection:
            run.reject(line, rejection.reason)
            continue
        old = run.known.get(prefix)
        if old == wanted:
            run.report.n_unchanged += 1
            continue
        run.report.n_accepted += 1
        run.known[prefix] = wanted
        if old is None:
            new.append(prefix)
        else:
            changed[prefix] = old
    if run.dry_run or not (new or changed):
        return
    with transaction.atomic():
        run.create(new)
        _update(run, changed)


def _update(run: Run, changed: dict[str, Known]) -> None:
    if not changed:
        return
    Area.objects.bulk_update(
        [Area(pk=run.pk[prefix], **run.known[prefix]._asdict()) for prefix in changed],
        fields=Known._fields,
        batch_size=200,
    )
    changes = []
    for prefix, old in changed.items():
        before, after = old._asdict(), run.known[prefix]._asdict()
        differing = [key for key in before if before[key] != after[key]]
        act = "renamed" if differing[0].startswith("name") else "validity"
        changes.append(
            run.change(
                prefix,
                act,
                {key: _plain(before[key]) for key in differing},
                {key: _plain(after[key]) for key in differing},
            )
        )
    AreaChange.objects.bulk_create(changes, batch_size=200)
    shapes_changed()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _wanted(run: Run, prefix: str, line: Line) -> Known:
    cells = line.cells or {}
    name = " ".join(cells["name"].split())
    if not name or len(name) > 100:
        raise RowRejected(
            Text("名称为空，或超过100个字。", "The name is empty or longer than 100 characters.")
        )
    check_parent(run, prefix, cells["parent_code"], may_be_root=prefix in run.known)
    # A column that the file does not have says nothing about what is known; a historic area becomes a real one.
    old = run.known.get(prefix, Known(name))
    try:
        wanted = Known(
            name=name,
            name_en=cells.get("name_en", old.name_en)[:100],
            valid_from=date_of(cells["valid_from"]) if "valid_from" in cells else old.valid_from,
            valid_to=date_of(cells["valid_to"]) if "valid_to" in cells else old.valid_to,
            external_code=cells.get("external_code", old.external_code)[:40],
        )
        if wanted.valid_from and wanted.valid_to and wanted.valid_to < wanted.valid_from:
            raise RowRejected(Text("失效日期早于生效日期。", "The last day is before the first."))
    except Invalid as error:
        raise RowRejected(error.message) from error
    where, first = run.seen.setdefault(prefix, (f"{line.file}:{line.row}", wanted))
    if first != wanted:
        raise RowRejected(
            Text(
                f"代码 {cells['code']} 在 {where} 已出现，内容不同（{first.name}）。请只保留一行。",
                f"The code {cells['code']} was already read at {where} with other content ({first.name}). "
                "Keep only one of the two.",
            )
        )
    return wanted


def _adopt_roots(run: Run) -> None:
    """Areas that stood alone get the parent that came later: a county first, its province afterwards."""
    lonely = [p for p in Area.objects.filter(parent=None).values_list("prefix", flat=True) if run.ancestor(p)]
    for prefix in lonely:
        Area.objects.filter(prefix=prefix).update(parent_id=run.pk[run.ancestor(prefix) or ""])
