"""What guards the doors (门禁): the caller's address behind a proxy, the page of a locked sign-in, upload size.

The settings name this module before the apps are there, so the pages are imported where they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware

from linli.base.errors import LinliError, TooMany
from linli.base.i18n import Text

LOCKED_MINUTES = 15


class ProxyMiddleware:
    """Takes the caller's address from our own proxy (代理后的来源地址): the last one it appended, which nobody can forge."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if forwarded := request.META.get("HTTP_X_FORWARDED_FOR", ""):
            request.META["REMOTE_ADDR"] = forwarded.split(",")[-1].strip()
        return self.get_response(request)


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """The answer after too many wrong passwords (登录锁定): the same whether the account exists or not."""
    message = Text(
        f"密码连续输错多次，为保护账号，请 {LOCKED_MINUTES} 分钟后再试；忘记密码请找管理员重设。",
        f"The password was wrong too many times. To protect the account, try again in {LOCKED_MINUTES} minutes; "
        "if it is forgotten, ask the administrator to set a new one.",
    )
    return _answer(request, TooMany("people.locked_out", message, retry_after=LOCKED_MINUTES * 60))


class TooLarge(LinliError):
    """More was sent than is taken (超出大小限制)."""

    status = 413


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a request that cannot be taken (无法受理的请求); one that is too large learns the limit."""
    from linli.web.views import errors

    if not isinstance(exception, RequestDataTooBig):
        return errors.bad_request(request, exception)
    most = settings.LINLI_UPLOAD_BYTES // (1024 * 1024)
    message = Text(
        f"文件太大，没有接收。一次最多 {most} MB，请压缩或分几次上传；其他内容没有改动。",
        f"That is too large and was not taken. At most {most} MB at a time: make it smaller or send it in parts. "
        "Nothing else was changed.",
    )
    return _answer(request, TooLarge("uploads.too_large", message, most_bytes=settings.LINLI_UPLOAD_BYTES))


def _answer(request: HttpRequest, error: LinliError) -> HttpResponse:
    from linli.web.views.errors import error_page

    if not request.path.startswith("/api/"):
        return error_page(request, error)
    body = {
        "type": "about:blank",
        "status": error.status,
        "code": error.code,
        "title": error.code,
        "detail": str(error),
    }
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


class CompressPublicPages(GZipMiddleware):
    """Sends a page compressed to whoever has no session (压缩公开页面): a village on 2G reads it in a third of the time.

    Once somebody is signed in, or opened a case with its code, the page holds something of theirs and may repeat what
    an address asked for; its compressed length would then tell a listener, guess by guess (BREACH). It goes as it is,
    and so does the interface, where a token stands for a person without any session.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        session = getattr(request, "session", None)
        theirs = session is None or not session.is_empty() or request.path.startswith("/api/")
        if theirs or request.method not in {"GET", "HEAD"}:
            return response
        return super().process_response(request, response)


RESCUE_PATH, RESCUE_BYTES = "/staff/field/rescue/", 50 * 1024 * 1024


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Files go to disk in pieces (上传落盘), and no further than the limit: the rest is read past, not kept.

    Reading past it lets the browser finish sending and show our sentence instead of a broken connection.
    """

    READ_PAST = 10  # times the limit; beyond that the connection may break

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803  Django passes it by name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.n_bytes = 0
        limit = self._limit()
        if content_length > limit:
            if content_length <= limit * self.READ_PAST:
                while input_data.read(self.chunk_size):
                    pass
            raise RequestDataTooBig(f"more than {limit} bytes")

    def _limit(self) -> int:
        """A rescue file holds a whole phone's queue with its photos: it may be larger."""
        rescues = self.request is not None and self.request.path == RESCUE_PATH
        return max(settings.LINLI_UPLOAD_BYTES, RESCUE_BYTES) if rescues else settings.LINLI_UPLOAD_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.n_bytes += len(raw_data)
        if self.n_bytes > self._limit():
            raise RequestDataTooBig(f"more than {self._limit()} bytes")
        super().receive_data_chunk(raw_data, start)
