"""`linli records`: what it answers to a program, and what its audit dump says to the checker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.procedures import sequencing
from linli.kernel.records.models import Head, Record
from linli.site.cli import __main__ as door
from linli.site.cli import records, worker
from tests.cast import Cast
from tests.events import reported
from tests.proofs import SOUND, desk

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> Ask:
    for module in (records, worker):
        monkeypatch.setattr(module, "open_house", lambda **_: None)
    monkeypatch.setattr(door, "choose_data_dir", lambda _: None)
    settings.LINLI_DATA_DIR = str(tmp_path / "data")

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = door.main([*arguments, "--json"])
        [line] = capsys.readouterr().out.splitlines()
        return code, json.loads(line)

    return run


@pytest.mark.parametrize(
    "arguments", [["export"], ["verify", "folder"], ["seal", "folder"], ["nonsense"], []]
)
def test_wrong_usage(ask: Ask, arguments: list[str]) -> None:
    code, answer = ask("records", *arguments)
    assert (code, answer["ok"], answer["error"]["code"]) == (2, False, "cli.usage")


def test_seal_verify_export_and_check(ask: Ask, cast: Cast, tmp_path: Path) -> None:
    assert ask("records", "verify")[1] == {"ok": True, "n_cases": 0, "n_records": 0, "first_fault": None}
    reported(cast)
    reported(cast)
    code, answer = ask("records", "seal")
    assert (code, answer["head"]["size"], answer["head"]["number"]) == (0, 2, 1)
    assert ask("records", "verify")[1] == {"ok": True, "n_cases": 2, "n_records": 2, "first_fault": None}
    folder = tmp_path / "audit"
    code, answer = ask("records", "export", str(folder))
    assert code == 0
    assert answer == {
        "ok": True, "n_cases": 2, "n_records": 2, "n_leaves": 2, "n_heads": 1, "path": str(folder),
    }  # fmt: skip
    assert desk(tmp_path).check(folder).code == SOUND
    code, answer = ask("records", "export", str(folder))
    assert (code, answer["error"]["code"]) == (1, "records.folder_in_use")


def test_a_forged_root_is_named(ask: Ask, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    reported(cast)
    head = sequencing.seal_now()
    Head.objects.bulk_create(
        [Head(id=2, tree=1, size=1, root=bytes(32), day=head.day, at=head.at, previous=bytes(32),
              key=head.key, signature=bytes(64))]
    )  # fmt: skip
    code, answer = ask("records", "verify")
    assert (code, answer["first_fault"]) == (1, {"case": f"root {head.day}", "seq": 1, "kind": "root"})
    assert door.main(["records", "verify"]) == 1
    assert f"{head.day} 的每日根" in capsys.readouterr().out


def test_the_worker_seals_once_a_day(ask: Ask, cast: Cast) -> None:
    reported(cast)
    assert ask("worker", "--once")[1]["done"]["proof"] >= 2  # the record, what the clock added, the root
    assert ask("worker", "--once")[1]["done"]["proof"] == 0
    assert Head.objects.get().size == Record.objects.count()
