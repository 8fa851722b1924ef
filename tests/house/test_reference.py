"""The reference pages name everything there is (参考文档不漏项)."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from linli.site.cli import __main__ as cli
from linli.site.config import Config

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def test_every_setting_is_described() -> None:
    page = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    missing = [f.name for f in fields(Config) if f"`LINLI_{f.name.upper()}`" not in page]
    assert missing == []


def test_every_command_is_described() -> None:
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    missing = [name for name in cli.COMMANDS if f"| `{name}` |" not in page]
    assert missing == []


def test_every_key_of_procedure_files_is_described() -> None:
    from linli.kernel.procedures.checks import shape

    page = (REFERENCE / "procedure-files.md").read_text(encoding="utf-8")
    tables = ("CASE", "STEP", "ACTION", "FIELD", "EXTEND", "SUSPENDS", "CHALLENGE", "PART_TO", "MOVES")
    known = {key for name in tables for key in getattr(shape, name).keys}
    assert sorted(key for key in known if f"`{key}`" not in page) == []
