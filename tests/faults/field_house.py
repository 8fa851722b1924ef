"""A throw-away installation with one grid worker (临时平台): made, served, killed, and looked into from outside.

`python -m tests.faults.field_house begin|ids|count` runs in a process of its own, with the settings of that folder.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
WORKER = "grid_worker"
ANSWERS_WITHIN = 90  # seconds


def surroundings(data: Path, database: str = "") -> dict[str, str]:
    """The environment of that installation, and of none else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "DJANGO_SETTINGS_MODULE": "linli.site.settings",
        "LINLI_DATA_DIR": str(data),
        "LINLI_ALLOWED_HOSTS": "127.0.0.1",
        "LINLI_HTTPS": "0",
        "LINLI_PLAIN_STATIC": "1",
        **({"LINLI_DATABASE_URL": database} if database else {}),
    }


def asked(what: str, data: Path, database: str = "") -> Any:
    """What a process of that installation says (另起进程询问)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.field_house", what],
        cwd=ROOT,
        env=surroundings(data, database),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`linli serve`, which can die at any moment (可以随时被杀的服务)."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data, self.database, self.port = data, database, free_port()
        self.n_kills = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.data / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "linli.site.cli", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=surroundings(self.data, self.database),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        until = time.monotonic() + ANSWERS_WITHIN
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError((self.data / "serve.log").read_text()[-3000:])

    def kill(self) -> None:
        """As when the power goes: every process at once, nothing tidied."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            self.n_kills += 1

    def ids(self) -> set[str]:
        """What has arrived, asked of the database itself."""
        if self.database:
            return set(asked("ids", self.data, self.database))
        with sqlite3.connect(self.data / "linli.sqlite3", timeout=20) as table:
            rows = table.execute("SELECT client_id FROM fieldwork_fieldentry").fetchall()
        return {str(UUID(text)) for (text,) in rows}


def ids() -> list[str]:
    """What has arrived so far (已到编号)."""
    from linli.site.cli.house import setup_django

    setup_django()
    from linli.kernel.fieldwork.models import FieldEntry

    return [str(each) for each in FieldEntry.objects.values_list("client_id", flat=True)]


def begin() -> dict[str, Any]:
    """Migrates, fills in the fixed cast, and signs the grid worker in: the cookie of that session."""
    from linli.site.cli.house import open_house

    open_house(create=True)
    from tests.cast import build_cast

    cast = build_cast()
    return {"cookies": {c.key: c.value for c in cast.client(WORKER).cookies.values()}}


def count() -> dict[str, Any]:
    """Everything that arrived, as the tables have it (到件清单)."""
    from linli.site.cli.house import open_house

    open_house()
    from linli.kernel.fieldwork.models import FieldEntry, Patrol
    from linli.kernel.procedures import proof
    from linli.kernel.procedures.models import Case
    from linli.kernel.records.models import Attachment

    rows = FieldEntry.objects.prefetch_related("files").order_by("id")
    numbers = Case.objects.values_list("number", "pk")
    n_files: dict[int, int] = {}
    for case_id in Attachment.objects.values_list("case_id", flat=True):
        n_files[case_id] = n_files.get(case_id, 0) + 1
    fault = proof.verify_all().first_fault
    return {
        "entries": [
            {
                "id": str(row.client_id),
                "digest": row.digest,
                "kind": row.kind,
                "state": row.state,
                "number": row.number,
                "twin": row.twin_id is not None,
                "body": json.loads(row.body),
                "files": [[f.sha256, f.size] for f in row.files.all()],
            }
            for row in rows
        ],
        "n_patrols": Patrol.objects.count(),
        "cases": {number: n_files.get(pk, 0) for number, pk in numbers},
        "fault": None if fault is None else str(fault),
    }


if __name__ == "__main__":
    print(json.dumps({"begin": begin, "ids": ids, "count": count}[sys.argv[1]]()))
