"""What becomes of one case under a newer version (单件转版计算): its step, its tasks, its due times; or why it cannot move.

Nothing is written here: the dry run and the move itself ask the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from linli.base.i18n import Text
from linli.kernel.people.hours import hours_of
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.clocks import extension_for, iso, period_for, period_text
from linli.kernel.procedures.definitions import Procedure, Step
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.holders import able_in
from linli.kernel.procedures.mapping import step_after
from linli.kernel.procedures.models import ClockSegment, Task
from linli.kernel.procedures.pauses import (
    Segments,
    begun_at,
    counted,
    counted_by_law,
    limit_of,
    segments_of,
    task_counted,
)
from linli.kernel.procedures.state import CaseState, TaskState
from linli.kernel.procedures.tasking import queue_of

Dues = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class PlannedTask:
    """A task before and after (一项待办的前后)."""

    uid: str
    step: tuple[str, str]
    role: str
    queue: tuple[str, str]
    due: tuple[datetime, datetime]
    period: str
    provisional: bool

    @property
    def changed(self) -> bool:
        return self.step[0] != self.step[1] or self.queue[0] != self.queue[1] or self.due[0] != self.due[1]

    def as_dict(self) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "step": list(self.step),
            "queue": list(self.queue),
            "due": [iso(d) for d in self.due],
            "period": self.period,
        }


@dataclass(frozen=True)
class Replanned:
    """A case before and after (一件的前后)."""

    step: tuple[str, str]
    names: tuple[Text, Text]  # of the step
    titles: tuple[Text, Text]  # the same as the person reads it
    due: Dues
    statutory: Dues
    provisional: bool
    keeps_limits: bool
    tasks: tuple[PlannedTask, ...]

    @property
    def changes_for_the_person(self) -> bool:
        theirs = any(t.due[0] != t.due[1] for t in self.tasks if t.queue[0].startswith("person#"))
        return self.titles[0] != self.titles[1] or self.due[0] != self.due[1] or theirs


def replan(
    state: CaseState, tasks: list[TaskState], old: Procedure, new: Procedure, at: datetime
) -> Replanned | Text:
    """How a case would stand under the newer version (转版后的样子), or in words why it cannot be moved."""
    code = step_after(new, state.step)
    if not code:
        return Text(
            f"“{old.steps[state.step].title.zh}”在新版里没有去处。",
            f"“{old.steps[state.step].title.en}” leads nowhere in the newer version.",
        )
    if reason := _waits_for_what_is_gone(state, new, code) or _counts_parts(state, old, new, code):
        return reason
    segments = segments_of(state.id)
    at = _paused_since(state) or at  # while the clock stands still nothing gets late
    anew = new.moves is not None and new.moves.limits == "new"
    keeps, due, statutory, provisional = _whole(state, new, segments, at) if anew else _kept(state)
    planned: list[PlannedTask] = []
    for task in tasks:
        found = _task(state, task, old, new, segments if anew else None, due[1], at)
        if isinstance(found, Text):
            return found
        planned.append(found)
    before, after = old.steps[state.step], new.steps[code]
    return Replanned(
        step=(state.step, code),
        names=(before.title, after.title),
        titles=(before.public_words or before.title, after.public_words or after.title),
        due=due,
        statutory=statutory,
        provisional=provisional,
        keeps_limits=keeps,
        tasks=tuple(planned),
    )


def _waits_for_what_is_gone(state: CaseState, new: Procedure, step: str) -> Text | None:
    """A clock that stands still on a ground which the newer version does not know could never run on rightly."""
    if state.status != "suspended":
        return None
    lasting = ClockSegment.objects.filter(case_id=state.id, kind="suspended", to_at__isnull=True)
    ground = lasting.order_by("-from_at").values_list("ground", flat=True).first() or ""
    actions = new.actions_at(step)
    known = {g for a in actions if a.suspends for g in a.suspends.grounds}
    if ground in known and any(a.resumes for a in actions):
        return None
    words = GROUNDS.get(ground, Text(ground, ground))
    return Text(
        f"计时因“{words.zh}”中止，新版在这一环节没有这个事由。请先恢复计时，再转。",
        f"Its clock stands still for “{words.en}”, which the newer version does not know at this step. Resume it first.",
    )


def _paused_since(state: CaseState) -> datetime | None:
    if state.status != "suspended":
        return None
    lasting = ClockSegment.objects.filter(case_id=state.id, kind="suspended", to_at__isnull=True)
    return lasting.order_by("-from_at").values_list("from_at", flat=True).first()


def _counts_parts(state: CaseState, old: Procedure, new: Procedure, step: str) -> Text | None:
    """A joint step that ends by number counts the parts that are done; under another name or number it cannot."""
    before, after = old.steps[state.step], new.steps[step]
    if before.n_to_join is None and after.n_to_join is None:
        return None
    if before.code == after.code and before.join == after.join:
        return None
    done = Task.objects.filter(case_id=state.id, step=before.code, done_at__isnull=False)
    if not done.exists():
        return None
    return Text(
        "联办环节已有单位办完，新版的计数办法不同。请等这一环节办完再转。",
        "Some parts of the joint step are done, and the newer version counts them otherwise. Move it after this step.",
    )


# ------------------------------------------------------------------------------------------------ due times


def _kept(state: CaseState) -> tuple[bool, Dues, Dues, bool]:
    due, law = state.due_at, state.statutory_due_at
    return True, (due, due), (law, law), state.provisional


def _whole(
    state: CaseState, new: Procedure, segments: Segments, at: datetime
) -> tuple[bool, Dues, Dues, bool]:
    """The whole case's due times by the newer version, where that is better for the person; else those it has, both of them."""
    due = law = None
    provisional, hours = False, hours_of(None, state.prefix)
    if (period := period_for(new.limit, state.facts)) and new.limit:
        start = begun_at(state, new.limit, at)
        if start is not None:
            found = counted(period, start, segments, new.extend, hours=hours)
            due, provisional = found.due_at, found.provisional
    if (period := period_for(new.statutory_limit, state.facts)) and new.statutory_limit:
        start = begun_at(state, new.statutory_limit, at)
        if start is not None:
            rule = extension_for(new.extend, state.facts)
            law = counted_by_law(period, start, segments, rule, hours=hours).due_at
    dues = ((state.due_at, due), (state.statutory_due_at, law))
    if any(_is_worse(before, after, at) for before, after in dues):
        return _kept(state)
    return False, dues[0], dues[1], provisional


def _is_worse(before: datetime | None, after: datetime | None, at: datetime) -> bool:
    """Later than promised, or past already where it was not: never by a move."""
    if after is None:
        return before is not None
    if before is None:
        return after <= at
    return after > before or (after < before and after <= at)


def _task(
    state: CaseState,
    task: TaskState,
    old: Procedure,
    new: Procedure,
    segments: Segments | None,
    case_due: datetime | None,
    at: datetime,
) -> PlannedTask | Text:
    code = step_after(new, task.step)
    before, step = old.steps[task.step], new.steps[code] if code else None
    if step is None:
        return Text(
            "有一项待办的环节在新版里没有去处。", "One of its tasks leads nowhere in the newer version."
        )
    moved = replace(task, step=code)
    actor = _actor(task, before, step)
    if actor is None:
        return Text(
            "有一项待办在新版里没有承办的一方。",
            "For one of its tasks the newer version knows nobody who acts.",
        )
    if actor != _actor(task, before, before):
        moved.role = actor.partition("@")[0] or "system"
        if task.part == "helper":
            moved.queue = f"{moved.role}#{task.organisation_id}"
        else:
            moved.queue = queue_of(actor or "system", state, recused_from(state.id) if state.recused else ())
        if not moved.queue.startswith(("person#", "system")) and not able_in(moved.queue):
            return Text(
                f"新版由“{actor}”承办，现在没有人在岗。请先任命，再转。",
                f"Under the newer version {actor} acts, and nobody is in post. Have somebody appointed first.",
            )
    due, period, provisional = task.due_at, task.period, task.provisional
    limit = limit_of(step, moved)
    found = period_for(limit, state.facts)
    if segments is not None and limit is not None and found is not None and step.kind != "publicity":
        moved.period = period_text(found)
        counted_anew = task_counted(new, moved, segments, case_due, state.prefix)
        # What a step waits for is for the person's sake, and so is their own time: never shorter.
        for_the_person = step.kind == "timer" or moved.queue.startswith("person#")
        longer = counted_anew.due_at > due
        better = longer if for_the_person else not _is_worse(due, counted_anew.due_at, at)
        if better:
            due, period, provisional = counted_anew.due_at, moved.period, counted_anew.provisional
    return PlannedTask(
        uid=task.uid,
        step=(task.step, code),
        role=moved.role,
        queue=(task.queue, moved.queue),
        due=(task.due_at, due),
        period=period,
        provisional=provisional,
    )


def _actor(task: TaskState, before: Step, step: Step) -> str | None:
    """Who acts on this part at a step; none where a disputed part has nobody to decide about it."""
    if task.part != "disputed":
        return step.actor
    handed = [a.part_to.actor for a in step.actions.values() if a.part_to is not None]
    return next((actor for actor in handed if actor.partition("@")[0] == task.role), None)
