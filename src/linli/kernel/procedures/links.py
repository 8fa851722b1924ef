"""Cases that belong together (办件关联): a link is made, and undone by saying so, never deleted."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case, CaseLink
from linli.kernel.procedures.readers import in_words
from linli.kernel.procedures.visibility import visible_to


def link(case_id: int, other_id: int, kind: str, *, at: datetime, by: Actor) -> None:
    known = CaseLink.objects.filter(case_id=case_id, other_id=other_id, kind=kind, undone_at__isnull=True)
    if not known.exists():
        CaseLink.objects.create(case_id=case_id, other_id=other_id, kind=kind, at=at, by_id=by.account_id)


def unlink(case_id: int, other_id: int, kind: str, *, at: datetime) -> None:
    either = Q(case_id=case_id, other_id=other_id) | Q(case_id=other_id, other_id=case_id)
    CaseLink.objects.filter(either, kind=kind, undone_at__isnull=True).update(undone_at=at)


def linked_cases(case: Case, actor: Actor) -> list[tuple[str, bool, Case]]:
    """(kind, from this case to the other?, the other) for every linked case that this person may see."""
    rows = CaseLink.objects.filter(Q(case=case) | Q(other=case), undone_at__isnull=True)[:200]
    ids = {r.other_id if r.case_id == case.pk else r.case_id for r in rows}
    seen = {c.pk: in_words(c) for c in visible_to(actor).filter(pk__in=ids)}
    found = []
    for row in rows:
        outward = row.case_id == case.pk
        other = seen.get(row.other_id if outward else row.case_id)
        if other is not None:
            found.append((row.kind, outward, other))
    return found
