"""The command line as other programs meet it: one object, the right exit code, on every path."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli import __main__ as door
from linli.site.cli import clock, createadmin, importing, locate, records, worker
from linli.site.cli.speech import chosen_language

Ask = Callable[..., tuple[int, dict[str, Any]]]
A_DAY = ["clock", "due", "--start", "2026-01-01", "--period", "1 day"]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run a command with --json: its exit code and the one object. The test's own database is the house."""
    for module in (locate, records, createadmin, importing, worker):
        monkeypatch.setattr(module, "open_house", lambda **_: None)
    monkeypatch.setattr(door, "choose_data_dir", lambda _: None)
    monkeypatch.setenv("LINLI_LANG", "zh")

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = door.main([*arguments, "--json"])
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1
        return code, json.loads(lines[0])

    return run


def test_due_dates_without_a_database(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "has_database", lambda: False)
    code, answer = ask("clock", "due", "--start", "2026-09-30", "--period", "3 working days")
    assert code == 0
    assert answer["due_on"] == "2026-10-10"
    assert set(answer) == {"ok", "due_on", "due_at", "unrolled_on", "provisional", "explanation"}
    assert set(answer["explanation"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("more", "due_at"),
    [
        ([], "2026-06-08T17:00:00+08:00"),
        (["--suspended", "2026-06-03T10:00/2026-06-08"], "2026-06-11T17:00:00+08:00"),
        (
            ["--suspended", "2026-06-03/2026-06-08", "--suspended", "2026-06-09/2026-06-10"],
            "2026-06-12T17:00:00+08:00",
        ),
        (["--hours", "9:00-12:00 13:00-16:30"], "2026-06-08T16:30:00+08:00"),
        (["--backwards"], "2026-05-25T17:00:00+08:00"),
    ],
)
def test_due_dates_with_pauses_and_business_hours(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, more: list[str], due_at: str
) -> None:
    monkeypatch.setattr(clock, "has_database", lambda: False)
    code, answer = ask("clock", "due", "--start", "2026-06-01", "--period", "5 working days", *more)
    assert (code, answer["due_at"]) == (0, due_at)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nonsense"], "cli.usage"),
        ([], "cli.usage"),
        (["locate", "1"], "cli.usage"),
        (["locate", "east", "north"], "cli.usage"),
        (["locate", "200", "10"], "places.bad_position"),
        (["locate", "nan", "inf"], "places.bad_position"),
        (["import", "areas", "/no/such/file"], "import.no_file"),
        (["import", "areas", __file__, "--mapping", "/no/such/file"], "imports.bad_mapping"),
        (["import", "dragons", "/"], "import.unknown_kind"),
        (["clock", "due", "--start", "soon", "--period", "1 day"], "clock.bad_start"),
        (["clock", "due", "--start", "2026-01-01", "--period", "often"], "clock.bad_period"),
        ([*A_DAY, "--hours", "all day"], "clock.bad_hours"),
        ([*A_DAY, "--suspended", "2026-01-03"], "clock.bad_start"),
        ([*A_DAY, "--suspended", "2026-01-03/2026-01-02"], "clock.bad_pause"),
        ([*A_DAY, "--suspended", "2026-01-02/2026-01-03", "--backwards"], "clock.backwards_suspended"),
    ],
)
def test_wrong_usage_is_one_object_and_exit_2(ask: Ask, arguments: list[str], error: str) -> None:
    code, answer = ask(*arguments)
    assert (code, answer["ok"], answer["error"]["code"]) == (2, False, error)
    assert answer["error"]["message"]


@pytest.mark.django_db
def test_not_located_is_exit_1_and_negative_numbers_are_numbers(ask: Ask) -> None:
    code, answer = ask("locate", "-71.06", "-4.2e1")
    assert (code, answer["ok"], answer["error"]["code"]) == (1, False, "places.not_located")


@pytest.mark.django_db
def test_records_of_an_empty_house_are_sound(ask: Ask) -> None:
    assert ask("records", "verify") == (0, {"ok": True, "n_cases": 0, "n_records": 0, "first_fault": None})


@pytest.mark.django_db
def test_the_administrator_is_appointed_once(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.kernel.people.actors import SYSTEM, actor_for
    from linli.kernel.people.models import Account
    from linli.kernel.places.services import create_area

    create_area("350102000000", name="鼓楼区", by=SYSTEM)
    monkeypatch.setattr("sys.stdin", io.StringIO("a long secret word 7\n"))
    for _ in range(2):
        code, answer = ask("createadmin", "--username", "chen", "--name", "陈静")
        assert (code, answer["areas"]) == (0, ["350102000000"])
        assert "secret" not in json.dumps(answer)
    hats = actor_for(Account.objects.get(username="chen")).hats
    assert [sorted(hat.roles) for hat in hats] == [["administrator"]]


@pytest.mark.django_db
def test_a_weak_password_names_the_field(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("123\n"))
    code, answer = ask("createadmin", "--username", "chen", "--name", "陈静")
    assert code == 2
    assert set(answer["error"]["fields"]) == {"password"}


def test_procedures_are_listed_shown_and_checked(ask: Ask, tmp_path: Path) -> None:
    code, answer = ask("procedures", "list")
    assert code == 0
    first = answer["procedures"][0]["code"]
    assert ask("procedures", "show", first)[0] == 0
    assert ask("procedures", "check")[0] == 0
    assert ask("procedures", "show", "no-such")[0] == 1
    broken = tmp_path / "broken.toml"
    broken.write_text("code = ")
    code, answer = ask("procedures", "check", str(broken))
    assert (code, answer["ok"], answer["n_files"]) == (1, False, 1)
    assert [(f["rule"], f["file"], f["line"]) for f in answer["findings"]] == [("PC600", str(broken), 1)]
    assert ask("procedures", "check", str(tmp_path / "absent.toml"))[0] == 2


def test_a_folder_of_procedures_is_checked_file_by_file(ask: Ask, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[3] / "domains/events/procedures/event-review.toml"
    text = shipped.read_text(encoding="utf-8")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/good.toml").write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no procedure", encoding="utf-8")
    assert ask("procedures", "check", str(tmp_path)) == (0, {"ok": True, "n_files": 1, "findings": []})
    over = 'extends = "event-review"\njurisdiction = "350102"\nbasis = ["样例"]\n[steps.reviewing]\nactor = "nobody@county"\n'
    (tmp_path / "over.toml").write_text(over, encoding="utf-8")
    code, answer = ask("procedures", "check", str(tmp_path))
    assert (code, answer["n_files"]) == (1, 2)
    (finding,) = answer["findings"]
    assert (finding["rule"], finding["line"]) == ("PC203", 5)
    assert finding["file"] == str(tmp_path / "over.toml")
    assert set(finding["message"]) == set(finding["mend"]) == {"zh", "en"}


def test_what_nobody_foresaw_is_one_object_too(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(options: Namespace) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr(locate, "run", broken)
    code, answer = ask("locate", "1", "2")
    assert (code, answer["error"]["code"]) == (1, "cli.broken")


def test_the_answer_is_no(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(options: Namespace) -> None:
        raise Refused("test.no", Text("不行。", "No."))

    monkeypatch.setattr(locate, "run", refused)
    assert ask("locate", "1", "2") == (1, {"ok": False, "error": {"code": "test.no", "message": "不行。"}})


def test_a_failing_job_neither_stops_nor_hurries_the_others() -> None:
    def broken() -> int:
        raise RuntimeError

    jobs = [worker.Job("broken", broken, 1.0), worker.Job("sound", lambda: 0, 1.0)]
    assert [job.turn(0.0) for job in jobs] == [0, 0]
    assert (jobs[0].n_failed, jobs[1].n_failed) == (1, 0)
    assert jobs[0].next_at > jobs[1].next_at


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LINLI_LANG": "zh"}, "zh"),
    ],
)
def test_language(environ: dict[str, str], language: str) -> None:
    assert chosen_language(environ) == language
