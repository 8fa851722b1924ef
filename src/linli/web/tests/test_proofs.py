"""The proof pages: roots for everybody, a case's proof for its people, and nothing in it that they may not read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from linli.base.clock import local
from linli.kernel.procedures import engine, sequencing
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Head, Record
from linli.web.faces import TRACKED
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported
from tests.load.counting import counted
from tests.proofs import SOUND, Desk, desk

NIGHT = datetime(2026, 11, 16, 16, 0, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = str(tmp_path / "data")


@pytest.fixture
def own(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def proof_of(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found: dict[str, Any] = json.loads(answer.content)
    return found


def whole(doc: dict[str, Any]) -> list[int]:
    return [r["seq"] for r in doc["records"] if "entry" in r]


def test_a_resident_takes_the_proof_home_and_checks_it(cast: Cast, tmp_path: Path) -> None:
    case = event_at(cast, "evaluating")
    client = cast.client("resident")
    early = proof_of(client, f"/case/{case.number}/proof.json")
    assert (early["n_records"], early["n_waiting"], early["heads"]) == (6, 6, [])
    assert "今晚" in early["waiting"]["zh"]
    sequencing.seal_now()
    doc = proof_of(client, f"/case/{case.number}/proof.json")
    assert (doc["n_waiting"], "waiting" in doc) == (0, False)
    home = desk(tmp_path)
    said = home.check(home.put("proof.json", doc))
    assert (said.code, home.check(home.put("early.json", early)).code) == (SOUND, SOUND)
    assert "6 条留痕，6 条在根下" in said.text


def test_a_resident_reads_in_it_what_their_timeline_shows(cast: Cast) -> None:
    case = event_at(cast, "dispatching", contact="+8613900000001")
    given = {"lead": "350102-municipal", "helpers": ["350102-garden"]}
    engine.act(case, "assign", given, by=cast.actor("dispatcher"), at=MONDAY + timedelta(minutes=20))
    engine.tick(MONDAY + timedelta(days=2))  # reminds those who have it
    client = cast.client("resident")
    page = client.get(f"/case/{case.number}/").content.decode()
    text = client.get(f"/case/{case.number}/proof.json").content.decode()
    doc = json.loads(text)
    assert whole(doc) == [
        1,
        2,
    ]  # neither the assignment, which names who helps, nor the office's own reminders
    assert doc["n_records"] > 3
    assert "北门三盏路灯不亮" in doc["records"][0]["values"]["description"]["value"]
    for hidden in ("13900000001", "350102-garden", "园林", "黄派遣", "clock."):
        assert hidden not in text
    values = [v["value"] for r in doc["records"] for v in r.get("values", {}).values()]
    assert all(json.loads(v) in page for v in values if v.startswith('"'))


def test_hands_that_hold_the_tracking_code_get_it_too(cast: Cast) -> None:
    case = reported(cast, by="anonymous")
    client = Client()
    session = client.session
    session[TRACKED] = [case.pk]
    session.save()
    doc = proof_of(client, f"/case/{case.number}/proof.json")
    assert whole(doc) == [1]


@pytest.mark.parametrize("who", ["outsider", "anonymous"])
def test_whoever_may_not_see_the_case_gets_the_answer_for_none(cast: Cast, who: str) -> None:
    case = reported(cast)
    answers = {
        cast.client(who).get(f"/case/{number}/proof.json").status_code
        for number in (case.number, "350102-EV-2026-999999")
    }
    assert answers == {404}


def test_the_desk_gets_it_by_post(cast: Cast) -> None:
    """In full for the roles that oversee the case, by hashes alone for all who merely take part."""
    case = event_at(cast, "handling")
    path = f"/staff/cases/{case.number}/proof.json"
    assert whole(proof_of(cast.client("supervisor"), path)) == [1, 2, 3, 4]
    handler = proof_of(cast.client("handler"), path)
    assert (whole(handler), handler["n_records"]) == ([], 4)
    assert not any("values" in r for r in proof_of(cast.client("supervisor"), path)["records"])
    assert cast.client("neighbour_dispatcher").get(path).status_code == 404
    assert cast.client("anonymous").get(path).status_code == 302
    assert cast.client("resident").get(path).status_code == 403


def test_the_page_says_it_in_both_languages_before_and_after_the_first_root(cast: Cast) -> None:
    client = Client()
    assert "今晚会有" in client.get("/proof/").content.decode()
    reported(cast)
    head = sequencing.seal_now()
    for language, words in (("zh", "每日根"), ("en", "daily root")):
        page = client.get(f"/proof/?lang={language}").content.decode()
        assert words in page
        assert bytes(head.root).hex() in page
        assert head.key in page


def test_what_is_published_is_enough_to_check_years_later(cast: Cast, own: Desk) -> None:
    client = Client()
    days = []
    for n in range(4):
        reported(cast)
        at = NIGHT + timedelta(days=n)
        assert sequencing.turn(at) == 2
        assert sequencing.turn(at) == 0
        days.append(local(at).date().isoformat())
    own.put("key.json", client.get("/proof/key.json").json())
    own.put("check.py", client.get("/proof/check.py").content.decode())
    for n, day in enumerate(days):
        own.put(f"kept/{day}.json", client.get(f"/proof/heads/{day}.json").json())
        own.put(f"kept/c{n}.json", client.get(f"/proof/consistency.json?from={day}").json())
    own.put("kept/back.json", client.get(f"/proof/consistency.json?from={days[3]}&to={days[0]}").json())
    own.put("kept/sizes.json", client.get("/proof/consistency.json?from=1&to=3").json())
    own.put("all.json", client.get("/proof/heads.json").json())
    said = own.check("kept", "all.json")
    assert said.code == SOUND, said.text
    pem = client.get("/proof/key.pem").content.decode()
    assert own.check("all.json", key=str(own.put("key.pem", pem))).code == SOUND


def test_heads_are_paged_by_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    reported(cast)
    for n in range(34):
        sequencing.turn(NIGHT + timedelta(days=n))
    client = Client()
    with counted() as statements:
        first = client.get("/proof/").content.decode()
    assert len(statements) <= 5
    assert first.count('<td class="mono root">') == 30
    cursor = first.partition("?cursor=")[2].partition('"')[0]
    second = client.get(f"/proof/?cursor={cursor}").content.decode()
    assert second.count('<td class="mono root">') == Head.objects.count() - 30
    assert client.get("/proof/?cursor=broken").status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/proof/heads/2020-01-01.json", 404),
        ("/proof/heads/nonsense.json", 400),
        ("/proof/heads/latest.json", 404),
        ("/proof/consistency.json", 400),
        ("/proof/consistency.json?from=2020-01-01", 404),
        ("/proof/key.pem", 404),
        ("/proof/key.json", 200),
        ("/proof/heads.json", 200),
    ],
)
def test_what_is_not_there_is_said_plainly(db: None, path: str, status: int) -> None:
    assert Client().get(path).status_code == status


def test_the_first_turn_after_midnight_seals_and_no_other(cast: Cast) -> None:
    before, after = NIGHT - timedelta(minutes=1), NIGHT
    reported(cast)
    assert [sequencing.turn(before) for _ in range(3)] == [2, 0, 0]
    reported(cast)
    assert [sequencing.turn(before) for _ in range(2)] == [1, 0]
    assert [sequencing.turn(after) for _ in range(2)] == [1, 0]
    assert list(Head.objects.order_by("id").values_list("size", flat=True)) == [1, 2]
    assert Record.objects.count() == Case.objects.count() == 2


def test_both_case_pages_lead_to_the_proof(cast: Cast) -> None:
    case = reported(cast)
    page = cast.client("resident").get(f"/case/{case.number}/").content.decode()
    assert f'href="/case/{case.number}/proof.json"' in page
    page = cast.client("dispatcher").get(f"/staff/cases/{case.number}/").content.decode()
    assert f'href="/staff/cases/{case.number}/proof.json"' in page
