"""What this domain adds to the faces (界面登记): the big buttons and the menu of the desk."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.procedures.offered import own_entry
from linli.web.registry import home_card, menu_entry, report_entry

REGISTERING = ("clerk", "dispatcher", "call_back", "grid_worker")


def register() -> None:
    own_entry("grid-event")
    report_entry(Text("反映一件事", "Report something"), "events:report", order=10)
    home_card(
        "track",
        Text("查进度", "Track"),
        "web:track",
        order=10,
        line=lambda _: Text("凭回执上的编号和查询码", "With the number and code of the receipt"),
    )
    home_card(
        "paper",
        Text("纸质表", "Paper form"),
        "events:paper",
        order=90,
        line=lambda _: Text("打印一张，手写也能办", "Print one and write by hand"),
    )
    report_entry(
        Text("登记来电来访", "Enter a report"), "events:register", order=10, face="staff", roles=REGISTERING
    )
    menu_entry(
        "staff",
        "patrol",
        Text("巡查上报", "Patrol report"),
        "events:patrol",
        roles=("grid_worker",),
        order=60,
    )
