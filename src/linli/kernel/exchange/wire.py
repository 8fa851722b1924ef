"""The line between two installations (传输): HTTPS, or plain HTTP within one machine; a redirect is never followed."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from linli.base.errors import Invalid
from linli.base.i18n import Text

TIMEOUT = 10.0
MOST_READ = 4 * 1024 * 1024


class NotReached(Exception):
    """No whole answer came (没有联系上). The reason names no person."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: Any  # JSON, or None
    wait: int = 0  # seconds that the other side asks us to wait


def checked_url(text: str) -> str:
    """The address of a peer (对方平台地址) as it is kept: `https://host[:port][/path]`, nothing behind it.

    Refuses everything that is not HTTPS, but for this machine itself, where a second installation may run beside.
    """
    written = text.strip().rstrip("/")
    parts = urlsplit(written)
    try:
        fits = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if (
        not fits
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
        or not (parts.scheme == "https" or plain)
    ):
        problem = Text(
            "地址要以 https:// 开头，例如 https://linli.example.gov.cn；只有同一台机器上的平台可以用 http://127.0.0.1。",
            "The address has to begin with https://, such as https://linli.example.gov.cn; http://127.0.0.1 is for an "
            "installation on this machine only.",
        )
        raise Invalid("exchange.bad_url", problem, fields={"base_url": problem})
    return written


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def post(base: str, path: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
    return _ask("POST", base, path, raw, headers)


def get(base: str, path: str) -> Answer:
    return _ask("GET", base, path, None, {"Accept": "application/json"})


def _ask(method: str, base: str, path: str, raw: bytes | None, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(checked_url(base))
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        line.request(method, f"{parts.path}{path}", raw, dict(headers))
        response = line.getresponse()
        content = response.read(MOST_READ + 1)
        wait = response.getheader("Retry-After", "")
    except (OSError, HTTPException, ValueError) as error:
        raise NotReached(f"not reached: {type(error).__name__}") from error
    finally:
        line.close()
    if len(content) > MOST_READ:
        raise NotReached("the answer is too long")
    return Answer(response.status, _json(content), int(wait) if wait.isascii() and wait.isdigit() else 0)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
