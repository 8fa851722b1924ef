"""A person's own cases (本人办件), and which of them wait for that person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Q

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import Count, Page, count_up_to, keyset
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.procedures.authority import is_rating
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.models import Case, ClockSegment, Participation
from linli.kernel.procedures.readers import as_read_by
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import mandated

PARTY = frozenset({"applicant", "reporter"})
AWAITING = "awaiting-applicant"
LOOKED_THROUGH = 100


@dataclass(frozen=True)
class Waiting:
    """A case that cannot go on, or not be rated, without the person (等您办的)."""

    case: Case
    action: Action


def person_of(actor: Actor) -> Person:
    """The person behind a signed-in resident (本人); whoever is none is not found."""
    if actor.person_id is None:
        raise absent(Text("居民", "resident"))
    return Person.objects.get(pk=actor.person_id)


def party_of(actor: Actor) -> Person:
    """For whom somebody asks (申请人): oneself, or whom one acts for under a mandate."""
    return Person.objects.get(pk=actor.acting.grantor_id) if actor.acting else person_of(actor)


def as_resident(actor: Actor) -> Actor:
    """The same person without their posts (以居民身份): what anybody who is no member of staff may do."""
    return replace(actor, hats=(), kind="resident")


def n_open_cases(actor: Actor) -> Count:
    """How many cases of this person are not ended (我在办的件数)."""
    return count_up_to(Case.objects.filter(_mine(actor), ended_at__isnull=True))


def _mine(actor: Actor) -> Q:
    """One's own cases; while one acts for somebody, theirs in the mandate's scope and no others."""
    if actor.acting is not None:
        return mandated(actor.acting)
    if actor.person_id is None:
        return Q(pk__in=[])
    return Q(pk__in=Participation.objects.filter(kind="person", ref=actor.person_id).values("case_id"))


def cases_of(actor: Actor, *, cursor: str | None = None, limit: int = 20) -> Page[Case]:
    """The cases that this person is a party of, newest first (我的事): not what they see as a member of staff."""
    if actor.person_id is None:
        raise absent(Text("居民", "resident"))
    rows = Case.objects.filter(_mine(actor)).select_related("area", "area__parent", "lead")
    page: Page[Case] = keyset(rows, ["-id"], cursor, limit)
    for case in page.items:
        as_read_by(case, actor)
    return page


def waiting_for(actor: Actor) -> list[Waiting]:
    """What waits for this person: a question to answer, a rating (等您办). Among their newest hundred open cases."""
    if actor.person_id is None:
        return []
    rows = list(
        Case.objects.filter(
            mandated(actor.acting) if actor.acting else Q(applicant_id=actor.person_id), ended_at__isnull=True
        )
        .select_related("area", "area__parent", "lead")
        .order_by("-id")[:LOOKED_THROUGH]
    )
    asked = asked_of_party([row.pk for row in rows if row.status == "suspended"])
    return [
        Waiting(as_read_by(row, actor), action)
        for row in rows
        if (action := next_for_party(row, procedure_of(row.version_id), asked=row.pk in asked))
        and may_do(action, procedure_of(row.version_id), actor)
    ]


def may_do(action: Action, procedure: Procedure, actor: Actor) -> bool:
    """Whether it waits for whoever looks (是否轮到看的人): a rating waits for the person, not for who acts for them."""
    return actor.acting is None or actor.acting.rates or not is_rating(procedure, action)


def asked_of_party(case_ids: list[int]) -> set[int]:
    """The cases among these whose clock stands still until the party answers (等当事人答复)."""
    if not case_ids:
        return set()
    rows = ClockSegment.objects.filter(case_id__in=case_ids, ground=AWAITING, to_at__isnull=True)
    return set(rows.values_list("case_id", flat=True))


def next_for_party(case: Case, procedure: Procedure, *, asked: bool) -> Action | None:
    """The one action that waits for the party now: the answer to a question, else what this step asks of them."""
    here = procedure.steps[case.step]
    if here.kind == "end":
        return None
    if case.status == "suspended":
        answers = (a for a in procedure.actions_at(case.step) if a.resumes and PARTY & set(a.by))
        return next(answers, None) if asked else None
    return next((a for a in here.actions.values() if PARTY & set(a.by)), None)
