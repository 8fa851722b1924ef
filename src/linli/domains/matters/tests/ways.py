"""Ways to bring an application to a step (把许可申请办到某一环节), through the verbs alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from linli.base.clock import local
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case

if TYPE_CHECKING:
    from tests.cast import Cast

MONDAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
LICENSING = "350102-licensing"
APPLICATION = {
    "subject": "在中山路 12 号门前设置户外招牌",
    "office": LICENSING,
    "materials": "申请表\n效果图\n产权人同意书",
}
REFUSAL = {"reason": "招牌遮挡消防通道。", "legal_basis": "消防法 28"}


def day(text: str, hour: int = 9) -> datetime:
    """A moment in Shanghai: `2026-02-10`."""
    year, month, number = (int(part) for part in text.split("-"))
    return datetime(year, month, number, hour - 8, tzinfo=UTC)


def applied(cast: Cast, at: datetime = MONDAY, *, by: str = "resident", **data: Any) -> Case:
    receipt = engine.open_case(
        "licence",
        by=cast.actor(by),
        area=cast.area("village1"),
        data={**APPLICATION, **data},
        channel="web" if by == "resident" else "window",
        applicant=cast.person("resident"),
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def do(
    cast: Cast, case: Case, who: str, action: str, at: datetime, data: dict[str, Any] | None = None
) -> Case:
    engine.act(case, action, data or {}, by=cast.actor(who), at=at)
    case.refresh_from_db()
    return case


def examining(cast: Cast, at: datetime = MONDAY, **allotted: Any) -> Case:
    case = applied(cast, at)
    do(cast, case, "examiner", "accept", at)
    return do(
        cast, case, "examiner", "allot", at, {"handling": "single", "public_interest": False, **allotted}
    )


def deciding(cast: Cast, at: datetime = MONDAY) -> Case:
    case = examining(cast, at)
    return do(cast, case, "examiner", "report", at, {"opinion": "符合条件。", "affects_others": False})


def due_on(case: Case) -> str:
    assert case.due_at is not None
    return f"{local(case.due_at):%Y-%m-%d}"


def law_on(case: Case) -> str:
    assert case.statutory_due_at is not None
    return f"{local(case.statutory_due_at):%Y-%m-%d}"


def code_of(refused: Any) -> str:
    return str(refused.value.code)
