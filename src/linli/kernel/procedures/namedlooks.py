"""Who opened a file that only those named may see (专人案卷的查阅留痕): the person concerned reads it in their own list."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.base.clock import now
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import AccessEntry
from linli.kernel.people.services.looks import record_look
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import hats_on

NAMED = "named"
FOR_THE_FILE = "named-file"
WHOLE_FILE = "file"
ONE_LOOK = timedelta(minutes=10)


def looked_into(case: Case, *, by: Actor, at: datetime | None = None) -> None:
    """Enter that a member of staff opened a file which only those named may see (打开专人案卷留痕). Opened again within minutes, such as after an act, it is one look."""
    if case.confidential != NAMED or by.account_id is None or not by.hats:
        return
    at = at or now()
    lately = AccessEntry.objects.filter(
        account_id=by.account_id, case_number=case.number, what=WHOLE_FILE, at__gt=at - ONE_LOOK
    )
    if not lately.exists():
        record_look(
            by=by,
            person=case.applicant,
            what=[WHOLE_FILE],
            purpose=FOR_THE_FILE,
            case_number=case.number,
            hat=next(iter(hats_on(case, by)), None),
            at=at,
        )
