"""`linli procedures list|show|check` (程序): what is in force, and what the checker says about files."""

from __future__ import annotations

import argparse
from typing import Any

from linli.base.errors import NotFound
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.checkfiles import check
from linli.site.cli.house import setup_django

TITLE = Text("查看和检查程序", "list, show and check the procedures")


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="list|show|check", required=True)
    acts.add_parser("list", help=str(Text("列出全部程序", "list all procedures")))
    show = acts.add_parser(
        "show",
        help=str(Text("看一个程序的环节、时限和操作", "show one procedure's steps, limits and actions")),
    )
    show.add_argument("code", metavar="CODE")
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
    acts = {"list": _list, "show": _show, "check": _check}
    return acts[options.act](options)


def _raws() -> dict[str, dict[str, Any]]:
    from linli.kernel.procedures.versions import shipped_files

    return {code: raw for code, (_, raw) in shipped_files().items()}


def _list(options: argparse.Namespace) -> Answer:
    del options
    from linli.kernel.procedures.loader import procedure_from

    found = [procedure_from(raw) for raw in _raws().values()]
    facts = [
        {"code": p.code, "title": p.title.as_dict(), "n_steps": len(p.steps), "basis": list(p.basis)}
        for p in found
    ]
    return Answer({"procedures": facts}, "\n".join(f"{p.code:<40} {p.title}" for p in found))


def _show(options: argparse.Namespace) -> Answer:
    from linli.kernel.procedures.loader import procedure_from

    raw = _raws().get(options.code)
    if raw is None:
        raise NotFound(
            "procedures.unknown",
            Text(
                f"没有“{options.code}”这个程序。可用 ./linli procedures list 查看全部。",
                f"There is no procedure {options.code!r}. See them all with ./linli procedures list.",
            ),
        )
    procedure = procedure_from(raw)
    lines = [f"{procedure.code}  {procedure.title}", *(f"  {basis}" for basis in procedure.basis)]
    for step in procedure.steps.values():
        limit = step.within.period.title if step.within and step.within.period else ""
        lines.append(f"- {step.code}  {step.title}  {step.actor}  {limit}".rstrip())
        lines += [
            f"    {action.code} → {action.to or '·'}  {action.title}" for action in step.actions.values()
        ]
    return Answer({"procedure": raw}, "\n".join(lines))


def _check(options: argparse.Namespace) -> Answer:
    return check(options.paths)
