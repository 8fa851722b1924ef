"""Nobody gets past the one rule over the API (可见范围逐一核对): every reader, every operation about a case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linli.kernel.procedures.models import Recusal
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Attachment
from tests.api import caller, jpeg
from tests.cast import RESIDENTS, STAFF, Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db

NAMES = [*STAFF, *RESIDENTS, "anonymous"]


@pytest.fixture
def about(cast: Cast) -> dict[str, Any]:
    """Four cases: fresh, assigned, next door, and one whose handler is complained about."""
    resident = caller(cast, "resident")
    uid = resident.send(jpeg()).json()["uid"]
    photographed = resident.post(
        "/events", {"description": "路灯不亮", "area": "350102001001001", "photos": [uid]}
    ).json()["number"]
    assigned, next_door = event_at(cast, "assigned"), reported(cast, grid="neighbour_grid", by="outsider")
    recused = event_at(cast, "assigned", grid="grid2")
    for name in ("garden", "centre"):
        Recusal.objects.create(
            case=recused, organisation=cast.organisation(name), at=recused.opened_at, by=None
        )
    type(recused).objects.filter(pk=recused.pk).update(recused=True)
    return {
        "numbers": [photographed, assigned.number, next_door.number, recused.number],
        "photo": str(Attachment.objects.get().uid),
        "photographed": photographed,
    }


def test_the_one_rule_holds_for_every_operation(cast: Cast, about: dict[str, Any]) -> None:
    for name in NAMES:
        _holds_for(cast, about, name)


def _holds_for(cast: Cast, about: dict[str, Any], name: str) -> None:
    asker, actor = caller(cast, name), cast.actor(name)
    seen = set(visible_to(actor).values_list("number", flat=True))
    if name != "anonymous":
        assert {c["number"] for c in asker.get("/cases").json()["items"]} == seen
        assert {c["number"] for c in asker.get("/cases", {"q": "路灯"}).json()["items"]} == seen
        assert {c["number"] for c in asker.get("/cases", {"area": "3501"}).json().get("items", [])} <= seen
    for number in about["numbers"]:
        for answer in (
            asker.get(f"/cases/{number}"),
            asker.get(f"/cases/{number}/records"),
            asker.post(f"/cases/{number}/actions/no_such_action"),
        ):
            assert (answer.status_code == 404) == (number not in seen), (name, number, answer.content)
            if number not in seen:
                assert number not in answer.content.decode()
    photo = asker.get(f"/files/{about['photo']}")
    assert photo.status_code == (200 if about["photographed"] in seen else 404)
    for near in asker.get("/events/nearby", {"lng": 119.305, "lat": 26.085}).json()["items"]:
        assert near["number"] is None or near["number"] in seen


def test_the_rule_is_not_empty(cast: Cast, about: dict[str, Any]) -> None:
    """So that the test above cannot pass because nobody sees anything."""
    fresh, assigned, next_door, recused = about["numbers"]

    def seen(name: str) -> set[str]:
        return {c["number"] for c in caller(cast, name).get("/cases").json()["items"]}

    assert seen("dispatcher") == {fresh, assigned}  # of the centre, which is complained about
    assert seen("handler") == {assigned, recused}
    assert seen("other_handler") == set()
    assert seen("neighbour_dispatcher") == {next_door}
    assert seen("supervisor") == {fresh, assigned, next_door, recused}
    assert seen("grid_worker") == {fresh, assigned}
    assert seen("resident") == {fresh, assigned, recused}
    assert seen("outsider") == {next_door}


def test_no_answer_carries_a_key_of_the_database(cast: Cast, about: dict[str, Any]) -> None:
    """Public codes only; and nobody reads the contact of a reporter in the clear."""
    for name in NAMES:
        asker = caller(cast, name)
        for path in ("/me", "/cases", *(f"/cases/{n}" for n in about["numbers"]), "/areas", "/procedures"):
            answer = asker.get(path)
            assert not _keys(json.loads(answer.content)) & {"id", "pk", "case_id", "account_id"}, path
            assert "+8613900000001" not in answer.content.decode()


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in _keys(each)}
    if isinstance(value, list):
        return {key for each in value for key in _keys(each)}
    return set()
