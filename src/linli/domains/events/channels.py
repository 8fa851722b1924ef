"""Through which channel a report came in (来件渠道): staff may say how it reached them; for others the door decides."""

from __future__ import annotations

from linli.base.errors import Invalid
from linli.base.i18n import Text

ENTERED_BY_STAFF = frozenset({"window", "phone", "paper", "field"})


def channel_for(door: str, named: str, *, staff: bool) -> str:
    """The channel of a report that came through `door` (渠道认定). Refuses a channel that only staff may name."""
    if named in {"", door}:
        return door
    if staff and named in ENTERED_BY_STAFF:
        return named
    raise Invalid(
        "events.channel",
        Text(
            "只有代为登记的工作人员可以注明来件渠道。请去掉这一项。",
            "Only staff who enter a report for somebody may name its channel. Leave it out.",
        ),
        fields={"channel": Text("请去掉这一项。", "Leave it out.")},
    )
