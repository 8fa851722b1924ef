"""`linli procedures list|show|draw|diff|export|move|check` (程序): read, draw, compare, hand on and check them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import LANGUAGES, Text, current_language, use_language
from linli.site.cli import moveversions
from linli.site.cli.answer import Answer
from linli.site.cli.checkfiles import check
from linli.site.cli.house import setup_django
from linli.site.cli.procedurefiles import shipped, source_of, titles

TITLE = Text("查看、画图、对照、导出和检查程序", "list, show, draw, compare, export and check the procedures")
ONE = Text(
    "程序代码、程序文件，或库里的版本（代码@3、代码@350102:3）",
    "a code, a file, or a stored version (CODE@3, CODE@350102:3)",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="list|show|draw|diff|export|move|check", required=True)
    acts.add_parser("list", help=str(Text("列出全部程序", "list all procedures")))
    show = acts.add_parser(
        "show",
        help=str(
            Text("用文字说明一个程序：谁、多久、依据、救济", "say in words all that one procedure says")
        ),
    )
    show.add_argument("procedure", metavar="CODE|FILE", help=str(ONE))
    draw = acts.add_parser("draw", help=str(Text("画流程图（SVG 或 Mermaid）", "draw it (SVG or Mermaid)")))
    draw.add_argument("procedure", metavar="CODE|FILE", help=str(ONE))
    draw.add_argument("--format", choices=["svg", "mermaid"], default="svg")
    compare = acts.add_parser(
        "diff", help=str(Text("对照两个版本，说明改了什么", "say what changed between two of them"))
    )
    compare.add_argument("old", metavar="A", help=str(ONE))
    compare.add_argument("new", metavar="B", help=str(ONE))
    export = acts.add_parser("export", help=str(Text("导出为 BPMN 2.0", "export as BPMN 2.0")))
    export.add_argument("procedure", metavar="CODE|FILE", help=str(ONE))
    export.add_argument(
        "--bpmn", action="store_true", help=str(Text("BPMN 2.0（含图形）", "BPMN 2.0 with its diagram"))
    )
    for each in (show, draw, compare):
        each.add_argument(
            "--lang",
            choices=LANGUAGES,
            help=str(Text("语言，默认随 LINLI_LANG", "language, default LINLI_LANG")),
        )
    for each in (draw, export):
        each.add_argument(
            "--out", metavar="FILE", help=str(Text("写到文件，不写到标准输出", "write to a file"))
        )
    moveversions.add(acts)
    checking = acts.add_parser("check", help=str(Text("检查程序文件", "check procedure files")))
    checking.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help=str(
            Text("文件或文件夹；不写则检查自带的", "files or folders; those shipped when none is named")
        ),
    )


def run(options: argparse.Namespace) -> Answer:
    setup_django()  # the domains register their procedures, guards and fields
    acts: dict[str, Callable[[argparse.Namespace], Answer]] = {
        "list": _list,
        "show": _show,
        "draw": _draw,
        "diff": _diff,
        "export": _export,
        "move": moveversions.run,
        "check": _check,
    }
    with use_language(getattr(options, "lang", None) or current_language()):
        return acts[options.act](options)


def _list(options: argparse.Namespace) -> Answer:
    del options
    from linli.kernel.procedures.loader import procedure_from

    found = [procedure_from(raw) for raw in shipped().values()]
    facts = [
        {"code": p.code, "title": p.title.as_dict(), "n_steps": len(p.steps), "basis": list(p.basis)}
        for p in found
    ]
    return Answer({"procedures": facts}, "\n".join(f"{p.code:<40} {p.title}" for p in found))


def _show(options: argparse.Namespace) -> Answer:
    """`procedure` are the file's own keys with a county's changes laid in, `account` the same in words."""
    from linli.kernel.procedures.reading import account, in_plain_text

    source = source_of(options.procedure)
    said = account(source.procedure(), titles())
    facts = {"procedure": source.raw, "account": said.as_dict()}
    return Answer(facts, in_plain_text(said, current_language()))


def _draw(options: argparse.Namespace) -> Answer:
    from linli.kernel.procedures.drawing.mermaid import mermaid
    from linli.kernel.procedures.drawing.svg import svg

    language = current_language()
    procedure = source_of(options.procedure).procedure()
    make = svg if options.format == "svg" else mermaid
    drawing = make(procedure, language, titles=titles())
    facts = {"code": procedure.code, "format": options.format, "lang": language}
    return _written(drawing, "drawing", facts, options.out)


def _export(options: argparse.Namespace) -> Answer:
    from linli.kernel.procedures.drawing.bpmn import bpmn

    if not options.bpmn:
        raise Invalid(
            "procedures.no_format",
            Text("请写明导出格式：--bpmn。", "Say in which form: --bpmn."),
        )
    procedure = source_of(options.procedure).procedure()
    facts = {"code": procedure.code, "format": "bpmn"}
    return _written(bpmn(procedure, titles=titles()), "document", facts, options.out)


def _check(options: argparse.Namespace) -> Answer:
    return check(options.paths)


def _written(text: str, name: str, facts: dict[str, Any], out: str | None) -> Answer:
    """To standard output, or to the file that was asked for."""
    if out is None:
        return Answer({**facts, name: text}, text)
    Path(out).write_text(text, encoding="utf-8")
    return Answer({**facts, "file": out}, str(Text(f"已写入 {out}。", f"Written to {out}.")))


def _diff(options: argparse.Namespace) -> Answer:
    from linli.kernel.procedures.difference import differences, grouped

    old, new = source_of(options.old), source_of(options.new)
    changes = differences(old.raw, new.raw, titles())
    facts = {
        "old": {"name": old.name, "code": old.code},
        "new": {"name": new.name, "code": new.code},
        "n_changes": len(changes),
        "changes": [change.as_dict() for change in changes],
    }
    if not changes:
        return Answer(
            facts,
            str(Text(f"{old.name} 与 {new.name} 没有不同。", f"{old.name} and {new.name} say the same.")),
        )
    lines = [
        str(
            Text(
                f"{old.name} → {new.name}：{len(changes)} 处不同",
                f"{old.name} → {new.name}: {len(changes)} changes",
            )
        )
    ]
    for group in grouped(changes, old.raw, new.raw):
        lines += ["", str(group.title), *(f"  {_SIGNS[c.kind]} {c.words}" for c in group.changes)]
    return Answer(facts, "\n".join(lines))


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
