"""Files of an entry become uploads (收件文件入库): photos without what hides in them, voice notes, documents.

A file that is none of these is kept as it came, for the lead to look at: a field worker cannot take it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.base.errors import LinliError
from linli.kernel.fieldwork import parts
from linli.kernel.people.actors import Actor
from linli.kernel.records.files import clean_name, store_bytes
from linli.kernel.records.models import Upload
from linli.kernel.records.uploads import take_upload, take_voice_note
from linli.kernel.records.voices import voice_type

AS_IT_CAME = "application/octet-stream"


@dataclass(frozen=True)
class FileIn:
    """A file as the entry names it (收件里的文件)."""

    sha256: str
    size: int
    type: str
    name: str
    field: str


@dataclass(frozen=True)
class Taken:
    file: FileIn
    upload_uid: UUID
    fault: str = ""  # code of why it is kept as it came


def take(account_id: int, files: list[FileIn], *, by: Actor, owner: str, at: datetime) -> list[Taken]:
    """Take the whole files in (文件入库), outside any transaction: pictures are slow. Repeated, an upload that no entry
    came to name goes after a day like any other."""
    return [_take(account_id, file, by=by, owner=owner, at=at) for file in files]


def _take(account_id: int, file: FileIn, *, by: Actor, owner: str, at: datetime) -> Taken:
    content = parts.read_whole(account_id, file.sha256, file.size)
    try:
        if voice_type(content):
            upload = take_voice_note(content, by=by, owner=owner, name=file.name, at=at)
        else:
            upload = take_upload(
                content,
                by=by,
                owner=owner,
                name=file.name,
                document=content.startswith(b"%PDF-"),
                at=at,
            )
    except LinliError as error:
        return Taken(file, _as_it_came(content, file, owner, at), error.code)
    return Taken(file, upload.uid)


def _as_it_came(content: bytes, file: FileIn, owner: str, at: datetime) -> UUID:
    stored = store_bytes(content, media_type=AS_IT_CAME)
    return Upload.objects.create(owner=owner, file=stored, name=clean_name(file.name), at=at).uid
