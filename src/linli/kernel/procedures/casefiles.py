"""Files on their way into a case and out of it (收下与调阅文件)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.base.clock import now
from linli.base.errors import Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.casebook import is_party, may_open
from linli.kernel.procedures.keys import owner_of, scoped
from linli.kernel.procedures.models import ClientKey
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.chain import canonical
from linli.kernel.records.files import DOCUMENT_LIMIT, PHOTO_LIMIT, Readable, read_upload
from linli.kernel.records.models import Attachment, StoredFile, Upload
from linli.kernel.records.uploads import take_upload

FILE = Text("文件", "file")


@dataclass(frozen=True)
class TakenFile:
    facts: dict[str, Any]
    repeated: bool


def receive_file(
    content: Readable | bytes,
    *,
    by: Actor,
    client_key: str,
    for_key: str = "",
    name: str = "",
    consent_place: bool = False,
    document: bool = False,
    at: datetime | None = None,
) -> TakenFile:
    """Take in a file exactly once (收下文件，不重不漏): the same key and content give the first upload again.

    Without an account the file belongs to `for_key`, the key of the write that will name it. Refuses another file
    under a used key (`files.key_taken`) and whatever `take_upload` refuses.
    """
    at = at or now()
    data = read_upload(content, DOCUMENT_LIMIT if document else PHOTO_LIMIT)
    digest = sha256(canonical([sha256(data).hexdigest(), consent_place, document, for_key]).encode()).digest()
    key = f"file:{scoped(by, client_key)}"[:120]
    if known := _known(key, digest):
        return known
    upload = take_upload(
        data,
        by=by,
        owner=owner_of(by, for_key or client_key),
        name=name,
        consent_place=consent_place,
        document=document,
        at=at,
    )
    file = upload.file
    kept = {
        "uid": str(upload.uid),
        "media_type": file.media_type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
    }
    try:
        with transaction.atomic():
            ClientKey.objects.create(key=key, digest=digest, receipt=kept, at=at)
    except IntegrityError:  # the same request came twice at once: the first one counts
        upload.delete()
        if known := _known(key, digest):
            return known
        raise
    return TakenFile({**kept, **_seen(upload)}, repeated=False)


def _known(key: str, digest: bytes) -> TakenFile | None:
    row = ClientKey.objects.filter(key=key).first()
    if row is None:
        return None
    if bytes(row.digest) != digest:
        raise Refused(
            "files.key_taken",
            Text(
                "这个提交编号已经用于另一个文件，这个文件没有收下。请换一个新编号再传。",
                "This key was used for another file, so this one was not taken. Send it again with a new key.",
            ),
        )
    upload = Upload.objects.filter(uid=row.receipt["uid"]).first()
    return TakenFile({**row.receipt, **_seen(upload)}, repeated=True)


def _seen(upload: Upload | None) -> dict[str, Any]:
    """Time and place are not kept beside the key: they go when the upload goes."""
    if upload is None:
        return {"taken_at": None, "lng": None, "lat": None}
    return {"taken_at": upload.taken_at, "lng": upload.lng, "lat": upload.lat}


def access_file(uid: UUID, actor: Actor, *, public: bool = False) -> tuple[Attachment, StoredFile]:
    """The file that this person may open (调阅附件): staff the internal copy, or with `public` the smaller one, parties
    the public one; else NotFound."""
    row = (
        Attachment.objects.filter(uid=uid, hidden_at__isnull=True)
        .select_related("file", "public_file")
        .first()
    )
    case = visible_to(actor).filter(pk=row.case_id).first() if row is not None else None
    if row is None or case is None or not may_open(row, case, actor):
        raise absent(FILE)
    public = public or is_party(case, actor)
    return row, (row.public_file if public else None) or row.file
