"""Walks through one's own grid (巡查): where and what was looked at. What needs work is reported as such.

The point where the worker pressed the button only shows that it was in the grid; it is not kept. There is no list of one
worker's walks, and none is counted as a score.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.kernel.fieldwork.leads import below, lead_prefixes
from linli.kernel.fieldwork.models import Patrol
from linli.kernel.fieldwork.registry import Outcome, Work, degrees, kind, wanted, wrong
from linli.kernel.people.actors import Actor
from linli.kernel.places.queries import area_by_code, locate

ROLE = "grid_worker"
PATROL = Text("巡查", "Patrol")
KEPT = timedelta(days=365)  # sample
CHECKED = {
    "road": Text("道路、井盖", "Roads and manholes"),
    "light": Text("路灯", "Street lamps"),
    "waste": Text("环境卫生", "Waste"),
    "water": Text("河道、积水", "Water and drains"),
    "fire": Text("消防通道", "Fire lanes"),
    "build": Text("房屋、工地", "Buildings and sites"),
    "power": Text("电线、充电", "Wires and charging"),
    "other": Text("其他", "Other"),
}
OUTSIDE = Refused(
    "field.outside_grid",
    Text("这次巡查不在您的网格里。", "This walk was not in your grid."),
)


def patrol(work: Work) -> Outcome:
    """Note a walk (登记巡查). Refuses an area that is not one's own, and a point outside it."""
    area = area_by_code(wanted(work.body, "area", most=20))
    account = work.by.account_id
    if account is None or work.by.hat_for(ROLE, area.prefix) is None:
        raise OUTSIDE
    checked = work.body.get("checked") or []
    if not isinstance(checked, list) or any(c not in CHECKED for c in checked):
        raise wrong("checked", "巡查的内容读不出来。", "What was looked at cannot be read.")
    lng, lat = degrees(work.body, "lng"), degrees(work.body, "lat")
    if lng is not None and lat is not None:
        found = locate(lng, lat)
        if found is None or not found.prefix.startswith(area.prefix):
            raise OUTSIDE
    Patrol.objects.create(
        area=area,
        prefix=area.prefix,
        account_id=account,
        checked=list(dict.fromkeys(checked)),
        text=wanted(work.body, "text", most=1000),
        made_at=work.made_at,
        at=work.at,
    )
    return Outcome(area=area.prefix)


def patrols(by: Actor, *, cursor: str = "", limit: int = 50) -> Page[Patrol]:
    """The walks in the areas that I lead (巡查记录), newest first, by grid; never by worker."""
    rows = Patrol.objects.filter(below(lead_prefixes(by), "prefix")).select_related("area")
    return keyset(rows, ["-id"], cursor, limit)


def forget(at: datetime) -> int:
    return Patrol.objects.filter(at__lt=at - KEPT).delete()[0]


def form(by: Actor) -> dict[str, Any]:
    """What the phone asks on a walk (巡查表)."""
    choices = [{"value": code, "label": title.as_dict(), "group": None} for code, title in CHECKED.items()]
    return {"checked": choices, "text_max": 1000}


def keeps(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without the point (不留位置): where the worker stood is nobody's business once it was checked."""
    return {name: value for name, value in body.items() if name not in {"lng", "lat", "accuracy_m"}}


def register() -> None:
    kind("patrol", PATROL, patrol, form=form, keeps=keeps)
