"""Draft, publish, end, import and export of matters (事项目录的维护)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound
from linli.domains.matters import services, shipped
from linli.domains.matters.catalogue_file import export_matters, import_matters, written
from linli.domains.matters.models import Matter, MatterVersion
from linli.domains.matters.queries import life_events, matter_in_force, matters_for, spec_of
from linli.domains.matters.spec import CATALOGUE
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import AuditEntry, Organisation
from tests.cast import Cast

AT = datetime(2026, 9, 1, 2, tzinfo=UTC)
TODAY = date(2026, 9, 1)
RAW = tomllib.loads((CATALOGUE / "subsistence.toml").read_text(encoding="utf-8"))


@pytest.fixture
def civil(cast: Cast) -> Organisation:
    county = cast.area("county")
    return Organisation.objects.create(
        code=f"{county.prefix}-civil",
        name="区民政局",
        name_en="Civil Affairs",
        kind="department",
        area=county,
    )


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(LinliError) as caught:
        yield
    assert caught.value.code == code


def draft(cast: Cast, **changed: Any) -> MatterVersion:
    return services.save_draft(cast.area("county"), {**RAW, **changed}, by=cast.actor("admin"), at=AT)


def in_force(cast: Cast, code: str = "subsistence", on: date = TODAY) -> MatterVersion:
    return matter_in_force(code, on, cast.area("county"))


@pytest.mark.usefixtures("civil")
def test_a_draft_is_published_and_the_next_version_follows_it(cast: Cast) -> None:
    admin = cast.actor("admin")
    first = services.publish(draft(cast), from_on=TODAY, by=admin, at=AT)
    assert in_force(cast).pk == first.pk
    later = TODAY + timedelta(days=30)
    second = services.publish(draft(cast, promised_limit="15 working days"), from_on=later, by=admin, at=AT)
    assert in_force(cast).pk == first.pk
    assert in_force(cast, on=later).pk == second.pk
    first.refresh_from_db()
    assert first.effective_to == later - timedelta(days=1)
    assert spec_of(first).promised_limit.n == 22  # what was published stays as it was
    assert (
        list(AuditEntry.objects.values_list("act", flat=True).order_by("id")).count("matters.published") == 2
    )


@pytest.mark.usefixtures("civil")
def test_what_may_not_be_published(cast: Cast) -> None:
    admin = cast.actor("admin")
    with pytest.raises(Invalid) as longer:
        draft(cast, legal_limit="20 working days", promised_limit="21 working days")
    assert longer.value.data["findings"][0]["rule"] == "MC201"
    assert not Matter.objects.exists()
    bare = draft(cast, refusals=[{"code": "no", "title": "不行 | No"}])  # a draft may still lack something
    with pytest.raises(Invalid) as lacking:
        services.publish(bare, from_on=TODAY, by=admin, at=AT)
    assert lacking.value.data["findings"][0]["rule"] == "MC302"
    good = draft(cast)
    with pytest.raises(Invalid) as past:
        services.publish(good, from_on=TODAY - timedelta(days=1), by=admin, at=AT)
    assert past.value.code == "matters.past_day"
    for who in ("clerk", "resident", "leader"):
        with pytest.raises(NotAllowed):
            services.save_draft(cast.area("county"), RAW, by=cast.actor(who), at=AT)
        with pytest.raises(NotAllowed):
            services.publish(good, from_on=TODAY, by=cast.actor(who), at=AT)
    services.publish(good, from_on=TODAY, by=admin, at=AT)
    with refused("matters.not_a_draft"):
        services.publish(good, from_on=TODAY, by=admin, at=AT)
    with pytest.raises(Invalid) as same_day:
        services.publish(draft(cast, visits=1), from_on=TODAY, by=admin, at=AT)
    assert same_day.value.code == "matters.before_the_last"


@pytest.mark.usefixtures("civil")
def test_a_matter_ends_with_a_reason_and_a_last_day(cast: Cast) -> None:
    admin = cast.actor("admin")
    matter = services.publish(draft(cast), from_on=TODAY, by=admin, at=AT).matter
    with refused("matters.no_reason"):
        services.end(matter, on=TODAY, reason=" ", by=admin, at=AT)
    with refused("matters.past_day"):
        services.end(matter, on=TODAY - timedelta(days=1), reason="并入", by=admin, at=AT)
    services.end(matter, on=TODAY, reason="并入一件事", by=admin, at=AT)
    assert in_force(cast).pk
    with pytest.raises(NotFound):
        in_force(cast, on=TODAY + timedelta(days=1))
    with refused("matters.not_in_force"):
        services.end(matter, on=TODAY + timedelta(days=9), reason="再取消", by=admin, at=AT)


def departments(cast: Cast) -> None:
    county = cast.area("county")
    words = {
        w
        for raw in shipped.shipped(shipped.matter_files())
        for w in (raw["department"], *raw.get("steps", {}).get("joint", ()))
    }
    Organisation.objects.bulk_create(
        Organisation(code=f"{county.prefix}-{w}", name=w, kind="department", area=county)
        for w in sorted(words)
        if not Organisation.objects.filter(code=f"{county.prefix}-{w}").exists()
    )


def test_our_catalogue_goes_out_and_in_and_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    county = cast.area("county")
    departments(cast)
    n = shipped.load(county, from_on=TODAY, at=AT)
    assert n == len(shipped.matter_files()) == Matter.objects.count()
    assert len(life_events(county)) == len(shipped.bundle_files())
    assert shipped.load(county, from_on=TODAY, at=AT) == 0
    out = {form: tmp_path / f"matters.{form}" for form in ("csv", "json")}
    for form, path in out.items():
        path.write_text(written(county, form, TODAY), encoding="utf-8", newline="")
        report = import_matters(path, at=AT)
        assert (report.n_accepted, report.n_unchanged, report.n_rejected) == (0, n, 0), form
    page = matters_for(county, on=TODAY, words="低保", limit=5)
    assert "subsistence" in {v.matter.code for v in page.items}
    assert {v.matter.code for v in matters_for(county, on=TODAY, words="allowance disabled").items} >= {
        "disability-living"
    }
    first = matters_for(county, on=TODAY, limit=10)
    second = matters_for(county, on=TODAY, limit=10, cursor=first.next_cursor or "")
    assert len({v.matter.code for v in (*first.items, *second.items)}) == 20
    MatterVersion.objects.all().delete()
    Matter.objects.all().delete()
    report = import_matters(out["csv"], dry_run=True, at=AT)
    assert report.n_accepted == n
    assert not Matter.objects.exists()
    assert import_matters(out["csv"], at=AT).n_accepted == n
    assert written(county, "csv", TODAY).encode() == out["csv"].read_bytes()


def test_rows_of_another_system_become_drafts_and_bad_rows_are_rejected(cast: Cast, tmp_path: Path) -> None:
    row = {
        "task_code": "11350102000000000A4000511002000",
        "catalog_code": "000511002000",
        "task_name": "临时救助对象认定、救助金给付",
        "task_type": "行政给付",
        "dept_code": "civil",
        "by_law": "社会救助暂行办法 48",
        "project_type": "承诺件",
        "accept_condition": "家庭遭遇突发困难；基本生活难以维持",
        "handle_type": "窗口办理、网上办理",
        "anticipate_day": "20",
        "anticipate_type": "工作日",
        "promise_day": "10",
        "promise_type": "工作日",
        "is_fee": "否",
        "limit_scene_num": 0,
        "materials": [
            {
                "name": "身份证",
                "is_need": "必要",
                "format": "纸质",
                "source_type": "申请人自备",
                "page_num": 1,
            }
        ],
    }
    bad = [
        {**row, "task_code": "X2", "promise_day": "30"},
        {**row, "task_code": "X3", "promise_type": "世纪"},
        {"task_name": "没有编码"},
    ]
    file = tmp_path / "others.json"
    file.write_text(json.dumps({"matters": [row, *bad]}, ensure_ascii=False), encoding="utf-8")
    report = import_matters(file, at=AT)
    assert (report.n_read, report.n_accepted, report.n_rejected) == (4, 1, 3)
    assert report.rejects
    assert "30个工作日" in Path(report.rejects).read_text(encoding="utf-8-sig")
    version = MatterVersion.objects.get()
    assert (
        version.status == MatterVersion.DRAFT
    )  # one language, papers without a basis: to be finished in the editor
    assert spec_of(version).legal_limit
    assert len(spec_of(version).conditions) == 2
    assert import_matters(file, at=AT).n_unchanged == 1


@pytest.mark.usefixtures("civil")
def test_export_to_a_file(cast: Cast, tmp_path: Path) -> None:
    services.publish(draft(cast), from_on=date(2026, 7, 1), by=SYSTEM, at=AT)
    path = tmp_path / "out.csv"
    assert export_matters(path) == 1
    assert "subsistence" in path.read_text(encoding="utf-8-sig")
    with pytest.raises(Invalid):
        export_matters(tmp_path / "out.xls")
