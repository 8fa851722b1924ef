"""Residents from a file (导入居民登记): what is taken, what is refused and why, again, after a cut, in how many statements."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.errors import Unreadable
from linli.base.imports import ImportReport
from linli.domains.registers.imports import writing
from linli.domains.registers.imports.residents import import_residents
from linli.domains.registers.imports.rows import COLUMNS
from linli.domains.registers.models import Household, Resident
from linli.kernel.people.models import AuditEntry, Person
from linli.kernel.people.services import find_or_create_person
from linli.kernel.people.services.residents import id_hash
from linli.kernel.procedures.historic import insert_rows
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
Load = Callable[..., ImportReport]
GRID = "350102001001001"


@pytest.fixture
def load(cast: Cast, tmp_path: Path, settings: Any) -> Load:
    settings.LINLI_DATA_DIR = str(tmp_path)

    def run(rows: Sequence[dict[str, str]], columns: Sequence[str] = COLUMNS, **options: Any) -> ImportReport:
        file = tmp_path / "residents.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, columns, restval="")
            table.writeheader()
            table.writerows(rows)
        report = import_residents(file, **options)
        assert report.n_read == len(rows)
        return report

    return run


def row(n: int, **more: str) -> dict[str, str]:
    said = {
        "external_id": f"R{n}",
        "name": f"林样例{n}",
        "id_number": id_number(n),
        "phone": f"1390001{n:04}",
        "area_code": GRID,
        "address": f"和平路 {n} 号",
        "household_id": f"H{n // 2}",
        "relation": "户主" if n % 2 == 0 else "配偶",
        "valid_from": "2020-01-01",
    }
    return {**said, **more}


def test_rows_become_residents_with_households_and_nothing_lies_open(load: Load) -> None:
    report = load([row(n) for n in range(4)])
    assert (report.n_accepted, report.n_rejected, report.rejects) == (4, 0, None)
    one = Resident.objects.select_related("person", "household", "area").get(external_id="R2")
    assert (one.person.name, one.address, one.relation) == ("林样例2", "和平路 2 号", "head")
    assert one.birth_date, "from the ID number"
    assert one.sex, "from the ID number"
    assert one.household
    assert one.household.residents.count() == 2
    assert Household.objects.count() == 2
    assert AuditEntry.objects.get(act="registers.imported").facts["counts"]["n_accepted"] == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM registers_resident")
        assert all("和平路".encode() not in bytes(address) for (address,) in cursor.fetchall())


def test_the_same_file_changes_nothing_and_a_changed_row_is_corrected(load: Load) -> None:
    rows = [row(n) for n in range(3)] + [{"name": "无证件", "area_code": GRID}]
    load(rows)
    again = load(rows)
    assert (again.n_accepted, again.n_unchanged) == (0, 4)
    changed = load([{**rows[0], "address": "文化路 1 号"}, *rows[1:]])
    assert (changed.n_accepted, changed.n_unchanged) == (1, 3)
    assert Resident.objects.get(external_id="R0").address == "文化路 1 号"
    assert Resident.objects.count() == 4


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", ""),
        ("area_code", "990102001001001"),
        ("id_number", "350102195001010010"),
        ("id_number", "350102500101001"),
        ("birth_date", "1950-13-01"),
        ("birth_date", "2999-01-01"),
        ("birth_date", "1990-01-02"),
        ("sex", "x"),
        ("phone", "12345"),
        ("relation", "邻居"),
        ("valid_from", "2999-01-01"),
        ("external_id", "=1"),
        ("address", "路" * 201),
    ],
)
def test_a_bad_row_is_refused_with_its_column_and_the_rest_is_taken(
    load: Load, column: str, value: str
) -> None:
    report = load([row(1), row(2, **{column: value})])
    assert (report.n_accepted, report.n_rejected) == (1, 1)
    assert report.rejects
    with Path(report.rejects).open(encoding="utf-8-sig", newline="") as file:
        (refused,) = csv.DictReader(file)
    assert refused["row"] == "3"
    assert column in refused["content"]
    assert refused["reason_zh"].startswith(f"{column}：")
    assert refused["reason_en"].startswith(f"{column}: ")


def test_an_id_number_is_one_person(load: Load, cast: Cast) -> None:
    known = find_or_create_person("林样例1", "", id_number(1))
    other = find_or_create_person("别的名字", "", id_number(2))
    report = load([row(1), row(2), row(3), row(4, id_number=id_number(3))])
    assert (report.n_accepted, report.n_rejected) == (2, 2)
    assert Resident.objects.get(external_id="R1").person == known
    assert not Resident.objects.filter(person=other).exists()
    assert Person.objects.filter(id_hash=id_hash(id_number(3))).count() == 1


def test_a_dry_run_says_the_same_and_writes_nothing(load: Load) -> None:
    rows = [row(1), row(1), row(2, phone="1")]
    dry = load(rows, dry_run=True)
    assert not Resident.objects.exists()
    wet = load(rows)
    assert (dry.n_accepted, dry.n_unchanged, dry.n_rejected) == (1, 1, 1)
    assert (wet.n_accepted, wet.n_unchanged, wet.n_rejected) == (1, 1, 1)


@pytest.mark.parametrize("columns", [("name",), ("name", "area_code", "religion")])
def test_a_wrong_header_is_refused_before_anything_is_written(load: Load, columns: Sequence[str]) -> None:
    with pytest.raises(Unreadable) as refused:
        load([], columns)
    assert refused.value.code == "imports.wrong_columns"
    assert not Resident.objects.exists()


def test_a_cut_leaves_whole_batches_and_the_next_run_ends_the_work(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(n) for n in range(30)]
    monkeypatch.setattr("linli.domains.registers.imports.residents.BATCH", 10)
    calls: list[str] = []

    def cut(table: str, columns: Sequence[str], values: Any) -> None:
        calls.append(table)
        if calls.count("registers_resident") == 2:
            raise KeyboardInterrupt
        insert_rows(table, columns, values)

    before = Person.objects.count()
    with monkeypatch.context() as while_cut:
        while_cut.setattr(writing, "insert_rows", cut)
        with pytest.raises(KeyboardInterrupt):
            load(rows)
    assert Resident.objects.count() == 10
    assert Person.objects.count() == before + 10
    rest = load(rows)
    assert (rest.n_accepted, rest.n_unchanged) == (20, 10)


def test_statements_of_a_batch_do_not_grow_with_its_rows(load: Load) -> None:
    def counted(first: int, n: int) -> int:
        with CaptureQueriesContext(connection) as said:
            load([row(k) for k in range(first, first + n)])
        return len(said)

    load([row(0)])
    assert counted(10, 4) == counted(100, 400)
