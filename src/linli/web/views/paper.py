"""Any procedure on a sheet of paper (纸质表): to print, fill in by hand and hand in. Paper is a channel wherever web is.

What is asked is what the procedure file asks; a county that changes its file changes the sheet with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from linli.base.errors import NotFound, absent
from linli.base.i18n import Text
from linli.kernel.people.models import Organisation
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.procedures.definitions import FieldDef, Procedure
from linli.kernel.procedures.offered import OUTSIDE, opened_elsewhere
from linli.kernel.procedures.versions import current_procedures, current_version, procedure_of
from linli.web.faces import area_of
from linli.web.registry import choices_of

PAPER = "paper"
WHO = frozenset({"contact", "reporter_name"})  # asked once, in the part about the person
MOST_TICKS = 12
LINES = {"text": 5}
ATTACHED = frozenset({"photos", "files"})
YES_NO = (Text("是", "Yes"), Text("否", "No"))


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it stands on paper (纸上一问): lines to write on, boxes to tick, or papers to add."""

    title: Text
    hint: Text | str
    needed: bool
    lines: Sequence[int] = ()
    ticks: Sequence[Text] = ()
    attached: bool = False


def on_paper(procedure: Procedure) -> bool:
    """Whether anybody outside the office may hand it in on paper (可交纸质表)."""
    return PAPER in procedure.channels and bool(OUTSIDE & set(procedure.opened_by))


def paper(request: HttpRequest, code: str) -> HttpResponse:
    """The empty sheet of a procedure (空白表) for a village: `?area=CODE` names it, else the chosen area.

    What is not handed in on paper answers like what is not there.
    """
    if not any(p.code == code and on_paper(p) for p in current_procedures()):
        raise absent(Text("事项", "procedure"))
    area = named_area(request)
    procedure = procedure_of(current_version(code, area.prefix if area else ""))
    here = "web:track" if opened_elsewhere(procedure) else "web:begin"
    path = reverse(here, args=[] if here == "web:track" else [code])
    return sheet(request, procedure, area, title=procedure.title, path=path)


def sheet(
    request: HttpRequest,
    procedure: Procedure,
    area: Area | None,
    *,
    title: Text,
    path: str,
    place: bool = False,
) -> HttpResponse:
    """One sheet in the reader's language (一张表); its QR code opens the web form. `place`: where it is, is asked as well."""
    address = request.build_absolute_uri(path)
    questions = [
        _question(procedure.fields[c], needed=c not in procedure.open_optional)
        for c in procedure.open_form
        if c not in WHO and _is_written(procedure.fields[c], needed=c not in procedure.open_optional)
    ]
    context: dict[str, Any] = {
        "procedure": procedure,
        "title": title,
        "area": area,
        "trail": [a for a in places.path(area) if len(a.prefix) >= 6] if area else [],
        "questions": [q for q in questions if not (place and q.attached)],
        "place": place,
        "contact_hint": procedure.fields["contact"].hint if "contact" in procedure.open_form else "",
        "limit": procedure.limit.period if procedure.limit else None,
        "address": address,
        "qr": segno.make(address, error="m").svg_inline(scale=4, border=1, light="#fff", omitsize=True),
        "hand_in": hand_in(area),
    }
    return render(request, "web/paper.html", context)


def _is_written(field: FieldDef, *, needed: bool) -> bool:
    """Not what only a device records, and not what is chosen from a long list of ours: staff do that on receipt."""
    return field.type != "voice" and (needed or choices_of(field.type) is None)


def _question(field: FieldDef, *, needed: bool) -> Question:
    hint = field.hint or ""
    if field.type in ATTACHED:
        return Question(field.title, hint, needed and field.required, attached=True)
    if field.choices and len(field.choices) <= MOST_TICKS:
        return Question(field.title, hint, needed, ticks=[label for _, label in field.choices])
    if field.type == "boolean":
        return Question(field.title, hint, needed, ticks=YES_NO)
    return Question(field.title, hint, needed, lines=range(LINES.get(field.type, 1)))


def named_area(request: HttpRequest) -> Area | None:
    code = request.GET.get("area", "")
    try:
        return places.area_by_code(code) if code.isalnum() else area_of(request)
    except NotFound:
        return area_of(request)


def hand_in(area: Area | None) -> list[Organisation]:
    """Where to hand it in (交到哪里): the village's own body, then those of the township."""
    if area is None:
        return []
    prefixes = [area.prefix[:12], area.prefix[:9]]
    rows = Organisation.objects.filter(
        area__prefix__in=prefixes, kind__in=["village", "office"], active=True, historic=False
    ).select_related("area")
    return sorted(rows, key=lambda o: (-len(o.area.prefix), o.pk))[:3]
