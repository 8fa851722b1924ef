"""The application beside its case (申请面板): the matter, its papers one by one, what was spared, the services of a life event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.i18n import Text
from linli.domains.matters import form
from linli.domains.matters.application_fields import spec_named
from linli.domains.matters.life_events import left_out
from linli.domains.matters.models import Application, ApplicationPaper
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import in_words
from linli.kernel.procedures.visibility import visible_to
from linli.web.casewords import said_to_party

PROCEDURES = frozenset({"service", "licence", "assistance", "loan", "agency", "life-event"})
HOLDERS = {
    "window": Text("在窗口", "at the window"),
    "office": Text("在办理单位", "at the office"),
    "agent": Text("在代办员手里", "with the village agent"),
    "applicant": Text("已退还本人", "given back"),
}


@dataclass(frozen=True)
class ApplicationView:
    """What the panel shows (申请一览)."""

    row: Application
    spec: MatterSpec | None
    spared: form.Spared
    papers: list[tuple[ApplicationPaper, Text, Text | None]]
    parts: list[tuple[Case, Text]]  # each with where it stands
    left_out: list[tuple[Text, Text]]  # services that do not begin, and why
    archived_on: date | None
    answers: list[
        tuple[Text, Text, Text | None]
    ]  # to the applicant alone: what they said, and where it came from


def application_of(case: Case, actor: Actor) -> ApplicationView | None:
    """The application of a case whose reader was already let in; nothing for other cases."""
    if case.procedure not in PROCEDURES:
        return None
    row = Application.objects.filter(case=case).first()
    if row is None:
        return None
    papers = [(p, form.STATES[p.state], HOLDERS.get(p.holder)) for p in row.papers.order_by("pk")]
    parts = visible_to(actor).filter(origin_id=case.pk).order_by("pk")[:20] if row.event_id else []
    return ApplicationView(
        row,
        spec_named(str(case.facts.get("matter") or "")),
        form.Spared(row.n_asked, row.n_spared_fields, row.n_spared_papers),
        papers,
        [(in_words(part), said_to_party(part)) for part in parts],
        [(Text(*x["title"]), Text(*x["why"])) for x in left_out(case)] if row.event_id else [],
        row.archived_on,
        _own_answers(case) if actor.person_id is not None and actor.person_id == case.applicant_id else [],
    )


def _own_answers(case: Case) -> list[tuple[Text, Text, Text | None]]:
    lines = sealed_fact(case, "answers") or []
    return [
        (Text(*x["title"]), Text(*x["words"]), Text(*x["source"]) if "source" in x else None) for x in lines
    ]


def application_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    found = application_of(case, actor)
    if found is None:
        return None
    context = {"a": found, "case": case, "staff": actor.is_staff}
    return render_to_string("matters/application.html", context, request=request)
