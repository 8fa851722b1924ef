"""Ways to bring a penalty case to a step (把处罚案件办到某一环节), through the verbs alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from linli.base.clock import local
from linli.base.errors import Refused
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case

if TYPE_CHECKING:
    from tests.cast import Cast

BUREAU = "350102-city-management"
OPENING = {
    "subject": "占用中山路人行道经营",
    "party_kind": "person",
    "source": "inspection",
    "clue": "巡查时发现，已要求当场清理。",
}
FACTS = "2026 年 6 月 1 日占用人行道摆放桌椅十张，有照片和笔录。"
TOLD: dict[str, Any] = {
    "facts_found": FACTS,
    "penalty_kind": "fine",
    "amount": 500,
    "hearing_right": False,
    "reason": "占道经营，影响通行。",
    "legal_basis": "城市道路管理条例 32、42",
}
DECIDED: dict[str, Any] = {
    "decision_number": "鼓城管罚〔2026〕15号",
    "penalty_kind": "fine",
    "amount": 500,
    "facts_found": FACTS,
    "reason": "占道经营，影响通行。",
    "legal_basis": "城市道路管理条例 32、42",
    "social_impact": "占用人行道经营，罚款 500 元。",
}
MAJOR: dict[str, Any] = {"penalty_kind": "shutdown", "amount": None}


def day(text: str, hour: int = 9) -> datetime:
    """A moment in Shanghai: `2026-02-10`."""
    year, month, number = (int(part) for part in text.split("-"))
    return datetime(year, month, number, hour - 8, tzinfo=UTC)


AT = day("2026-06-01")


def without_none(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}


def do(
    cast: Cast, case: Case, who: str, action: str, at: datetime, data: dict[str, Any] | None = None
) -> Case:
    engine.act(case, action, data or {}, by=cast.actor(who), at=at)
    case.refresh_from_db()
    return case


def officers(cast: Cast, first: str = "officer", second: str = "second_officer") -> dict[str, str]:
    return {"officer_a": cast.post(first).uid.hex, "officer_b": cast.post(second).uid.hex}


def opened(cast: Cast, at: datetime, *, party: str = "resident", **data: Any) -> Case:
    receipt = engine.open_case(
        "penalty",
        by=cast.actor("officer"),
        area=cast.area("village1"),
        data=without_none({**OPENING, **data}),
        channel="field",
        applicant=cast.persons.get(party),
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def investigating(cast: Cast, at: datetime) -> Case:
    return do(cast, opened(cast, at), "city_leader", "file", at, officers(cast))


def told(cast: Cast, at: datetime, *, gravity: str = "ordinary", **data: Any) -> Case:
    case = investigating(cast, at)
    do(cast, case, "officer", "report", at, {"facts_found": FACTS, "gravity": gravity})
    return do(cast, case, "second_officer", "tell", at, without_none({**TOLD, **data}))


def weighing(cast: Cast, at: datetime, **kwargs: Any) -> Case:
    return do(cast, told(cast, at, **kwargs), "resident", "nothing_more", at)


def deciding(cast: Cast, at: datetime) -> Case:
    return do(cast, weighing(cast, at), "officer", "submit", at, {"heard_out": "没有提出。"})


def performing(cast: Cast, at: datetime) -> Case:
    case = do(cast, deciding(cast, at), "city_leader", "penalise", at, DECIDED)
    return do(cast, case, "officer", "serve", at, {"service": "direct"})


def on(moment: datetime | None) -> str:
    assert moment is not None
    return f"{local(moment):%Y-%m-%d}"


def refused(
    cast: Cast, case: Case, who: str, action: str, data: dict[str, Any], at: datetime | None = None
) -> str:
    """The Chinese words of a "not yet" (暂不能办的原因)."""
    with pytest.raises(Refused) as found:
        do(cast, case, who, action, at or AT, data)
    assert found.value.code == "procedures.not_yet"
    return found.value.message.zh
