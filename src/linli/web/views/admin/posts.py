"""Posts and appointments (岗位与任职): set up, revise; appoint, let a colleague stand in. What ends them is in `endings`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import today
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people import services
from linli.kernel.people.models import Appointment, Delegation, Post
from linli.kernel.procedures.roles import role_title
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import (
    account_named,
    admin_only,
    appointee_named,
    area_named,
    organisation_in_scope,
)
from linli.web.views.admin.logbook import entries
from linli.web.views.admin.organisations import AREA, ORGANISATIONS, organisation_url
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask, day, needed_days, press
from linli.web.views.admin.titles import known_roles, roles_of

POSTS = Text("岗位", "Posts")
SAVE = Text("保存", "Save")
TITLE = FieldView("title", Text("岗位名称", "Title"), required=True, max=80)
TITLE_EN = FieldView("title_en", Text("英文名称", "English title"), max=100)
WHO = FieldView(
    "account",
    Text("任命谁", "Whom"),
    required=True,
    max=60,
    hint=Text("填用户名或完整姓名。还没有账号的，先到“人员”开设。", "User name or whole name."),
    extra={"autocomplete": "off"},
)


def _roles() -> FieldView:
    choices = [Choice(role, role_title(role), role) for role in known_roles()]
    return FieldView("roles", Text("角色", "Roles"), "checkboxes", required=True, choices=choices)


@admin_only
@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    """The posts in my areas with today's holders (岗位名册): by name, by role, those that nobody holds."""
    role, vacant = request.GET.get("role", ""), bool(request.GET.get("vacant"))
    text, roles = request.GET.get("q", "").strip()[:60], known_roles()
    page = people.post_page(
        actor_of(request),
        text=text,
        role=role if role in roles else "",
        vacant=vacant,
        cursor=request.GET.get("cursor"),
    )
    context = {
        "page": page,
        "rows": [(post, roles_of(post)) for post in page.items],
        "roles": [Choice(each, role_title(each)) for each in roles],
        "text": text,
        "role": role,
        "vacant": vacant,
    }
    return render(request, "web/admin/posts.html", context)


@admin_only
@require_safe
def post(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One post (岗位页): its roles and area, who holds it now, held it and will hold it, and who stands in."""
    found = people.access_post(str(uid), actor_of(request))
    now = today()
    held = found.appointments.select_related("account").order_by("-from_on", "-id")[:100]
    away = Delegation.objects.filter(appointment__post=found, ended_at__isnull=True, to_on__gte=now)
    standing_in: dict[int, list[Delegation]] = {}
    for delegation in away.select_related("deputy").order_by("from_on"):
        standing_in.setdefault(delegation.appointment_id, []).append(delegation)
    rows = [(a, _state(a, now), standing_in.get(a.pk, [])) for a in held]
    context = {
        "post": found,
        "roles": roles_of(found),
        "trail": post_trail(found)[:-1],
        "now": [row for row in rows if row[1] == "now"],
        "later": [row for row in rows if row[1] == "later"],
        "past": [row for row in rows if row[1] == "past"],
        "is_closed": found.valid_to is not None and found.valid_to < now,
        "log": entries(people.audit_page(actor_of(request), subject=f"post:{found.uid}", limit=5).items),
    }
    return render(request, "web/admin/post.html", context)


@admin_only
def new_post(request: HttpRequest, code: str) -> HttpResponse:
    """Set up a post in an organisation (设置岗位)."""
    actor = actor_of(request)
    organisation = organisation_in_scope(actor, code)
    fields = (TITLE, TITLE_EN, _roles(), AREA, FieldView("valid_from", Text("从哪天起", "From"), "date"))

    def act(entered: Entered) -> Done:
        made = services.create_post(
            organisation,
            entered["title"] or "",
            title_en=entered["title_en"] or "",
            roles=entered["roles"],
            area=area_named(actor, entered["area"]),
            by=actor,
            valid_from=day(entered, "valid_from"),
        )
        said = Text(
            "岗位“{name}”已设。接着任命一个人。", "The post “{name}” is set up. Appoint somebody next."
        )
        return Done(said.format(name=made.name), post_url(made))

    trail = [
        (ORGANISATIONS, reverse("web:admin_organisations")),
        (organisation.title, organisation_url(organisation)),
    ]
    intro = Text(
        "角色决定能办哪些环节，区划决定管多大的范围。",
        "Roles say which steps it may do; the area says how far.",
    )
    screen = Screen(Text("设置岗位", "Set up a post"), fields, Text("设置", "Set up"), trail, intro)
    return ask(request, screen, act, {"area": f"{organisation.area.code} {organisation.area.name}"})


@admin_only
def revise_post(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Rename a post or change its roles (调整岗位)."""
    actor = actor_of(request)
    found = people.access_post(str(uid), actor)

    def act(entered: Entered) -> Done:
        services.revise_post(
            found,
            title=entered["title"],
            title_en=entered["title_en"] or "",
            roles=entered["roles"],
            by=actor,
        )
        return Done(
            Text("岗位已调整，在任的人马上生效。", "The post is changed, for its holders at once."),
            post_url(found),
        )

    screen = Screen(Text("调整岗位", "Change the post"), (TITLE, TITLE_EN, _roles()), SAVE, post_trail(found))
    return ask(request, screen, act, {"title": found.title, "title_en": found.title_en, "roles": found.roles})


@admin_only
def appoint(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Appoint somebody to a post, from–to (任命)."""
    actor = actor_of(request)
    found = people.access_post(str(uid), actor)
    fields = (
        WHO,
        FieldView("from_on", Text("从哪天起", "From"), "date", required=True),
        FieldView("to_on", Text("到哪天止", "To"), "date", hint=Text("不填就是没有期限。", "Empty: no end.")),
    )

    def act(entered: Entered) -> Done:
        (from_on,) = needed_days(entered, "from_on")
        account = appointee_named(actor, entered["account"])
        services.appoint(found, account, from_on=from_on, to_on=day(entered, "to_on"), by=actor)
        said = Text("已任命{who}。", "{who} is appointed.")
        return Done(said.format(who=account.title), post_url(found))

    screen = Screen(Text("任命", "Appoint"), fields, Text("任命", "Appoint"), post_trail(found))
    return ask(request, screen, act, {"from_on": today(), "account": request.GET.get("account", "")})


@admin_only
def stand_in(request: HttpRequest, uid: UUID, account: UUID, since: date) -> HttpResponse:
    """Let a colleague stand in while the holder is away (代理)."""
    actor = actor_of(request)
    found = people.access_post(str(uid), actor)
    held = held_by(found, account, since)
    fields = (
        FieldView(
            "deputy",
            Text("谁来代理", "Who stands in"),
            required=True,
            max=60,
            hint=Text(
                "填用户名或完整姓名；须是在岗同事。", "User name or whole name of a colleague in post."
            ),
            extra={"autocomplete": "off"},
        ),
        FieldView("from_on", Text("从哪天起", "From"), "date", required=True),
        FieldView("to_on", Text("到哪天止", "To"), "date", required=True),
        FieldView("reason", Text("事由", "Reason"), max=200),
    )

    def act(entered: Entered) -> Done:
        from_on, to_on = needed_days(entered, "from_on", "to_on")
        services.delegate(
            held,
            account_named(actor, entered["deputy"], "deputy"),
            from_on=from_on,
            to_on=to_on,
            reason=entered["reason"] or "",
            by=actor,
        )
        return Done(Text("代理已登记。", "The stand-in is entered."), post_url(found))

    title = Text(f"{held.account.name}外出，由谁代理", f"Who stands in for {held.account.title.en}")
    intro = Text("代理人办的事，记录里会写明两个人。", "What the deputy does is recorded with both names.")
    screen = Screen(title, fields, Text("登记代理", "Enter"), post_trail(found), intro)
    return ask(request, screen, act, {"from_on": today()})


@admin_only
@require_POST
def end_stand_in(request: HttpRequest, uid: UUID, account: UUID, since: date, deputy: UUID) -> HttpResponse:
    """End a delegation at once (结束代理)."""
    actor = actor_of(request)
    found = people.access_post(str(uid), actor)
    rows = held_by(found, account, since).delegations.filter(deputy__uid=deputy, ended_at__isnull=True)

    def act() -> Done:
        for delegation in rows:
            services.end_delegation(delegation, by=actor)
        return Done(Text("代理已结束。", "The delegation is ended."), post_url(found))

    return press(request, act, post_url(found))


def post_url(found: Post) -> str:
    return reverse("web:admin_post", args=[found.uid])


def held_by(found: Post, account: UUID, since: date) -> Appointment:
    """One appointment, named by what it says: post, person, first day."""
    row = found.appointments.select_related("account", "post__organisation__area", "post__area")
    held = row.filter(account__uid=account, from_on=since).order_by("-id").first()
    if held is None:
        raise absent(Text("任职", "appointment"))
    return held


def _state(held: Appointment, now: date) -> str:
    if held.from_on > now:
        return "later" if held.to_on is None or held.to_on >= held.from_on else "past"
    return "now" if held.to_on is None or held.to_on >= now else "past"


def post_trail(found: Post) -> Trail:
    organisation = found.organisation
    return [
        (POSTS, reverse("web:admin_posts")),
        (organisation.title, organisation_url(organisation)),
        (found.name, post_url(found)),
    ]
