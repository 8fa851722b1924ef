"""`procedures show|draw|diff|export` (程序命令): for a code, a file, a county's file and a stored version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from linli.site.cli import __main__ as door
from linli.site.cli import procedurefiles

Ask = Callable[..., tuple[int, dict[str, Any]]]
OVERRIDE = """
extends = "event-review"
jurisdiction = "350102"
basis = ["测试县〔2026〕1号"]
limit = "9 working days"
[steps.reviewing]
within = "8 working days"
"""


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(procedurefiles, "open_house", lambda **_: None)
    monkeypatch.setattr(door, "choose_data_dir", lambda _: None)
    monkeypatch.setenv("LINLI_LANG", "zh")

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = door.main(["procedures", *arguments, "--json"])
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1
        return code, json.loads(lines[0])

    return run


@pytest.fixture
def say(ask: Ask, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a person reads."""

    def run(*arguments: str) -> str:
        capsys.readouterr()
        assert door.main(["procedures", *arguments]) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def override(tmp_path: Path) -> str:
    path = tmp_path / "county.toml"
    path.write_text(OVERRIDE, encoding="utf-8")
    return str(path)


def test_show_says_what_an_official_asks(ask: Ask, say: Callable[..., str]) -> None:
    said = say("show", "grid-event")
    for words in (
        "GB/T 30428",
        "乡镇（街道）调度员",
        "不利决定",
        "《不予受理复核》",
        "30 分钟",
        "中止计时",
        "红牌",
    ):
        assert words in said
    assert "township dispatcher" in say("show", "grid-event", "--lang", "en")
    code, answer = ask("show", "grid-event")
    assert code == 0
    assert answer["procedure"]["code"] == "grid-event"
    steps = {s["code"]: s for s in answer["account"]["steps"]}
    decline = next(a for a in steps["reported"]["actions"] if a["code"] == "decline")
    assert {"remedy", "notifies", "form"} <= {fact["code"] for fact in decline["facts"]}
    assert set(decline["title"]) == {"zh", "en"}


def test_a_countys_file_is_shown_as_it_will_hold(say: Callable[..., str], override: str) -> None:
    said = say("show", override)
    assert "8 个工作日" in said
    assert "不予受理复核" in said


def test_draw_gives_a_picture_or_a_text(ask: Ask, say: Callable[..., str], tmp_path: Path) -> None:
    assert ET.fromstring(say("draw", "event-review")).tag.endswith("svg")
    assert "flowchart TD" in say("draw", "event-review", "--format", "mermaid")
    code, answer = ask("draw", "event-review", "--lang", "en")
    assert (code, answer["format"], answer["lang"]) == (0, "svg", "en")
    assert "Under review" in answer["drawing"]
    out = tmp_path / "review.svg"
    assert ask("draw", "event-review", "--out", str(out))[1]["file"] == str(out)
    assert out.read_text(encoding="utf-8").startswith("<svg")


def test_export_writes_bpmn(ask: Ask, tmp_path: Path) -> None:
    out = tmp_path / "review.bpmn"
    code, answer = ask("export", "event-review", "--bpmn", "--out", str(out))
    assert (code, answer) == (0, {"ok": True, "code": "event-review", "format": "bpmn", "file": str(out)})
    assert ET.parse(out).getroot().tag.endswith("definitions")


def test_diff_says_what_a_county_changes(ask: Ask, say: Callable[..., str], override: str) -> None:
    said = say("diff", "event-review", override)
    assert "全程时限由“10 个工作日”改为“9 个工作日”（变短）。" in said
    assert said.index("整个程序") < said.index("复核中")
    code, answer = ask("diff", "event-review", override)
    assert code == 0
    found = {c["path"]: c for c in answer["changes"]}
    assert found["steps.reviewing.within.is"]["direction"] == "longer"
    assert found["steps.reviewing.within.is"]["step"] == "reviewing"
    assert set(found["limit.is"]) == {"path", "kind", "old", "new", "words", "step", "direction"}
    assert ask("diff", "event-review", "event-review")[1]["n_changes"] == 0


@pytest.mark.django_db
def test_stored_versions_are_compared(ask: Ask, override: str) -> None:
    from linli.kernel.procedures.versions import load_all

    load_all([Path(override)])
    code, answer = ask("diff", "event-review@1", "event-review@350102:1")
    assert code == 0
    assert {"limit.is", "steps.reviewing.within.is"} <= {c["path"] for c in answer["changes"]}
    code, answer = ask("show", "event-review@99")
    assert (code, answer["error"]["code"]) == (1, "procedures.unknown_version")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["show", "no-such"], 1, "procedures.unknown"),
        (["draw", "/no/such.toml"], 2, "procedures.no_such_file"),
        (["export", "event-review"], 2, "procedures.no_format"),
        (["draw", "event-review", "--format", "png"], 2, "cli.usage"),
        (["diff", "event-review"], 2, "cli.usage"),
    ],
)
def test_what_is_not_there_is_said(ask: Ask, arguments: list[str], code: int, error: str) -> None:
    got, answer = ask(*arguments)
    assert (got, answer["error"]["code"]) == (code, error)


@pytest.mark.parametrize(
    ("content", "code", "error"),
    [
        ('extends = "nothing"', 1, "procedures.unknown_base"),
        ("steps = [", 2, "procedures.unreadable"),
        ('code = "x"', 2, "procedures.incomplete"),
        ('code = "x"\ntitle = "x"\nprefix = "X"\nsteps = 3', 2, "procedures.unreadable"),
    ],
)
def test_files_that_cannot_be_read_are_refused(
    ask: Ask, tmp_path: Path, content: str, code: int, error: str
) -> None:
    path = tmp_path / "file.toml"
    path.write_text(content, encoding="utf-8")
    got, answer = ask("draw", str(path))
    assert (got, answer["error"]["code"]) == (code, error)
