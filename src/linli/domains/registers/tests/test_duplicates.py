"""Entries that may be one person (查重): found when written, listed for whoever keeps both, set apart, told by the import."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from linli.base.errors import NotFound
from linli.domains.registers import merging, queries, services
from linli.domains.registers.imports.residents import import_residents
from linli.domains.registers.models import LikelyPair, Resident
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import AuditEntry, Person
from linli.kernel.people.services import find_or_create_person
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
HEAD = "external_id,name,id_number,phone,birth_date,area_code"


def entry(
    cast: Cast, *, phone: str = "", number: str = "", born: str = "", area: str = "village1"
) -> Resident:
    person = Person.objects.create(
        created_at=AT, needed_at=AT
    )  # what a second file brings: the same name again
    from linli.kernel.people.services import fill_in

    fill_in(person, {"name": "林样样", "phone": phone, "id_number": number})
    person.save()
    return services.register_resident(person, area=cast.area(area), by=SYSTEM, birth_date=born, at=AT)


def listed(cast: Cast, who: str = "clerk") -> list[tuple[int, int, str]]:
    return [(p.one_id, p.two_id, p.why) for p in merging.likely_pairs(cast.actor(who)).items]


def test_same_name_and_birth_or_phone_is_listed_and_two_numbers_never(cast: Cast) -> None:
    one, two = entry(cast, born="1980-05-06"), entry(cast, born="1980-05-06", number=id_number(1))
    three = entry(cast, phone="+8613900010001")
    four = entry(cast, phone="+8613900010001", area="grid3")
    entry(cast, born="1980-05-06", number=id_number(2), area="neighbour_village")
    assert listed(cast) == [(three.pk, four.pk, "phone"), (one.pk, two.pk, "birth")]
    entry(cast, born="1970-01-01", number=id_number(3))
    entry(cast, born="1970-01-01", number=id_number(4))
    assert len(listed(cast)) == 2
    assert listed(cast, "dispatcher") == []


def test_what_changes_is_compared_anew(cast: Cast) -> None:
    clerk = cast.actor("clerk")
    one, two = entry(cast, born="1980-05-06"), entry(cast, born="1980-05-07")
    assert listed(cast) == []
    services.correct(two, "person.birth_date", "1980-05-06", by=clerk, reason="看过户口簿", at=AT)
    assert listed(cast) == [(one.pk, two.pk, "birth")]
    services.correct(two, "person.name", "林别样", by=clerk, reason="看过户口簿", at=AT)
    assert listed(cast) == []
    services.correct(two, "person.name", "林样样", by=clerk, reason="看过户口簿", at=AT)
    done = merging.merge(one, two, by=clerk, reason="同一个人", at=AT)
    assert listed(cast) == []
    merging.undo(done, by=clerk, at=AT)
    assert listed(cast) == [(one.pk, two.pk, "birth")]
    services.move_out(one, on=date(2026, 6, 1), by=clerk, at=AT)
    assert listed(cast) == []


def test_two_people_are_said_once(cast: Cast) -> None:
    one, two = entry(cast, born="1980-05-06"), entry(cast, born="1980-05-06")
    with pytest.raises(NotFound):
        merging.set_apart(one, two, by=cast.actor("grid_worker"), at=AT)
    page = cast.client("clerk").get("/staff/registers/duplicates/").content.decode()
    where = f"/staff/registers/merge/{one.person.uid}/{two.person.uid}/"
    assert where in page
    assert "林样样" not in page
    assert cast.client("clerk").post(where, {"act": "apart"}).status_code == 302
    assert listed(cast) == []
    assert merging.alike(one, cast.actor("clerk")) == []
    services.correct(one, "person.sex", "女", by=cast.actor("clerk"), reason="看过户口簿", at=AT)
    assert listed(cast) == []
    assert AuditEntry.objects.get(act="registers.set_apart").facts == {"other": str(two.person.uid)}


def test_the_import_says_how_many_it_brought_and_where_to_look(
    cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.LINLI_DATA_DIR = str(tmp_path)
    services.register_resident(
        find_or_create_person("林样样", "", "", at=AT),
        area=cast.area("village1"), by=SYSTEM, birth_date="1980-05-06", at=AT,
    )  # fmt: skip
    file = tmp_path / "r.csv"
    lines = [HEAD, "R1,林样样,,,1980-05-06,350102001001", "R2,王样,,13900010001,,350102001001", "R3,王样,,13900010001,,350102001002"]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    report = import_residents(file, at=AT)
    assert report.n_accepted == 3
    (note,) = report.notes
    assert "2 对" in note.zh
    assert "/staff/registers/duplicates/" in note.en
    assert import_residents(file, at=AT).notes == []
    lines[1] = "R1,林样样,,,1980-05-07,350102001001"
    file.write_text("\n".join(lines), encoding="utf-8")
    import_residents(file, at=AT)
    assert LikelyPair.objects.count() == 1


def test_pages_by_key_in_one_statement(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for _ in range(6):
        entry(cast, born="1980-05-06")
    clerk = cast.actor("clerk")
    cursor, seen = None, []
    while True:
        with django_assert_max_num_queries(1):
            page = merging.likely_pairs(clerk, cursor=cursor)
        seen += [p.two_id for p in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(set(seen)) == 5


def test_a_comparison_goes_by_its_index_among_thousands(cast: Cast) -> None:
    from linli.domains.registers import likely

    one = entry(cast, born="1980-05-06")
    area = cast.area("village1")
    people = Person.objects.bulk_create(
        (Person(created_at=AT, needed_at=AT) for _ in range(3000)), batch_size=500
    )
    rows = (
        Resident(person=p, area=area, prefix=area.prefix, source="x", as_of=AT, alike_birth=n, alike_phone=-n)
        for n, p in enumerate(people)
    )
    Resident.objects.bulk_create(rows, batch_size=50)
    with connection.cursor() as cursor:
        for table in ("registers_resident", "people_person"):
            cursor.execute(f"ANALYZE {table}")
        explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
        plan = ""
        for query, times in ((likely._SHARED, 1), (likely._FIND, 2)):
            cursor.execute(explain + query.format(these="IN (%s)"), [one.pk] * times)
            plan += "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())
    assert "registers_alike_birth" in plan
    assert "registers_alike_phone" in plan
    assert "SCAN o" not in plan
    assert "Seq Scan on registers_resident o" not in plan
