"""Import of a directory of categories (导入类别目录): `linli import categories PATH`.

The official form (kind, code, major_code, major_name, name) and a general one (level1, level2 …); see
docs/reference/import-events.md. A version of a directory never changes: a file that says something else becomes the
next version, and takes along what was set here by hand (limits, conditions, dispatch rules).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from linli.base.clock import local, now
from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress, RejectWriter
from linli.domains.events.imports.category_rows import (
    Form,
    Item,
    Node,
    general_form,
    nodes_of,
    official_form,
    read_directory_mapping,
)
from linli.domains.events.imports.rows import RowRejected
from linli.domains.events.imports.tables import Row, Table, files_in, open_table
from linli.domains.events.models import Category, Directory, DispatchRule
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


def import_categories(
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> ImportReport:
    """Import a directory of categories (导入类别目录), all of it or nothing; the same file twice changes nothing.

    A file that differs from the newest version becomes the next version. It comes into use when the version before it
    was in use, or when no directory is. Refuses a file of neither form (`imports.*`); rejected rows go to `imports/`.
    """
    at = at or now()
    report = ImportReport()
    table, form = _form(Path(path), mapping)
    items: dict[str, tuple[int, Item]] = {}
    rejected: list[tuple[Row, Text]] = []
    for row in table.rows():
        try:
            item = form.read(row)
            where, first = items.setdefault(item.code, (row.number, item))
            if first != item:
                raise RowRejected(
                    f"编码 {item.code} 在第 {where} 行已出现，内容不同。请只保留一行。",
                    f"The code {item.code} stands in line {where} with other content. Keep one of the two.",
                )
            report.n_unchanged += where != row.number
        except RowRejected as rejection:
            rejected.append((row, rejection.reason))
    with RejectWriter(Path(settings.LINLI_DATA_DIR) / "imports", "categories", at=local(at)) as writer:
        for row, reason in rejected:
            writer.reject(table.path.name, row.number, row.content, reason)
    report.n_rejected = len(rejected)
    report.rejects = str(writer.path) if writer.path else None
    _store(form, [item for _, item in items.values()], report, dry_run=dry_run)
    if progress:
        progress(report.n_read, report.n_read)
    return report


def _form(path: Path, mapping: str | Path | None) -> tuple[Table, Form]:
    files = files_in(path)
    named = read_directory_mapping(mapping, path)
    for file in files:
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


def _store(form: Form, items: list[Item], report: ImportReport, *, dry_run: bool) -> None:
    with hot.one_transaction():
        newest = Directory.objects.filter(code=form.code).order_by("-version").first()
        nodes = nodes_of(items)
        if newest is not None and not _differs(newest, nodes):
            report.n_unchanged += len(items)
            return
        report.n_accepted += len(items)
        if dry_run or not items:
            return
        active = newest.active if newest else not Directory.objects.filter(active=True).exists()
        directory = Directory.objects.create(
            code=form.code,
            version=newest.version + 1 if newest else 1,
            title=form.title,
            basis=form.basis,
            source=form.source,
            active=active,
        )
        _write(directory, nodes, newest)
        if newest and newest.active:
            Directory.objects.filter(pk=newest.pk).update(active=False)
    report.notes.append(_note(directory))


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
    for rule in DispatchRule.objects.filter(category__directory=before) if before else ():
        assert rule.category is not None
        if new := made.get(rule.category.code):
            helpers = list(rule.helpers.all())
            rule.pk, rule.category = None, new
            rule._state.adding = True
            rule.save()
            rule.helpers.set(helpers)
