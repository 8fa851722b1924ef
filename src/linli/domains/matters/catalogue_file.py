"""The catalogue as a file (事项目录文件): taken out as CSV or JSON, and taken in, each matter by itself.

A matter that is right is put in force; one that still has to be mended is kept as a draft, and the report says how
many. The same file twice changes nothing; an interrupted import goes on where it stopped.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from linli.base.clock import local, now
from linli.base.errors import Invalid, LinliError, Unreadable
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.domains.matters.interface import COLUMNS, MORE, NEEDED, from_interface, to_interface
from linli.domains.matters.models import Matter, MatterVersion
from linli.domains.matters.queries import county_of, in_force
from linli.domains.matters.services import digest_of, findings_of, publish, save_draft
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.web.listing import safe_cells

LARGEST = 20_000_000  # bytes
FORMS = ("csv", "json")


def taken_out(county: Area, on: date) -> Iterator[Mapping[str, Any]]:
    """What is in force, by code (导出有效事项)."""
    for version in in_force(on, county).order_by("matter__code"):
        dates = {"effective_from": version.effective_from, "effective_to": version.effective_to}
        said = {k: v.isoformat() for k, v in dates.items() if v}
        yield {**{k: v for k, v in version.spec.items() if k not in dates}, **said}


def as_json(county: Area, on: date) -> str:
    """The catalogue as JSON (导出 JSON): the interface's names, and all our keys under `linli`."""
    rows = [{**to_interface(raw), MORE: raw} for raw in taken_out(county, on)]
    return json.dumps({"matters": rows}, ensure_ascii=False, indent=1) + "\n"


def as_table(county: Area, on: date) -> Iterator[list[str]]:
    """The catalogue as lines of a table (导出表格)."""
    names = [*COLUMNS, MORE]
    yield names
    for raw in taken_out(county, on):
        row = to_interface(raw)
        yield [row[name] for name in names]


def written(county: Area, form: str, on: date) -> str:
    """The whole file (导出文件). Refuses another form than CSV or JSON."""
    if form == "json":
        return as_json(county, on)
    if form != "csv":
        raise Invalid("matters.no_such_form", Text("只能导出 csv 或 json。", "The form is csv or json."))
    paper = io.StringIO()
    csv.writer(paper).writerows(safe_cells(row) for row in as_table(county, on))
    return paper.getvalue()


def export_matters(path: Path, *, county: str = "") -> int:
    """Write the catalogue in force to a file (导出事项目录); gives how many. The ending says the form."""
    area = area_by_code(county) if county else county_of(None)
    today = local(now()).date()
    form = path.suffix.lower().lstrip(".")
    text = written(area, form, today)
    path.write_text(("\ufeff" if form == "csv" else "") + text, encoding="utf-8")
    return in_force(today, area).count()


def import_matters(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> ImportReport:
    """Import matters (导入事项), CSV or JSON; docs/reference/matter-files.md lists the columns.

    `mapping` names the county by its code where the installation has several. Refuses a file of neither form
    (`matters.unreadable`); rejected rows go to `imports/`.
    """
    at = at or now()
    county = area_by_code(str(mapping)) if mapping else county_of(None)
    report, n_drafts = ImportReport(), 0
    rows = list(read_rows(Path(path)))
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "matters", at=local(at)) as writer:
        for done, (file, number, row) in enumerate(rows, 1):
            try:
                with transaction.atomic():
                    outcome = take_in(county, row, by=by, at=at)
                    if dry_run:
                        transaction.set_rollback(True)
            except (LinliError, ValueError, TypeError, KeyError, AttributeError) as error:
                writer.reject(file, number, json.dumps(row, ensure_ascii=False), _why(error))
            else:
                report.n_unchanged += outcome is None
                report.n_accepted += outcome is not None
                n_drafts += outcome == MatterVersion.DRAFT
            if progress:
                progress(done, len(rows))
    report.n_rejected, report.faulty = writer.n_rows, writer.first
    report.rejects = str(writer.path) if writer.path else None
    if n_drafts:
        report.notes.append(
            Text(
                f"{n_drafts} 个事项存为草稿：还有要更正的地方，请在事项目录里改好再发布。",
                f"{n_drafts} matters are kept as drafts: something has to be mended in the catalogue before they are published.",
            )
        )
    return report


def take_in(county: Area, row: Mapping[str, Any], *, by: Actor, at: datetime) -> str | None:
    """One matter of a file (导入一个事项): `published`, `draft`, or None when it says what is there already."""
    raw = from_interface(row) if "task_code" in row or "task_name" in row else dict(row)
    matter = Matter.objects.filter(county=county, code=str(raw.get("code", ""))[:36]).first()
    newest = matter.versions.order_by("-number").first() if matter else None
    if newest is not None and newest.digest == digest_of(raw):
        return None
    version = save_draft(county, raw, by=by, at=at)
    if findings_of(version.spec, county):
        return MatterVersion.DRAFT
    today = local(at).date()
    wanted = date.fromisoformat(str(raw["effective_from"])) if raw.get("effective_from") else today
    before = version.matter.versions.filter(status=MatterVersion.PUBLISHED).order_by("-number").first()
    first = before is None or not before.effective_from or before.effective_from < wanted
    publish(version, from_on=max(wanted, today) if first or by.kind != "system" else today, by=by, at=at)
    return MatterVersion.PUBLISHED


def read_rows(path: Path) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Rows of a file, or of the files of a folder (读行). Refuses what is neither CSV nor JSON."""
    files = (
        sorted(p for p in path.iterdir() if p.suffix.lower() in {".csv", ".json"})
        if path.is_dir()
        else [path]
    )
    for file in files:
        if file.stat().st_size > LARGEST:
            raise _unreadable(file, Text("文件太大。", "The file is too large."))
        try:
            text = file.read_text(encoding="utf-8-sig")
            found = _json_rows(text) if text.lstrip().startswith(("{", "[")) else _csv_rows(text)
        except (UnicodeDecodeError, ValueError, csv.Error) as error:
            raise _unreadable(file, Text(str(error), str(error))) from error
        for number, row in found:
            yield file.name, number, row


def _json_rows(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    read = json.loads(text)
    rows = read.get("matters", [read]) if isinstance(read, dict) else read
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise ValueError("matters: [ {…}, … ]")
    return list(enumerate(rows, 1))


def _csv_rows(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    lacking = [n for n in NEEDED if n not in (reader.fieldnames or ())]
    if lacking:
        raise ValueError(f"{', '.join(lacking)}?")
    # A cell that a spreadsheet would take for a formula came out with an apostrophe in front.
    return [
        (reader.line_num, {k: (v or "").removeprefix("'") for k, v in row.items() if k}) for row in reader
    ]


def _unreadable(file: Path, why: Text) -> Unreadable:
    return Unreadable(
        "matters.unreadable",
        Text(
            f"读不了 {file.name}：{why.zh} 请用 UTF-8 的 CSV（列名见 matter-files）或者 JSON。",
            f"{file.name} cannot be read: {why.en} Use CSV in UTF-8 (columns: see matter-files) or JSON.",
        ),
    )


def _why(error: Exception) -> Text:
    if isinstance(error, LinliError):
        return error.message
    return Text(f"这一行写法不对：{error}", f"This row cannot be read: {error}")
