"""What the tests need from the system (系统软件): found, installed where that is allowed, named otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli.speech import tell

# The one without windows first: it does the same in two thirds of the time.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")


def browser() -> Path | None:
    """A Chromium of this machine (浏览器)."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return Path(found) if found else None


def chinese_fonts() -> Path | None:
    """Noto CJK, without which a browser draws boxes for Chinese (中文字体)."""
    return next((f for folder in FONT_FOLDERS for f in Path(folder).rglob("Noto*CJK*")), None)


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres, the newest release of those installed (数据库程序)."""
    found = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
    )
    if found:
        return found[-1]
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def text_drawing(library: str) -> Callable[[], Path | None]:
    """A library with which PDF files are drawn (排版库), as the system's loader finds it."""

    def find() -> Path | None:
        found = find_library(library)
        return Path(found) if found else None

    return find


NEEDS: dict[str, Callable[[], Path | None]] = {
    "chromium-headless-shell": browser,
    "fonts-noto-cjk": chinese_fonts,
    "postgresql": postgres_programs,
    "libpango-1.0-0": text_drawing("pango-1.0"),
    "libpangoft2-1.0-0": text_drawing("pangoft2-1.0"),
    "libharfbuzz-subset0": text_drawing("harfbuzz-subset"),
}
INSTEAD = {"chromium-headless-shell": "chromium"}  # where a system has no such package


def meet_needs() -> None:
    """Install what is missing when we may, else say exactly what to install (补齐系统软件)."""
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        tell(
            f"安装系统软件：{' '.join(missing)}",
            f"installing from the system's packages: {' '.join(missing)}",
        )
        _apt_get("update", "-qq")
        _apt_get("install", "-y", "-qq", "--no-install-recommends", *missing)
        if rest := _missing():  # of a package that this system does not have, the others did not come either
            _apt_get("install", "-y", "-qq", "--no-install-recommends", *(INSTEAD.get(p, p) for p in rest))
        missing = _missing()
    if missing:
        missing = [INSTEAD.get(package, package) for package in missing]
        raise Refused(
            "test.missing_packages",
            Text(
                f"还缺系统软件。请运行 sudo apt-get install {' '.join(missing)}，再运行一次；只跑快速测试可用 --fast。",
                f"The system lacks packages. Run sudo apt-get install {' '.join(missing)}, then run this again; "
                "--fast runs the tests that need none of them.",
            ),
        )


def _apt_get(*arguments: str) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        ["apt-get", *arguments], env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )


def _missing() -> list[str]:
    return [package for package, find in NEEDS.items() if find() is None]
