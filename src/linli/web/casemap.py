"""Cases on the map (办件地图): what one may see of them, as dots, clusters and hexagons; never more than a screen holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
import shapely
from django.db.models import OuterRef, Q, QuerySet, Subquery

from linli.base.clock import SHANGHAI, local
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.queries import CaseFilters
from linli.kernel.procedures.visibility import visible_to
from linli.web.hexagons import CLUSTERED_AT, Dot, Hexagon, hexagons, resolution, step_of, steps_of
from linli.web.outlines import Paper
from linli.web.within import Ring, at_work, inside, placed
from linli.web.words import DueWords, due_words

MOST_DOTS = 20_000  # read at once for a map; more is said, the newest are drawn
MOST_DRAWN = 500
WIDTH, TALLEST = 860.0, 560.0
ROWS = 30
PERIODS = {
    "": Text("现在在办", "Open now"),
    "7": Text("近 7 天提出", "Last 7 days"),
    "30": Text("近 30 天提出", "Last 30 days"),
    "365": Text("近一年提出", "Last year"),
}
LATE, DUE_TODAY = Text("超时", "late"), Text("今天到期", "due today")
EDGE_OF_CLUSTER, EDGE_ON_PAPER = 30, 26  # pixels
DRAWN_AS = {"points": Text("点", "Points"), "hexagons": Text("六角格", "Hexagons")}
# Of the map alone, and so not of the list that it narrows to.
OF_THE_MAP = frozenset({"days", "as", "at", "box", "z", "cursor", "lang"})

Box = tuple[float, float, float, float]


def list_query(query: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The filters of the list that has exactly the cases of this map (对应的列表条件): a period becomes its first day."""
    found = {k: v for k, v in query.items() if v and k not in OF_THE_MAP}
    days = query.get("days", "")
    if days in PERIODS and days:
        found["from"] = (local(now).date() - timedelta(days=int(days) - 1)).isoformat()
    elif not found.get("status") and not found.get("from"):
        found["running"] = "1"
    return found


@dataclass(frozen=True)
class Dots:
    """The points of a map (点位), whether that is all, and how many cases have none."""

    dots: tuple[Dot, ...]
    is_all: bool


def cases_of(actor: Actor, filters: CaseFilters, now: datetime) -> QuerySet[Case]:
    return filters.apply(visible_to(actor), actor, now)


def dots_of(actor: Actor, filters: CaseFilters, now: datetime, ring: Ring | None = None) -> Dots:
    """The newest cases with a point (有点位的办件), in one query; `ring` is what the screen shows."""
    cases = cases_of(at_work(actor), filters, now)
    cases = inside(cases, ring, actor) if ring else placed(cases, actor)
    waiting = Task.objects.filter(case=OuterRef("pk"), done_at__isnull=True).order_by("due_at")
    rows = list(
        cases.order_by("-id")
        .annotate(task_due=Subquery(waiting.values("due_at")[:1]))
        .values_list("pk", "lng", "lat", "status", "task_due", "due_at")[: MOST_DOTS + 1]
    )
    midnight = datetime.combine(local(now).date() + timedelta(days=1), time.min, SHANGHAI)
    dots = []
    for pk, lng, lat, status, *dues in rows[:MOST_DOTS]:
        assert lng is not None  # as `placed` wants it
        assert lat is not None
        due = min((d for d in dues if d), default=None) if status == "open" else None
        dots.append(
            Dot(pk, lng, lat, due is not None and due < now, due is not None and now <= due < midnight)
        )
    return Dots(tuple(dots), len(rows) <= MOST_DOTS)


def clusters(dots: Sequence[Dot], zoom: float) -> list[Hexagon]:
    """Dots that would lie on each other, together (聚合): never more than a screen holds."""
    lat = dots[0].lat if dots else 0.0
    finest = resolution(zoom, lat, pixels=EDGE_OF_CLUSTER, finest=CLUSTERED_AT)
    for fineness in range(finest, -1, -1):
        found = hexagons(dots, fineness)
        if len(found) <= MOST_DRAWN:
            return found
    return found[:MOST_DRAWN]


def due_of(cases: Sequence[Case], now: datetime) -> dict[int, DueWords]:
    """What presses first in each of these open cases (最先到期的): its present step, or the whole."""
    open_ones = {c.pk: c for c in cases if c.status == "open"}
    rows = Task.objects.filter(case_id__in=open_ones, done_at__isnull=True).order_by("-due_at")
    steps = dict(rows.values_list("case_id", "due_at"))
    found = {}
    for pk, case in open_ones.items():
        due = min((d for d in (steps.get(pk), case.due_at) if d), default=None)
        if due:
            found[pk] = due_words(due, now)
    return found


def words_of(n: int, n_late: int, n_soon: int) -> Text:
    """How many, and how many of them press (件数的说法)."""
    zh, en = f"{n} 件", f"{n} case{'' if n == 1 else 's'}"
    if n_late:
        zh, en = f"{zh}，超时 {n_late} 件", f"{en}, {n_late} late"
    if n_soon:
        zh, en = f"{zh}，今天到期 {n_soon} 件", f"{en}, {n_soon} due today"
    return Text(zh, en)


def tone(late: int | bool, soon: int | bool) -> str:
    return "late" if late else "soon" if soon else ""


def point_features(found: Sequence[Hexagon], urls: Mapping[int, tuple[str, str, str]]) -> dict[str, Any]:
    """Clusters and single cases as GeoJSON (聚合点数据); `urls` has number, title and address of the single ones."""
    features = []
    for cluster in found:
        lng, lat = cluster.middle
        properties: dict[str, Any] = {
            "n": cluster.n,
            "css": tone(cluster.n_late, cluster.n_soon),
            "words": str(words_of(cluster.n, cluster.n_late, cluster.n_soon)),
            "within": cluster.within,
        }
        if cluster.n == 1:
            number, title, url = urls.get(cluster.dots[0].pk, ("", "", ""))
            presses = LATE if cluster.n_late else DUE_TODAY if cluster.n_soon else ""
            properties |= {
                "number": number,
                "url": url,
                "words": f"{title} · {presses}" if presses else title,
            }
        point = {"type": "Point", "coordinates": [round(lng, 6), round(lat, 6)]}
        features.append({"type": "Feature", "geometry": point, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def hexagon_features(found: Sequence[Hexagon]) -> dict[str, Any]:
    """Hexagons as GeoJSON (六角格数据), with the step of the legend that each belongs to."""
    steps = steps_of([h.n for h in found])
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[*map(list, h.ring), list(h.ring[0])]]},
            "properties": {
                "n": h.n,
                "css": f"h{step_of(h.n, steps)} {tone(h.n_late, h.n_soon)}".strip(),
                "words": str(words_of(h.n, h.n_late, h.n_soon)),
                "within": h.within,
            },
        }
        for h in found
    ]
    return {"type": "FeatureCollection", "features": features, "steps": steps_words(steps)}


def steps_words(steps: Sequence[tuple[int, int]]) -> list[str]:
    return [str(low) if low == high else f"{low}–{high}" for low, high in steps]


# ----------------------------------------------------------------------------------------- drawn by the server


@dataclass(frozen=True)
class DrawnHexagon:
    """A hexagon of the drawing and of the table behind it (图上的格、表里的行)."""

    hexagon: Hexagon
    path: str
    x: float
    y: float
    css: str
    words: Text
    place: Text


@dataclass(frozen=True)
class Drawing:
    """The map without scripts (服务器画的地图): areas, hexagons, their steps in words."""

    areas: tuple[str, ...]
    hexagons: tuple[DrawnHexagon, ...]
    height: float
    steps: tuple[tuple[str, str], ...]
    box: Box | None


def drawing(found: Sequence[Dot], area: Area | None) -> Drawing:
    """Hexagons over the outlines of the areas, to scale (静态地图)."""
    outlines = _outlines(area)
    paper = _paper(found, outlines)
    if paper is None:
        return Drawing((), (), WIDTH / 2, (), None)
    # A tall drawing is shown smaller, so that it fits a screen.
    pixels = EDGE_ON_PAPER * max(1.0, paper.height / TALLEST)
    cells = hexagons(found, resolution(paper.zoom, (paper.south + paper.north) / 2, pixels=pixels))
    steps = steps_of([h.n for h in cells])
    drawn = []
    for h in cells[:MOST_DRAWN]:
        corners = np.array(h.ring)
        x, y = paper.spot(*corners.mean(axis=0).tolist())
        css = f"h{step_of(h.n, steps)} {tone(h.n_late, h.n_soon)}".strip()
        words = words_of(h.n, h.n_late, h.n_soon)
        drawn.append(DrawnHexagon(h, paper.ring(corners), x, y, css, words, place_words(*h.middle)))
    named = tuple((f"h{i}", words) for i, words in enumerate(steps_words(steps)))
    areas = tuple(paper.path(shape) for shape in outlines)
    return Drawing(areas, tuple(drawn), paper.height, named, paper.box)


def place_words(lng: float, lat: float) -> Text:
    """The village and grid that a point lies in (所在村和网格); a hexagon reaches beyond them."""
    area = places.locate(lng, lat)
    return area.title if area else Text("辖区边缘", "at the edge of the area")


def _outlines(area: Area | None) -> list[Any]:
    if area is None:
        return []
    level = {"county": "township", "township": "village"}.get(area.level, "grid")
    rows = places.current(places.within(area.prefix)).filter(Q(level=level) | Q(pk=area.pk))
    shapes = (
        rows.filter(shape__isnull=False).values_list("level", "shape__wkb").order_by("level", "code")[:400]
    )
    below = [shapely.from_wkb(bytes(wkb)) for at, wkb in shapes if at == level]
    own = [shapely.from_wkb(bytes(wkb)) for at, wkb in shapes if at != level]
    # Simplified together, so that neighbours still share their border.
    return list(shapely.coverage_simplify(below, 3e-5)) if below else own


def _paper(found: Sequence[Dot], outlines: Sequence[Any]) -> Paper | None:
    bounds = [shapely.total_bounds(outlines)] if outlines else []
    if found:
        lngs, lats = np.array([d.lng for d in found]), np.array([d.lat for d in found])
        if outlines:  # a stray point far off must not shrink the whole to a dot
            west, south, east, north = bounds[0]
            across, down = east - west, north - south
            near = (np.abs(lngs - (west + east) / 2) < across) & (np.abs(lats - (south + north) / 2) < down)
            lngs, lats = lngs[near], lats[near]
        if len(lngs):
            bounds.append(np.array([lngs.min(), lats.min(), lngs.max(), lats.max()]))
    if not bounds:
        return None
    west, south = np.min(np.array(bounds)[:, :2], axis=0)
    east, north = np.max(np.array(bounds)[:, 2:], axis=0)
    return Paper.around((west, south, east, north), WIDTH)
