from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from linli.base import clock
from linli.base.errors import Invalid, NotFound, Unreadable
from linli.kernel.records.files import (
    clean_name,
    open_file,
    read_upload,
    remove_if_unused,
    remove_unused,
    store_bytes,
    store_stream,
)
from linli.kernel.records.models import Attachment, StoredFile, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.LINLI_DATA_DIR = str(tmp_path)
    return tmp_path / "files"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def age(folder: Path, **delta: float) -> None:
    then = (clock.now() - timedelta(**delta)).timestamp()
    for path in files_in(folder):
        os.utime(path, (then, then))


def test_a_file_lies_under_its_hash(folder: Path) -> None:
    stored = store_stream(BytesIO("内容".encode()), media_type="text/plain")
    name = hashlib.sha256("内容".encode()).hexdigest()
    assert (stored.sha256, stored.size, stored.media_type) == (name, 6, "text/plain")
    assert files_in(folder) == [folder / name[:2] / name[2:4] / name]
    assert files_in(folder)[0].stat().st_mode & 0o077 == 0
    with open_file(name) as file:
        assert file.read().decode() == "内容"


def test_the_same_content_is_kept_once(folder: Path) -> None:
    one = store_bytes(b"same", media_type="text/plain")
    two = store_stream(BytesIO(b"same"), media_type="text/plain")
    assert one.pk == two.pk
    assert len(files_in(folder)) == 1
    assert StoredFile.objects.count() == 1


def test_nothing_is_left_by_what_is_refused(folder: Path) -> None:
    with pytest.raises(Invalid) as refused:
        store_stream(BytesIO(b"x" * 2_000_001), media_type="text/plain", limit=2_000_000)
    assert refused.value.code == "files.too_large"
    with pytest.raises(Invalid) as refused:
        store_bytes(b"", media_type="text/plain")
    assert refused.value.code == "files.empty"

    class Breaks:
        def read(self, n: int, /) -> bytes:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        store_stream(Breaks(), media_type="text/plain")
    assert files_in(folder) == []
    assert StoredFile.objects.count() == 0


def test_an_upload_is_never_read_far_past_the_limit() -> None:
    class Endless:
        given = 0

        def read(self, n: int, /) -> bytes:
            self.given += min(n, 10)
            return b"x" * min(n, 10)

    endless = Endless()
    with pytest.raises(Invalid):
        read_upload(endless, 1000)
    assert endless.given <= 1010
    assert read_upload(BytesIO(b"x" * 1000), 1000) == b"x" * 1000


def test_a_changed_file_is_not_opened_and_heals_when_it_is_sent_again(folder: Path) -> None:
    stored = store_bytes(b"right", media_type="text/plain")
    (path,) = files_in(folder)
    path.write_bytes(b"wrong!")
    with pytest.raises(Unreadable) as damaged:
        open_file(stored.sha256)
    assert "备份" in damaged.value.message.zh
    store_bytes(b"right", media_type="text/plain")
    with open_file(stored.sha256) as file:
        assert file.read() == b"right"


@pytest.mark.parametrize("name", ["", "0" * 64, "../" * 20 + "etc/passwd", "A" * 64, "0" * 63 + "\n"])
def test_names_that_are_no_hash_or_not_there(name: str) -> None:
    with pytest.raises(NotFound):
        open_file(name)


def test_unused_files_go_after_a_day_and_used_ones_stay(folder: Path) -> None:
    now = clock.now()
    used, public, held, loose = (store_bytes(n.encode(), media_type="text/plain") for n in "abcd")
    Attachment.objects.create(case_id=1, file=used, public_file=public, kind="before", at=now)
    Upload.objects.create(owner="a:1", file=held, at=now)
    later = now + timedelta(days=2)
    assert remove_unused(at=now) == 0
    age(folder, hours=1)
    Upload.objects.update(at=later)
    assert remove_unused(at=later) == 1
    assert {f.pk for f in StoredFile.objects.all()} == {used.pk, public.pk, held.pk}
    assert not folder.joinpath(loose.sha256[:2], loose.sha256[2:4], loose.sha256).exists()
    assert remove_unused(at=later + timedelta(days=2)) == 1, "the upload that nobody took"
    assert len(files_in(folder)) == 2


def test_what_is_being_sent_again_is_not_cleared_away(folder: Path) -> None:
    stored = store_bytes(b"x", media_type="text/plain")
    StoredFile.objects.update(created_at=clock.now() - timedelta(days=3))
    assert remove_unused() == 0
    age(folder, days=2)
    assert remove_unused() == 1
    assert not StoredFile.objects.filter(pk=stored.pk).exists()


def test_remove_if_unused_keeps_what_somebody_names(folder: Path) -> None:
    stored = store_bytes(b"x", media_type="text/plain")
    held = Upload.objects.create(owner="a:1", file=stored, at=clock.now())
    assert not remove_if_unused(stored)
    held.delete()
    assert remove_if_unused(stored)
    assert files_in(folder) == []


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("照片.jpg", "照片.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\合同.pdf", "合同.pdf"),
        ("a\x00b\u202egpj.exe\n", "abgpj.exe"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
        ("", ""),
    ],
)
def test_names_are_made_fit_to_be_shown(name: str, clean: str) -> None:
    assert clean_name(name) == clean
    assert len(clean_name(name)) <= 200
