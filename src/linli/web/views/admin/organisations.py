"""Organisations (组织): the list, a page for each, enter and revise."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.businesshours import hours_from, hours_line, parse_hours, season_line, spans_line
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.base.workdays import SAMPLE_HOURS
from linli.kernel.people import queries as people
from linli.kernel.people import services
from linli.kernel.people.hours import hours_of
from linli.kernel.people.models import Organisation
from linli.kernel.people.services.posts import KINDS
from linli.kernel.places.queries import prefix_range
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import (
    admin_only,
    area_in_scope,
    area_named,
    organisation_in_scope,
    organisation_named,
    prefixes,
)
from linli.web.views.admin.logbook import entries
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask, press
from linli.web.views.admin.titles import roles_of

ORGANISATIONS = Text("组织", "Organisations")
PAGE = 50

NAME = FieldView("name", Text("名称", "Name"), required=True, max=120)
NAME_EN = FieldView("name_en", Text("英文名", "English name"), max=160)
CONTACT = (
    FieldView(
        "phone",
        Text("对外电话", "Phone for the public"),
        max=40,
        hint=Text("居民页面上一键拨打的就是它。", "What residents call with one tap."),
        extra={"autocomplete": "off"},
    ),
    FieldView("address", Text("窗口地址", "Address of its window"), max=160),
)
AREA = FieldView(
    "area",
    Text("所在区划", "Area"),
    required=True,
    max=120,
    hint=Text("填代码或完整名称，例如 350102001 或 鼓东街道。", "Code or whole name, such as 350102001."),
    extra={"autocomplete": "off"},
)
HOURS = (
    FieldView(
        "hours",
        Text("每个工作日的办公时间", "Business hours of every working day"),
        max=120,
        hint=Text(
            "例如 8:30-12:00 14:30-17:30。留空就按上级组织或所在地办公室的时间。",
            "Such as 8:30-12:00 14:30-17:30. Left empty, those of the organisation above hold, or of the area's office.",
        ),
        extra={"autocomplete": "off"},
    ),
    FieldView(
        "seasons",
        Text("换季的时间", "Other hours in a season"),
        "text",
        hint=Text(
            "一行一季，首尾两天都算：05-01 ~ 09-30 8:30-12:00 15:00-18:00。没有就留空。",
            "A line for each, both days included: 05-01 ~ 09-30 8:30-12:00 15:00-18:00. Leave it empty if there is none.",
        ),
    ),
)


@admin_only
@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations in my areas (组织名册), by name or code, of a kind, closed ones too."""
    actor = actor_of(request)
    text, kind = request.GET.get("q", "").strip()[:60], request.GET.get("kind", "")
    closed = bool(request.GET.get("closed"))
    scope = Q(pk__in=[])
    for prefix in prefixes(actor):
        start, end = prefix_range(prefix)
        scope |= Q(area__prefix__gte=start, area__prefix__lt=end) if end else Q(area__prefix__gte=start)
    rows = people.organisations(text=text, active=not closed).filter(scope)
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    page = keyset(rows, ["code"], request.GET.get("cursor"), PAGE)
    context = {
        "page": page,
        "rows": [(o, KINDS.get(o.kind, o.kind)) for o in page.items],
        "kinds": [Choice(code, title) for code, title in KINDS.items()],
        "text": text,
        "kind": kind,
        "closed": closed,
    }
    return render(request, "web/admin/organisations.html", context)


@admin_only
@require_safe
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation (组织页): where it is, its posts and who holds them."""
    found = organisation_in_scope(actor_of(request), code)
    posts = people.post_page(actor_of(request), organisation=found, cursor=request.GET.get("cursor"))
    context = {
        "organisation": found,
        "kind": KINDS.get(found.kind, found.kind),
        "trail": [(ORGANISATIONS, reverse("web:admin_organisations"))],
        "hours": _hours(found),
        "posts": posts,
        "rows": [(post, roles_of(post)) for post in posts.items],
        "log": entries(
            people.audit_page(actor_of(request), subject=f"organisation:{found.code}", limit=5).items
        ),
    }
    return render(request, "web/admin/organisation.html", context)


@admin_only
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Enter an organisation (登记组织)."""
    actor = actor_of(request)
    kinds = [Choice(code, title) for code, title in KINDS.items()]
    fields = (
        NAME,
        NAME_EN,
        FieldView(
            "code",
            Text("组织编码", "Code"),
            required=True,
            max=40,
            hint=Text(
                "字母、数字和横线，登记后不改，例如 350102-municipal。", "Letters, digits, dashes; it stays."
            ),
            extra={"autocomplete": "off"},
        ),
        FieldView("kind", Text("类型", "Kind"), "choice", required=True, choices=kinds),
        AREA,
        FieldView(
            "parent",
            Text("上级组织", "Organisation above"),
            max=120,
            hint=Text("填编码或完整名称。", "Code or whole name."),
            extra={"autocomplete": "off"},
        ),
        FieldView("uscc", Text("统一社会信用代码", "Unified social credit code"), max=18),
    )

    def act(entered: Entered) -> Done:
        made = services.create_organisation(
            entered["code"] or "",
            entered["name"] or "",
            name_en=entered["name_en"] or "",
            kind=entered["kind"] or "",
            area=area_named(actor, entered["area"]),
            parent=organisation_named(entered["parent"], "parent") if entered["parent"] else None,
            uscc=entered["uscc"] or "",
            by=actor,
        )
        said = Text("已登记“{name}”。接着设岗位。", "“{name}” is entered. Set up its posts next.")
        return Done(said.format(name=made.title), organisation_url(made))

    trail: Trail = [(ORGANISATIONS, reverse("web:admin_organisations"))]
    screen = Screen(Text("登记组织", "Enter an organisation"), fields, Text("登记", "Enter"), trail)
    code = request.GET.get("area", "")
    start = area_in_scope(actor, code) if code else None
    return ask(request, screen, act, {"area": f"{start.code} {start.name}" if start else ""})


@admin_only
def revise_organisation(request: HttpRequest, code: str) -> HttpResponse:
    """Rename an organisation, and say how the public reaches it (修改名称、电话、地址)."""
    actor = actor_of(request)
    found = organisation_in_scope(actor, code)

    def act(entered: Entered) -> Done:
        services.revise_organisation(
            found,
            name=entered["name"] or "",
            name_en=entered["name_en"] or "",
            phone=entered["phone"] or "",
            address=entered["address"] or "",
            by=actor,
        )
        return Done(Text("已保存。", "Saved."), organisation_url(found))

    trail = [(ORGANISATIONS, reverse("web:admin_organisations")), (found.title, organisation_url(found))]
    fields = (NAME, NAME_EN, *CONTACT)
    screen = Screen(Text("名称和电话", "Name and phone"), fields, Text("保存", "Save"), trail)
    kept = {f.code: getattr(found, f.code) for f in fields}
    return ask(request, screen, act, kept)


@admin_only
def organisation_hours(request: HttpRequest, code: str) -> HttpResponse:
    """Set an organisation's business hours (设置办公时间): working hours are counted by them, and at their close a
    working day ends."""
    actor = actor_of(request)
    found = organisation_in_scope(actor, code)

    def act(entered: Entered) -> Done:
        text, seasons = entered["hours"] or "", entered["seasons"] or ""
        hours = parse_hours(text, seasons) if text.strip() or seasons.strip() else None
        services.set_hours(found, hours, by=actor)
        said = (
            Text(
                "办公时间已保存。以后开始的环节按它计时。",
                "The business hours are saved. Steps that begin from now on run by them.",
            )
            if hours
            else Text(
                "已改为按上级的办公时间。以后开始的环节按它计时。",
                "The hours of the organisation above hold. Steps that begin from now on run by them.",
            )
        )
        return Done(said, organisation_url(found))

    own = hours_from(found.hours)
    values = {
        "hours": spans_line(own.spans) if own else "",
        "seasons": "\n".join(season_line(season) for season in own.seasons) if own else "",
    }
    trail = [(ORGANISATIONS, reverse("web:admin_organisations")), (found.title, organisation_url(found))]
    warning = Text(
        "已经算好的到期时间不变。",
        "Due times that have been worked out already stay as they are.",
    )
    screen = Screen(Text("办公时间", "Business hours"), HOURS, Text("保存", "Save"), trail, warning=warning)
    return ask(request, screen, act, values)


def _hours(found: Organisation) -> Text:
    """By which hours an organisation works and where they come from (现行办公时间)."""
    own = hours_from(found.hours)
    hours = own or hours_of(found.pk, found.area.prefix)
    line = hours_line(hours or SAMPLE_HOURS)
    if own:
        return Text(line, line)
    if hours:
        return Text(f"{line}（沿用上级）", f"{line} (of the one above)")
    return Text(f"{line}（默认，还没有设置）", f"{line} (the usual ones, none are set)")


@admin_only
@require_POST
def close_organisation(request: HttpRequest, code: str) -> HttpResponse:
    """Close an organisation, or open it again (撤销、恢复组织): a closed one gives nobody a role."""
    actor = actor_of(request)
    found = organisation_in_scope(actor, code)
    active = request.POST.get("active") == "1"

    def act() -> Done:
        services.revise_organisation(found, active=active, by=actor)
        said = (
            Text("组织已恢复，岗位重新有效。", "The organisation is open again, and so are its posts.")
            if active
            else Text(
                "组织已撤销，岗位不再有权限。", "The organisation is closed; its posts give no role any more."
            )
        )
        return Done(said, organisation_url(found))

    return press(request, act, organisation_url(found))


def organisation_url(found: Organisation) -> str:
    return reverse("web:admin_organisation", args=[found.code])
