"""Where messages leave the house (发送通道): an SMS gateway over HTTP, a folder for development, e-mail.

Settings, all optional: `LINLI_SMS_URL` (without it messages go to `DIR/outbox/`), `LINLI_SMS_TOKEN` (bearer),
`LINLI_SMS_SECRET` (signs the body), `LINLI_SMS_FIELDS` (our names `to`, `text`, `key` → the gateway's),
`LINLI_SMS_EXTRA` (constant fields: signature, account), `LINLI_SMS_OK` (for gateways that answer 200 to
everything: `{"field": "code", "values": ["0"], "final": ["1001"]}`), `LINLI_SMS_TIMEOUT` (seconds),
`LINLI_OUTBOX` (False: no files, and without a gateway no SMS).
"""

from __future__ import annotations

import hmac
import json
import os
import smtplib
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class TryLater(Exception):
    """The message may still go (稍后重试). The reason names no person."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Rejected(Exception):
    """The message will never go like this (无法发送): a wrong number, a text that is not allowed."""


class SmsGateway(Protocol):
    def send(self, *, key: str, to: str, text: str) -> None:
        """Send once for each key (按键去重发送). Raises TryLater or Rejected."""


@dataclass(frozen=True)
class HttpSmsGateway:
    """A gateway that takes JSON by POST (短信网关). It must know a repeated `Idempotency-Key`."""

    url: str
    token: str = ""
    secret: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    ok: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 8

    # What no second try can mend. Wrong credentials or a wrong address (401, 403, 404) are ours to mend.
    FINAL = frozenset({400, 410, 413, 422})
    MOST_READ = 65536

    def send(self, *, key: str, to: str, text: str) -> None:
        values = {"to": to, "text": text, "key": key}
        named = {self.fields.get(name, name): value for name, value in values.items()}
        body = json.dumps({**self.extra, **named}, ensure_ascii=False).encode()
        status, answer, after = self._post(body, self._headers(key, body))
        if 200 <= status < 300:
            self._check_answer(answer)
        elif status in self.FINAL:
            raise Rejected(f"gateway answered {status}")
        else:
            raise TryLater(f"gateway answered {status}", after)

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.secret:
            stamp = str(int(time.time()))
            digest = hmac.new(self.secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
            headers["X-Linli-Signature"] = f"t={stamp},v1={digest}"
        return headers

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, timedelta | None]:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise TryLater("LINLI_SMS_URL is not an http address")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=self.timeout)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = response.read(self.MOST_READ)
            wait = response.getheader("Retry-After", "")
        except (OSError, HTTPException) as error:
            raise TryLater(f"gateway not reached: {type(error).__name__}") from error
        finally:
            connection.close()
        after = timedelta(seconds=min(int(wait), 86400)) if wait.isascii() and wait.isdigit() else None
        return response.status, answer, after

    def _check_answer(self, answer: bytes) -> None:
        if not self.ok:
            return
        try:
            value = json.loads(answer)[self.ok["field"]]
        except (ValueError, KeyError, TypeError) as error:
            raise TryLater("gateway answered in a form that is not understood") from error
        if str(value) not in {str(good) for good in self.ok["values"]}:
            if str(value) in {str(bad) for bad in self.ok.get("final", ())}:
                raise Rejected(f"gateway answered code {str(value)[:20]}")
            raise TryLater(f"gateway answered code {str(value)[:20]}")


@dataclass(frozen=True)
class FileOutbox:
    """A folder instead of a gateway (发件文件夹) for development: one file a message, never a second."""

    folder: Path

    def send(self, *, key: str, to: str, text: str) -> None:
        message = {"uid": key, "channel": "sms", "to": to, "text": text}
        write_once(self.folder / f"{key}.json", json.dumps(message, ensure_ascii=False, indent=1).encode())


class FileEmailBackend(BaseEmailBackend):
    """E-mail into the same folder (邮件发件文件夹): `<uid>.eml`, never a second. For `EMAIL_BACKEND`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            raw = message.message()
            key = str(raw["Message-ID"]).strip("<>").partition("@")[0]
            write_once(outbox_folder() / f"{Path(key).name}.eml", raw.as_bytes())
        return len(email_messages)


def write_once(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all (整写或不写); one that is there already stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        return False
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")  # mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # unlike a rename, refuses a name that is taken
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
    return True


def outbox_folder() -> Path:
    return Path(settings.LINLI_DATA_DIR) / "outbox"


def sms_gateway() -> SmsGateway | None:
    """The gateway in force (当前短信通道); None where this installation sends no SMS."""
    url = getattr(settings, "LINLI_SMS_URL", "")
    if url:
        return HttpSmsGateway(
            url,
            token=getattr(settings, "LINLI_SMS_TOKEN", ""),
            secret=getattr(settings, "LINLI_SMS_SECRET", ""),
            fields=getattr(settings, "LINLI_SMS_FIELDS", None) or {},
            extra=getattr(settings, "LINLI_SMS_EXTRA", None) or {},
            ok=getattr(settings, "LINLI_SMS_OK", None) or {},
            timeout=float(getattr(settings, "LINLI_SMS_TIMEOUT", 8)),
        )
    return FileOutbox(outbox_folder()) if getattr(settings, "LINLI_OUTBOX", True) else None


def send_email(*, key: str, to: str, subject: str, body: str) -> None:
    """Send an e-mail (发邮件) through Django's backend; a repeat has the same Message-ID, made of the key."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = sender.partition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{key}@{domain}>", "Auto-Submitted": "auto-generated"}
    message = EmailMessage(" ".join(subject.split()), body, to=[to], headers=headers)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        if codes and min(codes) >= 500:
            raise Rejected(f"mail server refused the recipient: {max(codes)}") from error
        raise TryLater("mail server refused the recipient for now") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(f"mail not sent: {type(error).__name__}") from error
