"""Who may do what, now (权限判断): the holder of the task, or whom the action itself names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import NotAllowed
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures.definitions import Action, Procedure, Step
from linli.kernel.procedures.holders import area_queues, nearest_queue
from linli.kernel.procedures.models import Case, Recusal
from linli.kernel.procedures.state import CaseState, TaskState

BESIDE_APPLICANT = frozenset({"agent"})  # helps whoever applies, by the post itself (代办员)
Authority = tuple[Hat | None, TaskState | None]


def queues_of(actor: Actor) -> list[str]:
    """Every queue whose tasks this person may take (我能接的队列)."""
    found: list[str] = []
    for hat in actor.hats:
        for role in sorted(hat.roles):
            found += [*area_queues(role, hat.area_prefix), f"{role}#{hat.organisation_id}"]
    if actor.person_id is not None:
        found.append(f"person#{actor.person_id}")
    return sorted(set(found))


def hat_for_queue(actor: Actor, queue: str) -> Hat | None:
    for hat in actor.hats:
        for role in hat.roles:
            if queue == f"{role}#{hat.organisation_id}" or queue in area_queues(role, hat.area_prefix):
                return hat
    return None


def is_recused(case: CaseState, actor: Actor) -> bool:
    """An organisation that is complained about never handles (回避), in whatever post its people sit."""
    if not case.recused or not actor.hats:
        return False
    return Recusal.objects.filter(case_id=case.id, organisation_id__in=actor.organisation_ids).exists()


def recused_from(case_id: int) -> tuple[int, ...]:
    """The organisations that are recused from a case (回避单位), for whatever comes out of it."""
    return tuple(Recusal.objects.filter(case_id=case_id).values_list("organisation_id", flat=True))


def cases_recused_from(actor: Actor) -> frozenset[int]:
    """The cases from which this person's organisations are recused (本人所在单位回避的办件)."""
    rows = Recusal.objects.filter(organisation_id__in=sorted(actor.organisation_ids))
    return frozenset(rows.values_list("case_id", flat=True))


def may(
    case: CaseState,
    procedure: Procedure,
    step: Step,
    action: Action,
    tasks: Sequence[TaskState],
    actor: Actor,
) -> Authority | None:
    """The hat and the task with which this person may act; nothing when they may not."""
    if actor.kind == "system":
        return None, (tasks[0] if tasks else None)
    if actor.acting is not None and actor.acting.covers(procedure.code, case.number):
        if case.applicant_id == actor.acting.grantor_id:
            if not actor.acting.rates and is_rating(procedure, action):
                return None  # a rating is the person's own, unless they said otherwise
            actor = replace(actor, person_id=case.applicant_id, hats=(), acting=None)
    actor = _at_work(case, procedure, actor)
    task = _own_task((t for t in tasks if fits(action, t)), actor)
    if action.by:
        hat = _named(action.by, case, actor)
        if hat is None:
            return None
        return (hat if isinstance(hat, Hat) else None), (task[1] if task else None)
    if action.extends and procedure.extend is not None:
        hat = _named((procedure.extend.by,), case, actor)
        return None if hat is None else ((hat if isinstance(hat, Hat) else None), None)
    return task


def _at_work(case: CaseState, procedure: Procedure, actor: Actor) -> Actor:
    """Nobody handles their own case, nor one in which they help its applicant (回避), whatever posts they hold; nor what
    comes out of one and concerns nobody itself, such as what offices settle about it."""
    if not actor.hats or actor.person_id is None:
        return actor
    about = (case.applicant_id, procedure.code, case.number)
    if case.applicant_id is None and case.origin_id is not None:
        origin = Case.objects.filter(pk=case.origin_id)
        about = origin.values_list("applicant_id", "procedure", "number").get()
    if not actor.involved_in(*about):
        return actor
    if actor.person_id == about[0]:
        return replace(actor, hats=())
    beside = tuple(h for h in actor.hats if h.roles <= BESIDE_APPLICANT)
    return replace(actor, hats=beside, case_ids=frozenset())


def is_rating(procedure: Procedure, action: Action) -> bool:
    """Whether an act gives a rating (是不是评价)."""
    return any(procedure.fields[code].type == "rating" for code in action.form)


def fits(action: Action, task: TaskState) -> bool:
    """Whether an action is for this part of a joint step: a disputed part waits for its decision alone."""
    if action.parts:
        return task.part in action.parts
    return task.part != "disputed"


def _own_task(tasks: Iterable[TaskState], actor: Actor) -> Authority | None:
    for task in tasks:
        if task.queue == f"person#{actor.person_id}":
            return None, task
        if hat := hat_for_queue(actor, task.queue):
            return hat, task
    return None


def _named(specs: Iterable[str], case: CaseState, actor: Actor) -> Hat | bool | None:
    for spec in specs:
        if spec in {"applicant", "reporter"}:
            if actor.person_id is not None and actor.person_id == case.applicant_id:
                return True
            if case.id in actor.case_ids and not actor.hats:
                return True  # whoever printed the code at the window is not its party
            continue
        role, _, level = spec.partition("@")
        for hat in actor.hats:
            if role not in hat.roles:
                continue
            if level == "assigned":
                if hat.organisation_id == case.lead_id:
                    return hat
            elif level == "window":
                if hat.organisation_id == case.window_id:
                    return hat
            elif _covers(hat, role, level, case):
                return hat
    return None


def _covers(hat: Hat, role: str, level: str, case: CaseState) -> bool:
    """Whether a post is meant by `role@level` (岗位是否达到层级): at that level or above, over the case's area; a post
    below it only where its tasks would come to it too, because nobody at that level is there."""
    if case.prefix.startswith(hat.area_prefix) and len(hat.area_prefix) <= PREFIX_LENGTH[level]:
        return True
    return nearest_queue(role, level, case.prefix) in area_queues(role, hat.area_prefix)


def not_yours(step: Step, tasks: Sequence[TaskState]) -> NotAllowed:
    return NotAllowed(
        "procedures.not_yours",
        Text(
            f"这件事现在在“{step.title.zh}”环节，不由您办理。需要处理时请联系承办单位或上级督查。",
            f"This case is at “{step.title.en}” and is not yours to act on. "
            "Ask the organisation that has it, or the supervisor.",
        ),
        queues=[t.queue for t in tasks],
    )
