"""What the sign-in pages need besides the verbs (登录页所需): demo logins, the message with the code, the QR picture."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.conf import settings
from django.http import HttpRequest

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.notices.gateways import Rejected, TryLater, sms_gateway
from linli.kernel.people.models import Account, Person
from linli.kernel.people.secondfactor import DEMO_CODE
from linli.kernel.people.signin import request_phone_code

MESSAGE = Text(
    "验证码 {code}，5 分钟内有效。工作人员不会向您要这个码。",
    "Your code is {code}, valid for 5 minutes. Staff will never ask you for it.",
)


@dataclass(frozen=True, slots=True)
class DemoLogin:
    title: Text
    username: str
    password: str


def demo_logins() -> list[DemoLogin]:
    """The demo's staff logins (演示账号), one for each role; none outside demo mode."""
    password = str(getattr(settings, "LINLI_DEMO_PASSWORD", ""))
    if not settings.LINLI_DEMO or not password:
        return []
    accounts = (
        Account.objects.filter(demo=True, is_active=True, appointments__isnull=False)
        .prefetch_related("appointments__post__organisation")
        .distinct()
        .order_by("id")[:60]
    )
    seen: set[str] = set()
    found: list[DemoLogin] = []
    for account in accounts:
        post = account.appointments.all()[0].post
        roles = " ".join(sorted(post.roles))
        if roles in seen:
            continue
        seen.add(roles)
        where = post.organisation.title
        title = Text(f"{where.zh} · {post.title}", f"{where.en} · {post.title_en or post.title}")
        found.append(DemoLogin(title, account.username, password))
    return found


def demo_code() -> str:
    return DEMO_CODE if settings.LINLI_DEMO else ""


def send_code(phone: str, code: str) -> None:
    """Sends a sign-in code at once (发送验证码): in a queue it would come too late. Refuses when it cannot go."""
    gateway = sms_gateway()
    try:
        if gateway is None:
            raise Rejected("no gateway")
        gateway.send(key=uuid7().hex, to=phone, text=str(MESSAGE.format(code=code)))
    except (TryLater, Rejected) as error:
        raise Refused(
            "web.code_not_sent",
            Text(
                "短信现在发不出去。请过几分钟再试，或凭编号和查询码查进度。",
                "The message cannot be sent now. Try again in a few minutes, or track by number and code.",
            ),
        ) from error


def qr_picture(address: str) -> str:
    """A QR code as SVG without inline style (二维码)."""
    return str(segno.make(address, error="m").svg_inline(scale=5, border=2, light="#fff", omitsize=False))


def code_to_oneself(request: HttpRequest, person: Person) -> str:
    """Send a code to the phone of whoever is signed in (给本人发验证码); in the demo it is given back, to be shown."""
    codes: list[str] = []
    phone = request_phone_code(
        person.phone, ip=request.META.get("REMOTE_ADDR", ""), send=lambda _, code: codes.append(code)
    )
    send_code(phone, codes[0])
    return codes[0] if settings.LINLI_DEMO else ""
