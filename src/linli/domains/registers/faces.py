"""What this domain adds to the faces (界面登记)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.domains.registers.queries import CLERKS
from linli.web.registry import home_card, menu_entry


def register() -> None:
    menu_entry(
        "staff",
        "registers",
        Text("居民登记", "Residents"),
        "registers:households",
        roles=tuple(sorted(CLERKS)),
        order=64,
    )
    home_card(
        "registers",
        Text("登记里我的信息", "What registers hold about me"),
        "registers:mine",
        order=40,
        line=lambda _: Text(
            "看来源、用途，发现错了请人更正", "Where it comes from, what for; have mistakes corrected"
        ),
        icon="user",
    )
