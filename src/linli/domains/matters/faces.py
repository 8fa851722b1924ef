"""What this domain adds to the faces (界面登记)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.domains.matters.application_panel import application_panel
from linli.domains.matters.catalogue_views import matters, n_in_force
from linli.web.registry import case_panel, home_card, menu_entry, report_entry, search_source

TAKES = ("clerk", "agent")
KEEPS = ("clerk", "agent", "examiner", "leader")


def register() -> None:
    home_card(
        "matters",
        Text("我要办", "Apply for something"),
        "matters:find",
        order=12,
        line=n_in_force,
        icon="list",
    )
    search_source("matters", Text("办事指南", "Guides to services"), matters, order=5)
    report_entry(
        Text("收件办事", "Take an application"), "matters:desk_find", order=15, face="staff", roles=TAKES
    )
    menu_entry("staff", "archive", Text("办件归档", "Archive"), "matters:archive", roles=KEEPS, order=60)
    case_panel("matters.application", order=6, render=application_panel, faces=("staff", "resident"))
    home_card(
        "policies",
        Text("政策明白卡", "Policies in plain words"),
        "matters:policies",
        order=13,
        line=lambda _: Text("用大白话说，可以按主题关注", "to read, and to follow by topic"),
        icon="book",
    )
    home_card(
        "standards",
        Text("服务标准自查", "Self-check of service"),
        "matters:standards",
        order=36,
        line=lambda _: Text("单位做到没有、怎么改", "what offices met, and what they mend"),
        icon="list",
    )
    home_card(
        "partners",
        Text("群团组织能帮您什么", "What mass organisations do"),
        "matters:partners",
        order=37,
        line=lambda _: Text("工会、妇联、残联等的服务和场地", "services and rooms of unions and federations"),
        icon="users",
    )
    home_card(
        "ratings",
        Text("办事评价", "Ratings"),
        "matters:ratings",
        order=35,
        line=lambda _: Text("哪个单位办得好", "How offices were rated"),
        icon="star",
    )
