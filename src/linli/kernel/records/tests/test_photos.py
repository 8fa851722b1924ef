from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFile, ImageOps
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational
from pytest_django.fixtures import Settings

from linli.base.errors import Invalid, NotAllowed, NotFound, OutOfDate, Refused
from linli.kernel.people.actors import ANONYMOUS, Actor
from linli.kernel.records.files import PHOTO_LIMIT, open_file
from linli.kernel.records.models import Attachment, StoredFile
from linli.kernel.records.photos import redact, take_document, take_photo

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LNG, LAT = 119.296494, 26.074508
SECRET = b"SECRET-7f3a"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.LINLI_DATA_DIR = str(tmp_path)
    return tmp_path / "files"


def exif(orientation: int = 1, taken: str = "2026:11:22 21:03:00", **gps: Any) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F] = SECRET.decode()  # the maker of the camera
    made.get_ifd(0x8769)[0x9003] = taken
    place = {1: "N", 2: (26.0, 4.0, 28.2288), 3: "E", 4: (119.0, 17.0, 47.3784)}
    made.get_ifd(0x8825).update({**place, **{int(k[1:]): v for k, v in gps.items()}})
    return made


def picture(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue, so that turning shows."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return made.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(stored: StoredFile) -> tuple[Image.Image, bytes]:
    with open_file(stored.sha256) as file:
        content = file.read()
    image = Image.open(BytesIO(content))
    image.load()
    return image, content


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def take(content: bytes, *, consent: bool = False) -> Any:
    return take_photo(BytesIO(content), consent_place=consent, at=AT)


def refusal(content: bytes) -> Invalid:
    with pytest.raises(Invalid) as refused:
        take(content)
    assert StoredFile.objects.count() == 0
    message = refused.value.message
    assert message.zh.endswith("。")
    assert message.en.endswith(".")
    return refused.value


def test_two_copies_time_and_with_consent_the_place() -> None:
    taken = take(encoded(picture((4000, 3000)), exif=exif(), comment=SECRET), consent=True)
    assert (taken.internal.width, taken.internal.height) == (2560, 1920)
    assert (taken.public.width, taken.public.height) == (1280, 960)
    assert taken.internal.media_type == taken.public.media_type == "image/jpeg"
    assert taken.taken_at == datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
    assert taken.place == pytest.approx((LNG, LAT), abs=1e-5)


def test_without_consent_no_place_is_read() -> None:
    taken = take(encoded(picture(), exif=exif()))
    assert taken.place is None
    assert taken.taken_at is not None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_is_stored(kind: str) -> None:
    options: dict[str, Any] = {"exif": exif(), "icc_profile": SECRET * 20, "xmp": SECRET}
    if kind == "JPEG":
        options["comment"] = SECRET
    if kind == "PNG":
        options.pop("xmp")
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Comment", SECRET.decode())
    content = encoded(picture(), kind, **options) + b"<script>alert(1)</script>PK\x03\x04" + SECRET
    taken = take(content, consent=True)
    for stored in (taken.internal, taken.public):
        image, kept = opened(stored)
        assert kept.startswith(b"\xff\xd8\xff\xe0")
        assert kept.endswith(b"\xff\xd9")
        assert SECRET not in kept
        assert b"script" not in kept
        assert image.format == "JPEG"
        assert not image.getexif()
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_stands_upright(orientation: int) -> None:
    source = encoded(picture(), exif=exif(orientation))
    upright = ImageOps.exif_transpose(Image.open(BytesIO(source)))
    image, _ = opened(take(source).internal)
    assert image.size == upright.size
    for x, y in ((20, 20), (image.width - 20, image.height - 20), (20, image.height - 20)):
        near = zip(pixel(image, x, y), pixel(upright, x, y), strict=True)
        assert all(abs(a - b) < 40 for a, b in near)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_every_kind_of_pixel(mode: str) -> None:
    source = picture() if mode != "I;16" else Image.new("I;16", (40, 30))
    image, _ = opened(take(encoded(source.convert(mode) if mode != "I;16" else source, "PNG")).internal)
    assert image.mode == "RGB"


def test_cmyk_and_what_shines_through() -> None:
    image, _ = opened(take(encoded(picture(mode="CMYK"))).internal)
    assert pixel(image, 10, 10)[0] > 180
    image, _ = opened(take(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")).internal)
    assert pixel(image, 10, 10) == (255, 255, 255)


def test_small_pictures_are_not_blown_up() -> None:
    taken = take(encoded(picture((30, 20))))
    assert (taken.internal.width, taken.public.width) == (30, 30)


@pytest.mark.parametrize(
    "changes",
    [
        {"_2": (0.0, 0.0, 0.0), "_4": (0.0, 0.0, 0.0)},
        {"_2": (126.0, 0.0, 0.0)},
        {"_2": (26.0,)},
        {"_2": (IFDRational(0, 0), 0.0, 0.0)},
    ],
)
def test_places_that_cannot_be(changes: dict[str, Any]) -> None:
    taken = take(encoded(picture(), exif=exif(**changes)), consent=True)
    assert taken.place is None
    assert taken.taken_at is not None


def test_south_and_west() -> None:
    taken = take(encoded(picture(), exif=exif(_1="S", _3="W")), consent=True)
    assert taken.place == pytest.approx((-LNG, -LAT), abs=1e-5)


@pytest.mark.parametrize(
    "said", ["0000:00:00 00:00:00", "1970:01:01 00:00:00", "2031:01:01 00:00:00", "yesterday", ""]
)
def test_clocks_that_were_never_set(said: str) -> None:
    assert take(encoded(picture(), exif=exif(taken=said))).taken_at is None


def test_the_time_zone_of_the_camera_is_heard() -> None:
    with_offset = exif()
    with_offset.get_ifd(0x8769)[0x9011] = "+09:00"
    assert take(encoded(picture(), exif=with_offset)).taken_at == datetime(2026, 11, 22, 12, 3, tzinfo=UTC)


def test_broken_metadata_is_no_reason_to_refuse() -> None:
    content = encoded(picture(), exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xfe" * 60)
    assert take(content, consent=True).place is None


@pytest.mark.parametrize(
    "content",
    [
        b"just words, named holiday.jpg",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.7\n",
        b"PK\x03\x04" + b"\0" * 50,
        b"MZ" + b"\0" * 50,
        b"\xff\xd8",
    ],
)
def test_what_only_claims_to_be_a_photo(content: bytes) -> None:
    assert refusal(content).code == "photos.not_a_photo"


def test_nothing_at_all() -> None:
    assert refusal(b"").code == "files.empty"


def test_heic_is_refused_with_the_way_out() -> None:
    refused = refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    assert refused.code == "photos.heic"
    assert "JPEG" in refused.message.zh


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_photos_cut_short(kind: str, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else this process did before: the library that makes PDF files accepts half a picture."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    content = encoded(noise, kind)
    assert refusal(content[: max(16, int(len(content) * share))]).code == "photos.damaged"


def test_a_changed_byte_in_a_png() -> None:
    content = bytearray(encoded(Image.effect_noise((300, 200), 90), "PNG"))
    content[len(content) // 2] ^= 0xFF
    assert refusal(bytes(content)).code == "photos.damaged"


def _png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    chunks = (header, data, b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks
    )


@pytest.mark.parametrize("size", [(65535, 65535), (2**31 - 1, 2**31 - 1), (10_000, 3_001)])
def test_a_small_file_that_would_unfold_without_end(size: tuple[int, int]) -> None:
    assert refusal(_png_header(*size)).code == "photos.too_many_pixels"


def _with_size(content: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header tells another size."""
    marker = content.find(b"\xff\xc2" if b"\xff\xc2" in content[:600] else b"\xff\xc0")
    return content[: marker + 5] + struct.pack(">HH", height, width) + content[marker + 9 :]


def test_a_jpeg_that_would_unfold_without_end() -> None:
    plain = encoded(picture())
    assert refusal(_with_size(plain, 65_000, 65_000)).code == "photos.too_many_pixels"
    assert refusal(_with_size(plain, 13_000, 10_000)).code == "photos.too_many_pixels"
    progressive = encoded(picture(), progressive=True)
    assert refusal(_with_size(progressive, 8_000, 6_000)).code == "photos.too_many_pixels"


def test_a_panorama_is_fitted_by_its_longer_side() -> None:
    taken = take(encoded(picture((12_000, 600))))
    assert (taken.internal.width, taken.internal.height) == (2560, 128)


def test_twenty_megabytes_and_no_more() -> None:
    padded = encoded(picture()) + b"\0" * PHOTO_LIMIT
    refused = refusal(padded)
    assert refused.code == "files.too_large"
    assert "20 MB" in refused.message.zh


STAFF = Actor("staff", account_id=1)


def test_a_pdf_from_staff() -> None:
    content = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
    stored = take_document(BytesIO(content), by=STAFF)
    assert (stored.media_type, stored.size) == ("application/pdf", len(content))


def test_documents_that_are_refused() -> None:
    pdf = b"%PDF-1.7\n%%EOF\n"
    with pytest.raises(NotAllowed):
        take_document(pdf, by=ANONYMOUS)
    with pytest.raises(NotAllowed):
        take_document(pdf, by=Actor("resident", account_id=2, person_id=3))
    for content, code in (
        (b"", "files.empty"),
        (b"<html>" + pdf, "files.not_a_pdf"),
        (b"PK\x03\x04", "files.not_a_pdf"),
        (b"%PDF-1.7\n1 0 obj", "files.damaged_pdf"),
        (pdf + b"\0" * (30 * 1024 * 1024), "files.too_large"),
    ):
        with pytest.raises(Invalid) as refused:
            take_document(content, by=STAFF)
        assert refused.value.code == code
    assert StoredFile.objects.count() == 0


def attached(content: bytes) -> Attachment:
    taken = take(content)
    return Attachment.objects.create(
        case_id=1, file=taken.internal, public_file=taken.public, kind="before", at=AT
    )


def test_black_boxes_cover_the_public_copy_alone() -> None:
    attachment = attached(encoded(picture((3000, 2000))))
    internal, uncovered = attachment.file, attachment.public_file
    assert uncovered is not None
    covered = redact(attachment, [(0.0, 0.0, 0.25, 0.5), (0.9, 0.9, 1.0, 1.0)])
    attachment.refresh_from_db()
    assert attachment.public_file == covered
    assert attachment.file == internal
    image, _ = opened(covered)
    assert image.size == (uncovered.width, uncovered.height)
    assert max(pixel(image, 20, 20)) < 16
    assert max(pixel(image, image.width - 5, image.height - 5)) < 16
    assert pixel(image, 400, 700)[0] > 200
    assert pixel(opened(internal)[0], 20, 20)[0] > 200
    assert not StoredFile.objects.filter(pk=uncovered.pk).exists()
    with pytest.raises(NotFound):
        open_file(uncovered.sha256)


def test_an_uncovered_copy_that_another_attachment_shows_stays() -> None:
    first, second = attached(encoded(picture())), attached(encoded(picture()))
    redact(first, [(0.0, 0.0, 0.5, 0.5)])
    second.refresh_from_db()
    assert second.public_file is not None
    opened(second.public_file)


@pytest.mark.parametrize(
    "box", [(0.0, 0.0, 0.0, 1.0), (-0.1, 0.0, 1.0, 1.0), (0.5, 0.5, 0.4, 0.6), (0.0, 0.0, float("nan"), 1.0)]
)
def test_boxes_outside_the_picture(box: tuple[float, float, float, float]) -> None:
    attachment = attached(encoded(picture()))
    with pytest.raises(Invalid):
        redact(attachment, [box])
    with pytest.raises(Invalid):
        redact(attachment, [])


def test_two_people_cover_at_once_and_none_is_lost() -> None:
    attachment = attached(encoded(picture()))
    stale = Attachment.objects.select_related("public_file").get(pk=attachment.pk)
    Attachment.objects.filter(pk=attachment.pk).update(public_file=attachment.file)
    with pytest.raises(OutOfDate):
        redact(stale, [(0.0, 0.0, 0.5, 0.5)])


def test_a_document_has_nothing_to_cover() -> None:
    stored = take_document(b"%PDF-1.7\n%%EOF\n", by=STAFF)
    attachment = Attachment.objects.create(case_id=1, file=stored, kind="document", at=AT)
    with pytest.raises(Refused):
        redact(attachment, [(0.0, 0.0, 0.5, 0.5)])
