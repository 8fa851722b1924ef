"""Import of what other owners know about residents (导入其他主管的要素值): `linli import elements FILE`; docs/reference/elements-file.md.

Such as the grade of a disability from the federation that decides it. Batches are committed one by one, each whole or not at all:
an import that was cut short is run again, and finds what is there unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from django.conf import settings

from linli.base.clock import local, now
from linli.base.codes import check_id_number
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.base.tables import Row, Table
from linli.domains.registers.imports.headers import tables_in
from linli.domains.registers.models import ElementValue, Resident
from linli.kernel.people import audit
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.elements import Element, element
from linli.kernel.people.keys import current_vault
from linli.kernel.people.services.residents import id_hash
from linli.kernel.procedures.hot import one_transaction

COLUMNS = ("external_id", "id_number", "element", "value", "source", "as_of", "valid_to")
REQUIRED = ("element", "value", "as_of")
BATCH, MAX_VALUE, MAX_SOURCE = 2_000, 200, 60
FIELDS = ["value", "source", "as_of", "valid_to", "mark"]


@dataclass(frozen=True, slots=True)
class Said:
    """One row that can be right (核对过的一行)."""

    row: Row
    external_id: str
    id_hash: bytes | None
    element: Element
    value: str
    source: str
    as_of: date
    valid_to: date | None
    mark: bytes


class _Fault(Exception):
    def __init__(self, column: str, zh: str, en: str) -> None:
        super().__init__(column)
        self.reason = Text(f"{column}：{zh}", f"{column}: {en}")


def import_elements(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> ImportReport:
    """Import values of elements that other offices own (导入要素值); the same file twice changes nothing.

    A person is known by the `external_id` of the residents' register, the ID number, or both. A later day replaces what was held.
    Refuses files that cannot be read or lack a column; rejects a row of an unknown element, of one that the dictionary does
    not let come by file, of nobody who lives here, and one that is older than what is held. Records one
    `registers.values_imported` with its counts."""
    del mapping  # the header is fixed
    at = at or now()
    report = ImportReport()
    tables = tables_in(Path(path), COLUMNS, REQUIRED, "docs/reference/elements-file.md")
    n_rows = sum(table.n_lines() for table in tables)
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "elements", at=local(at)) as rejects:
        for table in tables:
            rows = table.rows()
            while chunk := list(islice(rows, BATCH)):
                for row, why in _take(table, chunk, report, today=local(at).date(), dry_run=dry_run):
                    rejects.reject(table.path.name, row.number, row.content, why)
                    report.n_rejected += 1
                if progress:
                    progress(report.n_read, n_rows)
    report.rejects = str(rejects.path) if rejects.path else None
    report.faulty = rejects.first
    if not dry_run:
        facts = {"n_accepted": report.n_accepted, "n_unchanged": report.n_unchanged, "n_rejected": report.n_rejected}  # fmt: skip
        audit.note("registers.values_imported", by=by, at=at, counts=facts)
    return report


def _take(
    table: Table, chunk: Sequence[Row], report: ImportReport, *, today: date, dry_run: bool
) -> list[tuple[Row, Text]]:
    """One batch (一批): three statements to read, one to write, however many rows. Gives what was rejected, in order."""
    bad: list[tuple[Row, Text]] = []
    said: list[Said] = []
    for row in chunk:
        try:
            said.append(_checked(table, row, today))
        except _Fault as fault:
            bad.append((row, fault.reason))
    with one_transaction():
        by_external, by_id = _people(said)
        held = {
            (v.person_id, v.element): v
            for v in ElementValue.objects.filter(
                person__in={*by_external.values(), *by_id.values()},
                element__in={s.element.code for s in said},
            )
        }
        new: dict[tuple[int, str], ElementValue] = {}
        for one in said:
            try:
                person = _person(one, by_external, by_id)
                before = held.get((person, one.element.code))
                if before is not None and before.mark is not None and bytes(before.mark) == one.mark:
                    report.n_unchanged += 1
                    continue
                if before is not None and before.as_of > one.as_of:
                    day = before.as_of.isoformat()
                    raise _Fault(
                        "as_of",
                        f"已有 {day} 的值，比这一行新。",
                        f"A value of {day} is held, newer than this row.",
                    )
            except _Fault as fault:
                bad.append((one.row, fault.reason))
                continue
            value = ElementValue(
                person_id=person, element=one.element.code, value=one.value, source=one.source,
                as_of=one.as_of, valid_to=one.valid_to, mark=one.mark,
            )  # fmt: skip
            held[person, one.element.code] = new[person, one.element.code] = value
            report.n_accepted += 1
        if not dry_run:
            ElementValue.objects.bulk_create(
                new.values(),
                update_conflicts=True,
                unique_fields=["person", "element"],
                update_fields=FIELDS,
                batch_size=BATCH,
            )
    return sorted(bad, key=lambda b: b[0].number)


def _checked(table: Table, row: Row, today: date) -> Said:
    if row.cells is None:
        why = row.reason or Text("", "")
        raise _Fault("row", why.zh, why.en)
    cell = dict(zip(table.header, (c.strip() for c in row.cells), strict=True))
    external_id, id_number = cell.get("external_id", ""), cell.get("id_number", "")
    if not external_id and not id_number:
        raise _Fault(
            "external_id", "请写登记编号或证件号码。", "Write the id of the register, or the ID number."
        )
    if id_number:
        try:
            id_number = check_id_number(id_number, today=today).number
        except Invalid as error:
            raise _Fault("id_number", error.message.zh, error.message.en) from error
    one = element(cell["element"])
    if one is None:
        raise _Fault("element", "要素目录里没有这一项。", "The dictionary of data has no such element.")
    if not one.by_file:
        raise _Fault(
            "element",
            "要素目录没有写这一项可以由文件提供：由居民登记或本人提供，或只到主管处核对、不留存。",
            "The dictionary does not let this come by file: the residents' register or the person says it, or it is only looked up at "
            "its owner and not kept.",
        )
    value = cell["value"]
    if not value or len(value) > MAX_VALUE:
        raise _Fault(
            "value",
            f"请写内容，不超过 {MAX_VALUE} 个字。",
            f"Write the value, {MAX_VALUE} characters at most.",
        )
    if one.type == "date":
        value = _day("value", value).isoformat()
    source = cell.get("source", "") or f"{one.owner.zh} | {one.owner.en}"
    if len(source) > MAX_SOURCE:
        raise _Fault("source", f"不超过 {MAX_SOURCE} 个字。", f"{MAX_SOURCE} characters at most.")
    as_of = _day("as_of", cell["as_of"])
    if as_of > today:
        raise _Fault("as_of", "日期在将来。", "The date lies in the future.")
    valid_to = _day("valid_to", cell["valid_to"]) if cell.get("valid_to") else None
    if valid_to and valid_to < as_of:
        raise _Fault("valid_to", "有效期早于数据日期。", "It ends before the day from which it is known.")
    mark = current_vault().lookup_hash(
        "registers.value", "\0".join((one.code, value, source, as_of.isoformat(), str(valid_to or "")))
    )[:16]
    hashed = id_hash(id_number) if id_number else None
    return Said(row, external_id, hashed, one, value, source, as_of, valid_to, mark)


def _day(column: str, text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise _Fault(
            column, "日期读不懂，写成 1980-05-06 这样。", "The date cannot be read; write it like 1980-05-06."
        ) from error


def _people(said: Sequence[Said]) -> tuple[dict[str, int], dict[bytes, int]]:
    """Who of them lives here (在册的人), by the id of the register and by ID number."""
    living = Resident.objects.filter(valid_to=None)
    by_external = living.filter(external_id__in={s.external_id for s in said if s.external_id})
    by_id = living.filter(person__id_hash__in={s.id_hash for s in said if s.id_hash})
    return (
        {str(external): pk for external, pk in by_external.values_list("external_id", "pk")},
        {
            bytes(hashed): pk
            for hashed, pk in by_id.values_list("person__id_hash", "pk")
            if hashed is not None
        },
    )


def _person(one: Said, by_external: dict[str, int], by_id: dict[bytes, int]) -> int:
    named = [by_external.get(one.external_id)] if one.external_id else []
    if one.id_hash:
        named.append(by_id.get(one.id_hash))
    person = named[0]
    if person is None or None in named:
        column = (
            "external_id" if one.external_id and by_external.get(one.external_id) is None else "id_number"
        )
        raise _Fault(
            column, "登记里没有这个人，或已迁出。", "Nobody of this number lives here by the register."
        )
    if len(set(named)) > 1:
        raise _Fault(
            "id_number",
            "登记编号和证件号码不是同一个人。",
            "The id of the register and the ID number are of two people.",
        )
    return person
