"""What is public, for everybody (公示页面): the list, one publication, objecting to it, and the poster for the wall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, Refused, absent
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people import limits
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.people.services import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.kernel.procedures import engine
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case
from linli.kernel.publicity.models import Publication
from linli.kernel.publicity.queries import Filters, publication, published
from linli.web import actionforms, casewords
from linli.web.faces import actor_of, area_of, remember_tracked
from linli.web.forms import Choice, FieldView, read
from linli.web.publications import (
    KINDS,
    Shown,
    objection_procedure,
    publishing_procedures,
    qr_svg,
    shown,
)
from linli.web.receipts import keep_receipt, number_of_key, sender

EVERYWHERE = "all"
PAGE = 20
OBJECTIONS_PER_ADDRESS = 30  # an hour; a whole village may share an address
HANDED_IN = ("window", "phone", "paper")  # how an objection that staff enter came to them
ANYONE = frozenset({"anyone", "reporter", "resident"})
CONTACT, NAME = "contact", "objector_name"  # as the procedures of objections call them


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What is on show now (正在公示), for the reader's area; what has ended on request."""
    filters, area = asked_for(request)
    page = published(filters, cursor=request.GET.get("cursor", ""), limit=PAGE)
    at = now()
    context = {
        "page": page,
        "rows": [shown(row, at) for row in page.items],
        "filters": filters,
        "area": area,
        "chosen": area_of(request),
        "everywhere": request.GET.get("area") == EVERYWHERE,
        "kinds": KINDS,
        "procedures": publishing_procedures(),
        "first": not request.GET.get("cursor"),
    }
    return render(request, "web/publicity/list.html", context)


def asked_for(request: HttpRequest, *, chosen: bool = True) -> tuple[Filters, Area | None]:
    """What the address asks for (筛选条件): `area`, else with `chosen` the area that the reader chose; `kind`,
    `procedure`, `q`. An area that does not exist is not found."""
    code = request.GET.get("area", "")
    if code and code != EVERYWHERE:
        area: Area | None = area_by_code(code[:20])
    else:
        area = area_of(request) if chosen and not code else None
    kind = request.GET.get("kind", "")
    filters = Filters(
        area=area.prefix if area else "",
        kind=kind if kind in KINDS else "",
        procedure=request.GET.get("procedure", "")[:60],
        words=request.GET.get("q", "").strip()[:60],
        past="past" in request.GET,
    )
    return filters, area


@require_GET
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One publication (一件公示): what, by whom, on what basis, until when, and how to object. Withdrawn ones stay here,
    with the reason and without what they said."""
    row = publication(uid)
    context = _context(request, row)
    context["paused"] = row.is_shown and Case.objects.filter(pk=row.case_id, status="suspended").exists()
    return render(request, "web/publicity/detail.html", context)


def _context(request: HttpRequest, row: Publication) -> dict[str, Any]:
    procedure = objection_procedure(row)
    return {
        "p": shown(row, now()),
        "row": row,
        "objection": procedure,
        "online": procedure is not None and _open_online(procedure),
        "address": request.build_absolute_uri(reverse("web:publication", args=[row.uid])),
    }


def _open_online(procedure: Procedure) -> bool:
    return "web" in procedure.channels and bool(ANYONE & set(procedure.opened_by))


@require_GET
def poster(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One A4 sheet for the wall (公示海报): big enough to read standing; its code opens the page."""
    row = publication(uid)
    context = _context(request, row)
    context["qr"] = qr_svg(context["address"])
    return render(request, "web/publicity/poster.html", context)


@require_GET
def qr(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The code of a publication's page as a picture (公示二维码), to put into one's own poster."""
    row = publication(uid)
    out = BytesIO()
    address = request.build_absolute_uri(reverse("web:publication", args=[row.uid]))
    segno.make(address, error="m").save(out, kind="png", scale=10, border=4)
    answer = HttpResponse(out.getvalue(), content_type="image/png")
    answer["Content-Disposition"] = f'inline; filename="{row.case_number}.png"'
    return answer


@never_cache
def object_to(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Object to what is on show (提出异议): opens the procedure that the notice names. No account is needed; staff enter
    what was said at the window or on the phone.

    Refuses what takes no objections any more, and says where else to turn; more than 30 an hour from one address without
    an account (TooMany): every objection holds up what is on show until somebody has answered it.
    """
    row, actor = publication(uid), actor_of(request)
    procedure = objection_procedure(row)
    if procedure is None:
        raise absent(Text("异议", "objection"))
    key = request.POST.get("key", "")[:80] or str(uuid7())
    if request.method == "POST" and (known := number_of_key(request, key)):
        return HttpResponseRedirect(reverse("web:receipt", args=[known]))
    view = shown(row, now())
    # What was handed in on the last day may be entered later; the page itself closes when the days are over.
    if not (row.is_shown if actor.is_staff else view.takes_objections):
        raise _closed(row)
    asked = [code for code in procedure.open_form if procedure.fields[code].type != "case_number"]
    needed = [code for code in asked if code not in procedure.open_optional]
    optional = [code for code in asked if code in procedure.open_optional]
    views = actionforms.field_views(procedure, needed, optional, actor=actor, area_prefix=row.grid)
    came = _came(procedure) if actor.is_staff else None
    if request.method != "POST":
        return _form(request, view, procedure, views, key, came)
    by = sender(request)
    sent = actionforms.entered(views, request.POST, request.FILES, by=by, client_key=key)
    channel = (read([came], request.POST)["channel"] or came.value) if came else "web"
    try:
        if sent.errors:
            raise Invalid("web.files_not_taken", next(iter(sent.errors.values())), fields=sent.errors)
        if by.account_id is None:
            address = request.META.get("REMOTE_ADDR", "")
            limits.hit(f"objection:{address}", OBJECTIONS_PER_ADDRESS, timedelta(hours=1))
        receipt = engine.open_case(
            procedure.code,
            by=by,
            area=row.area,
            data=sent.data,
            channel=channel,
            title=f"{procedure.title.zh}：{row.name.zh}"[:60],
            applicant=_applicant(sent.data, by),
            origin_id=row.case_id,
            client_key=key,
        )
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        again = actionforms.again(views, sent, wrong)
        return _form(request, view, procedure, again, key, came, error)
    keep_receipt(request, receipt.number, by=by, client_key=key)
    if by.account_id is None:
        remember_tracked(request, Case.objects.only("pk").get(number=receipt.number).pk)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


def _came(procedure: Procedure) -> FieldView | None:
    """How the objection reached the desk (收到方式)."""
    known = [c for c in HANDED_IN if c in procedure.channels]
    if not known:
        return None
    choices = [Choice(c, casewords.CHANNELS[c]) for c in known]
    title = Text("怎么收到的", "How it came")
    return FieldView("channel", title, "radio", required=True, choices=choices, value=known[0])


def _applicant(data: Mapping[str, Any], by: Actor) -> Callable[[], Person | None]:
    """Who is told of the answer (告知谁): the signed-in resident, or whose phone was given; else number and code tell."""

    def found() -> Person | None:
        if by.kind == "resident" and by.person_id is not None:
            return Person(pk=by.person_id)  # the engine needs no more than who it is
        phone, name = str(data.get(CONTACT) or "").strip(), str(data.get(NAME) or "").strip()
        return find_or_create_person(name=name, phone=phone, by=by) if phone else None

    return found


def _closed(row: Publication) -> Refused:
    if not row.is_shown:
        return Refused(
            "publicity.not_shown",
            Text(
                "这项公示已经结束或撤回，不再收异议。对结果有意见，请打 12345 或到窗口反映。",
                "This notice has ended or was withdrawn, so no more objections are taken. "
                "About the outcome, call 12345 or come to the window.",
            ),
        )
    return Refused(
        "publicity.over",
        Text(
            "公示期已满，网上不再收异议。期内已经书面提出的，请交到窗口补登；其他意见请打 12345。",
            "The days of this notice are over. What you handed in on paper in time can still be entered at the window; "
            "for anything else call 12345.",
        ),
    )


def _form(
    request: HttpRequest,
    view: Shown,
    procedure: Procedure,
    fields: Sequence[FieldView],
    key: str,
    came: FieldView | None,
    error: LinliError | None = None,
) -> HttpResponse:
    context = {
        "p": view,
        "row": view.row,
        "procedure": procedure,
        "fields": [*([came] if came else []), *fields],
        "staff": actor_of(request).is_staff,
        "key": key,
        "message": error.message if error else "",
    }
    return render(request, "web/publicity/object.html", context, status=error.status if error else 200)
