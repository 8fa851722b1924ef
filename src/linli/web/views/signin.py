"""Sign-in pages (登录页): thin; every rule is in `kernel.people.signin`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from linli.base.codes import mask_phone
from linli.base.errors import Invalid, LinliError, absent
from linli.base.i18n import Text
from linli.kernel.people import signin
from linli.web import flash, tracking
from linli.web.faces import actor_of, remember_tracked
from linli.web.forms import FieldView, filled, read
from linli.web.signing import demo_code, demo_logins, qr_picture, send_code
from linli.web.views.preferences import next_url

PHONE = "linli_phone"  # session: the phone whose code is outstanding
DEMO_PHONE_CODE = "linli_demo_phone_code"  # session, demo only: there is no real message to look at

Fields = Sequence[FieldView]

USERNAME = FieldView(
    "username", Text("用户名", "User name"), required=True, extra={"autocomplete": "username"}
)
PASSWORD = FieldView("password", Text("密码", "Password"), "password", required=True)
SIX = Text("6 位数字", "Six digits")
CODE = FieldView("code", Text("验证码", "Code"), "code", required=True, hint=SIX, max=7)
MOBILE = FieldView("phone", Text("手机号", "Mobile number"), "phone", required=True, max=20)
OLD = FieldView("old", Text("现在的密码", "Present password"), "password", required=True)
NEW = FieldView(
    "new",
    Text("新密码", "New password"),
    "password",
    required=True,
    hint=Text("至少 10 位，不要全是数字", "At least 10 characters, not digits alone"),
    extra={"autocomplete": "new-password"},
)
NUMBER = FieldView(
    "number",
    Text("编号", "Number"),
    required=True,
    hint=Text("例如 350102-EV-2026-000417", "Such as 350102-EV-2026-000417"),
    extra={"autocomplete": "off"},
)
TRACKING = FieldView(
    "code",
    Text("查询码", "Tracking code"),
    required=True,
    hint=Text("8 位字母和数字，不分大小写", "8 letters and digits; capitals do not matter"),
    extra={"autocomplete": "off"},
)


@never_cache
@sensitive_post_parameters("password")
def staff(request: HttpRequest) -> HttpResponse:
    """User name and password (工作人员登录); the second factor follows."""
    fields: Fields = (USERNAME, PASSWORD)
    context: dict[str, Any] = {"logins": demo_logins()}
    if request.method != "POST":
        return _form(request, "staff", fields, **context)
    entered = read(fields, request.POST)
    try:
        step = signin.sign_in(request, entered["username"] or "", request.POST.get("password", ""))
    except LinliError as error:
        return _form(request, "staff", fields, {"username": entered["username"]}, error, **context)
    return _go_on(request, step)


@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """The authenticator's code (第二重验证); the first time also the secret for the authenticator."""
    account = signin.pending_account(request)
    if account is None:
        return HttpResponseRedirect(reverse("web:staff_sign_in"))
    context: dict[str, Any] = {"demo_code": demo_code() if account.demo else ""}
    if account.second_factor_on is None and not context["demo_code"]:
        offered = signin.enrol_second_factor(request)
        context |= {"secret": offered.secret, "qr": mark_safe(qr_picture(offered.uri))}  # noqa: S308  our own SVG
    if request.method != "POST":
        return _form(request, "second", (CODE,), **context)
    try:
        step = signin.confirm_second_factor(request, request.POST.get("code", ""))
    except LinliError as error:
        return _form(request, "second", (CODE,), {}, error, **context)
    return _go_on(request, step)


@never_cache
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password for oneself (修改密码)."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("web:staff_sign_in"))
    if not request.user.has_usable_password():
        raise absent(Text("页面", "page"))  # residents sign in by phone and have none
    fields: Fields = (OLD, NEW)
    if request.method != "POST":
        return _form(request, "password", fields)
    try:
        old, new = request.POST.get("old", ""), request.POST.get("new", "")
        signin.change_own_password(request, old, new, by=actor_of(request))
    except LinliError as error:
        return _form(request, "password", fields, {}, error)
    flash.say(
        request,
        Text("密码已改，别处的登录都已退出。", "Your password is changed; you are signed out elsewhere."),
    )
    return HttpResponseRedirect(next_url(request, reverse("web:staff_home")))


@never_cache
def resident(request: HttpRequest) -> HttpResponse:
    """The phone that gets a code (居民登录第一步)."""
    if request.method != "POST":
        return _form(request, "resident", (MOBILE,))
    entered = read((MOBILE,), request.POST)
    codes: list[str] = []
    try:
        phone = signin.request_phone_code(
            entered["phone"] or "",
            ip=request.META.get("REMOTE_ADDR", ""),
            send=lambda _, code: codes.append(code),  # sent below, when the transaction is over
        )
        send_code(phone, codes[0])
    except LinliError as error:
        return _form(request, "resident", (MOBILE,), entered, error)
    request.session[PHONE] = phone
    if settings.LINLI_DEMO:
        request.session[DEMO_PHONE_CODE] = codes[0]
    return HttpResponseRedirect(_with_next(request, "web:sign_in_code"))


@never_cache
def resident_code(request: HttpRequest) -> HttpResponse:
    """The code from the message (居民登录第二步)."""
    phone = request.session.get(PHONE)
    if not phone:
        return HttpResponseRedirect(reverse("web:sign_in"))
    shown = request.session.get(DEMO_PHONE_CODE, "") if settings.LINLI_DEMO else ""
    context: dict[str, Any] = {"phone": mask_phone(phone), "demo_code": shown}
    if request.method != "POST":
        return _form(request, "code", (CODE,), **context)
    try:
        signin.sign_in_with_phone(request, phone, request.POST.get("code", ""))
    except LinliError as error:
        return _form(request, "code", (CODE,), {}, error, **context)
    for key in (PHONE, DEMO_PHONE_CODE):
        request.session.pop(key, None)
    return HttpResponseRedirect(next_url(request, reverse("web:mine")))


@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """Number and tracking code open one case in this browser (凭编号和查询码查进度)."""
    fields: Fields = (NUMBER, TRACKING)
    entered = read(fields, request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _form(request, "track", fields, {"number": entered["number"]})
    try:
        case = tracking.open_with_code(
            entered["number"] or "", entered["code"] or "", ip=request.META.get("REMOTE_ADDR", "")
        )
    except LinliError as error:
        return _form(request, "track", fields, entered, error)
    remember_tracked(request, case.pk)
    return HttpResponseRedirect(reverse("web:case", args=[case.number]))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    was_staff = actor_of(request).is_staff
    signin.sign_out(request)
    flash.say(request, Text("您已退出。", "You are signed out."))
    return HttpResponseRedirect(reverse("web:staff_sign_in" if was_staff else "web:home"))


def _go_on(request: HttpRequest, step: signin.SignIn) -> HttpResponse:
    if step.next in {"second_factor", "enrol"}:
        return HttpResponseRedirect(_with_next(request, "web:second_factor"))
    if step.next == "change_password":
        return HttpResponseRedirect(_with_next(request, "web:change_password"))
    return HttpResponseRedirect(next_url(request, reverse("web:staff_home")))


def _with_next(request: HttpRequest, name: str) -> str:
    onward = next_url(request, "")
    return reverse(name) + (f"?{urlencode({'next': onward})}" if onward else "")


def _form(
    request: HttpRequest,
    page: str,
    fields: Fields,
    values: Mapping[str, Any] | None = None,
    error: LinliError | None = None,
    **context: Any,
) -> HttpResponse:
    wrong = error.fields if isinstance(error, Invalid) else {}
    context |= {
        "fields": filled(fields, values or {}, wrong),
        "message": error.message if error else "",
        "next": next_url(request, ""),
    }
    return render(request, f"web/signin/{page}.html", context, status=error.status if error else 200)
