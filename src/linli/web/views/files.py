"""Files of cases (附件): behind the same rule as their case, never run by the browser, each with its kind."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.views.decorators.http import require_safe

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.procedures import keys
from linli.kernel.procedures.casefiles import access_file
from linli.kernel.records.files import open_file
from linli.kernel.records.models import StoredFile, Upload
from linli.web.faces import actor_of

FILE = Text("文件", "file")
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "audio/webm", "audio/ogg", "audio/mp4"})
KEPT_SECONDS = 300


@require_safe
def attachment(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """A file of a case (打开附件): staff get the internal copy, parties the public one; `?size=public` gives that one.

    Whoever may not see the case gets the answer of what does not exist.
    """
    row, file = access_file(uid, actor_of(request), public=request.GET.get("size") == "public")
    return _answer(request, file, row.name)


@require_safe
def upload(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """A photo that was sent and waits for its form (待提交的照片), for whoever sent it from their account."""
    actor = actor_of(request)
    rows = Upload.objects.filter(uid=uid, owner=keys.owner_of(actor, None))
    row = rows.select_related("file", "public_file").first() if actor.account_id else None
    if row is None:
        raise absent(FILE)
    return _answer(request, row.public_file or row.file, row.name)


def _answer(request: HttpRequest, file: StoredFile, name: str) -> HttpResponseBase:
    etag = f'"{file.sha256}"'
    headers: dict[str, Any] = {
        "ETag": etag,
        "Cache-Control": f"private, max-age={KEPT_SECONDS}",
        "X-Content-Type-Options": "nosniff",
        # Should a file ever be more than it says, it runs nothing here.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers=headers)
    return FileResponse(
        open_file(file.sha256),
        as_attachment=file.media_type not in SHOWN,
        filename=_name(file, name),
        content_type=file.media_type,
        headers=headers,
    )


def _name(file: StoredFile, name: str) -> str:
    """The sender's name with the suffix of what it really is."""
    suffix = file.media_type.rsplit("/", 1)[1].replace("jpeg", "jpg")
    return f"{name.rsplit('.', 1)[0] or file.sha256[:12]}.{suffix}"
