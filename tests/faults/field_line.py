"""A bad line (坏线路): a proxy between a phone and the server that cuts, stalls, repeats, delays and lies, as a village road does.

Only what goes to the field API is spoilt; the app itself is delivered in peace. What it does follows from the seed.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

API = re.compile(rb"^(?:GET|PUT|POST) /api/v1/field/")
ENTRY = re.compile(rb"^PUT /api/v1/field/entries/([0-9a-f-]{36}) ")
ASKS_RECEIPTS = re.compile(rb"^(?:GET|PUT) /api/v1/field/entries[/?]")
NAMED = re.compile(rb'"id": ?"([0-9a-f-]{36})"')
DIGEST = re.compile(rb'"digest":"([0-9a-f]{64})"')
SIGN_IN = b"<html><title>Free Wi-Fi</title><form action=/login><input name=phone></form></html>"
# What a stretch of line does, and how often.
HABITS = {
    "clean": 200,
    "cut_up": 12,
    "cut_down": 12,
    "stall": 3,
    "late": 5,
    "repeat": 8,
    "portal": 4,
    "redirect": 3,
    "forge": 3,
}


class Line:
    """Listens on `port`, speaks to the server on `server_port` (坏线路)."""

    def __init__(self, server_port: int, seed: int) -> None:
        self.server_port = server_port
        self.random = random.Random(seed)
        self.did: Counter[str] = Counter()
        self.receipted: set[str] = set()  # named in an answer of the server that was passed on
        self.spoilt = True
        self.loop = asyncio.new_event_loop()
        self._running: set[asyncio.Task[Any]] = set()
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _connected(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await Talk(self, phone, back).go()
        back.close()

    async def again(self, request: bytes, wait: float) -> None:
        """The same bytes once more, when others may have come in between; nobody hears the answer."""
        await asyncio.sleep(wait)
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port)
            writer.write(request)
            await writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(65536), 5)
            writer.close()


class Talk:
    """One connection (一条连接): each request draws a habit of its own."""

    def __init__(self, line: Line, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.line, self.phone, self.back = line, phone, back
        self.habit = "clean"
        self.left = 0  # bytes until the cut
        self.request = bytearray()
        self.passed = bytearray()  # of the answer, towards the phone
        self.up: asyncio.StreamWriter | None = None
        self.answers: asyncio.Task[None] | None = None

    async def go(self) -> None:
        try:
            while chunk := await self.phone.read(16384):
                if not await self._pass_on(chunk):
                    return
        finally:
            if self.answers is not None:
                self.answers.cancel()
            if self.up is not None:
                self.up.close()

    async def _pass_on(self, chunk: bytes) -> bool:
        """Sends a piece towards the server; False ends the connection."""
        if API.match(chunk):
            self._repeat()
            self._draw()
            if self.habit in {"portal", "redirect", "forge"}:
                return await self._lie(chunk)
        self.request += chunk
        if self.habit == "cut_up":
            if len(chunk) >= self.left:
                await self._send(chunk[: self.left])
                return False
            self.left -= len(chunk)
        elif self.habit == "stall":
            await asyncio.sleep(self.line.random.uniform(0.5, 2))
            return False
        await self._send(chunk)
        return True

    def _draw(self) -> None:
        chance = self.line.random
        self.habit = chance.choices(list(HABITS), list(HABITS.values()))[0] if self.line.spoilt else "clean"
        self.line.did[self.habit] += 1
        most = 900 if self.habit == "cut_down" else chance.choice([700, 1500, 40_000])
        self.left = chance.randint(0, most)
        self.request = bytearray()
        self.passed = bytearray()

    def _repeat(self) -> None:
        if self.habit == "repeat" and self.request:
            wait = self.line.random.choice([0.0, 0.2, 1.0, 3.0])
            self.line._later(self.line.again(bytes(self.request), wait))
        self.habit = "clean"

    async def _send(self, chunk: bytes) -> None:
        if self.up is None:
            reader, self.up = await asyncio.open_connection("127.0.0.1", self.line.server_port)
            self.answers = asyncio.ensure_future(self._answer(reader))
        self.up.write(chunk)
        await self.up.drain()

    async def _answer(self, server: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await server.read(16384):
                if self.habit == "late":
                    await asyncio.sleep(self.line.random.uniform(0.2, 2))
                if self.habit == "cut_down":
                    if len(chunk) >= self.left:
                        await self._give(chunk[: self.left])
                        break
                    self.left -= len(chunk)
                await self._give(chunk)
            self._repeat()
            self.back.close()

    async def _give(self, chunk: bytes) -> None:
        """Passes a piece of the server's answer on to the phone, and notes which receipts it names."""
        if ASKS_RECEIPTS.match(self.request):
            self.passed += chunk
            self.line.receipted |= {each.decode() for each in NAMED.findall(self.passed)}
        self.back.write(chunk)
        await self.back.drain()

    async def _lie(self, chunk: bytes) -> bool:
        """Somebody else answers: a sign-in page, a redirect to one, or what looks like our own receipt."""
        if self.habit == "redirect":
            head, body = "302 Found\r\nLocation: http://127.0.0.1:9/login", b""
        elif self.habit == "portal":
            head, body = "200 OK\r\nContent-Type: text/html", SIGN_IN
        else:
            entry, digest = ENTRY.match(chunk), DIGEST.search(chunk)
            body = json.dumps(
                {
                    "id": entry[1].decode() if entry else "",
                    "digest": digest[1].decode() if digest else "",
                    "state": "done" if entry else "revoked",
                    "files": [each.decode() for each in re.findall(rb'"sha256":"([0-9a-f]{64})"', chunk)],
                    "received": 0,
                    "complete": True,
                    "items": [],
                }
            ).encode()
            head = f"200 OK\r\nContent-Type: application/json\r\nX-Linli-Proof: {'0' * 64}"
        self.back.write(
            f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await self.back.drain()
        return False
