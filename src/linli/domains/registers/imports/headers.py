"""Which columns a file has (核对列名), before anything of it is written."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.base.tables import Table, files_in, open_table


def tables_in(path: Path, columns: Collection[str], required: Collection[str], page: str) -> list[Table]:
    """The files of a folder, or the one file (读取文件); `page` says how they are written. Refuses none, and columns that are
    missing or unknown."""
    found = [_table(file, columns, required, page) for file in files_in(path)]
    if not found:
        raise Unreadable(
            "imports.no_file",
            Text(f"文件夹 {path} 中没有 .csv 文件。", f"The folder {path} holds no .csv file."),
        )
    return found


def _table(file: Path, columns: Collection[str], required: Collection[str], page: str) -> Table:
    table = open_table(file)
    missing = [name for name in required if name not in table.header]
    unknown = [name for name in table.header if name not in columns]
    if missing or unknown:
        raise Unreadable(
            "imports.wrong_columns",
            Text(
                f"文件 {file.name} 的列名不对（缺：{'、'.join(missing) or '无'}；不认识：{'、'.join(unknown) or '无'}）。"
                f"可以有的列：{'、'.join(columns)}；写法见 {page}。",
                f"The columns of {file.name} are not right (missing: {', '.join(missing) or 'none'}; unknown: "
                f"{', '.join(unknown) or 'none'}). Possible: {', '.join(columns)}; see {page}.",
            ),
        )
    return table
