"""The page on which somebody joins an open case close by (我也遇到了), or says that theirs is the same."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from linli.base.codes import mask_phone
from linli.base.errors import Invalid, LinliError, absent
from linli.base.i18n import Text
from linli.domains.events import drafts, services
from linli.domains.events.drafts import with_draft
from linli.domains.events.nearness import near_point, number_behind
from linli.kernel.people import limits
from linli.kernel.procedures.own import person_of
from linli.web import flash
from linli.web.forms import FieldView, filled, read
from linli.web.receipts import sender

JOINS_PER_ADDRESS = 30  # an hour; a whole village may share an address
PHONE = FieldView(
    "contact",
    Text("手机号", "Phone"),
    "phone",
    required=True,
    max=20,
    hint=Text(
        "只用来告诉您这件事的进展，别人看不到。", "Used only to tell you how it goes; others do not see it."
    ),
)
JOINED = Text(
    "已经把您加上了。有进展、办好了，都会告诉您。",
    "You are added. We tell you how it goes and when it is done.",
)
KNOWN = Text("您已经在这件事里了，不用再加。", "You are part of it already.")


@never_cache
@with_draft
def same(request: HttpRequest, ref: str) -> HttpResponse:
    """One case close by (附近的一件): what anyone may know of it, and the choice between joining it and reporting besides.

    `ref` names it for this draft alone. Refuses to join without somebody to tell.
    """
    by = sender(request)
    draft = drafts.draft_of(request, by)
    near = near_point(request, by, draft.point, key=draft.key)
    found = next((n for n in near if n.ref == ref), None)
    if found is None:
        raise absent(Text("办件", "case"))
    fields = [] if by.kind == "resident" else [PHONE]
    context = {"n": found, "phone": mask_phone(person_of(by).phone) if by.kind == "resident" else ""}
    if request.method != "POST":
        return render(request, "events/same.html", {**context, "fields": fields})
    entered = read(fields, request.POST)
    number = number_behind(ref, near)
    try:
        if by.account_id is None:
            limits.hit(f"join:{request.META.get('REMOTE_ADDR', '')}", JOINS_PER_ADDRESS, timedelta(hours=1))
        joined = services.join(number, contact=entered.get("contact") or "", by=by)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        context |= {"fields": filled(fields, entered, wrong), "message": error.message}
        return render(request, "events/same.html", context, status=error.status)
    drafts.forget(request)
    flash.say(request, JOINED if joined else KNOWN)
    onward = reverse("web:case", args=[number]) if by.kind == "resident" else reverse("web:home")
    return HttpResponseRedirect(onward)
