"""Import of a directory of categories (导入类别目录): `linli import categories PATH`.

The official form (kind, code, major_code, major_name, name), a general one (level1, level2 …) and JSON; see
docs/reference/import-events.md. A version of a directory never changes: a file that says something else becomes the
next version, and takes along what was set here by hand (limits, conditions, dispatch rules).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from linli.base.clock import local, now
from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.base.tables import Table, files_in, open_table
from linli.domains.events import directory as verbs
from linli.domains.events.imports.category_json import read_json
from linli.domains.events.imports.category_rows import (
    Form,
    Item,
    Names,
    Node,
    general_form,
    nodes_of,
    official_form,
    read_directory_mapping,
)
from linli.domains.events.imports.rows import RowRejected
from linli.domains.events.models import Category, Directory
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.procedures import hot

# What a new version takes over from the one before, where the file does not say it itself.
KEPT = (
    "name_en",
    "accept_condition",
    "close_condition",
    "limit",
    "grade",
    "needs_photos",
    "help_case",
    "public_point",
    "keywords",
    "active",
)


@dataclass
class Draft:
    """A directory as a file has it (文件中的目录), read but not stored."""

    names: Names
    nodes: list[Node]
    n_rows: int  # that say something, each once
    n_twice: int = 0
    rejected: list[tuple[str, int, str, Text]] = field(default_factory=list)  # file, row, content, why


def import_categories(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> ImportReport:
    """Import a directory of categories (导入类别目录); the same file twice changes nothing.

    A file that differs from the newest version becomes the next version. It comes into use when the version before it
    was in use, or when no directory is. Refuses a file of neither form (`imports.*`); rejected rows go to `imports/`.
    """
    at = at or now()
    report = ImportReport()
    draft = read_directory(Path(path), read_directory_mapping(mapping, Path(path)))
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "categories", at=local(at)) as writer:
        for row in draft.rejected:
            writer.reject(*row)
    report.n_rejected, report.n_unchanged = len(draft.rejected), draft.n_twice
    report.rejects = str(writer.path) if writer.path else None
    with hot.one_transaction():
        newest = newest_version(draft.names.code)
        if newest is not None and not _differs(newest, draft.nodes):
            report.n_unchanged += draft.n_rows
        else:
            report.n_accepted += draft.n_rows
            if draft.nodes and not dry_run:
                active = newest.active if newest else not Directory.objects.filter(active=True).exists()
                made = store(draft, newest, by=by, at=at)
                assert made is not None  # it differs
                if active:
                    verbs.set_in_use(made, in_use=True, by=by, at=at)
                report.notes.append(_note(made))
    if progress:
        progress(report.n_read, report.n_read)
    return report


def read_directory(path: Path, named: Mapping[str, str]) -> Draft:
    """What a file says (读取类别目录), of any form; rows that cannot be used with why. Refuses `imports.*`."""
    if path.suffix.lower() == ".json":
        names, nodes, faulty, n_twice = read_json(path, named)
        return Draft(names, nodes, len(nodes), n_twice, [(path.name, *row) for row in faulty])
    table, form = _form(path, named)
    items: dict[str, tuple[int, Item]] = {}
    rejected: list[tuple[str, int, str, Text]] = []
    n_twice = 0
    for row in table.rows():
        try:
            item = form.read(row)
            where, first = items.setdefault(item.code, (row.number, item))
            if first != item:
                raise RowRejected(
                    f"编码 {item.code} 在第 {where} 行已出现，内容不同。请只保留一行。",
                    f"The code {item.code} stands in line {where} with other content. Keep one of the two.",
                )
            n_twice += where != row.number
        except RowRejected as rejection:
            rejected.append((table.path.name, row.number, row.content, rejection.reason))
    return Draft(form, nodes_of([item for _, item in items.values()]), len(items), n_twice, rejected)


def _form(path: Path, named: Mapping[str, str]) -> tuple[Table, Form]:
    for file in files_in(path):
        table = open_table(file)
        form = official_form(table, named) or general_form(table, named)
        if form:
            return table, form
    raise Unreadable(
        "imports.wrong_columns",
        Text(
            f"{path.name} 不是类别目录：列应为 kind,code,major_code,major_name,name，或 level1,level2,…（可另有 code、"
            "name_en、limit 等）。说明见 docs/reference/import-events.md。",
            f"{path.name} is no directory of categories: its columns are kind,code,major_code,major_name,name, or "
            "level1,level2,… (and may be code, name_en, limit …). See docs/reference/import-events.md.",
        ),
    )


def newest_version(code: str) -> Directory | None:
    return Directory.objects.filter(code=code).order_by("-version").first()


def store(draft: Draft, newest: Directory | None, *, by: Actor, at: datetime) -> Directory | None:
    """Keep a draft as the next version of its directory (存为下一版), not in use; None where nothing differs.

    Records `events.directory_imported`.
    """
    if newest is not None and not _differs(newest, draft.nodes):
        return None
    made = Directory.objects.create(
        code=draft.names.code,
        version=newest.version + 1 if newest else 1,
        title=draft.names.title,
        basis=draft.names.basis,
        source=draft.names.source,
    )
    _write(made, draft.nodes, newest)
    verbs.note_directory("events.directory_imported", made, by=by, at=at, n_categories=len(draft.nodes))
    return made


def _note(directory: Directory) -> Text:
    name = f"{directory.code}:{directory.version}"
    if directory.active:
        return Text(f"目录 {name} 已启用。", f"The directory {name} is in use.")
    return Text(
        f"目录 {name} 已导入，还没有启用（另有目录在用）。",
        f"The directory {name} was imported; it is not in use, because another one is.",
    )


def _differs(directory: Directory, nodes: Iterable[Node]) -> bool:
    """Only what the file says is compared: limits set here by hand make no difference."""
    known = {
        row.code: row for row in Category.objects.filter(directory=directory).select_related("parent").all()
    }
    wanted = list(nodes)
    if len(known) != len(wanted):
        return True
    for node in wanted:
        row = known.get(node.code)
        if row is None or row.name != node.name or (row.parent.code if row.parent else "") != node.above:
            return True
        if any(getattr(row, name) != value for name, value in node.says.items()):
            return True
    return False


def _write(directory: Directory, nodes: list[Node], before: Directory | None) -> None:
    old = {row.code: row for row in Category.objects.filter(directory=before)} if before else {}
    made: dict[str, Category] = {}
    for depth in sorted({node.depth for node in nodes}):
        rows = []
        for order, node in enumerate(node for node in nodes if node.depth == depth):
            kept = old.get(node.code)
            values = {name: getattr(kept, name) for name in KEPT} if kept and kept.name == node.name else {}
            rows.append(
                Category(
                    key=f"{directory.code}:{directory.version}:{node.code}",
                    directory=directory,
                    code=node.code,
                    parent=made.get(node.above),
                    depth=depth,
                    order=order + 1,
                    name=node.name,
                    **{**values, **node.says},
                )
            )
        made |= {row.code: row for row in Category.objects.bulk_create(rows, batch_size=500)}
