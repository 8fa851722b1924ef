"""The administrator's page that moves running cases (在办件转版页): dry run, file, confirmation, what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures import relaying, versions
from linli.kernel.procedures.loader import lay_over
from linli.kernel.procedures.models import Case, ProcedureVersion
from linli.site.cli import moveversions
from linli.site.cli.__main__ import answer_to
from linli.web.views.admin import moving as page
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db
HERE = "/staff/admin/procedures/grid-event/move/"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    versions.load_all()
    versions.forget()
    yield
    versions.forget()


def newer(**moves: Any) -> ProcedureVersion:
    last = ProcedureVersion.objects.filter(code="grid-event", jurisdiction="").latest("version")
    raw = lay_over(versions.shipped_files()["grid-event"][1], {})
    mapping = {"from": [last.version], "basis": "测试办〔2026〕9号", **moves}
    made = versions._store(versions.Loading("", {**raw, "moves": mapping}))
    versions.forget()
    return made


def test_the_dry_run_says_what_becomes_of_each_and_moves_nothing(cast: Cast) -> None:
    case = event_at(cast, "handling")
    target = newer()
    client = cast.client("admin")
    shown = client.get(HERE).content.decode()
    for words in (case.number, "可以转", "测试办〔2026〕9号", "什么都没有改动", "区市政维护中心"):
        assert words in shown
    assert "林小邻" not in shown
    assert case.title not in shown
    case.refresh_from_db()
    assert case.version_id != target.pk
    file = b"".join(client.get("/staff/admin/procedures/grid-event/move.csv")).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(file)))
    assert [rows[0][0], rows[1][0]] == ["编号", case.number]
    assert len({len(r) for r in rows}) == 1


def test_confirming_moves_them_and_notes_it(cast: Cast) -> None:
    case = event_at(cast, "handling")
    target = newer()
    client = cast.client("admin")
    said = client.post(HERE, follow=True).content.decode()
    assert "转版 1 件" in said
    assert "没有在办件要转" in said
    case.refresh_from_db()
    assert case.version_id == target.pk
    assert AuditEntry.objects.get(act="procedures.cases_moved").facts["n_moved"] == 1


def test_many_are_moved_in_several_turns(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "AT_ONCE", 2)
    monkeypatch.setattr(page, "PAGE", 2)
    cases = [reported(cast) for _ in range(3)]
    target = newer()
    client = cast.client("admin")
    first = client.get(HERE)
    assert len(first.context["rows"]) == 2
    assert first.context["next"] is not None
    answer = client.post(HERE)
    assert "after=" in answer.headers["Location"]
    client.get(answer.headers["Location"])
    client.post(HERE, {"after": answer.headers["Location"].rsplit("=", 1)[1]})
    assert set(Case.objects.values_list("version_id", flat=True)) == {target.pk}
    assert len(cases) == 3


def test_without_a_mapping_the_page_says_why(cast: Cast) -> None:
    answer = cast.client("admin").get(HERE)
    assert answer.status_code == 409
    assert "没有写 [moves]" in answer.content.decode()
    assert (
        "转版"
        not in cast.client("admin")
        .get("/staff/admin/procedures/grid-event/")
        .content.decode()
        .split("版本")[0]
    )


@pytest.mark.parametrize("who", ["dispatcher", "supervisor", "leader"])
def test_the_page_is_the_administrators(cast: Cast, who: str) -> None:
    newer()
    client = cast.client(who)
    assert client.get(HERE).status_code in {403, 404}
    assert client.post(HERE).status_code in {403, 404}
    assert client.get("/staff/admin/procedures/grid-event/move.csv").status_code in {403, 404}


def test_other_counties_and_unknown_procedures_are_not_there(cast: Cast) -> None:
    client = cast.client("admin")
    assert client.get(f"{HERE}?area=350103").status_code == 404
    assert client.get("/staff/admin/procedures/no-such/move/").status_code == 404


def test_a_local_version_left_behind_is_named_among_what_is_to_mend(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = {**versions.shipped_files()["grid-event"][1], "title": {"zh": "本地事件", "en": "Local"}}
    versions._store(
        versions.Loading("350102", raw, {"extends": "grid-event", "jurisdiction": "350102", "steps": {}})
    )
    versions.forget()
    assert [s.version.code for s in relaying.stale()] == ["grid-event"]
    shown = cast.client("admin").get("/staff/admin/").content.decode()
    assert "没有跟上默认的地方程序" in shown


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setattr(moveversions, "open_house", lambda: None)

    def run(*words: str) -> tuple[Any, str]:
        answer = answer_to(["procedures", "move", *words])
        return answer, capsys.readouterr().out

    return run


def test_the_command_tries_first_and_moves_when_told(cast: Cast, command: Any) -> None:
    case = event_at(cast, "handling")
    target = newer()
    answer, out = command("grid-event", "--json")
    facts = json.loads(out)
    assert answer.said
    assert (facts["ok"], facts["version"], facts["applied"]) == (True, target.version, False)
    assert (facts["n_cases"], facts["n_movable"], facts["n_moved"]) == (1, 1, 0)
    assert facts["cases"][0]["number"] == case.number
    _, out = command(f"grid-event@{target.version}", "--csv")
    rows = list(csv.reader(StringIO(out)))
    assert rows[1][0] == case.number
    assert len(rows[0]) == len(rows[1])
    answer, out = command("grid-event", "--area", "350103")
    assert answer.facts["n_cases"] == 0
    answer, out = command("grid-event", "--apply")
    assert f"✓ {case.number}" in out
    assert answer.facts["n_moved"] == 1
    answer, _ = command("grid-event", "--apply", "--json")
    case.refresh_from_db()
    assert case.version_id == target.pk


def test_the_command_refuses_what_it_cannot_read(command: Any) -> None:
    with pytest.raises(Exception, match="grid-event@4"):
        command("grid-event@x")
