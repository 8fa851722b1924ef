"""Ways to take a decision to reconsideration (把决定带到行政复议), through the verbs alone, for every domain whose decisions
name it as their remedy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linli.kernel.procedures.models import Case
    from tests.cast import Cast

DECIDED: dict[str, Any] = {
    "findings": "原决定认定事实不清。",
    "decision": "撤销原决定。",
    "reason": "主要证据不足。",
    "legal_basis": "行政复议法 64",
    "decision_number": "鼓政复决〔2026〕7号",
    "remedy_told": "十五日内向鼓楼区人民法院起诉",
}


def challenged(cast: Cast, case: Case, at: datetime, *, by: str = "resident") -> Case:
    """The party asks for reconsideration of the decision in a case (申请行政复议)."""
    from linli.kernel.procedures import engine
    from linli.kernel.procedures.models import Case

    receipt = engine.open_case(
        "reconsideration",
        by=cast.actor(by),
        area=cast.area("village1"),
        data={"challenged": case.number, "request": "撤销决定。", "reason": "与事实不符。"},
        channel="web",
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def reconsidered(
    cast: Cast, case: Case, at: datetime, *, lead: str, replies: str, action: str = "revoke"
) -> Case:
    """It is admitted, answered, heard and decided (复议决定); the challenged case follows by itself."""
    from linli.kernel.procedures import engine

    remedy = challenged(cast, case, at)
    more: dict[str, Any] = {"new_within": 30} if action == "order" else {}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("reconsideration", "admit", {"track": "ordinary"}),
        ("reconsideration", "send_copy", {"lead": lead}),
        (replies, "reply", {"defence": "决定合法。", "evidence": "案卷。"}),
        ("reconsideration", "hear", {"heard": "听取了申请人的意见。"}),
        ("reconsideration", action, {**DECIDED, **more}),
    ]
    for n, (who, act, data) in enumerate(acts, start=1):
        engine.act(remedy, act, data, by=cast.actor(who), at=at + timedelta(days=n))
    remedy.refresh_from_db()
    case.refresh_from_db()
    return remedy
