"""Files by the hash of their content (文件库): `DIR/files/ab/cd/abcd…`, each content once, never changed.

The bytes are on disk, whole and synced, before the row that names them exists; a crash in between leaves a file
that nobody names, and `remove_unused` clears it away. Work here is slow: never inside the engine's transaction.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet

from linli.base import clock
from linli.base.errors import Invalid, LinliError, Unreadable, absent
from linli.base.i18n import Text
from linli.kernel.records.models import Attachment, StoredFile, Upload

PHOTO_LIMIT = 20 * 1024 * 1024
DOCUMENT_LIMIT = 30 * 1024 * 1024
UNUSED_AFTER = timedelta(days=1)

HELD: list[Callable[[], QuerySet[Any, Any]]] = []  # uids of uploads that floors above still need

_CHUNK = 256 * 1024
_NAME = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """An upload (上传内容): Django's uploaded file, an open file, a request's body."""

    def read(self, n: int, /) -> bytes: ...


class FileStore(Protocol):
    """Where the bytes lie (存储后端): a folder today, object storage later."""

    def put(self, name: str, source: Path) -> None:
        """Keep the content of `source` under its hash; what is kept already stays. Marks it as just used."""

    def open(self, name: str) -> IO[bytes]:
        """Open for reading, seekable. Raises FileNotFoundError."""

    def idle_since(self, name: str, moment: datetime) -> bool:
        """Whether it was not put again since that moment."""

    def remove(self, name: str) -> None:
        """Remove it; nothing happens if it is absent."""


class FolderStore:
    """Files in a folder (本地文件夹), two levels deep so that no folder grows large."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise FileNotFoundError(name)
        return self.root / name[:2] / name[2:4] / name

    def put(self, name: str, source: Path) -> None:
        target = self.path(name)
        if target.exists() and target.stat().st_size == source.stat().st_size:
            target.touch()
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.replace(target)
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)  # the new name, too, is on disk
        finally:
            os.close(handle)

    def open(self, name: str) -> IO[bytes]:
        return self.path(name).open("rb")

    def idle_since(self, name: str, moment: datetime) -> bool:
        try:
            return self.path(name).stat().st_mtime < moment.timestamp()
        except FileNotFoundError:
            return True

    def remove(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)


def file_store() -> FileStore:
    return FolderStore(_folder())


def _folder() -> Path:
    return Path(settings.LINLI_DATA_DIR) / "files"


def store_stream(
    stream: Readable,
    *,
    media_type: str,
    limit: int = DOCUMENT_LIMIT,
    width: int | None = None,
    height: int | None = None,
) -> StoredFile:
    """Keep a file (存入文件), hashed while it is read. Refuses an empty one and one over the limit.

    The same content again gives the same row. Nothing is left behind by a refusal or a broken connection.
    """
    with _temporary() as (handle, path):
        digest, size = sha256(), 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            digest.update(chunk)
            handle.write(chunk)
        if not size:
            raise empty_file()
        handle.flush()
        os.fsync(handle.fileno())
        file_store().put(digest.hexdigest(), path)
    facts = {"size": size, "media_type": media_type, "width": width, "height": height}
    return StoredFile.objects.get_or_create(sha256=digest.hexdigest(), defaults=facts)[0]


def store_bytes(
    content: bytes,
    *,
    media_type: str,
    limit: int = DOCUMENT_LIMIT,
    width: int | None = None,
    height: int | None = None,
) -> StoredFile:
    """Keep a file whose content is at hand (存入内容); see `store_stream`."""
    return store_stream(_Held(content), media_type=media_type, limit=limit, width=width, height=height)


def open_file(name: str) -> IO[bytes]:
    """Open a stored file by its hash (打开文件), proven to be unchanged. Refuses what is absent or damaged."""
    try:
        file = file_store().open(name)
    except FileNotFoundError as error:
        raise absent(Text("文件", "file")) from error
    digest = sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != name:
        file.close()
        raise Unreadable(
            "files.damaged",
            Text(
                "这个文件和存入时不一样了，不能再打开。请联系平台管理员从备份恢复。",
                "This file is not the same as when it was stored and cannot be opened. "
                "Ask the administrator to restore it from a backup.",
            ),
            sha256=name,
        )
    file.seek(0)
    return file


def read_upload(upload: Readable | bytes, limit: int) -> bytes:
    """The whole upload in memory (读入上传), never more than the limit. Refuses an empty one and a larger one."""
    if isinstance(upload, bytes):
        content = upload
    else:
        content = b""
        while len(content) <= limit and (chunk := upload.read(limit + 1 - len(content))):
            content += chunk
    if len(content) > limit:
        raise too_large(limit)
    if not content:
        raise empty_file()
    return content


def clean_name(name: str) -> str:
    """A file's name fit to be shown and saved (文件名): no folders, no control characters, at most 200 long."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if c.isprintable()).strip(" .")
    stem, dot, suffix = shown.rpartition(".")
    if dot and len(suffix) <= 8:
        return stem[: 199 - len(suffix)] + dot + suffix
    return shown[:200]


def remove_unused(*, at: datetime | None = None) -> int:
    """Remove uploads that no case took within a day, and files that nothing names (清理未用文件)."""
    before = (at or clock.now()) - UNUSED_AFTER
    forgotten_uploads(before).delete()
    named = Exists(
        Attachment.objects.filter(Q(file=OuterRef("pk")) | Q(public_file=OuterRef("pk"))).values("pk")
    ) | Exists(Upload.objects.filter(Q(file=OuterRef("pk")) | Q(public_file=OuterRef("pk"))).values("pk"))
    unused = StoredFile.objects.filter(~named, created_at__lt=before)
    return sum(
        # Somebody may be sending the same content again at this moment.
        file_store().idle_since(file.sha256, before) and _remove(file)
        for file in list(unused[:1000])
    )


def forgotten_uploads(before: datetime) -> QuerySet[Upload]:
    """Uploads that no form took and nobody holds (没有人要的上传)."""
    rows = Upload.objects.filter(at__lt=before)
    for uids in HELD:
        rows = rows.exclude(uid__in=uids())
    return rows


def remove_if_unused(file: StoredFile) -> bool:
    """Remove one file now if nothing names it any more (立即清理), as after a redaction."""
    return not _is_named(file) and _remove(file)


def too_large(limit: int) -> Invalid:
    most = limit // (1024 * 1024)
    return Invalid(
        "files.too_large",
        Text(
            f"文件超过 {most} MB，没有收下。请换一个小一点的，或者拍照时选较低的清晰度。",
            f"The file is larger than {most} MB and was not taken. "
            "Choose a smaller one, or take the photo at a lower resolution.",
        ),
        limit=limit,
    )


def empty_file() -> LinliError:
    return Invalid(
        "files.empty",
        Text(
            "文件是空的，没有收下。请重新选择文件。",
            "The file is empty and was not taken. Please choose it again.",
        ),
    )


class _Held:
    """Bytes at hand, read like a stream."""

    def __init__(self, content: bytes) -> None:
        self.rest = memoryview(content)

    def read(self, n: int, /) -> bytes:
        chunk, self.rest = self.rest[:n], self.rest[n:]
        return bytes(chunk)


def _is_named(file: StoredFile) -> bool:
    return (
        Attachment.objects.filter(Q(file=file) | Q(public_file=file)).exists()
        or Upload.objects.filter(Q(file=file) | Q(public_file=file)).exists()
    )


def _remove(file: StoredFile) -> bool:
    name = file.sha256
    try:
        file.delete()
    except (ProtectedError, IntegrityError):  # a case took it up meanwhile
        return False
    file_store().remove(name)
    return True


@contextmanager
def _temporary() -> Iterator[tuple[IO[bytes], Path]]:
    folder = _folder() / "incoming"  # the same disk, so that the move is atomic
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder)  # mode 600
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)
