"""Closed-loop HTTP clients (闭环压测客户端): each a process with its own kept connection; and what a process tree costs."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.load.counting import HEADER

TICK = os.sysconf("SC_CLK_TCK")


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """One run (一轮结果); CPU in ms for each request, of the server's processes and of the database's."""

    n: int
    n_bad: int
    per_second: float
    p50_ms: float
    p95_ms: float
    sql: int  # as most requests take
    most_sql: int  # now and then what is kept in memory is read anew
    cpu_ms: float
    database_cpu_ms: float
    first_bad: str = ""


def drive(
    port: int, requests: Sequence[Request], *, n_clients: int, server: int, database: int | None
) -> Outcome:
    """Send every request once, `n_clients` at a time (发出全部请求); any answer but 2xx is bad."""
    context: Any = multiprocessing.get_context("fork")
    following, results, ready = context.Value("q", 0), context.Queue(), context.Barrier(n_clients + 1)
    clients = [
        context.Process(target=_client, args=(port, requests, following, ready, results))
        for _ in range(n_clients)
    ]
    for client in clients:
        client.start()
    before = tree_cpu(server), tree_cpu(database)
    ready.wait()
    started = time.perf_counter()
    found = [results.get() for _ in clients]
    wall = time.perf_counter() - started
    after = tree_cpu(server), tree_cpu(database)
    for client in clients:
        client.join()
    times = sorted(t for part in found for t in part[0])
    counts = [n for part in found for n in part[1]]
    bad = [b for part in found for b in part[2]]
    return Outcome(
        n=len(times),
        n_bad=len(bad),
        per_second=len(times) / wall,
        p50_ms=_rank(times, 0.50),
        p95_ms=_rank(times, 0.95),
        sql=statistics.mode(counts),
        most_sql=max(counts),
        cpu_ms=(after[0] - before[0]) * 1000 / len(times),
        database_cpu_ms=(after[1] - before[1]) * 1000 / len(times),
        first_bad=bad[0] if bad else "",
    )


def _client(port: int, requests: Sequence[Request], following: Any, ready: Any, results: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.connect()
    times: list[float] = []
    counts: list[int] = []
    bad: list[str] = []
    ready.wait()
    while True:
        with following.get_lock():
            n = following.value
            following.value += 1
        if n >= len(requests):
            break
        request = requests[n]
        started = time.perf_counter()
        connection.request(request.method, request.path, request.body or None, request.headers)
        answer = connection.getresponse()
        content = answer.read()
        times.append((time.perf_counter() - started) * 1000)
        counts.append(int(answer.headers.get(HEADER, 0)))
        if not 200 <= answer.status < 300:
            bad.append(
                f"{answer.status} {request.method} {request.path}: {content[:300].decode(errors='replace')}"
            )
    results.put((times, counts, bad))
    connection.close()


def _rank(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def tree_cpu(root: int | None) -> float:
    """CPU seconds of a process and all below it (进程树CPU秒), those that ended included where they were waited for."""
    if root is None:
        return 0.0
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
            ticks[int(entry.name)] = sum(map(int, fields[11:15]))
    wanted, total = [root], 0
    while wanted:
        pid = wanted.pop()
        total += ticks.get(pid, 0)
        wanted += [child for child, parent in parents.items() if parent == pid]
    return total / TICK


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return []
