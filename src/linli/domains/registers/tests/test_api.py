"""The register over the API (居民登记接口): masked, within one's area, exactly once, no number in an address."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from linli.domains.registers import queries
from linli.domains.registers.models import Resident
from linli.kernel.people.models import AccessEntry
from tests.api import caller
from tests.cast import Cast
from tests.load.residents import id_number

pytestmark = pytest.mark.django_db
BODY = {
    "name": "林建国",
    "id_number": id_number(1),
    "area": "350102001001",
    "household": "H1",
    "relation": "head",
}


def test_registered_once_however_often_it_is_sent(cast: Cast) -> None:
    clerk, key = caller(cast, "clerk"), str(uuid4())
    first = clerk.post("/residents", BODY, key=key)
    assert first.status_code == 201
    again = clerk.post("/residents", BODY, key=key)
    assert (again.status_code, again["Idempotent-Replay"], again.json()) == (200, "true", first.json())
    other = clerk.post("/residents", {**BODY, "name": "王别名"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "registers.key_taken")
    assert Resident.objects.count() == 1
    refused = clerk.post("/residents", BODY)
    assert (refused.status_code, refused.json()["code"]) == (409, "registers.lives_elsewhere")
    assert clerk.post("/residents", BODY, key=None).status_code == 400
    assert clerk.get(first["Location"].removeprefix("/api/v1")).json() == first.json()


def test_what_cannot_be_right_names_its_field(cast: Cast) -> None:
    wrong = caller(cast, "clerk").post("/residents", {**BODY, "sex": "?"})
    assert wrong.status_code == 422
    assert "sex" in wrong.json()["fields"]
    assert caller(cast, "clerk").post("/residents", {**BODY, "area": "350102002001"}).status_code == 404
    for who in ("grid_worker", "handler", "resident"):
        assert caller(cast, who).post("/residents", BODY).status_code == 404
    assert caller(cast, "anonymous").post("/residents", BODY).status_code == 401
    assert not Resident.objects.exists()


def test_lists_and_searches_are_masked_and_within_the_area(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    clerk = caller(cast, "clerk")
    for n, name in enumerate(("林建国", "陈建国", "王小明")):
        assert clerk.post("/residents", {**BODY, "name": name, "id_number": id_number(n)}).status_code == 201
    first = clerk.get("/residents", {"limit": 2}).json()
    rest = clerk.get("/residents", {"limit": 2, "cursor": first["next"]}).json()
    assert [r["name"] for r in first["items"] + rest["items"]] == ["林**", "陈**", "王**"]
    assert (rest["next"], "建国" in str(first), id_number(0) in str(first)) == (None, False, False)
    assert clerk.get("/residents", {"area": "350102001002"}).json()["items"] == []
    actor = cast.actor("clerk")
    with django_assert_max_num_queries(1):
        queries.residents(actor)
    asked = {"q": "建国", "purpose": "核对来访的人"}
    found = clerk.post("/residents/search", asked).json()["items"]
    assert sorted(r["name"] for r in found) == ["林**", "陈**"]
    assert AccessEntry.objects.filter(what="search:name_part", purpose=asked["purpose"]).count() == 2
    assert clerk.post("/residents/search", {"q": "林", "purpose": "x"}).status_code == 422
    uid = found[0]["uid"]
    for who in ("grid_worker", "supervisor", "resident"):
        other = caller(cast, who)
        assert other.get("/residents").json()["items"] == []
        assert other.get(f"/residents/{uid}").status_code == 404
        assert other.post("/residents/search", asked).status_code == 404
    assert caller(cast, "anonymous").get("/residents").status_code == 401
