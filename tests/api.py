"""A program that calls the API (接口调用方), for tests."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from tests.cast import Cast

ROOT = "/api/v1"


class Caller:
    """Somebody with a token, or nobody; `headers` go along with every request."""

    def __init__(self, token: str = "", **headers: str) -> None:
        from django.test import Client

        self.client = Client(raise_request_exception=False)
        self.headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(ROOT + path, query or {}, headers={**self.headers, **headers})

    def post(
        self, path: str, body: Any = None, *, key: str | None = "", raw: bytes | None = None, **headers: str
    ) -> Any:
        """`key=None` leaves the header out; an empty one takes a new key."""
        sent = json.dumps(body or {}, ensure_ascii=False).encode() if raw is None else raw
        kind = headers.pop("content_type", "application/json")
        return self.client.post(
            ROOT + path, data=sent, content_type=kind, headers={**self._keyed(key), **headers}
        )

    def send(self, content: bytes, name: str = "a.jpg", *, key: str | None = "", **fields: Any) -> Any:
        """A file as a form sends it."""
        file = BytesIO(content)
        file.name = name
        return self.client.post(f"{ROOT}/files", {"file": file, **fields}, headers=self._keyed(key))

    def _keyed(self, key: str | None) -> dict[str, str]:
        return self.headers if key is None else {**self.headers, "Idempotency-Key": key or str(uuid4())}


def caller(cast: Cast, name: str) -> Caller:
    """A program of this person of the cast; `anonymous` has no token."""
    if name == "anonymous":
        return Caller()
    from linli.base.clock import today
    from linli.kernel.people.models import ApiToken
    from linli.kernel.people.services import make_token

    _, text = make_token(cast.account(name), "test", by=cast.actor(name))
    ApiToken.objects.update(last_used_on=today())
    return Caller(text)


def jpeg(width: int = 40, height: int = 30, colour: str = "green") -> bytes:
    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (width, height), colour).save(made, "JPEG")
    return made.getvalue()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
