"""Files on their way in, piece by piece (分段上传): `DIR/files/parts/<account>/`, resumable, never half a file visible.

A piece is on disk and synced before it is acknowledged. A whole file gets its name only when its hash is right. What
entries have taken stays a day, so that a phone that lost the answer is told at once that all is there.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text
from linli.kernel.records.files import Readable

FILE_LIMIT = 25 * 1024 * 1024
QUOTA = 2 * 1024**3  # of one worker, not yet taken by an entry
TAKEN_KEPT = timedelta(days=1)
WAITING_KEPT = timedelta(days=30)  # sample: a phone that went silent halfway

_CHUNK = 128 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")


class WrongOffset(Refused):
    """The piece does not begin where the last one ended (接续位置不对); `received` says where."""


class Full(LinliError):
    status = 507


@dataclass(frozen=True)
class Progress:
    received: int
    complete: bool


class Place:
    """Where the pieces of one file of one worker lie (一个文件的存放处)."""

    def __init__(self, account_id: int, name: str, size: int) -> None:
        if not _HASH.fullmatch(name):
            raise Invalid(
                "field.bad_hash",
                Text("文件编号应是 64 位的 SHA-256。", "A file is named by its SHA-256, 64 hex digits."),
            )
        if not 0 < size <= FILE_LIMIT:
            most = FILE_LIMIT // 1024**2
            raise Invalid(
                "field.file_too_large",
                Text(
                    f"一个文件最多 {most} MB，不能是空的。", f"A file has {most} MB at most and is not empty."
                ),
                limit=FILE_LIMIT,
            )
        self.name, self.size = name, size
        self.folder = _folder() / str(account_id)
        self.part = self.folder / f"{name}.{size}.part"
        self.whole = self.folder / name
        self.taken = self.folder / f"{name}.taken"

    def found(self) -> Path | None:
        return next((p for p in (self.whole, self.taken) if _size(p) == self.size), None)

    def progress(self) -> Progress:
        if self.found() is not None:
            return Progress(self.size, complete=True)
        return Progress(_size(self.part), complete=False)


def receive(account_id: int, name: str, size: int, offset: int, stream: Readable) -> Progress:
    """Take in a piece (收下一段), appended where the last one ended. Refuses another offset (`field.wrong_offset`), more
    than the file's size, and a whole whose hash is not its name: then all of it is sent again."""
    place = Place(account_id, name, size)
    if place.found() is not None:
        return place.progress()
    _check_quota(place)
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(place.part) as part:
        if place.found() is not None:  # the same piece came twice at once
            return place.progress()
        part.seek(0, os.SEEK_END)
        if part.tell() != offset:
            raise WrongOffset(
                "field.wrong_offset",
                Text("请从已收到的位置接着传。", "Go on from where the last piece ended."),
                received=part.tell(),
            )
        try:
            _append(part, stream, most=size - offset)
        finally:  # what did arrive before the line broke counts
            part.flush()
            os.fsync(part.fileno())
        received = part.tell()
        if received < size:
            return Progress(received, complete=False)
        _finish(place, part)
    return Progress(size, complete=True)


def _append(part: IO[bytes], stream: Readable, *, most: int) -> None:
    while chunk := stream.read(_CHUNK):
        most -= len(chunk)
        if most < 0:
            raise Invalid(
                "field.too_much",
                Text(
                    "传来的比文件还长，没有收下多出的部分。",
                    "More came than the file has; the rest was not taken.",
                ),
            )
        part.write(chunk)


def _finish(place: Place, part: IO[bytes]) -> None:
    digest = sha256()
    part.seek(0)
    while chunk := part.read(_CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != place.name:
        part.truncate(0)
        raise Invalid(
            "field.wrong_hash",
            Text(
                "文件在路上坏了，请从头再传一次。",
                "The file was damaged on its way. Please send it again from the start.",
            ),
            received=0,
        )
    place.part.replace(place.whole)
    _sync(place.folder)


def progress(account_id: int, name: str, size: int) -> Progress:
    """How much of a file is here (已收到多少). What is here whole but was cut off before it got its name gets it now."""
    place = Place(account_id, name, size)
    if place.found() is None and _size(place.part) == size:
        return receive(account_id, name, size, size, BytesIO())
    return place.progress()


def missing(account_id: int, files: Iterable[tuple[str, int]]) -> list[str]:
    """Which of these files are not here whole (还缺哪些文件)."""
    return [name for name, size in files if Place(account_id, name, size).found() is None]


def read_whole(account_id: int, name: str, size: int) -> bytes:
    place = Place(account_id, name, size)
    for _ in range(2):  # it may be taken in between, by the same entry over another line
        if (found := place.found()) is not None:
            with suppress(FileNotFoundError):
                return found.read_bytes()
    raise FileNotFoundError(name)


def mark_taken(account_id: int, files: Iterable[tuple[str, int]]) -> None:
    """An entry holds these files now (已挂到收件): they no longer count, and go after a day."""
    for name, size in files:
        place = Place(account_id, name, size)
        with suppress(FileNotFoundError):  # not here whole, or the same entry over another line was first
            place.whole.replace(place.taken)
        if place.taken.exists():
            place.taken.touch()


def remove_stale(at: datetime | None = None) -> int:
    """Remove what was taken a day ago, and pieces that nobody went on with (清理分段上传)."""
    at = at or now()
    n = 0
    for path in _folder().glob("*/*"):
        kept = TAKEN_KEPT if path.suffix == ".taken" else WAITING_KEPT
        try:
            if path.stat().st_mtime < (at - kept).timestamp():
                path.unlink()
                n += 1
        except FileNotFoundError:
            continue
    return n


def _check_quota(place: Place) -> None:
    waiting = sum(_size(p) for p in place.folder.glob("*") if p.suffix != ".taken" and p != place.part)
    if waiting + place.size > QUOTA:
        raise Full(
            "field.quota",
            Text(
                "您待处理的文件太多，暂时收不下。请先上传已拍好的记录，文件会随记录一起腾出空间。",
                "Too many of your files wait. Send the entries that name them first; that makes room.",
            ),
            limit=QUOTA,
        )


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    """One writer of a file at a time, in all processes; the wait is short, a phone sends one piece after the other."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        until = time.monotonic() + 10
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield file


def _folder() -> Path:
    return Path(settings.LINLI_DATA_DIR) / "files" / "parts"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
