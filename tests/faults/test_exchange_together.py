"""The same message at the same moment, and a sender that dies before it notes the answer (同时到达、发送中断)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.exchange import sending, wire
from linli.kernel.exchange.models import Message
from linli.kernel.exchange.receiving import receive
from linli.kernel.exchange.registry import KINDS, kind
from linli.kernel.people.models import AuditEntry
from tests.cast import Cast
from tests.exchanging import OURS, Neighbour
from tests.faults.test_together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_many_copies_one_is_carried_out(transactional_db: None, cast: Cast) -> None:
    there = Neighbour()
    there.admitted()

    def handle(incoming: Any) -> dict[str, Any]:
        AuditEntry.objects.create(act="test.once", subject="", facts={}, at=incoming.at)
        return {"n": AuditEntry.objects.filter(act="test.once").count()}

    kind("test.once", Text("一次", "once"), handle)
    raw, key = there.written("test.once", {}), str(uuid4())
    headers = there.headers(raw, key=key)
    try:
        found = together(*[lambda: receive(raw, headers, key)] * 5)
    finally:
        del KINDS["test.once"]
    assert [answer for answer, _ in found] == [{"n": 1}] * 5
    assert sorted(repeated for _, repeated in found) == [False, True, True, True, True]
    assert (Message.objects.count(), AuditEntry.objects.filter(act="test.once").count()) == (1, 1)


def test_who_died_after_the_answer_asks_again_under_the_same_key(
    transactional_db: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer, told, sent = Neighbour().admitted(), [], []

    def over_there(base: str, path: str, raw: bytes, headers: Any) -> wire.Answer:
        sent.append(headers["Idempotency-Key"])
        return wire.Answer(200, {"answer": {"n": 7}})

    class Dies(BaseException):
        """Stands for the process dying here."""

    def answered(row: Message, answer: dict[str, Any]) -> None:
        told.append(answer)
        if len(told) == 1:
            raise Dies

    monkeypatch.setattr(wire, "post", over_there)
    kind("test.word", Text("一个词", "a word"), lambda incoming: {}, answered=answered)
    try:
        row = sending.send(peer, "test.word", {}, case_number="1", county=OURS)
        with pytest.raises(Dies):
            sending.deliver_due()
        row.refresh_from_db()
        assert row.state == "sending"  # nothing was noted; the claim lapses by itself
        assert sending.deliver_due(at=now() + timedelta(minutes=1)) == 0
        assert sending.deliver_due(at=now() + timedelta(minutes=3)) == 1
    finally:
        del KINDS["test.word"]
    row.refresh_from_db()
    assert (row.state, row.answer, sent) == ("acknowledged", {"n": 7}, [str(row.key)] * 2)
