"""Pages about oneself (本人页面): my cases, who looked at my data, my data, my notices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from linli.base.codes import mask_id, mask_phone
from linli.base.errors import Invalid, LinliError, TooMany
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.notices.queries import my_notices, n_unread
from linli.kernel.notices.services import mark_read
from linli.kernel.people import signin
from linli.kernel.people.models import Person
from linli.kernel.people.purposes import declared, purpose_title
from linli.kernel.people.queries import accesses_of
from linli.kernel.people.services import correct_person, export_person
from linli.kernel.procedures.claims import claim as claim_case
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own import cases_of, person_of, waiting_for
from linli.kernel.procedures.questions import PROCEDURE, ask_about_look, entry_of, questions_about
from linli.kernel.procedures.readers import in_words
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.web import actionforms, casewords, flash, tracking
from linli.web.faces import actor_of, oneself_only, resident_only
from linli.web.forms import FieldView, filled, read
from linli.web.looks import spoken
from linli.web.receipts import keep_receipt, number_of_key
from linli.web.signing import send_code
from linli.web.views.signin import CODE, DEMO_PHONE_CODE, MOBILE, NUMBER, TRACKING

NEW_PHONE = "linli_new_phone"  # session: the new number whose code is outstanding
NAME = FieldView("name", Text("姓名", "Name"), max=60, extra={"autocomplete": "name"})
ID_NUMBER = FieldView(
    "id_number",
    Text("身份证号", "ID number"),
    "id_number",
    hint=Text(
        "只有依法须核实身份的事项才用得到，不填也能反映和办事。",
        "Needed only where a law asks for proof of identity; you can report and apply without it.",
    ),
)
SHOWN_PURPOSES = ("people.person.name", "people.person.phone", "people.person.id_number")


@never_cache
@resident_only
def mine(request: HttpRequest) -> HttpResponse:
    """My cases, what waits for me first, then newest first (我的事)."""
    actor = actor_of(request)
    cursor = request.GET.get("cursor", "")
    page = cases_of(actor, cursor=cursor or None)
    waiting = [] if cursor else waiting_for(actor)
    shown = {w.case.pk for w in waiting}
    rows = [
        {"case": in_words(c), "facts": casewords.row_facts(c), "step": casewords.said_to_party(c)}
        for c in page.items
        if c.pk not in shown
    ]
    waits = [
        {"case": in_words(w.case), "action": w.action, "url": reverse("web:case", args=[w.case.number])}
        for w in waiting
    ]
    context = {
        "page": page,
        "rows": rows,
        "waiting": waits,
        "n_unread": n_unread(actor),
        "first_page": not cursor,
    }
    return render(request, "web/mine.html", context)


@never_cache
@oneself_only
def claim(request: HttpRequest) -> HttpResponse:
    """Take a report sent without a name into one's account, with its number and code (认领匿名办件)."""
    fields = (NUMBER, TRACKING)
    entered = read(fields, request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _form(request, "claim", filled(fields, {"number": entered["number"]}))
    try:
        case = tracking.open_with_code(
            entered["number"] or "", entered["code"] or "", ip=request.META.get("REMOTE_ADDR", "")
        )
        claim_case(case, by=actor_of(request).with_cases([case.pk]))
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return _form(request, "claim", filled(fields, entered, wrong), error)
    flash.say(
        request,
        Text("已记在您名下。以后每一步都会通知您。", "It is yours now. You will be told of every step."),
    )
    return HttpResponseRedirect(reverse("web:case", args=[case.number]))


@never_cache
@oneself_only
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at my data, newest first (谁看过我的信息), each with `ask why`."""
    actor = actor_of(request)
    page = accesses_of(_me(request), cursor=request.GET.get("cursor") or None, limit=30)
    asked = questions_about([look.uid for look in page.items], actor)
    rows = [
        {
            "look": look,
            "what": spoken(look.what),
            "why": purpose_title(look.purpose),
            "asked": asked.get(look.uid),
        }
        for look in page.items
    ]
    return render(request, "web/looks.html", {"page": page, "rows": rows})


@never_cache
@oneself_only
def ask(request: HttpRequest, uid: str) -> HttpResponse:
    """Ask why somebody looked (询问查阅理由): a case of its own, with a limit and a number."""
    actor = actor_of(request)
    entry = entry_of(uid, actor)
    if known := questions_about([str(entry.uid)], actor).get(str(entry.uid)):
        return HttpResponseRedirect(reverse("web:case", args=[known]))
    procedure = procedure_of(current_version(PROCEDURE, ""))
    views = actionforms.field_views(procedure, ("question",), actor=actor)
    key = request.POST.get("key", "")[:80] or str(uuid7())
    context: dict[str, Any] = {
        "entry": entry,
        "why": purpose_title(entry.purpose),
        "what": spoken(entry.what),
        "key": key,
        "procedure": procedure,
    }
    if request.method != "POST":
        return _form(request, "ask", views, **context)
    if number := number_of_key(request, key):
        return HttpResponseRedirect(reverse("web:receipt", args=[number]))
    entered = read(views, request.POST)
    try:
        receipt = ask_about_look(uid, entered["question"] or "", by=actor, client_key=key)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return _form(request, "ask", filled(views, entered, wrong), error, **context)
    keep_receipt(request, receipt.number, by=actor, client_key=key)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


@never_cache
@oneself_only
def data(request: HttpRequest) -> HttpResponse:
    """What is kept about me, and correcting it (我的信息：查看、更正), 个人信息保护法 45、46."""
    person, actor = _me(request), actor_of(request)
    fields: list[FieldView] = [NAME] if person.id_number else [NAME, ID_NUMBER]
    context: dict[str, Any] = {
        "person": person,
        "phone": mask_phone(person.phone),
        "id_number": mask_id(person.id_number) if person.id_number else "",
        "purposes": [p for p in declared() if p.context in SHOWN_PURPOSES],
    }
    if request.method != "POST":
        return _form(request, "data", filled(fields, {"name": person.name}), **context)
    entered = read(fields, request.POST)
    try:
        changes = {k: v for k, v in entered.items() if v is not None}
        correct_person(person, changes, by=actor)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return _form(request, "data", filled(fields, entered, wrong), error, **context)
    flash.say(request, Text("已更正。", "Corrected."))
    return HttpResponseRedirect(reverse("web:my_data"))


@never_cache
@oneself_only
def phone(request: HttpRequest) -> HttpResponse:
    """Change my phone number, proven by the code that is sent to the new one (更换手机号)."""
    waiting = request.session.get(NEW_PHONE, "")
    fields = (CODE,) if waiting else (MOBILE,)
    context: dict[str, Any] = {
        "to": mask_phone(waiting) if waiting else "",
        "demo_code": request.session.get(DEMO_PHONE_CODE, "") if settings.LINLI_DEMO and waiting else "",
    }
    if request.method != "POST":
        return _form(request, "phone", fields, **context)
    if "again" in request.POST:
        request.session.pop(NEW_PHONE, None)
        return HttpResponseRedirect(reverse("web:my_phone"))
    entered = read(fields, request.POST)
    try:
        if waiting:
            signin.change_phone(_me(request), waiting, entered["code"] or "", by=actor_of(request))
        else:
            codes: list[str] = []
            new = signin.request_phone_code(
                entered["phone"] or "",
                ip=request.META.get("REMOTE_ADDR", ""),
                send=lambda _, code: codes.append(code),
            )
            send_code(new, codes[0])
            request.session[NEW_PHONE] = new
            if settings.LINLI_DEMO:
                request.session[DEMO_PHONE_CODE] = codes[0]
            return HttpResponseRedirect(reverse("web:my_phone"))
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return _form(request, "phone", filled(fields, entered, wrong), error, **context)
    request.session.pop(NEW_PHONE, None)
    request.session.pop(DEMO_PHONE_CODE, None)
    flash.say(request, Text("手机号已更换。", "Your phone number is changed."))
    return HttpResponseRedirect(reverse("web:my_data"))


@never_cache
@oneself_only
def export(request: HttpRequest) -> HttpResponse:
    """All that is kept about me, as a file (下载我的信息), 个人信息保护法 45."""
    copy = export_person(_me(request), by=actor_of(request))
    answer = HttpResponse(
        json.dumps(copy, ensure_ascii=False, indent=2), content_type="application/json; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="linli-my-data.json"'
    return answer


@never_cache
@oneself_only
def notices(request: HttpRequest) -> HttpResponse:
    """My notices, newest first (我的通知); looking at a page of them marks them as read."""
    actor = actor_of(request)
    own = Case.objects.filter(applicant_id=actor.person_id) if actor.person_id else Case.objects.none()

    def titles(numbers: Sequence[str]) -> dict[str, str]:
        return {case.number: in_words(case).title for case in own.filter(number__in=numbers)}

    page = my_notices(actor, request.GET.get("cursor", ""), titles=titles)
    unread = [item.uid for item in page.items if item.read_at is None]
    response = render(request, "web/notices.html", {"page": page})
    if unread:
        mark_read(actor, unread)
    return response


def _me(request: HttpRequest) -> Person:
    return person_of(actor_of(request))


def _form(
    request: HttpRequest, page: str, fields: Any, error: LinliError | None = None, **context: Any
) -> HttpResponse:
    context |= {"fields": fields, "message": error.message if error else ""}
    response = render(request, f"web/mine/{page}.html", context, status=error.status if error else 200)
    if isinstance(error, TooMany) and (wait := error.data.get("retry_after")):
        response["Retry-After"] = str(wait)
    return response
