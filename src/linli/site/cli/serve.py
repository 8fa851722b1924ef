"""`linli serve` (启动服务): the pages and the API, by granian; ends cleanly on TERM."""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path
from typing import Any

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house
from linli.site.cli.speech import put_json, tell

TITLE = Text("启动服务", "serve the pages and the API")
GRACE_SECONDS = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=str(Text("监听地址", "address to listen on")))
    parser.add_argument("--port", type=int, default=8000, help=str(Text("端口", "port")))
    parser.add_argument("--workers", type=int, default=0, help=str(Text("进程数", "number of processes")))


def run(options: argparse.Namespace) -> Answer | None:
    open_house(create=True)
    check_port(options.host, options.port)
    collect_static()
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces

    embedded = "sqlite" in settings.DATABASES["default"]["ENGINE"]
    url = f"http://{options.host}:{options.port}/"
    os.environ["DJANGO_SETTINGS_MODULE"] = "linli.site.settings"
    server = Granian(
        target="linli.site.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers or (1 if embedded else max(2, os.cpu_count() or 2)),
        # One thread a process: the embedded database has one writer, PostgreSQL one kept connection each.
        blocking_threads=1,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        websockets=False,
        log_dictconfig=_logs_on_standard_error(),
    )
    tell(f"服务地址 {url}", f"serving on {url}")
    if options.json:
        put_json({"ok": True, "url": url})
    server.serve()
    return None


def check_port(host: str, port: int) -> None:
    """Refuses a port that is taken (端口已被占用), before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise Refused(
                "site.port_taken",
                Text(
                    f"不能在 {host}:{port} 上监听，可能已被别的程序占用。请用 --port 换一个端口。",
                    f"Cannot listen on {host}:{port}; another program may have it. Name another port with --port.",
                ),
            ) from error


def collect_static() -> None:
    """Gather the static files under hashed names (收集静态文件); again only when one of them changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    if settings.CONFIG.plain_static:
        return
    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            found.append(f"{name} {state.st_size} {state.st_mtime_ns}")
    stamp, mark = Path(settings.STATIC_ROOT) / ".collected", "\n".join(sorted(found))
    if stamp.is_file() and stamp.read_text() == mark:
        return
    tell("整理静态文件", "collecting the static files")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(mark)


def _logs_on_standard_error() -> dict[str, Any]:
    from granian.log import LOGGING_CONFIG

    usual: dict[str, Any] = LOGGING_CONFIG
    handlers = {
        name: {**handler, "stream": "ext://sys.stderr"} for name, handler in usual["handlers"].items()
    }
    return {**usual, "handlers": handlers}
