"""Areas (区划、网格): public, like the map."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from linli.base.codes import LEVELS
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.base.paging import LARGEST_PAGE, PAGE_SIZE, keyset
from linli.kernel.places import queries as places
from linli.kernel.places.models import AreaShape
from linli.web.api import rendering
from linli.web.api import schemas as s

router = Router(tags=["areas"])

Cursor = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Code = Annotated[str, Query(max_length=20)]
Lng = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, description="WGS-84")]
Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, description="WGS-84")]


@router.get("/areas", response=s.answers((200, s.AreaPage), refusals=s.READ), operation_id="list_areas")
def list_areas(
    request: HttpRequest, within: Code = "", level: Code = "", cursor: Cursor = "", limit: Limit = PAGE_SIZE
) -> s.AreaPage:
    """Areas valid today (区划列表), by code: within an area, of a level, or both."""
    prefix = places.area_by_code(within).prefix if within else ""
    found = places.current(places.within(prefix)).select_related("parent")
    if level:
        if level not in LEVELS:
            known = "、".join(LEVELS)
            raise Invalid(
                "api.invalid",
                Text("没有这个层级。", "There is no such level."),
                fields={"level": Text(f"只能是：{known}。", f"One of: {', '.join(LEVELS)}.")},
            )
        found = found.filter(level=level)
    page = keyset(found, ["code"], cursor, limit)
    return s.AreaPage(
        items=[s.AreaOut(**rendering.area_row(area)) for area in page.items], next=page.next_cursor
    )


@router.get(
    "/areas/{code}", response=s.answers((200, s.AreaDetail), refusals=s.READ), operation_id="read_area"
)
def read_area(request: HttpRequest, code: str) -> s.AreaDetail:
    """One area (一个区划) with all that stand above it."""
    area = places.area_by_code(code)
    return s.AreaDetail(
        **rendering.area_row(area),
        path=[rendering.area_name(each) for each in places.path(area)],
        successor=area.successor.code if area.successor else None,
        has_shape=AreaShape.objects.filter(area=area).exists(),
    )


@router.get("/locate", response=s.answers((200, s.Located), refusals=s.READ), operation_id="locate")
def locate(request: HttpRequest, lng: Lng, lat: Lat) -> s.Located:
    """The finest area that covers a point (点落区). 404 outside the areas of this installation."""
    area = places.locate(lng, lat)
    if area is None:
        raise absent(
            Text("区划：这个点不在本平台的范围内", "area: the point is outside the areas served here")
        )
    trail = [rendering.area_name(each) for each in places.path(area)]
    return s.Located(**trail[-1].dict(), path=trail)
