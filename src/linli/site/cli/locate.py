"""`linli locate LNG LAT` (定位): which area a WGS-84 position lies in."""

from __future__ import annotations

import argparse
import math

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house

TITLE = Text("一个位置（WGS-84 经纬度）在哪个区划、网格", "the area or grid that a position (WGS-84) lies in")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lng", type=float, metavar="LNG", help=str(Text("经度", "longitude")))
    parser.add_argument("lat", type=float, metavar="LAT", help=str(Text("纬度", "latitude")))


def run(options: argparse.Namespace) -> Answer:
    lng, lat = options.lng, options.lat
    if not (math.isfinite(lng) and math.isfinite(lat) and abs(lng) <= 180 and abs(lat) <= 90):
        raise Invalid(
            "places.bad_position",
            Text(
                "经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间，先经度后纬度。请更正。",
                "Longitude lies between -180 and 180, latitude between -90 and 90; longitude first. Mend it.",
            ),
        )
    open_house()
    from linli.kernel.places.queries import locate, path

    area = locate(lng, lat)
    if area is None:
        text = Text(
            "这个位置不在已载入图形的任何区划内。请核对经纬度，或先载入该地区的图形。",
            "This position lies in no area whose shape is loaded. Check it, or load the shapes of that area first.",
        )
        return Answer({"error": {"code": "places.not_located", "message": str(text)}}, str(text), ok=False)
    way = path(area)
    facts = {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "path": [{"code": a.code, "name": a.name, "level": a.level} for a in way],
    }
    return Answer(facts, f"{area.code}  {' / '.join(str(a.title) for a in way)}  ({area.level})")
