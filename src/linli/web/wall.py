"""What the wall board shows (大屏数据): counts that open their list, areas by their worst task, no personal data.

Each number is counted by the filters of the list that it opens, so that the list has as many rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import shapely
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from linli.base.clock import SHANGHAI, local
from linli.base.i18n import Text
from linli.base.paging import Count as Counted
from linli.base.paging import count_up_to
from linli.kernel.indicators.queries import Figure, figures
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import current, within
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.queries import CaseFilters
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.web.casewords import near, tags_of
from linli.web.outlines import Paper
from linli.web.trends import Trend, trend_of
from linli.web.within import SHOWN_ON_MAPS

__all__ = ["Cell", "Number", "Push", "Wall", "wall_of"]

BELOW = {"county": "township", "township": "village", "village": "grid"}
VIEW_WIDTH = 860.0
# The room for the map on a screen of 1920 × 1080, to know how small its names become.
MAP_ROOM = (940.0, 560.0)
READABLE = 23.0  # pixels there: legible from five metres
PUSHED_AT_MOST = 5
A_LITTLE_OVER = 1.25  # a name may reach over the border by so much
LATE_SHARE = 0.1  # an area turns red when more than a tenth of its open cases are late, amber below that
WEEK = timedelta(days=7)
# number on the wall: the filters of its list, beside the area; `{today}` is the day
LISTS = {
    "open": {"running": "1"},
    "late": {"running": "1", "task_late": "1"},
    "today": {"running": "1", "task_today": "1"},
    "new": {"from": "{today}", "to": "{today}"},
    "ended": {"ended_on": "{today}"},
}


@dataclass(frozen=True)
class Number:
    """A count and the list behind it (数字和它的清单)."""

    count: Counted
    url: str

    @property
    def n(self) -> int:
        return self.count.n

    def __str__(self) -> str:
        return str(self.count)


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
    has_room: bool  # for its name; the number alone stands where there is none

    @property
    def url(self) -> str:
        return _list(self.area, LISTS["open"])

    @property
    def late_url(self) -> str:
        return _list(self.area, LISTS["late"])

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
    """What is latest (需要推一把的): what kind of thing, where, at which step. Never in the resident's own words."""

    task: Task
    what: Text
    step: Text
    place: Text


@dataclass(frozen=True)
class Wall:
    area: Area
    now: datetime
    numbers: dict[str, Number]
    week: tuple[Figure, ...]
    before: tuple[Figure, ...]
    trend: Trend
    cells: tuple[Cell, ...]
    height: float
    push: tuple[Push, ...]

    @property
    def font(self) -> float:
        return font_of(self.height)

    @property
    def is_new(self) -> bool:
        """Nothing was ever reported here (刚装好)."""
        return not (self.numbers["open"].n or self.trend.n_opened or self.trend.n_ended)


def wall_of(actor: Actor, area: Area, now: datetime) -> Wall:
    """Everything on one wall (一屏), from what this person may see, in a fixed number of queries."""
    today = local(now).date().isoformat()
    tonight = local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    running = _cases(actor, area, LISTS["open"], now)
    tasks = Task.objects.filter(done_at__isnull=True, case__in=running.filter(status="open"))
    cells, height = _cells(area, running, now, tonight)
    numbers = {}
    for name, wanted in LISTS.items():
        query = {k: v.format(today=today) for k, v in wanted.items()}
        found = _cases(actor, area, query, now)
        numbers[name] = Number(count_up_to(found), _list(area, query))
    return Wall(
        area=area,
        now=now,
        numbers=numbers,
        week=tuple(figures(actor, start=now - WEEK, end=now, area=area.prefix)),
        before=tuple(figures(actor, start=now - 2 * WEEK, end=now - WEEK, area=area.prefix)),
        trend=trend_of(actor, area, now),
        cells=tuple(cells),
        height=height,
        push=tuple(_push(tasks, now)),
    )


def _cases(actor: Actor, area: Area, query: dict[str, str], now: datetime) -> QuerySet[Case]:
    """As the list does it (同清单口径)."""
    filters = CaseFilters(
        area=area.prefix,
        opened_from=_midnight(query.get("from"), 0),
        opened_to=_midnight(query.get("to"), 1),
        more={k: v for k, v in query.items() if k not in {"from", "to"}},
    )
    return filters.apply(visible_to(actor), actor, now)


def _midnight(day: str | None, more: int) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(date.fromisoformat(day) + timedelta(days=more), time.min, SHANGHAI)


def _list(area: Area, query: dict[str, str]) -> str:
    return f"{reverse('web:cases')}?{urlencode({**query, 'area': area.code})}"


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
    below = current(within(area.prefix)).filter(level=level, shape__isnull=False)
    areas = list(below.select_related("shape").order_by("code"))
    if not areas:
        return [], VIEW_WIDTH
    shapes = [shapely.from_wkb(bytes(a.shape.wkb)) for a in areas]
    paper = Paper.around(shapely.total_bounds(shapes), VIEW_WIDTH)
    most = max((n for n, _, _ in counts.values()), default=0)
    cells = []
    for found, shape in zip(areas, shapes, strict=True):
        n, late, soon = counts.get(found.prefix, (0, 0, 0))
        x, y = paper.middle(shape)
        css = (
            "late" if late > n * LATE_SHARE else "soon" if late or soon else f"n{min(3, n * 4 // (most + 1))}"
        )
        cell = Cell(found, paper.path(shape), x, y, n, late, css, has_room=False)
        half = _half_width(cell.short) * font_of(paper.height)
        cells.append(replace(cell, has_room=half <= paper.room(shape, x, y) * A_LITTLE_OVER))
    return cells, paper.height


def font_of(height: float) -> float:
    """The size of names on the map, so that they are legible however small the drawing becomes (地图字号)."""
    across, down = MAP_ROOM
    return round(READABLE / min(across / VIEW_WIDTH, down / max(height, 1.0)), 1)


def _half_width(text: str) -> float:
    """In sizes of the letter: a Chinese character is one, a Latin one about half."""
    return sum(0.56 if letter.isascii() else 1.0 for letter in text) / 2


def _waiting(condition: Q) -> Q:
    return Q(tasks__done_at__isnull=True, status="open") & condition


def _push(tasks: QuerySet[Task], now: datetime) -> list[Push]:
    """What is latest (需要有人推一把), named by its kind and place, never in the resident's own words."""
    late = (
        tasks.filter(due_at__lt=now, case__confidential__in=SHOWN_ON_MAPS)
        .select_related("case__area__parent")
        .order_by("due_at", "id")
    )
    found = []
    for task in late[:PUSHED_AT_MOST]:
        procedure = procedure_of(task.case.version_id)
        tags = tags_of(task.case, procedure)
        what = tags[0].text if tags else procedure.title
        found.append(Push(task, what, procedure.steps[task.step].title, near(task.case.area)))
    return found
