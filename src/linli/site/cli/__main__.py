"""The door of the command line (命令行入口): parse, run one command, answer, exit with 0, 1 or 2."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import traceback
from importlib import import_module
from typing import NoReturn, Protocol, cast

from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text, activate_language
from linli.site.cli.answer import NO, WRONG_USE, Answer, error_json, exit_code_of
from linli.site.cli.house import choose_data_dir
from linli.site.cli.speech import chosen_language, complain, put, put_json

COMMANDS = {
    "demo": "linli.site.cli.demo",
    "serve": "linli.site.cli.serve",
    "worker": "linli.site.cli.worker",
    "migrate": "linli.site.cli.migrate",
    "createadmin": "linli.site.cli.createadmin",
    "import": "linli.site.cli.importing",
    "export": "linli.site.cli.exporting",
    "procedures": "linli.site.cli.procedures",
    "clock": "linli.site.cli.clock",
    "locate": "linli.site.cli.locate",
    "records": "linli.site.cli.records",
    "peers": "linli.site.cli.peers",
    "backup": "linli.site.cli.backup",
    "check": "linli.site.cli.check",
    "test": "linli.site.cli.testrun",
    "pictures": "linli.site.cli.pictures",
}

INTERRUPTED = 130


class Command(Protocol):
    TITLE: Text

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, options: argparse.Namespace) -> Answer | None: ...


class Parser(argparse.ArgumentParser):
    """Wrong usage becomes a refusal like any other (用法错误也是一种拒绝)."""

    def error(self, message: str) -> NoReturn:
        raise Invalid(
            "cli.usage",
            Text(
                f"命令写法不对：{message}。用法见 {self.prog} --help。",
                f"The command is not written rightly: {message}. See {self.prog} --help.",
            ),
        )


def everywhere_parser() -> Parser:
    """What every command takes, wherever it stands in the line (各命令共有的选项)."""
    everywhere = Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    everywhere.add_argument(
        "--data", metavar="DIR", help=str(Text("数据文件夹（默认 var/）", "data folder (default var/)"))
    )
    everywhere.add_argument(
        "--json", action="store_true", help=str(Text("以一个 JSON 对象回答", "answer as one JSON object"))
    )
    return everywhere


def build_parser(everywhere: Parser) -> tuple[Parser, dict[str, Command]]:
    parser = Parser(
        prog="./linli",
        parents=[everywhere],
        description=str(
            Text("邻里：县乡村基层管理服务平台", "Linli: the grassroots management and service platform")
        ),
    )
    wanted = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    modules: dict[str, Command] = {}
    for name, path in COMMANDS.items():
        module = cast("Command", import_module(path))
        modules[name] = module
        sub = wanted.add_parser(
            name, parents=[everywhere], help=str(module.TITLE), description=str(module.TITLE)
        )
        module.arguments(sub)
    return parser, modules


def shield_negative_numbers(arguments: list[str]) -> list[str]:
    """`-71.06` is a number, not an option (负数不是选项): argparse leaves a word with a blank in it alone."""

    def is_number(word: str) -> bool:
        try:
            float(word)
        except ValueError:
            return False
        return True

    return [f" {word}" if word.startswith("-") and is_number(word) else word for word in arguments]


def answer_to(arguments: list[str]) -> Answer | None:
    everywhere = everywhere_parser()
    known, rest = everywhere.parse_known_args(arguments)
    parser, modules = build_parser(everywhere)
    options = parser.parse_args(shield_negative_numbers(rest))
    options.json, options.data = hasattr(known, "json"), getattr(known, "data", None)
    choose_data_dir(options.data)
    return modules[options.command].run(options)


def main(arguments: list[str]) -> int:
    activate_language(chosen_language())
    as_json = "--json" in arguments
    try:
        answer = answer_to(arguments)
    except LinliError as error:
        return _refuse(error, as_json)
    except KeyboardInterrupt:
        if as_json:
            put_json({"ok": False, "error": {"code": "cli.interrupted", "message": "interrupted"}})
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last door: whatever it is becomes a sentence and an exit code
        return _break_down(error, as_json)
    if answer is None:
        return 0
    if not answer.said:
        put_json(answer.as_json()) if as_json else put(answer.text)
    return answer.exit_code


def _refuse(error: LinliError, as_json: bool) -> int:
    complain(str(error))
    for text in error.fields.values() if isinstance(error, Invalid) else ():
        complain(f"  {text}")
    if as_json:
        put_json(error_json(error))
    return exit_code_of(error)


def _break_down(error: Exception, as_json: bool) -> int:
    """What nobody foresaw (意外错误): a sentence, the trace on standard error, nothing half-said on standard output."""
    code, message, exit_code = _explain(error)
    if code == "cli.broken" or os.environ.get("LINLI_DEBUG"):
        traceback.print_exception(error)
    complain(message)
    if as_json:
        put_json({"ok": False, "error": {"code": code, "message": message}})
    return exit_code


def _explain(error: Exception) -> tuple[str, str, int]:
    database = sys.modules.get("django.db.utils")
    if database and isinstance(error, database.Error):
        message = Text(
            f"数据库不能使用：{error}。请核对 --data、LINLI_DATABASE_URL，或先运行 ./linli migrate。",
            f"The database cannot be used: {error}. Check --data and LINLI_DATABASE_URL, or run ./linli migrate.",
        )
        return "site.database", str(message), NO
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        message = Text(
            f"{where}{error.strerror or error}。请核对路径和权限。",
            f"{where}{error.strerror or error}. Check the path and its rights.",
        )
        return "cli.not_readable", str(message), WRONG_USE
    message = Text(
        f"程序出错了：{type(error).__name__}: {error}。没有完成；详情在上方，请附上它报告问题。",
        f"Something broke: {type(error).__name__}: {error}. It was not finished; "
        "the details stand above, please report them.",
    )
    return "cli.broken", str(message), NO


if __name__ == "__main__":
    logging.captureWarnings(capture=True)
    sys.exit(main(sys.argv[1:]))
