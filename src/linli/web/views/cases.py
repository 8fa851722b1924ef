"""One case on the desk (案卷页): read it, do what is open to me, see a masked entry for a stated purpose.

Thin: every rule is the engine's and the casebook's. Each page answers a plain browser with a whole page, and htmx
with the part that changed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import quote_etag
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, NotAllowed, OutOfDate
from linli.base.i18n import Text, current_language
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import casebook, engine, similar
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.keys import KeyTaken
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own_records import field_named
from linli.kernel.procedures.presence import done_since, form_left, form_opened, marks, others_here
from linli.kernel.procedures.queries import access_case, beside_in_inbox, visible_to
from linli.kernel.procedures.replies import refuse_unfilled
from linli.kernel.procedures.state import OpenAction, Receipt
from linli.kernel.procedures.versions import procedure_of
from linli.web import canned, flash, similarcases
from linli.web.actionforms import Entered, again, entered, field_views, seq_seen
from linli.web.casepage import opened
from linli.web.faces import actor_of, staff_only
from linli.web.forms import FieldView
from linli.web.views.errors import error_page

CHANGED = "linli:changed"  # what htmx tells the page after an act: lists and counts are fetched anew


@never_cache
@require_safe
@staff_only
def case(request: HttpRequest, number: str) -> HttpResponse:
    """A case with everything that belongs to it (案卷)."""
    actor = actor_of(request)
    return show(request, access_case(number, actor), actor)


def show(request: HttpRequest, found: Case, actor: Actor, said: Text | None = None) -> HttpResponse:
    """The case's page, or for htmx the part of it (案卷页), with what was just done."""
    in_inbox = _in_inbox(request)
    context: dict[str, Any] = {
        "page": opened(request, found, actor, now()),
        "said": said,
        "in_inbox": in_inbox,
    }
    if not in_inbox:  # there the list itself stands beside it
        context["beside"] = beside_in_inbox(actor, found)
    template = "web/desk/case_part.html" if is_part(request) else "web/desk/case.html"
    return render(request, template, context)


def is_part(request: HttpRequest) -> bool:
    """Asked by htmx for a part of a page; a restored history entry wants the whole page."""
    asked: Any = getattr(request, "htmx", None)
    return bool(asked) and not asked.history_restore_request


def _in_inbox(request: HttpRequest) -> bool:
    asked: Any = getattr(request, "htmx", None)
    current = (asked.current_url_abs_path or "") if asked else ""
    return bool(current.partition("?")[0] == reverse("web:staff_home"))


@dataclass
class Asked:
    """The form of one action, as it is shown (操作表单页)."""

    case: Case
    action: OpenAction
    fields: list[FieldView]
    client_key: str
    seq: int
    message: Text | str = ""
    tone: str = ""
    status: int = 200
    late: bool = False  # somebody acted in between
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> str:
        return self.case.step


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def act(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """The form of an action, and doing it (办理). What is not open to me here answers alike, whatever its name."""
    actor = actor_of(request)
    found = access_case(number, actor)
    if request.method == "POST":
        return _do(request, found, code, actor)
    action = _open_action(found, code, actor)
    if action is None:
        return error_page(request, not_open())
    form_opened(found, code, by=actor)
    views = _views(
        found, action, actor, {**request.GET.dict(), **_answer_like(request, action, found, actor)}
    )
    return _form(request, Asked(found, action, views, uuid4().hex, found.seq, action.blocked or "", "warn"))


def _answer_like(request: HttpRequest, action: OpenAction, found: Case, actor: Actor) -> dict[str, str]:
    """The answer of a similar case for the first text of the form (用它的答复), where the reader may see that case."""
    number = request.GET.get("like", "")
    other = visible_to(actor).filter(number=number).first() if number else None
    into = similarcases.first_text(found, action)
    answer = similar.answer_of(other, actor) if other is not None and into else None
    return {into: answer.words} if answer else {}


def not_open() -> NotAllowed:
    return NotAllowed(
        "web.not_open",
        Text(
            "这一步现在不由您办：可能已经办过，或不属于您的岗位。请打开案卷看现在到了哪一步。",
            "This is not open to you now: it may be done already, or belong to another post. "
            "Open the case to see where it stands.",
        ),
    )


def _open_action(found: Case, code: str, actor: Actor) -> OpenAction | None:
    return next((a for a in engine.open_actions(found, actor) if a.code == code), None)


def _views(found: Case, action: OpenAction, actor: Actor, given: dict[str, Any]) -> list[FieldView]:
    wanted = action.action
    return field_views(
        procedure_of(found.version_id),
        wanted.form,
        wanted.optional,
        actor=actor,
        case=found,
        action=wanted,
        given=given,
    )


def _do(request: HttpRequest, found: Case, code: str, actor: Actor) -> HttpResponse:
    definition = _definition(found, code, request.POST.get("step", ""))
    client_key = request.POST.get("key", "")[:64] or uuid4().hex
    sent = Entered({})
    views: list[FieldView] = []
    if definition is not None:
        action = OpenAction(code, definition.title, definition, "", None, definition.adverse)
        views = _views(found, action, actor, {})
        sent = entered(views, request.POST, request.FILES, by=actor, client_key=client_key)
        if canned.PUT_IN in request.POST:
            return _put_in(request, found, action, actor, again(views, sent, {}), client_key)
    try:
        refuse_unfilled(sent.data)
        if sent.errors:
            raise Invalid("web.files_refused", FILES_REFUSED, fields=sent.errors)
        receipt = engine.act(
            found,
            code,
            sent.data,
            by=actor,
            seq=seq_seen(request.POST),
            client_key=client_key,
        )
    except LinliError as error:
        return _ask_again(request, found, code, actor, views, sent, client_key, error)
    return _done(request, found, code, actor, receipt)


def _put_in(
    request: HttpRequest,
    found: Case,
    action: OpenAction,
    actor: Actor,
    views: list[FieldView],
    client_key: str,
) -> HttpResponse:
    """A canned reply is put into the form (填入常用语); nothing is sent, and nothing that was written is lost."""
    filled, said = canned.put_in(request.POST, views, found, actor)
    seen = seq_seen(request.POST)
    return _form(request, Asked(found, action, filled, client_key, found.seq if seen is None else seen, said))


def _definition(found: Case, code: str, step: str) -> Action | None:
    """The action as the form had it: the case may stand elsewhere by now, and nothing written may be lost."""
    procedure = procedure_of(found.version_id)
    return procedure.action(step if step in procedure.steps else found.step, code)


FILES_REFUSED = Text(
    "有文件没有收下，还没有提交。其余内容都在。",
    "A file was not taken, so nothing was sent. Everything else is still here.",
)


def _ask_again(
    request: HttpRequest,
    found: Case,
    code: str,
    actor: Actor,
    views: list[FieldView],
    sent: Entered,
    client_key: str,
    error: LinliError,
) -> HttpResponse:
    """What went wrong, with everything that was entered still there (带回更正)."""
    fresh = access_case(found.number, actor)
    action = _open_action(fresh, code, actor)
    late = isinstance(error, OutOfDate)
    if action is None and not late:
        return error_page(request, error)
    fields = error.fields if isinstance(error, Invalid) else {}
    asked = Asked(
        fresh,
        action or _as_it_was(fresh, code, request.POST.get("step", "")),
        again(views, sent, fields),
        uuid4().hex if isinstance(error, KeyTaken) else client_key,
        fresh.seq,
        error.message,
        "bad",
        error.status,
        late,
        {
            "gone": action is None or (late and action.blocked is not None),
            "stray": [f for c, f in fields.items() if c not in {v.code for v in views}],
        },
    )
    return _form(request, asked)


def _as_it_was(fresh: Case, code: str, step: str) -> OpenAction:
    """The action as it was when the form was opened, for its name alone."""
    definition = _definition(fresh, code, step)
    if definition is None:
        raise not_open()
    return OpenAction(code, definition.title, definition, "", None, definition.adverse)


def _done(request: HttpRequest, found: Case, code: str, actor: Actor, receipt: Receipt) -> HttpResponse:
    definition = procedure_of(found.version_id)
    action = definition.action(found.step, code) or definition.action(receipt.step, code)
    step = definition.steps[receipt.step].title
    title = action.title if action else Text(code, code)
    said = Text("“{a}”已办。现在是“{s}”。", "“{a}” is done. It is now at “{s}”.").format(a=title, s=step)
    return done(request, found, actor, said)


def done(request: HttpRequest, found: Case, actor: Actor, said: Text) -> HttpResponse:
    """After an act (办后): the case as it stands now with what was done, or the inbox where it is out of sight."""
    form_left(found, by=actor)
    visible = _still_visible(found, actor)
    if is_part(request) and visible is not None:
        response = show(request, visible, actor, said)
        response["HX-Retarget"] = "#case"
        response["HX-Reswap"] = "innerHTML show:#case:top"
        response["HX-Trigger"] = CHANGED
        return response
    flash.say(request, said)
    url = reverse("web:staff_case", args=[found.number]) if visible else reverse("web:staff_home")
    if is_part(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def _still_visible(found: Case, actor: Actor) -> Case | None:
    """Whoever hands a case on may no longer see it: then the inbox comes next."""
    try:
        return access_case(found.number, actor)
    except LinliError:
        return None


def _form(request: HttpRequest, asked: Asked) -> HttpResponse:
    procedure = procedure_of(asked.case.version_id)
    action = asked.action.action
    context = {
        "asked": asked,
        "case": asked.case,
        "action": asked.action,
        "fields": asked.fields,
        "has_files": any(f.type == "files" for f in asked.fields),
        "to": procedure.steps[action.to].title if action.to else None,
        "remedy": procedure.basis if action.adverse else (),
        "tells": "applicant" in action.notifies,
        "words": action.public_words,
        "canned": canned.offered(actor_of(request), asked.fields),
        "others": others_here(asked.case, actor_of(request)),
    }
    template = "web/desk/act_part.html" if is_part(request) else "web/desk/act.html"
    response = render(request, template, context, status=asked.status)
    if asked.status != 200:
        response["HX-Retarget"] = "#do"
        response["HX-Reswap"] = "innerHTML show:#do:top"
    return response


# ------------------------------------------------------------------------------------------ masked entries

PURPOSES = (
    Text("联系当事人核实情况", "to contact the person and check the facts"),
    Text("回访", "to call back"),
    Text("上门办理前约时间", "to agree a time before visiting"),
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def reveal(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """A masked entry in full, once (查看原文): asks what for, leaves a trace that the person concerned reads."""
    actor = actor_of(request)
    found = access_case(number, actor)
    with suppress(
        Invalid
    ):  # without a purpose nothing is shown and nothing entered: it only says whether one may
        casebook.reveal_fact(found, code, by=actor, purpose="")
    definition = field_named(procedure_of(found.version_id), code)
    assert definition is not None  # else it was refused above
    context: dict[str, Any] = {"case": found, "definition": definition, "purposes": PURPOSES}
    status = 200
    if request.method == "POST":
        purpose = request.POST.get("purpose", "").strip()
        try:
            value = casebook.reveal_fact(found, code, by=actor, purpose=purpose)
            context["value"] = value.removeprefix("+86") if definition.type == "phone" else value
        except Invalid as error:
            context |= {"error": error.message, "purpose": purpose}
            status = error.status
    template = "web/desk/reveal_part.html" if is_part(request) else "web/desk/reveal.html"
    return render(request, template, context, status=status)


# ------------------------------------------------------------------------------------------- meanwhile


@require_safe
@staff_only
def pulse(request: HttpRequest, number: str) -> HttpResponse:
    """What others did since this page was drawn, and who has a form open (实时提示); asked every half minute, and
    answered with 304 while nothing changed."""
    actor = actor_of(request)
    found = access_case(number, actor)
    seen, form = seq_seen(request.GET), request.GET.get("form", "")
    if form:
        form_opened(found, form, by=actor)
    here = others_here(found, actor)
    after = done_since(found, found.seq if seen is None else seen, actor)
    tag = quote_etag(sha256(f"{current_language()};{form};{marks(here, after)}".encode()).hexdigest()[:24])
    response: HttpResponse = HttpResponseNotModified()
    if request.headers.get("If-None-Match") != tag:
        context = {"case": found, "here": here, "after": after, "form": form}
        response = render(request, "web/desk/pulse.html", context)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


# ------------------------------------------------------------------------------------------- similar cases


@never_cache
@require_safe
@staff_only
def similar_cases(request: HttpRequest, number: str) -> HttpResponse:
    """Cases that resemble this one, side by side (类似办件): on demand, so that the case itself comes quickly."""
    actor = actor_of(request)
    found = access_case(number, actor)
    context = {"case": found, "columns": similarcases.columns(found, actor, now())}
    template = "web/desk/similar_part.html" if is_part(request) else "web/desk/similar.html"
    return render(request, template, context)
