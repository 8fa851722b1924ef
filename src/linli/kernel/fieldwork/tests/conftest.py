"""Pieces of files lie outside the database, so nothing takes them back after a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path
