"""My own account (我的账号), for all staff: API tokens, second factor, and who stands in while I am away."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import now, today
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people import services
from linli.kernel.people.models import Account, ApiToken, Appointment
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.screens import MEND, Done, Entered, Screen, Trail, ask, needed_days, press

MINE = Text("我的账号", "My account")
LENGTHS = (30, 90, 180, 365)


@never_cache
@staff_only
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """My posts, tokens, second factor and stand-ins (我的账号)."""
    me = _me(request)
    delegations = people.delegations_of(me)
    context = {
        "account": me,
        "held": [a for a in people.appointments_of(me) if a.to_on is None or a.to_on >= today()],
        "away": [d for d in delegations if d.appointment.account_id == me.pk],
        "standing_in": [d for d in delegations if d.deputy_id == me.pk],
        "tokens": people.tokens_of(me),
        "now": now(),
    }
    return render(request, "web/admin/mine.html", context)


@never_cache
@staff_only
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token for the API (签发令牌): its text is shown this once and kept nowhere."""
    me = _me(request)
    fields = (
        FieldView("label", Text("用来做什么", "What it is for"), required=True, max=80),
        FieldView(
            "days",
            Text("有效多久", "Valid for"),
            "choice",
            required=True,
            choices=[Choice(str(n), Text(f"{n} 天", f"{n} days")) for n in LENGTHS],
        ),
    )

    def act(entered: Entered) -> HttpResponse:
        length = entered["days"] or ""
        n = int(length) if length.isascii() and length.isdigit() and len(length) < 5 else 0
        token, text = services.make_token(me, entered["label"] or "", days=n, by=actor_of(request))
        return render(request, "web/admin/token.html", {"token": token, "text": text, "trail": _trail()})

    intro = Text(
        "有令牌的程序能做您能做的一切。只给您信得过的程序，不用了就撤销。",
        "A program with the token may do all that you may. Give it only to what you trust, and revoke it when done.",
    )
    screen = Screen(Text("签发令牌", "Make a token"), fields, Text("签发", "Make it"), _trail(), intro)
    return ask(request, screen, act, {"days": "180"})


@never_cache
@staff_only
@require_POST
def revoke_token(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Revoke one of my tokens (撤销令牌)."""
    me, actor = _me(request), actor_of(request)
    token = ApiToken.objects.filter(account=me, uid=uid).first()
    if token is None:
        raise absent(Text("令牌", "token"))

    def act() -> Done:
        services.revoke_token(token, by=actor)
        return Done(Text("令牌已撤销，马上失效。", "The token is revoked and works no more."), _url())

    return press(request, act, _url())


@never_cache
@staff_only
def away(request: HttpRequest) -> HttpResponse:
    """I am away (我要外出): a colleague stands in for my post from–to."""
    me, actor = _me(request), actor_of(request)
    held = {str(a.post.uid): a for a in people.appointments_of(me) if a.to_on is None or a.to_on >= today()}
    colleagues = {str(a.uid): a for a in people.colleagues(actor)}
    fields = (
        FieldView(
            "post",
            Text("哪个岗位", "Which post"),
            "choice",
            required=True,
            choices=[Choice(k, _post_title(a)) for k, a in held.items()],
        ),
        FieldView(
            "deputy",
            Text("谁来代理", "Who stands in"),
            "choice",
            required=True,
            choices=[Choice(uid, a.title) for uid, a in colleagues.items()],
            hint=Text("本单位在岗的同事。", "Colleagues of your own organisation."),
        ),
        FieldView("from_on", Text("从哪天起", "From"), "date", required=True),
        FieldView("to_on", Text("到哪天止", "To"), "date", required=True),
        FieldView("reason", Text("事由", "Reason"), max=200),
    )

    def act(entered: Entered) -> Done:
        from_on, to_on = needed_days(entered, "from_on", "to_on")
        choose = Text("请从列表中选择。", "Choose one of the list.")
        wrong = {
            f: choose for f, known in (("post", held), ("deputy", colleagues)) if entered[f] not in known
        }
        if wrong:
            raise Invalid("web.not_chosen", MEND, fields=wrong)
        services.delegate(
            held[entered["post"]],
            colleagues[entered["deputy"]],
            from_on=from_on,
            to_on=to_on,
            reason=entered["reason"] or "",
            by=actor,
        )
        return Done(Text("代理已登记，到时自动生效。", "It is entered and takes effect on its day."), _url())

    intro = Text(
        "代理期间他能办您岗位的事，记录里写明两个人。", "They may act in your post; records name both of you."
    )
    screen = Screen(Text("我要外出", "I am away"), fields, Text("登记代理", "Enter"), _trail(), intro)
    return ask(request, screen, act, {"from_on": today(), "post": next(iter(held), "")})


@never_cache
@staff_only
@require_POST
def back(request: HttpRequest, post: UUID, deputy: UUID) -> HttpResponse:
    """I am back (销假): the delegations of this post to this colleague end at once."""
    me, actor = _me(request), actor_of(request)
    rows = [
        d
        for d in people.delegations_of(me)
        if d.appointment.post.uid == post
        and d.deputy.uid == deputy
        and me.pk in {d.deputy_id, d.appointment.account_id}
    ]
    if not rows:
        raise absent(Text("代理", "delegation"))

    def act() -> Done:
        for delegation in rows:
            services.end_delegation(delegation, by=actor)
        return Done(Text("代理已结束。", "The delegation is ended."), _url())

    return press(request, act, _url())


def _me(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # staff are signed in
    return request.user


def _url() -> str:
    return reverse("web:my_account")


def _trail() -> Trail:
    return [(MINE, _url())]


def _post_title(held: Appointment) -> Text:
    post, organisation = held.post.name, held.post.organisation.title
    return Text(f"{post.zh} · {organisation.zh}", f"{post.en} · {organisation.en}")
