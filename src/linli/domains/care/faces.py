"""What this domain adds to the faces (界面登记)."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.i18n import Text
from linli.domains.care import queries
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.web.registry import case_panel, home_card, menu_entry

WORKERS = ("care_worker", "child_worker")
LEADS = ("care_lead", "child_lead")


def plan_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """The plan beside its case (帮扶计划): who comes when, what was consented to, when it is looked at again."""
    plan = queries.plan_of(case)
    if plan is None:
        return None
    return render_to_string("care/panel.html", {"plan": plan, "case": case}, request=request)


def register() -> None:
    menu_entry("staff", "care", Text("今天走访", "Visits today"), "care:day", roles=WORKERS, order=13)
    menu_entry(
        "staff", "care_totals", Text("关爱合计", "Care in figures"), "care:totals", roles=LEADS, order=14
    )
    home_card(
        "care",
        Text("关爱与陪伴", "Care and company"),
        "care:home",
        order=30,
        line=lambda _: Text("上门帮扶、心理咨询、送餐", "Help at home, counselling, meals"),
        icon="hand",
    )
    case_panel("care.plan", order=5, render=plan_panel, faces=("staff", "resident"))
