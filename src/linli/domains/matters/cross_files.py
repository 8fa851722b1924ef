"""Files that travel inside a message (随消息交接的电子材料): exact bytes, each under the hash of its content."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from linli.base.clock import now
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.records.files import DOCUMENT_LIMIT, clean_name, open_file, store_bytes
from linli.kernel.records.models import Attachment, Upload

# What may come: by its first bytes, never by what it says of itself.
KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"RIFF", "image/webp"),
    (b"%PDF-", "application/pdf"),
)
MOST_FILES = 30


def packed(rows: Iterable[Attachment]) -> list[dict[str, Any]]:
    """The files of a case as they go into a message (装入电子材料)."""
    found = []
    for row in rows:
        with open_file(row.file.sha256) as file:
            content = file.read()
        found.append(
            {
                "name": row.name,
                "sha256": row.file.sha256,
                "content": base64.b64encode(content).decode(),
            }
        )
    return found


def unpacked(files: Any, *, owner: str) -> list[str]:
    """Keep the files of a message as uploads (取出电子材料): their uids, in order.

    Refuses a file whose content is not what its hash says, and kinds that are no picture and no PDF.
    """
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise _bad_files()
    contents = [_checked(each) for each in files]
    uids = []
    for (content, media_type), each in zip(contents, files, strict=True):
        kept = store_bytes(content, media_type=media_type, limit=DOCUMENT_LIMIT)
        name = clean_name(str(each.get("name", "")))
        made = Upload.objects.create(owner=owner, file=kept, public_file=kept, name=name, at=now())
        uids.append(str(made.uid))
    return uids


def _checked(each: Any) -> tuple[bytes, str]:
    try:
        content = base64.b64decode(each["content"], validate=True)
        digest = str(each["sha256"])
    except (TypeError, KeyError, ValueError, binascii.Error) as error:
        raise _bad_files() from error
    media_type = next((kind for head, kind in KINDS if content.startswith(head)), "")
    if sha256(content).hexdigest() != digest or not media_type:
        raise _bad_files()
    return content, media_type


def _bad_files() -> Invalid:
    return Invalid(
        "matters.bad_files",
        Text(
            "电子材料和它的摘要对不上，或者不是图片、PDF，没有收。请重新上传后再发。",
            "An electronic paper does not agree with its digest, or is no picture and no PDF; nothing was taken. "
            "Upload it anew and send it again.",
        ),
    )
