"""Similar cases side by side (类似办件并排): what, how long, who, how it ended, and the answer that can be used again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine, similar
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.state import OpenAction
from linli.kernel.procedures.versions import procedure_of
from linli.web import casewords, words


@dataclass(frozen=True)
class Column:
    """One of them (一列)."""

    case: Case
    reasons: tuple[Text, ...]
    stands: Text
    took: Text
    lead: Text | None
    answer: str
    use_url: str


def columns(case: Case, actor: Actor, now: datetime) -> list[Column]:
    """At most three cases that resemble this one, ready to be drawn (类似办件)."""
    open_here = [a for a in engine.open_actions(case, actor) if a.blocked is None and first_text(case, a)]
    return [_column(case, found, actor, open_here, now) for found in similar.similar_to(case, actor)]


def first_text(case: Case, offered: OpenAction) -> str:
    """The field of a form that takes an answer (能填答复的一项): its first text; empty where it has none."""
    fields = procedure_of(case.version_id).fields
    form = (*offered.action.form, *offered.action.optional)
    return next((code for code in form if fields[code].type == "text"), "")


def _column(
    case: Case, found: similar.Similar, actor: Actor, open_here: list[OpenAction], now: datetime
) -> Column:
    other = found.case
    answer = similar.answer_of(other, actor)
    use = None
    if answer is not None:
        use = next((a for a in open_here if a.code == answer.action), next(iter(open_here), None))
    url = ""
    if use is not None:
        url = reverse("web:act", args=[case.number, use.code]) + "?" + urlencode({"like": other.number})
    length = words.length_words((other.ended_at or now) - other.opened_at)
    return Column(
        other,
        found.reasons,
        casewords.outcome_of(other) if other.ended_at else casewords.step_title(other),
        Text("{x}办结", "ended in {x}").format(x=length)
        if other.ended_at
        else Text("已办 {x}", "open for {x}").format(x=length),
        other.lead.title if other.lead else None,
        answer.words if answer else "",
        url,
    )
