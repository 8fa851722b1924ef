"""Two entries of one person (合并): what follows, what is refused, and that undoing restores exactly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from linli.base.errors import Invalid, NotFound, Refused
from linli.domains.registers import merging, services
from linli.domains.registers.models import ElementValue, Merge, Resident
from linli.kernel.people.models import Person
from linli.kernel.people.services import find_or_create_person, search_people
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Participation, Task
from linli.kernel.procedures.proof import replay, verify_all
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
WHY = "看过证件，是同一个人。"


def entry(cast: Cast, name: str = "林样样", *, phone: str = "", number: str = "", home: str = "") -> Resident:
    person = find_or_create_person(name, phone, number, by=cast.actor("clerk"), at=AT)
    return services.register_resident(
        person,
        area=cast.area("village1"),
        by=cast.actor("clerk"),
        birth_date="1980-05-06",
        household=home,
        at=AT,
    )


def everything() -> dict[str, Any]:
    people = Person.objects.order_by("pk").values_list("pk", "phone_hash", "id_hash", "name_hash")
    return {
        "people": [
            tuple(bytes(v) if isinstance(v, (bytes, memoryview)) else v for v in row) for row in people
        ],
        "names": [(p.name, p.phone, p.id_number) for p in Person.objects.order_by("pk")],
        "residents": list(Resident.objects.order_by("pk").values_list("pk", "household", "valid_to")),
        "cases": list(Case.objects.order_by("pk").values_list("pk", "applicant")),
        "parts": list(Participation.objects.order_by("pk").values_list("pk", "kind", "ref")),
        "tasks": list(Task.objects.order_by("pk").values_list("pk", "queue")),
        "values": list(ElementValue.objects.order_by("pk").values_list("pk", "person")),
    }


def last_action(case: Case) -> str:
    return Record.objects.filter(case_id=case.pk).order_by("-seq").values_list("action", flat=True)[0]


def test_all_follows_and_undoing_restores_exactly(cast: Cast) -> None:
    clerk = cast.actor("clerk")
    kept, gone = entry(cast, phone="13900010001"), entry(cast, number=id_number(5), home="H7")
    ElementValue.objects.create(
        person=gone.person, element="person.residence", value="某处", source="样例", as_of="2026-01-01"
    )
    receipt = engine.open_case(
        "element-correction",
        by=clerk,
        area=cast.area("village1"),
        data={"element": "person.address", "right_value": "文化路 3 号"},
        channel="window",
        applicant=gone.person,
        at=AT,
    )
    before = everything()
    assert [a.resident.pk for a in merging.alike(kept, clerk)] == [gone.pk]

    done = merging.merge(kept, gone, by=clerk, reason=WHY, at=AT)
    case = Case.objects.get(number=receipt.number)
    assert case.applicant_id == kept.pk
    assert last_action(case) == "party.merged"
    assert Resident.objects.get(pk=kept.pk).household
    assert search_people(by=clerk, id_number=id_number(5), purpose="受理") == [kept.person]
    assert search_people(by=clerk, name="林样样", purpose="受理") == [kept.person]
    assert merging.alike(kept, clerk) == []

    merging.undo(done, by=clerk, at=AT)
    assert everything() == before
    assert last_action(case) == "party.parted"
    assert replay(Case.objects.get(pk=case.pk)) == []
    assert verify_all().first_fault is None
    titles = [str(entry.title) for entry in timeline(case, clerk)]
    assert titles[-2:] == ["当事人的两条登记已合并", "当事人的登记合并已撤销"]
    with pytest.raises(Refused):
        merging.undo(done, by=clerk, at=AT)


def test_two_id_numbers_are_two_people(cast: Cast) -> None:
    one, two = entry(cast, number=id_number(1)), entry(cast, number=id_number(2))
    assert merging.alike(one, cast.actor("clerk")) == []
    with pytest.raises(Refused) as refused:
        merging.merge(one, two, by=cast.actor("clerk"), reason=WHY, at=AT)
    assert refused.value.code == "registers.two_id_numbers"
    assert not Merge.objects.exists()


def test_a_merge_needs_two_entries_a_reason_and_the_register(cast: Cast) -> None:
    clerk = cast.actor("clerk")
    one, two = entry(cast, phone="13900010001"), entry(cast, number=id_number(2))
    with pytest.raises(Invalid):
        merging.merge(one, two, by=clerk, reason=" ", at=AT)
    with pytest.raises(Refused):
        merging.merge(one, one, by=clerk, reason=WHY, at=AT)
    for who in ("grid_worker", "handler"):
        with pytest.raises(NotFound):
            merging.merge(one, two, by=cast.actor(who), reason=WHY, at=AT)
    mine = services.register_resident(cast.person("resident"), area=cast.area("village1"), by=clerk, at=AT)
    with pytest.raises(Refused) as refused:
        merging.merge(one, mine, by=clerk, reason=WHY, at=AT)
    assert refused.value.code == "registers.has_account"


def test_a_clerk_compares_merges_and_takes_back_on_the_pages(cast: Cast) -> None:
    kept, gone = entry(cast, phone="13900010001"), entry(cast, number=id_number(5))
    client = Client()
    client.force_login(cast.account("clerk"), backend="django.contrib.auth.backends.ModelBackend")
    where = f"/staff/registers/merge/{kept.person.uid}/{gone.person.uid}/"
    assert where in client.get(f"/staff/registers/residents/{kept.person.uid}/").content.decode()
    assert "林样样" not in client.get(where).content.decode()
    assert client.post(where, {"reason": ""}).status_code == 422
    done = client.post(where, {"reason": WHY})
    assert done.status_code == 302
    assert client.post(done["Location"]).status_code == 302
    assert Merge.objects.get().undone_at
    assert Resident.objects.filter(valid_to=None).count() == 2
