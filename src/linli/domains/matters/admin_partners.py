"""The county's register of mass organisations (群团组织登记管理): enter a body, take one off."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.matters import partner_queries as q
from linli.domains.matters import partners
from linli.domains.matters.admin_catalogue import AT_ONCE, county_for
from linli.domains.matters.partner_models import KINDS
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import admin_only, organisation_named
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask

REGISTER = Text("群团组织", "Mass organisations")


@admin_only
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The bodies on the county's register (在册群团组织)."""
    county = county_for(actor_of(request))
    page = q.bodies(county, cursor=request.GET.get("cursor"), limit=AT_ONCE, closed=True)
    context = {"county": county, "page": page, "rows": page.items}
    return render(request, "matters/partners/register.html", context)


@admin_only
def new(request: HttpRequest) -> HttpResponse:
    """Put a body on the register (登记群团组织)."""
    actor = actor_of(request)
    county_for(actor)

    def act(entered: Entered) -> Done:
        partners.enter(
            organisation_named(entered["organisation"], "organisation"),
            kind=entered["kind"] or "",
            about=entered["about"] or "",
            by=actor,
        )
        return Done(
            Text("已登记。服务和资源由它自己的工作人员填写。", "It is entered. Its own staff enter what it offers."),
            reverse("matters:admin_partners"),
        )  # fmt: skip

    fields = [
        FieldView("organisation", Text("组织（名称或编码）", "Organisation (name or code)"), required=True, max=120, hint=Text("先在“组织”里登记，设好岗位和负责人。", "It is entered under Organisations first, with its posts and its head.")),
        FieldView("kind", Text("类别", "Kind"), "choice", required=True, choices=[Choice(c, t) for c, t in KINDS.items()]),
        FieldView("about", Text("居民可以找它做什么", "What residents may turn to it for"), "text", required=True, max=300),
    ]  # fmt: skip
    screen = Screen(Text("登记群团组织", "Enter a mass organisation"), fields, Text("登记", "Enter"), _trail(),
        Text("只登记组织，不登记它的会员、团员或者任何个人。", "Only the body is entered: none of its members, and nobody else."))  # fmt: skip
    return ask(request, screen, act)


@admin_only
def end(request: HttpRequest, code: str) -> HttpResponse:
    """Take a body off the register (移出登记)."""
    actor = actor_of(request)
    body = q.body(code)
    if body.county_id != county_for(actor).pk:
        raise absent(q.BODY)

    def act(entered: Entered) -> Done:
        partners.end(body, reason=entered["reason"] or "", by=actor)
        return Done(
            Text("已移出登记，公布过的报告还能看。", "It is off the register; its published reports stay."),
            reverse("matters:admin_partners"),
        )

    screen = Screen(
        Text("移出登记：{x}", "Take off the register: {x}").format(x=body.organisation.title),
        [FieldView("reason", Text("理由", "Why"), "text", required=True, max=300)],
        Text("移出登记", "Take it off"),
        _trail(),
    )
    return ask(request, screen, act)


def _trail() -> Trail:
    return [(REGISTER, reverse("matters:admin_partners"))]
