"""Reading a request (读取请求): JSON that every database can keep, and the key that makes a write happen once."""

from __future__ import annotations

import json
import math
import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja.parser import Parser

from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.web.api.problems import WrongType

MOST_LEVELS = 20
LARGEST_NUMBER = 2**53  # beyond it other programs no longer tell two whole numbers apart
KEY_HEADER = "Idempotency-Key"

_SURROGATE = re.compile("[\ud800-\udfff]")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
    "description": "A UUID of your own for this write. The same key with the same content gives the first answer "
    "again, with the header Idempotent-Replay: true; with other content 409.",
}
WRITES = {"parameters": [KEY_PARAMETER]}  # as `openapi_extra` of every write


def client_key(request: HttpRequest) -> str:
    """The client's key for this write (幂等键). Refuses a write without one: it could not be repeated safely."""
    text = request.headers.get(KEY_HEADER, "").strip()
    if not _UUID.fullmatch(text):
        raise Unreadable(
            "api.key_needed",
            Text(
                "每次提交都要带 Idempotency-Key 请求头（一个新的 UUID）；网络断了用同一个再发，不会重复登记。",
                "Every write needs the header Idempotency-Key (a new UUID). If the network fails, send the same "
                "one again and nothing happens twice.",
            ),
        )
    return str(UUID(text))


def check_request(request: HttpRequest) -> None:
    """Refuse what no part of the house should meet: NUL in an address or a header, the wrong kind of content."""
    values = [request.path, *request.GET.keys(), *(v for vs in request.GET.lists() for v in vs[1])]
    if any("\x00" in value for value in (*values, *request.headers.values())):
        raise _control_character()
    if request.method == "POST":
        check_type(request, "multipart/form-data" if request.path.endswith("/files") else "application/json")


def check_type(request: HttpRequest, wanted: str) -> None:
    """Refuse another kind of content than is read here (正文类型)."""
    if request.content_type != wanted:
        raise WrongType(
            "api.content_type",
            Text(
                f"这里要 Content-Type: {wanted}，什么也没有改动。",
                f"Content-Type has to be {wanted}; nothing was changed.",
            ),
        )


class StrictParser(Parser):
    """JSON in UTF-8 (请求正文): refuses NaN, numbers beyond 2^53, a name twice, NUL, half characters, deep nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            text = request.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _bad_json(
                Text(f"第 {error.start + 1} 个字节不是 UTF-8", f"byte {error.start + 1} is no UTF-8")
            ) from error
        try:
            body = json.loads(
                text,
                parse_constant=_no_constant,
                parse_float=_float,
                parse_int=_int,
                object_pairs_hook=_object,
            )
        except json.JSONDecodeError as error:
            where = Text(
                f"第 {error.lineno} 行第 {error.colno} 个字符处",
                f"line {error.lineno}, character {error.colno}",
            )
            raise _bad_json(where) from error
        except RecursionError as error:
            raise _too_deep() from error
        check_content(body)
        return body


def check_content(body: Any) -> None:
    """Refuse texts that a database cannot keep, and nesting that no form needs."""
    waiting = [(body, 1)]
    while waiting:
        value, level = waiting.pop()
        if level > MOST_LEVELS:
            raise _too_deep()
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, list):
            waiting += [(each, level + 1) for each in value]
        elif isinstance(value, dict):
            for name, each in value.items():
                _check_text(name)
                waiting.append((each, level + 1))


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise _control_character()
    if _SURROGATE.search(text):
        raise _bad_json(Text("有半个字符（单独的代理项）", "half of a character (a lone surrogate)"))


def _control_character() -> Unreadable:
    return Unreadable(
        "api.control_character",
        Text(
            "内容里有空字符（NUL），请去掉再发。", "There is a NUL character in it. Remove it and send again."
        ),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad_json(Text("同一个名字出现了两次", "a name stands there twice"))
    return found


def _no_constant(name: str) -> Any:
    raise _bad_json(Text(f"{name} 不是 JSON 数字", f"{name} is no number in JSON"))


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _too_big()
    return number


def _int(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > LARGEST_NUMBER:
        raise _too_big()
    return number


def _too_big() -> Unreadable:
    return Unreadable(
        "api.number",
        Text("有一个数太大了，请核对。", "A number in it is too large. Please check it."),
    )


def _too_deep() -> Unreadable:
    return Unreadable(
        "api.too_deep",
        Text(
            f"嵌套超过 {MOST_LEVELS} 层，请对照接口说明。",
            f"It is nested more than {MOST_LEVELS} deep; see the API's description.",
        ),
    )


def _bad_json(where: Text) -> Unreadable:
    return Unreadable(
        "api.bad_json",
        Text(
            f"内容不是有效的 JSON（{where.zh}），什么也没有改动。",
            f"The content is not valid JSON ({where.en}); nothing was changed.",
        ),
    )
