"""Versions of procedures (程序版本): what a county changes, from which day, and where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from linli.base.clock import today
from linli.base.errors import LinliError, NotFound
from linli.kernel.procedures import versions
from linli.kernel.procedures.models import ProcedureVersion

pytestmark = pytest.mark.django_db
CODE = "access-question"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    versions.forget()
    yield
    versions.forget()


def override(folder: Path, *lines: str) -> ProcedureVersion:
    path = folder / "over.toml"
    head = [f'extends = "{CODE}"', 'jurisdiction = "350102"']
    basis = [] if any(line.startswith("basis") for line in lines) else ['basis = ["测试用"]']
    path.write_text("\n".join([*head, *basis, *lines]), encoding="utf-8")
    return versions.load_all([path])[-1]


def test_loading_twice_makes_no_second_version() -> None:
    versions.load_all()
    before = ProcedureVersion.objects.count()
    versions.load_all()
    assert ProcedureVersion.objects.count() == before


@pytest.mark.parametrize("written", ["valid_from = {day}", 'valid_from = "{day}"'])
def test_an_override_holds_from_its_day_however_the_day_is_written(tmp_path: Path, written: str) -> None:
    default = versions.current_version(CODE, "350102001")
    made = override(tmp_path, written.format(day=today() + timedelta(days=1)))
    assert made.valid_from == today() + timedelta(days=1)
    assert versions.current_version(CODE, "350102001") == default
    made = override(tmp_path, written.format(day=today()))
    assert versions.current_version(CODE, "350102001") == made.pk


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LinliError) as refused:
        override(tmp_path, 'valid_from = "next year"')
    assert refused.value.code == "procedures.check_failed"


def test_an_override_holds_in_its_county_alone(tmp_path: Path) -> None:
    default = versions.current_version(CODE, "350103001")
    made = override(tmp_path, 'basis = ["试行"]')
    assert versions.current_version(CODE, "350102001001") == made.pk
    assert versions.current_version(CODE, "350103001") == default
    assert versions.current_version(CODE, "3501") == default  # above the county
    assert versions.current_version(CODE, "") == default


def test_an_unknown_code_is_not_found() -> None:
    with pytest.raises(NotFound):
        versions.current_version("no-such", "350102")


def test_what_is_refused_is_named_with_file_line_rule_and_mend(tmp_path: Path) -> None:
    with pytest.raises(LinliError) as refused:
        override(tmp_path, "[steps.asked]", 'actor = "nobody@county"')
    said = refused.value.message.en
    for part in (str(tmp_path / "over.toml"), "line 5", "PC203", "steps.asked.actor"):
        assert part in said
