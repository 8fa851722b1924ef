"""`linli export KIND PATH` (导出): what the domains can write as a file that `import` reads again."""

from __future__ import annotations

import argparse
from pathlib import Path

from linli.base.errors import Invalid, Unreadable
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house

TITLE = Text("导出事项目录等数据", "export the catalogue of matters and other data")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help=str(Text("种类，如 matters", "kind, such as matters")))
    parser.add_argument(
        "path", metavar="PATH", help=str(Text("写到哪个文件，.csv 或 .json", "file to write, .csv or .json"))
    )


def run(options: argparse.Namespace) -> Answer:
    from linli.kernel.procedures.registry import export_kinds

    path = Path(options.path)
    open_house()
    kind = export_kinds().get(options.kind)
    if kind is None:
        known = "、".join(sorted(export_kinds()))
        raise Invalid(
            "export.unknown_kind",
            Text(
                f"不能导出“{options.kind}”。可以导出：{known}。",
                f"Cannot export {options.kind!r}. Known kinds: {known}.",
            ),
        )
    if not path.parent.is_dir():
        raise Unreadable(
            "export.no_folder",
            Text(f"没有 {path.parent} 这个文件夹。", f"There is no folder {path.parent}."),
        )
    n = kind.run(path)
    return Answer(
        {"kind": options.kind, "path": str(path), "n_written": n},
        str(Text(f"已写入 {n} 条：{path}", f"{n} written: {path}")),
    )
