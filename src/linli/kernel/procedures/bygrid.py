"""How many open cases lie in a village's grids (各网格在办数): numbers alone, for whoever redraws the grids.

An administrator sees no case by that; no number names one.
"""

from __future__ import annotations

from collections import Counter

from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case

MOST = 20_000


def open_by_grid(village: Area) -> Counter[str]:
    """Open cases by the prefix of their grid (网格在办件数), historic ones left out."""
    rows = Case.objects.filter(village=village.prefix, ended_at__isnull=True, historic=False)
    return Counter(rows.values_list("grid", flat=True)[:MOST])


def open_points(village: Area) -> list[tuple[str, float, float]]:
    """Where the open cases of a village lie (在办点位), each with its grid's prefix: to count how many another border
    would have placed elsewhere, never to be shown."""
    rows = Case.objects.filter(
        village=village.prefix, ended_at__isnull=True, historic=False, precision="point", lng__isnull=False
    )
    return [
        (grid, lng, lat)
        for grid, lng, lat in rows.values_list("grid", "lng", "lat")[:MOST]
        if lng is not None and lat is not None
    ]
