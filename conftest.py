"""For every test (所有测试共用): the mark for tests that use the database, and cheap passwords."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from linli.base.i18n import use_language
from tests.caches import keep_caches

# `cast`: the same small county for every test; `law_cast`; `service_cast`; `public_notices`; `invented`
pytest_plugins = ["tests.cast", "tests.lawcast", "tests.servicecast", "tests.publicity", "tests.invented"]

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "client", "admin_client", "django_db_setup"}
COUNTERS = {"django_assert_num_queries", "django_assert_max_num_queries"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or names & DATABASE_FIXTURES:
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Argon2 as in real use, with the least memory and time it accepts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "time_cost", 1)
        patch.setattr(Argon2PasswordHasher, "memory_cost", 8)
        patch.setattr(Argon2PasswordHasher, "parallelism", 1)
        yield


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    """No test inherits the language of the one before it."""
    with use_language("zh"):
        yield


@pytest.fixture(autouse=True)
def _counts_are_of_one_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where statements are counted, nothing kept runs out in between, however slow the machine is."""
    if hasattr(request.module, "CaptureQueriesContext") or COUNTERS & set(request.fixturenames):
        keep_caches(monkeypatch)
