"""What the wall board shows (大屏数据): counts that open their list, areas by their worst task, no personal data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from django.db.models import Count, Q, QuerySet

from linli.base.clock import local
from linli.base.i18n import Text
from linli.base.paging import Count as Counted
from linli.base.paging import count_up_to
from linli.kernel.indicators.queries import Figure, figures
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import current, within
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.web.casewords import near

__all__ = ["Cell", "Push", "Wall", "wall_of"]

BELOW = {"county": "township", "township": "village", "village": "grid"}
VIEW_WIDTH = 860.0
PUSHED_AT_MOST = 5
LATE_SHARE = 0.1  # an area turns red when more than a tenth of its open cases are late, amber below that
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Cell:
    """One area of the drawing: its path, its name and the state its colour stands for."""

    area: Area
    path: str
    x: float
    y: float
    n_open: int
    n_late: int
    css: str

    @property
    def short(self) -> str:
        """The name without its kind, so that it fits: 军门 for 军门社区."""
        name = str(self.area.title)
        for kind in ("社区居委会", "村委会", "居委会", "社区", "街道", "镇", "乡", "村"):
            if name.endswith(kind) and len(name) > len(kind) + 1:
                return name.removesuffix(kind)
        return name.split(" ")[0] if name.isascii() else name


@dataclass(frozen=True)
class Push:
    task: Task
    step: Text
    place: Text


@dataclass(frozen=True)
class Wall:
    area: Area
    now: datetime
    n_open: Counted
    n_late: Counted
    n_today: Counted
    n_new: Counted
    n_ended: Counted
    week: tuple[Figure, ...]
    before: tuple[Figure, ...]
    cells: tuple[Cell, ...]
    height: float
    push: tuple[Push, ...]

    @property
    def font(self) -> int:
        """Names shrink with the number of areas."""
        return 24 if len(self.cells) <= 15 else 16 if len(self.cells) <= 40 else 11


def wall_of(actor: Actor, area: Area, now: datetime) -> Wall:
    """Everything on one wall (一屏), from what this person may see, in a fixed number of queries."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    cases = visible_to(actor).filter(grid__gte=area.prefix, grid__lt=area.prefix + "\x7f", historic=False)
    running = cases.filter(ended_at__isnull=True)
    tasks = Task.objects.filter(done_at__isnull=True, case__in=running.filter(status="open"))
    cells, height = _cells(area, running, now, midnight + timedelta(days=1))
    return Wall(
        area=area,
        now=now,
        n_open=count_up_to(running),
        n_late=count_up_to(tasks.filter(due_at__lt=now)),
        n_today=count_up_to(tasks.filter(due_at__gte=now, due_at__lt=midnight + timedelta(days=1))),
        n_new=count_up_to(cases.filter(opened_at__gte=midnight)),
        n_ended=count_up_to(cases.filter(ended_at__gte=midnight)),
        week=tuple(figures(actor, start=now - WEEK, end=now, area=area.prefix)),
        before=tuple(figures(actor, start=now - 2 * WEEK, end=now - WEEK, area=area.prefix)),
        cells=tuple(cells),
        height=height,
        push=tuple(_push(tasks, now)),
    )


def _cells(area: Area, running: QuerySet[Case], now: datetime, tonight: datetime) -> tuple[list[Cell], float]:
    level = BELOW.get(area.level)
    if level is None:
        return [], VIEW_WIDTH
    rows = (
        running.order_by()
        .values_list(level)
        .annotate(
            n=Count("pk", distinct=True),
            late=Count("pk", filter=_waiting(Q(tasks__due_at__lt=now)), distinct=True),
            soon=Count(
                "pk", filter=_waiting(Q(tasks__due_at__gte=now, tasks__due_at__lt=tonight)), distinct=True
            ),
        )
    )
    counts = {prefix: (n, late, soon) for prefix, n, late, soon in rows}
    below = (
        current(within(area.prefix))
        .filter(level=level, shape__isnull=False)
        .select_related("shape")
        .order_by("code")
    )
    areas = list(below)
    if not areas:
        return [], VIEW_WIDTH
    shapes = [shapely.from_wkb(bytes(a.shape.wkb)) for a in areas]
    west, south, east, north = shapely.total_bounds(shapes)
    # A degree of longitude is shorter than one of latitude: drawn as seen from above.
    shrink = math.cos(math.radians((south + north) / 2))
    scale = VIEW_WIDTH / max((east - west) * shrink, 1e-9)
    height = (north - south) * scale
    most = max((n for n, _, _ in counts.values()), default=0)
    cells = []
    for found, shape in zip(areas, shapes, strict=True):
        n, late, soon = counts.get(found.prefix, (0, 0, 0))
        inside = shape.representative_point()
        cells.append(
            Cell(
                found,
                _path(shape, west, north, scale * shrink, scale),
                round((inside.x - west) * scale * shrink, 1),
                round((north - inside.y) * scale, 1),
                n,
                late,
                "late"
                if late > n * LATE_SHARE
                else "soon"
                if late or soon
                else f"n{min(3, n * 4 // (most + 1))}",
            )
        )
    return cells, round(height, 1)


def _waiting(condition: Q) -> Q:
    return Q(tasks__done_at__isnull=True, status="open") & condition


def _path(shape: shapely.Geometry, west: float, north: float, across: float, down: float) -> str:
    parts = []
    for polygon in getattr(shape, "geoms", [shape]):
        for ring in (polygon.exterior, *polygon.interiors):
            points = [f"{(x - west) * across:.1f},{(north - y) * down:.1f}" for x, y in ring.coords]
            parts.append("M" + "L".join(points) + "Z")
    return "".join(parts)


def _push(tasks: QuerySet[Task], now: datetime) -> list[Push]:
    """What is latest (需要有人推一把), named by its kind and place, never in the resident's own words."""
    late = tasks.filter(due_at__lt=now).select_related("case__area__parent").order_by("due_at", "id")
    found = []
    for task in late[:PUSHED_AT_MOST]:
        step = procedure_of(task.case.version_id).steps[task.step].title
        found.append(Push(task, step, near(task.case.area)))
    return found
