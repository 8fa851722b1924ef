"""`./linli` (根脚本): what it does the first time, what it leaves alone the second, what it says when it cannot."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.house.tree import ROOT


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, over an empty tree with lock files only."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("linli_script", str(ROOT / "linli"))
    spec = importlib.util.spec_from_loader("linli_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "NODE_MODULES": tmp_path / "node_modules",
        "VENDOR": tmp_path / "vendor",
    }.items():
        monkeypatch.setattr(module, name, value)
    for lock in ("requirements.txt", "requirements-dev.txt", "package-lock.json"):
        (tmp_path / lock).write_text("locked")
    monkeypatch.setenv("LINLI_LANG", "en")
    return module


@pytest.fixture
def programs(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every program that the script starts, none of them for real; each leaves what the real one would."""
    started: list[list[str]] = []

    def run(command: list[Any], zh: str, en: str) -> None:
        started.append([str(word) for word in command])
        if "venv" in started[-1]:
            (script.VENV / "bin").mkdir(parents=True)
            (script.VENV / "lib/python3.11/site-packages").mkdir(parents=True)
            (script.VENV / "pyvenv.cfg").write_text("version = 3.11")
            script.PYTHON.write_text("")
        if "ci" in started[-1]:
            for source in script.ASSETS:
                target = script.NODE_MODULES / source
                target.parent.mkdir(parents=True, exist_ok=True)
                target.mkdir() if source.endswith("images") else target.write_text("asset")

    monkeypatch.setattr(script, "run", run)
    monkeypatch.setattr(script, "npm", lambda: ["npm"])
    return started


def test_first_start_makes_everything_second_nothing(script: ModuleType, programs: list[list[str]]) -> None:
    script.prepare(for_tests=False)
    assert [next(w for w in ("venv", "pip", "ci") if w in p) for p in programs] == ["venv", "pip", "ci"]
    assert "--require-hashes" in programs[1]
    assert (script.VENV / "lib/python3.11/site-packages/linli.pth").read_text() == f"{script.ROOT / 'src'}\n"
    assert (script.VENDOR / "leaflet/leaflet.js").read_text() == "asset"
    programs.clear()
    script.prepare(for_tests=False)
    assert programs == []


def test_only_what_changed_is_made_again(script: ModuleType, programs: list[list[str]]) -> None:
    script.prepare(for_tests=True)
    programs.clear()
    (script.ROOT / "requirements-dev.txt").write_text("locked anew")
    script.prepare(for_tests=True)
    assert [p[-1] for p in programs] == [str(script.ROOT / "requirements-dev.txt")]


def test_an_interrupted_install_is_done_again(
    script: ModuleType, programs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = script.run

    def breaks(command: list[Any], zh: str, en: str) -> None:
        whole(command, zh, en)
        if "pip" in command:
            raise script.Stop("no network")

    monkeypatch.setattr(script, "run", breaks)
    with pytest.raises(script.Stop):
        script.prepare(for_tests=False)
    monkeypatch.setattr(script, "run", whole)
    programs.clear()
    script.prepare(for_tests=False)
    assert ["pip" in p for p in programs] == [True, False]


def test_a_python_without_ensurepip_gets_the_name_of_the_package(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name))
    with pytest.raises(SystemExit) as ended:
        script.main(["check", "--json"])
    said = capsys.readouterr()
    assert ended.value.code == 2
    answer = json.loads(said.out)
    assert answer["ok"] is False
    assert "python3-venv" in answer["error"]["message"]
    assert "python3-venv" in said.err
