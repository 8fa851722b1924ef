"""Who has which part of a joint step (谁在办哪一部分), since when, until when, and why: for staff and for the party."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linli.base.i18n import Text
from linli.kernel.places.models import Area
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.holders import area_of_queue
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.parts import DISPUTED
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Record

LEAD, HELPER = Text("主办", "Lead"), Text("协办", "Helps")
NO_LONGER = Text("不再由它办", "No longer theirs")
DECIDES = Text("裁定异议", "Decides a dispute")


@dataclass(frozen=True)
class Hand:
    """One part of the work (一份工作): whose it is, who has it now, its stretch of time, and what became of it."""

    who: Text
    part: Text
    since: datetime
    due_at: datetime
    done_at: datetime | None
    said: Text | None
    late: bool


def hands(case: Case, at: datetime) -> list[Hand]:
    """The parts of the step where the case stands, done and open ones, in the order in which they began.

    Nothing where one organisation has it all: then the case itself says who has it.
    """
    procedure = procedure_of(case.version_id)
    step = procedure.steps[case.step]
    if step.kind != "joint":
        return []
    entered = Record.objects.filter(case_id=case.pk, to_step=case.step).order_by("-seq").first()
    rows = (
        Task.objects.filter(case=case, step=case.step)
        .select_related("organisation")
        .order_by("opened_at", "id")
    )
    if entered is not None:
        rows = rows.filter(opened_at__gte=entered.at)
    tasks = list(rows)
    if len(tasks) < 2:
        return []
    handing_over = {a.code for a in step.actions.values() if a.part_to}
    decided = {a.code: a for a in step.actions.values() if a.returns}
    taken_away = {t.pk for t in tasks if t.done_at and t.outcome not in step.actions}  # such as by a recusal
    found = []
    for task in tasks:
        disputed = task.part == DISPUTED
        end = task.done_at or at
        found.append(
            Hand(
                who=_decider(task) if disputed else _whose(task),
                part=DECIDES if disputed else LEAD if task.part == "lead" else HELPER,
                since=task.opened_at,
                due_at=task.due_at,
                done_at=task.done_at,
                said=NO_LONGER if task.pk in taken_away else _said(task, handing_over, decided),
                late=case.status != "suspended" and end > task.due_at,
            )
        )
    return found


def _whose(task: Task) -> Text:
    return task.organisation.title if task.organisation else _decider(task)


def _decider(task: Task) -> Text:
    """The post that a queue reaches, with its area: `鼓东街道的调度员`."""
    prefix = area_of_queue(task.queue)
    area = Area.objects.filter(prefix=prefix).first() if prefix else None
    title = role_title(task.role)
    return Text("{a}的{r}", "{r} of {a}").format(a=area.title, r=title) if area else title


def _said(task: Task, handing_over: set[str], decided: dict[str, Action]) -> Text | None:
    """What became of this part, in one sentence; nothing while it is simply being worked on."""
    if task.outcome in handing_over:
        return Text("提出：这不属于本单位职责", "Says that this part is not theirs")
    if task.part != DISPUTED:
        return Text("已完成", "Done") if task.done_at else None
    title = task.organisation.title if task.organisation else Text("协办单位", "a helping organisation")
    if task.done_at is None:
        return Text(
            "{x}认为协办部分不归自己，正在裁定；其他单位照常办",
            "{x} says its part is not theirs; being decided, the others go on",
        ).format(x=title)
    action = decided.get(task.outcome)
    words = {
        "same": Text("异议不成立，仍由{x}办", "Rejected: {x} does it"),
        "other": Text("异议成立，改由别的单位办", "Upheld: another organisation does it"),
        "none": Text("异议成立，不再需要这一部分", "Upheld: this part is not needed"),
    }
    return words[action.returns if action else "none"].format(x=title)
