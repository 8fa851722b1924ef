"""Internal notes on a case and the colleagues named in them (内部备注、@我的)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import noting
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own_records import NOTE_WORDS, OWN_FIELDS
from linli.kernel.procedures.queries import access_case
from linli.web.casewords import near
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.cases import done, is_part

TELL = "tell"
WRITTEN = Text(
    "“内部备注”已记下。当事人看不到。", "The “internal note” is entered. The parties do not see it."
)
OFFERED = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def write(request: HttpRequest, number: str) -> HttpResponse:
    """Write an internal note (写备注): colleagues named with @ are told; without scripts one is chosen from a list."""
    actor = actor_of(request)
    case = access_case(number, actor)
    if not noting.may_note(case, actor):
        raise absent(Text("办件", "case"))
    context: dict[str, Any] = {"case": case, "fields": _fields(case, actor), "key": uuid4().hex}
    status = 200
    if request.method == "POST":
        words, tell = request.POST.get(NOTE_WORDS, ""), request.POST.get(TELL, "")[:60]
        key = request.POST.get("key", "")[:64] or uuid4().hex
        try:
            noting.write_note(number, words, by=actor, tell=tell, client_key=f"note:{key}")
        except Invalid as error:
            given = {NOTE_WORDS: words, TELL: tell}
            views = [v.with_value(given[v.code], error.fields.get(v.code, "")) for v in context["fields"]]
            context |= {"fields": views, "key": key, "message": error.message}
            status = error.status
        else:
            return done(request, case, actor, WRITTEN)
    template = "web/desk/note_part.html" if is_part(request) else "web/desk/note.html"
    response = render(request, template, context, status=status)
    if status != 200:
        response["HX-Retarget"] = "#do"
        response["HX-Reswap"] = "innerHTML show:#do:top"
    return response


def _fields(case: Case, actor: Actor) -> list[FieldView]:
    words = OWN_FIELDS[NOTE_WORDS]
    offered = [
        Choice(c.account.username, c.account.title, group=c.organisation)
        for c in sorted(noting.whom_to_tell(case, actor, limit=OFFERED), key=lambda c: c.organisation.zh)
    ]
    return [
        FieldView(words.code, words.title, "text", required=True, hint=words.hint or "", max=words.max),
        FieldView(
            TELL,
            Text("提醒一位同事", "Tell a colleague"),
            "choice",
            choices=offered,
            hint=Text("只列出能看到这件事的同事。", "Only colleagues who may see this case."),
        ),
    ]


@never_cache
@require_safe
@staff_only
def colleagues(request: HttpRequest, number: str) -> JsonResponse:
    """Colleagues whose name fits what stands behind the @ (补全同事姓名), of those who may see the case."""
    actor = actor_of(request)
    case = access_case(number, actor)
    if not noting.may_note(case, actor):
        raise absent(Text("办件", "case"))
    found = noting.whom_to_tell(case, actor, request.GET.get("q", "")[:20], limit=8)
    rows = [
        {"name": str(c.account.title), "username": c.account.username, "post": f"{c.organisation} {c.post}"}
        for c in found
    ]
    return JsonResponse({"colleagues": rows})


@never_cache
@require_safe
@staff_only
def mentions(request: HttpRequest) -> HttpResponse:
    """The notes that name me, newest first (@我的)."""
    page = noting.mentions_of(actor_of(request), cursor=request.GET.get("cursor", ""))
    rows = [(n, near(n.mention.case.area)) for n in page.items]
    return render(request, "web/desk/mentions.html", {"page": page, "rows": rows})
