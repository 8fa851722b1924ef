"""A demonstration that runs by itself (自带的演示站): as it is delivered, with compressed and lasting static files."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAYS_AT_MOST = 30  # seconds that the server may take to end


@contextmanager
def running_demo(data: Path) -> Iterator[str]:
    """Starts `linli demo` on a free port and gives its address when it is ready; ends it cleanly."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("LINLI_")}
    command = ["-m", "linli.site.cli", "demo", "--json", "--data", str(data), "--port", str(port)]
    demo = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True
    )
    try:
        assert demo.stdout is not None
        ready = json.loads(demo.stdout.readline() or "{}")
        if not ready.get("ok"):
            raise RuntimeError(f"the demonstration did not start: {ready}")
        yield str(ready["url"]).rstrip("/")
    finally:
        demo.terminate()
        demo.wait(STAYS_AT_MOST)
