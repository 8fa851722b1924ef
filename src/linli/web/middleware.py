"""The reader's language, and refusals shown as pages (语言与错误页的中间件)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from linli.base.errors import LinliError, Unreadable
from linli.base.i18n import LANGUAGES, Text, use_language
from linli.web.faces import API_PREFIX, HTML_LANG
from linli.web.views.errors import error_page, page_for

LANGUAGE_COOKIE = "linli_lang"
A_YEAR = 365 * 24 * 3600
DJANGO_NAMES = {"zh": "zh-hans", "en": "en"}

NUL = Unreadable(
    "web.control_character",
    Text(
        "内容里有空字符（NUL），没有提交。请去掉再试，其他内容没有改动。",
        "There is a NUL character in it, so nothing was sent. Remove it and try again.",
    ),
)

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Chooses the language (选择语言): `?lang=`, the cookie, the account, Accept-Language, else Chinese.

    Needs sessions and accounts before it. An address with `?lang=` keeps its choice in the cookie, so that a
    link on an English leaflet opens an English site.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        language = asked if asked in LANGUAGES else chosen_language(request)
        with use_language(language), translation.override(DJANGO_NAMES[language]):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", HTML_LANG[language])
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        session = getattr(request, "session", None)
        if session is not None and not session.is_empty() and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)  # what it shows may be this reader's own
        if asked in LANGUAGES:
            set_preference(response, LANGUAGE_COOKIE, asked, secure=request.is_secure())
        return response


def chosen_language(request: HttpRequest) -> str:
    kept = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if kept in LANGUAGES:
        return kept
    session = getattr(request, "session", None)
    if session is not None and session.get("_auth_user_id"):
        language = getattr(request.user, "language", "")
        if language in LANGUAGES:
            return str(language)
    return accepted_language(request.headers.get("Accept-Language", ""))


def accepted_language(header: str) -> str:
    """The first of our languages that a browser prefers (浏览器语言); Chinese when it names neither."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        found = re.match(r"\s*([a-zA-Z]{1,8})(?:-[\w-]*)?\s*(?:;\s*q=(\d(?:\.\d{0,3})?))?\s*$", part)
        if found and found[1].lower() in LANGUAGES and float(found[2] or 1) > 0:
            wanted.append((-float(found[2] or 1), place, found[1].lower()))
    return min(wanted)[2] if wanted else "zh"


def set_preference(response: HttpResponse, name: str, value: str, *, secure: bool) -> None:
    response.set_cookie(name, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=secure)


class ErrorsMiddleware:
    """Shows a refusal as a page of the face where it happened (错误页), a fragment to htmx; the API has its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """A NUL, which no keyboard types, is refused before a database that cannot keep it breaks on it."""
        if request.path.startswith(API_PREFIX):
            return None
        sent = [request.GET, request.POST] if request.method == "POST" else [request.GET]
        texts = [
            request.path,
            *(text for query in sent for name, values in query.lists() for text in (name, *values)),
        ]
        return error_page(request, NUL) if any("\x00" in text for text in texts) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith(API_PREFIX):
            return None
        if isinstance(exception, LinliError):
            return error_page(request, exception)
        if isinstance(exception, Http404):
            return page_for(request, 404)
        if isinstance(exception, PermissionDenied):
            return page_for(request, 403)
        return None
