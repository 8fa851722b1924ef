"""Photos and documents as people send them (照片与文书): judged by content, made anew, nothing hidden goes along.

A photo is decoded and drawn again: what is stored is our own JPEG, with no metadata, no comment and no bytes
behind the picture. The name and the type that the sender claims are never looked at.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFile, UnidentifiedImageError
from PIL.Image import Transpose

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, OutOfDate, Refused
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.records.files import (
    DOCUMENT_LIMIT,
    PHOTO_LIMIT,
    Readable,
    open_file,
    read_upload,
    remove_if_unused,
    store_bytes,
)
from linli.kernel.records.models import Attachment, StoredFile

INTERNAL_SIDE = 2560  # longest side in pixels: a number plate or a lamp number stays readable
PUBLIC_SIDE = 1280
# An ordinary JPEG is decoded at a fraction of its size, so phones with 108 million pixels are welcome; other
# pictures, a progressive JPEG too, unfold whole in memory.
MOST_PIXELS_JPEG = 120_000_000
MOST_PIXELS = 30_000_000

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares (0–1) of width and height

_ORIENTATION, _EXIF, _GPS = 0x0112, 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# What Pillow raises on metadata and pictures that are broken, by accident or on purpose.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    EOFError,
    struct.error,
)


@dataclass(frozen=True)
class TakenPhoto:
    internal: StoredFile
    public: StoredFile
    taken_at: datetime | None
    place: tuple[float, float] | None  # lng, lat in WGS-84; only with the sender's consent


def take_photo(upload: Readable | bytes, *, consent_place: bool, at: datetime | None = None) -> TakenPhoto:
    """Take in a photo (收下照片): an internal copy for those who handle, a smaller one for the public.

    Refuses what is no photo, is damaged, or is too large (`files.empty`, `files.too_large`, `photos.heic`,
    `photos.not_a_photo`, `photos.damaged`, `photos.too_many_pixels`). Reads the time when it was taken, and the
    place only with consent (个人信息保护法 13、14); then all metadata is gone.
    """
    content = read_upload(upload, PHOTO_LIMIT)
    picture, seen = _decode(content, consent_place=consent_place, at=at or clock.now())
    internal = _fitted(picture, INTERNAL_SIDE)
    return TakenPhoto(
        internal=_store(internal, quality=85),
        public=_store(_fitted(internal, PUBLIC_SIDE), quality=80),
        taken_at=seen.taken_at,
        place=seen.place,
    )


def take_document(upload: Readable | bytes, *, by: Actor) -> StoredFile:
    """Take in a PDF (收下文书), from staff only. Refuses anything else, by content; never shown inline."""
    if not by.is_staff:
        raise NotAllowed(
            "files.staff_only",
            Text(
                "文书由工作人员上传。您可以拍照上传，或者把纸件交到窗口。",
                "Documents are added by staff. You can send a photo of it, or hand the paper in at a window.",
            ),
        )
    content = read_upload(upload, DOCUMENT_LIMIT)
    if not content.startswith(b"%PDF-"):
        raise Invalid(
            "files.not_a_pdf",
            Text(
                "这个文件不是 PDF，没有收下。请另存为 PDF 再上传；照片请从“照片”处上传。",
                "This file is not a PDF and was not taken. Save it as PDF, or add a photo as a photo.",
            ),
        )
    if b"%%EOF" not in content[-2048:]:
        raise Invalid(
            "files.damaged_pdf",
            Text(
                "这个 PDF 不完整，可能上传时断了。请重新上传。",
                "This PDF is incomplete, perhaps because the upload broke off. Please send it again.",
            ),
        )
    return store_bytes(content, media_type="application/pdf")


def redact(attachment: Attachment, boxes: Sequence[Box]) -> StoredFile:
    """Black out parts of the public copy (遮盖公开照片); the internal copy stays as it is.

    Boxes are shares of width and height. The uncovered public copy is removed at once unless another attachment
    has the same. Refuses boxes outside the picture, and a change made by somebody else meanwhile. The caller
    writes the record.
    """
    uncovered = attachment.public_file
    if uncovered is None:
        raise Refused(
            "photos.no_public_copy",
            Text(
                "这个附件没有公开副本，不用遮盖。",
                "This attachment has no public copy, so there is nothing to cover.",
            ),
        )
    if not boxes or not all(_is_box(box) for box in boxes):
        raise Invalid(
            "photos.bad_box",
            Text(
                "没有看清要遮盖的位置。请在照片上重新框选。",
                "The part to cover is not clear. Please mark it on the photo again.",
            ),
        )
    with open_file(uncovered.sha256) as file, Image.open(file, formats=("JPEG",)) as image:
        picture = image.convert("RGB")
    pen = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        # Outward to whole pixels: nothing at the rim stays readable.
        corner = (math.floor(left * picture.width), math.floor(top * picture.height))
        pen.rectangle(
            (*corner, math.ceil(right * picture.width), math.ceil(bottom * picture.height)), fill="black"
        )
    covered = _store(picture, quality=80)
    same = Attachment.objects.filter(pk=attachment.pk, public_file=uncovered)
    if not same.update(public_file=covered):
        remove_if_unused(covered)
        raise OutOfDate(
            "photos.changed_meanwhile",
            Text(
                "别人刚刚改过这张照片。请刷新后看看还要不要遮盖。",
                "Somebody else has just changed this photo. Reload and see whether it still needs covering.",
            ),
        )
    attachment.public_file = covered
    if covered.pk != uncovered.pk:
        remove_if_unused(uncovered)
    return covered


@dataclass(frozen=True)
class _Seen:
    orientation: int = 1
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None


def _decode(content: bytes, *, consent_place: bool, at: datetime) -> tuple[Image.Image, _Seen]:
    kind = _kind(content)
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # other libraries switch it on for the whole process
    try:
        # Nothing is decoded until load(): the first look reads the header, verify() the checksums of a PNG.
        with Image.open(BytesIO(content), formats=(kind,)) as first:
            _check_size(first)
            first.verify()
        with Image.open(BytesIO(content), formats=(kind,)) as image:
            seen = _look(image, consent_place=consent_place, at=at)
            share = min(1.0, INTERNAL_SIDE / max(image.size))
            image.draft(None, (math.ceil(image.width * share), math.ceil(image.height * share)))
            image.load()
            if image.mode in {"RGB", "RGBA", "L", "LA", "CMYK"}:
                image.thumbnail((INTERNAL_SIDE, INTERNAL_SIDE), Image.Resampling.LANCZOS)
            picture = _on_white(image)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _damaged() from error
    except _BROKEN as error:
        raise _damaged() from error
    turn = _TURNS.get(seen.orientation)
    return (picture.transpose(turn) if turn is not None else picture), seen


def _kind(content: bytes) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        Image.init()
        # Readable only where the operator has installed a plug-in for Pillow.
        for kind in ("HEIF", "AVIF"):
            accept = Image.OPEN.get(kind, (None, None))[1]
            if accept is not None and accept(content[:32]) is True:
                return kind
        raise Invalid(
            "photos.heic",
            Text(
                "这是 HEIC 格式的照片，现在还打不开。请在手机相机设置里选“兼容性最佳”（JPEG）重拍，或截屏后上传。",
                "This is a HEIC photo, which cannot be opened here yet. Set the camera to “Most Compatible” "
                "(JPEG) and take it again, or send a screenshot of it.",
            ),
        )
    raise Invalid(
        "photos.not_a_photo",
        Text(
            "这个文件的内容不是照片，没有收下。请上传 JPEG、PNG 或 WebP 格式的照片。",
            "What is in this file is not a photo, and it was not taken. Please send a JPEG, PNG or WebP photo.",
        ),
    )


def _check_size(image: Image.Image) -> None:
    in_parts = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    if image.width * image.height > (MOST_PIXELS_JPEG if in_parts else MOST_PIXELS):
        raise _too_many_pixels()


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture with the pixels alone: what Pillow carries along (comments, profiles) stays behind."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        clean = Image.new("RGB", image.size, "white")
        clean.paste(layer, mask=layer.getchannel("A"))
        return clean
    clean = Image.new("RGB", image.size)
    clean.paste(image.convert("RGB"))
    return clean


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    smaller = picture.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return smaller


def _store(picture: Image.Image, *, quality: int) -> StoredFile:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return store_bytes(buffer.getvalue(), media_type="image/jpeg", width=picture.width, height=picture.height)


def _look(image: Image.Image, *, consent_place: bool, at: datetime) -> _Seen:
    """Orientation, time and, with consent, place. Broken metadata is no reason to refuse a photo."""
    orientation, taken_at, place = 1, None, None
    try:
        exif = image.getexif()
        orientation = int(exif.get(_ORIENTATION, 1))
        taken_at = _taken_at(exif.get_ifd(_EXIF), at)
        place = _place(exif.get_ifd(_GPS)) if consent_place else None
    except _BROKEN:
        return _Seen(orientation, taken_at)
    return _Seen(orientation, taken_at, place)


def _taken_at(ifd: dict[int, Any], at: datetime) -> datetime | None:
    """The camera's own time; without an offset it is taken as local. A clock that was never set says nothing."""
    try:
        said = datetime.strptime(str(ifd[_TAKEN]).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=clock.SHANGHAI
        )
        offset = str(ifd.get(_TAKEN_OFFSET, "")).strip("\0 ")
        if offset:
            said = datetime.strptime(f"{said:%Y-%m-%d %H:%M:%S} {offset}", "%Y-%m-%d %H:%M:%S %z")
    except (KeyError, ValueError):
        return None
    return said if said.year >= 2000 and said <= at + timedelta(days=1) else None


def _place(ifd: dict[int, Any]) -> tuple[float, float] | None:
    try:
        lat = _degrees(ifd[2], negative=ifd.get(1) == "S")
        lng = _degrees(ifd[4], negative=ifd.get(3) == "W")
    except _BROKEN:
        return None
    if not (abs(lat) <= 90 and abs(lng) <= 180) or (lat == 0 and lng == 0):  # also refuses nan
        return None
    return round(lng, 6), round(lat, 6)


def _degrees(parts: Sequence[Any], *, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value


def _is_box(box: Box) -> bool:
    left, top, right, bottom = box
    return 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def _damaged() -> Invalid:
    return Invalid(
        "photos.damaged",
        Text(
            "这张照片不完整或已损坏，没有收下。请重新上传，或者重拍一张。",
            "This photo is incomplete or damaged and was not taken. Please send it again, or take a new one.",
        ),
    )


def _too_many_pixels() -> Invalid:
    return Invalid(
        "photos.too_many_pixels",
        Text(
            "这张照片的尺寸太大，没有收下。请用普通清晰度重拍，或者截屏后上传。",
            "This photo has too many pixels and was not taken. "
            "Take it at normal resolution, or send a screenshot of it.",
        ),
    )
