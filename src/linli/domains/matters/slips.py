"""Papers that the office hands out (文书): receipt for papers, notice of acceptance, the one notice of everything missing.

Each is drawn from the record as its reader may see it, and carries a code by which anybody can check that nothing was changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.clock import now
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.matters.application_panel import ApplicationView, application_of
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import casebook
from linli.kernel.procedures.casebook import EntryView
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import access_case
from linli.kernel.records.models import Record
from linli.web.casefile import as_pdf
from linli.web.contacts import Contact
from linli.web.faces import actor_of

ACCEPTED = frozenset({"accept", "accept_tolerant", "deemed_accepted", "finish_at_once", "lend", "take_on"})
HANDED = frozenset({"hand_over", "take_papers", "take_on", "hand_in"})


@dataclass(frozen=True)
class Slip:
    """One kind of paper (一种文书): its title, and the entry of the record that it is about."""

    code: str
    title: Text
    about: Callable[[EntryView], bool]


SLIPS = {
    s.code: s
    for s in (
        Slip("received", Text("收件回执", "Receipt for papers"), lambda e: e.seq == 1),
        Slip("handed", Text("材料交接单", "Slip for papers handed over"), lambda e: e.action in HANDED),
        Slip("accepted", Text("受理通知书", "Notice of acceptance"), lambda e: e.action in ACCEPTED),
        Slip(
            "notice",
            Text("一次性告知书", "Notice of everything missing"),
            lambda e: e.action == "ask_correction",
        ),
    )
}


@never_cache
@require_safe
def slip(request: HttpRequest, number: str, code: str = "received") -> HttpResponse:
    """One paper of a case, to print or as PDF (打印文书). What the reader may not see, and what was not written, is absent."""
    actor = actor_of(request)
    case = access_case(number, actor)
    found = application_of(case, actor)
    kind = SLIPS.get(code)
    if found is None or kind is None:
        raise absent(Text("文书", "paper"))
    entries = casebook.timeline(case, actor)
    entry = next((e for e in reversed(entries) if kind.about(e)), None)
    if entry is None:
        raise absent(Text("文书", "paper"))
    written = {e.action for e in entries}
    context = {
        "slip": kind,
        "others": [s for s in SLIPS.values() if s is not kind and any(s.about(e) for e in entries)],
        "entry": entry,
        "written": written,
        "printed_at": now(),
        "pdf": request.GET.get("as") == "pdf",
        **_about(request, case, found),
    }
    if not context["pdf"]:
        return render(request, "matters/slip.html", context)
    response = HttpResponse(
        as_pdf(render_to_string("matters/slip.html", context, request)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{case.number}-{kind.code}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _about(request: HttpRequest, case: Case, found: ApplicationView) -> dict[str, Any]:
    last = Record.objects.filter(case_id=case.pk).order_by("-seq").values_list("seq", "hash").first()
    address = ""
    if last:
        path = reverse("web:proof_of_file", args=[case.number, last[0], bytes(last[1]).hex()])
        address = request.build_absolute_uri(path)
    office = Organisation.objects.filter(pk=case.lead_id or 0).first()
    qr = segno.make(address, error="m").svg_inline(scale=3, border=1, omitsize=True) if address else ""
    return {
        "case": case,
        "a": found,
        "office": Contact(office.title, office.phone, office.address) if office else None,
        "limits": casebook.case_limits(case).words,
        "address": address,
        "qr": qr,
    }
