"""What a party has not read yet of their own case (本人上次看过以后的新进展)."""

from __future__ import annotations

from datetime import datetime

from linli.base.clock import now
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case, LastLook


def read_up_to(case: Case, *, by: Actor, at: datetime | None = None) -> int | None:
    """Up to which entry somebody with an account had read their case before, and remember that they read it to its end
    now (记下看到哪里). Nothing at the first visit. One statement where nothing is new."""
    if by.account_id is None:
        return None
    mine = LastLook.objects.filter(account_id=by.account_id, case=case)
    before = mine.values_list("seq", flat=True).first()
    if before is None:
        LastLook.objects.bulk_create(
            [LastLook(account_id=by.account_id, case_id=case.pk, seq=case.seq, at=at or now())],
            ignore_conflicts=True,
        )
    elif before < case.seq:
        mine.filter(seq__lt=case.seq).update(seq=case.seq, at=at or now())
    return before
