"""A plan of grids as its pages show it (网格方案的呈现): drawn, checked, compared with what is in force, in words."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.people import gaps
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Post
from linli.kernel.places import plans, publishing
from linli.kernel.places.cover import CoverReport, Patch, compare
from linli.kernel.places.models import Area, GridPlan
from linli.kernel.places.publishing import Outcome
from linli.kernel.places.tiling import Cell
from linli.kernel.procedures.bygrid import open_by_grid, open_points
from linli.web.outlines import Paper

MOST_PATCHES = 30
LONGEST_CORNERS = 60_000  # letters
NUMBER = re.compile(r"-?\d{1,3}(?:\.\d{1,12})?")
STEPS = {
    "split": Text("切分", "cut"),
    "merge": Text("合并", "merge"),
    "redraw": Text("移动边界", "border moved"),
    "add": Text("画新网格", "new grid"),
    "rename": Text("改名", "name"),
    "upload": Text("用文件", "file"),
}
STATES = {
    "draft": Text("草稿", "draft"),
    "published": Text("已发布", "published"),
    "dropped": Text("已放弃", "dropped"),
}
KINDS = {
    "gaps": Text("空白：不属于任何网格", "Gap: in no grid"),
    "overlaps": Text("重叠：同属两个网格", "Overlap: in two grids"),
    "outside": Text("越界：在本村（社区）之外", "Outside the village"),
}


@dataclass(frozen=True)
class DrawnCell:
    """A grid of a drawing and of its table (图上的一个网格)."""

    key: str
    title: Text
    short: Text  # without the name of the village, as it stands on a drawing of that village
    path: str
    x: float
    y: float
    m2: float
    n_pieces: int
    css: str = ""


@dataclass(frozen=True)
class Fault:
    """A place where the plan does not fit (一处问题), with its names and where it is on the drawing."""

    kind: str
    title: Text
    patch: Patch
    names: tuple[Text, ...]
    x: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """A drawing of grids (网格图)."""

    paper: Paper
    border: str
    cells: tuple[DrawnCell, ...]
    faults: tuple[Fault, ...] = ()


def short_of(title: Text, village: Text) -> Text:
    """第1网格 for 庆城社区第1网格 (图上简称)."""
    zh, en = title.zh.removeprefix(village.zh).strip(), title.en.removeprefix(village.en).strip()
    return Text(zh or title.zh, en[:1].upper() + en[1:] if en else title.en)


def sheet_of(
    village: Area,
    border: BaseGeometry,
    cells: Sequence[Cell],
    report: CoverReport | None = None,
    new: Iterable[str] = (),
) -> Sheet:
    """Grids within the border of their village (绘制网格), those in `new` marked, faults with a cross."""
    paper = Paper.around(shapely.total_bounds([border, *(c.shape for c in cells)]), 640.0)
    marked = set(new)
    drawn = []
    for cell in cells:
        x, y = paper.middle(cell.shape)
        pieces = len(shapely.get_parts(cell.shape))
        css = "new" if cell.key in marked else ""
        title = cell.title
        drawn.append(
            DrawnCell(
                cell.key,
                title,
                short_of(title, village.title),
                paper.path(cell.shape),
                x,
                y,
                cell.m2,
                pieces,
                css,
            )
        )
    faults = () if report is None else tuple(_faults(report, cells, paper))
    return Sheet(paper, paper.path(border), tuple(drawn), faults)


def _faults(report: CoverReport, cells: Sequence[Cell], paper: Paper) -> Iterable[Fault]:
    names = {cell.key: cell.title for cell in cells}
    for kind, title in KINDS.items():
        for patch in getattr(report, kind)[:MOST_PATCHES]:
            x, y = paper.spot(patch.lng, patch.lat)
            yield Fault(kind, title, patch, tuple(names[key] for key in patch.codes), x, y)


def in_force(village: Area) -> list[Cell]:
    """The grids in force as cells (现行网格)."""
    return [
        Cell(area.code, area.name, shape, area.name_en, area.code)
        for area, shape in plans.grids_in_force(village)
    ]


def compared(border: BaseGeometry, cells: Sequence[Cell]) -> CoverReport:
    return compare(border, {cell.key: cell.shape for cell in cells})


@dataclass(frozen=True)
class Ending:
    """A grid that would end (将结束的网格): who follows, how many open cases it keeps, whose posts have to be moved."""

    area: Area
    heir: Cell
    heir_code: str
    n_open: int
    posts: tuple[Post, ...]


@dataclass(frozen=True)
class Preview:
    """What publishing would do, for people (试运行的说法)."""

    outcome: Outcome
    endings: tuple[Ending, ...]
    begins: tuple[tuple[str, Cell, int], ...]  # code, grid, open cases that lie in it already
    n_open: int
    n_elsewhere: int  # open cases that the new borders would place in another grid than the one that follows
    has_village_post: bool


def preview_of(plan: GridPlan, actor: Actor) -> Preview:
    """The dry run in words (试运行), in a fixed number of queries."""
    outcome = publishing.outcome_of(plan)
    by_grid = open_by_grid(plan.village)
    posts = gaps.posts_in_force(actor).filter(area__in=[a.pk for a, _ in outcome.ends] + [plan.village_id])
    of_area: dict[int, list[Post]] = {}
    for post in posts.select_related("organisation").order_by("pk"):
        of_area.setdefault(post.area_id, []).append(post)
    endings = [
        Ending(
            area,
            heir,
            outcome.code_of(heir),
            by_grid[area.prefix],
            tuple(of_area.get(area.pk, ())),
        )
        for area, heir in outcome.ends
    ]
    lies_in, elsewhere = _placed_anew(plan, outcome)
    at_village = of_area.get(plan.village_id, [])
    return Preview(
        outcome,
        tuple(endings),
        tuple((code, cell, lies_in[cell.key]) for code, cell in outcome.begins),
        sum(ending.n_open for ending in endings),
        elsewhere,
        any(gaps.GRID_WORKER in post.roles for post in at_village),
    )


def _placed_anew(plan: GridPlan, outcome: Outcome) -> tuple[Counter[str], int]:
    heirs = {area.prefix: heir.key for area, heir in outcome.ends}
    stays = {area.prefix: cell.key for area, cell in outcome.stays}
    rows = open_points(plan.village)
    cells = plans.cells_of(plan)
    found: Counter[str] = Counter()
    n_elsewhere = 0
    if rows and cells:
        tree = shapely.STRtree([cell.shape for cell in cells])
        spots = shapely.points(np.array([[lng, lat] for _, lng, lat in rows]))
        for i, j in tree.query(spots, predicate="intersects").T.tolist():
            prefix, key = rows[i][0], cells[j].key
            found[key] += 1
            meant = heirs.get(prefix) or stays.get(prefix)
            n_elsewhere += meant is not None and meant != key
    return found, n_elsewhere


# ------------------------------------------------------------------------------------- corners as people write them


def corners_text(shape: BaseGeometry) -> str:
    """The corners of a polygon, one a line, `lng, lat` (顶点坐标文本); an empty line begins a hole. Empty for several
    pieces, which only a file can say."""
    parts = shapely.get_parts(shape)
    if len(parts) != 1:
        return ""
    rings = [parts[0].exterior, *parts[0].interiors]
    return "\n\n".join(
        "\n".join(f"{x:.6f}, {y:.6f}" for x, y in shapely.get_coordinates(ring)[:-1].tolist())
        for ring in rings
    )


def read_corners(text: str, field: str, least: int) -> list[list[tuple[float, float]]]:
    """Corners that somebody wrote (读取顶点坐标). Refuses `web.bad_corners` with the line that is wrong."""
    rings: list[list[tuple[float, float]]] = [[]]
    for number, line in enumerate(text[:LONGEST_CORNERS].replace("\r", "").strip().split("\n"), start=1):
        if not line.strip():
            if rings[-1]:
                rings.append([])
            continue
        parts = re.split(r"[\s,，;；]+", line.strip(" ,，;；()[]（）"))
        if len(parts) != 2 or not all(NUMBER.fullmatch(part) for part in parts):
            raise _bad(field, f"第 {number} 行没看懂，", f"Line {number} was not understood: ")
        lng, lat = (float(part) for part in parts)
        if not (math.isfinite(lng) and abs(lng) <= 180 and abs(lat) <= 90):
            raise _bad(field, f"第 {number} 行超出范围，", f"Line {number} is out of range: ")
        rings[-1].append((lng, lat))
    rings = [ring for ring in rings if ring]
    if not rings or any(len(ring) < least for ring in rings):
        raise _bad(field, f"至少要 {least} 个点，", f"At least {least} points are needed: ")
    return rings


def _bad(field: str, zh: str, en: str) -> Invalid:
    problem = Text(f"{zh}请每行写一个点：经度, 纬度。", f"{en}one point a line, longitude, latitude.")
    return Invalid("web.bad_corners", problem, fields={field: problem})


def read_polygon(text: str, field: str) -> dict[str, Any]:
    """A GeoJSON polygon from written corners (由坐标成面); rings are closed for whoever did not."""
    rings = [[*ring, ring[0]] if ring[0] != ring[-1] else ring for ring in read_corners(text, field, 3)]
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in rings]}


def features_of(content: Any) -> list[Mapping[str, Any]]:
    """The grids of an uploaded GeoJSON (文件中的网格). Refuses what is no collection of features."""
    found = content.get("features") if isinstance(content, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(f, Mapping) for f in found):
        problem = Text(
            "请上传 GeoJSON 的 FeatureCollection：每个网格一个图形，属性里写 name，现有网格再写 code。",
            "Upload a GeoJSON FeatureCollection: a feature for each grid, with `name`, and `code` for one in force.",
        )
        raise Invalid("web.bad_shape_file", problem, fields={"file": problem})
    return found


def geojson(village: Area, cells: Sequence[Cell], **more: Any) -> dict[str, Any]:
    """Grids as a file (导出网格), WGS-84, as it can be uploaded again."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "key": c.key,
                "code": c.code,
                "name": c.name,
                "name_en": c.name_en,
                "m2": round(c.m2),
            },
            "geometry": json.loads(
                shapely.to_geojson(shapely.set_precision(c.shape, 1e-7, mode="pointwise"))
            ),
        }
        for c in cells
    ]
    return {
        "type": "FeatureCollection",
        "datum": "WGS84",
        "village": village.code,
        **more,
        "features": features,
    }
