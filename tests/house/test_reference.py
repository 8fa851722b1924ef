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
