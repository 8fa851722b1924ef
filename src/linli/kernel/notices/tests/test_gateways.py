from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Thread
from typing import Any

import pytest
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from linli.kernel.notices.delivery import deliver_due
from linli.kernel.notices.gateways import (
    FileOutbox,
    HttpSmsGateway,
    Rejected,
    TryLater,
    send_email,
    sms_gateway,
)
from linli.kernel.notices.models import Notice
from linli.kernel.notices.services import queue
from linli.kernel.notices.tests.conftest import T0, after
from linli.kernel.people.models import Person


class Server:
    """A real gateway on a real port: answers as told, and delivers each key once."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.delivered: dict[str, Any] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append((self.path, dict(self.headers), body))
                status, answer, headers = server.answers.pop(0) if server.answers else (200, b"{}", {})
                if status < 300:
                    server.delivered.setdefault(self.headers["Idempotency-Key"], json.loads(body))
                if status == 0:  # taken, but the answer is lost on the way
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/sms?v=2"
        Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.mark.django_db
def test_over_a_real_server_that_fails_loses_an_answer_and_then_works(
    server: Server, resident: Person, settings: Settings
) -> None:
    settings.LINLI_SMS_URL = server.url
    settings.LINLI_SMS_TOKEN = "token-1"
    server.answers = [(503, b"", {"Retry-After": "90"}), (0, b"", {})]
    queue(resident, "case.received", {"title": "路灯"}, case_number="X-1", at=T0)
    deliver_due(at=T0)
    row = Notice.objects.get(channel="sms")
    assert (row.last_error, row.next_try_at) == ("gateway answered 503", after(seconds=90))
    deliver_due(at=after(seconds=90))
    row.refresh_from_db()
    assert row.last_error == "gateway not reached: RemoteDisconnected"
    deliver_due(at=after(minutes=10))
    row.refresh_from_db()
    assert row.state == "sent"
    assert [headers["Idempotency-Key"] for _, headers, _ in server.requests] == [str(row.uid)] * 3
    assert server.delivered == {
        str(row.uid): {"to": "+8613900000001", "text": "已收到“路灯”，编号X-1。", "key": str(row.uid)}
    }
    assert server.requests[0][0] == "/sms?v=2"
    assert server.requests[0][1]["Authorization"] == "Bearer token-1"


def test_fields_are_named_as_the_gateway_wants_and_the_body_is_signed(server: Server) -> None:
    gateway = HttpSmsGateway(
        server.url, secret="s3", fields={"to": "mobile", "text": "content"}, extra={"sign": "邻里"}
    )
    gateway.send(key="k", to="1", text="t")
    _, headers, body = server.requests[0]
    assert json.loads(body) == {"sign": "邻里", "mobile": "1", "content": "t", "key": "k"}
    stamp, digest = (part.partition("=")[2] for part in headers["X-Linli-Signature"].split(","))
    assert digest == hmac.new(b"s3", f"{stamp}.".encode() + body, sha256).hexdigest()
    assert "Authorization" not in headers


@pytest.mark.parametrize("status", [400, 413, 422])
def test_final_answers(server: Server, status: int) -> None:
    server.answers = [(status, "号码 13900000001 有误".encode(), {})]
    with pytest.raises(Rejected) as refused:
        HttpSmsGateway(server.url).send(key="k", to="13900000001", text="t")
    assert "13900000001" not in str(refused.value), "no personal data in the reason"


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 409, 429, 500, 502])
def test_answers_worth_another_try(server: Server, status: int) -> None:
    server.answers = [(status, b"", {"Location": "http://127.0.0.1:9/", "Retry-After": "soon"})]
    with pytest.raises(TryLater) as later:
        HttpSmsGateway(server.url).send(key="k", to="1", text="t")
    assert later.value.after is None
    assert len(server.requests) == 1, "a redirect is not followed"


def test_a_gateway_that_answers_200_to_everything(server: Server) -> None:
    gateway = HttpSmsGateway(server.url, ok={"field": "code", "values": ["0"], "final": ["1001"]})
    server.answers = [
        (200, b'{"code": 0}', {}),
        (200, b'{"code": 1001}', {}),
        (200, b'{"code": 7}', {}),
        (200, b"<html>", {}),
        (200, b"[]", {}),
    ]
    gateway.send(key="k", to="1", text="t")
    with pytest.raises(Rejected):
        gateway.send(key="k", to="1", text="t")
    for _ in range(3):
        with pytest.raises(TryLater):
            gateway.send(key="k", to="1", text="t")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "file:///etc/passwd", "nonsense", "http://"])
def test_an_address_that_cannot_be_reached(url: str) -> None:
    with pytest.raises(TryLater):
        HttpSmsGateway(url, timeout=1).send(key="k", to="1", text="t")


def test_a_server_that_does_not_answer_in_time(server: Server) -> None:
    with pytest.raises(TryLater, match="TimeoutError"):
        HttpSmsGateway(f"http://127.0.0.1:{_silent_port()}/", timeout=0.2).send(key="k", to="1", text="t")


def _silent_port() -> int:
    import socket

    silent = socket.create_server(("127.0.0.1", 0))
    _KEPT.append(silent)
    return int(silent.getsockname()[1])


_KEPT: list[object] = []


def test_the_folder_writes_whole_files_once(outbox: Path) -> None:
    folder = FileOutbox(outbox)
    folder.send(key="a", to="1", text="first")
    folder.send(key="a", to="1", text="second")
    assert [f.name for f in outbox.iterdir()] == ["a.json"], "no temporary file stays"
    assert json.loads((outbox / "a.json").read_text())["text"] == "first"
    assert (outbox / "a.json").stat().st_mode & 0o077 == 0


def test_which_gateway_is_in_force(settings: Settings) -> None:
    assert isinstance(sms_gateway(), FileOutbox)
    settings.LINLI_OUTBOX = False
    assert sms_gateway() is None
    settings.LINLI_SMS_URL = "https://sms.example.org/send"
    assert isinstance(sms_gateway(), HttpSmsGateway)


def test_email_into_the_folder_once(settings: Settings, outbox: Path) -> None:
    settings.EMAIL_BACKEND = "linli.kernel.notices.gateways.FileEmailBackend"
    for _ in range(2):
        send_email(key="k1", to="a@example.org", subject="Due\nsoon", body="路灯")
    (file,) = outbox.iterdir()
    assert file.name == "k1.eml"
    assert b"Subject: Due soon" in file.read_bytes()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (SMTPRecipientsRefused({"a@example.org": (550, b"no such user a@example.org")}), Rejected),
        (SMTPRecipientsRefused({"a@example.org": (451, b"greylisted")}), TryLater),
        (SMTPServerDisconnected("gone"), TryLater),
        (ConnectionRefusedError(), TryLater),
    ],
)
def test_answers_of_a_mail_server(
    error: Exception, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", fail)
    with pytest.raises(kind) as raised:
        send_email(key="k", to="a@example.org", subject="s", body="b")
    assert "example.org" not in str(raised.value)
