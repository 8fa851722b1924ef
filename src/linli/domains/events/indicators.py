"""The figures of the field (本领域指标): named formulas, each with its basis and its smallest sample."""

from __future__ import annotations

from django.db.models import Q

from linli.base.i18n import Text
from linli.kernel.indicators.definitions import Indicator, indicator

MINE = Q(procedure="grid-event")
HOTLINE = "接诉即办三率（地方规定，如北京接诉即办条例）"
MANAGEMENT = "GB/T 30428.4 绩效评价"


def register() -> None:
    indicator(
        Indicator(
            "responded",
            Text("响应率", "Response rate"),
            Text(
                "回访或评价中说“按时联系了我”的 ÷ 回答了这一问的",
                "those who say they were contacted in time ÷ those who answered",
            ),
            HOTLINE,
            counted=Q(event__contacted=True),
            among=MINE & Q(event__contacted__isnull=False),
            order=10,
        )
    )
    indicator(
        Indicator(
            "solved",
            Text("解决率", "Resolution rate"),
            Text(
                "反映人说“解决了”的 ÷ 回答了这一问的",
                "those whose problem is solved, as they say ÷ those who answered",
            ),
            HOTLINE,
            counted=Q(event__solved=True),
            among=MINE & Q(event__solved__isnull=False),
            order=20,
        )
    )
    indicator(
        Indicator(
            "satisfied",
            Text("满意率", "Satisfaction rate"),
            Text("评价为基本满意及以上的 ÷ 作出评价的", "rated fairly satisfied or better ÷ all who rated"),
            HOTLINE,
            counted=Q(event__rating__gte=3),
            among=MINE & Q(event__rating__isnull=False),
            order=30,
            read_by=("call_back", "supervisor"),
        )
    )
    indicator(
        Indicator(
            "on_time",
            Text("按时处置率", "Handled in time"),
            Text(
                "在处置时限内反馈的 ÷ 已反馈办结的",
                "reported done within the limit ÷ all reported done and closed",
            ),
            MANAGEMENT,
            counted=Q(event__on_time=True),
            among=MINE & Q(event__on_time__isnull=False),
            order=40,
        )
    )
    indicator(
        Indicator(
            "reworked",
            Text("返工率", "Rework rate"),
            Text("至少返工一次的 ÷ 已办结的", "sent back at least once ÷ all closed"),
            MANAGEMENT,
            counted=Q(event__n_reworks__gt=0),
            among=MINE & Q(outcome="resolved", historic=False),
            higher_is_better=False,
            order=50,
        )
    )
