"""Erasing what is due (到期删除): facts whose keep period after the end of their case is over.

The record stays and its digest stays, so the chain still proves that something stood there; the fact and its salt are
gone. What a case can be found by and its title go too when they were made from an erased fact.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from linli.base.clock import local, now
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import DayTable, due, parse_period
from linli.kernel.procedures import hot, lastlooks, search
from linli.kernel.procedures.models import Case, ClientKey, HeldBatch, RefusedWrite
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import ErasableFact

REFUSED_KEPT = timedelta(days=30)  # sample
KEYS_KEPT = timedelta(days=90)  # a field device that was offline for a season may still repeat itself
BATCHES_KEPT = timedelta(days=30)  # sample: what became of an act on many cases
AFTER_END = re.compile(r"(.+?) after end")


def keep_until(keep: str, ended_at: datetime) -> date:
    """The day from which a fact is due to be erased (保存期届满日). Refuses a period it cannot read."""
    found = AFTER_END.fullmatch(keep.strip())
    if found is None:
        raise Invalid(
            "procedures.bad_keep",
            Text(
                f"保存期“{keep}”读不懂。请写成 1 year after end。",
                f"Write the keep period {keep!r} as “1 year after end”.",
            ),
        )
    return due(parse_period(found[1]), ended_at, DayTable(), roll=False).unrolled_on


def schedule_erasure(move: Move, *, ended: bool) -> None:
    """Set the day when the case ends (计算删除日期), take it back when the case is taken up again."""
    kept = sorted({f.keep for f in move.procedure.fields.values() if f.keep})
    if kept:
        hot.schedule_erasure(move.case.id, {k: keep_until(k, move.at) if ended else None for k in kept})
    if ended:
        # Where a photo was taken, and where a field worker stood, were needed for the work; the grid stays known.
        hot.forget_photo_places(move.case.id)
        if "field" in move.procedure.channels:
            hot.blur_field_place(move.case.id)


@dataclass(frozen=True)
class Erased:
    n_facts: int
    n_cases: int


def erase_due(at: datetime | None = None, limit: int = 1000) -> Erased:
    """Erase facts that are due, oldest first (删除到期事实), in one short transaction for each case."""
    day = local(at or now()).date()
    rows = ErasableFact.objects.filter(erase_on__lte=day).order_by("erase_on", "id")[:limit]
    by_case: dict[int, list[ErasableFact]] = {}
    for row in rows:
        by_case.setdefault(row.case_id, []).append(row)
    n_facts = 0
    for case_id, facts in by_case.items():
        with hot.one_transaction():
            if hot.lock_case(case_id) is None:
                continue
            # Taken up again since it was listed, a case keeps what it needs.
            still = ErasableFact.objects.filter(pk__in=[f.pk for f in facts], erase_on__lte=day)
            names = set(still.values_list("name", flat=True))
            n_facts += still.delete()[0]
            _forget_words(case_id, names)
    moment = at or now()
    RefusedWrite.objects.filter(at__lt=moment - REFUSED_KEPT).delete()
    ClientKey.objects.filter(at__lt=moment - KEYS_KEPT).delete()
    lastlooks.forget(moment)
    HeldBatch.objects.filter(made_at__lt=moment - BATCHES_KEPT).delete()
    return Erased(n_facts, len(by_case))


def erase_facts(case_id: int, names: Collection[str]) -> int:
    """Erase facts of a case before their time, within the act that calls for it (即时删除): a consent was withdrawn
    (个人信息保护法 47). The record and its digest stay."""
    n_erased = ErasableFact.objects.filter(case_id=case_id, name__in=names).delete()[0]
    if n_erased:
        _forget_words(case_id, set(names))
    return n_erased


def _forget_words(case_id: int, names: set[str]) -> None:
    case = Case.objects.get(pk=case_id)
    procedure = procedure_of(case.version_id)
    if not any(procedure.fields[n].searchable for n in names if n in procedure.fields):
        return
    Case.objects.filter(pk=case_id).update(title=procedure.title.zh, place_text="")
    search.remove(case_id)
    search.add(case_id, f"{procedure.title.zh} {case.number}")
