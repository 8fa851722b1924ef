"""The desk's own menu (工作台菜单), before the domains add theirs."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.people.services.mandates import ON_PAPER
from linli.web.registry import menu_entry

OVERVIEW = Text("总览", "Overview")


def register() -> None:
    menu_entry("staff", "board", Text("大屏", "Wall board"), "web:board", order=60, group=OVERVIEW)
    menu_entry(
        "staff",
        "paper_mandate",
        Text("登记书面委托", "Mandate on paper"),
        "web:paper_mandate",
        roles=ON_PAPER,
        order=58,
    )
    menu_entry("staff", "figures", Text("指标", "Figures"), "web:figures", order=70, group=OVERVIEW)
