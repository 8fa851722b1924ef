"""Imports of old cases: counts that add up, a second run that changes nothing, and each rejection."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.errors import Unreadable
from linli.base.imports import ImportReport
from linli.domains.events.imports import events as events_import
from linli.domains.events.imports.events import import_events
from linli.domains.events.imports.mapping import shipped
from linli.domains.events.models import Category, Directory, Event
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from linli.kernel.procedures import proof, search
from linli.kernel.procedures.models import Case, Participation, Task
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import Record
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

HEADER = (
    "rec_id,created_at,property,event_type_id,event_type,main_type_id,main_type,sub_type_id,sub_type,source_id,source,"
    "district,street_id,street,community_id,community,unit_id,unit,archived_on_time,archived_overdue,report_num"
)
ROW = (
    "9148,2018-02-08 15:34:40,投诉,6,市政设施,186,市政、公共设施设置及维护,662,侵占绿地,103,@坪山,坪山区,101,龙田街道,"
    "10014,老坑社区,1805,老坑社区,1,0,1"
)
OWN = """
source = "nanxi"
timezone = "Asia/Shanghai"
[row]
external_id = "id"
opened_at = "from"
ended_at = "to"
title = ["{what}"]
[category]
levels = [{ name = "what" }]
[area]
root = { code = "440310000000", name = "坪山区" }
[place]
lng = "lng"
lat = "lat"
"""
OWN_HEADER = "id,from,to,what,lng,lat\n"


@pytest.fixture(autouse=True)
def _procedures() -> None:
    load_all()


def row(**changes: str) -> str:
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | changes
    return ",".join(cells.values())


def table(folder: Path, *rows: str, header: str = HEADER, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_bytes("\n".join([header, *rows, ""]).encode("utf-8", "surrogateescape"))
    return path


def own(folder: Path, *rows: str) -> tuple[Path, Path]:
    mapping = folder / "nanxi.toml"
    mapping.write_text(OWN, encoding="utf-8")
    return table(folder, *rows, header=OWN_HEADER.strip()), mapping


def counts(report: ImportReport) -> tuple[int, int, int]:
    assert report.n_read == report.n_accepted + report.n_unchanged + report.n_rejected
    assert (report.rejects is None) == (report.n_rejected == 0)
    return report.n_accepted, report.n_unchanged, report.n_rejected


def reasons(report: ImportReport) -> list[tuple[int, str]]:
    assert report.rejects
    with Path(report.rejects).open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert all(line["reason_zh"] and line["reason_en"] for line in found)
    return [(int(line["row"]), line["reason_zh"]) for line in found]


def everything() -> tuple[Any, ...]:
    models: tuple[Any, ...] = (Case, Record, Event, Category, Directory, Organisation, Area)
    return tuple(sorted(map(str, model.objects.values_list())) for model in models)


def test_an_old_case_keeps_dates_place_unit_and_outcome_and_is_closed(tmp_path: Path) -> None:
    assert counts(import_events(table(tmp_path, ROW))) == (1, 0, 0)
    case = Case.objects.select_related("area__parent", "lead", "event__category__parent__parent").get()
    assert (case.number, case.status, case.step, case.historic) == (
        "440310-EV-2018-000001",
        "ended",
        "closed",
        True,
    )
    assert case.opened_at == datetime(2018, 2, 8, 7, 34, 40, tzinfo=UTC)
    assert (case.ended_at, case.outcome, case.channel, case.precision) == (None, "archived", "web", "village")
    assert case.title == "侵占绿地（老坑社区）"
    assert case.area.parent is not None
    assert (case.area.name, case.area.parent.name, case.area.historic) == ("老坑社区", "龙田街道", True)
    assert case.grid.startswith("440310H")
    assert case.lead is not None
    assert (case.lead.code, case.lead.historic, case.lead.active) == ("pingshan-1805", True, False)
    event = case.event
    assert event.category is not None
    assert event.category.key == "pingshan:1:6.186.662"
    assert (event.external_id, event.kind, event.on_time, event.n_reporters) == (
        "pingshan:9148",
        "complaint",
        True,
        1,
    )
    assert case.facts["kind_name"] == "投诉"
    assert not Directory.objects.get().active


def test_an_old_case_has_one_whole_record_and_no_work_for_anybody(tmp_path: Path) -> None:
    import_events(table(tmp_path, ROW, row(rec_id="9149")))
    assert list(Record.objects.values_list("seq", "action", "to_step")) == [(1, "imported", "closed")] * 2
    assert proof.verify_all().as_dict() == {"ok": True, "n_cases": 2, "n_records": 2, "first_fault": None}
    assert [proof.replay(case) for case in Case.objects.all()] == [[], []]
    for model in (Task, Notice, Participation):
        assert not model.objects.exists()
    sql, values = search.matching_sql("侵占绿地") or ("", [])
    with connection.cursor() as cursor:
        assert len(cursor.execute(sql, values).fetchall()) == 2


def test_the_same_file_twice_changes_nothing_packed_or_not(tmp_path: Path) -> None:
    path = table(tmp_path, ROW, row(rec_id="9149", unit="别的单位", sub_type="别的小类"))
    import_events(path)
    before = everything()
    assert counts(import_events(path)) == (0, 2, 0)
    packed = tmp_path / "again.csv.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")))
    assert counts(import_events(packed)) == (0, 2, 0)
    assert everything() == before


def test_a_dry_run_writes_nothing_and_says_what_would_happen(tmp_path: Path) -> None:
    before = everything()
    assert counts(import_events(table(tmp_path, ROW, row(created_at="gestern")), dry_run=True)) == (1, 0, 1)
    assert everything() == before


def test_a_code_with_two_names_becomes_two_entries(tmp_path: Path) -> None:
    rows = [ROW, row(rec_id="2", unit="另一个单位", sub_type="另一小类")]
    import_events(table(tmp_path, *rows))
    assert set(Organisation.objects.values_list("name", flat=True)) == {"老坑社区", "另一个单位"}
    assert Category.objects.filter(depth=3).count() == 2
    assert {c.event.category.name for c in Case.objects.all() if c.event.category} == {"侵占绿地", "另一小类"}


def test_known_areas_and_units_are_used_not_added(tmp_path: Path) -> None:
    county = Area.objects.create(code="440310000000", prefix="440310", name="坪山区", level="county")
    town = Area.objects.create(
        code="440310005000", prefix="440310005", name="龙田街道", level="township", parent=county
    )
    village = Area.objects.create(
        code="440310005001", prefix="440310005001", name="老坑社区居委会", level="village", parent=town
    )
    unit = Organisation.objects.create(code="lk", name="老坑社区", kind="village", area=village)
    import_events(table(tmp_path, ROW))
    case = Case.objects.get()
    assert (case.area_id, case.lead_id) == (village.pk, unit.pk)
    assert not Area.objects.filter(historic=True).exists()


def test_rows_without_optional_facts_stand_at_the_finest_place_known(tmp_path: Path) -> None:
    bare = row(rec_id="2", street="", street_id="", community="", community_id="", unit="", unit_id="")
    no_street = row(rec_id="3", street="", street_id="", property="", source="", archived_on_time="-")
    import_events(table(tmp_path, bare, no_street, ROW))
    found = {case.event.external_id: case for case in Case.objects.select_related("area", "event")}
    assert (found["pingshan:2"].area.code, found["pingshan:2"].lead) == ("440310000000", None)
    assert found["pingshan:2"].title == "侵占绿地"
    assert found["pingshan:3"].area_id == found["pingshan:9148"].area_id
    assert (found["pingshan:3"].channel, found["pingshan:3"].event.on_time) == ("import", None)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (ROW.rsplit(",", 1)[0], "20 列"),
        (row(rec_id=""), "无法辨认"),
        (row(created_at=""), "不知何时提出"),
        (row(created_at="2018-02-30 15:34:40"), "不是可用的时间"),
        (row(created_at="08/02/2018"), "不是可用的时间"),
        (row(created_at="0001-01-01 00:00:00"), "不是可用的时间"),
        (row(created_at="1018-02-08 15:34:40"), "1900"),
        (row(created_at="2118-02-08 15:34:40"), "将来"),
        (row(archived_on_time="yes"), "对照文件里没有"),
        (row(report_num="viele"), "正整数"),
        (row(street="街\udcff道"), "UTF-8"),
        (row(street="街\x00道"), "空字符"),
        (row(street='"街道'), "? 列"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_the_next_is_taken(
    tmp_path: Path, bad: str, reason: str
) -> None:
    report = import_events(table(tmp_path, bad, row(rec_id="9999")))
    assert counts(report) == (1, 0, 1)
    ((number, said),) = reasons(report)
    assert number == 2
    assert reason in said
    assert Event.objects.get().external_id == "pingshan:9999"


def test_the_same_id_again_is_unchanged_when_equal_and_rejected_when_not(tmp_path: Path) -> None:
    assert counts(import_events(table(tmp_path, ROW, ROW, row(unit="别的单位")))) == (1, 1, 1)
    report = import_events(table(tmp_path, row(sub_type="别的小类")))
    assert counts(report) == (0, 0, 1)
    assert "以前的导入" in reasons(report)[0][1]


def test_an_interrupted_import_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(tmp_path, *(row(rec_id=str(n)) for n in range(25)))
    monkeypatch.setattr(events_import, "BATCH", 10)

    def interrupt(done: int, n_rows: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_events(path, progress=interrupt)
    assert Case.objects.count() == 20
    seen: list[tuple[int, int]] = []
    report = import_events(path, progress=lambda done, n_rows: seen.append((done, n_rows)))
    assert counts(report) == (5, 20, 0)
    assert seen == [(10, 25), (20, 25), (25, 25)]
    assert max(Case.objects.values_list("number", flat=True)) == "440310-EV-2018-000025"
    assert proof.verify_all().first_fault is None


def test_another_file_brings_its_own_mapping(tmp_path: Path) -> None:
    path, mapping = own(
        tmp_path,
        '1,2020-01-01T08:00:00+08:00,2020-01-02,"路灯\n不亮",114.3,22.7',
        "2,2020-01-02,2020-01-01,路灯,114.3,22.7",
        "3,2020-01-01,,路灯,914.3,22.7",
        "4,2020-01-01,,路灯,nan,22.7",
        "5,2020-01-01,,,0,0",
    )
    report = import_events(path, mapping=mapping)
    assert counts(report) == (2, 0, 3)
    assert [number for number, _ in reasons(report)] == [4, 5, 6]
    first, last = Case.objects.order_by("pk")
    assert (first.lng, first.lat, first.precision) == (114.3, 22.7, "point")
    assert first.opened_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert first.ended_at == datetime(2020, 1, 1, 16, tzinfo=UTC)
    assert (last.lng, last.event.category, last.precision) == (None, None, "county")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("[row]", "[rows]"), "external_id"),
        (('"nanxi"', '"Nan Xi"'), "source"),
        (('"Asia/Shanghai"', '"Asia/Nowhere"'), "Asia/Nowhere"),
        (('"440310000000"', '"4403"'), "root.code"),
        (('["{what}"]', '["{id}"]'), "id"),
        (('lat = "lat"', ""), "lng"),
        (('opened_at = "from"', 'opened_at = "from"\nopend = "x"'), "opend"),
        (("[row]", "[row"), "TOML"),
        (('opened_at = "from"', "opened_at = 3"), "opened_at"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, change: tuple[str, str], named: str
) -> None:
    path, mapping = own(tmp_path)
    mapping.write_text(OWN.replace(*change), encoding="utf-8")
    with pytest.raises(Unreadable) as refused:
        import_events(path, mapping=mapping)
    assert refused.value.code == "imports.bad_mapping"
    assert named in refused.value.message.zh


def test_a_file_of_no_known_form_says_what_to_do(tmp_path: Path) -> None:
    path, mapping = own(tmp_path)
    with pytest.raises(Unreadable) as refused:
        import_events(path)
    assert refused.value.code == "imports.wrong_columns"
    assert "--mapping" in refused.value.message.zh
    assert "pingshan" in refused.value.message.en
    with pytest.raises(Unreadable) as refused:
        import_events(table(tmp_path, header="id,from"), mapping=mapping)
    assert "lng" in refused.value.message.zh
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress((HEADER + "\n" + ROW * 200).encode())[:-9])
    with pytest.raises(Unreadable) as refused:
        import_events(broken)
    assert refused.value.code == "imports.damaged"
    assert not Case.objects.exists()


def test_a_batch_takes_the_same_few_statements_whatever_its_size(tmp_path: Path) -> None:
    import_events(table(tmp_path, ROW))
    taken = []
    for size in (10, 400):
        path = table(tmp_path, *(row(rec_id=f"{size}-{n}") for n in range(size)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            import_events(path)
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_each_shipped_mapping_reads_well() -> None:
    assert [mapping.source for mapping in shipped()] == ["boston", "pingshan"]


def test_all_of_pingshan_counts_as_its_file_does() -> None:
    path = shared("data/grid_cases/pingshan_2018_train.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert counts(import_events(path)) == (len(rows), 0, 0)
    found = Case.objects.select_related("event__category__parent__parent", "lead", "area__parent")
    cases = [case for case in found if case.event.category and case.event.category.parent]
    assert Counter(case.event.on_time for case in cases) == Counter(
        {"1": True, "0": False}.get(row["archived_on_time"]) for row in rows
    )
    paths = Counter((row["event_type"], row["main_type"], row["sub_type"]) for row in rows)
    assert Counter(_path(case.event.category) for case in cases) == paths
    assert Counter(case.lead.name if case.lead else "" for case in cases) == Counter(r["unit"] for r in rows)
    assert Counter(case.area.name for case in cases if case.precision == "village") == Counter(
        row["community"] for row in rows if row["community"]
    )
    assert Counter(case.facts.get("kind_name", "") for case in cases) == Counter(r["property"] for r in rows)
    assert proof.verify_all().as_dict()["n_records"] == len(rows)
    assert proof.verify_all().first_fault is None
    assert counts(import_events(path)) == (0, len(rows), 0)


def _path(category: Category | None) -> tuple[str, ...]:
    names: list[str] = []
    while category is not None:
        names.insert(0, category.name)
        category = category.parent
    return tuple(names)


def test_a_slice_of_boston_keeps_its_points_and_times(tmp_path: Path) -> None:
    with gzip.open(shared("data/requests311/boston_2011.csv.gz"), "rt", encoding="utf-8-sig") as file:
        lines = [file.readline().rstrip("\n") for _ in range(301)]
    path = table(tmp_path, *lines[1:], header=lines[0])
    assert counts(import_events(path)) == (300, 0, 0)
    rows = {f"boston:{row['case_enquiry_id']}": row for row in csv.DictReader(lines)}
    for case in Case.objects.select_related("event", "area"):
        source = rows[case.event.external_id or ""]
        assert (case.lng, case.lat) == (float(source["longitude"]), float(source["latitude"]))
        assert (case.ended_at is None) == (source["closed_dt"] == "")
        assert case.area.name == (source["neighborhood"].strip() or "波士顿")
        assert case.status == "ended"
    first = Event.objects.get(external_id="boston:101000295613").case
    assert first.opened_at == datetime(2011, 7, 1, 5, 32, 33, tzinfo=UTC)
