"""The desk's own menu (工作台菜单), before the domains add theirs."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.web.registry import menu_entry

OVERVIEW = Text("总览", "Overview")


def register() -> None:
    menu_entry("staff", "board", Text("大屏", "Wall board"), "web:board", order=60, group=OVERVIEW)
    menu_entry("staff", "figures", Text("指标", "Figures"), "web:figures", order=70, group=OVERVIEW)
