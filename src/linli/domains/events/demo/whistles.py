"""街乡吹哨、部门报到 in the demo: one that gathers, one that works, one that is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.base.clock import local
from linli.domains.events.demo.cast import Cast
from linli.kernel.places.queries import area_by_code
from linli.kernel.procedures import engine

MATTERS = (
    ("夜市收摊后油烟、垃圾和占道一起治理，几家单独去都管不住。", "夜市入口"),
    ("沿河违建拆除后要同时恢复护栏、绿化和路灯。", "河边步道起点"),
    ("老旧小区消防通道被占，要交警、消防和住建一起到场。", "小区北门"),
)
CALLED = (
    ("city-management", "sanitation", "market"),
    ("housing", "garden", "municipal"),
    ("traffic-police", "fire", "housing"),
)
DONE = "已按职责处置，照片和台账交街道。"


def load_whistles(cast: Cast, at: datetime, *, small: bool) -> None:
    """Whistles at every step (吹哨演示), called by the first full township."""
    township = area_by_code(cast.full_townships()[0])
    by = cast.find("dispatcher", township.prefix)
    for n, (matter, place) in enumerate(MATTERS[: 2 if small else 3]):
        began = at - timedelta(days=6 * n, hours=5)
        departments = [cast.organisation(key) for key in CALLED[n]]
        meet = local(began + timedelta(hours=3))
        data = {
            "matter": matter,
            "departments": [o.code for o in departments],
            "meet_place": f"{township.name}{place}",
            "meet_at": f"{meet.month}月{meet.day}日 {meet:%H:%M}",
        }
        number = engine.open_case(
            "whistle",
            by=by,
            area=township,
            data=data,
            channel="window",
            title=matter.split("，")[0],
            at=began,
        ).number
        came = departments[: 1 + n]
        for i, organisation in enumerate(came):
            arrived = began + timedelta(hours=1, minutes=20 * i)
            engine.act(number, "report_in", {"n_people": 2 + i}, by=cast.handler(organisation.pk), at=arrived)
        if n == 0:
            continue
        engine.act(number, "start", {}, by=by, at=began + timedelta(hours=3))
        for i, organisation in enumerate(came):
            result = began + timedelta(hours=20 + i)
            engine.act(
                number, "part_done", {"part_result": DONE}, by=cast.handler(organisation.pk), at=result
            )
        if n == 1:
            continue
        summed = began + timedelta(hours=30)
        engine.act(
            number, "sum_up", {"summary": "三家同时到场，当天清空通道，划线和挡车石已装。"}, by=by, at=summed
        )
        leader = cast.find("leader", township.prefix)
        words = {"appraisal": "三家都按时到场、当场办结。"}
        engine.act(number, "appraise", words, by=leader, at=summed + timedelta(hours=5))
