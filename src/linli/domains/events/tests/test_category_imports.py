"""Imports of category directories: the official form, the general one, and new versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.base.errors import Unreadable
from linli.domains.events.imports.categories import import_categories
from linli.domains.events.models import Category, Directory, DispatchRule
from linli.domains.events.tests.test_imports import counts, reasons
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

OFFICIAL = "kind,code,major_code,major_name,name\n"
ROWS = (
    "管理部件,01001,01,市政公用设施,供水井盖\n"
    "管理事项,01001,01,市政公用设施类,供水井盖缺失\n"
    "管理事项,09003,09,街面秩序类,流浪乞讨\n"
)


def directory(folder: Path, text: str, name: str = "directory.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_official_form_becomes_a_tree_of_kind_major_item(tmp_path: Path) -> None:
    path = directory(tmp_path, OFFICIAL + ROWS)
    assert counts(import_categories(path)) == (3, 0, 0)
    item = Category.objects.select_related("parent__parent").get(key="gbt47678:1:M01001")
    assert item.parent is not None
    assert item.parent.parent is not None
    assert (item.parent.key, item.parent.name) == ("gbt47678:1:M01", "市政公用设施类")
    assert (item.parent.parent.key, item.parent.parent.title.en) == ("gbt47678:1:M", "Incidents")
    assert (item.depth, item.active) == (3, True)
    assert Category.objects.get(key="gbt47678:1:C01001").name == "供水井盖"
    assert list(Category.objects.filter(help_case=True).values_list("code", flat=True)) == ["M09003"]
    assert Directory.objects.get().active
    assert counts(import_categories(path)) == (0, 3, 0)


def test_the_whole_official_directory() -> None:
    path = shared("data/urban_management/gbt47678_5_2026_directory.csv")
    assert counts(import_categories(path)) == (403, 0, 0)
    assert Category.objects.filter(depth=3).count() == 403
    assert Category.objects.filter(depth=3, code__startswith="C").count() == 153
    assert Category.objects.filter(depth__lt=3).count() == 17
    assert counts(import_categories(path)) == (0, 403, 0)


def test_a_changed_file_is_a_new_version_that_keeps_what_was_set_by_hand(tmp_path: Path) -> None:
    import_categories(directory(tmp_path, OFFICIAL + ROWS))
    Category.objects.filter(key="gbt47678:1:C01001").update(limit="4 hours", keywords="井盖")
    area = Area.objects.create(code="350102000000", prefix="350102", name="鼓楼区", level="county")
    water = Organisation.objects.create(code="water", name="自来水公司", kind="company", area=area)
    helper = Organisation.objects.create(code="street", name="街道办", kind="office", area=area)
    rule = DispatchRule.objects.create(category=Category.objects.get(key="gbt47678:1:C01001"), lead=water)
    rule.helpers.add(helper)
    assert counts(import_categories(directory(tmp_path, OFFICIAL + ROWS))) == (0, 3, 0)
    added = ROWS + "管理部件,01002,01,市政公用设施,污水井盖\n"
    assert counts(import_categories(directory(tmp_path, OFFICIAL + added))) == (4, 0, 0)
    assert list(Directory.objects.order_by("version").values_list("version", "active")) == [
        (1, False),
        (2, True),
    ]
    kept = Category.objects.get(key="gbt47678:2:C01001")
    assert (kept.limit, kept.keywords) == ("4 hours", "井盖")
    moved = DispatchRule.objects.get(category=kept)
    assert (moved.lead, list(moved.helpers.all())) == (water, [helper])
    assert DispatchRule.objects.count() == 2


def test_the_general_form_takes_any_depth_and_its_own_columns(tmp_path: Path) -> None:
    text = (
        "level1,level2,level3,code,limit,needs_photos\n"
        "市政,,,A,,\n"
        "市政,道路,破损,A.1,2 working days,1\n"
        "市政,照明,,A.2,4 hours,0\n"
        "农业,,,,,\n"
    )
    named = directory(tmp_path, '[directory]\ncode = "nanxi"\ntitle = "南溪类别"\n', "nanxi.toml")
    path = directory(tmp_path, text)
    assert counts(import_categories(path, mapping=named)) == (4, 0, 0)
    lamp = Category.objects.select_related("parent__parent").get(key="nanxi:1:A.1")
    assert lamp.parent is not None
    assert lamp.parent.parent is not None
    assert (lamp.name, lamp.parent.name, lamp.parent.parent.code) == ("破损", "道路", "A")
    assert (lamp.limit, lamp.needs_photos, lamp.depth) == ("2 working days", True, 3)
    assert Category.objects.get(key="nanxi:1:A.2").depth == 2
    assert Directory.objects.get().title == "南溪类别"
    assert counts(import_categories(path, mapping=named)) == (0, 4, 0)


def test_a_second_directory_is_not_in_use_by_itself(tmp_path: Path) -> None:
    import_categories(directory(tmp_path, OFFICIAL + ROWS))
    report = import_categories(directory(tmp_path, "level1\n市政\n", "other.csv"))
    assert "没有启用" in report.notes[-1].zh
    assert not Directory.objects.get(code="other").active


def test_bad_rows_of_a_directory_are_rejected_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    bad = (
        "管理别的,01001,01,市政,井盖\n"
        "管理部件,1001,01,市政,井盖\n"
        "管理部件,02001,01,市政,井盖\n"
        "管理部件,01009,01,市政公用设施,\n"
        "管理部件,01001,01,市政公用设施,别的\n"
        "管理部件,01001,01,市政公用设施,供水井盖\n"
        "管理部件,01001\n"
    )
    path = directory(tmp_path, OFFICIAL + ROWS + bad)
    report = import_categories(path, dry_run=True)
    assert counts(report) == (3, 1, 6)
    assert [row for row, _ in reasons(report)] == [5, 6, 7, 8, 9, 11]
    assert not Category.objects.exists()
    with pytest.raises(Unreadable) as refused:
        import_categories(directory(tmp_path, "a,b\n1,2\n", "wrong.csv"))
    assert refused.value.code == "imports.wrong_columns"
