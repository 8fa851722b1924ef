"""Where the shared data lies (共享数据): beside the project, or where `LINLI_SHARED` says. Only tests read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(path: str) -> Path:
    """The file or folder of this name; the test is skipped with the reason where it is absent."""
    base = Path(os.environ.get("LINLI_SHARED") or ROOT.parent / "shared")
    found = base / path
    if not found.exists():
        pytest.skip(
            f"needs the shared data: {path} is not beside the project (LINLI_SHARED names another place)"
        )
    return found
