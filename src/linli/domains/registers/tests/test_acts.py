"""A clerk registers, moves and corrects (登记、移居、迁出、更正): state, note, each refusal at its field, and the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from linli.base.errors import Invalid, NotFound, Refused
from linli.domains.registers import queries, services
from linli.domains.registers.models import Household, NamePart, Resident
from linli.kernel.people.models import AuditEntry, Person
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
ON = date(2026, 5, 30)
WHY = "看过户口簿"


def enter(cast: Cast, name: str = "林样样", n: int = 1, who: str = "clerk", **more: Any) -> Resident:
    said = {"area": cast.area("village1"), "id_number": id_number(n), "household": "H1", "relation": "head"}
    return services.enter_resident(name=name, by=cast.actor(who), at=AT, **{**said, **more})


def notes(act: str) -> list[str]:
    return list(AuditEntry.objects.filter(act=act).order_by("pk").values_list("subject", flat=True))


def test_a_resident_is_entered_with_what_the_card_says(cast: Cast) -> None:
    resident = enter(cast, phone="13900010001", address="和平路 1 号")
    assert resident.person.id_number == id_number(1)
    assert resident.birth_date == f"{id_number(1)[6:10]}-{id_number(1)[10:12]}-{id_number(1)[12:14]}"
    assert resident.sex in {"male", "female"}
    assert (resident.address, resident.relation, resident.source) == ("和平路 1 号", "head", services.BY_HAND)
    assert notes("registers.registered") == [f"person:{resident.person.uid}"]


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"name": " "}, "name", "registers.no_name"),
        ({"id_number": ""}, "birth_date", "registers.nothing_to_tell_by"),
        ({"id_number": "350102199001010017"}, "id_number", "codes.bad_id_number"),
        ({"birth_date": "1980-01-01"}, "birth_date", "registers.not_as_the_card"),
        ({"sex": "?"}, "sex", "registers.invalid"),
        ({"phone": "123"}, "phone", "people.person_invalid"),
        ({"relation": "邻居"}, "relation", "registers.invalid"),
        ({"household": "H" * 41}, "household", "registers.invalid"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(
    cast: Cast, more: dict[str, Any], field: str, code: str
) -> None:
    before = Person.objects.count()
    with pytest.raises(Invalid) as refused:
        enter(cast, **more)
    assert (refused.value.code, field in refused.value.fields) == (code, True)
    assert Person.objects.count() == before
    assert not Household.objects.exists()


def test_a_number_of_another_name_and_who_is_registered_are_refused(cast: Cast) -> None:
    enter(cast)
    with pytest.raises(Invalid) as refused:
        enter(cast, "王别名")
    assert refused.value.code == "registers.other_name"
    with pytest.raises(Refused) as again:
        enter(cast)
    assert again.value.code == "registers.lives_elsewhere"
    for who in ("grid_worker", "handler", "resident"):
        with pytest.raises(NotFound):
            enter(cast, n=2, who=who)
    with pytest.raises(NotFound):
        enter(cast, n=2, area=cast.area("neighbour_village"))


def test_somebody_moves_within_the_area(cast: Cast) -> None:
    clerk, one = cast.actor("clerk"), enter(cast)
    moved = services.move(
        one, area=cast.area("grid3"), by=clerk, on=ON, household="H2", relation="户主", at=AT
    )
    assert (moved.prefix, moved.relation, moved.valid_from) == (cast.area("grid3").prefix, "head", ON)
    assert moved.household
    assert moved.household.number == "H2"
    assert {p.prefix for p in NamePart.objects.filter(resident=moved)} == {moved.prefix}
    assert notes("registers.moved") == [f"person:{one.person.uid}"]
    with pytest.raises(Invalid) as elsewhere:
        services.move(moved, area=cast.area("neighbour_village"), by=clerk, on=ON, at=AT)
    assert (elsewhere.value.code, "area" in elsewhere.value.fields) == ("registers.area_elsewhere", True)
    with pytest.raises(Invalid) as ahead:
        services.move(moved, area=cast.area("village1"), by=clerk, on=date(2026, 6, 2), at=AT)
    assert "on" in ahead.value.fields
    services.move_out(moved, on=ON, by=clerk, at=AT)
    with pytest.raises(Refused):
        services.move(moved, area=cast.area("village1"), by=clerk, on=ON, at=AT)


def test_a_household_moves_and_moves_out_with_everybody_in_it(cast: Cast) -> None:
    clerk, one = cast.actor("clerk"), enter(cast)
    two = enter(cast, "林小样", 2, relation="child")
    home = Household.objects.get(number="H1")
    services.move_household(home, area=cast.area("village2"), by=clerk, on=ON, address="文化路 3 号", at=AT)
    living = queries.members(home)
    assert [(r.prefix, r.address) for r in living] == [(cast.area("village2").prefix, "文化路 3 号")] * 2
    assert len(notes("registers.moved")) == 2
    with pytest.raises(NotFound):
        services.move_household(home, area=cast.area("village1"), by=cast.actor("dispatcher"), on=ON, at=AT)
    assert services.move_household_out(home, on=ON, by=clerk, at=AT) == 2
    assert set(Resident.objects.filter(pk__in=[one.pk, two.pk]).values_list("valid_to", flat=True)) == {ON}
    with pytest.raises(Refused) as empty:
        services.move_household_out(home, on=ON, by=clerk, at=AT)
    assert empty.value.code == "registers.nobody_there"


def test_at_the_counter_phone_and_number_are_corrected_too(cast: Cast) -> None:
    clerk, one = cast.actor("clerk"), enter(cast)
    services.correct(one, "person.id_number", id_number(5), by=clerk, reason=WHY, at=AT)
    services.correct(one, "person.phone", "13900010009", by=clerk, reason=WHY, at=AT)
    one = Resident.objects.select_related("person").get(pk=one.pk)
    assert (one.person.id_number, one.person.phone) == (id_number(5), "+8613900010009")
    assert one.birth_date.replace("-", "") == id_number(5)[6:14]
    enter(cast, "林别样", 6)
    with pytest.raises(Refused):
        services.correct(one, "person.id_number", id_number(6), by=clerk, reason=WHY, at=AT)
    for element, value, reason, field in (
        ("bank.account", "1", WHY, "element"),
        ("person.sex", "?", WHY, "value"),
        ("person.id_number", "1", WHY, "value"),
        ("person.phone", "1", WHY, "value"),
        ("person.address", " ", WHY, "value"),
        ("person.address", "文化路", " ", "reason"),
    ):
        with pytest.raises(Invalid) as refused:
            services.correct(one, element, value, by=clerk, reason=reason, at=AT)
        assert list(refused.value.fields) == [field]
    mine = services.register_resident(cast.person("resident"), area=cast.area("village1"), by=clerk, at=AT)
    with pytest.raises(Invalid) as own:
        services.correct(mine, "person.phone", "13900010008", by=clerk, reason=WHY, at=AT)
    assert own.value.code == "registers.phone_by_code"


def test_the_pages_do_it_and_say_what_is_wrong_at_its_field(cast: Cast) -> None:
    clerk, desk = cast.client("clerk"), "/staff/registers/"
    form = {"name": "林样样", "id_number": id_number(1), "area": "350102001001", "household": "H1", "relation": "head", "seen": "on"}  # fmt: skip
    assert "中山第一网格" in clerk.get(f"{desk}enter/").content.decode()
    unseen = clerk.post(f"{desk}enter/", {**form, "seen": ""})
    assert unseen.status_code == 422
    assert 'id="f-seen-error"' in unseen.content.decode()
    elsewhere = clerk.post(f"{desk}enter/", {**form, "area": "350102002001"})
    assert elsewhere.status_code == 404
    assert not Resident.objects.exists()
    assert clerk.post(f"{desk}enter/", form).status_code == 302
    one = Resident.objects.select_related("person").get()
    here = f"{desk}residents/{one.person.uid}/"
    page = clerk.get(here).content.decode()
    assert all(f"{here}{act}/" in page for act in ("move", "move-out", "correct"))
    assert "林样样" not in clerk.get(f"{here}correct/").content.decode()
    wrong = clerk.post(f"{here}correct/", {"element": "person.sex", "value": "?", "reason": WHY})
    assert wrong.status_code == 422
    assert 'id="f-value-error"' in wrong.content.decode()
    fine = {"element": "person.address", "value": "文化路 3 号", "reason": WHY}
    assert clerk.post(f"{here}correct/", fine).status_code == 302
    assert clerk.post(f"{here}move/", {"area": "350102001002", "on": "2026-05-30", "household": "H1", "relation": "head"}).status_code == 302  # fmt: skip
    home = f"{desk}households/H1/"
    assert f"{home}move-out/" in clerk.get(home).content.decode()
    assert clerk.post(f"{home}move/", {"area": "350102001001", "on": "2026-05-31", "seen": "on"}).status_code == 302  # fmt: skip
    assert clerk.post(f"{home}move-out/", {"on": "2026-06-01"}).status_code == 422
    assert clerk.post(f"{home}move-out/", {"on": "2026-06-01", "seen": "on"}).status_code == 302
    one.refresh_from_db()
    assert one.valid_to == date(2026, 6, 1)
    for path in (f"{desk}enter/", f"{here}move/", f"{home}move/"):
        assert cast.client("handler").get(path).status_code == 403


def test_the_form_costs_a_few_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    clerk = cast.actor("clerk")
    with django_assert_max_num_queries(1):
        assert [a.code for a in queries.homes(clerk)] == [
            "350102001001",
            "350102001001001",
            "350102001001002",
            "350102001002",
            "350102001002001",
        ]
