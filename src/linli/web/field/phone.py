"""What a phone asks (手机接口): report, send files in pieces, send entries, ask what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from linli.base.clock import now
from linli.base.errors import Invalid, NotAllowed, Unreadable, absent
from linli.base.i18n import Text, text_from
from linli.kernel.fieldwork import devices, entries, parts, queries
from linli.kernel.fieldwork.bundle import bundle as make_bundle
from linli.kernel.fieldwork.models import ACTIVE, FieldDevice, FieldEntry
from linli.kernel.fieldwork.queries import DECISIONS
from linli.kernel.fieldwork.taking import FileIn
from linli.kernel.people.actors import actor_for
from linli.kernel.procedures.casefiles import access_file
from linli.kernel.records.files import open_file
from linli.web.field.wire import answer, from_a_phone, json_body, refusal

M = TypeVar("M", bound=BaseModel)
FILES_AT_MOST = 12


class Sent(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class HelloIn(BaseModel):
    model_config = ConfigDict(extra="ignore")  # a newer app may say more
    n_unsent: int = Field(default=0, ge=0, le=10**6)
    oldest_unsent_at: datetime | None = None
    n_conflicts: int = Field(default=0, ge=0, le=10**6)
    app: str = Field(default="", max_length=200)
    persisted: bool = False


class FileSent(Sent):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0, le=parts.FILE_LIMIT)
    type: str = Field(max_length=80)
    name: str = Field(default="", max_length=200)
    field: str = Field(default="", max_length=60)


class EntryIn(Sent):
    kind: str = Field(max_length=20)
    made_at: str = Field(max_length=40)
    body: dict[str, Any]
    files: list[FileSent] = Field(default=[], max_length=FILES_AT_MOST)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


@from_a_phone("POST", revoked=True)
def hello(request: HttpRequest, device: FieldDevice) -> HttpResponse:
    """A phone reports and hears how it stands (报到)."""
    said = read(HelloIn, json_body(request))
    at = now()
    oldest = said.oldest_unsent_at
    state = devices.hello(
        device,
        devices.Said(
            said.n_unsent,
            oldest if oldest is not None and oldest.tzinfo is not None else None,
            said.n_conflicts,
            said.app,
            said.persisted,
        ),
        at=at,
    )
    words = devices.WORDS.get(state)
    return answer(
        {
            "state": state,
            "server_at": at.isoformat(),
            "expires_at": device.expires_at.isoformat(),
            "bundle": make_bundle(device, at=at)["etag"] if state == ACTIVE else None,
            "words": words.as_dict() if words else None,
        }
    )


@from_a_phone("GET")
def bundle(request: HttpRequest, device: FieldDevice) -> HttpResponse:
    """What the phone takes along (离线包); 304 when it has it already. Not for a phone that expired or goes back."""
    at = now()
    state = devices.state_of(device, at)
    if state != ACTIVE:
        raise NotAllowed(f"field.device_{state}", devices.WORDS[state])
    made = make_bundle(device, at=at)
    tag = f'"{made["etag"]}"'
    response = answer(None, 304) if request.headers.get("If-None-Match") == tag else answer(made)
    response["ETag"] = tag
    return response


@from_a_phone("GET")
def photo(request: HttpRequest, device: FieldDevice, uid: UUID) -> HttpResponse:
    """A photo of a case, the smaller copy (案件照片): behind the same rule as the case."""
    actor = actor_for(device.account)
    if devices.ROLE not in actor.roles:
        raise absent(Text("照片", "photo"))
    row, stored = access_file(uid, actor, public=True)
    if row.public_file_id is None:
        raise absent(Text("照片", "photo"))
    with open_file(stored.sha256) as content:
        response = HttpResponse(content.read(), content_type=stored.media_type)
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@from_a_phone("GET")
def arrivals(request: HttpRequest, device: FieldDevice) -> HttpResponse:
    """What I sent that was not simply done, and how it was decided (我的收件)."""
    page = queries.own_arrivals(device.account_id, cursor=request.GET.get("cursor", ""))
    return answer({"items": [decided(row) for row in page.items], "next": page.next_cursor})


@from_a_phone("GET", "PUT")
def file(request: HttpRequest, device: FieldDevice, name: str) -> HttpResponse:
    """A file, in pieces (分段传文件): GET says how much is here, PUT goes on from there."""
    size = number(request, "size")
    if request.method == "GET":
        found = parts.progress(device.account_id, name, size)
    else:
        found = parts.receive(device.account_id, name, size, number(request, "offset"), request)
    return answer({"received": found.received, "complete": found.complete})


@from_a_phone("PUT")
def entry(request: HttpRequest, device: FieldDevice, client_id: UUID) -> HttpResponse:
    """An entry, exactly once (收件): its receipt; the same again gives the same."""
    body = json_body(request)
    sent = read(EntryIn, body)
    entered = entries.Entered(
        client_id=client_id,
        kind=sent.kind,
        made_at=sent.made_at,
        body=sent.body,
        files=tuple(FileIn(f.sha256, f.size, f.type, f.name, f.field) for f in sent.files),
        digest=sent.digest,
        files_as_sent=body.get("files", []),
    )
    try:
        row = entries.deliver(entered, account=device.account, device=device)
    except entries.OtherContent as error:
        twin = error.data["row"]
        return refusal(error, kept=str(twin.uid), digest=twin.digest, files=files_of(twin), id=str(client_id))
    return answer(receipt(row, files_of(row)))


@from_a_phone("GET")
def receipts(request: HttpRequest, device: FieldDevice) -> HttpResponse:
    """Receipts of entries whose answer was lost on the way (补取回执)."""
    wanted = request.GET.get("ids", "").split(",")[:100]
    try:
        ids = [UUID(text) for text in wanted if text]
    except ValueError as error:
        raise Unreadable("field.bad_id", Text("编号应是 UUID。", "Ids have to be UUIDs.")) from error
    rows = queries.receipts_of(device.account_id, ids)
    return answer({"items": [receipt(row, [f.sha256 for f in row.files.all()]) for row in rows]})


def receipt(row: FieldEntry, files: list[str]) -> dict[str, Any]:
    """What lets the phone forget (回执): the entry and every file are here."""
    return {
        "id": str(row.client_id),
        "digest": row.digest,
        "state": row.state,
        "number": row.number or None,
        "seq": row.seq,
        "conflicts": row.conflicts,
        "files": files,
        "at": row.received_at.isoformat(),
        "words": text_from(row.words).as_dict(),
    }


def decided(row: FieldEntry) -> dict[str, Any]:
    return {
        **receipt(row, [f.sha256 for f in row.files.all()]),
        "uid": str(row.uid),
        "kind": row.kind,
        "made_at": row.made_at.isoformat(),
        "twin": row.twin_id is not None,
        "decision": row.decision or None,
        "decision_title": DECISIONS[row.decision].as_dict() if row.decision else None,
        "decision_words": row.decision_words,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def files_of(row: FieldEntry) -> list[str]:
    return list(row.files.order_by("place").values_list("sha256", flat=True))


def number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Invalid(
            "api.invalid", Text(f"缺少 {name}，或不是整数。", f"{name} is missing or no whole number.")
        )
    return int(text)


def read(model: type[M], body: dict[str, Any]) -> M:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fields = {".".join(str(part) for part in each["loc"])[:60] for each in error.errors()[:20]}
        named = "、".join(sorted(fields))
        raise Invalid(
            "api.invalid",
            Text(f"这些内容不对：{named}。", f"These entries are not right: {', '.join(sorted(fields))}."),
        ) from error
