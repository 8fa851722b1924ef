"""A small country for the tests of this room: one province, one county of two townships, four square villages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from linli.kernel.places import queries, services
from linli.kernel.places.models import Area


@dataclass(frozen=True)
class Clerk:
    name: str = "林管理"
    account_id: int | None = 7


def square(lng: float, lat: float, side: float = 1.0) -> dict[str, Any]:
    ring = [[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.LINLI_DATA_DIR = str(tmp_path / "data")
    yield
    queries.forget_shapes()


@pytest.fixture
def tree(db: None, clerk: Clerk) -> dict[str, Area]:
    names = {
        "350000000000": "福建省",
        "350100000000": "福州市",
        "350102000000": "鼓楼区",
        "350102001000": "鼓东街道",
        "350102002000": "鼓西街道",
        "350102001001": "庆城社区",
        "350102001002": "中山社区",
        "350102002001": "西湖社区",
        "350102002002": "后县社区",
    }
    return {code: services.create_area(code, name=name, by=clerk) for code, name in names.items()}
