"""What is known is not asked again (已知信息): to whom it comes, and which trace it leaves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Q

from linli.base.errors import NotFound
from linli.base.i18n import Text
from linli.kernel.people import hooks, known
from linli.kernel.people.elements import element, elements, elements_file
from linli.kernel.people.known import Known, known_about
from linli.kernel.people.models import AccessEntry, Person
from linli.kernel.people.services import search_people
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BIRTH, GRADE, BANK = "person.birth_date", "disability.grade", "bank.account"


@pytest.fixture(autouse=True)
def a_register(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def knows(person: Person, codes: Collection[str]) -> dict[str, Known]:
        value = Known("1950-01-01", Text("样例登记", "sample register"), date(2026, 1, 1))
        return {BIRTH: value, GRADE: value, BANK: value}

    monkeypatch.setattr(known, "_sources", {"sample": knows})
    monkeypatch.setattr(hooks, "_scopes", [lambda actor: Q(pk__gt=0) if "clerk" in actor.roles else None])


def test_staff_get_what_is_not_sensitive_and_the_person_reads_who_looked(cast: Cast) -> None:
    person = cast.person("resident")
    found = known_about(person, [BIRTH, GRADE, BANK, "no.such"], purpose="受理", by=cast.actor("clerk"))
    assert set(found) == {BIRTH}
    entry = AccessEntry.objects.get(person=person)
    assert (entry.what, entry.purpose) == (BIRTH, "受理")


def test_sensitive_needs_a_ground_and_a_bank_account_never_comes_to_staff(cast: Cast) -> None:
    person = cast.person("resident")
    found = known_about(
        person, [GRADE, BANK], purpose="受理", ground="残疾人保障法 48", by=cast.actor("clerk")
    )
    assert set(found) == {GRADE}
    assert "残疾人保障法 48" in AccessEntry.objects.get(person=person).purpose


def test_oneself_gets_all_without_a_trace(cast: Cast) -> None:
    found = known_about(cast.person("resident"), [BIRTH, GRADE, BANK], purpose="", by=cast.actor("resident"))
    assert set(found) == {BIRTH, GRADE, BANK}
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize("who", ["handler", "outsider"])
def test_others_learn_not_even_that_the_person_exists(cast: Cast, who: str) -> None:
    with pytest.raises(NotFound):
        known_about(cast.person("resident"), [BIRTH], purpose="看看", by=cast.actor(who))


def test_a_whole_name_is_found_however_it_is_written(cast: Cast) -> None:
    person = cast.person("resident")
    spaced = " ".join(person.name)
    assert person in search_people(by=cast.actor("clerk"), name=spaced, purpose="受理")


def test_an_element_has_one_owner_and_says_why_it_is_kept(tmp_path: Path) -> None:
    assert all(e.owner.zh and e.owner.en and e.purpose.en and e.basis.zh and e.keep.zh for e in elements())
    grade = element(GRADE)
    assert grade
    assert grade.sensitivity == "sensitive"
    second = tmp_path / "more.toml"
    second.write_text('["person.name"]\nsensitivity = "personal"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="owner"):
        elements_file(second)
