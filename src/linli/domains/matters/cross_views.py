"""Applying here for what another place decides, on screen (异地事项页面): for residents, at the window, and the slips."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.errors import Invalid, LinliError, absent
from linli.base.i18n import Text
from linli.domains.matters import asking as ask
from linli.domains.matters import cross, handing
from linli.domains.matters.applying import known_for
from linli.domains.matters.cross_catalogue import matter_there, matters_there
from linli.domains.matters.cross_models import OUT, CrossCase
from linli.domains.matters.form import form_of
from linli.domains.matters.guide import guide, in_words
from linli.domains.matters.paper_views import sheet
from linli.domains.matters.spec import Material, MatterSpec
from linli.kernel.exchange.models import Peer
from linli.kernel.exchange.peers import peer_by_county
from linli.kernel.exchange.queries import peers
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.offered import posts_that_begin
from linli.kernel.procedures.own import as_resident, party_of
from linli.kernel.procedures.queries import access_case
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.web.faces import actor_of, area_of, resident_only, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.screens import Done, press
from linli.web.views.opening import begin_with, desk_begin_with

QUESTION, PAPER = "a.", "p."
HERE = {
    "brought": Text("收下原件", "original handed in"),
    "uploaded": Text("有电子件", "as a file"),
    "missing": Text("还没有", "not here yet"),
}
ONLINE = {
    "uploaded": Text("现在上传", "upload it now"),
    "bring": Text("送到窗口", "bring it to the window"),
}
ABOUT = ("files", "wish", "address")


# ------------------------------------------------------------------------------------------ what there is


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """For which places something can be received here (可以代收的地方)."""
    return render(request, "matters/cross/places.html", {"peers": peers(active=True)})


@require_safe
def listed(request: HttpRequest, county: str) -> HttpResponse:
    """What that place lets others receive (那里可以异地办的事项), from its own catalogue."""
    return _list(request, county, "matters/cross/list.html")


@require_safe
def matter(request: HttpRequest, county: str, code: str) -> HttpResponse:
    """One matter of another place: who, papers, limits, in that place's own words (异地办事指南)."""
    peer, spec = _matter(county, code)
    context = {"peer": peer, "spec": spec, "guide": guide(spec), "area": area_of(request)}
    return render(request, "matters/cross/matter.html", context)


@require_safe
def paper(request: HttpRequest, county: str, code: str) -> HttpResponse:
    """The empty form of a matter of another place (异地事项的空白申请表), to be handed in at the window here."""
    peer, spec = _matter(county, code)
    asked = ask.Asking(code, "matter", spec.title, spec.short, form_of(spec), spec)
    path = reverse("matters:elsewhere_apply", args=[county, code])
    return sheet(request, asked, path, _procedure(peer, spec).title)


@staff_only
@require_safe
def desk_places(request: HttpRequest) -> HttpResponse:
    """The same at the window (窗口：可以代收的地方); absent for posts that do not receive."""
    _window(actor_of(request))
    found = list(peers(active=True))
    if len(found) == 1:
        return _list(request, found[0].county, "matters/cross/desk_list.html")
    return render(request, "matters/cross/desk_places.html", {"peers": found})


@staff_only
@require_safe
def desk_list(request: HttpRequest, county: str) -> HttpResponse:
    _window(actor_of(request))
    return _list(request, county, "matters/cross/desk_list.html")


def _list(request: HttpRequest, county: str, template: str) -> HttpResponse:
    peer, words = peer_by_county(county), request.GET.get("q", "").strip()[:60]
    rows, message = [], None
    try:
        rows = matters_there(peer, words)
    except LinliError as error:
        message = error.message
    context = {"peer": peer, "words": words, "rows": rows, "message": message}
    return render(request, template, context, status=200 if message is None else 503)


def _matter(county: str, code: str) -> tuple[Peer, MatterSpec]:
    peer = peer_by_county(county)
    return peer, matter_there(peer, code)


def _window(actor: Actor) -> None:
    if not posts_that_begin(procedure_of(current_version(cross.CODE, "")), actor):
        raise absent(Text("页面", "page"))


# ------------------------------------------------------------------------------------------ applying


@never_cache
@resident_only
def apply(request: HttpRequest, county: str, code: str) -> HttpResponse:
    """Apply oneself (本人申请): what registers here know is shown with its source, and not asked."""
    peer, spec = _matter(county, code)
    asked, actor = form_of(spec), as_resident(actor_of(request))
    known = known_for(party_of(actor), asked, spec)
    return begin_with(
        request,
        _procedure(peer, spec),
        [*ask.questions(asked, {}, known, {}), *_besides(spec, ONLINE)],
        _opens(peer, spec),
        template="matters/cross/apply.html",
        more={"peer": peer, "spec": spec, "given": ask.given(asked, known, hidden=actor.acting is not None)},
    )


@never_cache
@staff_only
def desk_apply(request: HttpRequest, county: str, code: str) -> HttpResponse:
    """Receive it at the window, by phone or on paper (窗口代收)."""
    _window(actor_of(request))
    peer, spec = _matter(county, code)
    asked = form_of(spec)
    folded = frozenset({"files", *(f"{QUESTION}{f.code}" for f in asked.fields if f.prefilled)})
    questions = [*ask.questions_at_window(asked), *_besides(spec, HERE)]
    blank = reverse("matters:elsewhere_paper", args=[county, code])
    return desk_begin_with(
        request, _procedure(peer, spec), questions, _opens(peer, spec), folded=folded, blank=blank
    )


def _procedure(peer: Peer, spec: MatterSpec) -> Procedure:
    """Under the name of what is applied for, with what that place says of it."""
    found = procedure_of(current_version(cross.CODE, ""))
    days = spec.promised_limit.title
    return replace(
        found,
        title=Text(f"{spec.title.zh}（{peer.title.zh}办）", f"{spec.title.en} (decided by {peer.title.en})"),
        hint=Text(
            f"在这里交材料，由{peer.title.zh}决定，承诺 {days.zh}内办好；结果在这里领，或者寄给您。",
            f"Hand the papers in here; {peer.title.en} decides, within {days.en} as promised. Collect the result here, or "
            "have it sent.",
        ),
    )


def _besides(spec: MatterSpec, ways: Mapping[str, Text]) -> list[FieldView]:
    """That place's papers, and what is asked here besides (材料和这里另问的)."""
    papers = [_paper(spec, m, ways) for m in spec.materials if m.source != "register"]
    procedure = procedure_of(current_version(cross.CODE, ""))
    wish, files, address = (procedure.fields[code] for code in ("wish", "files", "address"))
    accept = "image/jpeg,image/png,image/webp,image/heic" + (",application/pdf" if ways is HERE else "")
    return [
        *papers,
        FieldView("files", files.title, "files", multiple=True, accept=accept,
                  hint=Text("拍照就行；一次可以选几个。", "Photos will do; several at once.")),
        FieldView("wish", wish.title, "radio", required=True, value="window",
                  choices=[Choice(code, title) for code, title in wish.choices]),
        FieldView("address", address.title, max=address.max,
                  hint=Text("要邮寄的才填。", "Only to have it sent.")),
    ]  # fmt: skip


def _paper(spec: MatterSpec, material: Material, ways: Mapping[str, Text]) -> FieldView:
    only = in_words(spec, material.when)
    hint = Text(f"{only.zh}才要", f"Only {only.en}") if only else ""
    choices = [Choice(code, title) for code, title in ways.items()]
    when = json.dumps(material.when) if material.when else ""
    return FieldView(
        PAPER + material.code, material.title, "radio", hint=hint, choices=choices, extra={"side": True, "when": when}
    )  # fmt: skip


def _opens(peer: Peer, spec: MatterSpec) -> Any:
    def opens(entered: Mapping[str, Any], *, by: Actor, area: Area, **how: Any) -> Receipt:
        said = _named(entered, QUESTION)
        papers = {code: state for code, state in _named(entered, PAPER).items() if state != "missing"}
        try:
            return cross.receive(
                peer,
                spec,
                by=by,
                area=area,
                answers=said,
                papers=papers,
                wish=str(entered.get("wish") or "window"),
                files=entered.get("files") or (),
                address=entered.get("address"),
                **how,
            )
        except Invalid as error:
            asked = {f.code: QUESTION for f in spec.fields} | {m.code: PAPER for m in spec.materials}
            fields = {f"{asked.get(code, '')}{code}": text for code, text in error.fields.items()}
            raise Invalid(error.code, error.message, fields=fields, **error.data) from error

    return opens


def _named(entered: Mapping[str, Any], head: str) -> dict[str, Any]:
    return {code.removeprefix(head): value for code, value in entered.items() if code.startswith(head)}


# ------------------------------------------------------------------------------------------ papers


@never_cache
@require_safe
def slip(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The two-way receipt of a handover (双向交接单), to be printed; for whoever may see the case."""
    row = handing.handover_seen(uid, actor_of(request))
    end = row.case.cross
    here, there = Area.objects.filter(code=end.county).first(), end.peer.title
    own = here.title if here else Text(end.county, end.county)
    context = {
        "row": row,
        "end": end,
        "giver": own if row.direction == OUT else there,
        "taker": there if row.direction == OUT else own,
        "lacking": [p for p in row.listed if p["code"] in row.lacking],
        "staff": actor_of(request).is_staff,
    }
    return render(request, "matters/cross/slip.html", context)


@staff_only
@require_POST
def take(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm what came (签收)."""
    actor = actor_of(request)
    row = handing.handover_seen(uid, actor)
    back = reverse("web:staff_case", args=[row.case.number])

    def act() -> Done:
        handing.take(
            row, by=actor, lacking=request.POST.getlist("lacking"), remark=request.POST.get("remark", "")
        )
        return Done(Text("已签收，对方会收到回执。", "Confirmed; the other place is told."), back)

    return press(request, act, back)


@staff_only
@require_POST
def give(request: HttpRequest, number: str) -> HttpResponse:
    """Enter what was sent by courier (登记寄出)."""
    actor = actor_of(request)
    case = access_case(number, actor)
    end = CrossCase.objects.select_related("case", "peer").filter(case_id=case.pk).first()
    if end is None:
        raise absent(Text("办件", "case"))
    back = reverse("web:staff_case", args=[case.number])

    def act() -> Done:
        papers, courier, waybill = (request.POST.get(code, "") for code in ("papers", "courier", "waybill"))
        handing.give(end, by=actor, papers=papers, courier=courier, waybill=waybill)
        return Done(Text("已登记寄出，对方会收到通知。", "Entered; the other place is told."), back)

    return press(request, act, back)
