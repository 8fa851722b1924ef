"""`linli check` (安全检查): names each setting that is unsafe in production; exit 1 when there is any."""

from __future__ import annotations

import argparse
import os

from linli.base.i18n import Text
from linli.site.check import findings
from linli.site.cli.answer import Answer
from linli.site.cli.house import has_database, setup_django
from linli.site.config import Config

TITLE = Text("检查生产环境的不安全设置", "name each setting that is unsafe in production")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        help=str(Text("打算使用的进程数", "number of processes you will serve with")),
    )


def run(options: argparse.Namespace) -> Answer:
    found = findings(Config.load(os.environ), workers=options.workers)
    if has_database():
        setup_django()
        from linli.site.check import database_findings

        found += database_findings()
    facts = {"findings": [{"code": f.code, "message": str(f.message)} for f in found]}
    if found:
        return Answer(facts, "\n".join(f"✗ {f.code}: {f.message}" for f in found), ok=False)
    return Answer(facts, str(Text("没有发现不安全的设置。", "No unsafe setting was found.")))
