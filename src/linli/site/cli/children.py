"""Programs that a command starts and never leaves behind (子进程): ended together, gently first."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType, TracebackType
from typing import Self

GRACE_SECONDS = 12
READY_SECONDS = 90
CHECK_SECONDS = 0.3
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Linux sends the child TERM when its parent is killed outright (父进程被强行结束时一并结束)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """The programs of one command (一组子进程). TERM or Ctrl-C here ends them all; so does the end of one of them."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []
        self._asked = (
            False  # a plain flag: a lock taken in a signal handler may be held by what it interrupted
        )
        self.failed = False

    def __enter__(self) -> Self:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._asked_to_stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._asked = True

    def start(self, *arguments: str) -> None:
        """Start one of our own commands; what it says goes to standard error."""
        child = subprocess.Popen(
            [sys.executable, "-m", "linli.site.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
            env=os.environ.copy(),
        )
        self._children.append(child)

    def are_well(self) -> bool:
        """All of them still run, and nobody asked to stop (都在运行)."""
        if self._asked:
            return False
        if any(child.poll() is not None for child in self._children):
            self.failed = True
            return False
        return True

    def wait_for_end(self) -> None:
        while self.are_well():
            time.sleep(CHECK_SECONDS)


def wait_until_ready(url: str, children: Children) -> bool:
    """Ask until the server says that it is ready (等待就绪); False when it ended or took too long."""
    deadline = time.monotonic() + READY_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine, never by a proxy
    while children.are_well() and time.monotonic() < deadline:
        try:
            with opener.open(url, timeout=5) as response:
                if response.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    children.failed = children.failed or time.monotonic() >= deadline
    return False
