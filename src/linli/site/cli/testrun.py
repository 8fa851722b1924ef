"""`linli test` (全部测试): house rules, types, the embedded database, a real PostgreSQL, a real browser."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.needs import meet_needs
from linli.site.cli.throwaway_postgres import throwaway_postgres

TITLE = Text("运行全部测试", "run all tests")
ROOT = Path(__file__).resolve().parents[4]

HOUSE = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "djlint": ["-m", "djlint", "--lint", "--quiet", "src"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
}
TYPES = {"mypy --strict": ["-m", "mypy"]}
# Rules have their own section, browsers theirs; benchmarks are no tests, but their budgets are.
APART = ("tests/house", "tests/journeys")
LONG = ("tests/matrix",)  # not in the fast run
NO_TESTS = 5  # pytest's exit code


# Ways through each shipped procedure: a few in the fast suite, hundreds in all in the full one.
FULL_MODEL_WAYS = "30"


@dataclass
class Section:
    name: str
    n_passed: int = 0
    n_failed: int = 0
    n_skipped: int = 0
    seconds: float = 0.0


@dataclass
class Run:
    """One run (一次测试): its sections and where programs may speak."""

    out: int | None  # a program's standard output: ours, or standard error when we answer in JSON
    scratch: Path
    sections: list[Section] = field(default_factory=list)

    def say(self, line: str) -> None:
        print(line, file=sys.stderr if self.out else sys.stdout, flush=True)

    @contextmanager
    def section(self, zh: str, en: str) -> Iterator[Section]:
        section, started = Section(str(Text(zh, en))), time.monotonic()
        self.say(f"\n━━ {section.name} ━━")
        yield section
        section.seconds = time.monotonic() - started
        self.sections.append(section)

    def program(self, section: Section, name: str, arguments: list[str]) -> None:
        code = self._start(arguments, {})
        section.n_passed += code == 0
        section.n_failed += code != 0
        self.say(f"{'✓' if code == 0 else '✗'} {name}")

    def pytest(self, section: Section, arguments: list[str], **environ: str) -> None:
        report = self.scratch / f"{len(self.sections)}.xml"
        code = self._start(["-m", "pytest", "-q", "--tb=short", f"--junitxml={report}", *arguments], environ)
        counted = self._count(section, report)
        if code not in {0, NO_TESTS} and not (counted and section.n_failed):
            section.n_failed += 1  # it broke before or after the tests themselves

    def _start(self, arguments: list[str], environ: dict[str, str]) -> int:
        surroundings = os.environ | {"LINLI_DATA_DIR": str(self.scratch / "data")} | environ
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=surroundings,
            stdout=self.out,
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode

    def _count(self, section: Section, report: Path) -> bool:
        if not report.is_file():
            return False
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314  pytest wrote it a moment ago
            n = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
            section.n_failed += n["failures"] + n["errors"]
            section.n_skipped += n["skipped"]
            section.n_passed += n["tests"] - n["failures"] - n["errors"] - n["skipped"]
        return True


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fast",
        action="store_true",
        help=str(Text("只跑房规、类型之外的快速测试", "house rules and the embedded database only")),
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help=str(Text("只跑这些测试", "only these tests"))
    )


def run(options: argparse.Namespace) -> Answer:
    if not (ROOT / "pyproject.toml").is_file():
        raise Refused(
            "test.no_source",
            Text(
                "测试要在源代码文件夹里运行。请取得源代码后运行 ./linli test。",
                "The tests run from the source tree. Get it, then run ./linli test.",
            ),
        )
    if not options.fast:
        meet_needs()
    with tempfile.TemporaryDirectory(prefix="linli-run-") as scratch:
        this = Run(sys.stderr.fileno() if options.json else None, Path(scratch))
        if options.paths:
            _some(this, options.paths, fast=options.fast)
        else:
            _everything(this, fast=options.fast)
    return _summary(this)


def _everything(this: Run, *, fast: bool) -> None:
    ours = [f"--ignore={path}" for path in (*APART, *(LONG if fast else ()))]
    with this.section("房规", "House rules") as section:
        for name, program in HOUSE.items():
            this.program(section, name, program)
        this.pytest(section, ["tests/house"])
    if not fast:
        with this.section("类型", "Types") as section:
            for name, program in TYPES.items():
                this.program(section, name, program)
    with this.section("单元测试与嵌入式数据库", "Unit tests and the embedded database") as section:
        this.pytest(
            section, ["-n2", "--dist=worksteal", *ours], **({} if fast else {"MODEL_WAYS": FULL_MODEL_WAYS})
        )
    if fast:
        return
    with this.section("PostgreSQL", "PostgreSQL") as section, throwaway_postgres() as url:
        this.pytest(section, ["-n2", "--dist=worksteal", "-m", "database", *ours], LINLI_DATABASE_URL=url)
    with this.section("真实浏览器", "A real browser") as section:
        this.pytest(section, ["-n2", "--dist=worksteal", "tests/journeys"])


def _some(this: Run, paths: list[str], *, fast: bool) -> None:
    with this.section("指定的测试，嵌入式数据库", "These tests on the embedded database") as section:
        this.pytest(section, paths)
    if fast or all("journeys" in path or "house" in path for path in paths):
        return
    with (
        this.section("指定的测试，PostgreSQL", "These tests on PostgreSQL") as section,
        throwaway_postgres() as url,
    ):
        this.pytest(section, ["-m", "database", *paths], LINLI_DATABASE_URL=url)


def _summary(this: Run) -> Answer:
    passed = sum(s.n_passed for s in this.sections)
    failed = sum(s.n_failed for s in this.sections)
    skipped = sum(s.n_skipped for s in this.sections)
    this.say("")
    for s in this.sections:
        this.say(
            f"{'✓' if not s.n_failed else '✗'} {s.name}: {s.n_passed}/{s.n_passed + s.n_failed}  {s.seconds:.0f} s"
        )
    facts = {
        "n_passed": passed,
        "n_failed": failed,
        "n_skipped": skipped,
        "sections": [vars(s) for s in this.sections],
    }
    line = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    return Answer(facts, line, ok=not failed and passed > 0)
