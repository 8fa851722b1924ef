"""Do the areas below cover the area above (覆盖检查)? Gaps and overlaps between siblings, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.places import queries
from linli.kernel.places.models import Area, AreaShape
from linli.kernel.places.shapes import area_m2, polygons_of

# Slivers smaller than this come from rounded coordinates, not from a wrong border.
IGNORED_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of land (地块) with a point inside it (WGS-84) and its surface; `codes` says whose it is."""

    m2: float
    lng: float
    lat: float
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverReport:
    """What lies in no area, in two, or outside (空白、重叠、越界), largest first."""

    gaps: tuple[Patch, ...]
    overlaps: tuple[Patch, ...]
    outside: tuple[Patch, ...]
    without_shape: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not (self.gaps or self.overlaps or self.outside or self.without_shape)


def check_cover(parent: Area) -> CoverReport:
    """Compare the current areas directly below with the shape of `parent` (检查下级区域是否全覆盖、无重叠).

    Refuses `places.no_shape` when the parent has none. Patches under 1 m² are left out.
    """
    above = AreaShape.objects.filter(area=parent).first()
    if above is None:
        raise Refused(
            "places.no_shape",
            Text(
                f"{parent.name}还没有图形，无法检查覆盖。请先导入它的边界。",
                f"{parent.title.en} has no shape yet, so its cover cannot be checked. Import its border first.",
            ),
        )
    below = list(queries.children(parent).select_related("shape"))
    shaped = [area for area in below if hasattr(area, "shape")]
    without = tuple(area.code for area in below if not hasattr(area, "shape"))
    return compare(above.polygon, {area.code: area.shape.polygon for area in shaped}, without)


def compare(
    whole: BaseGeometry, below: Mapping[str, BaseGeometry], without_shape: tuple[str, ...] = ()
) -> CoverReport:
    """The same of any shapes by their code (图形覆盖比较), such as those of a plan that is not in force."""
    codes = list(below)
    shapes = np.array(list(below.values()), dtype=object)
    covered = shapely.union_all(shapes)
    overlaps = []
    tree = shapely.STRtree(shapes)
    for i, j in sorted(map(tuple, tree.query(shapes, predicate="intersects").T.tolist())):
        if i < j:
            both = shapely.intersection(shapes[i], shapes[j])
            overlaps += _patches(both, (codes[i], codes[j]))
    outside = [
        patch
        for code, shape in zip(codes, shapes, strict=True)
        for patch in _patches(shapely.difference(shape, whole), (code,))
    ]
    return CoverReport(
        gaps=_largest_first(_patches(shapely.difference(whole, covered))),
        overlaps=_largest_first(overlaps),
        outside=_largest_first(outside),
        without_shape=without_shape,
    )


def _patches(shape: BaseGeometry, codes: tuple[str, ...] = ()) -> list[Patch]:
    found = []
    for part in shapely.get_parts(polygons_of(shape)):
        m2 = area_m2(part)
        if m2 >= IGNORED_M2:
            inside = part.representative_point()
            found.append(Patch(round(m2, 1), inside.x, inside.y, codes))
    return found


def _largest_first(patches: list[Patch]) -> tuple[Patch, ...]:
    return tuple(sorted(patches, key=lambda patch: (-patch.m2, patch.codes)))
