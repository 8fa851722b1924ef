"""`linli records verify` (核验留痕): replays every chain and names the first record that does not hold."""

from __future__ import annotations

import argparse

from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import progress_bar

TITLE = Text("核验留痕", "verify the records")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "act", choices=["verify"], help=str(Text("核验全部案卷的留痕", "verify the records of all cases"))
    )


def run(options: argparse.Namespace) -> Answer:
    del options
    open_house()
    from linli.kernel.procedures.proof import verify_all

    with progress_bar("核验留痕", "verifying the records") as progress:
        found = verify_all(progress=progress).as_dict()
    facts = {name: found[name] for name in ("n_cases", "n_records", "first_fault")}
    if found["ok"]:
        text = Text(
            f"{found['n_cases']} 个案卷、{found['n_records']} 条留痕，全部完好。",
            f"{found['n_cases']} cases with {found['n_records']} records: all sound.",
        )
        return Answer(facts, str(text))
    fault = found["first_fault"]
    text = Text(
        f"发现问题：案卷 {fault['case']} 第 {fault['seq']} 条留痕，{KINDS[fault['kind']].zh}。请保全数据库并报告。",
        f"Fault found: case {fault['case']}, record {fault['seq']}, {KINDS[fault['kind']].en}. "
        "Keep the database as it is and report it.",
    )
    return Answer(facts, str(text), ok=False)


KINDS = {
    "changed": Text("被改动", "was changed"),
    "removed": Text("被删除", "was removed"),
    "inserted": Text("是后来插入的", "was inserted"),
    "reordered": Text("次序被改动", "was reordered"),
    "root": Text("与每日根不符", "does not agree with the daily root"),
}
