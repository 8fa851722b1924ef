"""Import of old cases (导入历史案件): `linli import events PATH`. The form: docs/reference/import-events.md.

Everything is read once before anything is written, so a damaged file changes nothing. Then batches are committed one
by one: an import that was cut short is simply run again, and finds what is already there unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from linli.base.clock import local, now
from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.base.tables import Row, Table, files_in, open_table
from linli.domains.events.imports.mapping import EventMapping, find_mapping, recognise, shipped
from linli.domains.events.imports.rows import OldEvent, RowReader, RowRejected
from linli.domains.events.imports.trees import Trees, Wanted
from linli.domains.events.models import Event
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.historic import ACTION, HistoricCase, insert_historic, insert_rows
from linli.kernel.records.models import Record

PROCEDURE = "grid-event"
BATCH = 1000
EVENT_COLUMNS = (
    "case_id",
    "category_id",
    "kind",
    "on_time",
    "n_reworks",
    "n_reporters",
    "external_id",
    "source",
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file with the mapping that reads it."""

    table: Table
    mapping: EventMapping


def import_events(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> ImportReport:
    """Import old cases from a file or a folder (导入历史案件); the same file twice changes nothing.

    A shipped mapping is recognised by the columns; any other file names its own. Areas, categories and units that are
    not known are added, marked historic. Refuses unreadable files and mappings (`imports.*`) before anything is
    written; rejected rows go to `imports/` in the data folder. Records one `imported` per case; a case that is known
    is never changed.
    """
    at = at or now()
    report = ImportReport()
    sources = _sources(Path(path), find_mapping(mapping), report)
    wanted, n_rows = _read_all(sources, at)
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "events", at=local(at)) as writer:
        run = _Run(report, writer, dry_run=dry_run, by=by, at=at, n_rows=n_rows, progress=progress)
        for source in sources:
            run.take(source, wanted[source.mapping.source])
    run.end()
    report.rejects = str(writer.path) if writer.path else None
    return report


def _sources(path: Path, named: EventMapping | None, report: ImportReport) -> list[Source]:
    found = []
    for file in files_in(path):
        try:
            found.append(_source(file, named))
        except Unreadable as error:
            if error.code != "imports.wrong_columns" or not path.is_dir():
                raise
            report.notes.append(
                Text(f"没有读取 {file.name}：列名不符。", f"{file.name} was left out: other columns.")
            )
    if not found:
        raise Unreadable(
            "imports.no_file",
            Text(
                f"文件夹 {path} 中没有可导入的案件文件（.csv 或 .csv.gz）。{_what_to_do().zh}",
                f"The folder {path} holds no file of cases (.csv or .csv.gz). {_what_to_do().en}",
            ),
        )
    for source in found:
        report.notes.append(
            Text(
                f"{source.table.path.name}：按“{source.mapping.title.zh}”对照读取。",
                f"{source.table.path.name} is read by the mapping “{source.mapping.title.en}”.",
            )
        )
    return found


def _source(file: Path, named: EventMapping | None) -> Source:
    if named is not None:
        table = open_table(file, encoding=named.encoding, delimiter=named.delimiter)
        missing = [name for name in named.columns if name not in table.header]
        if missing:
            raise Unreadable(
                "imports.wrong_columns",
                Text(
                    f"文件 {file.name} 缺少对照文件写的列：{'、'.join(missing)}。请核对列名或换一个对照文件。",
                    f"{file.name} lacks columns that the mapping names: {', '.join(missing)}. "
                    "Check the names or choose another mapping.",
                ),
            )
        return Source(table, named)
    table = open_table(file)
    known = recognise(table.header)
    if known is None:
        raise Unreadable(
            "imports.wrong_columns",
            Text(
                f"文件 {file.name} 的列不属于任何随附的对照。{_what_to_do().zh}",
                f"The columns of {file.name} fit no mapping that is shipped. {_what_to_do().en}",
            ),
        )
    return Source(table, known)


def _what_to_do() -> Text:
    names = [mapping.source for mapping in shipped()]
    return Text(
        f"随附的对照有：{'、'.join(names)}。请写一个对照文件，用 --mapping 指定；写法见 docs/reference/import-events.md。",
        f"Shipped are: {', '.join(names)}. Write a mapping file and name it with --mapping; "
        "docs/reference/import-events.md says how.",
    )


def _read_all(sources: list[Source], at: datetime) -> tuple[dict[str, Wanted], int]:
    """Read every row once: is the file whole, how many rows, and which areas, categories and units."""
    wanted: dict[str, Wanted] = {}
    n_rows = 0
    for source in sources:
        reader = RowReader(source.mapping, source.table, at=at)
        names = wanted.setdefault(source.mapping.source, Wanted())
        for row in source.table.rows():
            n_rows += 1
            try:
                names.add(reader.read(row))
            except RowRejected:
                continue  # the second reading says why
    return wanted, n_rows


class _Run:
    """One import: the counts, what was read in this run, and the batch being filled."""

    def __init__(
        self,
        report: ImportReport,
        writer: RejectWriter,
        *,
        dry_run: bool,
        by: Actor,
        at: datetime,
        n_rows: int,
        progress: Progress | None,
    ) -> None:
        self.report, self.writer = report, writer
        self.dry_run, self.by, self.at = dry_run, by, at
        self.n_rows, self.progress = n_rows, progress
        self.seen: dict[str, tuple[str, str]] = {}  # external id → digest, where
        self.trees: dict[str, Trees] = {}

    def take(self, source: Source, wanted: Wanted) -> None:
        name = source.mapping.source
        if not self.dry_run and name not in self.trees:
            with hot.one_transaction():
                self.trees[name] = Trees(source.mapping, by=self.by, at=self.at)
                self.trees[name].add(wanted)
        reader = RowReader(source.mapping, source.table, at=self.at)
        for rows in _batches(source.table.rows()):
            self._batch(source, reader, rows)
            if self.progress:
                self.progress(self.report.n_read, self.n_rows)

    def end(self) -> None:
        if n_added := sum(trees.n_added for trees in self.trees.values()):
            self.report.notes.append(
                Text(
                    f"新增历史区域、类别、单位共 {n_added} 个。",
                    f"{n_added} areas, categories and units were added as historic.",
                )
            )

    def _batch(self, source: Source, reader: RowReader, rows: list[Row]) -> None:
        file = source.table.path.name
        fresh: dict[str, tuple[Row, OldEvent]] = {}
        rejected: list[tuple[Row, Text]] = []
        for row in rows:
            try:
                event = reader.read(row)
                if self._is_new_here(f"{source.mapping.source}:{event.row_id}", event, file, row):
                    fresh[f"{source.mapping.source}:{event.row_id}"] = (row, event)
                else:
                    self.report.n_unchanged += 1
            except RowRejected as rejection:
                rejected.append((row, rejection.reason))
        known = known_digests(fresh)
        for key, digest in known.items():
            row, event = fresh.pop(key)
            if digest == event.digest:
                self.report.n_unchanged += 1
            else:
                rejected.append((row, _differs("以前的导入", "an earlier import", event)))
        n_first = 0
        if fresh and not self.dry_run:
            n_first = self._write(source.mapping, {key: event for key, (_, event) in fresh.items()})
        self.report.n_accepted += len(fresh) - n_first
        self.report.n_unchanged += n_first
        for row, reason in sorted(rejected, key=lambda item: item[0].number):
            self.writer.reject(file, row.number, row.content, reason)
        self.report.n_rejected += len(rejected)

    def _is_new_here(self, key: str, event: OldEvent, file: str, row: Row) -> bool:
        digest, where = self.seen.setdefault(key, (event.digest, f"{file}:{row.number}"))
        if where == f"{file}:{row.number}":
            return True
        if digest != event.digest:
            reason = _differs(where, where, event)
            raise RowRejected(reason.zh, reason.en)
        return False

    def _write(self, mapping: EventMapping, events: dict[str, OldEvent]) -> int:
        """Write a batch; gives how many of it another import of the same file wrote first."""
        try:
            write_events(mapping, events, self.trees[mapping.source], by=self.by, at=self.at)
        except IntegrityError:
            known = known_digests(events)
            if not known:
                raise
            rest = {key: event for key, event in events.items() if key not in known}
            write_events(mapping, rest, self.trees[mapping.source], by=self.by, at=self.at)
            return len(known)
        return 0


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _differs(zh: str, en: str, event: OldEvent) -> Text:
    return Text(
        f"编号 {event.row_id} 在{zh}已出现，内容不同。历史案件不再改动；请只保留正确的一行。",
        f"The id {event.row_id} is known from {en} with other content. "
        "Old cases are not changed; keep only the row that is right.",
    )


def known_digests(keys: Any) -> dict[str, str]:
    """Of these external ids, those that are here, with the digest of the row that they came from."""
    ids = dict(Event.objects.filter(external_id__in=list(keys)).values_list("case_id", "external_id"))
    found = {}
    if ids:
        rows = Record.objects.filter(case_id__in=list(ids), seq=1, action=ACTION)
        for case_id, facts in rows.values_list("case_id", "facts"):
            found[str(ids[case_id])] = str(json.loads(facts)["source"].get("digest", ""))
    return found


def write_events(
    mapping: EventMapping, events: dict[str, OldEvent], trees: Trees, *, by: Actor, at: datetime
) -> None:
    """Cases, records and events of one batch, in one transaction."""
    with hot.one_transaction():
        cases = [_case(mapping, event, trees) for event in events.values()]
        ids = insert_historic(PROCEDURE, cases, by=by, at=at)
        insert_rows(
            Event._meta.db_table,
            EVENT_COLUMNS,
            [
                (
                    case_id,
                    trees.category(event)[0],
                    event.kind,
                    event.on_time,
                    0,
                    event.n_reporters,
                    key,
                    mapping.source,
                )
                for case_id, (key, event) in zip(ids, events.items(), strict=True)
            ],
        )


def _case(mapping: EventMapping, event: OldEvent, trees: Trees) -> HistoricCase:
    place, unit = trees.place(event), trees.unit(event)
    facts = {
        "category": trees.category(event)[1],
        "lead": unit[1] if unit else "",
        "kind": event.kind,
        "kind_name": event.kind_name,
        "channel_name": event.channel_name,
        "on_time": event.on_time,
        "source": mapping.source,
    }
    return HistoricCase(
        area_id=place.pk,
        prefix=place.prefix,
        title=event.title,
        channel=event.channel,
        step=mapping.step,
        opened_at=event.opened_at,
        ended_at=event.ended_at,
        due_at=event.due_at,
        outcome=event.outcome,
        lead_id=unit[0] if unit else None,
        lng=event.lng,
        lat=event.lat,
        precision="point" if event.lng is not None else place.level,
        place_text=event.place_text[:200],
        facts={name: value for name, value in facts.items() if value not in ("", None)},
        source={"mapping": mapping.source, "id": event.row_id, "digest": event.digest},
    )
