"""Refusals as problem+json (错误应答, RFC 9457): a code for programs, a whole sentence for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from linli.base.errors import Invalid, LinliError, Unreadable, absent
from linli.base.i18n import Text
from linli.web.api.mistakes import sentence

log = logging.getLogger("linli.api")

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: Text("请求没有看懂", "The request could not be read"),
    401: Text("需要有效的令牌", "A valid token is needed"),
    403: Text("这一步不归您办", "That is not yours to do"),
    404: Text("没有找到", "Not found"),
    405: Text("这个地址不接受这种请求", "This address does not take that method"),
    409: Text("现在不能这样办", "That cannot be done now"),
    413: Text("内容太大", "Too large"),
    415: Text("内容类型不对", "Wrong content type"),
    422: Text("有几处要更正", "Some entries need mending"),
    429: Text("请稍等再试", "Please wait a little"),
    500: Text("我们这边出错了", "Something broke on our side"),
    503: Text("系统正忙", "The system is busy"),
}
# What a refusal may say beside its sentence; anything else in its data stays inside.
SAID = ("seq", "step", "limit", "retry_at", "retry_after")


class NotSignedIn(LinliError):
    status = 401


class TooLarge(LinliError):
    status = 413


class WrongType(LinliError):
    status = 415


class NotThisMethod(LinliError):
    status = 405


class Broken(LinliError):
    status = 500


class Busy(LinliError):
    status = 503


def problem(error: LinliError) -> HttpResponse:
    """One refusal as its answer (一次拒绝的应答), in the reader's language."""
    body: dict[str, Any] = {
        "type": f"urn:linli:problem:{error.code}",
        "title": str(TITLES.get(error.status, TITLES[400])),
        "status": error.status,
        "code": error.code,
        "detail": str(error.message),
    }
    if isinstance(error, Invalid) and error.fields:
        body["fields"] = {name: str(text) for name, text in error.fields.items()}
    body |= {name: error.data[name] for name in SAID if name in error.data}
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=error.status, content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )
    response["Cache-Control"] = "no-store"
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.data:
        response["Retry-After"] = str(error.data["retry_after"])
    return response


def not_here() -> LinliError:
    return absent(Text("地址", "address"))


def sign_in_first() -> NotSignedIn:
    return NotSignedIn(
        "api.token_needed",
        Text(
            "这里需要令牌。请在“我的 › 接口令牌”里签发一个，放进 Authorization: Bearer 请求头。",
            "A token is needed here. Make one under “Mine › API tokens” and send it as Authorization: Bearer.",
        ),
    )


def too_large(limit: int | None = None) -> TooLarge:
    most = settings.LINLI_UPLOAD_BYTES // 1024**2
    return TooLarge(
        "api.too_large",
        Text(
            f"内容太大，没有收下。一个文件最多 {most} MB，请缩小后再传；其他内容请分开提交，照片单独传到 files。",
            f"The content is too large and was not taken. A file may have {most} MB at most: make it smaller. "
            "Send other content in parts, and photos to files on their own.",
        ),
        **({"limit": limit} if limit else {}),
    )


def not_this_method(allowed: str) -> HttpResponse:
    error = NotThisMethod(
        "api.method",
        Text(
            f"这个地址只接受 {allowed}。请核对接口说明。",
            f"This address takes {allowed} only. See the API's description.",
        ),
    )
    response = problem(error)
    response["Allow"] = allowed
    return response


def register(api: NinjaAPI) -> None:
    """Every way in which a request can fail, as a problem (登记错误应答). Nothing is shown of what broke inside."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        LinliError: lambda request, error: problem(error),
        Http404: lambda request, error: problem(not_here()),
        AuthenticationError: lambda request, error: problem(sign_in_first()),
        ValidationError: lambda request, error: problem(_mistakes(error.errors)),
        HttpError: _unreadable_body,
        RequestDataTooBig: lambda request, error: problem(too_large()),
        OperationalError: _busy,
        Exception: _broken,
        **dict.fromkeys(
            (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError),
            lambda request, error: problem(_unreadable()),
        ),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _unreadable() -> Unreadable:
    return Unreadable(
        "api.unreadable",
        Text(
            "请求没有读完整，什么也没有改动。请核对内容类型和边界，再发一次。",
            "The request could not be read whole, and nothing was changed. Check its type and boundary, "
            "and send it again.",
        ),
    )


def _unreadable_body(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Our own parser's sentence, which the framework wraps."""
    cause = error.__cause__
    return problem(cause if isinstance(cause, LinliError) else _unreadable())


def _mistakes(errors: list[Mapping[str, Any]]) -> Invalid:
    fields: dict[str, Text] = {}
    for each in errors[:100]:
        source, *path = each["loc"]
        if source == "body" and len(path) > 1:
            path = path[1:]  # the name of the parameter that holds the whole body
        fields[".".join(str(part)[:60] for part in path) or str(source)] = sentence(each)
    return Invalid(
        "api.invalid",
        Text(
            f"有 {len(fields)} 处需要更正，什么也没有改动。",
            f"{len(fields)} entries to mend; nothing was changed.",
        ),
        fields=fields,
    )


def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.warning("the database did not answer: %s %s: %s", request.method, request.path, error)
    return problem(
        Busy(
            "api.busy",
            Text(
                "系统正忙，这次没有保存。请过几秒用同一个 Idempotency-Key 再发一次。",
                "The system is busy and nothing was saved. Send it again in a few seconds with the same "
                "Idempotency-Key.",
            ),
            retry_after=5,
        )
    )


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("unexpected: %s %s", request.method, request.path, exc_info=error)
    return problem(
        Broken(
            "api.broken",
            Text(
                "这次没有保存。请过几分钟用同一个 Idempotency-Key 再发一次；还不行，请告诉管理员时间。",
                "Nothing was saved. Send it again in a few minutes with the same Idempotency-Key; if it still "
                "fails, tell the administrator the time.",
            ),
        )
    )
