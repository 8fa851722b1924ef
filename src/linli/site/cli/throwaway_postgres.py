"""A PostgreSQL for the length of a test run (临时 PostgreSQL): own folder, own port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli.children import end_with_parent
from linli.site.cli.needs import postgres_programs
from linli.site.scratch import scratch_parent

START_SECONDS = 30
# Nothing here outlives the run, so nothing waits for the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
    "listen_addresses": "127.0.0.1",
}


@contextmanager
def throwaway_postgres(**settings: str) -> Iterator[str]:
    """The address of a fresh server (临时数据库地址). PostgreSQL refuses root, which runs it as `postgres`.

    `settings` replace those above: a benchmark wants `fsync="on"`.
    """
    programs = postgres_programs()
    if programs is None:
        raise _no_postgres("initdb")
    folder = Path(tempfile.mkdtemp(prefix="linli-pg-", dir=scratch_parent()))
    user = _ordinary_user(folder)
    password, port = secrets.token_urlsafe(16), _free_port()
    try:
        _make_cluster(programs, folder, user, password)
        options = {**SETTINGS, "port": str(port), "unix_socket_directories": str(folder), **settings}
        server = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *(f"-c{k}={v}" for k, v in options.items())],
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sys.stderr,
            cwd=folder,
            start_new_session=True,
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
        )
        try:
            url = f"postgresql://linli:{password}@127.0.0.1:{port}/linli"
            _wait_until_it_answers(url, server)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # "fast": ends the sessions, then itself
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ordinary_user(folder: Path) -> int | None:
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return account.pw_uid


def _make_cluster(programs: Path, folder: Path, user: int | None, password: str) -> None:
    word = folder / "password"
    word.write_text(password)
    if user is not None:
        os.chown(word, user, -1)
    word.chmod(0o600)
    made = subprocess.run(
        [
            *(programs / "initdb", "-D", folder / "data", "-U", "linli", "--pwfile", word, "--no-sync"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"),
        ],
        user=user,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    word.unlink()
    if made.returncode:
        raise _no_postgres(made.stderr.strip()[-300:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    maintenance = url.rsplit("/", 1)[0] + "/postgres"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(maintenance, autocommit=True, connect_timeout=3) as connection:
                connection.execute("CREATE DATABASE linli")
                return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise _no_postgres(str(error)) from error
            time.sleep(0.1)


def _no_postgres(reason: str) -> Refused:
    return Refused(
        "test.no_postgres",
        Text(
            f"临时 PostgreSQL 没有启动：{reason}。请安装 Debian 软件包 postgresql 后再试。",
            f"The throwaway PostgreSQL did not start: {reason}. Install the Debian package postgresql and try again.",
        ),
    )
