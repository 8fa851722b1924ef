"""Redrawing grids on screen (网格调整页面): the draft beside what is in force; who may not, finds nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.base.clock import today
from linli.kernel.places.models import Area, GridPlan
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import reported

pytestmark = pytest.mark.django_db
HERE = "/staff/admin/grids/350102001001/"
CUT = "119.303, 26.07\n119.303，26.10"


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


@pytest.fixture
def draft(admin: Client) -> GridPlan:
    assert admin.post(f"{HERE}begin/").status_code == 302
    return GridPlan.objects.get()


def do(admin: Client, act: str, **data: Any) -> Any:
    data.setdefault("seq", GridPlan.objects.latest("id").seq)
    return admin.post(f"{HERE}plan/", {"do": act, **data}, follow=True)


def names() -> list[str]:
    return [cell["name"] for cell in GridPlan.objects.latest("id").cells]


def test_only_administrators_of_the_area_find_it(cast: Cast, admin: Client) -> None:
    for who in ("dispatcher", "leader", "neighbour_dispatcher", "resident"):
        for path in ("/staff/admin/grids/", HERE, f"{HERE}plan/"):
            assert cast.client(who).get(path).status_code == 404
    assert admin.get("/staff/admin/grids/350102001000/").status_code == 404  # a township
    assert admin.get(f"{HERE}plan/").status_code == 404  # no draft yet


def test_villages_are_listed_with_their_grids_and_drafts(admin: Client, draft: GridPlan) -> None:
    rows = {a.name: (a.n_grids, a.has_draft) for a in admin.get("/staff/admin/grids/").context["rows"]}
    assert rows == {"庆城社区": (2, True), "中山社区": (1, False), "西湖社区": (1, False)}
    assert [a.name for a in admin.get("/staff/admin/grids/?q=中山").context["rows"]] == ["中山社区"]
    assert "接着改草稿" in admin.get(HERE).content.decode()


def test_each_stroke_is_a_form(admin: Client, draft: GridPlan) -> None:
    assert "已切开" in do(admin, "split", key="1", line=CUT).content.decode()
    assert names() == ["庆城第一网格", "庆城第一网格（2）", "庆城第二网格"]
    do(admin, "rename", key="3", name="庆城北片", name_en="North")
    ring = "119.304,26.082\n119.306,26.082\n119.306,26.084\n119.304,26.084"
    do(admin, "add", name="小广场", ring=ring)
    assert names()[-1] == "小广场"
    do(admin, "redraw", key="4", ring=ring.replace("26.084", "26.083"))
    page = do(admin, "merge", cell=["1", "4"])
    assert page.context["report"].is_complete
    assert names() == ["庆城第一网格", "庆城北片", "庆城第二网格"]
    do(admin, "undo")
    assert "小广场" in names()


@pytest.mark.parametrize(
    ("act", "data", "says"),
    [
        ("split", {"key": "1", "line": "119.3 26.1"}, "至少要 2 个点"),
        ("split", {"key": "1", "line": "北门\n南门"}, "第 1 行没看懂"),
        ("split", {"key": "1", "line": "119.4, 26.0\n119.4, 26.2"}, "没有把网格切成两块"),
        ("add", {"name": "甲", "ring": "119.30,26.08\n119.31,26.09\n119.31,26.08\n119.30,26.09"}, "自相交"),
        ("add", {"name": "甲", "ring": "1,200\n2,2\n3,3"}, "第 1 行超出范围"),
        ("add", {"name": "", "ring": "119.304,26.082\n119.306,26.082\n119.306,26.084"}, "填写网格名称"),
        ("merge", {"cell": ["1"]}, "至少两个相邻"),
        ("upload", {"datum": "WGS84"}, "选择一个 GeoJSON"),
        ("undo", {}, "没有可撤销"),
        ("split", {"key": "1", "line": CUT, "seq": "7"}, "刚被改过"),
    ],
)
def test_a_slip_is_said_and_nothing_is_lost(
    admin: Client, draft: GridPlan, act: str, data: dict[str, Any], says: str
) -> None:
    page = do(admin, act, **data)
    assert page.status_code in {409, 422}
    text = page.content.decode()
    assert says in text
    assert data.get("line", "") in text
    assert names() == ["庆城第一网格", "庆城第二网格"]


def test_what_was_exported_can_be_sent_back(admin: Client, draft: GridPlan) -> None:
    do(admin, "split", key="1", line=CUT)
    exported = admin.get(f"{HERE}plans/{draft.uid}.geojson")
    content = json.loads(exported.getvalue() if exported.streaming else exported.content)
    content["features"].pop()  # a gap
    file = SimpleUploadedFile("plan.geojson", json.dumps(content).encode())
    page = do(admin, "upload", datum="WGS84", file=file)
    assert [(fault.kind, round(fault.patch.m2, -3)) for fault in page.context["sheet"].faults] == [
        ("gaps", round(content_m2(admin, draft), -3))
    ]
    broken = do(admin, "upload", datum="WGS84", file=SimpleUploadedFile("x.json", b"[1"))
    assert broken.status_code == 422


def content_m2(admin: Client, draft: GridPlan) -> float:
    grid = admin.get("/staff/admin/grids/350102001001/").context["sheet"].cells[1]
    return float(grid.m2)


def test_the_dry_run_says_what_publishing_does(cast: Cast, admin: Client, draft: GridPlan) -> None:
    reported(cast)  # in the middle of the first grid
    do(admin, "split", key="1", line=CUT)
    page = admin.get(f"{HERE}plan/check/")
    preview = page.context["preview"]
    assert [(e.area.code, e.heir_code, e.n_open) for e in preview.endings] == [
        ("350102001001001", "350102001001003", 1)
    ]
    assert [post.title for e in preview.endings for post in e.posts] == ["网格员"]
    assert [(code, n) for code, _, n in preview.begins] == [("350102001001003", 1), ("350102001001004", 0)]
    assert "发布后要设岗位" in page.content.decode()


def test_publishing_waits_for_its_day(admin: Client, draft: GridPlan) -> None:
    do(admin, "split", key="1", line=CUT)

    def publish(day: str) -> Any:
        seq = GridPlan.objects.get().seq
        return admin.post(
            f"{HERE}plan/check/", {"seq": seq, "valid_from": day, "note": "片区太大"}, follow=True
        )

    for day, says in {"": "请填写日期", "明天": "请写成", today().isoformat(): "最早是明天"}.items():
        page = publish(day)
        assert page.status_code == 422
        assert says in page.content.decode()
    first = today() + timedelta(days=3)
    page = publish(first.isoformat())
    assert page.request["PATH_INFO"] == HERE
    assert "方案已发布" in page.content.decode()
    assert Area.objects.get(code="350102001001001").valid_to == first - timedelta(days=1)
    assert GridPlan.objects.get().state == "published"
    again = admin.post(f"{HERE}begin/", follow=True)
    assert "才生效" in again.content.decode()
    assert "调整网格" in admin.get("/staff/admin/areas/350102001001/").content.decode()


def test_a_dropped_draft_leaves_the_grids(admin: Client, draft: GridPlan) -> None:
    page = do(admin, "drop")
    assert "现行网格没有变" in page.content.decode()
    assert Area.objects.filter(level="grid", valid_to__isnull=False).count() == 0
