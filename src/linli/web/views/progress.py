"""The page of a case for its parties (办理进度): look, answer, rate, add, withdraw, object; and the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, Refused, absent
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import by_office, is_follower, is_own, opening_title, tasks_of
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.joining import leave as leave_case
from linli.kernel.procedures.linked import LATE_REASON
from linli.kernel.procedures.links import linked_cases
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.own import as_resident
from linli.kernel.procedures.partylooks import read_up_to
from linli.kernel.procedures.queries import access_case
from linli.kernel.procedures.versions import procedure_of
from linli.web import actionforms, casewords, flash
from linli.web.aloud import code_aloud, number_aloud
from linli.web.faces import actor_of, remember_tracked, resident_only
from linli.web.forms import FieldView
from linli.web.progress import (
    last_moment,
    now_card,
    open_to_remedy,
    party_actions,
    progress,
    remedy_procedure,
)
from linli.web.receipts import A_YEAR, PAPER_COOKIE, PAPERS, keep_receipt, number_of_key, paper_of, receipt_of
from linli.web.registry import CasePanel, panels_for

SEEN = "linli_seen"  # session: up to which entry a case was read, of whoever has no account
DONE = "linli_done"  # session: keys of forms that went through, so that a repeated press is no error
STORY = 10  # panels of a lower order say who has the case, and stand before what happened
SENT = Text("已提交：{what}。", "Sent: {what}.")


@never_cache
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Where a case stands, as its parties see it (办理进度); what waits for them can be done on the page itself."""
    actor = actor_of(request)
    found = access_case(number, actor)
    page = progress(found, actor)
    fields: Sequence[FieldView] = ()
    if page.first is not None:
        fields = _fields(found, actor, page.first.action)
    panels = panels_for("resident")
    own = is_own(found, actor)
    seen = _seen_before(request, found, actor) if own else None
    context = {
        "p": page,
        "case": found,
        "fields": fields,
        "key": str(uuid7()),
        "own": own,
        "follows": actor.person_id is not None and is_follower(found, actor),
        "seen": seen,
        "n_new": sum(e.seq > seen for e in page.entries) if seen is not None else 0,
        "desk": _desk(number) if actor.is_staff else "",
        "actor": actor,
        "by_office": by_office(page.procedure),
        "linked": _linked(found, actor),
        "hands": _drawn([p for p in panels if p.order < STORY], request, found, actor),
        "panels": _drawn([p for p in panels if p.order >= STORY], request, found, actor),
    }
    return render(request, "web/case.html", context)


def _seen_before(request: HttpRequest, found: Case, actor: Actor) -> int | None:
    """Up to which entry they had read it before (上次看到哪里): by the account, else in this session."""
    if actor.account_id is not None:
        return read_up_to(found, by=actor)
    kept: dict[str, int] = request.session.get(SEEN, {})
    before = kept.get(found.number)
    if before != found.seq:
        request.session[SEEN] = {**kept, found.number: found.seq}
    return before


def _drawn(panels: Sequence[CasePanel], request: HttpRequest, found: Case, actor: Actor) -> list[str]:
    drawn = (panel.render(request, found, actor) for panel in panels)
    return [mark_safe(html) for html in drawn if html]  # noqa: S308  templates drew it, escaped


def _linked(found: Case, actor: Actor) -> list[dict[str, Any]]:
    """The person's own cases that belong to this one (相关的事): a hearing, a remedy, what it came from."""
    if not is_own(found, actor):
        return []
    return [
        {
            "kind": casewords.LINKS.get((kind, outward), Text("关联", "Related")),
            "case": other,
            "step": casewords.said_to_party(other),
        }
        for kind, outward, other in linked_cases(found, actor)
        if is_own(other, actor)
    ]


def _again(procedure: Procedure, actor: Actor) -> str:
    """Where staff enter another of the same kind (再登记一件); a kind with pages of its own has its own entry."""
    known = actor.is_staff and procedure.code in {p.code for p in begun_by(actor)}
    return reverse("web:desk_begin", args=[procedure.code]) if known else ""


def _desk(number: str) -> str:
    try:
        return reverse("web:staff_case", args=[number])
    except NoReverseMatch:
        return ""


def _fields(found: Case, actor: Actor, action: Action) -> list[FieldView]:
    procedure = procedure_of(found.version_id)
    return actionforms.field_views(
        procedure, action.form, action.optional, actor=actor, case=found, action=action
    )


@require_POST
@resident_only
def leave(request: HttpRequest, number: str) -> HttpResponse:
    """Follow a case of others no more (不再跟进)."""
    actor = actor_of(request)
    if leave_case(access_case(number, actor), by=actor):
        flash.say(request, Text("已退出，不会再通知您。", "You left it and are told no more."))
    return HttpResponseRedirect(reverse("web:mine"))


@never_cache
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of a party (当事人操作): its form, and sending it. A repeated press is answered like the first."""
    actor = actor_of(request)
    found = access_case(number, actor)
    onward = HttpResponseRedirect(reverse("web:case", args=[number]))
    key = request.POST.get("key", "")[:80]
    if request.method == "POST" and key and key in request.session.get(DONE, []):
        return onward
    open_now = next((a for a in party_actions(found, actor) if a.code == action), None)
    if open_now is None:
        if is_own(found, actor) and procedure_of(found.version_id).action(found.step, action) is None:
            engine.act(found, action, {}, by=actor)  # says who acted meanwhile
        raise absent(Text("操作", "action"))
    if open_now.blocked is not None:
        raise Refused("procedures.not_yet", open_now.blocked)
    views = _fields(found, actor, open_now.action)
    if request.method != "POST":
        return _form(request, found, open_now.title, open_now.action, views, str(uuid7()))
    sent = actionforms.entered(views, request.POST, request.FILES, by=actor, client_key=key)
    try:
        if sent.errors:
            raise _files_wrong(sent.errors)
        engine.act(
            found,
            action,
            sent.data,
            by=actor,
            client_key=key or None,
            seq=actionforms.seq_seen(request.POST),
        )
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        views = actionforms.again(views, sent, wrong)
        return _form(
            request, found, open_now.title, open_now.action, views, key, message=error.message,
            status=error.status,
        )  # fmt: skip
    request.session[DONE] = [*request.session.get(DONE, []), key][-30:]
    flash.say(request, SENT.format(what=open_now.title))
    return onward


def _files_wrong(errors: dict[str, Text]) -> Invalid:
    return Invalid(
        "web.files_not_taken",
        Text(
            "有文件没有收下，其余内容都还在。请换一个文件，或去掉它再提交。",
            "A file was not taken; all else is still here. Choose another file, or send without it.",
        ),
        fields=errors,
    )


def _form(
    request: HttpRequest,
    found: Case,
    title: Text,
    action: Action | None,
    views: Sequence[FieldView],
    key: str,
    *,
    message: Text | str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "case": found,
        "title": title,
        "action": action,
        "fields": views,
        "key": key,
        "message": message,
        **more,
    }
    return render(request, "web/case_act.html", context, status=status)


@never_cache
def remedy(request: HttpRequest, number: str) -> HttpResponse:
    """Object to a decision (申请复核、复议): opens the procedure that the decision names.

    Only the party. Refuses a case without a decision against them that can be challenged.
    """
    actor = actor_of(request)
    found = access_case(number, actor)
    decision = open_to_remedy(found, procedure_of(found.version_id)) if is_own(found, actor) else None
    if decision is None:
        raise absent(Text("操作", "action"))
    procedure = remedy_procedure(found, decision.action)
    if actor.person_id is not None:
        actor = as_resident(actor)  # a party, whatever posts they also hold
    named = {c: number for c in procedure.open_form if procedure.fields[c].type == "case_number"}
    until = last_moment(procedure, decision)
    in_time = (
        {LATE_REASON} if until is None or now() <= until else set()
    )  # why it is late is asked when it is
    asked = [c for c in procedure.open_form if c not in {*named, *in_time, *procedure.open_optional}]
    optional = [c for c in procedure.open_optional if c not in in_time]
    views = actionforms.field_views(procedure, asked, optional, actor=actor, area_prefix=found.grid)
    if request.method != "POST":
        return _form(request, found, procedure.title, None, views, str(uuid7()), remedy=procedure)
    key = request.POST.get("key", "")[:80]
    if known := number_of_key(request, key):
        return HttpResponseRedirect(reverse("web:receipt", args=[known]))
    sent = actionforms.entered(views, request.POST, request.FILES, by=actor, client_key=key)
    try:
        if sent.errors:
            raise _files_wrong(sent.errors)
        receipt = engine.open_case(
            procedure.code,
            by=actor,
            area=found.area,
            data={**sent.data, **named},
            channel="web",
            title=f"{procedure.title.zh}：{found.title}"[:60],
            applicant=found.applicant,
            origin_id=found.pk,
            client_key=key or None,
        )
    except LinliError as error:
        views = actionforms.again(views, sent, error.fields if isinstance(error, Invalid) else {})
        return _form(
            request, found, procedure.title, None, views, key, message=error.message, status=error.status,
            remedy=procedure,
        )  # fmt: skip
    keep_receipt(request, receipt.number, by=actor, client_key=key)
    opened = Case.objects.only("pk").get(number=receipt.number)
    if found.applicant_id is None:
        remember_tracked(request, opened.pk)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


@never_cache
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Number and tracking code (回执), in the session that sent it: to copy, print or photograph; and what comes next."""
    actor = actor_of(request)
    found = access_case(number, actor)
    kept = receipt_of(request, number)
    if kept is None:
        return HttpResponseRedirect(reverse("web:case", args=[number]))
    first = next(iter(tasks_of(found)), None)
    procedure = procedure_of(found.version_id)
    paper = paper_of(request, actor)
    context = {
        "case": found,
        "opened": opening_title(found, procedure),
        "receipt": kept,
        "now": now_card(found, procedure, now()),
        "first": first,
        "place": casewords.near(found.area),
        "told": found.applicant_id is not None,
        "again": _again(procedure, actor),
        "desk": _desk(number) if actor.is_staff else "",
        "actor": actor,
        "office": found.window,
        "paper": paper,
        "papers": PAPERS.items(),
        "number_aloud": number_aloud(number),
        "code_aloud": code_aloud(kept.code),
    }
    response = render(request, "web/receipt.html", context)
    if request.GET.get("paper") == paper:
        response.set_cookie(PAPER_COOKIE, paper, max_age=A_YEAR, samesite="Lax", httponly=True)
    return response


@never_cache
def receipt_qr(request: HttpRequest, number: str) -> HttpResponse:
    """The QR code of a receipt as a picture to keep (回执二维码)."""
    access_case(number, actor_of(request))
    kept = receipt_of(request, number)
    if kept is None:
        raise absent(Text("回执", "receipt"))
    answer = HttpResponse(kept.qr_png(), content_type="image/png")
    answer["Content-Disposition"] = f'attachment; filename="{number}.png"'
    return answer
