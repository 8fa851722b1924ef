"""Acting for another person (代办): whom I asked, for whom I act, giving a mandate, and the window's paper ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.base.clock import today
from linli.base.codes import mask_name, mask_phone
from linli.base.errors import Invalid, LinliError, Refused, absent
from linli.base.i18n import Text
from linli.kernel.notices.services import queue
from linli.kernel.people.models import Mandate
from linli.kernel.people.services import mandates as verbs
from linli.kernel.procedures.offered import OUTSIDE
from linli.kernel.procedures.own import as_resident, cases_of, person_of
from linli.kernel.procedures.versions import current_procedures
from linli.web import flash
from linli.web.faces import act_under, actor_of, oneself_only, resident_only, staff_only
from linli.web.forms import Choice, FieldView, filled, read
from linli.web.signing import code_to_oneself
from linli.web.views.signin import CODE, DEMO_PHONE_CODE
from linli.web.words import full_day

A_MONTH = timedelta(days=30)
CHOSEN = {"all": "", "procedure": "p:", "case": "c:"}
HELPER = (
    FieldView("name", Text("帮办人姓名", "Who is to help: name"), required=True, max=60, extra={"autocomplete": "off"}),
    FieldView("phone", Text("帮办人手机号", "Their mobile number"), "phone", required=True, max=20,
              hint=Text("对方用这个号码登录后接受。", "They sign in with it and accept."), extra={"autocomplete": "off"}),
)  # fmt: skip
RATES = FieldView(
    "rates",
    Text("评价也请对方代做", "They may rate for me, too"),
    "boolean",
    hint=Text("不勾，评价仍由您自己做。", "Otherwise rating stays yours."),
)


def _days(first: date) -> tuple[FieldView, FieldView]:
    return (
        FieldView("from_on", Text("从哪天", "From"), "date", required=True, value=first.isoformat()),
        FieldView("to_on", Text("到哪天（含）", "Until and including"), "date", required=True,
                  value=(first + A_MONTH).isoformat(), hint=Text("最长一年，随时可以提前结束。", "A year at most; you may end it any day.")),
    )  # fmt: skip


@never_cache
@oneself_only
def mandates(request: HttpRequest) -> HttpResponse:
    """Whom I asked to act for me, and for whom I act (我委托的人、我帮谁办)."""
    given, held = verbs.mandates_of(person_of(actor_of(request)))
    context = {
        "given": [_said(m, m.helper.name) for m in given],
        "held": [_said(m, m.grantor.name) for m in held],
    }
    return render(request, "web/mine/mandates.html", context)


def _said(row: Mandate, name: str) -> dict[str, Any]:
    day = today()
    if row.ended_at is not None or row.to_on < day:
        state, tone = Text("已结束", "Ended"), ""
    elif row.accepted_at is None:
        state, tone = Text("等对方接受", "Waiting to be accepted"), "amber"
    elif row.from_on > day:
        state, tone = Text("还没开始", "Not begun"), ""
    else:
        state, tone = Text("有效", "In force"), "jade"
    titles = {p.code: p.title for p in current_procedures()}
    what = {"procedure": titles.get(row.procedure) or row.procedure, "case": row.case_number}.get(row.scope)
    return {
        "uid": row.uid,
        "name": mask_name(name),
        "what": what or verbs.SCOPES["all"],
        "until": full_day(row.to_on),
        "state": state,
        "tone": tone,
        "over": row.ended_at is not None or row.to_on < day,
        "waits": row.accepted_at is None,
        "holds": verbs.holds_on(row, day),
        "rates": row.rates,
        "paper": row.how == "paper",
    }


@never_cache
@oneself_only
def new(request: HttpRequest) -> HttpResponse:
    """Give a mandate (委托他人代办): who, for what, how long; then the code that comes to one's own phone."""
    actor = actor_of(request)
    person = person_of(actor)
    fields: Sequence[FieldView] = (*HELPER, _scope(_procedures() + _cases(request)), *_days(today()), RATES)
    context: dict[str, Any] = {"to": mask_phone(person.phone)}
    if request.method != "POST":
        return _form(request, "new_mandate", fields, **context)
    asked = (*fields, CODE) if "code" in request.POST else fields
    entered = read(asked, request.POST)
    try:
        data = _entered(entered)
        if not entered.get("code"):
            verbs.check(**data)
            request.session[DEMO_PHONE_CODE] = code_to_oneself(request, person)
            asked = (*fields, CODE)
            return _form(
                request, "new_mandate", filled(asked, entered), sent=True, **context, **_demo(request)
            )
        made = verbs.grant(person, **data, code=entered["code"], by=actor)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        more = _demo(request) if "code" in request.POST else {}
        return _form(
            request,
            "new_mandate",
            filled(asked, entered, wrong),
            error,
            sent="code" in request.POST,
            **context,
            **more,
        )
    queue(made.helper, "mandate.offered", {"to_on": made.to_on})
    flash.say(
        request, Text("已委托。对方接受后就能替您办。", "The mandate is given. It begins once they accept.")
    )
    return HttpResponseRedirect(reverse("web:mandates"))


def _entered(entered: dict[str, Any]) -> dict[str, Any]:
    chosen = str(entered["scope"] or "")
    scope = next(
        (s for s, mark in CHOSEN.items() if mark and chosen.startswith(mark)),
        "all" if chosen == "all" else "",
    )
    return {
        "name": entered["name"] or "",
        "phone": entered["phone"] or "",
        "scope": scope,
        "procedure": chosen[2:] if scope == "procedure" else "",
        "case_number": chosen[2:] if scope == "case" else "",
        "rates": bool(entered["rates"]),
        "from_on": _day(entered["from_on"], "from_on"),
        "to_on": _day(entered["to_on"], "to_on"),
    }


def _day(text: str | None, field: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        problem = Text("请填写日期，例如 2026-12-31。", "Enter a day, such as 2026-12-31.")
        raise Invalid("web.bad_day", problem, fields={field: problem}) from None


def _scope(choices: list[Choice]) -> FieldView:
    whole = Choice(
        "all", verbs.SCOPES["all"], Text("您现在和以后提的事", "What you have asked for and will ask")
    )
    return FieldView(
        "scope", Text("委托办什么", "What for"), "choice", required=True, choices=[whole, *choices]
    )


def _procedures() -> list[Choice]:
    group = Text("一类事情", "One kind of matter")
    mine = [p for p in current_procedures() if OUTSIDE & set(p.opened_by)]
    return [Choice(f"p:{p.code}", p.title, group=group) for p in sorted(mine, key=lambda p: p.code)]


def _cases(request: HttpRequest) -> list[Choice]:
    group = Text("一件事", "One case")
    actor = actor_of(request)
    own = [
        c for c in cases_of(actor, limit=50).items if c.ended_at is None and c.applicant_id == actor.person_id
    ]
    return [Choice(f"c:{c.number}", f"{c.number} {c.title[:20]}", group=group) for c in own]


@require_POST
@oneself_only
def decide(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    """Accept a mandate, end it, or begin to act under it (接受、结束、开始代办)."""
    actor = actor_of(request)
    if act == "accept":
        verbs.accept(str(uid), by=actor)
        flash.say(
            request,
            Text("已接受。要替对方办时，点“替对方办”。", "Accepted. Choose “Act for them” when you do."),
        )
    elif act == "end":
        verbs.end(str(uid), by=actor)
        flash.say(
            request,
            Text(
                "委托已结束，从现在起不能再代办。", "The mandate is ended: from now on nobody acts under it."
            ),
        )
    elif act == "start":
        if verbs.acting_under(str(uid), as_resident(actor)) is None:
            raise Refused(
                "web.mandate_not_in_force",
                Text(
                    "这份委托现在没有效力。请看看是不是到期或被结束了。",
                    "This mandate is not in force now. See whether it is over.",
                ),
            )
        act_under(request, str(uid))
        return HttpResponseRedirect(reverse("web:mine"))
    else:
        raise absent(Text("操作", "action"))
    return HttpResponseRedirect(reverse("web:mandates"))


@require_POST
@resident_only
def stop(request: HttpRequest) -> HttpResponse:
    """Be oneself again (退出代办)."""
    act_under(request, "")
    return HttpResponseRedirect(reverse("web:mandates"))


@never_cache
@staff_only
def on_paper(request: HttpRequest) -> HttpResponse:
    """Enter a mandate that was brought on paper (登记书面委托), by a window clerk, under whose name it stands."""
    actor = actor_of(request)
    verbs.at_a_window(actor)
    fields: Sequence[FieldView] = (
        FieldView("grantor_name", Text("委托人姓名", "Who gives it: name"), required=True, max=60, extra={"autocomplete": "off"}),
        FieldView("grantor_phone", Text("委托人电话", "Their phone"), "phone", max=20, extra={"autocomplete": "off"},
                  hint=Text("电话和证件号至少填一项。", "A phone or an ID number, one at least.")),
        FieldView("grantor_id_number", Text("委托人证件号", "Their ID number"), "id_number", max=18),
        FieldView("helper_name", Text("受托人姓名", "Who is to act: name"), required=True, max=60, extra={"autocomplete": "off"}),
        FieldView("helper_phone", Text("受托人手机号", "Their mobile number"), "phone", required=True, max=20, extra={"autocomplete": "off"}),
        _scope(_procedures()),
        *_days(today()),
        RATES,
        FieldView("seen", Text("我看过双方证件和签字的委托书", "I have seen both ID cards and the signed paper"), "boolean", required=True),
    )  # fmt: skip
    if request.method != "POST":
        return _form(request, "paper_mandate", fields)
    entered = read(fields, request.POST)
    try:
        if not entered["seen"]:
            problem = Text("看过证件和委托书再登记。", "Look at the cards and the paper first.")
            raise Invalid("web.paper_not_seen", problem, fields={"seen": problem})
        kept = {
            k: v
            for k, v in _entered({**entered, "name": "", "phone": ""}).items()
            if k not in {"name", "phone", "case_number"}
        }
        parties: dict[str, Any] = {
            k: entered[k] or ""
            for k in ("grantor_name", "grantor_phone", "grantor_id_number", "helper_name", "helper_phone")
        }
        made = verbs.grant_on_paper(**parties, **kept, by=actor)
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return _form(request, "paper_mandate", filled(fields, entered, wrong), error)
    said = Text(
        "已登记，到{x}有效。受托人用手机号登录就能代办。",
        "Entered, in force until {x}. The helper signs in by phone to act.",
    )
    flash.say(request, said.format(x=full_day(made.to_on)))
    return HttpResponseRedirect(reverse("web:paper_mandate"))


def _demo(request: HttpRequest) -> dict[str, Any]:
    return {"demo_code": request.session.get(DEMO_PHONE_CODE, "") if settings.LINLI_DEMO else ""}


def _form(
    request: HttpRequest, page: str, fields: Sequence[FieldView], error: LinliError | None = None, **more: Any
) -> HttpResponse:
    context = {"fields": fields, "message": error.message if error else "", **more}
    folder = "desk" if page == "paper_mandate" else "mine"
    return render(request, f"web/{folder}/{page}.html", context, status=error.status if error else 200)
