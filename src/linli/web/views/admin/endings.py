"""Ending an appointment, a post, an account (结束任职、撤销岗位、停用账号): first what is open on the desk and who takes it on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from linli.base.clock import today
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people import services
from linli.kernel.people.actors import Actor, in_force
from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures.desks import Desk, desk_of
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.accounts import PEOPLE, account_url
from linli.web.views.admin.door import admin_only, appointee_named
from linli.web.views.admin.posts import held_by, post_trail, post_url
from linli.web.views.admin.screens import MEND, Done, Entered, Screen, ask, needed_days

LAST_DAY = FieldView("to_on", Text("最后一天", "Last day"), "date", required=True)
SUCCESSOR = FieldView(
    "successor",
    Text("由谁接任", "Who takes over"),
    max=60,
    hint=Text(
        "填用户名或完整姓名；从最后一天的次日起任命。",
        "User name or whole name; appointed from the day after the last.",
    ),
    extra={"autocomplete": "off"},
)
OFF = FieldView(
    "off",
    Text("账号", "Account"),
    "checkboxes",
    choices=(Choice("now", Text("同时停用账号，马上不能登录", "Switch the account off, at once")),),
)
TEMPLATE = "web/admin/ending.html"


@admin_only
def end_appointment(request: HttpRequest, uid: UUID, account: UUID, since: date) -> HttpResponse:
    """End an appointment (免职、离任): what is open on the desk is shown, a successor may be named in the same act."""
    actor = actor_of(request)
    found = people.access_post(str(uid), actor)
    held = held_by(found, account, since)

    def act(entered: Entered) -> Done:
        (to_on,) = needed_days(entered, "to_on")
        with transaction.atomic():
            services.end_appointment(held, to_on=to_on, by=actor)
            said = Text("{who}的任职已设定结束。", "The end of {who}'s appointment is set.")
            if entered["successor"]:
                successor = appointee_named(actor, entered["successor"], "successor")
                if successor.pk == held.account_id:
                    problem = Text("请填另一个人。", "Name somebody else.")
                    raise Invalid("web.same_person", MEND, fields={"successor": problem})
                services.appoint(found, successor, from_on=to_on + timedelta(days=1), by=actor)
                said = Text(
                    "{who}的任职已设定结束，接任的人已任命。", "{who}'s end is set, the successor appointed."
                )
        return Done(said.format(who=held.account.title), post_url(found))

    title = Text(f"结束{held.account.name}的任职", f"End the appointment of {held.account.title.en}")
    desks = _desks([found], actor, without=[held.account_id])
    context = {
        "desks": desks,
        "stand_in_url": reverse("web:admin_stand_in", args=[found.uid, account, since]),
        "who": held.account.title,
    }
    screen = Screen(
        title,
        (LAST_DAY, SUCCESSOR),
        Text("结束任职", "End it"),
        post_trail(found),
        template=TEMPLATE,
        context=context,
    )
    return ask(request, screen, act, {"to_on": today()})


@admin_only
def close_post(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Close a post (撤销岗位) on its last day: what waits for it is shown, and who else may take it."""
    actor = actor_of(request)
    found = people.access_post(str(uid), actor)

    def act(entered: Entered) -> Done:
        (to_on,) = needed_days(entered, "to_on")
        services.close_post(found, to_on=to_on, by=actor)
        return Done(Text("岗位已撤销。", "The post is closed."), post_url(found))

    here = Appointment.objects.filter(in_force(today()), post=found).values_list("account_id", flat=True)
    context = {"desks": _desks([found], actor, without=list(here)), "posts_url": _same_organisation(found)}
    screen = Screen(
        Text("撤销岗位", "Close the post"),
        (LAST_DAY,),
        Text("撤销", "Close"),
        post_trail(found),
        warning=Text("任职随岗位一起结束。", "Appointments end with it."),
        template=TEMPLATE,
        context=context,
    )
    return ask(request, screen, act, {"to_on": today()})


@admin_only
def end_account(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Somebody leaves (人员离任): all their appointments end on one day, and the account may be switched off.

    All or nothing. Refuses switching off before the last day has come.
    """
    actor = actor_of(request)
    found = people.access_account(str(uid), actor)
    day = today()
    held = [a for a in people.appointments_of(found) if a.to_on is None or a.to_on >= day]

    def act(entered: Entered) -> Done:
        (to_on,) = needed_days(entered, "to_on")
        off = "now" in (entered["off"] or [])
        if off and to_on > day:
            raise Refused(
                "web.still_in_post",
                Text(
                    "最后一天还没有到，账号不能先停用。到那天以后再停用。",
                    "The last day is to come; the account cannot be switched off before it.",
                ),
            )
        with transaction.atomic():
            for each in held:
                last = max(to_on, each.from_on - timedelta(days=1))
                if each.to_on is None or each.to_on > last:
                    services.end_appointment(each, to_on=last, by=actor)
            if off:
                services.set_active(found, active=False, by=actor)
        said = (
            Text("任职已结束，账号已停用。", "The appointments are ended and the account is off.")
            if off
            else Text("任职已设定结束。", "The end of the appointments is set.")
        )
        return Done(said, account_url(found))

    context: dict[str, Any] = {
        "desks": _desks([a.post for a in held], actor, without=[found.pk]),
        "ends": [
            (a, reverse("web:admin_end_appointment", args=[a.post.uid, found.uid, a.from_on])) for a in held
        ],
        "who": found.title,
    }
    screen = Screen(
        Text(f"{found.name}离任", f"{found.title.en} leaves"),
        (LAST_DAY, OFF),
        Text("办理离任", "End their posts"),
        [(PEOPLE, reverse("web:admin_people")), (found.title, account_url(found))],
        template=TEMPLATE,
        context=context,
    )
    return ask(request, screen, act, {"to_on": day, "off": ["now"]})


def _desks(posts: Sequence[Post], actor: Actor, *, without: Collection[int]) -> list[Desk]:
    return [desk_of(post, by=actor, without=without) for post in {p.pk: p for p in posts}.values()]


def _same_organisation(found: Post) -> str:
    return reverse("web:admin_organisation", args=[found.organisation.code])
