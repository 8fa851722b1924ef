"""The examples in docs/reference/api.md are run as they stand there (文档里的例子逐条运行)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.api import Caller, caller, jpeg
from tests.cast import Cast
from tests.events import lamp_category
from tests.house.tree import ROOT

pytestmark = pytest.mark.django_db

PAGE = ROOT / "docs/reference/api.md"
BASE = "https://linli.example"


def examples() -> Iterator[tuple[list[str], int]]:
    """Each command with the status that the line behind it promises."""
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for command, status in re.findall(r"(curl .*?)\n# (\d{3})\n", block, re.DOTALL):
            yield shlex.split(command.replace("\\\n", " ")), int(status)


def run(words: list[str], values: dict[str, str]) -> Any:
    """As curl would send it, for the few options that the page uses."""
    filled = [re.sub(r"\$([A-Z]+)", lambda found: values[found[1]], word) for word in words[1:]]
    headers: dict[str, str] = {}
    address, body, form, rest = "", None, None, iter(filled)
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(rest)
        elif word == "-F":
            form = next(rest)
        else:
            assert word.startswith(f"{BASE}/api/v1/"), word
            address = word.removeprefix(f"{BASE}/api/v1")
    if form is not None:
        assert form == "file=@photo.jpg"
        key = headers.pop("Idempotency-Key")
        return Caller(**headers).send(jpeg(), key=key)
    if body is not None:
        kind = headers.pop("Content-Type")
        return Caller(**headers).post(address, raw=body.encode(), key=None, content_type=kind)
    return Caller(**headers).get(address)


def test_every_example_does_what_the_page_says(cast: Cast) -> None:
    lamp_category()
    asker = caller(cast, "resident")
    opened = asker.post("/events", {"description": "路灯不亮", "area": "350102001001"}).json()
    found = list(examples())
    assert len(found) >= 14
    for words, status in found:
        answer = run(
            words,
            {
                "LINLI": BASE,
                "TOKEN": asker.headers["Authorization"].removeprefix("Bearer "),
                "NUMBER": opened["number"],
                "CODE": opened["tracking_code"],
                "KEY": str(uuid4()),
            },
        )
        assert answer.status_code == status, (words, answer.content[:400])


def test_every_operation_stands_on_the_page() -> None:
    from tests.house.test_openapi import described

    page = PAGE.read_text(encoding="utf-8")
    known = {"/api/v1/cases/{number}/actions/{code}": "/actions/", "/api/v1/openapi.json": "openapi.json"}
    for path in described()["paths"]:
        stem = known.get(path, re.sub(r"\{\w+\}", "", path).rstrip("/").removesuffix("//"))
        assert stem.split("//")[0] in page, path
