"""Programs as an operator starts and stops them: a server that answers, ends on TERM and leaves nobody behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linli.site.cli.children import Children, wait_until_ready


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def embedded() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "LINLI_DATABASE_URL"}


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "linli.site.cli", *arguments]
    return subprocess.Popen(
        command, env=embedded(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def wait_for(url: str) -> bool:
    with Children() as nobody:
        return wait_until_ready(url, nobody)


@pytest.fixture
def _own_signals() -> object:
    """Children takes over TERM and INT; the test runner gets its own back."""
    kept = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in kept.items():
        signal.signal(sign, handler)


@pytest.mark.usefixtures("_own_signals")
def test_a_server_makes_its_folder_answers_and_ends_on_term(tmp_path: Path) -> None:
    port = free_port()
    server = start("serve", "--data", str(tmp_path / "new"), "--port", str(port), "--json")
    try:
        assert wait_for(f"http://127.0.0.1:{port}/healthz")
        second = start("serve", "--data", str(tmp_path / "new"), "--port", str(port), "--json")
        said, _ = second.communicate(timeout=60)
        assert (second.returncode, json.loads(said)["error"]["code"]) == (1, "site.port_taken")
    finally:
        server.send_signal(signal.SIGTERM)
    said, _ = server.communicate(timeout=60)
    assert server.returncode == 0
    assert json.loads(said)["url"] == f"http://127.0.0.1:{port}/"


@pytest.mark.usefixtures("_own_signals")
def test_children_end_with_their_parent_however_it_ends(tmp_path: Path) -> None:
    sleeper = "import sys, time; print('up', flush=True); time.sleep(600)"
    parent = (
        "import subprocess, sys, time\n"
        "from linli.site.cli.children import end_with_parent\n"
        f"child = subprocess.Popen([sys.executable, '-c', {sleeper!r}], preexec_fn=end_with_parent)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, env=embedded()
    )
    assert started.stdout is not None
    pid = int(started.stdout.readline())
    assert started.stdout.readline() == "up\n"
    started.kill()
    started.wait()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


def test_being_asked_to_stop_in_the_middle_of_waiting_takes_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may arrive at any instruction; what its handler waits for could be held by what it interrupted."""
    waiting = Children()
    monkeypatch.setattr(time, "sleep", lambda _: waiting._asked_to_stop(signal.SIGTERM, None))
    waiting.wait_for_end()
    assert not waiting.are_well()
    assert not waiting.failed
    locks = [
        name for name, value in vars(waiting).items() if hasattr(value, "acquire") or hasattr(value, "wait")
    ]
    assert locks == []
