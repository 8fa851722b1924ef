"""Counties' versions follow their default (地方程序随默认更新): what a county did not change is the default's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.base.clock import today
from linli.kernel.procedures import relaying, versions
from linli.kernel.procedures.models import ProcedureVersion

pytestmark = pytest.mark.django_db
CODE, COUNTY = "access-question", "350102"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    versions.forget()
    yield
    versions.forget()


def written(folder: Path, *lines: str) -> Path:
    path = folder / "over.toml"
    head = [f'extends = "{CODE}"', f'jurisdiction = "{COUNTY}"', 'basis = ["测试办〔2026〕1号"]']
    path.write_text("\n".join([*head, *lines]), encoding="utf-8")
    return path


@pytest.fixture
def default(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Changes the shipped default: `default(title=…)`."""
    shipped = versions.shipped_files

    def change(**keys: Any) -> None:
        def changed() -> dict[str, tuple[Path, dict[str, Any]]]:
            found = shipped()
            path, raw = found[CODE]
            return {**found, CODE: (path, {**raw, **keys})}

        monkeypatch.setattr(versions, "shipped_files", changed)
        monkeypatch.setattr(relaying, "shipped_files", changed)

    return change


def in_force() -> dict[str, Any]:
    pk = versions.current_version(CODE, COUNTY)
    found: dict[str, Any] = json.loads(ProcedureVersion.objects.get(pk=pk).definition)
    return found


NEW = {"zh": "查询问询", "en": "Question about a look"}


def test_an_override_follows_a_default_that_changed(tmp_path: Path, default: Any) -> None:
    first = versions.load_all([written(tmp_path)])[-1]
    assert json.loads(first.override)["jurisdiction"] == COUNTY
    default(title=NEW)
    versions.load_all()
    assert in_force()["title"] == NEW
    assert in_force()["basis"] == ["测试办〔2026〕1号"]
    assert ProcedureVersion.objects.filter(code=CODE, jurisdiction=COUNTY).count() == 2
    versions.load_all()
    assert ProcedureVersion.objects.filter(code=CODE, jurisdiction=COUNTY).count() == 2
    assert relaying.stale() == []


def test_what_the_county_wrote_itself_stays_its_own(tmp_path: Path, default: Any) -> None:
    versions.load_all([written(tmp_path, '[title]\nzh = "本地叫法"\nen = "Local name"')])
    default(title=NEW, hint=NEW)
    versions.load_all()
    assert in_force()["title"] == {"zh": "本地叫法", "en": "Local name"}
    assert in_force()["hint"] == NEW


def test_versions_from_before_the_writing_was_kept_follow_too(tmp_path: Path, default: Any) -> None:
    versions.load_all([written(tmp_path)])
    ProcedureVersion.objects.filter(jurisdiction=COUNTY).update(override="")
    default(title=NEW)
    versions.load_all()
    assert in_force()["title"] == NEW
    assert in_force()["basis"] == ["测试办〔2026〕1号"]


def test_a_version_that_is_to_come_still_comes_after_the_one_in_force(tmp_path: Path, default: Any) -> None:
    versions.load_all([written(tmp_path)])
    day = today() + timedelta(days=30)
    later = written(tmp_path, f"valid_from = {day}", '[hint]\nzh = "下月起"\nen = "From next month"')
    versions.load_all([later])
    default(title=NEW)
    versions.load_all()
    rows = ProcedureVersion.objects.filter(code=CODE, jurisdiction=COUNTY).order_by("version")
    assert [r.valid_from for r in rows] == [None, day, None, day]
    assert "hint" not in in_force() or in_force()["hint"].get("zh") != "下月起"
    versions.load_all()
    assert rows.count() == 4


def test_an_override_that_no_longer_passes_stays_as_it_is_and_is_named(tmp_path: Path, default: Any) -> None:
    versions.load_all([written(tmp_path)])
    before = in_force()
    default(title=NEW, opened_by=["resident"], overseers=["no_such_role@county"])
    with pytest.raises(Exception, match="overseers"):
        versions.load_all()  # the default itself must pass
    raw = versions.shipped_files()
    assert relaying.laid_anew({code: content for code, (_, content) in raw.items()}) == []
    assert [s.version.jurisdiction for s in relaying.stale()] == [COUNTY]
    assert relaying.stale()[0].findings
    assert in_force() == before


def test_a_default_that_is_no_longer_shipped_is_left_alone(tmp_path: Path) -> None:
    versions.load_all([written(tmp_path)])
    assert relaying.laid_anew({}) == []


def test_the_difference_laid_over_gives_the_same_again() -> None:
    base = {"a": 1, "t": {"x": [1], "y": 2}, "same": {"k": 1}}
    merged = {"a": 1, "t": {"x": [2], "y": 2}, "same": {"k": 1}, "new": "n"}
    assert relaying.difference(base, merged) == {"t": {"x": [2]}, "new": "n"}


def test_the_mapping_of_running_cases_is_each_files_own(tmp_path: Path, default: Any) -> None:
    default(moves={"from": [1], "basis": "测试"})
    made = versions.load_all([written(tmp_path)])[-1]
    assert "moves" not in json.loads(made.definition)
