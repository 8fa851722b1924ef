"""`linli procedures move` (在办件转版): what a newer version would do to every running case, and, when asked, doing it.

Without `--apply` nothing moves. JSON is one object, written as it goes; CSV is a line a case: neither is held in memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from linli.base.errors import Invalid
from linli.base.i18n import Text, current_language
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import put, tell

if TYPE_CHECKING:
    from linli.kernel.procedures.moving import Planned

TARGET = re.compile(r"(?P<code>[^@/]+)(?:@(?:(?P<area>\d+):)?(?P<version>\d+)?)?")
HELP = Text(
    "试算在办件转到新版本的结果；加 --apply 才真转",
    "say what moving the running cases to a newer version would do; --apply does it",
)
COLUMNS = tuple(
    "number version refused moved step_old step_new due_old due_new statutory_due_old statutory_due_new "
    "task_due_old task_due_new lead tells_applicant".split()
)


def add(acts: Any) -> None:
    """Register the command under `procedures`."""
    parser = acts.add_parser("move", help=str(HELP), description=str(HELP))
    parser.add_argument(
        "version",
        metavar="CODE[@[AREA:]N]",
        help=str(
            Text(
                "转入的版本：代码、代码@4、代码@350102:2；不写号码则为最新一版",
                "the version they come to: CODE, CODE@4, CODE@350102:2; the newest where no number is given",
            )
        ),
    )
    parser.add_argument(
        "--area", metavar="PREFIX", default="", help=str(Text("只转这个区划的", "only those of this area"))
    )
    parser.add_argument("--csv", action="store_true", help=str(Text("每件一行", "a line for each case")))
    parser.add_argument(
        "--apply", action="store_true", help=str(Text("真正转版，逐件留痕", "move them, each with a record"))
    )


def run(options: argparse.Namespace) -> Answer:
    found = TARGET.fullmatch(options.version)
    if found is None or (options.area and not options.area.isdigit()):
        raise Invalid(
            "cli.usage",
            Text(
                "请写成 grid-event、grid-event@4 或 grid-event@350102:2；--area 写区划前缀。",
                "Write grid-event, grid-event@4 or grid-event@350102:2; --area takes the prefix of an area.",
            ),
        )
    open_house()
    from linli.kernel.people.actors import SYSTEM
    from linli.kernel.procedures.moving import dry_run, move_all, sources_of, target_version

    number = int(found["version"]) if found["version"] else None
    target = target_version(found["code"], found["area"] or "", number)
    if options.apply:
        planned = move_all(target, by=SYSTEM, under=(options.area,))
    else:
        planned = dry_run(target, under=(options.area,))
    about = {
        "code": target.code,
        "jurisdiction": target.jurisdiction,
        "version": target.version,
        "from": [[v.jurisdiction, v.version] for v in sources_of(target)],
        "applied": bool(options.apply),
    }
    counts = {"n_cases": 0, "n_movable": 0, "n_refused": 0, "n_moved": 0}
    if options.csv:
        _as_csv(planned, counts)
        tell(*_said(counts, options.apply))
        return Answer(said=True)
    if options.json:
        _as_json(about, planned, counts)
        return Answer(said=True)
    for case in planned:
        _count(case, counts)
        put(_line(case))
    return Answer({**about, **counts}, str(Text(*_said(counts, options.apply))))


def _count(case: Planned, counts: dict[str, int]) -> None:
    counts["n_cases"] += 1
    counts["n_movable"] += case.plan is not None
    counts["n_refused"] += case.refused is not None
    counts["n_moved"] += case.moved


def _as_json(about: dict[str, Any], planned: Iterator[Planned], counts: dict[str, int]) -> None:
    """One object, its cases first written one by one; the counts stand at its end."""
    head = json.dumps({"ok": True, **about}, ensure_ascii=False)
    sys.stdout.write(head[:-1] + ', "cases": [')
    for case in planned:
        sys.stdout.write((", " if counts["n_cases"] else "") + json.dumps(case.as_dict(), ensure_ascii=False))
        _count(case, counts)
    sys.stdout.write("], " + json.dumps(counts)[1:] + "\n")
    sys.stdout.flush()


def _as_csv(planned: Iterator[Planned], counts: dict[str, int]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for case in planned:
        _count(case, counts)
        writer.writerow(_cells(case))
    sys.stdout.flush()


def _cells(case: Planned) -> list[str]:
    facts = case.as_dict()
    tasks = facts["tasks"]
    pairs = [facts["step"], facts["due"], facts["statutory_due"]]
    pairs.append([" ".join(str(t["due"][n]) for t in tasks) for n in (0, 1)] if tasks else None)
    return [
        case.number,
        str(case.version),
        case.refused.in_language(current_language()) if case.refused else "",
        str(case.moved).lower(),
        *(str(value or "") for pair in pairs for value in (pair or ("", ""))),
        str(case.lead or ""),
        str(facts["tells_applicant"]).lower(),
    ]


def _line(case: Planned) -> str:
    if case.plan is None:
        return f"✗ {case.number}  {case.refused}"
    step, due = case.plan.step, case.plan.due
    moved = "" if step[0] == step[1] else f"  {step[0]} → {step[1]}"
    dates = "" if due[0] == due[1] else f"  {due[0]} → {due[1]}"
    return f"{'✓' if case.moved else '·'} {case.number}{moved}{dates}"


def _said(counts: dict[str, int], applied: bool) -> tuple[str, str]:
    n, m, refused = counts["n_cases"], counts["n_movable"], counts["n_refused"]
    if applied:
        return (
            f"在办 {n} 件：转版 {counts['n_moved']} 件，{refused} 件沿用原来的版本，原因见上。",
            f"{n} running cases: {counts['n_moved']} moved, {refused} keep their version for the reasons above.",
        )
    en = f"{n} running cases: {m} can move, {refused} cannot for the reasons above. Nothing was changed; "
    return (
        f"在办 {n} 件：可以转版 {m} 件，{refused} 件不能，原因见上。什么都没有改动；确认后加 --apply。",
        en + "add --apply to move them.",
    )
