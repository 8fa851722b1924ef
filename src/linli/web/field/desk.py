"""The lead's pages (外勤负责人页面): what waits for a decision, phones, walks, and rescue files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, absent
from linli.base.i18n import Text
from linli.kernel.fieldwork import deciding, devices, patrols, queries
from linli.kernel.fieldwork.leads import admin_prefixes, lead_prefixes
from linli.kernel.fieldwork.models import RETURNING, REVOKED, FieldDevice, FieldEntry
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.files import open_file
from linli.kernel.records.models import Upload
from linli.web import flash
from linli.web.faces import actor_of, staff_only
from linli.web.field import shown
from linli.web.words import length_words

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PAGE = Text("页面", "page")
PLAYED = frozenset({"image/jpeg", "audio/webm", "audio/ogg", "audio/mp4"})
ENDS = {"revoke": REVOKED, "return": RETURNING}
ENDED = {
    "revoke": Text(
        "已停用。这台手机下次联系平台时，会立刻清除本机数据。",
        "Revoked. It clears itself the next time it reaches us.",
    ),
    "return": Text(
        "已登记交还。手机会先传完没传的，再清除本机数据。", "It will send what is left, then clear itself."
    ),
}


def lead_only(view: View[P]) -> View[P]:
    """A page of whoever leads field work (负责人页面); to others it is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not lead_prefixes(actor_of(request)):
            raise absent(PAGE)
        return view(request, *args, **kwargs)

    return staff_only(guarded)


@never_cache
@require_safe
@lead_only
def arrivals(request: HttpRequest) -> HttpResponse:
    """What the field could not settle (外勤收件), the oldest first; below it what was decided lately."""
    actor = actor_of(request)
    page = queries.waiting(actor, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "rows": [(row, queries.title_of(row)) for row in page.items],
        "decided": [
            (row, queries.title_of(row), queries.DECISIONS[row.decision])
            for row in queries.decided(actor)
            if row.decision
        ],
        "tab": "arrivals",
    }
    return render(request, "web/field/arrivals.html", context)


@never_cache
@require_safe
@lead_only
def entry(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One entry with everything the worker sent, and what can be done about it (一条收件)."""
    return _entry_page(request, queries.access_entry(uid, actor_of(request)))


def _entry_page(
    request: HttpRequest, row: FieldEntry, error: LinliError | None = None, text: str | None = None
) -> HttpResponse:
    actor = actor_of(request)
    case = visible_to(actor).filter(number=row.number).first() if row.number else None
    twin = queries.access_entry(row.twin.uid, actor) if row.twin is not None else None
    context = {
        "row": row,
        "kind": queries.title_of(row),
        "case": case,
        "lines": shown.lines(row, actor),
        "files": shown.files(row),
        "twin": twin,
        "twin_lines": shown.lines(twin, actor) if twin else [],
        "clashes": shown.clashes(row, case) if row.waits else [],
        "text": shown.in_words(row, actor) if text is None else text,
        "decision": queries.DECISIONS.get(row.decision),
        "message": error.message if error else "",
        "tab": "arrivals",
    }
    return render(request, "web/field/entry.html", context, status=error.status if error else 200)


@require_POST
@lead_only
def decide(request: HttpRequest, uid: UUID, verb: str) -> HttpResponse:
    """Decide about an entry (处理收件). A refusal is shown on its page, with what was written."""
    actor, text = actor_of(request), request.POST.get("text", "")
    try:
        _decide(request, uid, verb, actor, text)
    except Invalid as error:
        return _entry_page(request, queries.access_entry(uid, actor), error, text)
    except LinliError as error:
        if error.status == 404:
            raise
        return _entry_page(request, queries.access_entry(uid, actor), error, text or None)
    flash.say(request, Text("已处理，网格员会收到通知。", "Decided; the worker is told."))
    return HttpResponseRedirect(reverse("web:field_arrivals"))


def _decide(request: HttpRequest, uid: UUID, verb: str, actor: Actor, text: str) -> None:
    match verb:
        case "carry":
            deciding.carry(uid, by=actor)
        case "choose":
            picks = {
                code.removeprefix("pick-"): v for code, v in request.POST.items() if code.startswith("pick-")
            }
            deciding.choose(uid, {code: str(v) for code, v in picks.items()}, by=actor)
        case "note":
            deciding.as_note(uid, request.POST.get("number", "").strip().upper(), text, by=actor)
        case "report":
            deciding.as_report(uid, text, by=actor)
        case "aside":
            deciding.set_aside(uid, text, by=actor)
        case _:
            raise absent(PAGE)


@require_safe
@lead_only
def file(request: HttpRequest, uid: UUID, place: int) -> HttpResponseBase:
    """A file of an entry (收件的文件), for who decides over it; what could not be opened is only handed out."""
    row = queries.access_entry(uid, actor_of(request))
    wanted = next((f.upload_uid for f in row.files.all() if f.place == place), None)
    upload = (
        Upload.objects.filter(uid=wanted).select_related("file", "public_file").first() if wanted else None
    )
    if upload is None:
        raise absent(Text("文件", "file"))
    stored = upload.public_file or upload.file
    return FileResponse(
        open_file(stored.sha256),
        as_attachment=stored.media_type not in PLAYED,
        filename=upload.name or stored.sha256[:12],
        content_type=stored.media_type,
        headers={
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@never_cache
@require_safe
@staff_only
def phones(request: HttpRequest) -> HttpResponse:
    """Phones, the longest silent first (外勤设备): of the areas that I lead or administer, and my own."""
    actor, at = actor_of(request), now()
    if not admin_prefixes(actor) and devices.ROLE not in actor.roles:
        raise absent(PAGE)
    page = queries.devices_for(actor, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "rows": [_phone(device, actor, at) for device in page.items],
        "leads": bool(lead_prefixes(actor)),
        "tab": "phones",
    }
    return render(request, "web/field/phones.html", context)


def _phone(device: FieldDevice, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "device": device,
        "mine": device.account_id == actor.account_id,
        "silent": queries.is_silent(device, at),
        "since": length_words(at - device.last_contact_at),
        "may_end": devices.may_end(device, actor) and device.state != REVOKED,
    }


@require_POST
@staff_only
def end_phone(request: HttpRequest, uid: UUID, how: str) -> HttpResponse:
    """Revoke a phone that is lost, or have it returned (停用、交还)."""
    if how not in ENDS:
        raise absent(PAGE)
    devices.end(uid, ENDS[how], by=actor_of(request))
    flash.say(request, ENDED[how])
    return HttpResponseRedirect(reverse("web:field_phones"))


@never_cache
@require_safe
@lead_only
def walks(request: HttpRequest) -> HttpResponse:
    """Walks in the areas that I lead (巡查记录), by grid; no list of one worker's, and no count."""
    page = patrols.patrols(actor_of(request), cursor=request.GET.get("cursor", ""))
    rows = [
        (walk, [patrols.CHECKED.get(code, Text(code, code)) for code in walk.checked]) for walk in page.items
    ]
    return render(request, "web/field/walks.html", {"page": page, "rows": rows, "tab": "walks"})
