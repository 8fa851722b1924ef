"""`linli migrate` (升级数据库): makes or updates the database and loads the procedures."""

from __future__ import annotations

import argparse
from pathlib import Path

from linli.base.i18n import Text
from linli.site.cli import house
from linli.site.cli.answer import Answer

TITLE = Text(
    "建立或升级数据库，并载入程序", "make the database or bring it up to date, and load the procedures"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> Answer:
    del options
    import os

    from linli.site.config import Config

    house.make_folder(Path(Config.load(os.environ).data_dir))
    house.setup_django()
    applied = house.migrate()
    text = Text(
        f"数据库已是最新（执行 {len(applied)} 步）。",
        f"The database is up to date ({len(applied)} steps applied).",
    )
    return Answer({"applied": applied}, str(text))
