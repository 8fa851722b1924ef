"""The tutorial's procedure file really loads (教程里的程序文件能载入)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from linli.kernel.procedures.checks import check_procedure
from linli.kernel.procedures.loader import procedure_from

TUTORIAL = Path(__file__).parents[2] / "docs/tutorial/first-procedure.md"


def file_of_the_tutorial() -> str:
    found = re.search(r"```toml\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_file_passes_the_checker() -> None:
    procedure = procedure_from(tomllib.loads(file_of_the_tutorial()))
    assert check_procedure(procedure, {procedure.code}) == []


def test_without_its_limit_the_checker_names_the_rule() -> None:
    broken = file_of_the_tutorial().replace('within = "3 working days"\n', "")
    findings = check_procedure(procedure_from(tomllib.loads(broken)), set())
    assert [f.rule for f in findings] == ["PC202"]
