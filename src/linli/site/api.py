"""The one API (开放接口) under /api/v1/: the shared rooms, and each domain's own `api.py`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.module_loading import import_string
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer

from linli.web.api import areas, cases, exchange, files, me, problems, procedures, public
from linli.web.api.identity import CODE_HEADER, NUMBER_HEADER, Token
from linli.web.api.reading import StrictParser

ABOUT = """The verbs of the pages, for programs. `Authorization: Bearer <token>`, or for one case without an account
`X-Case-Number` and `X-Tracking-Code`. Every write carries an `Idempotency-Key`. Refusals are problem+json (RFC 9457)
in the language of `Accept-Language`. What you may not see answers like what does not exist."""

CASE_KEYS = {
    "CaseNumber": {"type": "apiKey", "in": "header", "name": NUMBER_HEADER},
    "TrackingCode": {"type": "apiKey", "in": "header", "name": CODE_HEADER},
}


class Utf8Renderer(JSONRenderer):
    """Chinese as it is, not as escapes (按 UTF-8 输出)."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


class LinliAPI(NinjaAPI):
    """NinjaAPI with our refusals for wrong methods, and a description that says what is really sent."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        response = super().create_temporal_response(request)
        response["Cache-Control"] = "no-store"  # what one reader may see is not for a proxy to keep
        return response

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        urls = super()._get_urls()
        for pattern in urls:
            if isinstance(pattern, URLPattern):
                pattern.callback = _with_our_405(pattern.callback)
        return urls

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for methods in schema["paths"].values():
            for operation in methods.values():
                # Every operation works out who asks; what nobody may see without a token answers 401 or 404.
                operation["security"] = [{"Token": []}, {name: [] for name in CASE_KEYS}, {}]
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in answer.get("content", {}):
                        answer["content"] = {problems.MEDIA_TYPE: answer["content"].pop("application/json")}
        schema["components"]["securitySchemes"] |= CASE_KEYS
        return schema


def _with_our_405(view: Any) -> Any:
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            return problems.not_this_method(response["Allow"])
        return response

    wrapped.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie counts here: see web.api.identity
    return wrapped


nowhere = Router()


@nowhere.api_operation(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    "/{path:rest}",
    include_in_schema=False,
    auth=None,
)
def no_such_address(request: HttpRequest, rest: str) -> None:
    raise problems.not_here()


def build_api() -> LinliAPI:
    made = LinliAPI(
        title="Linli 邻里",
        version="1",
        description=ABOUT,
        docs_url=None,  # the usual page of docs loads its program from elsewhere
        renderer=Utf8Renderer(),
        parser=StrictParser(),
        auth=Token(),
    )
    problems.register(made)
    for room in (me, areas, procedures, cases, files, public, exchange):
        made.add_router("", room.router)
    for domain in settings.DOMAINS:
        if find_spec(f"{domain}.api"):
            made.add_router("", import_string(f"{domain}.api.router"))
    made.add_router("", nowhere)  # last: it takes what no other address took
    return made


api = build_api()
