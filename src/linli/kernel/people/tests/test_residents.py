"""Residents: found without being doubled, never overwritten, seen with a purpose, erased when due."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from linli.base.appendonly import is_append_only
from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.base.i18n import use_language
from linli.kernel.people import hooks, masks, purposes, queries, retention, services
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import AccessEntry, AuditEntry, Person, PhoneCode
from linli.kernel.people.services import find_or_create_person as find
from tests.cast import Cast

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
ID = "440524188001010014"
OTHER_ID = "11010519491231002X"


@pytest.fixture(autouse=True)
def _own_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_still_needed", [])
    monkeypatch.setattr(hooks, "_scopes", [])
    monkeypatch.setattr(hooks, "_exports", {})


@pytest.fixture
def township_staff_see_everybody() -> None:
    def scope(actor: Actor) -> Q | None:
        return (
            Q(pk__isnull=False) if {"dispatcher", "clerk"} & actor.roles and actor.organisation_ids else None
        )

    hooks.register_people_scope(scope)


# --------------------------------------------------------------------------------------------- found, entered


def test_the_same_person_is_found_again_however_the_number_is_written(cast: Cast) -> None:
    person = find("张三", "13800000001", by=cast.actor("clerk"), at=AT)
    assert person.phone == "+8613800000001"
    for name, phone in [
        ("张三", "138 0000 0001"),
        (" 张 三", "+86-13800000001"),
        ("", "１３８０００００００１"),
    ]:
        assert find(name, phone, at=AT) == person


def test_numbers_and_names_are_sealed_in_the_table(cast: Cast) -> None:
    person = find("张三", "13800000001", ID, at=AT)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, phone, id_number, phone_hash, id_hash FROM people_person WHERE id = %s", [person.pk]
        )
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    for secret in ("张三", "13800000001", ID):
        assert secret.encode() not in stored


def test_one_phone_may_be_a_whole_familys(cast: Cast) -> None:
    father, mother = find("张三", "13800000001", at=AT), find("李四", "13800000001", at=AT)
    assert father != mother
    assert find("李四", "13800000001", at=AT) == mother
    assert find("", "13800000001", at=AT) not in {father, mother}  # nobody is guessed


def test_a_known_id_number_is_the_person_and_nothing_is_overwritten(cast: Cast) -> None:
    person = find("张三", "13800000001", ID, at=AT)
    again = find("张山", "13800000009", ID, by=cast.actor("clerk"), at=AT)
    assert again == person
    assert (again.name, again.phone) == ("张三", "+8613800000001")
    note = AuditEntry.objects.get(act="people.name_differs")
    assert (note.subject, note.facts) == (f"person:{person.uid}", {})


def test_only_staff_add_an_id_number_to_a_known_person(cast: Cast) -> None:
    person = find("张三", "13800000001", at=AT)
    assert find("张三", "13800000001", ID, at=AT).id_number == ""
    assert find("张三", "13800000001", ID, by=cast.actor("clerk"), at=AT).id_number == ID
    assert find("张三", "13800000001", OTHER_ID, at=AT) != person  # another number is another person


def test_numbers_that_cannot_be_right_are_refused_by_field(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        find("张" * 61, "12345", "110105194912310021", at=AT)
    assert set(refusal.value.fields) == {"name", "phone", "id_number"}
    with pytest.raises(Invalid):
        find(" ", "", "", at=AT)


def test_a_signed_in_resident_is_themselves(cast: Cast) -> None:
    by = cast.actor("resident")
    assert find("林小邻", by=by, at=AT) == cast.person("resident")
    assert find("别人", by=by, at=AT) != cast.person("resident")


# ---------------------------------------------------------------------------------------------------- looked at


@pytest.mark.usefixtures("township_staff_see_everybody")
def test_each_look_has_a_purpose_and_the_person_reads_it(cast: Cast, django_assert_num_queries: Any) -> None:
    person = cast.person("resident")
    shown = services.reveal(
        person,
        ["phone"],
        by=cast.actor("dispatcher"),
        purpose="回访联系",
        case_number="350102-EV-2026-000001",
        at=AT,
    )
    assert shown == {"phone": "+8613900000001"}
    services.record_look(by=cast.actor("clerk"), what=["address"], purpose="核对地址", person=person, at=AT)
    with django_assert_num_queries(1):
        page = queries.accesses_of(person)
        looks = [
            (str(look.account_name), str(look.organisation), str(look.post), look.what) for look in page.items
        ]
    assert looks == [
        ("周窗口", "鼓东街道办事处", "窗口人员", "address"),
        ("黄派遣", "鼓东街道综治中心", "派遣员", "phone"),
    ]
    assert page.items[1].case_number == "350102-EV-2026-000001"


@pytest.mark.usefixtures("township_staff_see_everybody")
def test_looks_that_are_refused_show_nothing_and_enter_nothing(cast: Cast) -> None:
    person = cast.person("resident")
    for name in ("outsider", "anonymous", "system"):
        with pytest.raises(NotAllowed):
            services.reveal(person, ["phone"], by=cast.actor(name), purpose="看看")
    for purpose in ("", "  ", "长" * 201):
        with pytest.raises(Invalid):
            services.reveal(person, ["phone"], by=cast.actor("dispatcher"), purpose=purpose)
    with pytest.raises(NotFound):  # outside what the floors above open to this post
        services.reveal(person, ["phone"], by=cast.actor("handler"), purpose="看看")
    with pytest.raises(ValueError, match="personal fields"):
        services.reveal(person, ["password"], by=cast.actor("dispatcher"), purpose="看看")
    with pytest.raises(ValueError, match="post"):
        services.reveal(
            person, ["name"], by=cast.actor("dispatcher"), purpose="看看", hat=cast.actor("clerk").hats[0]
        )
    assert not AccessEntry.objects.exists()


@pytest.mark.usefixtures("township_staff_see_everybody")
def test_a_search_is_entered_like_a_look(cast: Cast) -> None:
    by = cast.actor("clerk")
    assert services.search_people(by=by, phone="13900000001", purpose="受理") == [cast.person("resident")]
    assert services.search_people(by=by, id_number=OTHER_ID, purpose="受理") == []
    assert services.search_people(by=cast.actor("handler"), phone="13900000001", purpose="受理") == []
    entries = AccessEntry.objects.order_by("id").values_list("person", "what")
    assert list(entries) == [
        (cast.person("resident").pk, "search:phone"),
        (None, "search:id_number"),
        (None, "search:phone"),
    ]
    with pytest.raises(NotAllowed):
        services.search_people(by=cast.actor("outsider"), phone="13900000001", purpose="好奇")


def test_a_look_at_oneself_is_no_entry_and_people_see_only_themselves(cast: Cast) -> None:
    person, by = cast.person("resident"), cast.actor("resident")
    assert services.record_look(by=by, what=["name"], purpose="本人", person=person) is None
    assert list(queries.people_visible_to(by)) == [person]
    assert queries.access_person(str(person.uid), by) == person
    for uid in (str(cast.person("outsider").uid), "not-a-uid"):
        with pytest.raises(NotFound):
            queries.access_person(uid, by)
    for name in ("dispatcher", "admin", "leader", "anonymous"):
        assert not queries.people_visible_to(cast.actor(name)).exists()


@pytest.mark.usefixtures("township_staff_see_everybody")
@pytest.mark.parametrize("table", ["people_accessentry", "people_auditentry"])
def test_the_database_keeps_entries_as_they_are(cast: Cast, table: str) -> None:
    services.reveal(cast.person("resident"), ["name"], by=cast.actor("clerk"), purpose="受理")
    services.correct_person(
        cast.person("resident"), {"name": "林小林"}, by=cast.actor("clerk"), reason="证件"
    )
    assert is_append_only(connection, table)
    for statement in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_masked_by_default(cast: Cast) -> None:
    shown = masks.masked(cast.person("resident"))
    assert (shown.name, shown.phone) == ("林**", "139****0001")
    assert shown.id_number.startswith("350*")
    assert str(shown) == "林**"
    assert masks.masked_name(None) == masks.masked_phone(None) == masks.masked_id_number(None) == ""
    with use_language("en"):
        assert masks.masked_name(Person(erased_at=AT)) == "(erased: no longer kept)"


# ------------------------------------------------------------------------------------------ corrected, copied


def test_people_correct_what_is_kept_about_them(cast: Cast) -> None:
    person, by = cast.person("resident"), cast.actor("resident")
    services.correct_person(person, {"name": "林晓邻", "language": "en"}, by=by, at=AT)
    person.refresh_from_db()
    assert (person.name, person.language) == ("林晓邻", "en")
    entry = AuditEntry.objects.get(act="people.person_corrected")
    assert entry.facts == {"fields": ["language", "name"], "reason": ""}
    with pytest.raises(Refused) as refusal:
        services.correct_person(person, {"phone": "13800000001"}, by=by)
    assert refusal.value.code == "people.phone_needs_code"


@pytest.mark.usefixtures("township_staff_see_everybody")
def test_staff_correct_with_a_reason_and_within_their_scope(cast: Cast) -> None:
    person = cast.person("outsider")
    with pytest.raises(Invalid):
        services.correct_person(person, {"name": "王某"}, by=cast.actor("clerk"))
    for name in ("handler", "resident", "anonymous"):
        with pytest.raises(NotFound):
            services.correct_person(person, {"name": "王某"}, by=cast.actor(name), reason="证件")
    with pytest.raises(Refused) as refusal:
        services.correct_person(
            person, {"id_number": "350102199001010016"}, by=cast.actor("clerk"), reason="证件"
        )
    assert refusal.value.code == "people.id_number_taken"
    services.correct_person(person, {"phone": "13800000001"}, by=cast.actor("clerk"), reason="本人到窗口")
    assert find("王路人", "13800000001", at=AT) == person


@pytest.mark.usefixtures("township_staff_see_everybody")
def test_a_copy_of_everything_for_the_person(cast: Cast) -> None:
    hooks.register_export("cases", lambda person: [str(person.uid)])
    person = cast.person("resident")
    services.reveal(person, ["name"], by=cast.actor("clerk"), purpose="受理")
    copy = json.loads(json.dumps(services.export_person(person, by=cast.actor("resident"))))
    assert copy["person"]["phone"] == "+8613900000001"
    assert copy["cases"] == [str(person.uid)]
    assert copy["looks"][0]["organisation"] == {"zh": "鼓东街道办事处", "en": "Gudong Street Office"}
    with pytest.raises(NotFound):
        services.export_person(person, by=cast.actor("outsider"))
    with pytest.raises(Invalid):
        services.export_person(person, by=cast.actor("clerk"))
    services.export_person(person, by=cast.actor("clerk"), purpose="本人到窗口索取")
    assert AccessEntry.objects.filter(person=person).count() == 2


# ------------------------------------------------------------------------------------------------------ erased


def test_whom_nothing_needs_any_more_is_anonymised(cast: Cast) -> None:
    old, needed, lately = (
        find("张三", "13800000001", ID, at=AT),
        find("李四", "13800000002", at=AT),
        find("王五", "13800000003", at=AT),
    )
    hooks.register_still_needed(lambda person: person.pk == needed.pk)
    due = AT.replace(year=AT.year + purposes.PERSON_KEPT_YEARS) + timedelta(days=1)
    find("王五", "13800000003", at=due - timedelta(days=10))
    PhoneCode.objects.create(phone_hash=b"x", code_hash=b"y", made_at=AT, expires_at=AT)
    assert retention.erase_due(due - timedelta(days=2)).n_erased == 0
    report = retention.erase_due(due)
    assert (report.n_erased, report.n_kept) == (1, 1)
    old.refresh_from_db()
    assert (old.name, old.phone, old.id_number, old.phone_hash, old.id_hash) == ("", "", "", None, None)
    assert old.erased_at == due
    for person in (needed, lately, cast.person("resident")):  # accounts stay until their holder deletes them
        person.refresh_from_db()
        assert person.name
    assert retention.erase_due(due).n_erased == 0
    assert find("张三", "13800000001", ID, at=due) != old
    assert not PhoneCode.objects.exists()


def test_erasing_goes_on_past_those_still_needed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    people = [find(f"居民{n}", at=AT) for n in range(7)]
    hooks.register_still_needed(lambda person: person.pk in {p.pk for p in people[:4]})
    report = retention.erase_due(AT + timedelta(days=365 * 3))
    assert (report.n_erased, report.n_kept) == (3, 4)


def test_every_sealed_field_here_says_what_it_is_for() -> None:
    assert not [name for name in purposes.undeclared_fields() if name.startswith("people.")]
    for declared in purposes.declared():
        assert all(
            text.zh and text.en
            for text in (declared.purpose, declared.basis, declared.seen_by, declared.kept)
        )
