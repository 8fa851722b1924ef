"""The cast (固定角色): a resident with a phone, a member of staff with an e-mail; messages go to a folder."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from linli.kernel.people.models import Account, Person

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai


def after(**delta: float) -> datetime:
    return T0 + timedelta(**delta)


@pytest.fixture(autouse=True)
def outbox(settings: Settings, tmp_path: Path) -> Path:
    settings.LINLI_DATA_DIR = str(tmp_path)
    settings.LINLI_SMS_URL = ""
    settings.LINLI_OUTBOX = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return tmp_path / "outbox"


@pytest.fixture
def resident(db: None) -> Person:
    return Person.objects.create(name="林晓梅", phone="+8613900000001", created_at=T0, needed_at=T0)


@pytest.fixture
def handler(db: None) -> Account:
    return Account.objects.create(
        username="handler", name="陈安", email="chen@example.org", language="en", created_at=T0
    )


@pytest.fixture
def stranger(db: None) -> Account:
    return Account.objects.create(username="stranger", name="吴远", created_at=T0)


@pytest.fixture
def in_threads(transactional_db: None) -> Callable[..., None]:
    """Runs functions at once, each in a thread with a connection of its own."""

    def call(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connections.close_all()

    def run(*acts: Callable[[], None]) -> None:
        with ThreadPoolExecutor(len(acts)) as pool:
            for done in [pool.submit(call, act) for act in acts]:
                done.result(60)

    return run
