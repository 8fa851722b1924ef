"""A field worker's phone (外勤手机), for tests: what it sends, and what it believes."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from tests.cast import Cast

ROOT = "/api/v1/field"


class Phone:
    """Enrolled by a worker of the cast; checks the proof of every answer."""

    def __init__(self, cast: Cast, name: str = "grid_worker", label: str = "my phone") -> None:
        from django.test import Client

        made = cast.client(name).post(
            "/field/enrol/", data=json.dumps({"label": label}), content_type="application/json"
        )
        assert made.status_code == 201, made.content
        self.enrolled: dict[str, Any] = made.json()
        self.client = Client(raise_request_exception=False)

    @property
    def device(self) -> Any:
        from linli.kernel.fieldwork.models import FieldDevice

        return FieldDevice.objects.get(uid=self.enrolled["device"])

    def call(
        self, method: str, path: str, content: bytes = b"", *, kind: str = "application/json", **headers: str
    ) -> Any:
        nonce = secrets.token_hex(16)
        sent = {"Authorization": f"Bearer {self.enrolled['token']}", "X-Linli-Nonce": nonce, **headers}
        answer = self.client.generic(method, ROOT + path, content, content_type=kind, headers=sent)
        said = f"{nonce}\n{answer.status_code}\n{sha256(answer.content).hexdigest()}"
        proof = hmac.new(base64.b64decode(self.enrolled["key"]), said.encode(), sha256).hexdigest()
        assert answer.headers.get("X-Linli-Proof") == proof, (answer.status_code, answer.content[:300])
        return answer

    def hello(self, **said: Any) -> Any:
        return self.call("POST", "/hello", json.dumps(said).encode()).json()

    def send_file(self, content: bytes, *, piece: int = 10**9) -> dict[str, Any]:
        name = sha256(content).hexdigest()
        for offset in range(0, len(content), piece):
            part = content[offset : offset + piece]
            path = f"/files/{name}?offset={offset}&size={len(content)}"
            answer = self.call("PUT", path, part, kind="application/octet-stream")
            assert answer.status_code == 200, answer.content
        return {
            "sha256": name,
            "size": len(content),
            "type": "image/jpeg",
            "name": "a.jpg",
            "field": "photos",
        }

    def put(self, made: dict[str, Any]) -> Any:
        return self.call("PUT", f"/entries/{made['id']}", json.dumps(_without_id(made)).encode())


def _without_id(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "id"}


def entry(
    kind: str,
    body: dict[str, Any],
    files: list[dict[str, Any]] | None = None,
    *,
    number: UUID | str = "",
    made_at: str | datetime = "2026-11-16T09:30:00+08:00",
) -> dict[str, Any]:
    """An entry as the phone makes it, with its digest (一条外勤记录)."""
    from linli.base.ids import uuid7

    content = {"kind": kind, "made_at": str(made_at), "body": body, "files": files or []}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"id": str(number or uuid7()), **content, "digest": sha256(text.encode()).hexdigest()}


def a_report(cast: Cast, grid: str = "grid1", **more: Any) -> dict[str, Any]:
    lng, lat = cast.point(grid)
    return {"description": "井盖松了，踩上去会响。", "lng": str(lng), "lat": str(lat), **more}
