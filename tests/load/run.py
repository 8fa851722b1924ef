"""The benchmarks (压测): `python -m tests.load.run --database both --sizes 1000,100000,1000000`, one table at the end.

`--quick` is 1,000 cases and few requests, under a minute. Figures in time are of the machine that the table names;
what holds everywhere are the ratios and counts, which stand first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from linli.site.cli import throwaway_postgres as postgres

ROOT = Path(__file__).resolve().parents[2]
# As an operator runs it: every commit waits for the disk.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "512MB",
}
Run = tuple[str, str, dict[str, Any]]  # database, size, results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["embedded", "postgresql", "both"], default="both")
    parser.add_argument("--sizes", default="1000,100000")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--profile", action="store_true", help="print where a whole case spends its time")
    parser.add_argument("--folder", help="where the databases lie meanwhile; a disk, not memory")
    options = parser.parse_args()
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="linli-load-", dir=options.folder) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        for database in ("embedded", "postgresql"):
            if options.database in {database, "both"}:
                with _place(database, Path(folder)) as environ:
                    found = _measure(options, environ)
                runs += [(database, size, results) for size, results in found.items()]
        located = _located(Path(folder))
    print(table(runs, located))


@contextmanager
def _place(database: str, folder: Path) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}
    environ = kept | {
        "DJANGO_SETTINGS_MODULE": "linli.site.settings",
        "LINLI_DATA_DIR": str(folder / database),
        "LINLI_HTTPS": "0",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
    }
    if database == "embedded":
        yield environ
        return
    with (
        mock.patch.object(postgres, "scratch_parent", return_value=str(folder)),
        postgres.throwaway_postgres(**DURABLE) as url,
    ):
        yield environ | {"LINLI_DATABASE_URL": url}


def _measure(options: argparse.Namespace, environ: dict[str, str]) -> dict[str, Any]:
    arguments = ["--sizes", "1000" if options.quick else options.sizes, "--clients", str(options.clients)]
    arguments += [f"--{name}" for name in ("quick", "profile") if getattr(options, name)]
    child = subprocess.run(
        [sys.executable, "-m", "tests.load.measure", *arguments],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return found


def _located(folder: Path) -> str:
    with _place("embedded", folder) as environ:
        command = [sys.executable, "-m", "tests.load.locate"]
        return subprocess.run(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, check=True, text=True
        ).stdout.strip()


def table(runs: list[Run], located: str) -> str:
    """One table in Markdown (一张表): a column for each database and size; ratios and counts first."""
    heads = [f"{database} {int(size):,}" for database, size, _ in runs]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(runs)}"]

    def row(title: str, cell: Callable[[dict[str, Any]], str]) -> None:
        lines.append(f"| {title} | {' | '.join(cell(results) for _, _, results in runs)} |")

    row("whole case ÷ bare SQL", lambda r: f"{r['whole_case']['ratio']:.2f}")
    row("… in CPU, database included", lambda r: f"{r['whole_case']['cpu_ratio']:.2f}")
    row("SQL of open and the six acts", lambda r: _counts(r["whole_case"]["n_engine"]))
    row("… of the bare replay", lambda r: _counts(r["whole_case"]["n_bare"]))
    row("rows of a whole case", lambda r: str(sum(r["whole_case"]["rows"].values())))
    kinds = list(runs[0][2]["http"])
    for kind in kinds:
        row(f"{kind}: SQL a request", lambda r, k=kind: _sql(r["http"][k]))  # type: ignore[misc]
    row("whole case, engine, ms / CPU ms", lambda r: _pair(r["whole_case"], "engine_ms", "engine_cpu_ms"))
    row("whole case, bare SQL, ms / CPU ms", lambda r: _pair(r["whole_case"], "bare_ms", "bare_cpu_ms"))
    for kind in kinds:
        row(f"{kind}: requests a second", lambda r, k=kind: f"{r['http'][k]['per_second']:.0f}")  # type: ignore[misc]
        row(f"{kind}: p50 / p95 ms", lambda r, k=kind: _pair(r["http"][k], "p50_ms", "p95_ms"))  # type: ignore[misc]
        row(
            f"{kind}: CPU ms, server + database",
            lambda r, k=kind: _pair(r["http"][k], "cpu_ms", "database_cpu_ms", " + "),  # type: ignore[misc]
        )
    row("filled in, s", lambda r: f"{r['fill_seconds']:.0f}")
    bad = [
        f"{database} {size} {kind}: {o['n_bad']} of {o['n']} refused, first {o['first_bad']}"
        for database, size, results in runs
        for kind, o in results["http"].items()
        if o["n_bad"]
    ]
    return "\n".join([*lines, "", f"- {located}", f"- {machine()}", *(f"- BAD {each}" for each in bad)])


def _counts(numbers: list[int]) -> str:
    return "+".join(map(str, numbers)) + f" = {sum(numbers)}"


def _sql(outcome: dict[str, int]) -> str:
    usual, most = outcome["sql"], outcome["most_sql"]
    return str(usual) if usual == most else f"{usual} (now and then {most})"


def _pair(values: dict[str, float], first: str, second: str, between: str = " / ") -> str:
    return f"{values[first]:.1f}{between}{values[second]:.1f}"


def machine() -> str:
    """What the figures in time were taken on (测试机器)."""
    facts = dict(
        line.split(":", 1)
        for line in Path("/proc/cpuinfo").read_text().replace("\t", "").splitlines()
        if ":" in line
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return (
        f"{os.cpu_count()} × {facts.get('model name', platform.machine()).strip()}, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}; "
        "server started as `linli serve` does (embedded: 1 process, PostgreSQL: 2), clients on the same machine, "
        "every commit waits for the disk"
    )


if __name__ == "__main__":
    main()
