"""Who else has a form of a case open just now, and what was done in it meanwhile (谁正在填写、刚刚谁办了).

For colleagues who may see the case, so that two do not do the same work. One row for each that is there, gone after two
minutes; nothing about who worked when is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.procedures import hot
from linli.kernel.procedures.casebook import REPORTER, SYSTEM_NAME
from linli.kernel.procedures.lastlooks import title_of
from linli.kernel.procedures.models import Case, OpenForm
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Record

LASTS = timedelta(minutes=2)


@dataclass(frozen=True)
class Here:
    """A colleague with a form open (正在填写的同事)."""

    who: Text
    what: Text


@dataclass(frozen=True)
class Done:
    """What somebody else did last (刚刚办的)."""

    seq: int
    who: Text
    what: Text
    at: datetime


def form_opened(case: Case, action: str, *, by: Actor, at: datetime | None = None) -> None:
    """Somebody has a form open, or has it still (正在填写): for two minutes, in place of what stood there before."""
    if by.account_id is None:
        return
    at = at or now()
    row = OpenForm(account_id=by.account_id, case_id=case.pk, action=action[:60], until_at=at + LASTS)
    with hot.one_transaction():
        OpenForm.objects.filter(until_at__lt=at).delete()
        OpenForm.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["case", "account"],
            update_fields=["action", "until_at"],
        )


def form_left(case: Case, *, by: Actor) -> None:
    """The form is sent or put away (不再填写)."""
    with hot.one_transaction():
        OpenForm.objects.filter(case=case, account_id=by.account_id or 0).delete()


def others_here(case: Case, actor: Actor, at: datetime | None = None) -> list[Here]:
    """Which colleagues have a form of this case open (还有谁在填), for a reader who was let in."""
    rows = OpenForm.objects.filter(case=case, until_at__gte=at or now()).select_related("account")
    found = rows.exclude(account_id=actor.account_id or 0).order_by("account_id")[:10]
    procedure = procedure_of(case.version_id)
    return [
        Here(
            row.account.title,
            action.title if (action := procedure.action(case.step, row.action)) else Text("", ""),
        )
        for row in found
    ]


def done_since(case: Case, seq: int, actor: Actor) -> Done | None:
    """The last thing that others did after this record (我打开以后别人办的), the clock's reminders left out."""
    if case.seq <= seq:
        return None
    rows = Record.objects.filter(case_id=case.pk, seq__gt=seq).exclude(action__startswith="clock.")
    last = next(
        (r for r in rows.order_by("-seq")[:20] if r.actor is None or r.actor != actor.account_id), None
    )
    if last is None:
        return None
    who = SYSTEM_NAME
    if last.actor_kind in {"resident", "reporter", "anonymous"}:
        who = REPORTER
    elif last.actor is not None and (account := Account.objects.filter(pk=last.actor).first()):
        who = account.title
    return Done(last.seq, who, title_of(case, last.action, last.from_step), last.at)


def marks(here: Sequence[Here], done: Done | None) -> str:
    """What a page has to know to see that nothing changed (内容标记)."""
    return ";".join([str(done.seq if done else 0), *(f"{h.who.en}:{h.what.en}" for h in here)])
