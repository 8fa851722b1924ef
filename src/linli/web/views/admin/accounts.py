"""Staff accounts (人员账号): the list, a page for each, open, revise, new one-time password, second factor, on and off.

No page shows a secret that is in use. A password that is set here is shown once, to the administrator who hands it over,
and must be changed at the first sign-in.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people import services
from linli.kernel.people.models import Account
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.logbook import entries
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask, press
from linli.web.views.admin.titles import roles_of

PEOPLE = Text("人员", "People")
EASY_TO_READ = "23456789abcdefghjkmnpqrstuvwxyz"
NAME = FieldView("name", Text("姓名", "Name"), required=True, max=60)
NAME_EN = FieldView("name_en", Text("英文或拼音", "Name in Latin letters"), max=80)
EMAIL = FieldView("email", Text("单位邮箱", "Office e-mail"), max=200, extra={"autocomplete": "off"})
LANGUAGE = FieldView(
    "language",
    Text("界面语言", "Language"),
    "choice",
    required=True,
    choices=(Choice("zh", Text("中文", "中文")), Choice("en", Text("English", "English"))),
)


@admin_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The staff in my areas, and accounts that wait for a post (人员名册)."""
    text = request.GET.get("q", "").strip()[:60]
    page = people.account_page(actor_of(request), text=text, cursor=request.GET.get("cursor"))
    return render(request, "web/admin/accounts.html", {"page": page, "text": text})


@admin_only
@require_safe
def account(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One member of staff (人员页): posts held, who stands in, whether sign-in is in order. Never a secret."""
    actor = actor_of(request)
    found = people.access_account(str(uid), actor)
    held = people.appointments_of(found)
    context = {
        "account": found,
        "trail": [(PEOPLE, reverse("web:admin_people"))],
        "held": [(a, roles_of(a.post)) for a in held],
        "delegations": people.delegations_of(found),
        "n_tokens": sum(t.revoked_at is None for t in people.tokens_of(found)),
        "log": entries(people.audit_page(actor, subject=f"account:{found.uid}", limit=8).items),
        "is_me": found.pk == actor.account_id,
        "has_password": found.has_usable_password(),
    }
    return render(request, "web/admin/account.html", context)


@admin_only
def new_account(request: HttpRequest) -> HttpResponse:
    """Open an account (开设账号): the one-time password is shown once."""
    actor = actor_of(request)
    username = FieldView(
        "username",
        Text("用户名", "User name"),
        required=True,
        max=60,
        hint=Text(
            "小写字母和数字，至少 3 位，登记后不改。", "Small letters and digits, at least 3; it stays."
        ),
        extra={"autocomplete": "off"},
    )

    def act(entered: Entered) -> HttpResponse:
        password = new_password()
        made = services.create_account(
            entered["username"] or "",
            entered["name"] or "",
            name_en=entered["name_en"] or "",
            email=entered["email"] or "",
            language=entered["language"] or "zh",
            password=password,
            by=actor,
        )
        return _show_password(request, made, password)

    screen = Screen(
        Text("开设账号", "Open an account"),
        (username, NAME, NAME_EN, EMAIL, LANGUAGE),
        Text("开设", "Open"),
        [(PEOPLE, reverse("web:admin_people"))],
        Text(
            "账号本身没有任何权限；任命到岗位后才能办事。首次登录须改密码、绑定动态口令。",
            "An account may do nothing until it is appointed. The first sign-in asks for a new password and a second factor.",
        ),
    )
    return ask(request, screen, act, {"language": "zh"})


@admin_only
def revise_account(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Correct what an account says (修改账号资料)."""
    actor = actor_of(request)
    found = people.access_account(str(uid), actor)
    fields = (NAME, NAME_EN, EMAIL, LANGUAGE)

    def act(entered: Entered) -> Done:
        services.revise_account(
            found,
            name=entered["name"] or "",
            name_en=entered["name_en"] or "",
            email=entered["email"] or "",
            language=entered["language"] or found.language,
            by=actor,
        )
        return Done(Text("资料已改。", "The entries are changed."), account_url(found))

    screen = Screen(Text("修改资料", "Correct the entries"), fields, Text("保存", "Save"), _trail(found))
    return ask(request, screen, act, {f.code: getattr(found, f.code) for f in fields})


@admin_only
def renew_password(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give somebody a one-time password (重设密码): shown once, to be changed at the next sign-in."""
    actor = actor_of(request)
    found = people.access_account(str(uid), actor)

    def act(entered: Entered) -> HttpResponse:
        password = new_password()
        services.set_password(found, password, by=actor)
        return _show_password(request, found, password)

    screen = Screen(
        Text(f"给{found.name}重设密码", f"A new password for {found.title.en}"),
        (),
        Text("生成一次性密码", "Make a one-time password"),
        _trail(found),
        Text(
            "请先当面或打电话确认是本人要求。",
            "First make sure, in person or by phone, that they asked for it.",
        ),
        Text(
            "原密码和接口令牌马上失效。一次性密码只显示一次，首次登录须改掉。",
            "The old password and the API tokens stop working at once. The new one is shown once and must be changed.",
        ),
    )
    return ask(request, screen, act)


@admin_only
@require_POST
def reset_second_factor(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Forget a lost second factor (重设动态口令)."""
    actor = actor_of(request)
    found = people.access_account(str(uid), actor)

    def act() -> Done:
        services.reset_second_factor(found, by=actor)
        said = Text("已重设。下次登录时重新绑定。", "It is reset: the next sign-in asks for a new one.")
        return Done(said, account_url(found))

    return press(request, act, account_url(found))


@admin_only
@require_POST
def set_active(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Switch an account off or on (停用、启用账号)."""
    actor = actor_of(request)
    found = people.access_account(str(uid), actor)
    active = request.POST.get("active") == "1"

    def act() -> Done:
        services.set_active(found, active=active, by=actor)
        said = (
            Text("账号已启用。", "The account is on again.")
            if active
            else Text("账号已停用，马上不能登录。", "The account is off; it cannot sign in any more.")
        )
        return Done(said, account_url(found))

    return press(request, act, account_url(found))


def new_password() -> str:
    """Twelve characters without look-alikes in three groups (一次性密码): easy to read out, 59 bits."""
    return "-".join("".join(secrets.choice(EASY_TO_READ) for _ in range(4)) for _ in range(3))


def account_url(found: Account) -> str:
    return reverse("web:admin_account", args=[found.uid])


def _trail(found: Account) -> Trail:
    return [(PEOPLE, reverse("web:admin_people")), (found.title, account_url(found))]


def _show_password(request: HttpRequest, found: Account, password: str) -> HttpResponse:
    context = {"account": found, "password": password, "trail": _trail(found)}
    return render(request, "web/admin/password.html", context)
