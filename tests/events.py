"""Ways to bring an event to a step (把事件办到某一环节), through the verbs alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linli.domains.events.models import Category
    from linli.kernel.procedures.models import Case
    from tests.cast import Cast

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, an ordinary week follows

# step: who does what to leave the step before it on the ordinary way
WAY: list[tuple[str, str, str, dict[str, Any]]] = [
    ("dispatching", "dispatcher", "accept", {"category": "test:1:lamp", "grade": "simple"}),
    ("assigned", "dispatcher", "assign", {"lead": "350102-municipal"}),
    ("handling", "handler", "sign", {}),
    ("verifying", "handler", "answer", {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}),
    ("evaluating", "grid_worker", "verify", {"passed": "到场看过，都亮了。"}),
    ("closed", "resident", "rate", {"contacted": True, "solved": True, "satisfied": 5}),
]


def lamp_category() -> Category:
    from linli.domains.events.models import Category, Directory

    directory, _ = Directory.objects.get_or_create(
        code="test", version=1, defaults={"title": "测试目录", "active": True}
    )
    return Category.objects.get_or_create(
        key="test:1:lamp",
        defaults={
            "directory": directory,
            "code": "lamp",
            "name": "路灯",
            "name_en": "Street lamp",
            "limit": "3 working days",
            "keywords": "灯 路灯",
        },
    )[0]


def reported(
    cast: Cast, *, by: str = "resident", grid: str = "grid1", at: datetime | None = None, **data: Any
) -> Case:
    """A fresh report in the middle of a grid (刚反映的一件)."""
    from linli.domains.events import services
    from linli.kernel.procedures.models import Case

    lamp_category()
    lng, lat = cast.point(grid)
    receipt = services.report(
        {"description": "北门三盏路灯不亮。晚上看不见路。", **data},
        by=cast.actor(by),
        channel="web",
        lng=lng,
        lat=lat,
        at=at or MONDAY,
    )
    return Case.objects.get(number=receipt.number)


def event_at(cast: Cast, step: str, *, at: datetime | None = None, **kwargs: Any) -> Case:
    """An event that stands at a step (停在某一环节的一件)."""
    from linli.kernel.procedures import engine

    moment = at or MONDAY
    case = reported(cast, at=moment, **kwargs)
    for reached, who, action, data in WAY:
        if case.step == step:
            return case
        moment += timedelta(minutes=5)
        engine.act(case, action, data, by=cast.actor(who), at=moment)
        case.refresh_from_db()
        assert case.step == reached
    assert case.step == step
    return case
