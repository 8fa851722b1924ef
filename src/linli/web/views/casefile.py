"""The whole case file (整卷打印): to read and print in the browser, and as a PDF file; for staff and for the party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.procedures import casebook
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import access_case
from linli.web.casefile import MOST_ENTRIES, CaseFile, as_pdf, case_file
from linli.web.faces import actor_of, staff_only

PURPOSES = (
    Text("归档", "for the archive"),
    Text("移送有权机关", "handed to the authority concerned"),
    Text("当事人申请复制", "a copy that the party asked for"),
)
TAKEN = "web.case_file_taken"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def staff_file(request: HttpRequest, number: str) -> HttpResponse:
    """The file at the desk (工作台整卷): masked, unless personal facts are opened for a purpose that the person can read.

    Refuses to open anything without a purpose, and what the reader's posts may not see like what is not there.
    """
    actor = actor_of(request)
    case = access_case(number, actor)
    if request.method != "POST":
        return _page(request, case, actor)
    purpose = request.POST.get("purpose", "").strip()
    codes = request.POST.getlist("open")
    try:
        opened = {code: _open(case, code, actor, purpose) for code in codes}
    except Invalid as error:
        return _page(request, case, actor, error=error, purpose=purpose, codes=codes)
    if request.POST.get("as") == "pdf":
        return _pdf(request, case, actor, opened=opened, purpose=purpose)
    return _page(request, case, actor, opened=opened, purpose=purpose)


@never_cache
@require_safe
@staff_only
def staff_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The masked file as PDF at the desk (整卷 PDF, 打码)."""
    actor = actor_of(request)
    return _pdf(request, access_case(number, actor), actor)


@never_cache
@require_safe
def party_file(request: HttpRequest, number: str) -> HttpResponse:
    """The party's own file (本人整卷): what the pages show them, nothing more."""
    actor = actor_of(request)
    return _page(request, access_case(number, actor), actor)


@never_cache
@require_safe
def party_pdf(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    return _pdf(request, access_case(number, actor), actor)


def _open(case: Case, code: str, actor: Actor, purpose: str) -> str:
    value = casebook.reveal_fact(case, code, by=actor, purpose=purpose)
    return value.removeprefix("+86")


def _gathered(request: HttpRequest, case: Case, actor: Actor, **more: Any) -> CaseFile:
    site = request.build_absolute_uri("/").rstrip("/")
    user = request.user
    reader = user.title if isinstance(user, Account) else Text("当事人", "the party")
    return case_file(case, actor, at=now(), site=site, reader=reader, **more)


def _page(
    request: HttpRequest,
    case: Case,
    actor: Actor,
    *,
    error: LinliError | None = None,
    purpose: str = "",
    codes: list[str] | None = None,
    opened: Mapping[str, str] | None = None,
) -> HttpResponse:
    desk = request.path.startswith("/staff/")
    found = _gathered(request, case, actor, purpose="" if opened is None else purpose, opened=opened)
    context = {
        "file": found,
        "desk": desk,
        "can_open": [f for f in found.parties if f.can_reveal and desk],
        "codes": codes or [],
        "purpose": purpose,
        "purposes": PURPOSES,
        "error": error.message if error else "",
        "back": reverse("web:staff_case" if desk else "web:case", args=[case.number]),
        "pdf_url": reverse("web:staff_case_pdf" if desk else "web:case_pdf", args=[case.number]),
    }
    return render(request, "web/file/casefile.html", context, status=error.status if error else 200)


def _pdf(
    request: HttpRequest,
    case: Case,
    actor: Actor,
    *,
    opened: Mapping[str, str] | None = None,
    purpose: str = "",
) -> HttpResponse:
    found = _gathered(request, case, actor, embed=True, opened=opened, purpose=purpose)
    if len(found.entries) > MOST_ENTRIES:
        raise Refused(
            "web.too_long_for_pdf",
            Text(
                "这一卷太长，请在整卷页面用浏览器打印，可以分页打印。",
                "This file is too long for that. Print it from the browser on the page of the file, some pages at a time.",
            ),
        )
    html = render_to_string("web/file/casefile.html", {"file": found, "pdf": True}, request)
    content = as_pdf(html)
    if not found.party:
        audit.note(TAKEN, by=actor, at=found.printed.at, number=case.number, opened=sorted(found.opened))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{case.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
