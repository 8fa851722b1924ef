"""Our own catalogue (随附的事项目录): files that a county may begin from, written from public law; local limits are samples."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from linli.domains.matters.services import adopt, adopt_life_event
from linli.domains.matters.spec import CATALOGUE
from linli.kernel.people.actors import SYSTEM
from linli.kernel.places.models import Area

BUNDLES, VILLAGE = CATALOGUE / "bundles", CATALOGUE / "village"
NO_MATTERS = frozenset({"laws.toml", "certificates.toml"})


def matter_files() -> list[Path]:
    """The files of matters, those of the village agents last (事项文件)."""
    county = sorted(p for p in CATALOGUE.glob("*.toml") if p.name not in NO_MATTERS)
    return [*county, *sorted(VILLAGE.glob("*.toml"))]


def bundle_files() -> list[Path]:
    return sorted(BUNDLES.glob("*.toml"))


def shipped(files: list[Path]) -> Iterator[Mapping[str, Any]]:
    for path in files:
        yield tomllib.loads(path.read_text(encoding="utf-8"))


def load(
    county: Area,
    *,
    from_on: date,
    at: datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> int:
    """Put our catalogue in force in a county (载入随附目录); gives how many matters changed."""
    files, n = matter_files(), 0
    for done, raw in enumerate(shipped(files), 1):
        n += adopt(county, raw, from_on=from_on, by=SYSTEM, at=at) is not None
        progress(done, len(files))
    for raw in shipped(bundle_files()):
        adopt_life_event(county, raw, by=SYSTEM, at=at)
    return n
