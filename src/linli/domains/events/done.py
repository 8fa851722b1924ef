"""What was done of late, as anybody may know it (刚办好的事): the kind of thing, the village, how many days; nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.base.clock import local
from linli.base.i18n import Text
from linli.domains.events.services import PROCEDURE
from linli.kernel.places.models import Area
from linli.kernel.procedures.casebook import public_summary
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import in_area

LATELY = timedelta(days=30)
LOOKED_THROUGH = 300
FEWEST = 5
"""Of fewer than this nothing is said: a number that small can point at a person (decisions.md, safeguards)."""


@dataclass(frozen=True)
class Done:
    """One thing that was done (办好的一件)."""

    category: Text
    place: Text
    took: Text


def lately_done(area: Area | None, *, at: datetime, shown: int = 3) -> list[Done]:
    """What was solved in an area in the last thirty days (近期办好的), newest first, in one query.

    Among the area's newest cases. Nothing where they are too few; never what is about a person in need of help, whom
    an organisation is recused from, or what has no category.
    """
    rows = (
        Case.objects.filter(
            in_area(area.prefix) if area else in_area(""), procedure=PROCEDURE, historic=False
        )
        .select_related("area__parent", "event__category")
        .order_by("-id")[:LOOKED_THROUGH]
    )
    solved = [
        row
        for row in rows
        if row.outcome == "resolved"
        and row.ended_at is not None
        and row.ended_at > at - LATELY
        and not row.recused
        and (category := row.event.category) is not None
        and not category.help_case
    ]
    if len(solved) < FEWEST:
        return []
    solved.sort(key=lambda row: row.ended_at or at, reverse=True)
    return [
        Done(row.event.category.title, public_summary(row).place, _took(row.opened_at, row.ended_at))
        for row in solved[:shown]
        if row.event.category is not None and row.ended_at is not None
    ]


def _took(opened_at: datetime, ended_at: datetime) -> Text:
    days = (local(ended_at).date() - local(opened_at).date()).days
    if days == 0:
        return Text("当天办好", "done the same day")
    return Text(f"用了 {days} 天", f"took {days} days" if days != 1 else "took 1 day")
