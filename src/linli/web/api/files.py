"""Files (文件): taken in before the form that names them; given out as the case's visibility says."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.people import limits
from linli.kernel.procedures.casefiles import access_file, receive_file
from linli.kernel.records.files import open_file
from linli.web.api import schemas as s
from linli.web.api.cases import REPLAYED
from linli.web.api.identity import actor_in, address_of
from linli.web.api.reading import WRITES, client_key

router = Router(tags=["files"])

PER_ADDRESS = 60  # an hour, from those without an account


@router.post(
    "/files",
    response=s.answers((201, s.UploadOut), (200, s.UploadOut)),
    operation_id="upload",
    openapi_extra=WRITES,
)
def upload(
    request: HttpRequest,
    response: HttpResponse,
    file: Annotated[UploadedFile, File(description="JPEG, PNG, WebP or HEIC; from staff also PDF")],
    consent_place: Annotated[bool, Form(description="read from the photo where it was taken")] = False,
    document: Annotated[bool, Form(description="a PDF, from staff")] = False,
    for_key: Annotated[
        UUID | None,
        Form(description="without an account: the Idempotency-Key of the write that will name this file"),
    ] = None,
) -> Status[s.UploadOut]:
    """Send a photo or a document (上传). It waits a day for the write that names its `uid`."""
    key, actor = client_key(request), actor_in(request)
    if actor.account_id is None:
        limits.hit(f"api-files:{address_of(request)}", PER_ADDRESS, timedelta(hours=1))
    taken = receive_file(
        file,
        by=actor,
        client_key=key,
        for_key=str(for_key or key),
        name=file.name or "",
        consent_place=consent_place,
        document=document,
    )
    if taken.repeated:
        response[REPLAYED] = "true"
    return Status(200 if taken.repeated else 201, s.UploadOut(**taken.facts))


@router.get(
    "/files/{uid}",
    response={200: None, **s.answers(refusals=s.READ)},
    operation_id="read_file",
    openapi_extra={
        "responses": {
            200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        }
    },
)
def read_file(request: HttpRequest, uid: str) -> FileResponse:
    """A file of a case (附件): the internal copy for those who handle it, the public copy for parties."""
    try:
        wanted = UUID(uid)
    except ValueError:
        raise absent(Text("文件", "file")) from None
    attachment, file = access_file(wanted, actor_in(request))
    answer = FileResponse(
        open_file(file.sha256), as_attachment=True, filename=attachment.name or file.sha256[:12]
    )
    answer["Content-Type"] = file.media_type
    answer["Content-Length"] = str(file.size)
    # Nothing in it may run, be framed or be kept by a proxy, whatever a browser makes of it.
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
