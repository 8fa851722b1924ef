"""Internal notes on a case (内部备注), and the colleagues whom they name.

A note moves nothing and is never shown to a party. Its words are an erasable fact of the record; who is named is told,
and finds it in a list of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from linli.base.clock import now
from linli.base.errors import Refused, absent
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.base.paging import Page, keyset
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.procedures import hot, keys
from linli.kernel.procedures.colleagues import Colleague, colleagues, named_in
from linli.kernel.procedures.fields import FormContext, clean_form
from linli.kernel.procedures.models import Case, Mention
from linli.kernel.procedures.own_records import NOTE_WORDS, NOTED, OWN_FIELDS
from linli.kernel.procedures.readers import at_work_on, hats_on
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.state import Move, Receipt
from linli.kernel.procedures.telling import notice_params
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.procedures.writing import note
from linli.kernel.records.models import ErasableFact

CASE = Text("办件", "case")
ERASED = Text("（已按规定删除）", "(erased as the rules require)")


@keys.exactly_once
def write_note(
    number: str,
    words: str,
    *,
    by: Actor,
    tell: str = "",
    client_key: str | None = None,
    at: datetime | None = None,
) -> Receipt:
    """Write an internal note on a case (写内部备注); colleagues named in it with @, and `tell` (a user name), are told.

    Whoever may not see the case, or reads it as its party, gets the answer for what does not exist. Refuses an empty
    note, old records, and a name that nobody has who may see the case. Records `case.noted`, its words erasable.
    """
    at = at or now()
    case = visible_to(by).filter(number=number).first()
    if case is None or not by.is_staff or not at_work_on(case, by):
        raise absent(CASE)
    if case.historic:
        raise Refused(
            "noting.historic",
            Text(
                "这是历史导入的旧件，只供查阅，不能加备注。",
                "This was taken over from old records and is only for reading.",
            ),
        )
    hat = next(iter(hats_on(case, by)), by.hats[0])
    content = {"case": case.pk, "action": NOTED.code, "data": {NOTE_WORDS: words, "tell": tell}}
    told = _told(case, words, tell, by)
    with hot.one_transaction():
        state = hot.lock_case(case.pk)
        if state is None:
            raise absent(CASE)
        if known := keys.answer(by, client_key, content):
            return known
        procedure = procedure_of(state.version_id)
        own = replace(procedure, fields={**procedure.fields, **OWN_FIELDS})
        cleaned = clean_form(
            own.fields, NOTED.form, NOTED.optional, {NOTE_WORDS: words}, FormContext(by, state.prefix)
        )
        step = procedure.steps[state.step]
        move = Move(state, own, step, NOTED, cleaned, by, max(at, state.last_at), hat)
        note(move, {"n_told": len(told)})
        _tell(move, [c.account.pk for c in told])
        receipt = Receipt(state.number, state.seq, state.step, state.status)
        keys.keep(by, client_key, content, receipt, at)
    return receipt


def _told(case: Case, words: str, tell: str, by: Actor) -> list[Colleague]:
    found = named_in(f"{words}\n@{tell}" if tell else words, case, by)
    return list({c.account.pk: c for c in found}.values())


def _tell(move: Move, accounts: list[int]) -> None:
    if not accounts:
        return
    me = Account.objects.get(pk=move.actor.account_id or 0)
    Mention.objects.bulk_create(
        Mention(account_id=a, case_id=move.case.id, seq=move.case.seq, by=me, at=move.at) for a in accounts
    )
    params = {**notice_params(move.procedure, move.case), "by": me.title.as_dict()}
    rows = [(uuid7().hex, a, None, "case.mentioned", params, move.case.number) for a in accounts]
    hot.insert_notices(rows, move.at)


def may_note(case: Case, actor: Actor) -> bool:
    """Whether to offer it (能否加备注), to a reader who was let in."""
    return actor.is_staff and not case.historic and actor.account_id is not None


def whom_to_tell(case: Case, actor: Actor, text: str = "", limit: int = 10) -> list[Colleague]:
    """Colleagues to choose from while writing (可提醒的同事)."""
    return colleagues(case, actor, text=text, limit=limit)


# ------------------------------------------------------------------------------------------ named


@dataclass(frozen=True)
class Named:
    """A note that names me (@我的一条)."""

    mention: Mention
    words: Text | str


def mentions_of(actor: Actor, *, cursor: str | None = None, limit: int = 30) -> Page[Named]:
    """The notes that name me, newest first (@我的); of cases that I may still see."""
    rows = Mention.objects.filter(account_id=actor.account_id or 0, case__in=visible_to(actor))
    page: Page[Mention] = keyset(rows.select_related("case__area__parent", "by"), ["-id"], cursor, limit)
    facts = ErasableFact.objects.filter(
        name=NOTE_WORDS, case_id__in={m.case_id for m in page.items}, seq__in={m.seq for m in page.items}
    )
    words = {(f.case_id, f.seq): str(open_fact(bytes(f.value))) for f in facts}
    items = [Named(m, words.get((m.case_id, m.seq), ERASED)) for m in page.items]
    return Page(items, page.next_cursor, page.has_more)


def unread_mentions(actor: Actor) -> QuerySet[Mention]:
    """Those of them that I have not opened (未读的 @我的)."""
    mine = Mention.objects.filter(account_id=actor.account_id or 0, read_at__isnull=True)
    return mine.filter(case__in=visible_to(actor))


def read_mentions(case: Case, *, by: Actor, at: datetime | None = None) -> None:
    """Whoever opens the case has read what names them in it (打开即已读)."""
    mine = Mention.objects.filter(account_id=by.account_id or 0, case=case, read_at__isnull=True)
    if mine.exists():
        with hot.one_transaction():
            mine.update(read_at=at or now())
