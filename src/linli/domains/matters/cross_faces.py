"""What cross-region applications add to the faces (跨区域办理的界面登记)."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.i18n import Text
from linli.domains.matters import handing
from linli.domains.matters.cross_dispute_faces import beside
from linli.domains.matters.cross_models import COURIER, IN, SENT, CrossCase
from linli.domains.matters.cross_words import DISPUTE
from linli.domains.matters.form import STATES, Spared
from linli.kernel.exchange.models import ACKNOWLEDGED, GIVEN_UP, OUT, REFUSED, Message
from linli.kernel.exchange.queries import peers
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import TITLES, is_party
from linli.web.registry import case_panel, home_card, menu_entry

TITLE = Text("异地代收", "For another place")
ENDS = {"cross-region", "service", "licence"}


def panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """How it stands between the two places (两地办理情况): numbers, papers, slips, and what is still on its way."""
    end = CrossCase.objects.select_related("case", "peer").filter(case_id=case.pk).first()
    if end is None:
        return None
    waiting = Message.objects.filter(direction=OUT, peer=end.peer, case_number=case.number)
    if is_party(case, actor):
        waiting = waiting.exclude(kind__startswith=DISPUTE)  # between the offices alone
    states = set(waiting.exclude(state__in=(ACKNOWLEDGED, REFUSED)).values_list("state", flat=True))
    slips = handing.handovers_of(case.pk)
    hands = handing.may_hand(end, actor)
    spared = Spared(0, end.n_spared_fields, end.n_spared_papers)
    context = {
        "end": end,
        "case": case,
        "received_here": end.side == SENT,
        "spared": spared if end.side == SENT and spared.n else None,
        "papers": [(Text(*p["title"]), STATES.get(p["state"], "")) for p in end.papers if end.side == SENT],
        "slips": slips,
        "to_take": [s for s in slips if s.direction == IN and s.way == COURIER and s.took_at is None]
        if hands
        else [],
        "hands": hands and case.ended_at is None and end.other_number != "",
        "waiting": bool(states - {GIVEN_UP}),
        "stuck": GIVEN_UP in states,
        **beside(end, actor),
    }
    return render_to_string("matters/cross/panel.html", context, request=request)


def n_places(request: HttpRequest) -> Text | None:
    n = peers(active=True).count()
    return Text(f"{n} 个地方的事，在这里办", f"for {n} other places") if n else None


def _title(case: Case) -> Text | None:
    subject = case.facts.get("subject")
    return Text(case.title, f"{subject['en']} (decided elsewhere)") if isinstance(subject, dict) else None


def register() -> None:
    TITLES["cross-region"] = _title
    case_panel("matters.cross", order=4, render=panel, faces=("staff", "resident"))
    menu_entry("staff", "matters.cross", TITLE, "matters:desk_elsewhere", roles=["clerk"], order=425)
    home_card(
        "matters.cross", Text("办外地的事", "For another place"), "matters:elsewhere", order=14, line=n_places, icon="sync"
    )  # fmt: skip
