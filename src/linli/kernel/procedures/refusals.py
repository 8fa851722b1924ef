"""Why something cannot be done now (暂不能办的原因): not yet, too late, used already, or somebody acted in between."""

from __future__ import annotations

from linli.base.clock import local
from linli.base.errors import OutOfDate, Refused
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.procedures import publishing
from linli.kernel.procedures.clocks import due_for
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.linked import decided_it_oneself
from linli.kernel.procedures.parts import cannot_be_assigned, decides_own_dispute, used_before
from linli.kernel.procedures.pauses import may_not_extend
from linli.kernel.procedures.recusal import lead_named
from linli.kernel.procedures.registry import GUARDS
from linli.kernel.procedures.state import CaseState, Move, TaskState
from linli.kernel.records.models import Record


def not_yet(move: Move, tasks: list[TaskState]) -> Text | None:
    """Why this action cannot be done now (暂不能办的原因): the clock, the once-only rule, then the domain's guards."""
    action, case = move.action, move.case
    if reason := _clock_stands(move):
        return reason
    if reason := _too_late(move):
        return reason
    if action.once and used_before(case, action, move.task):
        return Text(
            f"“{action.title.zh}”只能提出一次，之前已经用过。",
            f"“{action.title.en}” can be used once only, and has been.",
        )
    if action.extends and (reason := may_not_extend(case, move.procedure.extend)):
        return reason
    if reason := cannot_be_assigned(move, tasks) or lead_named(move) or _decides_for_themselves(move):
        return reason
    if reason := publishing.not_yet(move):
        return reason
    for name in (move.step.guard if action.to else "", action.guard):
        if name and (reason := GUARDS[name](move)):
            return reason
    return None


def _clock_stands(move: Move) -> Text | None:
    """Why a clock that stands still, or runs, does not allow this (计时状态不允许)."""
    action, case = move.action, move.case
    stands_still = case.status == "suspended" and move.procedure.can_resume
    if stands_still and action.to and not action.resumes and not _ends_own(move):
        return Text(
            "计时已中止，这件事在等待。请先恢复计时，再继续办理。",
            "The clock is suspended and the case waits. Resume it first, then go on.",
        )
    if action.suspends and move.task is not None and move.task.part == "helper":
        return Text(
            "协办单位不能停全案的计时。需要时请主办单位办理。",
            "A helping organisation cannot stop the clock of the whole case. Ask the lead organisation.",
        )
    if action.suspends and case.status == "suspended":
        return Text("计时已经中止。", "The clock is suspended already.")
    if action.resumes and case.status != "suspended":
        return Text("计时没有中止，不需要恢复。", "The clock is running; there is nothing to resume.")
    return None


def _decides_for_themselves(move: Move) -> Text | None:
    return decided_it_oneself(move) or decides_own_dispute(move)


def _too_late(move: Move) -> Text | None:
    """Past the time in which an action may be used (逾期): from the end of the case, or from the start of the task."""
    action, case = move.action, move.case
    if action.within is None:
        return None
    if case.ended_at:
        if move.at <= due_for(action.within, case.ended_at).due_at:
            return None
        return Text(
            f"已超过办结后{action.within.zh}的期限。请重新反映，我们会关联到这件事。",
            f"More than {action.within.en} have passed since it was closed. "
            "Please report it anew; it will be linked to this one.",
        )
    since = move.task.opened_at if move.task else None
    if since is None or move.at <= (last := due_for(action.within, since).due_at):
        return None
    return Text(
        f"“{action.title.zh}”要在交办后{action.within.zh}内提出，到 {local(last):%m-%d %H:%M} 为止，已经过了。"
        "请继续办理；有困难的，请联系交办单位。",
        f"The time for “{action.title.en}” was {action.within.en}, until {local(last):%d %B %H:%M}, and is over. "
        "Go on with the case; if that is not possible, speak to whoever assigned it.",
    )


def _ends_own(move: Move) -> bool:
    """A party may end their own case while it waits, such as by withdrawing it; the system stops for nobody."""
    ends = move.procedure.steps[move.action.to].kind == "end"
    return move.actor.kind == "system" or (ends and move.hat is None)


def not_here(state: CaseState, procedure: Procedure, code: str, by: Actor) -> Refused:
    known = any(code in s.actions for s in procedure.steps.values()) or code in procedure.anywhere
    if not known:
        return Refused(
            "procedures.unknown_action",
            Text(
                f"“{procedure.title.zh}”没有“{code}”这个操作。",
                f"“{procedure.title.en}” has no action {code!r}.",
            ),
        )
    return out_of_date(state, procedure, by)


def out_of_date(state: CaseState, procedure: Procedure, by: Actor) -> OutOfDate:
    """Who acted in between (谁先办了), as the reader may know it: residents read no name of staff and nothing that the
    office did for itself, and a resident is not named to anybody."""
    last = Record.objects.filter(case_id=state.id).order_by("-seq").first()
    step = procedure.steps[state.step].title
    who = Text("系统", "The system")
    done = Text("一步", "something")
    if last is not None:
        action = procedure.action(last.from_step, last.action) if last.from_step in procedure.steps else None
        if last.actor_kind in {"resident", "reporter", "anonymous"}:
            who = Text("反映人", "The reporter")
        elif not by.is_staff:
            who = Text("工作人员", "Staff") if last.actor else who
            action = action if action is not None and action.public_words else None
        elif last.actor and (account := Account.objects.filter(pk=last.actor).first()):
            who = account.title
        done = (action.title if by.is_staff else action.public_words or action.title) if action else done
    when = f"{local(last.at):%H:%M}" if last else ""
    return OutOfDate(
        "procedures.out_of_date",
        Text(
            f"{who.zh} 刚在 {when} 办了“{done.zh}”，这件事现在在“{step.zh}”环节。您填的内容没有提交，请刷新后再看是否还需要办。",
            f"{who.en} did “{done.en}” at {when}; the case is now at “{step.en}”. "
            "What you entered was not sent: reload, then see whether it is still needed.",
        ),
        seq=state.seq,
        step=state.step,
    )
