"""A county's file made from a form (以表单改程序): the file says what the form said, and keeps what stood in it before."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from linli.base.errors import Invalid
from linli.base.legaltime import parse_period
from linli.kernel.procedures.amending import file_of, limit_changes, limit_rows
from linli.kernel.procedures.tomltext import toml_text
from linli.kernel.procedures.versions import current_procedures, load_all, shipped_files
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_written_file_reads_as_what_was_written() -> None:
    for code, (_, raw) in shipped_files().items():
        assert tomllib.loads(toml_text(raw)) == raw, code
    odd: dict[str, Any] = {
        "a b": '引号" 反斜\\ 换行\n 删除\x7f',
        "t": {"x": {}},
        "l": [{"at": "50%", "n": 1}],
        "no": None,
    }
    assert tomllib.loads(toml_text(odd)) == {k: v for k, v in odd.items() if v is not None}


def test_every_promised_limit_has_a_row_of_its_own(cast: Cast) -> None:
    load_all()
    for procedure in current_procedures():
        rows = limit_rows(procedure)
        assert len({row.code for row in rows}) == len(rows), procedure.code
        assert not any("statutory" in row.code for row in rows)


def test_a_file_names_the_laws_it_had_and_the_new_document(cast: Cast) -> None:
    load_all()
    petition = next(p for p in current_procedures() if p.code == "petition")
    changes = limit_changes(petition, {"limit": parse_period("50 days")}, set(), basis="县办1号")
    raw = tomllib.loads(file_of("petition", "350102", changes, basis="县办1号"))
    assert raw["basis"] == [*petition.basis, "县办1号"]
    assert raw["limit"] == {"is": "50 days", "sample": False, "basis": "县办1号"}
    assert limit_changes(petition, {"limit": parse_period("60 days")}, set(), basis="x") == {}


def test_a_change_without_a_document_is_refused(cast: Cast) -> None:
    load_all()
    with pytest.raises(Invalid) as refused:
        file_of("petition", "350102", {("limit",): "50 days"}, basis=" ")
    assert set(refused.value.fields) == {"basis"}
