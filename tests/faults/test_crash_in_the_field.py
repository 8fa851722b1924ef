"""A crash between any two writes of an entry (收件中途崩溃): sent again, it is there exactly once, with every file."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.fieldwork import entries, parts
from linli.kernel.fieldwork.models import FieldEntry, FieldFile
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import hot, proof
from linli.kernel.procedures.models import Case, ClientKey
from linli.kernel.records.models import Attachment
from tests.api import jpeg
from tests.cast import Cast
from tests.events import event_at
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db

OF_THE_ENGINE = ("next_number", "insert_case", "insert_record", "insert_facts", "insert_tasks", "take_part")
OF_THE_ENTRY: tuple[tuple[Any, str], ...] = (
    (parts, "missing"),
    (entries, "take"),
    (entries, "area_of_number"),
    (entries, "carry_out"),
    (parts, "mark_taken"),
)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path


def dying(room: Any, name: str) -> Callable[..., Any]:
    real = getattr(room, name)

    def dies(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise MemoryError(name)

    return dies


@pytest.mark.parametrize(
    ("room", "name"), [*((hot, name) for name in OF_THE_ENGINE), *OF_THE_ENTRY], ids=lambda x: str(x)[-20:]
)
def test_a_report_that_died_halfway_arrives_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, room: Any, name: str
) -> None:
    phone = Phone(cast)
    made = entry("report", a_report(cast), [phone.send_file(jpeg())])
    with monkeypatch.context() as patch:
        patch.setattr(room, name, dying(room, name))
        broken = phone.put(made)
    assert broken.status_code == 500  # proven, and no receipt: the phone keeps all it has
    if name != "mark_taken":
        assert not FieldEntry.objects.exists()
        assert not Case.objects.exists()
        assert not Attachment.objects.exists()
    receipt = phone.put(made).json()
    assert phone.put(made).json() == receipt
    assert receipt["state"] == "done"
    counts = [m.objects.count() for m in (FieldEntry, FieldFile, Case, Attachment, ClientKey)]
    assert counts == [1, 1, 1, 1, 1]
    assert proof.verify_all().first_fault is None


@pytest.mark.parametrize(
    "name", ["lock_case", "insert_record", "update_case", "close_tasks", "insert_notices"]
)
def test_an_act_that_died_halfway_is_done_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case = event_at(cast, "verifying")
    phone, seq = Phone(cast), case.seq
    body = {"number": case.number, "action": "verify", "seq": seq, "data": {"passed": "亮了"}}
    made = entry("act", body, [{**phone.send_file(jpeg()), "field": "photo_after"}])
    n = Notice.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr(hot, name, dying(hot, name))
        assert phone.put(made).status_code == 500
    case.refresh_from_db()
    assert (case.seq, case.step, Notice.objects.count()) == (seq, "verifying", n)
    assert [phone.put(made).json()["state"] for _ in range(2)] == ["done", "done"]
    case.refresh_from_db()
    assert (case.seq, case.step, Attachment.objects.count()) == (seq + 1, "evaluating", 1)
    assert proof.replay(case) == []


def test_a_piece_that_died_halfway_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, content = Phone(cast), jpeg(600, 400)
    path = f"/files/{sha256(content).hexdigest()}?size={len(content)}"

    with monkeypatch.context() as patch:
        patch.setattr(parts, "_append", dying(parts, "_append"))
        broken = phone.call("PUT", f"{path}&offset=0", content, kind="image/jpeg")
        assert broken.status_code == 500  # all of it came, and it has no name yet
    with monkeypatch.context() as patch:
        patch.setattr(parts, "_sync", dying(parts, "_sync"))
        assert phone.call("GET", path).status_code == 500
    assert phone.call("GET", path).json() == {"received": len(content), "complete": True}
    name = sha256(content).hexdigest()
    assert parts.read_whole(phone.device.account_id, name, len(content)) == content
