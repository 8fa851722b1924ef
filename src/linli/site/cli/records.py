"""`linli records` (留痕): `verify` checks every chain and the tree over all, `seal` makes a daily root now, `export` writes
the audit dump that the standalone checker reads."""

from __future__ import annotations

import argparse
from pathlib import Path

from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import progress_bar

TITLE = Text("留痕：核验、封存、审计导出", "the records: verify, seal, export for an audit")
ACTS = Text(
    "verify 核验全部留痕；seal 立即封存一次；export 导出供审计的全部留痕",
    "verify all records; seal them now; export them all for an audit",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["verify", "seal", "export"], help=str(ACTS))
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help=str(Text("export：导出到这个空文件夹", "export: the empty folder to write to")),
    )


def run(options: argparse.Namespace) -> Answer:
    if (options.folder is not None) != (options.act == "export"):
        raise Unreadable(
            "cli.usage",
            Text(
                "只有 export 要写文件夹，如 ./linli records export audit-2026。",
                "Only export takes a folder: ./linli records export audit-2026.",
            ),
        )
    open_house()
    return {"verify": _verify, "seal": _seal, "export": _export}[options.act](options)


def _verify(options: argparse.Namespace) -> Answer:
    del options
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
    where = Text(
        f"案卷 {fault['case']} 第 {fault['seq']} 条留痕", f"case {fault['case']}, record {fault['seq']}"
    )
    if fault["case"].startswith("root "):
        day = fault["case"].removeprefix("root ")
        where = Text(f"{day} 的每日根（{fault['seq']} 条）", f"the root of {day} over {fault['seq']} records")
    text = Text(
        f"发现问题：{where.zh}，{KINDS[fault['kind']].zh}。请保全数据库并报告。",
        f"Fault found: {where.en}, {KINDS[fault['kind']].en}. Keep the database as it is and report it.",
    )
    return Answer(facts, str(text), ok=False)


def _seal(options: argparse.Namespace) -> Answer:
    del options
    from linli.kernel.procedures.sequencing import seal_now
    from linli.kernel.records.heads import published

    head = published([seal_now()])[0]
    text = Text(
        f"已封存 {head['size']} 条留痕，根 {head['root']}。",
        f"{head['size']} records are sealed under the root {head['root']}.",
    )
    return Answer({"head": head}, str(text))


def _export(options: argparse.Namespace) -> Answer:
    from linli.kernel.procedures.audit import export_log

    folder = options.folder.expanduser().resolve()
    with progress_bar("导出留痕", "exporting the records") as progress:
        about = export_log(folder, progress=progress)
    facts = {name: about[name] for name in ("n_cases", "n_records", "n_leaves", "n_heads")}
    text = Text(
        f"已导出 {about['n_records']} 条留痕到 {folder}。内容不是对所有人公开的，只供审计。"
        f"核对：python3 {folder}/check_proof.py {folder} --key 另行取得的key.json",
        f"{about['n_records']} records are in {folder}. They hold what is not public to everybody: for auditors only. "
        f"Check: python3 {folder}/check_proof.py {folder} --key key.json got by another way",
    )
    return Answer({**facts, "path": str(folder)}, str(text))


KINDS = {
    "changed": Text("被改动", "was changed"),
    "removed": Text("被删除", "was removed"),
    "inserted": Text("是后来插入的", "was inserted"),
    "reordered": Text("次序被改动", "was reordered"),
    "root": Text("与每日根不符", "does not agree with the daily root"),
}
