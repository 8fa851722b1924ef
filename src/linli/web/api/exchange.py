"""Messages of other installations (平台间交换): no token counts here, but the signature of a peer's own key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from linli.base.errors import NotFound
from linli.kernel.exchange.envelope import (
    KEY_HEADER,
    MOST_BYTES,
    SIGNATURE_HEADER,
    TIME_HEADER,
)
from linli.kernel.exchange.receiving import receive
from linli.kernel.people import limits
from linli.kernel.records.files import read_upload
from linli.web.api import schemas as s
from linli.web.api.cases import REPLAYED
from linli.web.api.identity import address_of
from linli.web.api.reading import KEY_PARAMETER, client_key

router = Router(tags=["exchange"])

WRONG_A_QUARTER = 60  # unproven messages from one address in a quarter of an hour
QUARTER = timedelta(minutes=15)


def _header(name: str, description: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": True, "schema": {"type": "string"}, "description": description}  # fmt: skip


SIGNED: dict[str, Any] = {
    "parameters": [
        KEY_PARAMETER,
        _header(KEY_HEADER, "id of the key that signed, such as `ed25519-…`"),
        _header(TIME_HEADER, "when it was signed: `2026-11-22T08:00:00Z`, at most ten minutes off"),
        _header(SIGNATURE_HEADER, "base64 of the detached signature; see docs/reference/exchange.md"),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["v", "kind", "case", "from", "to", "body"],
                    "additionalProperties": False,
                    "properties": {
                        "v": {"const": 1},
                        "kind": {"type": "string", "maxLength": 40},
                        "case": {"type": "string", "maxLength": 40},
                        "from": {"type": "string", "description": "code of the sender's county, 12 digits"},
                        "to": {"type": "string", "description": "code of the county that it is for"},
                        "body": {"type": "object", "description": "as its kind says"},
                    },
                }
            }
        },
    },
}


class AcknowledgedOut(Schema):
    key: UUID
    answer: dict[str, Any] = Field(description="what the kind's handler says, the same for the same message")


@router.post(
    "/exchange/messages",
    response=s.answers((200, AcknowledgedOut)),
    operation_id="receive_message",
    openapi_extra=SIGNED,
)
def receive_message(request: HttpRequest, response: HttpResponse) -> AcknowledgedOut:
    """Take in a signed message of another installation (收取平台间消息). One that is not admitted here, or whose signature
    does not hold, gets the answer of what does not exist."""
    key, address = client_key(request), f"exchange:{address_of(request)}"
    limits.check(address, WRONG_A_QUARTER, QUARTER)
    raw = read_upload(request, MOST_BYTES)
    try:
        answer, repeated = receive(raw, request.headers, key)
    except NotFound:
        limits.hit(address, WRONG_A_QUARTER, QUARTER)
        raise
    if repeated:
        response[REPLAYED] = "true"
    return AcknowledgedOut(key=UUID(key), answer=answer)
