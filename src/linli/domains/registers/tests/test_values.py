"""What other offices know about residents (其他主管的要素值): taken, refused at its column, again, and offered while it holds."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.base.errors import Unreadable
from linli.base.imports import ImportReport
from linli.domains.registers import queries, services
from linli.domains.registers.imports import values
from linli.domains.registers.imports.values import import_elements
from linli.domains.registers.models import ElementValue, Resident
from linli.kernel.people.known import known_about
from linli.kernel.people.models import AccessEntry, AuditEntry
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
Load = Callable[..., ImportReport]


@pytest.fixture
def resident(cast: Cast) -> Resident:
    clerk = cast.actor("clerk")
    found = services.register_resident(cast.person("resident"), area=cast.area("village1"), by=clerk, at=AT)
    Resident.objects.filter(pk=found.pk).update(external_id="R1")
    return found


@pytest.fixture
def load(resident: Resident, tmp_path: Path, settings: Any) -> Load:
    settings.LINLI_DATA_DIR = str(tmp_path)

    def run(*rows: dict[str, str], columns: Sequence[str] = values.COLUMNS, **options: Any) -> ImportReport:
        file = tmp_path / "elements.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, columns, restval="")
            table.writeheader()
            table.writerows(rows)
        report = import_elements(file, at=AT, **options)
        assert report.n_read == len(rows)
        return report

    return run


def row(**more: str) -> dict[str, str]:
    return {
        "external_id": "R1",
        "element": "disability.grade",
        "value": "肢体二级",
        "as_of": "2026-05-01",
        **more,
    }


def test_a_value_comes_with_its_owner_and_day_and_is_sealed(
    cast: Cast, load: Load, resident: Resident
) -> None:
    assert load(row()).n_accepted == 1
    found = known_about(resident.person, ["disability.grade"], purpose="", by=cast.actor("resident"))
    known = found["disability.grade"]
    assert (known.value, str(known.source), known.as_of.isoformat()) == (
        "肢体二级",
        "残疾人联合会",
        "2026-05-01",
    )
    clerk = cast.actor("clerk")
    assert known_about(resident.person, ["disability.grade"], purpose="受理", by=clerk) == {}
    told = known_about(
        resident.person, ["disability.grade"], purpose="受理", by=clerk, ground="残疾人保障法 48"
    )
    assert set(told) == {"disability.grade"}
    assert AccessEntry.objects.get(person=resident.person).what == "disability.grade"
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM registers_elementvalue")
        assert "肢体".encode() not in bytes(cursor.fetchone()[0])
    page = cast.client("resident").get("/mine/registers/").content.decode()
    assert "肢体二级" in page
    assert AuditEntry.objects.get(act="registers.values_imported").facts["counts"]["n_accepted"] == 1


def test_the_same_file_changes_nothing_a_later_day_replaces_an_older_is_refused(load: Load) -> None:
    assert load(row()).n_accepted == 1
    assert load(row()).n_unchanged == 1
    later = load(row(value="肢体一级", as_of="2026-05-20"))
    older = load(row())
    assert (later.n_accepted, older.n_rejected) == (1, 1)
    held = ElementValue.objects.get()
    assert (held.value, held.as_of.isoformat()) == ("肢体一级", "2026-05-20")
    twice = load(
        row(element="person.residence", value="和平路 1 号"),
        row(element="person.residence", value="文化路 2 号"),
    )
    assert twice.n_accepted == 2
    assert ElementValue.objects.get(element="person.residence").value == "文化路 2 号"


def test_what_holds_no_longer_is_offered_nowhere(cast: Cast, load: Load, resident: Resident) -> None:
    load(row(valid_to="2026-05-31"))
    assert queries.known(resident.person, ["disability.grade"]) == {}
    load(row(valid_to="2999-01-01"))
    assert set(queries.known(resident.person, ["disability.grade"])) == {"disability.grade"}


@pytest.mark.parametrize(
    ("column", "more"),
    [
        ("external_id", {"external_id": ""}),
        ("external_id", {"external_id": "R9"}),
        ("id_number", {"external_id": "", "id_number": "350102199001010017"}),
        ("id_number", {"external_id": "", "id_number": id_number(3)}),
        ("element", {"element": "person.religion"}),
        ("element", {"element": "person.name"}),
        ("element", {"element": "bank.account"}),
        ("element", {"element": "organisation.name"}),
        ("element", {"element": "work.unemployed"}),  # looked up at its owner, not kept
        ("value", {"value": ""}),
        ("value", {"value": "长" * 201}),
        ("source", {"source": "某" * 61}),
        ("as_of", {"as_of": ""}),
        ("as_of", {"as_of": "2026-06-02"}),
        ("valid_to", {"valid_to": "2026-04-30"}),
    ],
)
def test_a_bad_row_is_refused_with_its_column_and_the_rest_is_taken(
    load: Load, column: str, more: dict[str, str]
) -> None:
    report = load(row(**more), row(element="assistance.status", value="低保"))
    assert (report.n_accepted, report.n_rejected) == (1, 1)
    assert report.rejects
    with Path(report.rejects).open(encoding="utf-8-sig", newline="") as file:
        (refused,) = csv.DictReader(file)
    assert refused["reason_zh"].startswith(f"{column}：")
    assert refused["reason_en"].startswith(f"{column}: ")


def test_two_numbers_of_two_people_and_who_moved_out_are_refused(
    cast: Cast, load: Load, resident: Resident
) -> None:
    clerk = cast.actor("clerk")
    services.enter_resident(
        name="王别人", area=cast.area("village1"), by=clerk, id_number=id_number(2), at=AT
    )
    assert load(row(id_number=id_number(2))).n_rejected == 1
    assert load(row(external_id="", id_number=id_number(2))).n_accepted == 1
    services.move_out(resident, on=AT.date(), by=clerk, at=AT)
    assert load(row()).n_rejected == 1


def test_a_dry_run_writes_nothing_and_a_wrong_header_is_refused(load: Load) -> None:
    assert load(row(), dry_run=True).n_accepted == 1
    assert not ElementValue.objects.exists()
    with pytest.raises(Unreadable) as refused:
        load(columns=("element", "value"))
    assert refused.value.code == "imports.wrong_columns"


def test_statements_of_a_batch_do_not_grow_with_its_rows(cast: Cast, load: Load) -> None:
    people = [
        services.enter_resident(
            name="林样样", area=cast.area("village1"), by=cast.actor("clerk"), id_number=id_number(n), at=AT
        ).person
        for n in range(1, 20)
    ]

    def counted(n: int, value: str) -> int:
        with CaptureQueriesContext(connection) as said:
            load(*(row(external_id="", id_number=p.id_number, value=value) for p in people[:n]))
        return len(said)

    assert counted(2, "一") == counted(19, "二")


def test_a_cut_leaves_whole_batches_and_the_next_run_ends_the_work(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "BATCH", 1)
    rows = [row(), row(element="assistance.status", value="低保")]
    real, calls = values._take, []

    def cut(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    with monkeypatch.context() as while_cut:
        while_cut.setattr(values, "_take", cut)
        with pytest.raises(KeyboardInterrupt):
            load(*rows)
    assert ElementValue.objects.count() == 1
    rest = load(*rows)
    assert (rest.n_accepted, rest.n_unchanged) == (1, 1)


def test_the_dictionary_marks_what_nobody_brought(
    cast: Cast, load: Load, django_assert_num_queries: Any
) -> None:
    assert "disability.grade" in queries.not_held()
    assert "还没有数据来源" in Client().get("/elements/").content.decode()
    load(row())
    with django_assert_num_queries(1):
        assert "disability.grade" not in queries.not_held()
    assert not {"person.name", "bank.account"} & queries.not_held()
