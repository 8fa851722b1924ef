"""Import of areas: counts that add up, a second run that changes nothing, and each rejection."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from linli.base.errors import Unreadable
from linli.base.imports import ImportReport
from linli.kernel.places import areas_import, queries, services
from linli.kernel.places.models import Area, AreaChange, AreaShape
from linli.kernel.places.tests.conftest import Clerk, square
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

HEADER = "code,name,level,parent_code\n"
TREE = (
    "350000000000,福建省,province,\n"
    "350100000000,福州市,prefecture,350000000000\n"
    "350102000000,鼓楼区,county,350100000000\n"
    "350102001000,鼓东街道,township,350102000000\n"
    "350102001001,庆城社区,village,350102001000\n"
)


def table(folder: Path, rows: str | bytes, name: str = "areas.csv") -> Path:
    path = folder / name
    path.write_bytes((HEADER + rows).encode() if isinstance(rows, str) else HEADER.encode() + rows)
    return path


def geojson(folder: Path, *features: dict[str, Any], name: str = "shapes.geojson", **top: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": list(features)}))
    return path


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def counts(report: ImportReport) -> tuple[int, int, int]:
    assert report.n_read == report.n_accepted + report.n_unchanged + report.n_rejected
    assert (report.rejects is None) == (report.n_rejected == 0)
    return report.n_accepted, report.n_unchanged, report.n_rejected


def rejects(report: ImportReport) -> list[dict[str, str]]:
    assert report.rejects
    with Path(report.rejects).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_table_twice_changes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, TREE)
    assert counts(services.import_areas(path)) == (5, 0, 0)
    assert counts(services.import_areas(path)) == (0, 5, 0)
    assert [a.name for a in queries.path(queries.area_by_code("350102001001"))] == [
        "福建省",
        "福州市",
        "鼓楼区",
        "鼓东街道",
        "庆城社区",
    ]


def test_children_may_stand_before_their_parents(tmp_path: Path) -> None:
    backwards = "\n".join(reversed(TREE.strip().split("\n")))
    assert counts(services.import_areas(table(tmp_path, backwards))) == (5, 0, 0)
    assert queries.area_by_code("350102001001").parent == queries.area_by_code("350102001")


def test_a_dry_run_counts_the_same_and_writes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, TREE + "350102001002,坏,county,350102001000\n")
    geojson(tmp_path, feature(square(119, 26), adcode="350102"))
    dry = services.import_areas(tmp_path, dry_run=True)
    assert not Area.objects.exists()
    assert path.exists()
    assert len(rejects(dry)) == 1
    assert counts(dry) == counts(services.import_areas(tmp_path)) == (6, 0, 1)


def test_gzip_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv.gz"
    path.write_bytes(gzip.compress(("\ufeff" + HEADER + TREE).replace("\n", "\r\n").encode()))
    assert counts(services.import_areas(path)) == (5, 0, 0)
    assert queries.area_by_code("350000").parent is None


def test_a_new_name_is_taken_and_recorded(tmp_path: Path, clerk: Clerk) -> None:
    services.import_areas(table(tmp_path, TREE))
    report = services.import_areas(table(tmp_path, TREE.replace("庆城社区", "庆城新村")), by=clerk)
    assert counts(report) == (1, 4, 0)
    area = queries.area_by_code("350102001001")
    assert area.name == "庆城新村"
    assert AreaChange.objects.get(area=area).by == clerk.name


def test_optional_columns_are_taken_and_other_columns_left(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_text(
        "remark,level,code,name,name_en,parent_code,valid_from\n,county,350102000000,鼓楼区,Gulou,,2020-01-01\n"
    )
    assert counts(services.import_areas(path)) == (1, 0, 0)
    area = queries.area_by_code("350102")
    assert (area.name_en, str(area.valid_from)) == ("Gulou", "2020-01-01")
    # A table without these columns says nothing about them.
    assert counts(services.import_areas(table(tmp_path, "350102000000,鼓楼区,county,\n"))) == (0, 1, 0)


def test_a_mapping_names_the_columns_of_another_file(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("区划代码,名称,层级,上级\n350102000000,鼓楼区,county,\n")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[columns]\ncode = "区划代码"\nname = "名称"\nlevel = "层级"\nparent_code = "上级"\n')
    assert counts(services.import_areas(path, mapping=mapping)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("35010200100,短码,village,350102001000", "12位"),
        ("35010200100A,字母,village,350102001000", "数字"),
        ("000000000000,零,province,", "12位"),
        ("350102001002,层级错,township,350102001000", "层级"),
        ("350102001002,上级错,village,350102002000", "与本级代码不符"),
        ("350102002001,无上级,village,350102002000", "不存在"),
        ("350102002001,无上级,village,nonsense", "12位"),
        ("350102001002,,village,350102001000", "名称为空"),
        ("350102001002,缺列,village", "3 列"),
        ("350102001002,多列,village,350102001000,x", "5 列"),
        ('350102001002,"引号,village,350102001000', "引号"),
        ("350102001001,改名社区,village,350102001000", "已出现"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_the_others_are_taken(
    tmp_path: Path, row: str, reason: str
) -> None:
    report = services.import_areas(table(tmp_path, TREE + row + "\n350102001003,后来,village,350102001000\n"))
    assert counts(report) == (6, 0, 1)
    (reject,) = rejects(report)
    assert (reject["file"], reject["row"], reject["content"]) == ("areas.csv", "7", row)
    assert reason in reject["reason_zh"]
    assert reject["reason_en"].isascii() or "改名社区" in row or "庆城社区" in reject["reason_en"]
    assert queries.area_by_code("350102001003").name == "后来"


def test_bytes_that_are_not_utf8_spoil_only_their_row(tmp_path: Path) -> None:
    row = "350102001002,中山社区,village,350102001000\n"
    report = services.import_areas(table(tmp_path, TREE.encode() + row.encode("gb18030") + row.encode()))
    assert counts(report) == (6, 0, 1)
    assert "UTF-8" in rejects(report)[0]["reason_zh"]


def test_the_child_of_a_rejected_row_is_rejected_too(tmp_path: Path) -> None:
    rows = TREE + "350102002000,,township,350102000000\n350102002001,西湖社区,village,350102002000\n"
    report = services.import_areas(table(tmp_path, rows))
    assert counts(report) == (5, 0, 2)
    assert not Area.objects.filter(prefix__startswith="350102002").exists()


def test_a_cell_that_looks_like_a_formula_is_disarmed_in_the_list_of_rejects(tmp_path: Path) -> None:
    report = services.import_areas(table(tmp_path, "=1+1,x,village,\n350000000000,福建省,province,\n"))
    assert rejects(report)[0]["content"].startswith("'=1+1")
    assert report.rejects
    assert Path(report.rejects).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"id,title\n1,x\n", "imports.wrong_columns"),
        ("a.csv", b"", "imports.wrong_columns"),
        ("a.csv", "code,name,level,parent_code".encode("utf-16"), "imports.wrong_columns"),
        ("a.csv.gz", b"not gzip", "imports.damaged"),
        ("a.csv.gz", gzip.compress(HEADER.encode(), mtime=0)[:-9], "imports.damaged"),
        ("a.geojson", b'{"type": "FeatureColl', "imports.not_geojson"),
        ("a.geojson", b"[1, 2]", "imports.not_geojson"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": {}}', "imports.not_geojson"),
        ("a.geojson", "福".encode("gb18030"), "imports.not_geojson"),
        ("a.xlsx", b"PK", "imports.wrong_kind"),
    ],
)
def test_a_file_that_is_no_area_file_is_refused(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable) as error:
        services.import_areas(tmp_path / name)
    assert error.value.code == code
    if code == "imports.wrong_columns":
        assert "code,name,level,parent_code" in error.value.message.zh
        assert "code,name,level,parent_code" in error.value.message.en


@pytest.mark.parametrize("missing", ["no-such-file.csv", "empty"])
def test_nothing_to_read_is_refused(tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Unreadable) as error:
        services.import_areas(tmp_path / missing)
    assert error.value.code == "imports.no_file"


def test_an_unreadable_file_in_a_folder_stops_before_anything_is_written(tmp_path: Path) -> None:
    table(tmp_path, TREE)
    (tmp_path / "z.geojson").write_text("{")
    with pytest.raises(Unreadable):
        services.import_areas(tmp_path)
    assert not Area.objects.exists()


def test_shapes_come_after_the_tables_of_a_folder_and_say_their_datum(tmp_path: Path) -> None:
    table(tmp_path, TREE, "z.csv")
    (tmp_path / "counts.csv").write_text("county_code,villages\n350102,69\n")
    geojson(tmp_path, feature(square(119, 26), adcode=350102, level="county"), name="a.geojson")
    geojson(
        tmp_path,
        feature(square(119, 26, 0.5), code="350102001001", illustrative=True),
        name="b.geojson",
        datum="WGS84",
    )
    first = services.import_areas(tmp_path)
    assert counts(first) == (7, 0, 0)
    assert len(first.notes) == 1
    assert "counts.csv" in first.notes[0].zh
    county, village = AreaShape.objects.order_by("area__code")
    assert (county.source_datum, county.illustrative, village.source_datum, village.illustrative) == (
        "GCJ02",
        False,
        "WGS84",
        True,
    )
    assert village.max_lat == 26.5
    assert county.min_lat != 26
    assert counts(services.import_areas(tmp_path)) == (0, 7, 0)


def test_what_goes_out_comes_in_unchanged(tmp_path: Path, tree: dict[str, Area], clerk: Clerk) -> None:
    services.set_shape(tree["350102001001"], square(119, 26), datum="WGS84", by=clerk)
    path = tmp_path / "out.geojson"
    path.write_text(json.dumps(queries.shapes_geojson(queries.within("350102"))))
    assert counts(services.import_areas(path)) == (0, 1, 0)


def test_one_county_of_a_shape_file_is_a_root_until_its_province_comes(tmp_path: Path) -> None:
    path = geojson(
        tmp_path, feature(square(119, 26), adcode="350102", name="鼓楼区", level="county", parent="350100")
    )
    assert counts(services.import_areas(path)) == (1, 0, 0)
    assert list(queries.roots()) == [queries.area_by_code("350102")]
    assert queries.locate(119.5, 26.5) == queries.area_by_code("350102")
    assert counts(services.import_areas(table(tmp_path, TREE))) == (4, 1, 0)
    assert [area.code for area in queries.roots()] == ["350000000000"]


BOW_TIE = {"type": "Polygon", "coordinates": [[[119, 26], [120, 27], [120, 26], [119, 27], [119, 26]]]}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (feature(BOW_TIE, adcode="350102"), "自相交"),
        (feature(None, adcode="350102"), "没有图形"),
        (feature(square(119, 26)), "缺少 code"),
        (feature(square(119, 26), adcode="35010"), "12位"),
        (feature(square(119, 26), adcode="350102", level="township"), "层级"),
        (feature(square(119, 26), adcode="350103"), "没有名称"),
        (feature(square(119, 26), code="350102009001", name="无上级"), "不存在"),
        (feature(square(119, 26), adcode="350102", datum="XIAN80"), "坐标系"),
        (feature(square(119, 26, 2), adcode="350100"), "已出现"),
        ({"type": "Feature"}, "缺少 code"),
    ],
)
def test_a_bad_shape_is_rejected_with_its_reason(tmp_path: Path, bad: dict[str, Any], reason: str) -> None:
    services.import_areas(table(tmp_path, TREE))
    report = services.import_areas(geojson(tmp_path, feature(square(119, 26), adcode="350100"), bad))
    assert counts(report) == (1, 0, 1)
    (reject,) = rejects(report)
    assert reject["row"] == "2"
    assert reason in reject["reason_zh"]


def test_an_interrupted_import_is_finished_by_running_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(tmp_path, TREE)
    monkeypatch.setattr(areas_import, "BATCH", 1)
    done: list[tuple[int, int]] = []

    def stop_after_three(n_done: int, n_rows: int) -> None:
        done.append((n_done, n_rows))
        if n_done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.import_areas(path, progress=stop_after_three)
    assert done[-1] == (3, 5)
    assert counts(services.import_areas(path)) == (2, 3, 0)


def test_a_historic_area_becomes_a_real_one(tmp_path: Path, clerk: Clerk) -> None:
    services.create_area("350102000000", name="旧名", historic=True, by=clerk)
    assert counts(services.import_areas(table(tmp_path, "350102000000,鼓楼区,county,\n"))) == (1, 0, 0)
    assert queries.area_by_code("350102").historic is False


def test_the_divisions_and_shapes_of_fujian(tmp_path: Path) -> None:
    report = services.import_areas(shared("data/admin/fujian_divisions.csv"))
    assert counts(report) == (18_760, 0, 0)
    report = services.import_areas(shared("data/admin/fujian_counties.geojson.gz"))
    assert counts(report) == (84, 0, 0)
    gulou = queries.locate(119.2964, 26.0871)  # the old town hall of Fuzhou
    assert gulou is not None
    assert [area.name for area in queries.path(gulou)] == ["福建省", "福州市", "鼓楼区"]
    # The same four districts once more, from another file.
    assert counts(services.import_areas(shared("data/admin/fuzhou_districts.geojson"))) == (0, 4, 0)
    prefecture = queries.area_by_code("350200")
    services.import_areas(shared("data/admin/fujian_prefectures.geojson.gz"))
    cover = services.check_cover(prefecture)
    assert cover.without_shape == ()
    assert len(queries.search_by_name("鼓楼", limit=3)) == 3
