"""Entering a remedy for whoever comes to the window, calls or writes (代当事人登记救济申请): no feature needs a screen.

The clerk need not be able to see the case: the party gives its number and the phone that is kept with it. Looking for
somebody in this way is entered like any other look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from linli.base.clock import now
from linli.base.codes import normalise_phone
from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people import limits
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.looks import record_search
from linli.kernel.people.services.residents import phone_hash
from linli.kernel.procedures import engine
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.linked import LATE_REASON, Decision
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.offered import posts_that_begin
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import not_recused
from linli.web import actionforms
from linli.web.casewords import CHANNELS
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.progress import last_moment, open_to_remedy, remedy_procedure
from linli.web.receipts import keep_receipt, number_of_key
from linli.web.views.opening import DESK_CHANNELS, FILES_WRONG

TRIES, VALID = 20, 1800
SALT = "linli.desk-remedy"
PURPOSE = "代当事人登记救济申请"
WHOSE = (
    FieldView("number", Text("对哪一件的决定不服（编号）", "Number of the case"), required=True, max=40),
    FieldView(
        "phone",
        Text("当事人留的电话", "The phone that the party gave"),
        "phone",
        required=True,
        hint=Text("用来核对是不是本人的事。", "To check that it is their case."),
    ),
)


@never_cache
@staff_only
def desk_remedy(request: HttpRequest) -> HttpResponse:
    """Find the decision, then enter what the party says against it (先核对，再登记).

    Refuses a number and phone that do not belong together, a case without a decision to object to, and a remedy that the
    clerk's posts do not enter.
    """
    actor = actor_of(request)
    fields: Sequence[FieldView] = WHOSE
    if request.method != "POST":
        return _page(request, fields)
    token = request.POST.get("about", "")
    sent = actionforms.entered(WHOSE, request.POST, request.FILES, by=actor, client_key="")
    try:
        case = _named(token, actor) if token else _found(sent.data, actor)
        procedure, decision = _remedy(case, actor)
        fields = _questions(procedure, decision, case, actor)
        if not token:
            return _page(request, fields, case=case, procedure=procedure, about=_sign(case, actor))
        return _enter(request, actor, case, procedure, fields)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        again = fields if token else actionforms.again(WHOSE, sent, wrong)
        return _page(request, WHOSE if token else again, message=error.message, status=error.status)


def _found(data: dict[str, Any], actor: Actor) -> Case:
    limits.hit(f"desk-remedy:{actor.account_id}", TRIES, timedelta(hours=1))
    number = str(data.get("number") or "").strip().upper()
    phone = normalise_phone(str(data.get("phone") or ""))
    # Not from `visible_to`: the party stands there and names number and phone. Who is recused finds nothing even so.
    theirs = Case.objects.filter(number=number, applicant__phone_hash=phone_hash(phone))
    case = not_recused(actor, theirs).first()
    people = [case.applicant] if case is not None and case.applicant is not None else []
    record_search(by=actor, kind="phone", purpose=PURPOSE, found=people)
    if case is None:
        problem = Text(
            "编号和电话对不上。请照回执核对编号，电话要是办这件事时留的那个。",
            "Number and phone do not belong together. Check the number on the receipt; the phone is the one given then.",
        )
        raise Invalid("web.not_theirs", problem, fields={"number": problem})
    return case


def _sign(case: Case, actor: Actor) -> str:
    return signing.dumps({"case": case.pk, "by": actor.account_id}, salt=SALT)


def _named(token: str, actor: Actor) -> Case:
    try:
        about = signing.loads(token, salt=SALT, max_age=VALID)
        if about["by"] != actor.account_id:
            raise signing.BadSignature
        return Case.objects.get(pk=about["case"])
    except (signing.BadSignature, Case.DoesNotExist) as error:
        raise Refused(
            "web.look_again",
            Text(
                "核对已过半小时，请重新填编号和电话。",
                "That was more than half an hour ago. Enter number and phone again.",
            ),
        ) from error


def _remedy(case: Case, actor: Actor) -> tuple[Procedure, Decision]:
    decision = open_to_remedy(case, procedure_of(case.version_id))
    if decision is None:
        raise Refused(
            "web.nothing_to_challenge",
            Text(
                "这件事目前没有可以申请救济的决定。有别的意见，可以请承办单位补充说明。",
                "This case holds no decision to object to at present. Anything else can be added to it as a note.",
            ),
        )
    procedure = remedy_procedure(case, decision.action)
    if "anyone" not in procedure.opened_by and not posts_that_begin(procedure, actor):
        raise Refused(
            "web.not_entered_here",
            Text(
                f"您的岗位不登记“{procedure.title.zh}”，请转到受理它的窗口。",
                f"Your posts do not enter “{procedure.title.en}”. Send them to the window that does.",
            ),
        )
    return procedure, decision


def _questions(procedure: Procedure, decision: Decision, case: Case, actor: Actor) -> list[FieldView]:
    channels = [c for c in procedure.channels if c in DESK_CHANNELS]
    how = FieldView(
        "channel",
        Text("怎么来的", "How it came"),
        "radio",
        required=True,
        choices=[Choice(c, CHANNELS[c]) for c in channels],
        value=channels[0] if channels else "",
        extra={"side": True},
    )
    until = last_moment(procedure, decision)
    left_out = {c for c in procedure.open_form if procedure.fields[c].type == "case_number"}
    left_out |= {LATE_REASON} if until is None or now() <= until else set()
    asked = [c for c in procedure.open_form if c not in left_out and c not in procedure.open_optional]
    optional = [c for c in procedure.open_optional if c not in left_out]
    return [how, *actionforms.field_views(procedure, asked, optional, actor=actor, area_prefix=case.grid)]


def _enter(
    request: HttpRequest, actor: Actor, case: Case, procedure: Procedure, fields: Sequence[FieldView]
) -> HttpResponse:
    key = request.POST.get("key", "")[:80] or str(uuid7())
    if known := number_of_key(request, key):
        return HttpResponseRedirect(reverse("web:receipt", args=[known]))
    sent = actionforms.entered(fields, request.POST, request.FILES, by=actor, client_key=key)
    named = {c: case.number for c in procedure.open_form if procedure.fields[c].type == "case_number"}
    data = {c: v for c, v in sent.data.items() if c in procedure.open_form}
    channel = str(sent.data.get("channel") or "")
    try:
        if sent.errors:
            raise Invalid("web.files", FILES_WRONG, fields=sent.errors)
        receipt = engine.open_case(
            procedure.code,
            by=actor.with_cases([case.pk]),
            area=case.area,
            data={**data, **named},
            channel=channel if channel in DESK_CHANNELS else "",
            title=f"{procedure.title.zh}：{case.title}"[:60],
            applicant=case.applicant,
            client_key=key,
        )
    except LinliError as error:
        again = actionforms.again(fields, sent, error.fields if isinstance(error, Invalid) else {})
        return _page(
            request, again, case=case, procedure=procedure, about=_sign(case, actor), key=key,
            message=error.message, status=error.status,
        )  # fmt: skip
    keep_receipt(request, receipt.number, by=actor, client_key=key)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


def _page(
    request: HttpRequest,
    fields: Sequence[FieldView],
    *,
    case: Case | None = None,
    procedure: Procedure | None = None,
    about: str = "",
    key: str = "",
    message: Text | str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "fields": fields,
        "about": about,
        "procedure": procedure,
        "number": case.number if case else "",
        "key": key or str(uuid7()),
        "message": message,
    }
    return render(request, "web/desk/remedy.html", context, status=status)
