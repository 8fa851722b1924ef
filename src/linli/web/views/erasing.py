"""Having one's own data erased (注销账号、删除信息): what goes, what stays for now and why, then a code and it is done."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from linli.base.codes import mask_phone
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.kernel.people import signin
from linli.kernel.people.services.erasure import erase_oneself
from linli.kernel.procedures.own import n_open_cases, person_of
from linli.web import flash
from linli.web.faces import actor_of, oneself_only
from linli.web.forms import filled, read
from linli.web.signing import code_to_oneself
from linli.web.views.signin import CODE, DEMO_PHONE_CODE

GONE = Text("您的账号已注销，个人信息已删除。", "Your account is closed and your data is erased.")
LATER = Text(
    "您的账号已注销。在办的事办完后，姓名、电话、证件号自动删除；凭编号和查询码仍可以查进度。",
    "Your account is closed. Name, phone and ID number are erased when your open cases have ended; "
    "number and tracking code still open them.",
)


@never_cache
@oneself_only
def erase(request: HttpRequest) -> HttpResponse:
    """Close the account and erase (注销并删除), 个人信息保护法 47: in two presses, the second with a code."""
    actor = actor_of(request)
    person = person_of(actor)
    context: dict[str, Any] = {
        "phone": mask_phone(person.phone),
        "open": n_open_cases(actor),
        "sent": request.method == "POST",
    }
    if request.method != "POST":
        return render(request, "web/mine/erase.html", context)
    fields, entered = (CODE,), read((CODE,), request.POST)
    try:
        if not entered["code"]:
            request.session[DEMO_PHONE_CODE] = code_to_oneself(request, person)
            context |= _shown(request)
            return render(request, "web/mine/erase.html", {**context, "fields": fields})
        gone = erase_oneself(person, code=entered["code"], by=actor)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        context |= {"fields": filled(fields, entered, wrong), "message": error.message, **_shown(request)}
        return render(request, "web/mine/erase.html", context, status=error.status)
    signin.sign_out(request)
    flash.say(request, GONE if gone else LATER)
    return HttpResponseRedirect(reverse("web:home"))


def _shown(request: HttpRequest) -> dict[str, str]:
    return {"demo_code": request.session.get(DEMO_PHONE_CODE, "") if settings.LINLI_DEMO else ""}
