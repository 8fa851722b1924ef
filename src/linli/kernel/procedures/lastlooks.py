"""What happened in a case since somebody last looked (上次看过以后的新动态).

One row for each member of staff and case that they opened. One's own acts are no news, nor are the clock's reminders:
the due time beside the row says that already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.casebook import OWN_TITLES, REPORTER
from linli.kernel.procedures.models import Case, LastLook
from linli.kernel.procedures.own_records import OWN_ACTIONS
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Record

KEPT = timedelta(days=90)  # sample
ENTRIES_AT_MOST = 400


@dataclass(frozen=True)
class News:
    """What one person has not read yet of a case that they opened before (新动态); none at all: `entries` is empty."""

    seen: int
    seqs: tuple[int, ...] = ()
    newest: Text | None = None

    @property
    def words(self) -> Text | None:
        if self.newest is None:
            return None
        if len(self.seqs) == 1:
            return Text(f"有新动态：{self.newest.zh}", f"New: {self.newest.en}")
        n = len(self.seqs)
        return Text(f"有新动态：{self.newest.zh}，等 {n} 条", f"New: {self.newest.en}, and {n - 1} more")


def looked(case: Case, *, by: Actor, at: datetime | None = None) -> None:
    """Remember that somebody has read a case as far as it goes now (记下看到哪里). Of staff alone; never goes back."""
    if by.account_id is None or not by.is_staff:
        return
    row = LastLook(account_id=by.account_id, case_id=case.pk, seq=case.seq, at=at or now())
    with hot.one_transaction():
        LastLook.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["account", "case"], update_fields=["seq", "at"]
        )


def news_of(cases: Sequence[Case], actor: Actor) -> dict[int, News]:
    """The news in these cases by their id (各件新动态), in one query; a case that was never opened is not among them."""
    if actor.account_id is None or not cases:
        return {}
    marks = ", ".join(["%s"] * len(cases))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.case_id, l.seq, r.seq, r.action, r.from_step, r.actor_kind "
            "FROM procedures_lastlook l LEFT JOIN records_record r ON r.case_id = l.case_id AND r.seq > l.seq "
            "AND (r.actor IS NULL OR r.actor <> l.account_id) AND r.action NOT LIKE 'clock.%%' "
            f"WHERE l.account_id = %s AND l.case_id IN ({marks}) ORDER BY l.case_id, r.seq LIMIT {ENTRIES_AT_MOST}",
            [actor.account_id, *(case.pk for case in cases)],
        )
        rows = cursor.fetchall()
    by_id = {case.pk: case for case in cases}
    found: dict[int, News] = {}
    for case_id, seen, seq, action, from_step, kind in rows:
        known = found.setdefault(case_id, News(seen))
        if seq is not None:
            title = _title(by_id[case_id], action, from_step, kind)
            found[case_id] = News(seen, (*known.seqs, seq), title)
    return found


def title_of(case: Case, code: str, from_step: str) -> Text:
    """What a record says was done (一条留痕的说法), in the words of staff."""
    procedure = procedure_of(case.version_id)
    action = OWN_ACTIONS.get(code)
    if action is None and from_step in procedure.steps:
        action = procedure.action(from_step, code)
    return action.title if action else OWN_TITLES.get(code, Text("一步", "something was done"))


def _title(case: Case, code: str, from_step: str, kind: str) -> Text:
    title = title_of(case, code, from_step)
    if kind in {"resident", "reporter", "anonymous"}:
        return Text(f"{REPORTER.zh}{title.zh}", f"{REPORTER.en}: {title.en}")
    return title


def unread_cases(actor: Actor) -> QuerySet[LastLook, int]:
    """The ids of the cases that somebody opened and in which others did something since (有新动态的办件)."""
    others = Record.objects.filter(Q(actor__isnull=True) | ~Q(actor=actor.account_id))
    since = others.filter(case_id=OuterRef("case_id"), seq__gt=OuterRef("seq"))
    return LastLook.objects.filter(
        Exists(since.exclude(action__startswith="clock.")), account_id=actor.account_id or 0
    ).values_list("case_id", flat=True)


def forget(at: datetime) -> int:
    """Forget what was looked at long ago (到期清除)."""
    return LastLook.objects.filter(at__lt=at - KEPT).delete()[0]
