"""An invented case walked through a procedure (试一试): step by step who would act, until when by the official calendar, and who
is told what. It only reads: nothing is opened, nobody is told, no number is used up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli.base.errors import NotFound
from linli.base.i18n import Text
from linli.base.legaltime import Due
from linli.kernel.notices.models import Notice
from linli.kernel.notices.services import as_params
from linli.kernel.notices.templates import Rendered, render
from linli.kernel.people.models import Account
from linli.kernel.places.models import Area
from linli.kernel.procedures.clocks import due_for, hours_at, period_for, task_due
from linli.kernel.procedures.definitions import Action, FieldDef, Limit, Procedure, Step
from linli.kernel.procedures.holders import UPWARD, able_in, area_of_queue, nearest_queue
from linli.kernel.procedures.registry import LIMIT_SOURCES
from linli.kernel.procedures.telling import usual_template
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.procedures.wording import actor_words, actors

MOST_STEPS = 20  # a way that turns in circles ends here
NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Stage:
    """One step of the way (一个环节): who would act, until when, what may be done there and what was chosen."""

    step: Step
    actor: Text
    area: Text | None  # whose queue it would wait in
    people: tuple[Text, ...]
    n_people: int
    is_vacant: bool  # a role of an area that nobody holds
    began_at: datetime
    due: Due | None
    offered: tuple[Action, ...]
    taken: Action | None
    by: Text | None  # who does what was chosen
    also_told: Text | None
    person_reads: Rendered | None


@dataclass(frozen=True)
class Trial:
    """The whole way (全程)."""

    stages: tuple[Stage, ...]
    received: Rendered | None
    due: Due | None  # of the whole case
    is_ended: bool


def asked_facts(procedure: Procedure) -> list[FieldDef]:
    """What limits go by (影响时限的填写项), where it can be chosen."""
    steps = procedure.steps.values()
    limits = [procedure.limit, *(s.within for s in steps), *(s.helpers_within for s in steps)]
    codes = dict.fromkeys(limit.by for limit in limits if limit is not None and limit.by not in LIMIT_SOURCES)
    return [
        procedure.fields[code]
        for code in codes
        if code in procedure.fields and procedure.fields[code].choices
    ]


def walk(
    procedure: Procedure, prefix: str, *, at: datetime, facts: Mapping[str, str], taken: Sequence[str] = ()
) -> Trial:
    """Walk an invented case at a place through a procedure (试走), each step taking all the time that it has. `taken` are
    the actions chosen, in order; where one is not open, and after the last, the ordinary one is taken."""
    known: dict[str, Any] = dict(facts)
    whole = _whole(procedure.limit, known, at) if not (procedure.limit and procedure.limit.start) else None
    received = None
    if "applicant" in procedure.open_notifies:
        received = _words("case.received", procedure, procedure.steps[procedure.first], whole, prefix, at)
    stages: list[Stage] = []
    code, began, entered = procedure.first, at, dict[str, datetime]()
    while len(stages) < MOST_STEPS:
        step = procedure.steps[code]
        entered.setdefault(code, began)
        if procedure.limit and procedure.limit.start == code and whole is None:
            whole = _whole(procedure.limit, known, began)
        chosen = taken[len(stages)] if len(stages) < len(taken) else ""
        stage = _stage(procedure, step, prefix, began, known, whole, chosen, set(entered))
        stages.append(stage)
        if stage.taken is None:
            break
        code, began = stage.taken.to, stage.due.due_at if stage.due else began
    return Trial(tuple(stages), received, whole, stages[-1].step.kind == "end")


def _whole(limit: Limit | None, facts: dict[str, Any], at: datetime) -> Due | None:
    period = period_for(limit, facts)
    return due_for(period, at) if period else None


def _stage(
    procedure: Procedure,
    step: Step,
    prefix: str,
    began: datetime,
    facts: dict[str, Any],
    whole: Due | None,
    chosen: str,
    seen: set[str],
) -> Stage:
    queue, is_vacant, accounts = _queue(step.actor, prefix)
    due = None
    if step.kind != "end":
        hours = hours_at(queue, None, prefix)
        due, _ = task_due(step.within, facts, began, case_due=whole.due_at if whole else None, hours=hours)
    offered = tuple(a for a in procedure.actions_at(step.code) if a.to)
    taken = next((a for a in offered if a.code == chosen), None) or _ordinary(step, offered, seen)
    area = Area.objects.filter(prefix=area_of_queue(queue)).first() if "@" in queue else None
    names = {a.pk: a.title for a in Account.objects.filter(pk__in=accounts[:NAMED_AT_MOST])}
    reads = also = by = None
    if taken is not None:
        by = (
            actors(taken.by) if taken.by else actor_words(step.actor) if step.actor else actor_words("system")
        )
        others = [spec for spec in taken.notifies if spec != "applicant"]
        also = actors(others) if others else None
        if "applicant" in taken.notifies:
            reads = _told(procedure, step, taken, whole, prefix, due.due_at if due else began)
    return Stage(
        step,
        actor_words(step.actor or "system"),
        area.title if area else None,
        tuple(names[pk] for pk in accounts[:NAMED_AT_MOST] if pk in names),
        len(accounts),
        is_vacant,
        began,
        due,
        offered,
        taken,
        by,
        also,
        reads,
    )


def _queue(actor: str, prefix: str) -> tuple[str, bool, list[int]]:
    """Where it would wait, whether nobody is there, and who could take it; of an organisation nothing is known yet."""
    role, _, level = actor.partition("@")
    if level not in UPWARD:
        return "", False, []
    queue = nearest_queue(role, level, prefix)
    found = able_in(queue)
    return queue, not found, sorted(set(found))


def _ordinary(step: Step, offered: Sequence[Action], seen: set[str]) -> Action | None:
    """What is usually done: the first act for the person that leads on, and not back."""
    onward = [a for a in offered if a.to not in seen and a.code in step.actions]
    kind = [
        a
        for a in onward
        if not a.adverse and not a.parts and (set(a.by) != {"system"} or a.code == step.timeout)
    ]
    return next(iter([*kind, *onward]), None)


def _told(
    procedure: Procedure, step: Step, action: Action, whole: Due | None, prefix: str, at: datetime
) -> Rendered:
    target = procedure.steps[action.to]
    code = usual_template(procedure, step, action, moved=True, ended=target.kind == "end")
    more: dict[str, Any] = {}
    if action.adverse and action.remedy:
        try:
            remedy = procedure_of(current_version(action.remedy, prefix))
        except NotFound:
            remedy = None
        if remedy is not None:
            within = remedy.challenge.within if remedy.challenge else None
            more = {"remedy": remedy.title, "until_at": due_for(within, at).due_at if within else None}
    return _words(code, procedure, target, whole, prefix, at, **more)


def _words(
    code: str, procedure: Procedure, step: Step, whole: Due | None, prefix: str, at: datetime, **more: Any
) -> Rendered:
    """As the notice would read, with what the engine gives it (通知的样子)."""
    params = {
        "procedure": procedure.title,
        "step": step.public_words or step.title,
        "due": whole.due_at if whole else None,
        **more,
    }
    number = f"{prefix[:6]}-{procedure.prefix}-{at.year}-000000"
    return render(
        Notice(template=code, params=as_params(params), language="", case_number=number, created_at=at)
    )
