"""`linli peers`: with whom this installation exchanges, as the operator says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linli.site.cli import __main__ as door
from linli.site.cli import peers
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour


def test_admitted_listed_stopped_and_resumed(
    cast: Cast,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(peers, "open_house", lambda **_: None)
    monkeypatch.setattr(door, "choose_data_dir", lambda _: None)
    settings.LINLI_DATA_DIR = str(tmp_path / "data")
    pem = tmp_path / "key.pem"
    pem.write_text(Neighbour().key.as_pem())

    def ask(*words: str) -> Any:
        capsys.readouterr()
        code = door.main(["peers", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    assert ask("list") == (0, {"ok": True, "peers": []})
    assert "BEGIN PUBLIC KEY" in ask("key")[1]["key"]
    entry = ("--name", "台江区", "--name-en", "Taijiang", "--key", str(pem))
    code, answer = ask("add", "350103", "--url", "http://tj.example", *entry)
    assert (code, answer["error"]["code"]) == (2, "exchange.bad_url")
    _, answer = ask("add", "350103", "--url", "https://tj.example", *entry)
    assert [(p["county"], p["active"], p["n_waiting"]) for p in answer["peers"]] == [(NEIGHBOUR, True, 0)]
    assert ask("stop", "350103")[1]["peers"][0]["active"] is False
    assert ask("resume", "350103")[1]["peers"][0]["active"] is True
    assert ask("stop", "350199")[0] == 1
