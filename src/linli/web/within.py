"""A shape in an address (地址里的图形): drawn on the map, short enough for a link, answered by the database itself.

`within=` holds one ring of up to 200 corners, each as its step from the corner before in hundred-thousandths of a
degree (about a metre), in letters that no address has to escape. A point lies inside when a ray from it crosses the
ring an odd number of times; edges are half-open, so a point on the border of two neighbours belongs to exactly one.
The rule stands here twice, for rows of the database and for arrays, so that a figure and its list agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db.models import BooleanField, F, Func, Q, QuerySet
from numpy.typing import NDArray

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to

MOST_CORNERS = 200
LONGEST = 1400  # letters
UNIT = 100_000  # parts of a degree
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PLACE_OF = {letter: n for n, letter in enumerate(LETTERS)}
# Whose point may stand on a map of many cases: not where only those who handle it may know of the case.
SHOWN_ON_MAPS = ("public", "parties")
ON_MAPS = ("point", "grid")  # its own point, or the middle of its grid where the point was blurred

Ring = tuple[tuple[float, float], ...]
Points = NDArray[np.float64]


def encode_ring(corners: Sequence[tuple[float, float]]) -> str:
    """A ring as it stands in an address (图形写入地址); the first corner is not repeated at the end."""
    text, before = "", (0, 0)
    for lng, lat in corners:
        here = (round(lng * UNIT), round(lat * UNIT))
        text += "".join(_letters(now - then) for now, then in zip(here, before, strict=True))
        before = here
    return text


def _letters(number: int) -> str:
    rest, text = (number << 1) ^ (number >> 63), ""
    while True:
        rest, low = rest >> 5, rest & 31
        text += LETTERS[low | 32 if rest else low]
        if not rest:
            return text


def decode_ring(text: str) -> Ring:
    """The ring of an address (读取地址里的图形), (lng, lat) in WGS-84.

    Refuses `web.bad_within`: letters that were not written by `encode_ring`, fewer than 3 or more than 200 corners,
    corners that are not on the globe.
    """
    numbers: list[int] = []
    value = shift = 0
    for letter in text if len(text) <= LONGEST else "?":
        part = PLACE_OF.get(letter)
        if part is None or shift > 30:
            raise _unreadable()
        value |= (part & 31) << shift
        if part & 32:
            shift += 5
        else:
            numbers.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    corners = np.cumsum(np.array(numbers[: len(numbers) // 2 * 2], dtype=np.int64).reshape(-1, 2), axis=0)
    if shift or len(numbers) % 2 or not 3 <= len(corners) <= MOST_CORNERS:
        raise _unreadable()
    if (np.abs(corners) > [180 * UNIT, 90 * UNIT]).any():
        raise _unreadable()
    return tuple((x / UNIT, y / UNIT) for x, y in corners.tolist())


def _unreadable() -> Invalid:
    problem = Text(
        "地图上画的范围没看懂，没有列出办件。请回到地图重新圈选。",
        "The area drawn on the map could not be read, so no case is listed. Go back to the map and draw it again.",
    )
    return Invalid("web.bad_within", problem, fields={"within": problem})


def box_of(ring: Ring) -> tuple[float, float, float, float]:
    """West, south, east, north (外接范围)."""
    lngs, lats = zip(*ring, strict=True)
    return min(lngs), min(lats), max(lngs), max(lats)


def box_ring(west: float, south: float, east: float, north: float) -> Ring:
    return ((west, south), (east, south), (east, north), (west, north))


def _edges(ring: Ring) -> list[tuple[float, float, float, float]]:
    """Each edge that is not level: from and to which latitude, and its line as lng = slope · lat + start."""
    found = []
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if y1 != y2:
            slope = (x2 - x1) / (y2 - y1)
            found.append((min(y1, y2), max(y1, y2), slope, x1 - slope * y1))
    return found


def are_inside(ring: Ring, lngs: Points, lats: Points) -> NDArray[np.bool_]:
    """Which points lie in a ring (哪些点在图形内)."""
    crossings = np.zeros(len(lngs), dtype=np.int64)
    for low, high, slope, start in _edges(ring):
        crossings += (lats >= low) & (lats < high) & (lngs < slope * lats + start)
    found: NDArray[np.bool_] = crossings % 2 == 1
    return found


class _Inside(Func):
    """The same rule for a row; the numbers are ours, and so many that as parameters they would not fit."""

    output_field = BooleanField()

    def __init__(self, lng: Any, lat: Any, *, ring: Ring) -> None:
        super().__init__(lng, lat)
        self.ring = ring

    def as_sql(  # type: ignore[override]  # neither another function name nor a template is wanted here
        self, compiler: Any, connection: Any
    ) -> tuple[str, tuple[Any, ...]]:
        (lng, of_lng), (lat, of_lat) = (compiler.compile(part) for part in self.get_source_expressions())
        terms: list[str] = []
        params: list[Any] = []
        for low, high, slope, start in _edges(self.ring):
            terms.append(
                f"CASE WHEN {lat} >= {low!r} AND {lat} < {high!r} AND {lng} < ({slope!r}) * {lat} + ({start!r})"
                " THEN 1 ELSE 0 END"
            )
            params += [*of_lat, *of_lat, *of_lng, *of_lat]
        return f"((({' + '.join(terms) or '0'}) & 1) = 1)", tuple(params)


def at_work(actor: Actor) -> Actor:
    """Without what this person sees as a resident (只按岗位看): a map never shows where a neighbour's report came from."""
    return replace(actor, person_id=None, case_ids=frozenset())


def placed(queryset: QuerySet[Case], actor: Actor) -> QuerySet[Case]:
    """Of these cases those that have a point which this person may see on a map (有点位且可上图的办件).

    A case known only by its area has none; nor has one of which only its handlers may know, nor one that its reader
    sees as a resident alone.
    """
    if not actor.is_staff:
        return queryset.none()
    queryset = queryset.filter(precision__in=ON_MAPS, lng__isnull=False, confidential__in=SHOWN_ON_MAPS)
    if actor.person_id is not None or actor.case_ids:
        queryset = queryset.filter(pk__in=visible_to(at_work(actor)).values("pk"))
    return queryset


def inside(queryset: QuerySet[Case], ring: Ring, actor: Actor) -> QuerySet[Case]:
    """Those whose point lies in a ring (点位在图形内的办件): first by its bounds, which an index answers."""
    west, south, east, north = box_of(ring)
    boxed = Q(lng__gte=west, lng__lte=east, lat__gte=south, lat__lte=north)
    return placed(queryset, actor).filter(boxed).filter(_Inside(F("lng"), F("lat"), ring=ring))


def filter_within(queryset: QuerySet[Case], value: str, actor: Actor) -> QuerySet[Case]:
    """The list filter `within` (地图上画的范围); what cannot be read narrows to nothing."""
    try:
        ring = decode_ring(value)
    except Invalid:
        return queryset.none()
    return inside(queryset, ring, actor)


def filter_unplaced(queryset: QuerySet[Case], _value: str, _actor: Actor) -> QuerySet[Case]:
    """Known only by their area, or not to be shown on a map (只知道区域的)."""
    return queryset.exclude(precision__in=ON_MAPS, lng__isnull=False, confidential__in=SHOWN_ON_MAPS)
