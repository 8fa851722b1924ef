"""The cast (固定角色): a resident with a phone, a member of staff with an e-mail; messages go to a folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
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


class Gateway:
    """A gateway that knows its keys, as a real one must; `before` and `then` happen around the sending."""

    def __init__(
        self, before: Callable[[], None] = lambda: None, then: Callable[[], None] = lambda: None
    ) -> None:
        self.calls: list[str] = []
        self.delivered: dict[str, str] = {}
        self.before, self.then = before, then

    def send(self, *, key: str, to: str, text: str) -> None:
        self.before()
        self.calls.append(key)
        self.delivered.setdefault(key, text)
        self.then()
