"""What this domain adds to the administration and the desk (事项目录的管理入口)."""

from __future__ import annotations

from linli.base.clock import today
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.web.registry import menu_entry
from linli.web.views.admin.logbook import name_act
from linli.web.views.admin.menu import ADMINISTRATION
from linli.web.views.admin.settled import setting

ACTS = {
    "matters.drafted": Text("保存事项草稿", "draft of a matter saved"),
    "matters.published": Text("发布事项", "matter published"),
    "matters.ended": Text("取消事项", "matter ended"),
    "matters.life_event_adopted": Text("采用一件事", "life event adopted"),
    "matters.delegated": Text("下放事项", "matter handed down"),
    "matters.taken_back": Text("收回事项", "matter taken back"),
    "matters.agency_set": Text("设定村级代办", "put on a village's list"),
    "matters.agency_refused": Text("村里拒绝代办事项", "refused by a village"),
    "matters.standards_checked": Text("签发服务标准自查", "self-check of service signed"),
    "matters.body_entered": Text("登记群团组织", "mass organisation entered"),
    "matters.body_ended": Text("群团组织移出登记", "mass organisation taken off the register"),
    "matters.offer_added": Text("登记群团服务或资源", "service or resource of a body entered"),
    "matters.offer_changed": Text("更改群团服务或资源", "service or resource of a body changed"),
    "matters.offer_stopped": Text("停办群团服务或资源", "service or resource of a body ended"),
    "matters.report_drafted": Text("保存群团成效报告稿", "draft of a body's report kept"),
    "matters.report_signed": Text("签发群团成效报告", "report of a body signed"),
    "matters.agency_taken_up": Text("村里接回代办事项", "taken up by a village"),
}
TITLE = Text("事项目录", "Catalogue of matters")


def register() -> None:
    menu_entry(
        "staff",
        "matters.admin_catalogue",
        TITLE,
        "matters:admin_catalogue",
        roles=[ADMINISTRATOR],
        order=840,
        group=ADMINISTRATION,
    )
    menu_entry(
        "staff",
        "matters.own_agency",
        Text("村级代办清单", "What villages do"),
        "matters:own_agency",
        roles=["clerk", "grid_worker", "dispatcher"],
        order=420,
    )
    menu_entry(
        "staff",
        "matters.check_standards",
        Text("服务标准自查", "Self-check of service"),
        "matters:check_standards",
        roles=["leader"],
        order=430,
    )
    menu_entry(
        "staff",
        "matters.partner_desk",
        Text("群团服务", "Mass organisations"),
        "matters:partner_desk",
        roles=["leader", "examiner", "clerk"],
        order=440,
    )
    menu_entry(
        "staff",
        "matters.admin_partners",
        Text("群团组织登记", "Mass organisations"),
        "matters:admin_partners",
        roles=[ADMINISTRATOR],
        order=845,
        group=ADMINISTRATION,
    )
    for code, words in ACTS.items():
        name_act(code, words)
    setting("matters", TITLE, "matters:admin_catalogue", _said, acts=("matters.",), order=5)


def _said(actor: Actor) -> Text:
    from linli.domains.matters.queries import in_force

    found = in_force(today())
    n, agency = found.count(), found.filter(matter__agency=True).count()
    return Text(
        f"{n} 个事项有效，其中村级代办 {agency} 个。",
        f"{n} matters in force, {agency} of them done by villages.",
    )
