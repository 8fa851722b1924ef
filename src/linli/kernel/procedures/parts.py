"""Many hands on one case (联合办理): the parts of a joint step, when they make a whole, and a part that is disputed.

A joint step has one task for its lead and one for every helper, each with its own limit. What a helper reports is
their part; the step is done when its lead is (`join = "lead"`), when all are ("all"), or when so many are ("2 of 3").
An action that only the lead may do (`parts = ["lead"]`) speaks for the whole step.

A helper who says that their part is not theirs hands it to whoever decides (`part_to`): the others go on meanwhile.
The decision gives it back to the same organisation, or to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.people.models import Organisation, Post
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.holders import accounts_in
from linli.kernel.procedures.models import Recusal, Task
from linli.kernel.procedures.recusal import organisations_recused
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.procedures.tasking import helpers_role, part_task, queue_of
from linli.kernel.records.models import Record

DISPUTED = "disputed"


def what_closes(move: Move, tasks: list[TaskState]) -> tuple[bool, list[TaskState]]:
    """Whether the case moves on, and which tasks are done by this act."""
    own, action, step = move.task, move.action, move.step
    if action.part_to or action.returns:
        return False, [own] if own is not None else []
    if not move.to:
        return False, []
    speaks_for_all = bool(action.by) or action.parts == ("lead",)
    if step.kind != "joint" or own is None or speaks_for_all:
        return True, tasks
    others = [t for t in tasks if t.uid != own.uid]
    if step.n_to_join is not None:
        enough = _n_done(move) + 1 >= step.n_to_join or not others
        return enough, tasks if enough else [own]
    if step.join == "all":
        return not others, [own]
    if own.part == "helper":
        return False, [own]
    return True, tasks


def _n_done(move: Move) -> int:
    """How many parts of this step were done since it was last entered."""
    entered = Record.objects.filter(case_id=move.case.id, to_step=move.step.code).order_by("-seq").first()
    done = Task.objects.filter(case_id=move.case.id, step=move.step.code, done_at__isnull=False)
    done = done.exclude(part=DISPUTED).exclude(outcome__in=_handing_over(move))
    if entered is not None:
        done = done.filter(opened_at__gte=entered.at)
    return done.count()


def _handing_over(move: Move) -> list[str]:
    return [a.code for a in move.step.actions.values() if a.part_to]


def opens_part(move: Move) -> list[TaskState]:
    """The task that takes the place of a part which was handed over, or decided about."""
    own, action = move.task, move.action
    if own is None:
        return []
    if action.part_to:
        barred = recused_from(move.case.id) if move.case.recused else ()
        queue = queue_of(action.part_to.actor, move.case, barred)
        return [
            part_task(move, DISPUTED, queue, own.organisation_id, action.part_to.within, action.part_to.actor)
        ]
    if action.returns not in {"same", "other"}:
        return []
    organisation = own.organisation_id if action.returns == "same" else _instead(move)
    part = "lead" if organisation == move.case.lead_id else "helper"
    step = move.step
    role = helpers_role(step) if part == "helper" else step.actor.split("@")[0]
    limit = step.helpers_within or step.within if part == "helper" else step.within
    return [part_task(move, part, f"{role}#{organisation}", organisation, limit, role)]


def _instead(move: Move) -> int:
    found = next(
        (
            move.found[c]
            for c in move.data
            if move.procedure.fields[c].assigns == "instead" and c in move.found
        ),
        None,
    )
    if not isinstance(found, int):
        raise Refused(
            "procedures.nobody_instead",
            Text("请选定改由哪个单位办理。", "Choose the organisation that is to do it instead."),
        )
    return found


def swap_helper(move: Move) -> dict[str, Any]:
    """The list of helpers, with the organisation that a part went to in place of the one it came from."""
    own = move.task
    if move.action.returns not in {"other", "none"} or own is None:
        return {}
    organisation = _instead(move) if move.action.returns == "other" else None
    move.helper_ids = [organisation] if organisation else []
    named = [own.organisation_id, organisation]
    codes = dict(Organisation.objects.filter(pk__in=[n for n in named if n]).values_list("pk", "code"))
    before, after = (codes.get(pk) if pk else None for pk in named)
    return {
        name: [c if c != before else after for c in move.case.facts[name] if c != before or after]
        for name, field in move.procedure.fields.items()
        if field.assigns == "helpers" and move.case.facts.get(name)
    }


def used_before(case: CaseState, action: Action, task: TaskState | None) -> bool:
    """Whether an action that may be used once was (只能一次): once by each organisation, where it is an organisation's."""
    done = Record.objects.filter(case_id=case.id, action=action.code)
    if task is not None and task.organisation_id is not None and not action.by:
        posts = Post.objects.filter(organisation_id=task.organisation_id).values("pk")
        done = done.filter(post__in=posts)
    return done.exists()


def decides_own_dispute(move: Move) -> Text | None:
    """提出异议的单位不裁定自己的异议（回避）, in whatever post its people sit."""
    own = move.task
    if not move.action.returns or own is None or own.organisation_id not in move.actor.organisation_ids:
        return None
    return Text(
        "这项异议是您所在的单位提出的，您须回避。请交给同岗位的其他人员裁定。",
        "An organisation in which you hold a post raised this dispute, so you are recused. "
        "Leave it to a colleague in the same post.",
    )


def cannot_be_assigned(move: Move, tasks: Sequence[TaskState] = ()) -> Text | None:
    """Why an organisation that this act names cannot take the work (不能承办的原因): recused, nobody in post, or has it."""
    if move.action.returns == "none" and len(tasks) == 1:
        return Text(
            "别的部分都办完了，只剩这一部分，不能取消。请退回原单位，或改由别的单位办。",
            "All other parts are done and this is the last one. Give it back, or to another organisation.",
        )
    named = organisations_named(move)
    if not named:
        return None
    if both := set(named) & set(organisations_recused(move)):
        titles = [o.title for o in Organisation.objects.filter(pk__in=both)]
        return Text(
            f"{'、'.join(n.zh for n in titles)} 是被反映的单位，须回避，不能同时承办。请改派其他单位。",
            f"{', '.join(n.en for n in titles)} is complained about here and must not handle it. "
            "Assign another organisation.",
        )
    if move.case.recused:
        barred = Recusal.objects.filter(case_id=move.case.id, organisation_id__in=named)
        if names := [r.organisation.title for r in barred.select_related("organisation")]:
            return Text(
                f"{'、'.join(n.zh for n in names)} 是被反映的单位，须回避，不能承办。请改派其他单位。",
                f"{', '.join(n.en for n in names)} is complained about and must not handle this. "
                "Assign another organisation.",
            )
    role = _role_of(move)
    if empty := [pk for pk in named if not accounts_in(f"{role}#{pk}")]:
        titles = [o.title for o in Organisation.objects.filter(pk__in=empty)]
        return Text(
            f"{'、'.join(n.zh for n in titles)} 目前没有在岗的承办人员，派去没有人接。请改派，或先请管理员任命。",
            f"{', '.join(n.en for n in titles)} has nobody in post for this, so nobody would take it. "
            "Assign another organisation, or have somebody appointed first.",
        )
    if move.action.returns and any(t.organisation_id in named for t in tasks):
        return Text(
            "这个单位已经在办这件事的一部分。请选别的单位。",
            "This organisation has a part of the case already. Choose a different one.",
        )
    return None


def organisations_named(move: Move) -> list[int]:
    found: list[int] = []
    for code in move.data:
        if move.procedure.fields[code].assigns in {"lead", "helpers", "instead"}:
            value = move.found.get(code)
            found += [value] if isinstance(value, int) else list(value or ())
    return found


def _role_of(move: Move) -> str:
    """The role that is to act for an organisation assigned by this act: at this step, or the next one that is theirs."""
    if move.action.returns:
        return helpers_role(move.step)
    first = move.to or move.step.code
    seen, todo = {first}, [first]
    while todo:
        here = move.procedure.steps[todo.pop(0)]
        for spec in (here.actor, here.helpers_actor):
            role, _, level = spec.partition("@")
            if level == "assigned":
                return role
        for action in here.actions.values():
            if action.to and action.to not in seen and not action.adverse:
                seen.add(action.to)
                todo.append(action.to)
    return "handler"
