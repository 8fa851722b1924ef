"""The demo's catalogue (事项目录演示): our own matters, some handed to a township, and what its villages help with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from linli.base.clock import local
from linli.domains.matters import shipped
from linli.kernel.places.models import Area

IN_FORCE_FOR = timedelta(days=200)


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Put the catalogue in force (载入事项目录演示); a repeated run changes nothing."""
    shipped.load(county, from_on=local(at - IN_FORCE_FOR).date(), at=at, progress=progress)
