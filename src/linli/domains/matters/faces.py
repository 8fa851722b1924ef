"""What this domain adds to the faces (界面登记)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.web.registry import home_card


def register() -> None:
    home_card(
        "ratings",
        Text("办事评价", "Ratings"),
        "matters:ratings",
        order=35,
        line=lambda _: Text("哪个单位办得好", "How offices were rated"),
        icon="star",
    )
