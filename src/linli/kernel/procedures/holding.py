"""An act on many cases, held for a moment (批量办理，稍候执行): the record only grows, so what can be undone is what has
not been done yet.

A batch is written down, waits fifteen seconds, and is then carried out by the worker or by the page that counted them,
whoever comes first. Each case goes through the engine's door on its own; one that moved meanwhile is left out and says
why. Whoever loses a post or sight of a case while it waits acts no more in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Account
from linli.kernel.procedures import engine, hot, keys
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.fields import FormContext, clean_form
from linli.kernel.procedures.models import Case, HeldBatch
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to

WAITS = timedelta(seconds=15)  # sample
MOST = 50
LAPSES = timedelta(minutes=2)  # a claim whose holder died: each case's own key keeps it from being done twice
BATCH = Text("这一批", "batch")


def hold(
    cases: Sequence[Case],
    action: Action,
    data: Mapping[str, Any],
    *,
    by: Actor,
    client_key: str,
    seqs: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> HeldBatch:
    """Write down an act on these cases, to be done in a moment (登记一批待执行). The same key again is the same batch.

    Refuses an empty list, more than fifty, and entries that do not pass: those before anything is written.
    """
    at = at or now()
    assert by.account_id is not None  # a resident has no inbox
    if not 0 < len(cases) <= MOST:
        raise Refused(
            "holding.how_many",
            Text(f"一次可以办 1 到 {MOST} 件。请重新选择。", f"Choose 1 to {MOST} cases at once."),
        )
    procedure = procedure_of(cases[0].version_id)
    context = FormContext(by, cases[0].grid, owner=keys.owner_of(by, client_key))
    clean_form(procedure.fields, action.form, action.optional, data, context)
    batch = HeldBatch(
        account_id=by.account_id,
        key=keys.scoped(by, client_key),
        action=action.code,
        title=action.title.as_dict(),
        data=json.dumps(dict(data), ensure_ascii=False),
        items=[[case.number, (seqs or {}).get(case.number, case.seq)] for case in cases],
        made_at=at,
        run_at=at + WAITS,
    )
    try:
        with hot.one_transaction():
            batch.save(force_insert=True)
    except IntegrityError:
        return HeldBatch.objects.get(key=batch.key)
    return batch


def access_batch(uid: UUID, actor: Actor) -> HeldBatch:
    """One's own batch (我的一批); another's is not there."""
    found = HeldBatch.objects.filter(uid=uid, account_id=actor.account_id or 0).first()
    if found is None:
        raise absent(BATCH)
    return found


def entries_of(batch: HeldBatch) -> dict[str, Any]:
    """What was entered, as long as it is kept (填写的内容)."""
    found: dict[str, Any] = json.loads(batch.data) if batch.data else {}
    return found


def cancel(uid: UUID, *, by: Actor, at: datetime | None = None) -> dict[str, Any]:
    """Take a batch back before it is done (撤销这一批); gives what was entered, to be mended. Refuses once it has begun."""
    at = at or now()
    batch = access_batch(uid, by)
    entered = entries_of(batch)
    waiting = HeldBatch.objects.filter(
        pk=batch.pk, cancelled_at__isnull=True, done_at__isnull=True, claimed_at__isnull=True
    )
    with hot.one_transaction():
        if not waiting.update(cancelled_at=at, data=None) and batch.cancelled_at is None:
            raise Refused(
                "holding.begun",
                Text(
                    "已经开始办理，撤不回了。办好的可以在各案卷里看接下来能做什么。",
                    "It has begun and cannot be taken back. Each case says what can be done next.",
                ),
            )
    return entered


def run_now(uid: UUID, *, by: Actor, at: datetime | None = None) -> HeldBatch:
    """Do one's own batch without waiting longer (现在就办). One that is done, or that somebody is at, stays as it is."""
    batch = access_batch(uid, by)
    _carry_out(batch.pk, at or now())
    batch.refresh_from_db()
    return batch


def run_due(at: datetime | None = None, limit: int = 20) -> int:
    """Do what has waited long enough (执行到时的批次), for the worker; how many batches were done."""
    at = at or now()
    due = HeldBatch.objects.filter(run_at__lte=at, done_at__isnull=True, cancelled_at__isnull=True)
    free = due.filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LAPSES)).order_by("run_at")
    return sum(_carry_out(pk, at) for pk in list(free.values_list("pk", flat=True)[:limit]))


def _carry_out(pk: int, at: datetime) -> bool:
    """Whoever changes the row from unclaimed to claimed does it; nobody else."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LAPSES)
    with hot.one_transaction():
        mine = HeldBatch.objects.filter(free, pk=pk, done_at__isnull=True, cancelled_at__isnull=True)
        if not mine.update(claimed_at=at):
            return False
    batch = HeldBatch.objects.get(pk=pk)
    by = actor_for(Account.objects.get(pk=batch.account_id))
    data = entries_of(batch)
    outcome = [_do(batch, str(number), int(seq), data, by) for number, seq in batch.items]
    with hot.one_transaction():
        HeldBatch.objects.filter(pk=pk).update(done_at=now(), outcome=outcome, data=None)
    return True


def _do(batch: HeldBatch, number: str, seq: int, data: dict[str, Any], by: Actor) -> dict[str, Any]:
    case = visible_to(by).filter(number=number).first()
    try:
        if case is None:
            raise absent(Text("办件", "case"))
        engine.act(case, batch.action, data, by=by, seq=seq, client_key=f"held:{batch.uid}:{number}")
    except LinliError as error:
        fields = error.fields.values() if isinstance(error, Invalid) else ()
        words = next(iter(fields), error.message)
        return {"number": number, "done": False, "words": words.as_dict()}
    return {"number": number, "done": True, "words": batch.title}
