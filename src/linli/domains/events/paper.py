"""The report on one sheet of paper (纸质反映表): to print, fill in by hand and hand in; its QR code opens the web form."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from linli.base.errors import NotFound
from linli.domains.events import forms
from linli.kernel.people.models import Organisation
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.web.faces import area_of


def paper(request: HttpRequest) -> HttpResponse:
    """One A4 page in the reader's language for a village (打印表格); `?area=CODE` names it, else the chosen area."""
    area = _area(request)
    address = request.build_absolute_uri(reverse("events:report")) + (f"?area={area.code}" if area else "")
    procedure = forms.procedure_for(area)
    trail = [a for a in places.path(area) if len(a.prefix) >= 6] if area else []
    context = {
        "area": area,
        "trail": trail,
        "address": address,
        "qr": segno.make(address, error="m").svg_inline(scale=4, border=1, light="#fff", omitsize=True),
        "description": procedure.fields["description"],
        "contact": procedure.fields["contact"],
        "hand_in": _hand_in(area),
        "villages": [] if area else forms.villages(None),
        "lines": range(8),
    }
    return render(request, "events/paper.html", context)


def _area(request: HttpRequest) -> Area | None:
    code = request.GET.get("area", "")
    try:
        return places.area_by_code(code) if code.isalnum() else area_of(request)
    except NotFound:
        return area_of(request)


def _hand_in(area: Area | None) -> list[Organisation]:
    """Where to hand it in (交到哪里): the village's own body, then those of the township."""
    if area is None:
        return []
    prefixes = [area.prefix[:12], area.prefix[:9]]
    rows = Organisation.objects.filter(
        area__prefix__in=prefixes, kind__in=["village", "office"], active=True, historic=False
    ).select_related("area")
    return sorted(rows, key=lambda o: (-len(o.area.prefix), o.pk))[:3]
