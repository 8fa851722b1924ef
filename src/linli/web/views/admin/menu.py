"""The administrator's part of the desk's menu (管理菜单)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.web.registry import menu_entry
from linli.web.views.admin import moving, overview, peers, settled

ADMINISTRATION = Text("平台管理", "Administration")
ENTRIES = (
    ("admin", Text("管理概览", "What to mend"), 800),
    ("admin_areas", Text("区划与网格", "Areas and grids"), 810),
    ("admin_grids", Text("网格调整", "Redraw grids"), 815),
    ("admin_organisations", Text("组织", "Organisations"), 820),
    ("admin_posts", Text("岗位", "Posts"), 830),
    ("admin_people", Text("人员", "People"), 840),
    ("admin_limits", Text("时限", "Limits"), 865),
    ("admin_messages", Text("通知文字", "Messages"), 875),
    ("admin_procedures", Text("程序", "Procedures"), 870),
    ("admin_years", Text("放假安排", "Days off"), 880),
    ("admin_log", Text("操作日志", "Log"), 890),
)


def register() -> None:
    for name, title, order in ENTRIES:
        menu_entry(
            "staff", name, title, f"web:{name}", roles=[ADMINISTRATOR], order=order, group=ADMINISTRATION
        )
    menu_entry("staff", "my_account", Text("我的账号", "My account"), "web:my_account", order=900)
    overview.register()
    settled.register()
    moving.register()
    peers.register()
