from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest
from django.db import connections

from linli.kernel.notices import delivery
from linli.kernel.notices.delivery import deliver_due
from linli.kernel.notices.models import Notice
from linli.kernel.notices.services import queue
from linli.kernel.notices.tests.conftest import T0, Gateway
from linli.kernel.people.models import Person

N = 25


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(then=lambda: sleep(0.002))
    monkeypatch.setattr(delivery, "sms_gateway", lambda: gateway)
    for n in range(N):
        person = Person.objects.create(phone=f"+861390000{n:04}", created_at=T0, needed_at=T0)
        queue(person, "case.received", {"title": "路灯"}, at=T0)

    together = Barrier(2)

    def work() -> int:
        handled = 0
        together.wait(20)
        try:
            while n := deliver_due(limit=10, at=T0):
                handled += n
        finally:
            connections.close_all()
        return handled

    with ThreadPoolExecutor(2) as pool:
        each = [done.result(60) for done in [pool.submit(work), pool.submit(work)]]

    assert {n.state for n in Notice.objects.all()} == {"sent"}
    assert Notice.objects.filter(channel="sms").count() == N
    assert len(gateway.calls) == len(set(gateway.calls)) == N
    assert sum(each) == 2 * N
