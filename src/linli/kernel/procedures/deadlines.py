"""What is said of a case's time (期限说明): the promise and the law's own limit, and every stretch that moved them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from linli.base.clock import local
from linli.base.i18n import Text
from linli.base.legaltime import Due, Period, parse_period
from linli.base.legaltime_words import Extended, day_text
from linli.kernel.people.hours import hours_of
from linli.kernel.procedures.anew import NOT_BEGUN
from linli.kernel.procedures.clocks import extension_for, period_for
from linli.kernel.procedures.definitions import Limit, Procedure
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.models import Case, ClockSegment
from linli.kernel.procedures.pauses import (
    began_words,
    counted,
    counted_by_law,
    first_entered,
    overdue_pause,
    segments_of,
)
from linli.kernel.procedures.versions import limits_of, procedure_of


@dataclass(frozen=True)
class LimitView:
    """A limit of the whole case (全程时限): how long, until when; without a due time it has not begun, and says why."""

    period: Period
    due: Due | None
    basis: str
    not_begun: Text | None = None

    def same_as(self, other: LimitView) -> bool:
        """As long as the other, and over at the same time (两者一样)."""
        ends = (self.due.due_at if self.due else None, other.due.due_at if other.due else None)
        return self.period == other.period and ends[0] == ends[1]


@dataclass(frozen=True)
class Limits:
    """What was promised beside what the law allows at most (承诺时限与法定时限)."""

    promised: LimitView | None
    law: LimitView | None
    year: int  # in which the case was opened: only another one is said
    stopped: bool = False

    @property
    def words(self) -> Text | None:
        """`承诺 7 个工作日，11月25日前；法定最长 20 个工作日，12月14日前`: until when at the latest, in one line."""
        if self.promised and self.law and self.promised.same_as(self.law):
            return self._said(self.law, Text("承诺与法定时限都是 {x}", "Promised, and the most by law: {x}"))
        promised = self._said(self.promised, Text("承诺 {x}", "Promised: {x}"))
        law = self._said(self.law, Text("法定最长 {x}", "at most by law: {x}"))
        if promised and law:
            return Text(f"{promised.zh}；{law.zh}", f"{promised.en}; {law.en}")
        if law:
            return Text(law.zh, law.en[:1].upper() + law.en[1:])
        return promised

    def _said(self, view: LimitView | None, frame: Text) -> Text | None:
        if view is None:
            return None
        said = frame.format(x=view.period.title)
        if view.due is None:
            waits = view.not_begun or Text("", "")
            return Text(f"{said.zh}（{waits.zh}）", f"{said.en} ({waits.en})")
        for change in view.due.changes:
            if isinstance(change, Extended):
                more = (change.most or change.by).title
                said = Text(f"{said.zh}，延长 {more.zh}", f"{said.en}, extended by {more.en}")
        at = local(view.due.due_at)
        on = day_text(at.date(), self.year)
        if view.period.unit in {"minutes", "hours", "working_hours"}:
            on = Text(f"{on.zh}{at:%H:%M}", f"{on.en} at {at:%H:%M}")
        if self.stopped:
            # What is left of it is counted on when the clock runs again.
            until = Text(f"中止前算到{on.zh}", f"by {on.en} as it stood when the clock stopped")
        else:
            until = Text(f"{on.zh}前", f"by {on.en}")
        if view.due.provisional:
            until = Text(f"{until.zh}（暂定）", f"{until.en} (provisional)")
        return Text(f"{said.zh}，{until.zh}", f"{said.en}, {until.en}")


@dataclass(frozen=True)
class SegmentView:
    """One stretch in which the clock stood still, or by which a limit grew (一段计时): as both readers may know it."""

    kind: str  # suspended | extended
    from_at: datetime
    to_at: datetime | None
    ground: Text
    basis: str
    document: str
    approved_by: Text | None
    notified_at: datetime | None
    until_at: datetime | None = None  # a pause that still lasts runs out by itself then
    needs_telling: bool = True
    not_begun: bool = False  # before the limit began to run: nothing was stopped

    @property
    def told(self) -> Text | None:
        """Whether the person was told (是否已告知); in a case without a known person there is nobody to tell."""
        if not self.needs_telling:
            return None
        if self.notified_at is None:
            return Text("没有可告知的人", "there was nobody to tell")
        day = local(self.notified_at)
        on = day_text(day.date(), local(self.from_at).year)
        return Text(f"{on.zh}已告知当事人", f"the person was told on {on.en}")


CLOSED = "closed"  # the ground of the time between an end and a reopening


def case_limits(case: Case) -> Limits:
    """The promised limit of the whole case and the law's own (承诺与法定时限), as they stand now."""
    procedure = limits_of(case)
    return Limits(
        _view(case, procedure, procedure.limit, counted),
        _view(case, procedure, procedure.statutory_limit, counted_by_law),
        local(case.opened_at).year,
        stopped=case.status == "suspended",
    )


def case_due(case: Case) -> Due | None:
    """The whole case's promised limit with its explanation (全程时限说明)."""
    promised = case_limits(case).promised
    return promised.due if promised else None


def segments_shown(case: Case) -> list[SegmentView]:
    """Every pause and extension with ground, article, document, who approved it and when the person was told (计时记录).
    The time between an end and a reopening stands among them, since it counted for nobody."""
    rows = ClockSegment.objects.filter(case=case).select_related("approved_by").order_by("from_at", "id")
    return [
        SegmentView(
            kind=row.kind,
            from_at=row.from_at,
            to_at=row.to_at,
            ground=_ground(row),
            basis=row.basis,
            document=row.document,
            approved_by=row.approved_by.title if row.approved_by else None,
            notified_at=row.notified_at,
            until_at=_runs_out(case) if row.kind == "suspended" and row.to_at is None else None,
            needs_telling=row.ground != CLOSED,
            not_begun=row.ground == NOT_BEGUN,
        )
        for row in rows
    ]


def _runs_out(case: Case) -> datetime | None:
    return overdue_pause(case.pk, procedure_of(case.version_id))


def _ground(row: ClockSegment) -> Text:
    if row.kind == "extended":
        return parse_period(row.ground).title
    return GROUNDS.get(row.ground, Text(row.ground, row.ground))


def _view(
    case: Case, procedure: Procedure, limit: Limit | None, count: Callable[..., Due]
) -> LimitView | None:
    period = period_for(limit, case.facts)
    if limit is None or period is None:
        return None
    start = first_entered(case.pk, limit.start) if limit.start else case.opened_at
    if start is None:
        step = procedure.steps[limit.start].title
        waits = Text(f"从“{step.zh}”起算，还没有开始", f"runs from “{step.en}”, not begun yet")
        return LimitView(period, None, limit.basis, waits)
    due = count(
        period,
        start,
        segments_of(case.pk),
        extension_for(procedure.extend, case.facts),
        hours=hours_of(None, case.grid),
        began=began_words(procedure, limit),
    )
    return LimitView(period, due, limit.basis)
