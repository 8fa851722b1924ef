"""Disputes on responsibility on screen (责任协商页面): beside the application for staff, one sentence for the applicant, and
beside the dispute what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.domains.matters import cross_dispute as disputes
from linli.domains.matters import cross_dispute_rules as rules
from linli.domains.matters.cross_models import SENT, CrossCase, CrossDispute, Handover
from linli.domains.matters.handing import slip_title
from linli.kernel.exchange.models import Peer
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import access_case
from linli.kernel.procedures.readers import TITLES, is_party
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.web.faces import actor_of, staff_only
from linli.web.registry import case_panel, peer_line
from linli.web.views.admin.screens import Done, press

MOST_SHOWN = 20
AT_THE_WINDOW = Text("收件的窗口", "the window that received it")


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute in the card (卡片上的一行)."""

    dispute: CrossDispute
    about: Text
    state: Text
    open: bool
    link: str  # empty for whoever may not see it


def beside(end: CrossCase, actor: Actor) -> dict[str, Any]:
    """What the card of the application shows of disputes (卡片上的责任协商): to staff each with its state, and the button
    where one may be raised; to the applicant one sentence while one is open."""
    if is_party(end.case, actor):
        return {"line": _line(end)}
    found = list(
        CrossDispute.objects.select_related("case").filter(cross_id=end.pk).order_by("-case_id")[:MOST_SHOWN]
    )
    seen = set(visible_to(actor).filter(pk__in=[d.pk for d in found]).values_list("pk", flat=True))
    rows = [_row(d, linked=d.pk in seen) for d in found]
    offered = not any(r.open for r in rows) and bool(end.other_number) and disputes.may_raise(end, actor)
    return {"disputes": rows, "raise": _form(end) if offered else None}


def _row(dispute: CrossDispute, *, linked: bool) -> Row:
    case = dispute.case
    procedure = procedure_of(case.version_id)
    about = dict(procedure.fields["about"].choices).get(dispute.about, procedure.title)
    link = reverse("web:staff_case", args=[case.number]) if linked else ""
    return Row(dispute, about, procedure.steps[case.step].title, case.ended_at is None, link)


def _form(end: CrossCase) -> dict[str, Any]:
    procedure = procedure_of(current_version(disputes.CODE, end.case.grid))
    slips = Handover.objects.filter(case_id=end.pk).order_by("id")
    return {
        "about": procedure.fields["about"],
        "claim": procedure.fields["claim"],
        "papers": procedure.fields["papers"],
        "slips": [(str(s.uid), slip_title(s)) for s in slips],
        "key": uuid4().hex,
    }


def _line(end: CrossCase) -> Text | None:
    dispute = disputes.open_dispute(end)
    if dispute is None:
        return None
    who = rules.in_whose_hands(
        dispute.case.step, raised_here=dispute.raised_here, here=_here(end), there=end.peer.title
    )
    return rules.line_for_applicant(who, _window(end))


def _here(end: CrossCase) -> Text:
    area = Area.objects.filter(code=end.county).first()
    return area.title if area else Text(end.county, end.county)


def _window(end: CrossCase) -> Text:
    """Whoever received it keeps dealing with the applicant (首问负责)."""
    if end.side != SENT:
        return Text(f"{end.peer.title.zh}收件的窗口", f"the window in {end.peer.title.en} that received it")
    office = Organisation.objects.filter(pk=end.case.window_id or 0).first()
    return office.title if office else AT_THE_WINDOW


def panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """Beside a dispute: the application, the other end, the slips concerned (责任协商涉及的办件和交接单)."""
    rows = CrossDispute.objects.select_related("cross", "cross__case", "cross__peer")
    dispute = rows.filter(case_id=case.pk).first()
    if dispute is None:
        return None
    named = case.facts.get("slips") or []
    slips = Handover.objects.filter(case_id=dispute.cross_id).order_by("id")
    open_to_actor = visible_to(actor).filter(pk=dispute.cross_id).exists()
    context = {
        "dispute": dispute,
        "end": dispute.cross,
        "opens": open_to_actor,
        "slips": [(s, slip_title(s), str(s.uid) in named) for s in slips],
    }
    return render_to_string("matters/cross/dispute.html", context, request=request)


@staff_only
@require_POST
def raise_one(request: HttpRequest, number: str) -> HttpResponse:
    """Raise a dispute from the card of the application (提出责任协商)."""
    actor = actor_of(request)
    case = access_case(number, actor)
    back = reverse("web:staff_case", args=[case.number])

    def act() -> Done:
        about, claim, papers = (request.POST.get(code, "") for code in ("about", "claim", "papers"))
        slips, key = request.POST.getlist("slips"), request.POST.get("key", "")[:64] or None
        try:
            receipt = disputes.raise_dispute(
                case, by=actor, about=about, claim=claim, papers=papers, slips=slips, client_key=key
            )
        except Invalid as error:
            raise _in_one(error) from error
        told = Text(
            "已提出，对方平台会收到，三个工作日内答复。",
            "Raised; the other place is told and answers within three working days.",
        )
        return Done(told, reverse("web:staff_case", args=[receipt.number]))

    return press(request, act, back)


def _in_one(error: Invalid) -> Invalid:
    """What is wrong in one sentence: the card has no place beside each entry."""
    title = {
        "about": Text("什么问题", "what it is about"),
        "claim": Text("情况和理由", "what happened"),
        "papers": Text("涉及的材料", "papers concerned"),
        "slips": Text("涉及的交接单", "slips concerned"),
    }
    wrong = [(title[code], text) for code, text in error.fields.items() if code in title]
    words = Text(
        "没有提出。" + " ".join(f"{t.zh}：{w.zh}" for t, w in wrong),
        "Nothing was raised. " + " ".join(f"{t.en.capitalize()}: {w.en}" for t, w in wrong),
    )
    return Invalid(error.code, words, fields=error.fields) if wrong else error


def line_about(peer: Peer) -> Text | None:
    """How many disputes there were with a peer, by what they were about (与对方的责任协商合计)."""
    rows = CrossDispute.objects.filter(cross__peer=peer).values_list("about")
    open_ = Count("pk", filter=Q(case__ended_at__isnull=True))
    counted = list(rows.annotate(n=Count("pk"), n_open=open_).order_by("-n", "about"))
    if not counted:
        return None
    titles = dict(procedure_of(current_version(disputes.CODE, peer.county)).fields["about"].choices)
    named = [(titles.get(code, Text(code, code)), n) for code, n, _ in counted]
    n_all, n_open = (sum(row[i] for row in counted) for i in (1, 2))
    return Text(
        f"责任协商 {n_all} 件，在办 {n_open} 件：" + "；".join(f"{t.zh} {n}" for t, n in named),
        f"Disputes on responsibility: {n_all}, open {n_open}. " + "; ".join(f"{t.en}: {n}" for t, n in named),
    )


def register() -> None:
    peer_line("matters.disputes", line_about)
    case_panel("matters.dispute", order=4, render=panel)
    TITLES[disputes.CODE] = lambda case: Text(case.title, "Which of two places is responsible")
