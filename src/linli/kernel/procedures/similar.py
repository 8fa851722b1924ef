"""Cases that resemble one (类似的办件): of the same kind, near by, in similar words. A help to read, never a decision.

Each says why it was chosen. Looked for among what the reader may see, of the same procedure, the newest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians

from django.db.models import Q
from django.db.models.expressions import RawSQL

from linli.base.i18n import Text, text_from
from linli.base.text import bigrams
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import search
from linli.kernel.procedures.casebook import EntryView, timeline
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.fields import BUILT_IN, show_value
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.pauses import told_by
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to

LOOKED_THROUGH = 150
NEAR = 300.0  # metres
LEAST, LEAST_SHARE = 0.25, 0.1
A_DEGREE = 111_195.0  # metres of latitude


@dataclass(frozen=True)
class Similar:
    """One case with why it is offered (类似的一件及理由)."""

    case: Case
    score: float
    reasons: tuple[Text, ...]


@dataclass(frozen=True)
class Answer:
    """What was said to the person in a case (答复): by which act, in which words."""

    action: str
    words: str


def similar_to(case: Case, actor: Actor, limit: int = 3) -> list[Similar]:
    """The cases most like this one that I may see (类似办件), ended ones before those still open; in two queries."""
    words = search.resembling_sql(case.title, LOOKED_THROUGH)
    like = Q(village=case.village)
    if words:
        like |= Q(pk__in=RawSQL(*words))  # noqa: S611 - fixed text
    rows = (
        visible_to(actor)
        .filter(like, procedure=case.procedure)
        .exclude(pk=case.pk)
        .select_related("area__parent", "lead")
        .order_by("-id")[:LOOKED_THROUGH]
    )
    found = [_compared(case, other) for other in rows]
    found = [s for s in found if s.score >= LEAST]
    return sorted(found, key=lambda s: (-s.score, -s.case.pk))[:limit]


def _compared(case: Case, other: Case) -> Similar:
    procedure = procedure_of(case.version_id)
    score, reasons = 0.0, []
    for code, value in case.facts.items():
        field = procedure.fields.get(code)
        if field is None or not isinstance(value, str) or not value or field.assigns or field.personal:
            continue
        if other.facts.get(code) == value and field.type not in BUILT_IN:
            score += 0.4
            shown = text_from(show_value(field, value))
            reasons.append(Text(f"{field.title.zh}相同：{shown.zh}", f"same {field.title.en}: {shown.en}"))
    placed = _place_words(case)  # where it is says nothing of what it is; how far away is asked below
    terms = [term for term in bigrams(case.title) if term not in placed]
    mine, theirs = set(terms), set(bigrams(other.title)) - placed
    share = len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0
    if share >= LEAST_SHARE:
        score += 0.5 * share + 0.1
        common = _runs(terms, theirs)[:3]
        reasons.append(Text(f"用词相近：{'、'.join(common)}", f"similar words: {', '.join(common)}"))
    away = _metres(case, other)
    if away is not None and away <= NEAR:
        score += 0.2 * (1 - away / NEAR) + 0.05
        reasons.append(Text(f"相距 {away:.0f} 米", f"{away:.0f} m away"))
    elif case.grid == other.grid:
        score += 0.05
        reasons.append(Text("同一网格", "in the same grid"))
    if reasons and other.ended_at is not None:
        score += 0.1  # there is something to learn from it
    return Similar(other, score, tuple(reasons))


def _place_words(case: Case) -> set[str]:
    above = case.area.parent
    return set(bigrams(f"{case.area.name} {above.name if above else ''} {case.place_text}"))


def _runs(terms: list[str], theirs: set[str]) -> list[str]:
    """What two titles have in common, as it is written (共同的词句), the longest first: 路灯 + 灯不 + 不亮 is 路灯不亮."""
    runs: list[str] = []
    joined = False
    for term in terms:
        if term not in theirs:
            joined = False
            continue
        if joined and len(term) == 2 and runs[-1][-1] == term[0]:
            runs[-1] += term[1]
        else:
            runs.append(term)
        joined = True
    return sorted(dict.fromkeys(runs), key=len, reverse=True)


def _metres(case: Case, other: Case) -> float | None:
    if case.lng is None or case.lat is None or other.lng is None or other.lat is None:
        return None
    return hypot((other.lng - case.lng) * cos(radians(case.lat)), other.lat - case.lat) * A_DEGREE


def answer_of(case: Case, actor: Actor) -> Answer | None:
    """The last words that the office had to write for the person (最后的答复), as this reader may see them; for a reader
    let in. What is told to nobody, or may be left out such as a remark, is no answer."""
    procedure = procedure_of(case.version_id)
    for entry in reversed(timeline(case, actor)):
        action = _action(procedure, entry.action)
        told = action is not None and "applicant" in told_by(action, procedure)
        if (
            action is not None
            and told
            and entry.post is not None
            and (words := _words(entry, action, procedure))
        ):
            return Answer(entry.action, words)
    return None


def _action(procedure: Procedure, code: str) -> Action | None:
    places = (*(step.actions for step in procedure.steps.values()), procedure.anywhere)
    return next((actions[code] for actions in places if code in actions), None)


def _words(entry: EntryView, action: Action, procedure: Procedure) -> str:
    for fact in entry.facts:
        if fact.code not in action.form:
            continue
        field = procedure.fields.get(fact.code)
        told = field is not None and field.type == "text" and not field.internal and field.personal is None
        if told and not fact.erased and not fact.masked:
            return str(fact.value)
    return ""
