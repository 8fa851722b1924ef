"""Limits that the law lets begin later than the opening (期限另行起算): from acceptance, or from a correction.

The time before then counts for nobody, and the day itself is not counted (Civil Code 201). It is kept as a stretch in
which the clock stood still, so that every due time, and every reader, sees the same.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from linli.base.clock import SHANGHAI, local
from linli.kernel.procedures.models import ClockSegment
from linli.kernel.procedures.pauses import recount
from linli.kernel.procedures.state import Move

NOT_BEGUN = "not-begun"


def count_anew(move: Move, *, basis: str) -> None:
    """Let the whole limit run from this act (期限自本操作起重新计算), such as 行政许可法 42 from acceptance, 政府信息公开条例 30
    from the corrected request. To be called by the effect of the act, before the engine writes it."""
    tomorrow = local(move.at).date() + timedelta(days=1)
    ClockSegment.objects.update_or_create(
        case_id=move.case.id,
        kind="suspended",
        ground=NOT_BEGUN,
        defaults={
            "from_at": move.case.opened_at,
            "to_at": datetime.combine(tomorrow, time(), SHANGHAI),
            "basis": basis,
            "approved_by_id": move.actor.account_id,
            "notified_at": move.at if "applicant" in move.action.notifies else None,
        },
    )
    recount(move, ())
