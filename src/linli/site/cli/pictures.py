"""`linli pictures` (截图): every main page of the three faces, phone and desktop, both languages, and sheets of them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.needs import meet_needs

TITLE = Text("给每个主要页面拍照", "take pictures of every main page")
ROOT = Path(__file__).resolve().parents[4]


def arguments(parser: argparse.ArgumentParser) -> None:
    out = Text("放到哪里（默认 build/pictures）", "where to put them (default build/pictures)")
    parser.add_argument("out", nargs="?", default="build/pictures", metavar="OUT", help=str(out))
    site = Text(
        "已在运行的演示站；不写就自己开一个", "a demonstration that runs already; else one is started"
    )
    parser.add_argument("--site", metavar="URL", help=str(site))
    parser.add_argument(
        "--readme", action="store_true", help=str(Text("只要 README 里的几张", "only those of the README"))
    )


def run(options: argparse.Namespace) -> Answer:
    """Walks a demonstration and keeps pictures (截图); they come from the source tree, like the tests."""
    if not (ROOT / "tests/journeys/pictures.py").is_file():
        raise Refused(
            "pictures.no_source",
            Text(
                "截图要在源代码文件夹里运行。请取得源代码后运行 ./linli pictures。",
                "Pictures are taken from the source tree. Get it, then run ./linli pictures.",
            ),
        )
    meet_needs()
    out = Path(options.out).resolve()
    asked = [str(out), *(["--site", options.site] if options.site else []), *(["--readme"] * options.readme)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.pictures", *asked],
        cwd=ROOT, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    n_pictures = len(list(out.glob("*.png"))) if out.is_dir() else 0
    said = Text(f"{out} 里有 {n_pictures} 张图，sheet-*.png 是每一面的总览。",
                f"{n_pictures} pictures are in {out}; sheet-*.png shows each face as a whole.")  # fmt: skip
    return Answer({"out": str(out), "n_pictures": n_pictures}, str(said), ok=done.returncode == 0)
