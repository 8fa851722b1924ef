"""`linli backup FOLDER` (备份): the database as of one moment and the files, in a folder of their own; the keys stay apart.

`linli backup --noted` only notes that one was made by other means, such as a snapshot of the disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
from datetime import datetime
from pathlib import Path

from linli.base.clock import local, now
from linli.base.errors import Refused, Unreadable
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import tell

TITLE = Text("备份数据库和文件", "back up the database and the files")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help=str(
            Text("备份放在这里，每次一个新的子文件夹", "where backups go, each in a new folder of its own")
        ),
    )
    parser.add_argument(
        "--noted",
        action="store_true",
        help=str(
            Text(
                "只记下用别的办法备份过了（如磁盘快照）",
                "only note that one was made by other means, such as a snapshot",
            )
        ),
    )


def run(options: argparse.Namespace) -> Answer:
    if (options.folder is None) != options.noted:
        raise Unreadable(
            "cli.usage",
            Text(
                "请写明备份放在哪里，如 ./linli backup /backup/linli；用别的办法备份过了，请只写 --noted。",
                "Say where the backup goes: ./linli backup /backup/linli. If it was made by other means, write --noted alone.",
            ),
        )
    open_house()
    from linli.kernel.records.backups import Backup, mark, refuse_beside_the_data

    at = now()
    if options.noted:
        mark(Backup(at))
        text = Text("已记下：刚刚备份过。", "Noted: a backup was made just now.")
        return Answer({"at": at.isoformat(), "to": None}, str(text))
    refuse_beside_the_data(options.folder)
    made, n_files, n_bytes = _back_up(options.folder, at)
    mark(Backup(at, str(made)))
    text = Text(
        f"已备份到 {made}：数据库和 {n_files} 个文件。密钥不在里面，请另外保管。",
        f"Backed up to {made}: the database and {n_files} files. The keys are not in it: keep them apart.",
    )
    return Answer({"at": at.isoformat(), "to": str(made), "n_files": n_files, "n_bytes": n_bytes}, str(text))


def _back_up(folder: Path, at: datetime) -> tuple[Path, int, int]:
    """The database first: a file that comes later is one too many, never one too few."""
    from django.conf import settings
    from django.db import connection

    made = folder.resolve() / f"linli-{local(at):%Y%m%d-%H%M%S}"
    partial = made.with_name(f"{made.name}.partial")
    partial.mkdir(parents=True, mode=0o700)
    tell("备份数据库", "backing up the database")
    if connection.vendor == "sqlite":
        _copy_embedded(Path(str(connection.settings_dict["NAME"])), partial / "linli.sqlite3")
    else:
        _dump(partial / "linli.dump")
    files = Path(settings.LINLI_DATA_DIR) / "files"
    if files.is_dir():
        tell("备份文件", "backing up the files")
        shutil.copytree(files, partial / "files")
    partial.rename(made)
    copied = [path for path in made.rglob("*") if path.is_file()]
    return made, len(copied) - 1, sum(path.stat().st_size for path in copied)


def _copy_embedded(source: Path, target: Path) -> None:
    """A copy as of one moment, while others write; read through once before it counts."""
    old, new = sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        old.backup(new)
        found = new.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        old.close()
        new.close()
    if found != "ok":
        raise Refused(
            "records.backup_damaged",
            Text(
                f"数据库的副本有损坏（{found}），没有当作备份。请核对磁盘，先不要删旧的备份。",
                f"The copy of the database is damaged ({found}) and does not count. Check the disk; keep older backups.",
            ),
        )


def _dump(target: Path) -> None:
    from django.db import connection

    from linli.site.cli.needs import postgres_programs

    beside = postgres_programs()
    program = shutil.which("pg_dump") or (
        beside and (beside / "pg_dump").exists() and str(beside / "pg_dump")
    )
    if not program:
        raise Refused(
            "records.no_pg_dump",
            Text(
                "没有找到 pg_dump。请先安装：apt-get install postgresql-client。",
                "pg_dump was not found. Install it: apt-get install postgresql-client.",
            ),
        )
    given = connection.settings_dict
    named = {"host": given["HOST"], "port": given["PORT"], "username": given["USER"], "dbname": given["NAME"]}
    done = subprocess.run(
        [
            program,
            "--format=custom",
            "--no-password",
            f"--file={target}",
            *(f"--{k}={v}" for k, v in named.items() if v),
        ],
        env={**os.environ, "PGPASSWORD": str(given["PASSWORD"] or "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(
            "records.backup_failed",
            Text(
                f"pg_dump 没有完成：{done.stderr.strip()[-400:]}",
                f"pg_dump did not finish: {done.stderr.strip()[-400:]}",
            ),
        )
