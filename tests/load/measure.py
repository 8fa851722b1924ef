"""Measures one database (测一种数据库): `python -m tests.load.measure`, started by `run`; one JSON object at the end.

The database and the data folder come from the environment, as everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from linli.site.cli.house import choose_data_dir, open_house
from tests.load.clients import Outcome, Request, drive, stat

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60


@dataclass(frozen=True)
class Plan:
    n_requests: int
    n_clients: int
    n_cases: int  # of the whole case in process


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    plan = Plan(40, options.clients, 10) if options.quick else Plan(80, options.clients, 40)
    choose_data_dir(None)
    open_house(create=True)

    from tests.load import sevensteps
    from tests.load.county import build_county
    from tests.load.fill import fill
    from tests.load.moulds import make_moulds

    county = build_county()
    moulds = make_moulds(county)
    if options.profile:
        _say(sevensteps.profile(county))
    found: dict[str, Any] = {}
    for size in map(int, options.sizes.split(",")):
        started = time.monotonic()
        n_added = fill(county, moulds, size, bulk=size > 5000)
        seconds = time.monotonic() - started
        _say(f"{size} cases: {n_added} filled in {seconds:.0f} s")
        compared = sevensteps.compare(county, n_cases=plan.n_cases)
        over_http = _over_http(county, plan)
        found[str(size)] = {
            "fill_seconds": seconds,
            "whole_case": asdict(compared) | {"ratio": compared.ratio, "cpu_ratio": compared.cpu_ratio},
            "http": {name: asdict(outcome) for name, outcome in over_http.items()},
        }
    print(json.dumps(found))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _over_http(county: Any, plan: Plan) -> dict[str, Outcome]:
    from django.db import connection

    kinds = _requests(county, plan.n_requests + plan.n_requests // 5)
    database = _postmaster()
    found = {}
    with _server() as (port, pid):
        for name, make in kinds.items():
            requests = make()
            connection.close()  # the clients are forks of this process
            warm = len(requests) // 6
            for part in (requests[:warm], requests[warm:]):  # the first part warms up
                outcome = drive(port, part, n_clients=plan.n_clients, server=pid, database=database)
            found[name] = outcome
            _say(f"  {name}: {outcome}")
    return found


def _requests(county: Any, n: int) -> dict[str, Callable[[], list[Request]]]:
    """The dispatcher of the first township does everything (派遣员), by token and in a browser; beside it a department."""
    from django.test import Client

    from linli.kernel.people.actors import SYSTEM
    from linli.kernel.people.models import Account
    from linli.kernel.people.services.tokens import make_token
    from linli.kernel.procedures.models import Case
    from tests.load.moulds import WORDS

    township, dispatcher = next(iter(county.dispatchers.items()))
    handler = next(iter(county.handlers.values()))

    def by_token(account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {make_token(account, 'load', by=SYSTEM)[1]}"}

    def signed_in(account: Account) -> dict[str, str]:
        browser = Client()
        browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}

    bearer, cookie = by_token(dispatcher), signed_in(dispatcher)
    chance = random.Random(3)

    def write(path: str, body: dict[str, Any]) -> Request:
        headers = bearer | {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        return Request("POST", path, headers, json.dumps(body).encode())

    def report() -> Request:
        grid = chance.choice(county.grids[township])
        body = {"description": chance.choice(WORDS), "lng": grid.lng, "lat": grid.lat, "channel": "phone"}
        return write("/api/v1/events", body)

    def waiting() -> list[str]:
        found = Case.objects.filter(township=township, step="reported", status="open", procedure="grid-event")
        numbers = list(found.order_by("-id").values_list("number", flat=True)[: n * 4])
        chance.shuffle(numbers)
        return numbers[:n]

    def get(path: str, headers: dict[str, str]) -> Callable[[], list[Request]]:
        return lambda: [Request("GET", path, headers)] * n

    accept = {"data": {"category": "load:1:lamp", "grade": "simple"}}
    department = by_token(handler)
    return {
        "create": lambda: [report() for _ in range(n)],
        "act": lambda: [write(f"/api/v1/cases/{number}/actions/accept", accept) for number in waiting()],
        "list of 50 (API)": get("/api/v1/cases?limit=50", bearer),
        "list of 50 by due time (API)": get("/api/v1/cases?limit=50&order=due", bearer),
        "list of 50, a department's (API)": get("/api/v1/cases?limit=50", department),
        "inbox page": get("/staff/", cookie),
        "inbox page, a department's": get("/staff/", signed_in(handler)),
        "case list page": get("/staff/cases/", cookie),
        "case page": lambda: [Request("GET", f"/staff/cases/{number}/", cookie) for number in waiting()],
    }


@contextmanager
def _server() -> Iterator[tuple[int, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.load.serving", str(port)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _postmaster() -> int | None:
    """The process above all others of PostgreSQL, for its CPU (数据库主进程)."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = stat(int(cursor.fetchone()[0]))
    return int(fields[1]) if fields else None


if __name__ == "__main__":
    main()
