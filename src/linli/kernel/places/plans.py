"""Verbs of a draft of grids (网格调整方案的起草): begun, drawn, undone, dropped. Nothing in force changes by them.

Who may is asked above. `publishing` checks a draft and puts it into force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from linli.base.clock import now, today
from linli.base.errors import Invalid, OutOfDate, Refused
from linli.base.i18n import Text
from linli.kernel.places import queries, tiling
from linli.kernel.places.models import Area, AreaShape, GridPlan
from linli.kernel.places.services import By
from linli.kernel.places.shapes import read_shape
from linli.kernel.places.tiling import Cell

MOST_CELLS = 60
MOST_VERTICES = 20_000
STEPS_KEPT = 20
LONGEST_NOTE = 200


def cells_of(plan: GridPlan) -> list[Cell]:
    """The grids of a plan (方案中的网格)."""
    return [
        Cell(c["key"], c["name"], shapely.from_wkb(bytes.fromhex(c["shape"])), c["name_en"], c["code"])
        for c in plan.cells
    ]


def open_plan(village: Area) -> GridPlan | None:
    return GridPlan.objects.filter(village=village, state="draft").first()


@transaction.atomic
def begin_plan(village: Area, *, by: By, at: datetime | None = None) -> GridPlan:
    """Begin a plan with the grids in force (开始调整网格). Refuses `places.not_a_village`, `places.no_shape`, and
    `places.plan_open` while another draft of the village is open."""
    if village.level != "village":
        raise Refused(
            "places.not_a_village",
            Text(
                "网格在村（社区）下面调整。请先选村。",
                "Grids are drawn below a village. Choose the village first.",
            ),
        )
    border_of(village)
    if open_plan(village):
        raise Refused(
            "places.plan_open",
            Text(
                f"{village.name}已有一份没有发布的方案。请接着改它，或先放弃它。",
                f"{village.title.en} has a plan that is not published yet. Go on with it, or drop it first.",
            ),
        )
    pending = GridPlan.objects.filter(village=village, state="published", valid_from__gt=today()).first()
    if pending is not None:
        raise Refused(
            "places.plan_pending",
            Text(
                f"已发布的方案到 {pending.valid_from} 才生效。到那天以后再开始新的调整。",
                f"A published plan comes into force on {pending.valid_from}. Begin the next one from that day.",
            ),
        )
    grids = grids_in_force(village)
    cells = [Cell(str(i), a.name, shape, a.name_en, a.code) for i, (a, shape) in enumerate(grids, start=1)]
    moment = at or now()
    return GridPlan.objects.create(
        village=village,
        cells=_kept(cells),
        made_by=(by.name or "")[:80],
        account_id=by.account_id,
        made_at=moment,
        changed_at=moment,
    )


def border_of(village: Area) -> BaseGeometry:
    row = AreaShape.objects.filter(area=village).first()
    if row is None:
        raise Refused(
            "places.no_shape",
            Text(
                f"{village.name}还没有边界图形。请先上传它的边界，再划网格。",
                f"{village.title.en} has no border yet. Upload it first, then draw the grids.",
            ),
        )
    return row.polygon


def grids_in_force(village: Area) -> list[tuple[Area, BaseGeometry]]:
    below = queries.children(village).filter(level="grid", shape__isnull=False).select_related("shape")
    return [(area, area.shape.polygon) for area in below]


def split_cell(
    plan: GridPlan,
    key: str,
    line: Sequence[tuple[float, float]],
    *,
    by: By,
    seq: int,
    at: datetime | None = None,
) -> GridPlan:
    """Cut a grid along a line (切分网格): the largest part keeps the name, the others get a number."""

    def cut(cells: list[Cell]) -> list[Cell]:
        cell = _cell(cells, key)
        largest, *others = tiling.split(cell.shape, line)
        names = _fresh_names(cells, cell, len(others))
        new = [
            Cell(_fresh_key(cells, i), name, part, name_en)
            for i, (part, (name, name_en)) in enumerate(zip(others, names, strict=True))
        ]
        at = cells.index(cell)
        return [*cells[:at], replace(cell, shape=largest), *new, *cells[at + 1 :]]

    return _change(plan, "split", cut, by=by, seq=seq, at=at)


def merge_cells(
    plan: GridPlan, keys: Sequence[str], *, by: By, seq: int, at: datetime | None = None
) -> GridPlan:
    """Join neighbours (合并网格): the first of them keeps its name."""

    def join(cells: list[Cell]) -> list[Cell]:
        chosen = [_cell(cells, key) for key in dict.fromkeys(keys)]
        joined = replace(chosen[0] if chosen else cells[0], shape=tiling.merge([c.shape for c in chosen]))
        return [joined if c.key == joined.key else c for c in cells if c.key == joined.key or c not in chosen]

    return _change(plan, "merge", join, by=by, seq=seq, at=at)


def redraw_cell(
    plan: GridPlan, key: str, shape: BaseGeometry, *, by: By, seq: int, at: datetime | None = None
) -> GridPlan:
    """Move the border of a grid (移动边界); its neighbours give way."""

    def move(cells: list[Cell]) -> list[Cell]:
        return tiling.give_way(cells, replace(_cell(cells, key), shape=shape), border_of(plan.village))

    return _change(plan, "redraw", move, by=by, seq=seq, at=at)


def add_cell(
    plan: GridPlan, shape: BaseGeometry, *, name: str, by: By, seq: int, at: datetime | None = None
) -> GridPlan:
    """Draw a new grid (画新网格), into a gap or out of its neighbours."""

    def add(cells: list[Cell]) -> list[Cell]:
        new = Cell(_fresh_key(cells), _checked_name(name), shape)
        return tiling.give_way(cells, new, border_of(plan.village))

    return _change(plan, "add", add, by=by, seq=seq, at=at)


def rename_cell(
    plan: GridPlan, key: str, *, name: str, by: By, seq: int, name_en: str = "", at: datetime | None = None
) -> GridPlan:
    """Name a grid of the plan (命名)."""

    def name_it(cells: list[Cell]) -> list[Cell]:
        cell = replace(_cell(cells, key), name=_checked_name(name), name_en=name_en.strip()[:100])
        return [cell if c.key == key else c for c in cells]

    return _change(plan, "rename", name_it, by=by, seq=seq, at=at)


def replace_cells(
    plan: GridPlan,
    features: Sequence[Mapping[str, Any]],
    *,
    datum: str,
    by: By,
    seq: int,
    at: datetime | None = None,
) -> GridPlan:
    """Take the grids from a file (用文件里的网格): features with `name`, and `code` where a grid in force is meant.

    Refuses what `shapes.read_shape` refuses, and `places.no_grids`. Gaps and overlaps are for the check to say.
    """

    def take(_: list[Cell]) -> list[Cell]:
        in_force = {area.code: area for area, _ in grids_in_force(plan.village)}
        cells = []
        for i, feature in enumerate(features, start=1):
            given = feature.get("properties")
            properties = given if isinstance(given, Mapping) else {}
            code = str(properties.get("code") or "")
            known = in_force.get(code)
            name = str(properties.get("name") or (known.name if known else f"第{i}网格"))
            english = str(properties.get("name_en") or (known.name_en if known else f"Grid {i}"))
            shape = read_shape(feature, datum=datum)
            cells.append(Cell(str(i), _checked_name(name), shape, english[:100], code if known else ""))
        if not cells:
            raise Invalid(
                "places.no_grids",
                Text("文件里没有网格图形。", "The file holds no grid."),
                fields={"file": Text("文件里没有网格图形。", "The file holds no grid.")},
            )
        return cells

    return _change(plan, "upload", take, by=by, seq=seq, at=at)


@transaction.atomic
def undo(plan: GridPlan, *, by: By, seq: int, at: datetime | None = None) -> GridPlan:
    """Take back the last change of the draft (撤销一步). Refuses `places.nothing_to_undo`."""
    plan = locked_draft(plan, seq)
    if not plan.past:
        raise Refused("places.nothing_to_undo", Text("没有可撤销的了。", "There is nothing left to undo."))
    plan.cells = plan.past.pop()["cells"]
    return saved(plan, at)


@transaction.atomic
def set_terms(
    plan: GridPlan, *, valid_from: date | None, note: str, by: By, seq: int, at: datetime | None = None
) -> GridPlan:
    """From which day, and why (生效日期和说明)."""
    plan = locked_draft(plan, seq)
    plan.valid_from, plan.note = valid_from, " ".join(note.split())[:LONGEST_NOTE]
    return saved(plan, at)


@transaction.atomic
def drop_plan(plan: GridPlan, *, by: By, at: datetime | None = None) -> None:
    """Give a draft up (放弃方案): it stays in the history, nothing else changes."""
    n = GridPlan.objects.filter(pk=plan.pk, state="draft").update(state="dropped", changed_at=at or now())
    if not n:
        raise _not_open()


# ------------------------------------------------------------------------------------------------ the draft


@transaction.atomic
def _change(
    plan: GridPlan,
    what: str,
    change: Callable[[list[Cell]], list[Cell]],
    *,
    by: By,
    seq: int,
    at: datetime | None,
) -> GridPlan:
    plan = locked_draft(plan, seq)
    cells = change(cells_of(plan))
    n_vertices = sum(int(shapely.get_num_coordinates(c.shape)) for c in cells)
    if len(cells) > MOST_CELLS or n_vertices > MOST_VERTICES:
        raise Refused(
            "places.plan_too_large",
            Text(
                f"一个村最多 {MOST_CELLS} 个网格、{MOST_VERTICES} 个顶点。请简化边界，或先合并几个网格。",
                f"A village has at most {MOST_CELLS} grids and {MOST_VERTICES} corners. Simplify or merge first.",
            ),
        )
    plan.past = [*plan.past, {"what": what, "cells": plan.cells}][-STEPS_KEPT:]
    plan.cells = _kept(cells)
    return saved(plan, at)


def locked_draft(plan: GridPlan, seq: int) -> GridPlan:
    found = GridPlan.objects.select_for_update().select_related("village").get(pk=plan.pk)
    if found.state != "draft":
        raise _not_open()
    if found.seq != seq:
        raise OutOfDate(
            "places.plan_changed",
            Text(
                "这份方案刚被改过，您的这一步没有做。页面上已是最新的，请看过再改。",
                "The plan was changed meanwhile, so this step was not done. The page shows the newest; look, then go on.",
            ),
        )
    return found


def _not_open() -> Refused:
    return Refused(
        "places.plan_not_open",
        Text(
            "这份方案已经发布或放弃，不能再改。要再调整，请开始一份新的。",
            "This plan is published or dropped and cannot be changed. Begin a new one to go on.",
        ),
    )


def saved(plan: GridPlan, at: datetime | None) -> GridPlan:
    plan.seq += 1
    plan.changed_at = at or now()
    plan.save()
    return plan


def _kept(cells: Sequence[Cell]) -> list[dict[str, str]]:
    return [
        {
            "key": c.key,
            "name": c.name,
            "name_en": c.name_en,
            "code": c.code,
            "shape": shapely.to_wkb(c.shape).hex(),
        }
        for c in cells
    ]


def _cell(cells: Sequence[Cell], key: str) -> Cell:
    found = next((c for c in cells if c.key == key), None)
    if found is None:
        raise Refused(
            "places.no_such_grid",
            Text("方案里没有这个网格了。请重新选。", "That grid is no longer in the plan. Choose again."),
        )
    return found


def _fresh_key(cells: Sequence[Cell], offset: int = 0) -> str:
    return str(max((int(c.key) for c in cells), default=0) + 1 + offset)


def _fresh_names(cells: Sequence[Cell], cell: Cell, n: int) -> list[tuple[str, str]]:
    """`庆城第一网格` → `庆城第一网格（2）`: plain, not taken, to be renamed by whoever knows better."""
    taken = {c.name for c in cells}
    found: list[tuple[str, str]] = []
    number = 2
    while len(found) < n:
        name = f"{cell.name}（{number}）"
        if name not in taken:
            found.append((name, f"{cell.name_en or cell.name} ({number})"))
        number += 1
    return found


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100:
        problem = Text("请填写网格名称，最多 100 个字。", "Enter the grid's name, at most 100 characters.")
        raise Invalid("places.name_missing", problem, fields={"name": problem})
    return name
