"""Plans of grids (网格调整方案): nothing in force changes before publishing; each refusal leaves the draft as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import shapely

from linli.base.clock import today
from linli.base.errors import LinliError, OutOfDate
from linli.kernel.places import plans, publishing, queries, services
from linli.kernel.places.models import Area, AreaChange, AreaShape, GridPlan
from linli.kernel.places.tests.conftest import Clerk, square

Tree = dict[str, Area]
CUT = [(119.3, 25.9), (119.3, 27.1)]


def box(west: float, east: float) -> dict[str, Any]:
    found: dict[str, Any] = shapely.geometry.mapping(shapely.box(west, 26, east, 27))
    return found


@pytest.fixture
def village(tree: Tree, clerk: Clerk) -> Area:
    """A village of two grids side by side."""
    found = tree["350102001001"]
    services.set_shape(found, square(119, 26), datum="WGS84", by=clerk)
    for number, (west, east) in {"001": (119, 119.5), "002": (119.5, 120)}.items():
        grid = services.create_area(f"350102001001{number}", name=f"庆城{number}", by=clerk)
        services.set_shape(grid, box(west, east), datum="WGS84", by=clerk)
    return found


@pytest.fixture
def plan(village: Area, clerk: Clerk) -> GridPlan:
    return plans.begin_plan(village, by=clerk)


def names(plan: GridPlan) -> list[str]:
    return [cell.name for cell in plans.cells_of(plan)]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(LinliError) as error:
        call()
    assert error.value.message.zh.endswith("。")
    assert error.value.message.en.endswith(".")
    return error.value.code


def in_force(village: Area) -> list[tuple[str, str]]:
    return [(a.code, a.name) for a in queries.children(village)]


def test_a_plan_begins_with_what_is_in_force(plan: GridPlan, village: Area, clerk: Clerk) -> None:
    assert names(plan) == ["庆城001", "庆城002"]
    assert publishing.check_plan(plan).is_complete
    assert publishing.outcome_of(plan).changes_nothing
    assert refusal(lambda: plans.begin_plan(village, by=clerk)) == "places.plan_open"


def test_a_plan_needs_a_village_with_a_border(tree: Tree, clerk: Clerk) -> None:
    assert refusal(lambda: plans.begin_plan(tree["350102001000"], by=clerk)) == "places.not_a_village"
    assert refusal(lambda: plans.begin_plan(tree["350102001002"], by=clerk)) == "places.no_shape"


def test_drawing_changes_the_draft_alone_and_can_be_undone(
    plan: GridPlan, village: Area, clerk: Clerk
) -> None:
    before = in_force(village)
    plan = plans.split_cell(plan, "1", CUT, by=clerk, seq=plan.seq)
    assert names(plan) == ["庆城001", "庆城001（2）", "庆城002"]
    plan = plans.rename_cell(plan, "3", name="新 网格", name_en="New grid", by=clerk, seq=plan.seq)
    plan = plans.merge_cells(plan, ["3", "2"], by=clerk, seq=plan.seq)
    assert names(plan) == ["庆城001", "新 网格"]
    plan = plans.add_cell(plan, shapely.box(119.1, 26.1, 119.2, 26.2), name="小区", by=clerk, seq=plan.seq)
    moved = shapely.box(119.28, 26, 120, 27)
    plan = plans.redraw_cell(plan, "3", moved, by=clerk, seq=plan.seq)
    assert publishing.check_plan(plan).is_complete
    assert in_force(village) == before
    for left in (3, 2, 3, 3, 2):
        plan = plans.undo(plan, by=clerk, seq=plan.seq)
        assert len(names(plan)) == left
    assert names(plan) == ["庆城001", "庆城002"]
    assert refusal(lambda: plans.undo(plan, by=clerk, seq=plan.seq)) == "places.nothing_to_undo"


def test_two_editors_do_not_overwrite_each_other(plan: GridPlan, clerk: Clerk) -> None:
    plans.split_cell(plan, "1", CUT, by=clerk, seq=plan.seq)
    with pytest.raises(OutOfDate):
        plans.rename_cell(plan, "2", name="甲", by=clerk, seq=0)
    assert names(GridPlan.objects.get(pk=plan.pk))[-1] == "庆城002"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda p, by: plans.split_cell(p, "9", CUT, by=by, seq=p.seq), "places.no_such_grid"),
        (lambda p, by: plans.split_cell(p, "2", CUT, by=by, seq=p.seq), "places.line_does_not_cut"),
        (lambda p, by: plans.merge_cells(p, ["1"], by=by, seq=p.seq), "places.too_few"),
        (lambda p, by: plans.merge_cells(p, [], by=by, seq=p.seq), "places.too_few"),
        (lambda p, by: plans.rename_cell(p, "1", name=" ", by=by, seq=p.seq), "places.name_missing"),
        (
            lambda p, by: plans.add_cell(p, shapely.box(1, 1, 2, 2), name="外", by=by, seq=p.seq),
            "places.grid_too_small",
        ),
        (lambda p, by: plans.replace_cells(p, [], datum="WGS84", by=by, seq=p.seq), "places.no_grids"),
        (lambda p, by: publishing.publish_plan(p, by=by, seq=p.seq), "places.no_day"),
    ],
)
def test_a_refusal_leaves_the_draft_as_it_was(
    plan: GridPlan, clerk: Clerk, act: Callable[[GridPlan, Clerk], object], code: str
) -> None:
    assert refusal(lambda: act(plan, clerk)) == code
    kept = GridPlan.objects.get(pk=plan.pk)
    assert (kept.cells, kept.seq, kept.past) == (plan.cells, 0, [])


def test_published_grids_begin_on_their_day_and_follow_the_old(
    plan: GridPlan, village: Area, clerk: Clerk
) -> None:
    first = today() + timedelta(days=10)
    plan = plans.split_cell(plan, "1", CUT, by=clerk, seq=plan.seq)
    plan = plans.rename_cell(plan, "2", name="东网格", by=clerk, seq=plan.seq)
    plan = plans.set_terms(plan, valid_from=first, note="入户工作量太大", by=clerk, seq=plan.seq)
    publishing.publish_plan(plan, by=clerk, seq=plan.seq)
    old = Area.objects.get(code="350102001001001")
    new = list(Area.objects.filter(parent=village, valid_from=first).order_by("code"))
    assert [(a.code, a.name) for a in new] == [
        ("350102001001003", "庆城001"),
        ("350102001001004", "庆城001（2）"),
    ]
    assert (old.valid_to, old.successor) == (first - timedelta(days=1), new[0])
    assert Area.objects.get(code="350102001001002").name == "东网格"
    assert [code for code, _ in in_force(village)] == ["350102001001001", "350102001001002"]
    assert queries.locate(119.1, 26.5) == old  # until then
    later = [a.code for a in queries.valid_on(first, Area.objects.filter(parent=village)).order_by("code")]
    assert later == ["350102001001002", "350102001001003", "350102001001004"]
    record = AreaChange.objects.get(area=village, act="replanned")
    assert record.after["ends"] == {"350102001001001": "350102001001003"}
    assert record.by == clerk.name
    assert AreaShape.objects.get(area=new[0]).source.endswith(str(plan.uid))
    kept = GridPlan.objects.get(pk=plan.pk)
    assert refusal(lambda: plans.undo(kept, by=clerk, seq=kept.seq)) == "places.plan_not_open"
    assert refusal(lambda: plans.begin_plan(village, by=clerk)) == "places.plan_pending"


def test_a_plan_with_faults_or_without_need_is_not_published(
    plan: GridPlan, village: Area, clerk: Clerk
) -> None:
    def publish(plan: GridPlan, days: int = 1) -> str:
        day = today() + timedelta(days=days)
        plan = plans.set_terms(plan, valid_from=day, note="", by=clerk, seq=plan.seq)
        return refusal(lambda: publishing.publish_plan(plan, by=clerk, seq=plan.seq))

    assert publish(plan) == "places.changes_nothing"
    plan.refresh_from_db()
    assert publish(plan, days=0) == "places.day_too_early"
    plan.refresh_from_db()
    gap = [
        {"type": "Feature", "properties": {"name": n}, "geometry": box(*wide)}
        for n, wide in {"西": (119, 119.4), "东": (119.45, 120.01)}.items()
    ]
    plan = plans.replace_cells(plan, gap, datum="WGS84", by=clerk, seq=plan.seq)
    report = publishing.check_plan(plan)
    assert (len(report.gaps), len(report.overlaps), len(report.outside)) == (1, 0, 1)
    assert publish(plan) == "places.plan_has_faults"
    plan.refresh_from_db()
    plan = plans.undo(plan, by=clerk, seq=plan.seq)
    plan = plans.rename_cell(plan, "1", name="庆城002", by=clerk, seq=plan.seq)
    assert publish(plan) == "places.same_names"
    services.create_area("35010200100100101", name="微网格", by=clerk)
    plan.refresh_from_db()
    plan = plans.undo(plan, by=clerk, seq=plan.seq)
    plan = plans.split_cell(plan, "1", CUT, by=clerk, seq=plan.seq)
    assert publish(plan) == "places.has_children"
    assert Area.objects.filter(parent=village).count() == 2


def test_a_dropped_plan_is_history(plan: GridPlan, village: Area, clerk: Clerk) -> None:
    plans.drop_plan(plan, by=clerk)
    assert plans.open_plan(village) is None
    assert refusal(lambda: plans.drop_plan(plan, by=clerk)) == "places.plan_not_open"
    assert plans.begin_plan(village, by=clerk).pk != plan.pk
