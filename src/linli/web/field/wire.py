"""The line to a phone (手机通道): who calls, and the proof that every answer is ours.

Between a phone outdoors and us stand captive portals and proxies that answer 200 to anything. So the phone sends a nonce,
and believes only an answer that carries a code over nonce, status and body, made with the key which it got when it was
enrolled. Refusals and failures are signed like receipts: only we can order a phone to clear itself.
"""

from __future__ import annotations

import base64
import gzip
import hmac
import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from linli.base.clock import now
from linli.base.errors import LinliError, NotAllowed, Unreadable
from linli.base.i18n import Text
from linli.kernel.fieldwork import devices
from linli.kernel.fieldwork.models import REVOKED, FieldDevice
from linli.kernel.people import limits
from linli.web.api import problems
from linli.web.api.reading import StrictParser, check_type

log = logging.getLogger("linli.field")

P = ParamSpec("P")
NONCE, PROOF = "X-Linli-Nonce", "X-Linli-Proof"
CALLS_AN_HOUR = 20_000  # of one phone: a thousand entries with their photos in pieces, and then some
BODY_LIMIT = 512 * 1024
_NONCE = re.compile(r"[0-9a-f]{32}")

REVOKED_FIRST = NotAllowed("field.device_revoked", devices.WORDS[REVOKED])


def answer(body: Any, status: int = 200) -> HttpResponse:
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() if body is not None else b"",
        status=status,
        content_type="application/json; charset=utf-8",
    )
    response["Cache-Control"] = "no-store"
    return response


def refusal(error: LinliError, **more: Any) -> HttpResponse:
    """A refusal as JSON (拒绝): the problem of the API, with both languages, and what the phone has to know."""
    body = json.loads(problems.problem(error).content)
    data = {
        k: error.data[k]
        for k in ("received", "missing", "limit", "retry_at", "retry_after")
        if k in error.data
    }
    response = answer({**body, "words": error.message.as_dict(), **data, **more}, error.status)
    if "retry_after" in error.data:
        response["Retry-After"] = str(error.data["retry_after"])
    return response


def from_a_phone(
    *methods: str, revoked: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, FieldDevice, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """A view for phones (手机接口): by the phone's own token, no cookie counts. Every answer carries the proof.

    `revoked`: also a revoked phone is let in, which is only so that it can be told.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, FieldDevice, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            device: FieldDevice | None = None
            try:
                device = _caller(request)
                if request.method not in methods:
                    response = problems.not_this_method(", ".join(methods))
                    response["Content-Type"] = "application/json; charset=utf-8"
                elif device.state == REVOKED and not revoked:
                    response = refusal(REVOKED_FIRST)
                else:
                    limits.hit(f"field:{device.uid}", CALLS_AN_HOUR, timedelta(hours=1))
                    devices.contact(device, now())
                    response = view(request, device, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 - whatever it is, the phone gets a proven answer
                response = _failed(request, error)
            return proven(request, response, device)

        return guarded

    return decorate


def _caller(request: HttpRequest) -> FieldDevice:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    device = devices.device_of(token.strip()) if scheme.lower() == "bearer" else None
    if device is None:
        raise problems.NotSignedIn(
            "field.unknown_device",
            Text(
                "这台手机没有登记，或登记已失效。请登录后重新登记，没传的记录不会丢。",
                "This phone is not enrolled. Sign in and enrol it again; what is unsent is not lost.",
            ),
        )
    return device


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, LinliError):
        return refusal(error)
    if isinstance(error, RequestDataTooBig):
        return refusal(problems.too_large())
    if isinstance(error, UnreadablePostError):
        return refusal(_cut_off())
    if isinstance(error, OperationalError):
        log.warning("the database did not answer: %s: %s", request.path, error)
        busy = Text(
            "系统正忙，这次没有保存，请稍后再传。",
            "The system is busy and nothing was saved. Send it again later.",
        )
        return refusal(problems.Busy("api.busy", busy, retry_after=5))
    log.error("unexpected: %s %s", request.method, request.path, exc_info=error)
    broken = Text("这次没有保存，手机会再传。", "Nothing was saved; the phone sends it again.")
    return refusal(problems.Broken("api.broken", broken))


def _cut_off() -> Unreadable:
    return Unreadable("field.cut_off", Text("传到一半断了。", "The line broke halfway."))


def proven(request: HttpRequest, response: HttpResponse, device: FieldDevice | None) -> HttpResponse:
    """Put the proof on an answer (应答证明): HMAC-SHA256(key, nonce \\n status \\n SHA-256 of the body), in hex."""
    nonce = request.headers.get(NONCE, "")
    if device is not None and device.key and _NONCE.fullmatch(nonce):
        said = f"{nonce}\n{response.status_code}\n{sha256(response.content).hexdigest()}"
        response[PROOF] = hmac.new(base64.b64decode(device.key), said.encode(), sha256).hexdigest()
    if len(response.content) > 2000 and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, 6, mtime=0)
        response["Content-Encoding"] = "gzip"
        response["Vary"] = "Accept-Encoding"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def json_body(request: HttpRequest, *, most: int = BODY_LIMIT) -> dict[str, Any]:
    """The JSON of a request (读取正文). Refuses what is no JSON, too long, no object, or nothing a database can keep."""
    check_type(request, "application/json")
    if int(request.headers.get("Content-Length") or 0) > most:
        raise problems.too_large(most)
    body = StrictParser().parse_body(request)
    if not isinstance(body, dict):
        raise Unreadable(
            "api.unreadable", Text("正文要是一个 JSON 对象。", "The body has to be a JSON object.")
        )
    return body
