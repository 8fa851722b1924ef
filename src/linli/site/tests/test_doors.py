"""Health check, content policy, lockout, upload limits: as a browser meets them."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from linli.base import vault
from linli.site import health
from linli.site.security import ProxyMiddleware, locked_out


@pytest.mark.django_db
def test_ready_when_the_database_answers_and_is_migrated() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health._Schema, "complete", False)
    monkeypatch.setattr(health, "pending_migrations", lambda: ["places.0009_later"])
    assert Client().get("/healthz").status_code == 503


def test_not_ready_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", gone)
    response = health.healthz(RequestFactory().get("/healthz"))
    assert (response.status_code, response.content) == (503, b'{"ok": false}')


@pytest.mark.django_db
def test_nothing_comes_from_elsewhere() -> None:
    policy = Client().get("/healthz").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.django_db
def test_an_upload_beyond_the_limit_is_refused_in_words(settings) -> None:  # type: ignore[no-untyped-def]
    settings.LINLI_UPLOAD_BYTES = 1000
    large = SimpleUploadedFile("large.jpg", b"x" * 5000)
    response = Client().post("/preferences/", {"file": large})
    assert response.status_code == 413
    assert "文件太大" in response.content.decode()


@pytest.mark.django_db
def test_a_large_form_without_files_is_refused(settings) -> None:  # type: ignore[no-untyped-def]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert Client().post("/preferences/", {"next": "x" * 5000}).status_code == 413


@pytest.mark.django_db
def test_a_locked_sign_in_says_when_to_come_back(rf: RequestFactory) -> None:
    response = locked_out(rf.post("/api/v1/token"), None, {})
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"


def test_the_address_comes_from_the_last_proxy() -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7")
    ProxyMiddleware(view)(request)
    assert seen == ["192.0.2.7"]


def test_keys_are_made_once_however_many_start(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda _: vault.text_or_create(path, vault.new_keys_json), range(40)))
    assert len(texts) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["keys.json"]
