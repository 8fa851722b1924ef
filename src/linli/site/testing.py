"""The surroundings of tests (测试环境): loaded by pytest before the settings are, see `addopts` in pyproject.toml.

Tests never see the data folder, keys or mail of whoever runs them. Only `LINLI_DATABASE_URL` is taken over, so that
the same tests run on PostgreSQL.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import shutil
import tempfile
from pathlib import Path

from linli.site.scratch import scratch_parent


def _test_folder() -> str:
    """One folder for the run; the workers of pytest-xdist inherit it from the process that started them."""
    if folder := os.environ.get("LINLI_TEST_FOLDER"):
        return folder
    folder = tempfile.mkdtemp(prefix="linli-test-", dir=scratch_parent())
    os.environ["LINLI_TEST_FOLDER"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _fixed_keys() -> str:
    def key(byte: int) -> str:
        return base64.b64encode(bytes([byte]) * 32).decode()

    return json.dumps({"current": "t1", "seal": {"t1": key(1)}, "lookup": key(2)})


def set_up_surroundings() -> None:
    data = Path(_test_folder()) / "data"
    data.mkdir(exist_ok=True)
    kept = os.environ.get("LINLI_DATABASE_URL")
    for name in [n for n in os.environ if n.startswith("LINLI_")]:
        if name not in {"LINLI_TEST_FOLDER", "LINLI_SHARED"}:
            del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "linli.site.settings",
        "LINLI_DATA_DIR": str(data),
        "LINLI_KEYS": _fixed_keys(),
        "LINLI_SECRET_KEY": "only-for-tests-" + "0" * 50,
        "LINLI_ALLOWED_HOSTS": "testserver localhost 127.0.0.1",
        "LINLI_HTTPS": "0",
        "LINLI_PLAIN_STATIC": "1",
    }
    if kept:
        os.environ["LINLI_DATABASE_URL"] = kept


set_up_surroundings()
