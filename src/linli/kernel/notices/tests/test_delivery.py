from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from linli.kernel.notices import delivery
from linli.kernel.notices.delivery import PAUSES, deliver_due
from linli.kernel.notices.gateways import FileOutbox, Rejected, TryLater
from linli.kernel.notices.models import Notice
from linli.kernel.notices.services import queue
from linli.kernel.notices.tests.conftest import T0, Gateway, after
from linli.kernel.people.models import Account, Person

pytestmark = pytest.mark.django_db


class Crash(BaseException):
    """The worker's process dies."""


def use(monkeypatch: pytest.MonkeyPatch, gateway: object) -> None:
    monkeypatch.setattr(delivery, "sms_gateway", lambda: gateway)


def raiser(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def sms() -> Notice:
    return Notice.objects.get(channel="sms")


def test_a_resident_gets_it_in_the_app_and_by_sms(resident: Person, outbox: Path) -> None:
    queue(resident, "case.received", {"title": "路灯不亮"}, case_number="X-1", at=T0)
    assert deliver_due(at=T0) == 2
    (file,) = outbox.iterdir()
    message = json.loads(file.read_text())
    assert message["to"] == "+8613900000001"
    assert message["text"] == "已收到“路灯不亮”，编号X-1。"
    assert file.stem == str(sms().uid) == message["uid"]
    assert {n.state for n in Notice.objects.all()} == {"sent"}
    assert deliver_due(at=after(days=1)) == 0


def test_staff_get_an_email_in_their_language(handler: Account) -> None:
    queue(handler, "task.overdue", {"title": "Lamp\nBcc: x@example.org"}, case_number="X-1", at=T0)
    deliver_due(at=T0)
    (message,) = mail.outbox
    assert message.to == ["chen@example.org"]
    assert message.subject == "Overdue: Lamp Bcc: x@example.org"
    uid = Notice.objects.get(channel="email").uid
    assert message.extra_headers["Message-ID"].startswith(f"<{uid}@")


def test_no_sms_without_a_phone_a_template_or_a_gateway(
    resident: Person, stranger: Account, settings: Settings
) -> None:
    queue(stranger, "case.received", at=T0)
    queue(resident, "case.linked", at=T0)
    settings.LINLI_OUTBOX = False
    queue(resident, "case.received", at=T0)
    deliver_due(at=T0)
    assert {n.channel for n in Notice.objects.all()} == {"in_app"}


def test_nothing_goes_before_its_time(resident: Person) -> None:
    queue(resident, "case.received", at=after(hours=1))
    assert deliver_due(at=T0) == 0
    assert deliver_due(at=after(hours=1)) == 2


def test_a_crash_between_sending_and_marking_does_not_send_twice(
    resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(then=raiser(Crash()))
    use(monkeypatch, gateway)
    queue(resident, "case.received", {"title": "路灯"}, at=T0)
    with pytest.raises(Crash):
        deliver_due(at=T0)
    assert sms().state == "sending"
    gateway.then = lambda: None
    assert deliver_due(at=after(seconds=119)) == 0, "the claim has not lapsed"
    assert deliver_due(at=after(seconds=121)) == 1
    assert gateway.calls == [str(sms().uid)] * 2, "the same key again"
    assert len(gateway.delivered) == 1
    assert sms().state == "sent"


def test_the_folder_knows_a_key_after_a_crash(
    resident: Person, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dies(FileOutbox):
        def send(self, *, key: str, to: str, text: str) -> None:
            super().send(key=key, to=to, text=text)
            raise Crash

    use(monkeypatch, Dies(outbox))
    queue(resident, "case.received", {"title": "路灯"}, at=T0)
    with pytest.raises(Crash):
        deliver_due(at=T0)
    (file,) = outbox.iterdir()
    first = file.stat().st_ino
    use(monkeypatch, FileOutbox(outbox))
    deliver_due(at=after(minutes=3))
    assert [f.stat().st_ino for f in outbox.iterdir()] == [first]
    assert sms().state == "sent"


def test_a_crash_before_sending_loses_nothing(resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(before=raiser(Crash()))
    use(monkeypatch, gateway)
    queue(resident, "case.received", at=T0)
    with pytest.raises(Crash):
        deliver_due(at=T0)
    gateway.before = lambda: None
    deliver_due(at=after(minutes=3))
    assert len(gateway.delivered) == 1


def test_a_crash_while_fanning_out_queues_each_channel_once(
    resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "channels_for", lambda *_: raiser(Crash())())
    queue(resident, "case.received", at=T0)
    with pytest.raises(Crash):
        deliver_due(at=T0)
    monkeypatch.undo()
    deliver_due(at=after(minutes=3))
    assert Notice.objects.filter(channel="sms").count() == 1


def test_the_schedule_of_tries_and_its_end(resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(before=raiser(TryLater("gateway answered 503")))
    use(monkeypatch, gateway)
    queue(resident, "case.received", at=T0)
    moment = T0
    deliver_due(at=moment)
    for pause in PAUSES:
        row = sms()
        assert (row.state, row.last_error) == ("queued", "gateway answered 503")
        assert row.next_try_at == moment + pause
        assert deliver_due(at=moment + pause - timedelta(seconds=1)) == 0
        moment += pause
        assert deliver_due(at=moment) == 1
    assert (sms().state, sms().attempts) == ("given_up", 6)
    assert tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720)) == PAUSES
    assert deliver_due(at=after(days=9)) == 0


def test_a_longer_pause_that_the_gateway_asks_for_is_kept(
    resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Gateway(before=raiser(TryLater("429", timedelta(minutes=10)))))
    queue(resident, "case.received", at=T0)
    deliver_due(at=T0)
    assert sms().next_try_at == after(minutes=10)


def test_what_the_gateway_refuses_is_not_tried_again(
    resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Gateway(before=raiser(Rejected("gateway answered 400"))))
    queue(resident, "case.received", at=T0)
    deliver_due(at=T0)
    assert (sms().state, sms().last_error) == ("failed", "gateway answered 400")
    assert Notice.objects.get(channel="in_app").state == "sent"


def test_a_phone_that_was_erased_in_between_is_not_written_to(
    resident: Person, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Gateway(before=raiser(TryLater("later"))))
    queue(resident, "case.received", at=T0)
    deliver_due(at=T0)
    Person.objects.filter(pk=resident.pk).update(phone="")
    deliver_due(at=after(minutes=2))
    assert sms().state == "failed"


def test_one_broken_row_does_not_stop_the_others(
    resident: Person, handler: Account, outbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    queue(resident, "case.received", {"title": "路灯", "due_at": "not a moment"}, at=T0)
    queue(handler, "task.assigned", {"title": "路灯"}, at=T0)
    deliver_due(at=T0)
    assert (sms().state, sms().last_error) == ("queued", "unexpected: ValueError")
    assert len(mail.outbox) == 1
    assert "13900000001" not in caplog.text


def test_what_kills_the_worker_each_time_is_given_up(
    resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(before=raiser(Crash()))
    use(monkeypatch, gateway)
    queue(resident, "case.received", at=T0)
    moment: datetime = T0
    for _ in range(6):
        with pytest.raises(Crash):
            deliver_due(at=moment)
        moment += timedelta(minutes=3)
    deliver_due(at=moment)
    assert sms().state == "given_up"


def test_a_worker_that_returns_late_does_not_undo_anothers_work(
    resident: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken() -> None:
        gateway.before = lambda: None
        deliver_due(at=after(minutes=3))
        raise TryLater("timed out")

    gateway = Gateway(before=overtaken)
    use(monkeypatch, gateway)
    queue(resident, "case.received", at=T0)
    deliver_due(at=T0)
    assert sms().state == "sent"
    assert len(gateway.calls) == 1


def test_a_slow_batch_is_given_back(resident: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    hour = iter(range(0, 100_000, 100))
    for _ in range(4):
        queue(resident, "case.linked", at=T0)
    monkeypatch.setattr("linli.kernel.notices.delivery.time.monotonic", lambda: next(hour))
    assert deliver_due(at=T0) == 0
    assert {(n.state, n.attempts) for n in Notice.objects.all()} == {("queued", 0)}
