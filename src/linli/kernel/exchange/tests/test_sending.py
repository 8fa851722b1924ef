"""Messages arrive once, in order, whatever the line does (发送). The other side is a real server on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from linli.base.clock import now
from linli.base.errors import Invalid, NotAllowed
from linli.base.i18n import Text
from linli.kernel.exchange import peers, reading, sending
from linli.kernel.exchange.models import GIVEN_UP, Message
from linli.kernel.exchange.registry import KINDS, follower, kind
from linli.kernel.exchange.wire import checked_url
from linli.kernel.people.actors import SYSTEM
from tests.cast import Cast
from tests.exchanging import OURS, Neighbour

pytestmark = pytest.mark.django_db


class Office(HTTPServer):
    """Answers as it is told; keeps what it was sent."""

    plan: list[tuple[int, Any]]
    got: list[tuple[str, dict[str, str], bytes]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Desk(BaseHTTPRequestHandler):
    server: Office

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), raw))
        self._answer()

    def do_GET(self) -> None:
        self.server.got.append((self.path, dict(self.headers), b""))
        self._answer()

    def _answer(self) -> None:
        status, body = self.server.plan.pop(0) if self.server.plan else (200, {"answer": {"n": 1}})
        if status == 0:
            self.connection.close()  # the line is cut before the answer
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", str(body))
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office(("127.0.0.1", 0), Desk)
    made.plan, made.got = [], []
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def told() -> Iterator[list[Any]]:
    found: list[Any] = []
    kind(
        "test.word",
        Text("一个词", "a word"),
        lambda incoming: {},
        answered=lambda row, answer: found.append(("answered", row.case_number, answer)),
        refused=lambda row, why: found.append(("refused", row.case_number, why)),
    )
    yield found
    del KINDS["test.word"]


def say(peer: Any, case: str = "350102-XR-2026-000001", **body: Any) -> Message:
    return sending.send(peer, "test.word", body, case_number=case, county=OURS)


def test_it_is_delivered_signed_and_answered(cast: Cast, office: Office, told: list[Any]) -> None:
    peer = Neighbour().admitted(office.url)
    row = say(peer, word="材料")
    assert sending.deliver_due() == 1
    assert sending.deliver_due() == 0
    (path, headers, raw) = office.got[0]
    assert path == "/api/v1/exchange/messages"
    assert headers["Idempotency-Key"] == str(row.key)
    assert json.loads(raw)["body"] == {"word": "材料"}
    row.refresh_from_db()
    assert (row.state, row.answer, row.attempts) == ("acknowledged", {"n": 1}, 1)
    assert told == [("answered", "350102-XR-2026-000001", {"n": 1})]


def test_what_we_send_the_other_side_can_take(cast: Cast, office: Office, told: list[Any]) -> None:
    """Our own signature holds by our own rules: sent here, replayed at our own door."""
    from linli.kernel.exchange.receiving import receive

    here = peers.admit(
        county="350102", name="鼓楼区", base_url=office.url, key=peers.own_key(), by=SYSTEM
    )  # fmt: skip
    sending.send(here, "test.word", {"a": 1}, case_number="1", county=OURS)
    sending.deliver_due()
    _, headers, raw = office.got[0]
    assert receive(raw, headers, headers["Idempotency-Key"]) == ({}, False)


def test_it_is_tried_again_until_it_is_answered(cast: Cast, office: Office, told: list[Any]) -> None:
    office.plan = [(0, None), (503, {}), (404, {"code": "not_found"}), (302, f"{office.url}/elsewhere")]
    row = say(Neighbour().admitted(office.url))
    at = now()
    for n, pause in enumerate((5, 30, 120, 600), 1):
        assert sending.deliver_due(at=at) == 1
        row.refresh_from_db()
        assert (row.state, row.attempts, row.next_try_at) == ("queued", n, at + timedelta(seconds=pause))
        assert sending.deliver_due(at=at + timedelta(seconds=pause - 1)) == 0
        at += timedelta(seconds=pause)
    assert sending.deliver_due(at=at) == 1
    row.refresh_from_db()
    assert row.state == "acknowledged"
    assert {headers["Idempotency-Key"] for _, headers, _ in office.got} == {str(row.key)}
    assert [path for path, _, _ in office.got] == [sending.PATH] * 5  # no redirect was followed
    assert len(told) == 1


def test_messages_of_one_case_keep_their_order(cast: Cast, office: Office, told: list[Any]) -> None:
    office.plan = [(500, {})]
    peer = Neighbour().admitted(office.url)
    first, second, other = say(peer, n=1), say(peer, n=2), say(peer, "350102-XR-2026-000002", n=3)
    sending.deliver_due()
    assert [json.loads(raw)["body"]["n"] for _, _, raw in office.got] == [1]  # the line is the same for all
    sending.deliver_due(at=now() + timedelta(minutes=1))
    arrived = [json.loads(raw)["body"]["n"] for _, _, raw in office.got[1:]]
    assert sorted(arrived) == [1, 2, 3]
    assert arrived.index(1) < arrived.index(2)
    assert {Message.objects.get(pk=m.pk).state for m in (first, second, other)} == {"acknowledged"}


def test_a_refusal_is_told_to_the_case(cast: Cast, office: Office, told: list[Any]) -> None:
    office.plan = [(422, {"code": "matters.no_such", "detail": "没有这个事项。"})]
    row = say(Neighbour().admitted(office.url))
    sending.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("refused", "refused: 422 matters.no_such")
    assert told == [("refused", "350102-XR-2026-000001", Text("没有这个事项。", "没有这个事项。"))]
    assert sending.deliver_due(at=now() + timedelta(days=1)) == 0


def test_after_a_week_it_waits_for_a_person(cast: Cast, told: list[Any]) -> None:
    peer = Neighbour().admitted("http://127.0.0.1:9")
    row, at = say(peer), now()
    for _ in range(sending.MOST_TRIES):
        sending.deliver_due(at=at)
        at += timedelta(hours=13)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (GIVEN_UP, sending.MOST_TRIES)
    later = say(peer)
    assert sending.deliver_due(at=at) == 0, later  # what follows waits behind it
    assert peers.try_again(peer, by=SYSTEM) == 2
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)


def test_a_stopped_peer_is_sent_nothing(cast: Cast, office: Office, told: list[Any]) -> None:
    peer = Neighbour().admitted(office.url)
    say(peer)
    peers.stop(peer, by=SYSTEM)
    assert sending.deliver_due() == 0
    peers.resume(peer, by=SYSTEM)
    assert sending.deliver_due() == 1


def test_a_follower_is_asked_first(cast: Cast) -> None:
    from linli.kernel.exchange.registry import FOLLOWERS

    turns = [2, 0]

    def look() -> int:
        return turns.pop(0)

    follower(look)
    try:
        assert sending.turn() == 2
    finally:
        FOLLOWERS.remove(look)


@pytest.mark.parametrize(
    "url",
    "http://linli.example ftp://linli.example https:// https://a@b.example https://b.example/?x=1 linli.example".split(),
)
def test_only_https_but_within_this_machine(url: str) -> None:
    with pytest.raises(Invalid):
        checked_url(url)
    assert checked_url(" https://linli.example:8443/a/ ") == "https://linli.example:8443/a"
    assert checked_url("http://[::1]:8000") == "http://[::1]:8000"


def test_who_may_admit_a_peer(cast: Cast) -> None:
    there = Neighbour()
    entry: dict[str, Any] = {
        "county": "350103",
        "name": "台江区",
        "base_url": "https://tj.example",
        "key": there.key.as_pem(),
    }
    with pytest.raises(NotAllowed):
        peers.admit(**entry, by=cast.actor("clerk"))
    made = peers.admit(**entry, by=cast.actor("admin"))
    again = peers.admit(**{**entry, "base_url": "https://new.example"}, by=cast.actor("admin"))
    assert (again.pk, again.base_url) == (made.pk, "https://new.example")
    for wrong in ({"county": "35"}, {"name": " "}, {"key": "no key"}, {"base_url": "http://tj.example"}):
        with pytest.raises(Invalid):
            peers.admit(**{**entry, **wrong}, by=SYSTEM)


def test_a_message_has_a_largest_size(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.kernel.exchange.envelope.MOST_BYTES", 200)
    with pytest.raises(Invalid) as caught:
        say(Neighbour().admitted(), word="x" * 200)
    assert caught.value.code == "exchange.too_large"


def test_what_a_peer_publishes_is_read_once_a_day(cast: Cast, office: Office) -> None:
    peer, at = Neighbour().admitted(office.url), now()
    office.plan = [(200, {"items": [1]}), (500, {}), (200, {"items": [2]})]
    assert reading.published(peer, "/api/v1/matters", at=at) == {"items": [1]}
    assert reading.published(peer, "/api/v1/matters", at=at + timedelta(hours=23)) == {"items": [1]}
    assert reading.published(peer, "/api/v1/matters", at=at + timedelta(hours=25)) == {
        "items": [1]
    }  # as before
    assert reading.published(peer, "/api/v1/matters", at=at + timedelta(hours=26)) == {"items": [2]}
    office.plan = [(500, {})]
    with pytest.raises(reading.NotAnswering):
        reading.published(peer, "/api/v1/matters/x", at=at)
