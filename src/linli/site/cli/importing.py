"""`linli import KIND PATH` (导入): areas, events and whatever the domains register, from a file or a folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from linli.base.errors import Invalid, Unreadable
from linli.base.i18n import Text
from linli.base.imports import ImportReport
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import progress_bar, tell

TITLE = Text("导入区划、历史案卷等数据", "import areas, past cases and other data")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind",
        metavar="KIND",
        help=str(Text("种类，如 areas、calendar、events", "kind, such as areas, calendar or events")),
    )
    parser.add_argument("path", metavar="PATH", help=str(Text("文件或文件夹", "file or folder")))
    parser.add_argument(
        "--mapping",
        metavar="M",
        help=str(
            Text(
                "列对应：文件，或自带对应的名称",
                "mapping of the columns: a file, or the name of a shipped one",
            )
        ),
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=str(Text("只检查，不写入", "check only, write nothing"))
    )


def run(options: argparse.Namespace) -> Answer:
    path = Path(options.path)
    if not path.exists():
        raise Unreadable(
            "import.no_file",
            Text(
                f"没有 {path} 这个文件或文件夹。请核对路径。",
                f"There is no file or folder {path}. Check the path.",
            ),
        )
    open_house(create=True)
    function = _kinds().get(options.kind)
    if function is None:
        known = "、".join(sorted(_kinds()))
        raise Invalid(
            "import.unknown_kind",
            Text(
                f"不能导入“{options.kind}”。可以导入：{known}。",
                f"Cannot import {options.kind!r}. Known kinds: {known}.",
            ),
        )
    with progress_bar(f"导入 {options.kind}", f"importing {options.kind}") as progress:
        report = function(path, mapping=options.mapping, dry_run=options.dry_run, progress=progress)
    return _answer(report, options)


def _kinds() -> dict[str, Callable[..., ImportReport]]:
    from linli.kernel.places.areas_import import import_areas
    from linli.kernel.procedures.recount import import_calendar
    from linli.kernel.procedures.registry import import_kinds

    return {
        "areas": import_areas,
        "calendar": import_calendar,
        **{code: kind.run for code, kind in import_kinds().items()},
    }


def _answer(report: ImportReport, options: argparse.Namespace) -> Answer:
    facts = {"kind": options.kind, "dry_run": options.dry_run, **report.as_dict()}
    for note_text in report.notes:
        tell(note_text.zh, note_text.en)
    text = Text(
        f"读入 {report.n_read} 条：接受 {report.n_accepted}，未变 {report.n_unchanged}，退回 {report.n_rejected}。",
        f"{report.n_read} read: {report.n_accepted} accepted, {report.n_unchanged} unchanged, {report.n_rejected} rejected.",
    )
    note = (
        f"\n{Text('退回的行及原因：', 'Rejected rows with reasons: ')}{report.rejects}"
        if report.rejects
        else ""
    )
    dry = f"{Text('（只检查，未写入）', '(checked only, nothing written) ')}" if options.dry_run else ""
    return Answer(facts, f"{dry}{text}{note}")
