"""The field app's shell (应用外壳): without any data, the same for everybody, whole without signal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from linli.web.field import shell
from tests.cast import Cast

pytestmark = pytest.mark.django_db
MODULES = re.compile(r'(?:from|import)\s*\(?"\./([\w-]+\.js)"')


def test_it_is_the_same_for_everybody_and_knows_nobody(cast: Cast) -> None:
    pages = [cast.client(who).get("/field/") for who in ("anonymous", "grid_worker", "resident")]
    assert len({page.content for page in pages}) == 1
    assert cast.account("grid_worker").name not in pages[1].content.decode()
    assert {page["Cache-Control"] for page in pages} == {"no-cache"}


def test_camera_microphone_and_place_may_be_asked_for_here_and_nowhere_else(client: Client) -> None:
    page, elsewhere = client.get("/field/"), client.get("/")
    assert page["Permissions-Policy"] == shell.PERMISSIONS
    assert "Permissions-Policy" not in elsewhere
    assert "media-src 'self' blob:" in page["Content-Security-Policy"]  # a note is heard before it is sent
    assert "unsafe" not in page["Content-Security-Policy"]


def test_the_service_worker_keeps_each_file_once_and_all_that_the_modules_name(client: Client) -> None:
    script = client.get("/field/sw.js").content.decode()
    (listed,) = re.findall(r"^const SHELL = (.+);$", script, re.MULTILINE)
    kept = json.loads(listed)
    assert len(set(kept)) == len(kept)
    assert not [url for url in kept if "/api/" in url]
    there = {url.rpartition("/")[2] for url in kept}
    for url in kept:
        if url.endswith(".js"):
            path = finders.find(url.removeprefix("/static/"))
            assert isinstance(path, str), url
            assert set(MODULES.findall(Path(path).read_text(encoding="utf-8"))) <= there, url


def test_another_file_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shell.version()
    with monkeypatch.context() as patch:
        patch.setattr(shell, "STYLES", ())
        shell.version.cache_clear()
        assert shell.version() != before
    shell.version.cache_clear()
    assert shell.version() == before


@pytest.mark.parametrize(("lang", "name"), [("zh", "邻里网格"), ("en", "Linli Field")])
def test_it_can_be_installed(client: Client, lang: str, name: str) -> None:
    manifest = client.get(f"/field/manifest.webmanifest?lang={lang}").json()
    assert manifest["name"] == name
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


@pytest.mark.parametrize(
    ("who", "signed_in", "may"),
    [
        ("anonymous", False, False),
        ("resident", True, False),
        ("dispatcher", True, False),
        ("grid_worker", True, True),
    ],
)
def test_it_is_told_who_is_signed_in_and_no_more(cast: Cast, who: str, signed_in: bool, may: bool) -> None:
    answer = cast.client(who).get("/field/session/")
    assert answer.json().keys() == {"csrf", "signed_in", "may", "name", "sign_in", "demo"}
    assert (answer.json()["signed_in"], answer.json()["may"]) == (signed_in, may)
    assert "no-store" in answer["Cache-Control"]
