"""What is done without a signal arrives exactly once (离线记录恰好到一次).

The real app in a real browser, the real server, a bad line between them; both are killed again and again while a
thousand entries are written and sent. `FIELD_SEED` plays a run again, `FIELD_RECORDS` and `FIELD_KILLS` set its size.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from linli.base.ids import uuid7
from linli.site.cli.needs import browser as installed_browser
from linli.site.scratch import scratch_parent
from tests.faults.field_house import Server, asked
from tests.faults.field_line import Line
from tests.faults.field_phone import Phone, as_sent

SEED = int(os.environ.get("FIELD_SEED", "0")) or random.SystemRandom().randint(1, 2**31)
RECORDS = int(os.environ.get("FIELD_RECORDS", "300"))
KILLS = int(os.environ.get("FIELD_KILLS", "6"))  # of each of the two
PHOTO_EVERY = 16
AT_ONCE = 40  # entries written in one go
GIVE_UP = 1500  # seconds
GRID = "350102001001001"
WALKS = ("road", "light", "waste", "water")


@dataclass(frozen=True)
class Made:
    """An entry as the worker made it (一条记录): its files by their hash."""

    id: str
    entry: dict[str, Any]
    files: dict[str, bytes]


def made(n: int, chance: random.Random, began: datetime) -> Made:
    kind = chance.choices(["report", "patrol", "visit"], [8, 1, 1])[0]
    body: dict[str, Any] = {"area": GRID}
    files: list[tuple[str, bytes]] = []
    if kind == "report":
        body |= {"description": f"第 {n} 件：路面破损“😀”。", "lng": "119.305000", "lat": "26.085000"}
        if n % PHOTO_EVERY == 0:
            files = [(f"photo-{i}.jpg", picture(chance)) for i in range(chance.choice([1, 1, 2]))]
    elif kind == "patrol":
        body |= {"checked": chance.sample(WALKS, 2), "text": f"第 {n} 次巡查，看过了。"}
    else:
        body |= {"topic": "needs", "consent": True, "request": f"第 {n} 户希望修楼道灯。"}
    entry: dict[str, Any] = {
        "id": str(uuid7()),
        "at": (began + timedelta(milliseconds=n)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": kind,
        "body": body,
        "files": [
            {"field": "photos", "name": name, "type": "image/jpeg", "content": as_sent(content)}
            for name, content in files
        ],
    }
    return Made(entry["id"], entry, {hashlib.sha256(c).hexdigest(): c for _, c in files})


def picture(chance: random.Random) -> bytes:
    """A photo that no other is like: noise, some tens to hundreds of kilobytes."""
    side = chance.choice([120, 200, 320])
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), chance.randbytes(side * side * 3)).save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="linli-field-", dir=scratch_parent()) as name:
        yield Path(name)


@pytest.mark.journey
def test_a_thousand_entries_arrive_exactly_once(folder: Path) -> None:
    assert installed_browser() is not None, "The proof needs a Chromium: sudo apt-get install chromium"
    print(f"FIELD_SEED={SEED} FIELD_RECORDS={RECORDS} FIELD_KILLS={KILLS}")
    house, disk = folder / "house", folder / "phone"
    house.mkdir()
    disk.mkdir()
    database = os.environ.get("FIELD_DATABASE_URL", "")
    cookies = asked("begin", house, database)["cookies"]
    server = Server(house, database)
    server.start()
    server.wait()
    line = Line(server.port, SEED)
    line.spoilt = False
    with sync_playwright() as playwright:
        phone = Phone(playwright, disk, f"http://127.0.0.1:{line.port}", cookies)
        try:
            phone.enrol()
            line.spoilt = True
            entries = _through_thick_and_thin(phone, server, line)
            print(f"line {dict(line.did)}; killed: browser {phone.n_kills}, server {server.n_kills} times")
        finally:
            phone.end()
            line.close()
            server.kill()
    _all_there_once(entries, asked("count", house, database), house)


def _through_thick_and_thin(phone: Phone, server: Server, line: Line) -> list[Made]:
    """Writes and sends everything while both are killed; gives what was written."""
    chance = random.Random(SEED)
    began = datetime.now(UTC)
    entries = [made(n, chance, began) for n in range(RECORDS)]
    waiting, written = list(entries), set[str]()
    phone.ring()
    until = time.monotonic() + GIVE_UP
    n_to_go = KILLS * 2
    pace = max(1, RECORDS // (KILLS + 2))
    while True:
        assert time.monotonic() < until, f"{len(phone.on_phone())} still on the phone: {line.did}"
        batch = waiting[: min(pace, AT_ONCE)]
        killing = n_to_go > 0
        if killing:
            n_to_go -= 1
            victim = server if server.n_kills <= phone.n_kills else phone
        _write(phone, batch, written)
        waiting = waiting[len(batch) :]
        if not killing:
            there = phone.on_phone()
            _only_with_a_receipt(written - set(there), line)
            if not waiting and not there:
                return entries
            time.sleep(0.3)
            continue
        time.sleep(chance.uniform(0.05, 1.5))
        if victim is server:
            server.kill()
            time.sleep(chance.uniform(0, 0.5))
            server.start()
            server.wait()
            continue
        batch = waiting[: chance.randint(0, 5)]  # dies while it writes
        _write_and_die(phone, batch, chance)
        there = phone.open()
        gone = written - there
        arrived = server.ids()
        assert gone <= arrived, f"forgotten before they had arrived: {sorted(gone - arrived)}"
        _only_with_a_receipt(gone, line)


def _only_with_a_receipt(gone: set[str], line: Line) -> None:
    """Nothing leaves the phone before the server's receipt naming it was passed on: a forged one or half of one is none."""
    assert gone <= line.receipted, f"forgotten without a receipt: {sorted(gone - line.receipted)}"


def _write(phone: Phone, batch: list[Made], written: set[str]) -> None:
    if batch:
        phone.add([each.entry for each in batch])
        written |= {each.id for each in batch}


def _write_and_die(phone: Phone, batch: list[Made], chance: random.Random) -> None:
    phone.begin_adding([each.entry for each in batch])
    time.sleep(chance.uniform(0, 0.4))
    phone.kill()


def _all_there_once(entries: list[Made], found: dict[str, Any], house: Path) -> None:
    rows = found["entries"]
    assert len({row["id"] for row in rows}) == len(rows), "an entry is there twice"
    by_id = {row["id"]: row for row in rows}
    assert by_id.keys() == {each.id for each in entries}
    assert [row["id"] for row in rows if row["twin"] or row["state"] != "done"] == []
    for each in entries:
        row = by_id[each.id]
        assert row["kind"] == each.entry["kind"]
        assert row["body"] == each.entry["body"]
        assert dict(row["files"]) == {s: len(c) for s, c in each.files.items()}
        for sha, content in each.files.items():
            (kept,) = (house / "files" / "parts").glob(f"*/{sha}.taken")
            assert kept.read_bytes() == content
    cases = [row["number"] for row in rows if row["number"]]
    assert len(set(cases)) == len(cases), "two entries made one case"
    assert set(cases) == found["cases"].keys(), "a case that no entry made"
    assert len(cases) == sum(each.entry["kind"] != "patrol" for each in entries)
    assert found["n_patrols"] == sum(each.entry["kind"] == "patrol" for each in entries)
    for each in entries:
        if each.files:
            assert found["cases"][by_id[each.id]["number"]] == len(each.files)
    assert found["fault"] is None, json.dumps(found["fault"])
