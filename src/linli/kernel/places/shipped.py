"""Areas that come with the product (随产品提供的区划): the counties of Fujian, for a demonstration without a download.

Sources and licences: `data/NOTICE`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from linli.base.errors import NotFound, Refused
from linli.base.i18n import Text
from linli.kernel.places.areas_import import import_areas
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code

DATA = Path(__file__).parent / "data"
DIVISIONS = DATA / "fujian_divisions.csv.gz"
COUNTIES = DATA / "fujian_counties.geojson.gz"


def shipped_counties() -> dict[str, str]:
    """The counties that can be loaded without a file (可直接载入的县区): six digits of the code → name."""
    return {row["code"][:6]: row["name"] for row in _divisions() if row["level"] == "county"}


@lru_cache(maxsize=1)
def _divisions() -> tuple[dict[str, str], ...]:
    text = gzip.decompress(DIVISIONS.read_bytes()).decode("utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


def import_shipped_county(
    code: str, *, names_en: Mapping[str, str] | None = None, by: Any = None, at: datetime | None = None
) -> Area:
    """Load one shipped county with its townships, villages and border (载入一个县区); it becomes a root area.

    `names_en` gives English names by code. Refuses a code that is not shipped (`places.not_shipped`) and a county
    of which the statistics have no lower levels (`places.no_lower_levels`).
    """
    code = code.strip()
    known = shipped_counties()
    prefix = code[:6]
    if prefix not in known or code.rstrip("0") != prefix.rstrip("0"):
        raise NotFound(
            "places.not_shipped",
            Text(
                f"没有代码为 {code} 的县区可供演示。随产品提供福建省的 {len(known)} 个县区，"
                "例如 350102（鼓楼区）、350502（鲤城区）。",
                f"No county {code} comes with the demonstration. There are {len(known)}, all in Fujian, "
                "such as 350102 (Gulou) and 350502 (Licheng).",
            ),
        )
    rows = [row for row in _divisions() if row["code"].startswith(prefix)]
    if len(rows) == 1:
        raise Refused(
            "places.no_lower_levels",
            Text(
                f"统计用区划代码里{known[prefix]}（{prefix}）没有乡镇和村（社区），不能用来演示。请换一个县区。",
                f"The statistics have no townships and villages of {known[prefix]} ({prefix}), "
                "so it cannot be shown. Choose another county.",
            ),
        )
    with tempfile.TemporaryDirectory(prefix="linli-areas-") as folder:
        _write(Path(folder), prefix, rows, names_en or {})
        import_areas(folder, by=by, at=at)
    return area_by_code(prefix)


def _write(folder: Path, prefix: str, rows: list[dict[str, str]], names_en: Mapping[str, str]) -> None:
    """The county's part of both files, in the form that the import reads; the county itself has no parent."""
    columns = ("code", "name", "level", "parent_code", "name_en")
    with (folder / DIVISIONS.name.removesuffix(".gz")).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        for row in rows:
            parent = "" if row["level"] == "county" else row["parent_code"]
            table.writerow({**row, "parent_code": parent, "name_en": names_en.get(row["code"], "")})
    whole = json.loads(gzip.decompress(COUNTIES.read_bytes()))
    own = [feature for feature in whole["features"] if feature["properties"]["adcode"] == prefix]
    (folder / COUNTIES.name.removesuffix(".gz")).write_text(
        json.dumps({**whole, "features": own}, ensure_ascii=False), encoding="utf-8"
    )
