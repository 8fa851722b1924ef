"""`locate` with 20,000 grids beside a bare tree (定位基准): `python -m tests.load.locate` prints one line.

Needs no database: the index is filled by hand. 1 is one query of a bare STRtree, which gives the boxes that hold the
point and does not yet ask which shape covers it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from time import monotonic
from timeit import repeat

import django
import numpy as np
import shapely

N_GRIDS, N_POINTS = 20_000, 5_000


@dataclass(frozen=True)
class Located:
    located_us: float
    bare_us: float
    build_s: float


def measure(n_grids: int = N_GRIDS) -> Located:
    """Microseconds a point, warm (每点微秒)."""
    from linli.base.clock import today
    from linli.kernel.places import grids, locator, queries

    county = shapely.Point(119.3, 26.1).buffer(0.3, quad_segs=500)
    shapes = grids.draw_grids(county, n_grids)
    rows = []
    for i, shape in enumerate(shapes):
        code = f"350102001001{i:05d}"
        area = {"id": i + 1, "code": code, "prefix": code, "name": code, "level": "grid"}
        rows.append((shape.wkb, *(area.get(name) for name in locator.FIELDS)))
    started_at = monotonic()
    index = locator.Locator("", today(), rows)
    build_seconds = monotonic() - started_at

    random = np.random.default_rng(0)
    points = np.array([119.3, 26.1]) + random.uniform(-0.2, 0.2, (N_POINTS, 2))
    pairs = points.tolist()
    bare = shapely.STRtree(shapes)

    def ours() -> None:
        locator._shared.locator = index
        locator._shared.recheck_at = monotonic() + locator.RECHECK_SECONDS
        for lng, lat in pairs:
            assert queries.locate(lng, lat)

    def tree() -> None:
        for lng, lat in pairs:
            bare.query(shapely.points(lng, lat))

    located, asked = (min(repeat(work, number=1, repeat=5)) / N_POINTS * 1e6 for work in (ours, tree))
    return Located(located, asked, build_seconds)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    django.setup()
    found = measure()
    print(
        f"locate, {N_GRIDS} grids: {found.located_us:.1f} µs, {found.located_us / found.bare_us:.1f} × a bare tree "
        f"({found.bare_us:.1f} µs); index built in {found.build_s:.2f} s"
    )


if __name__ == "__main__":
    main()
