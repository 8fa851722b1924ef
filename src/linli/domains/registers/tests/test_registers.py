"""What the register knows (已知信息), to whom, how it is corrected, and what its pages show to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from os import urandom
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from linli.base.clock import now
from linli.base.errors import Invalid, NotFound, Refused
from linli.domains.registers import queries, services
from linli.domains.registers.models import ElementValue, Resident
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.known import known_about
from linli.kernel.people.models import AccessEntry, Person
from linli.kernel.people.queries import people_visible_to
from linli.kernel.people.services import find_or_create_person, search_people
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import replay
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def resident(cast: Cast) -> Resident:
    clerk = cast.actor("clerk")
    child = find_or_create_person("林小样", "", "", at=AT)
    services.register_resident(
        child,
        area=cast.area("village1"),
        by=clerk,
        household="H1",
        relation="child",
        birth_date="2019-05-01",
        at=AT,
    )
    return services.register_resident(
        cast.person("resident"),
        area=cast.area("village1"),
        by=clerk,
        household="H1",
        relation="户主",
        birth_date="1980-05-06",
        sex="女",
        address="和平路 12 号",
        at=AT,
    )


def sign_in(cast: Cast, who: str) -> Client:
    client = Client()
    client.force_login(cast.account(who), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_form_is_filled_from_the_register_with_source_and_date(cast: Cast, resident: Resident) -> None:
    codes = ["person.address", "household.number", "child.name", "child.birth_date", "bank.account"]
    ElementValue.objects.create(
        person=resident.person, element="bank.account", value="6222", source="本人", as_of=date(2026, 1, 1)
    )
    own = known_about(resident.person, codes, purpose="", by=cast.actor("resident"))
    assert {c: k.value for c, k in own.items()} == {
        "person.address": "和平路 12 号",
        "household.number": "H1",
        "child.name": "林小样",
        "child.birth_date": "2019-05-01",
        "bank.account": "6222",
    }
    assert own["person.address"].as_of == date(2026, 6, 1)
    staff = known_about(resident.person, codes, purpose="受理", by=cast.actor("clerk"))
    assert set(staff) == {"person.address", "household.number"}
    assert AccessEntry.objects.get(person=resident.person).what == "household.number, person.address"


def test_a_clerk_finds_residents_of_the_own_area_alone(cast: Cast, resident: Resident) -> None:
    name = resident.person.name
    assert search_people(by=cast.actor("clerk"), name=name, purpose="受理") == [resident.person]
    Resident.objects.filter(pk=resident.pk).update(
        area=cast.area("neighbour_village"), prefix=cast.area("neighbour_village").prefix
    )
    assert search_people(by=cast.actor("clerk"), name=name, purpose="受理") == []
    with pytest.raises(NotFound):
        queries.access_resident(str(resident.person.uid), cast.actor("clerk"))


@pytest.mark.parametrize("who", ["grid_worker", "handler", "outsider"])
def test_others_neither_see_nor_write_the_register(cast: Cast, resident: Resident, who: str) -> None:
    actor = cast.actor(who)
    assert not queries.visible_to(actor).filter(pk=resident.pk).exists()
    assert queries.households(actor).items == []
    with pytest.raises(NotFound):
        services.correct(resident, "person.address", "别处", by=actor, reason="看看", at=AT)
    with pytest.raises(NotFound):
        services.move_out(resident, on=date(2026, 6, 1), by=actor, at=AT)


def test_moving_out_once_and_in_again(cast: Cast, resident: Resident) -> None:
    clerk = cast.actor("clerk")
    with pytest.raises(Refused, match="登记"):
        services.register_resident(resident.person, area=cast.area("village1"), by=clerk, at=AT)
    with pytest.raises(Invalid):
        services.move_out(resident, on=date(2026, 6, 2), by=clerk, at=AT)
    services.move_out(resident, on=date(2026, 6, 1), by=clerk, at=AT)
    assert known_about(resident.person, ["person.address"], purpose="", by=cast.actor("resident")) == {}
    with pytest.raises(Refused):
        services.move_out(resident, on=date(2026, 6, 1), by=clerk, at=AT)
    services.register_resident(resident.person, area=cast.area("village2"), by=clerk, at=AT)
    assert queries.lives_here(resident.person)


def asked(cast: Cast, element: str, value: str) -> Case:
    receipt = engine.open_case(
        "element-correction",
        by=cast.actor("resident"),
        area=cast.area("village1"),
        data={"element": element, "right_value": value},
        channel="web",
        applicant=cast.person("resident"),
        at=AT,
    )
    return Case.objects.get(number=receipt.number)


def test_a_correction_is_written_where_the_datum_is_owned(cast: Cast, resident: Resident) -> None:
    case = asked(cast, "person.address", "文化路 3 号")
    assert "文化路" not in case.title
    assert (
        known_about(resident.person, ["person.address"], purpose="", by=cast.actor("resident"))[
            "person.address"
        ].value
        == "和平路 12 号"
    )
    engine.act(case, "correct", {"checked": "看了户口簿。"}, by=cast.actor("clerk"), at=AT + DAY)
    known = known_about(resident.person, ["person.address"], purpose="", by=cast.actor("resident"))
    assert known["person.address"].value == "文化路 3 号"
    assert known["person.address"].as_of == date(2026, 6, 2)
    case.refresh_from_db()
    assert case.outcome == "corrected"
    replay(case)


def test_a_refused_correction_says_why_and_changes_nothing(cast: Cast, resident: Resident) -> None:
    case = asked(cast, "person.name", "林样样")
    with pytest.raises(Invalid):
        engine.act(case, "refuse", {}, by=cast.actor("clerk"), at=AT + DAY)
    said = {"reason": "户口簿上写的就是现在的名字。", "legal_basis": "个人信息保护法 46"}
    engine.act(case, "refuse", said, by=cast.actor("clerk"), at=AT + DAY)
    assert Person.objects.get(pk=resident.pk).name == resident.person.name


@pytest.mark.parametrize(
    ("element", "value"),
    [("person.birth_date", "2999-01-01"), ("person.sex", "x"), ("person.address", "路" * 201)],
)
def test_what_cannot_be_right_is_not_taken(cast: Cast, resident: Resident, element: str, value: str) -> None:
    with pytest.raises(Invalid):
        asked(cast, element, value)
    assert not Case.objects.filter(procedure="element-correction").exists()


def test_who_is_not_registered_has_nothing_to_correct(cast: Cast) -> None:
    with pytest.raises(Refused):
        asked(cast, "person.address", "文化路 3 号")


def test_my_page_shows_values_and_sources_and_leaves_no_trace(cast: Cast, resident: Resident) -> None:
    page = sign_in(cast, "resident").get("/mine/registers/").content.decode()
    assert "和平路 12 号" in page
    assert "窗口登记" in page
    assert not AccessEntry.objects.exists()


def test_the_desk_shows_masked_names_and_more_only_for_a_purpose(cast: Cast, resident: Resident) -> None:
    clerk = sign_in(cast, "clerk")
    name = resident.person.name
    where = f"/staff/registers/residents/{resident.person.uid}/"
    for path in ("/staff/registers/", "/staff/registers/households/H1/", where):
        answer = clerk.get(path)
        assert answer.status_code == 200
        assert name not in answer.content.decode()
    assert clerk.post(where, {"purpose": " "}).status_code == 422
    assert not AccessEntry.objects.exists()
    assert "和平路 12 号" in clerk.post(where, {"purpose": "核对补贴"}).content.decode()
    assert AccessEntry.objects.get(person=resident.person).purpose == "核对补贴"
    assert sign_in(cast, "handler").get(where).status_code == 403


def test_the_list_of_households_is_a_few_statements(
    cast: Cast, resident: Resident, django_assert_max_num_queries: Any
) -> None:
    clerk = cast.actor("clerk")
    with django_assert_max_num_queries(1):
        found: list[Any] = queries.households(clerk).items
        assert [(h.number, h.n_living) for h in found] == [("H1", 2)]


def test_whoever_a_value_names_reads_who_looked_too(cast: Cast, resident: Resident) -> None:
    child = Resident.objects.get(relation="child").person
    clerk = cast.actor("clerk")
    known_about(resident.person, ["person.sex"], purpose="受理", by=clerk)
    assert not AccessEntry.objects.filter(person=child).exists()
    known_about(
        resident.person,
        ["household.members", "child.birth_date"],
        purpose="受理",
        by=clerk,
        ground="未成年人保护法 43",
    )
    assert AccessEntry.objects.get(person=child).what == "child.birth_date, household.members"
    known_about(resident.person, ["household.members"], purpose="", by=cast.actor("resident"))
    assert AccessEntry.objects.filter(person=child).count() == 1


def test_nobody_is_put_into_a_household_of_another_area(cast: Cast, resident: Resident) -> None:
    services.register_resident(
        find_or_create_person("林远方", "", "", at=AT),
        area=cast.area("neighbour_village"),
        by=SYSTEM,
        household="H9",
        at=AT,
    )
    person = find_or_create_person("林新来", "", "", at=AT)
    with pytest.raises(Invalid) as refused:
        services.register_resident(
            person, area=cast.area("village1"), by=cast.actor("clerk"), household="H9", at=AT
        )
    assert refused.value.code == "registers.household_elsewhere"
    assert not Resident.objects.filter(person=person).exists()


def test_the_dictionary_is_public_and_counts_what_is_asked_again(cast: Cast) -> None:
    page = Client().get("/elements/").content.decode()
    assert "残疾类别和等级" in page
    asked_again, n_fields = queries.asked_fields()
    assert 0 < len(asked_again) < n_fields
    assert all(a.prefilled or a.reason for a in asked_again)


@pytest.mark.parametrize("column", ["id_hash", "phone_hash", "name_hash"])
def test_a_look_up_goes_by_its_index_whoever_asks(cast: Cast, resident: Resident, column: str) -> None:
    """Among so many others that a planner which knows them has no reason to read them one by one."""
    since = now()
    others = (
        Person(
            id_hash=urandom(32),
            phone_hash=urandom(32),
            name_hash=urandom(32),
            created_at=since,
            needed_at=since,
        )
        for _ in range(3000)
    )
    Person.objects.bulk_create(others, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_person" if connection.vendor == "postgresql" else "ANALYZE")
    rows = people_visible_to(cast.actor("clerk")).filter(**{column: getattr(resident.person, column) or b"x"})
    plan = rows.order_by("-id")[:20].explain()
    assert f"people_person_{column}" in plan or f"{column}=?" in plan
    assert "SCAN people_person" not in plan
