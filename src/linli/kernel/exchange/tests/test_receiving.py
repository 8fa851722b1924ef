"""What is taken from another installation, and what is not (收取)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from linli.base.clock import now
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.exchange import peers, retention
from linli.kernel.exchange.envelope import SIGNATURE_HEADER, TIME_HEADER, keys_in
from linli.kernel.exchange.models import IN, Message
from linli.kernel.exchange.registry import KINDS, Incoming, kind
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import AuditEntry
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[Incoming]]:
    """What the handler of kind `test.word` was given; it refuses the word “no”, and leaves a trace before it does."""
    found: list[Incoming] = []

    def handle(incoming: Incoming) -> dict[str, Any]:
        found.append(incoming)
        AuditEntry.objects.create(act="test.word", subject="", facts={}, at=incoming.at)
        if incoming.body.get("word") == "no":
            raise Refused("test.no", Text("不收这个词。", "That word is not taken."))
        return {"n": len(found)}

    kind("test.word", Text("一个词", "a word"), handle)
    yield found
    del KINDS["test.word"]


def test_a_message_is_kept_and_handled_once(cast: Cast, heard: list[Incoming]) -> None:
    there = Neighbour()
    there.admitted()
    raw = there.written("test.word", {"word": "材料"})
    headers = there.headers(raw)
    first = there.says(raw, headers)
    assert (first.status_code, first.json()["answer"]) == (200, {"n": 1}), first.content
    again = there.says(raw, headers)
    assert (again.json(), again["Idempotent-Replay"]) == (first.json(), "true")
    assert [i.body for i in heard] == [{"word": "材料"}]
    row = Message.objects.get()
    assert (row.direction, row.state, row.peer.county, row.case_number) == (
        IN,
        "received",
        NEIGHBOUR,
        "350103-XR-2026-000001",
    )
    assert "材料" in row.body
    stored = Message.objects.values_list("body").query
    assert "材料".encode() not in _raw(stored)  # sealed at rest


def _raw(query: Any) -> bytes:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM exchange_message")
        return bytes(cursor.fetchone()[0])


def test_sm2_keys_hold_as_well(cast: Cast, heard: list[Incoming]) -> None:
    there = Neighbour("sm2")
    there.admitted()
    assert there.says(there.written("test.word", {})).status_code == 200


def test_the_same_key_with_other_content_is_refused(cast: Cast, heard: list[Incoming]) -> None:
    there = Neighbour()
    there.admitted()
    key = str(uuid4())
    one, two = there.written("test.word", {"word": "a"}), there.written("test.word", {"word": "b"})
    assert there.says(one, there.headers(one, key=key)).status_code == 200
    answer = there.says(two, there.headers(two, key=key))
    assert (answer.status_code, answer.json()["code"]) == (409, "exchange.key_taken")
    assert len(heard) == 1


def test_what_a_handler_refuses_leaves_nothing(cast: Cast, heard: list[Incoming]) -> None:
    there = Neighbour()
    there.admitted()
    answer = there.says(there.written("test.word", {"word": "no"}))
    assert (answer.status_code, answer.json()["code"]) == (409, "test.no")
    assert not Message.objects.exists()
    assert not AuditEntry.objects.filter(act="test.word").exists()


def test_whoever_is_not_admitted_is_told_that_there_is_nothing(cast: Cast, heard: list[Incoming]) -> None:
    there, stranger = Neighbour(), Neighbour()
    peer = there.admitted()
    raw = there.written("test.word", {"word": "x"})
    good = there.headers(raw)
    altered = raw.replace(b'"x"', b'"y"')
    forged = {**stranger.headers(raw), "X-Linli-Key": there.key.id}
    elsewhere = there.written("test.word", {}, receiver="350104000000")
    as_another = there.written("test.word", {}, sender="350104000000")
    loose = raw.replace(b'{"word"', b'{ "word"')
    answers = [
        stranger.says(raw),  # a key that nobody entered
        there.says(altered, good),
        there.says(raw, forged),
        there.says(raw, {**good, SIGNATURE_HEADER: ""}),
        there.says(raw, {**good, TIME_HEADER: "2026-11-29T00:00:00Z"}),
        there.says(raw, {**good, "Idempotency-Key": str(uuid4())}),
        there.says(elsewhere),
        there.says(as_another),
        there.says(loose, there.headers(loose)),  # signed, but not in the one form
        there.says(b"[]", there.headers(b"[]")),
    ]
    peers.stop(peer, by=SYSTEM)
    answers.append(there.says(raw))
    nothing = there.says(b"{}", {"Idempotency-Key": str(uuid4())})
    assert {(a.status_code, a.content) for a in answers} == {(404, nothing.content)}
    assert heard == []
    assert not Message.objects.exists()


def test_an_old_message_is_a_replay(cast: Cast, heard: list[Incoming]) -> None:
    there = Neighbour()
    there.admitted()
    raw = there.written("test.word", {})
    for at in (now() - timedelta(minutes=11), now() + timedelta(minutes=11)):
        answer = there.says(raw, there.headers(raw, at=at))
        assert (answer.status_code, answer.json()["code"]) == (400, "exchange.too_old")
    assert heard == []


def test_an_unknown_kind_is_refused_to_those_who_are_admitted(cast: Cast) -> None:
    there = Neighbour()
    there.admitted()
    answer = there.says(there.written("test.never", {}))
    assert (answer.status_code, answer.json()["code"]) == (409, "exchange.unknown_kind")


def test_guessing_is_slowed_down(cast: Cast) -> None:
    stranger = Neighbour()
    raw = stranger.written("test.word", {})
    assert {stranger.says(raw).status_code for _ in range(60)} == {404}
    assert stranger.says(raw).status_code == 429


def test_contents_go_and_digests_stay(cast: Cast, heard: list[Incoming]) -> None:
    there = Neighbour()
    there.admitted()
    raw = there.written("test.word", {"word": "张三"})
    headers = there.headers(raw)
    there.says(raw, headers)
    assert retention.forget(now() + timedelta(days=29)) == 0
    assert retention.forget(now() + timedelta(days=31)) == 1
    row = Message.objects.get()
    assert (row.body, len(row.digest)) == ("", 32)
    assert there.says(raw, headers).json()["answer"] == {"n": 1}  # still known by its key


def test_several_keys_may_hold_while_they_are_changed(cast: Cast, heard: list[Incoming]) -> None:
    old, new = Neighbour(), Neighbour()
    peers.admit(
        county="350103",
        name="台江区",
        base_url="https://tj.example",
        key=old.key.as_pem() + new.key.as_pem(),
        by=SYSTEM,
    )
    for each in (old, new):
        assert each.says(each.written("test.word", {})).status_code == 200
    assert [k.id for k in keys_in(new.key.as_pem())] == [new.key.id]
