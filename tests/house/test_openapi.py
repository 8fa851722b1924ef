"""The API's description (接口说明) is a promise: it changes only when somebody means it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("openapi.json")
RENEW = (
    "The API's description changed. If that is meant, renew tests/house/openapi.json:\n"
    "    .venv/bin/python -m tests.house.test_openapi"
)


def described() -> dict[str, Any]:
    from linli.site.api import build_api

    found: dict[str, Any] = json.loads(json.dumps(build_api().get_openapi_schema(path_prefix="/api/v1/")))
    return found


def test_the_description_is_as_kept() -> None:
    assert described() == json.loads(KEPT.read_text(encoding="utf-8")), RENEW


def test_every_write_asks_for_a_key_and_every_operation_names_its_refusals() -> None:
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            named = {p["name"] for p in operation.get("parameters", ())}
            assert ("Idempotency-Key" in named) == (method == "post"), path
            assert {"400", "404", "429"} <= set(operation["responses"]), path
            assert operation["summary"], path
            assert "(" in operation["description"], path  # what it is called in the office, in Chinese


def _renew() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    import django

    django.setup()
    KEPT.write_text(
        json.dumps(described(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    print(f"written: {KEPT.name}")


if __name__ == "__main__":
    _renew()
