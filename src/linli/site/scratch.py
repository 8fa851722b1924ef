"""Where short-lived folders go (临时文件夹): into memory where there is room for them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  a folder in memory, where the machine has one of some size
ROOM = 512 * 1024 * 1024


def scratch_parent() -> str | None:
    """The parent for `tempfile` (临时文件夹所在); None is its own choice."""
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return str(MEMORY) if in_memory else None
