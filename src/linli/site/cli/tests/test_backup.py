"""`./linli backup`: a copy that can be read, a mark when it is whole, and what the first page says of its age."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from linli.base.clock import now
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.backups import Backup, last_backup, mark
from linli.site.cli import __main__ as door
from linli.site.cli import backup
from tests.cast import Cast


@pytest.fixture
def data(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.LINLI_DATA_DIR = str(tmp_path / "data")
    (tmp_path / "data" / "files").mkdir(parents=True)
    (tmp_path / "data" / "files" / "photo").write_bytes(b"lamp")
    (tmp_path / "data" / "keys").mkdir()
    (tmp_path / "data" / "keys" / "keys.json").write_text("secret")
    monkeypatch.setattr(backup, "open_house", lambda **_: None)
    monkeypatch.setattr(door, "choose_data_dir", lambda _: None)
    monkeypatch.setenv("LINLI_LANG", "zh")
    return tmp_path / "data"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = door.main(["backup", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.django_db(transaction=True)
def test_database_and_files_are_copied_without_the_keys(
    data: Path, tmp_path: Path, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = run(capsys, str(tmp_path / "elsewhere"))
    assert code == 0, answer
    made = Path(answer["to"])
    assert (made / "files" / "photo").read_bytes() == b"lamp"
    assert not list(made.rglob("keys*"))
    assert not list(made.parent.glob("*.partial"))
    assert made.stat().st_mode & 0o077 == 0
    if connection.vendor == "sqlite":
        with sqlite3.connect(made / "linli.sqlite3") as copy:
            n = copy.execute("SELECT count(*) FROM people_account").fetchone()[0]
        assert n >= len(cast.accounts)
    else:
        assert (made / "linli.dump").read_bytes()[:5] == b"PGDMP"
    last = last_backup()
    assert last is not None
    assert (last.at.isoformat(), last.to) == (answer["at"], str(made))


def test_a_copy_inside_the_data_is_none(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run(capsys, str(data / "backup"))
    assert (code, answer["error"]["code"]) == (2, "records.backup_inside")
    assert last_backup() is None
    assert not (data / "backup").exists()


@pytest.mark.parametrize("arguments", [[], ["x", "--noted"]])
def test_it_says_how_it_is_called(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, answer = run(capsys, *arguments)
    assert (code, answer["error"]["code"]) == (2, "cli.usage")


def test_one_made_by_other_means_is_noted(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = run(capsys, "--noted")
    assert (code, answer["to"]) == (0, None)
    last = last_backup()
    assert last is not None
    assert not last.is_overdue(now())


@pytest.mark.parametrize("text", ["", "[]", '{"at": "yesterday"}', '{"at": "2026-01-01T00:00:00"}'])
def test_a_mark_that_cannot_be_read_is_none(data: Path, text: str) -> None:
    (data / "backup.json").write_text(text)
    assert last_backup() is None


@pytest.mark.django_db
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_page_says_its_age_and_warns_after_a_day(data: Path, cast: Cast, lang: str) -> None:
    load_all()
    admin = cast.client("admin")
    admin.cookies["linli_lang"] = lang
    url, command = reverse("web:admin"), "./linli backup "
    never = admin.get(url).content.decode()
    assert {"zh": "还没有备份过", "en": "No backup has been made"}[lang] in never
    assert command in never
    mark(Backup(now() - timedelta(hours=3), "/elsewhere/linli-1"))
    fresh = admin.get(url).content.decode()
    assert "/elsewhere/linli-1" in fresh
    assert command not in fresh
    mark(Backup(now() - timedelta(hours=25)))
    late = admin.get(url).content.decode()
    assert {"zh": "已超过一天", "en": "more than a day ago"}[lang] in late
    assert command in late


@pytest.mark.django_db
def test_an_administrator_of_a_part_is_not_asked_to_see_to_it(data: Path, cast: Cast) -> None:
    load_all()
    post = cast.post("leader")
    post.roles = ["leader", "administrator"]
    post.save()
    assert "./linli backup" not in cast.client("leader").get(reverse("web:admin")).content.decode()
