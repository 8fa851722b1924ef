"""Residents found by a part of their name (按部分姓名查居民): within one's area, masked, entered as a look, by an index."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from linli.base.errors import Invalid, NotFound
from linli.base.vault import new_keys_json, vault_from_json
from linli.domains.registers import merging, nameparts, queries, services
from linli.domains.registers.imports.residents import import_residents
from linli.domains.registers.models import ElementValue, NamePart, Resident
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import AccessEntry, Person
from linli.kernel.people.retention import anonymise
from linli.kernel.people.services import correct_person, find_or_create_person
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
WHY = "核对来访的人"


def entry(
    cast: Cast, name: str, area: str = "village1", *, phone: str = "", number: str = "", born: str = ""
) -> Resident:
    person = find_or_create_person(name, phone, number, at=AT)
    return services.register_resident(person, area=cast.area(area), by=SYSTEM, birth_date=born, at=AT)


def names(cast: Cast, text: str, who: str = "clerk") -> list[str]:
    page = queries.search(text, by=cast.actor(who), purpose=WHY, at=AT)
    return sorted(r.person.name for r in page.items)


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("林建国", ["林建", "建国"]),
        ("林建", ["林建"]),
        ("哈哈哈", ["哈哈"]),
        ("阿依·古丽", ["阿依", "依古", "古丽"]),
        ("Li Na", ["li", "in", "na"]),
        ("林", ["林"]),
        ("", []),
    ],
)
def test_a_name_is_kept_by_pairs(name: str, pairs: list[str]) -> None:
    assert nameparts.pairs(name) == pairs


@given(st.text(max_size=80), st.sampled_from(["name", nameparts.KIND, "phone"]))
def test_many_are_hashed_as_one_is(value: str, kind: str) -> None:
    value = value.encode(errors="replace").decode()
    vault = vault_from_json(new_keys_json())
    assert vault.finder(kind)(value) == vault.lookup_hash(kind, value)


def test_a_part_of_a_name_or_a_whole_number_finds_within_ones_area(cast: Cast) -> None:
    entry(cast, "林建国", phone="13900010001", number=id_number(1))
    entry(cast, "陈建国", "grid3")
    entry(cast, "林国建")
    entry(cast, "林建国", "neighbour_village")
    assert names(cast, "建国") == ["林建国", "陈建国"]
    assert names(cast, "林建国") == ["林建国"]
    assert names(cast, "1390001 0001") == ["林建国"]
    assert names(cast, id_number(1)) == ["林建国"]
    assert names(cast, "国林") == []
    entry(cast, "建国林建")  # holds both pairs of 林建国, not together
    assert names(cast, "林建国") == ["林建国"]


def test_the_neighbours_clerk_finds_nothing_of_this_town(cast: Cast) -> None:
    entry(cast, "欧阳邻居", "neighbour_village", phone="13900010009")
    assert names(cast, "欧阳") == []
    assert names(cast, "13900010009") == []
    for who in ("grid_worker", "dispatcher", "leader", "admin", "resident"):
        with pytest.raises(NotFound):
            queries.search("欧阳", by=cast.actor(who), purpose=WHY)


@pytest.mark.parametrize("text", ["林", " · 林", "1390001", "3501021990", "", "12"])
def test_too_little_is_refused_at_its_field(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        queries.search(text, by=cast.actor("clerk"), purpose=WHY)
    assert refused.value.code == "registers.too_little"
    assert "q" in refused.value.fields


def test_a_search_is_a_look_at_everybody_on_the_page_and_needs_a_purpose(cast: Cast) -> None:
    found = entry(cast, "林建国")
    with pytest.raises(Invalid):
        queries.search("建国", by=cast.actor("clerk"), purpose=" ")
    names(cast, "建国")
    look = AccessEntry.objects.get(person=found.person)
    assert (look.what, look.purpose, look.post_id) == ("search:name_part", WHY, cast.post("clerk").pk)
    names(cast, "王五")
    assert AccessEntry.objects.get(person=None).what == "search:name_part"


def test_whatever_changes_a_name_or_a_home_is_followed(cast: Cast) -> None:
    clerk = cast.actor("clerk")
    one = entry(cast, "林建国", phone="13900010001", born="1980-05-06")
    services.correct(one, "person.name", "林建军", by=clerk, reason="看过户口簿", at=AT)
    assert (names(cast, "建国"), names(cast, "建军")) == ([], ["林建军"])
    mine = entry(cast, "林小邻", phone="13900000001", number="350102199001010016")
    correct_person(mine.person, {"name": "林大邻"}, by=cast.actor("resident"), at=AT)
    assert (names(cast, "小邻"), names(cast, "大邻")) == ([], ["林大邻"])

    gone = entry(cast, "林建军", number=id_number(7), born="1980-05-06")
    done = merging.merge(one, gone, by=clerk, reason="同一个人", at=AT)
    assert names(cast, "建军") == ["林建军"]
    merging.undo(done, by=clerk, at=AT)
    assert names(cast, "建军") == ["林建军", "林建军"]

    services.move_out(one, on=date(2026, 5, 1), by=clerk, at=AT)
    services.move_out(gone, on=date(2026, 5, 1), by=clerk, at=AT)
    assert names(cast, "建军") == []
    assert names(cast, "13900010001") == ["林建军"]  # who moved out is found by the whole number
    one = Resident.objects.get(pk=one.pk)
    services.register_resident(one.person, area=cast.area("grid3"), by=clerk, at=AT)
    assert names(cast, "建军") == ["林建军"]
    assert set(NamePart.objects.filter(resident=one).values_list("prefix", flat=True)) == {
        cast.area("grid3").prefix
    }


def test_of_whom_is_anonymised_nothing_stays(cast: Cast) -> None:
    one = entry(cast, "林建国", born="1980-05-06")
    ElementValue.objects.create(
        person=one.person, element="disability.grade", value="x", source="y", as_of=AT
    )
    services.move_out(one, on=date(2026, 5, 1), by=cast.actor("clerk"), at=AT)
    anonymise(Person.objects.get(pk=one.pk), AT)
    assert not Resident.objects.filter(pk=one.pk).exists()
    assert not NamePart.objects.filter(resident_id=one.pk).exists()
    assert not ElementValue.objects.exists()


def test_an_import_writes_them_and_a_changed_row_rewrites_them(
    cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.LINLI_DATA_DIR = str(tmp_path)
    file = tmp_path / "residents.csv"
    for name in ("林建国", "林建军"):
        file.write_text(f"external_id,name,area_code\nR1,{name},350102001001001\n", encoding="utf-8")
        import_residents(file, at=AT)
    assert (names(cast, "建国"), names(cast, "建军")) == ([], ["林建军"])
    find = current_vault().finder(nameparts.KIND)
    assert sorted(NamePart.objects.values_list("part", flat=True)) == sorted(nameparts.parts("林建军", find))


def test_pages_by_key_in_a_set_number_of_statements(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for n in range(5):
        entry(cast, f"林建国{'甲乙丙丁戊'[n]}", ("village1", "grid3")[n % 2])
    clerk, cursor, seen = cast.actor("clerk"), None, []
    while True:
        with django_assert_max_num_queries(
            7
        ):  # the count of searches, the page, the looks in their savepoints
            page = queries.search("林建国", by=clerk, purpose=WHY, cursor=cursor, at=AT)
        seen += [r.pk for r in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert (len(seen), len(set(seen))) == (5, 5)


def test_the_page_posts_masks_and_says_what_is_wrong(cast: Cast) -> None:
    entry(cast, "林建国", phone="13900010001")
    clerk = cast.client("clerk")
    assert 'action="/staff/registers/search/"' in clerk.get("/staff/registers/").content.decode()
    refused = clerk.post("/staff/registers/search/", {"q": "林", "purpose": "register"})
    assert refused.status_code == 422
    assert "q-wrong" in refused.content.decode()
    assert clerk.post("/staff/registers/search/", {"q": "建国"}).status_code == 422
    page = clerk.post("/staff/registers/search/", {"q": "建国", "purpose": "register"})
    assert "林**" in page.content.decode()
    assert "林建国" not in page.content.decode()
    assert "13900010001" not in page.content.decode()
    assert cast.client("handler").post("/staff/registers/search/", {"q": "建国"}).status_code == 403


def test_the_search_goes_by_its_index_among_thousands(cast: Cast) -> None:
    """Of a whole county, no more is read than what the part and the area say together."""
    one = entry(cast, "林建国")
    area, other = cast.area("village1"), cast.area("neighbour_village")
    people = Person.objects.bulk_create(
        (Person(created_at=AT, needed_at=AT) for _ in range(3000)), batch_size=500
    )
    Resident.objects.bulk_create(
        (
            Resident(
                person=p,
                area=a,
                prefix=a.prefix,
                relation="",
                sex="",
                birth_date="",
                address="",
                source="x",
                as_of=AT,
            )
            for n, p in enumerate(people)
            for a in [area if n % 2 else other]
        ),
        batch_size=50,
    )
    NamePart.objects.bulk_create(
        (
            NamePart(resident_id=p.pk, part=part, prefix=(area if n % 2 else other).prefix)
            for n, p in enumerate(people)
            for part in (n, n % 40 + 10_000)
        ),
        batch_size=200,
    )
    with connection.cursor() as cursor:
        for table in ("registers_namepart", "registers_resident", "people_person"):
            cursor.execute(f"ANALYZE {table}")
    here = queries.areas_of(cast.actor("clerk"))
    assert here is not None
    rows: Any = queries.with_pairs(here, "林建国")
    plan = rows.order_by("prefix", "id")[:31].explain()
    assert "registers_name_part" in plan
    assert "SCAN registers_namepart" not in plan
    assert "Seq Scan on registers_namepart" not in plan
    assert "registers_resident" in plan
    assert "SCAN registers_resident" not in plan
    assert "Seq Scan on registers_resident" not in plan
    assert [row.resident_id for row in queries.with_pairs(here, "林建国")] == [one.pk]
