"""Fourth proof (公开公示): shown long enough, open to objection, and nothing personal in the open.

PC401 no time of showing · PC402 shorter than the law's · PC403 no way to object · PC404 nobody ends it · PC405 a personal
field is shown unmasked · PC406 a field is shown that is not public · PC407 taken back without a reason ·
PC408 left before its end without being taken back
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.kernel.procedures.checks.dueprocess import PARTY
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.checks.worstcase import too_long
from linli.kernel.procedures.definitions import Action, Step
from linli.kernel.procedures.lines import Path

LEAST = Period(
    5, "days"
)  # where a file names no law: no shorter publicity is in use anywhere (facts: 5 to 20 days)


def publicity(subject: Subject) -> Iterator[Finding]:
    for step in subject.procedure.steps.values():
        if step.kind == "publicity":
            yield from _shown(subject, step)
            yield from _left_early(subject, step)
    for path, _, action in subject.acts:
        yield from _published((*path, "publishes"), action.publishes, subject)
        # What ends a linked case takes back gets its reason from that case (linked.py).
        if action.withdraws and not (action.after and "reason" in action.optional):
            field = subject.procedure.fields.get("reason")
            if "reason" not in action.form or "reason" in action.optional or (field and not field.required):
                yield Finding(
                    "PC407",
                    (*path, "form"),
                    Text(
                        f"“{action.code}”撤回公开，没有要求写明理由。",
                        f"{action.code} takes back what was made public without requiring a reason.",
                    ),
                    Text("form 里写上 reason（必填）。", "Put `reason`, required, into `form`."),
                    also=(("fields", "reason"), (*path, "optional")),
                )


def _shown(subject: Subject, step: Step) -> Iterator[Finding]:
    here: Path = ("steps", step.code)
    showing = step.publicity
    if showing is None:
        yield Finding(
            "PC401",
            (*here, "days"),
            Text(
                f"公示环节“{step.code}”没有写公示多久。",
                f"Step {step.code} does not say how long it is shown.",
            ),
            Text(
                "写上 days，例如 days = 7 或 7 working days。",
                "Give it `days`, such as days = 7 or 7 working days.",
            ),
        )
    else:
        least = showing.least or LEAST
        if over := too_long((least,), showing.period):
            source = Text("法定的", "the law's") if showing.least else Text("最低的", "at least")
            start = f"{over.start:%Y-%m-%d}" if over.start else ""
            yield Finding(
                "PC402",
                (*here, "days"),
                Text(
                    f"公示环节“{step.code}”公示 {showing.period.title.zh}，短于{source.zh} {least.title.zh}"
                    + (f"（例如 {start} 起公示）。" if start else "。"),
                    f"{step.code} is shown for {showing.period.title.en}, shorter than {source.en} {least.title.en}"
                    + (f" (as from {start})." if start else "."),
                ),
                Text(f"公示不少于 {least.title.zh}。", f"Show it for {least.title.en} or longer."),
                also=((*here, "statutory_days"),),
            )
        yield from _published((*here, "publishes"), showing.fields, subject)
        yield from _objection(subject, step, showing.objection)
    moves_on = [a for a in step.actions.values() if a.to and set(a.by) != {"system"}]
    if not step.timeout and not (step.actor not in {"", "system"} and moves_on):
        yield Finding(
            "PC404",
            (*here, "timeout"),
            Text(
                f"公示环节“{step.code}”期满后没有人、也没有操作结束它。",
                f"When the time of {step.code} is over, nothing and nobody ends it.",
            ),
            Text(
                '写上 timeout = "操作代码"，期满由系统结束。',
                'Give it timeout = "action": the system ends it in time.',
            ),
        )


def _left_early(subject: Subject, step: Step) -> Iterator[Finding]:
    """The engine lets nobody out of a publicity before its end, but whoever takes it back, and a party that gives up
    what it asked for. Where the clock ends it, what leads out otherwise could never be done; nor can what follows
    from an objection, which ends while the notice is on show. What is open anywhere may well have to wait here."""
    anywhere = [(("anywhere", a.code), a) for a in subject.procedure.anywhere.values() if a.after]
    own = [(("steps", step.code, "actions", a.code), a) for a in step.actions.values()]
    for path, action in [*own, *anywhere]:
        leaves = action.to in subject.procedure.steps and action.to != step.code
        if not leaves or action.withdraws or action.code == step.timeout:
            continue
        if not action.after and (step.timeout not in step.actions or _given_up(subject, step, action)):
            continue
        yield Finding(
            "PC408",
            (*path, "withdraws"),
            Text(
                f"“{action.code}”在公示期满前离开公示环节“{step.code}”，却没有撤回公示：到时办不了。",
                f"{action.code} leaves the publicity {step.code} before its end without taking back what is shown: it can "
                "never be done.",
            ),
            Text(
                "写上 withdraws = true 和 reason（系统办的，reason 写进 optional）；等期满再走的，由 timeout 办理。",
                "Add withdraws = true, with `reason` in `form` (in `optional` where the system does it); what can wait for "
                "the end is the timeout's.",
            ),
            also=((*path, "to"), ("steps", step.code, "timeout")),
        )


def _given_up(subject: Subject, step: Step, action: Action) -> bool:
    by = set(action.by) or {step.actor}
    return bool(by & PARTY) and subject.procedure.steps[action.to].kind == "end"


def _objection(subject: Subject, step: Step, named: str) -> Iterator[Finding]:
    here: Path = ("steps", step.code)
    if named and named not in subject.known:
        yield Finding(
            "PC403",
            (*here, "objection"),
            Text(
                f"公示环节“{step.code}”的异议程序“{named}”不存在。",
                f"{named!r}, by which one objects to {step.code}, is no procedure that exists.",
            ),
            near(named, subject.known),
        )
    elif not named and not any(a.opens for a in subject.procedure.actions_at(step.code)):
        yield Finding(
            "PC403",
            (*here, "objection"),
            Text(
                f"公示环节“{step.code}”没有写怎样提出异议。",
                f"Step {step.code} does not say how one objects.",
            ),
            Text(
                "objection 写一个已有的程序：公示期内的异议由它受理，答复前公示不结束。",
                "Name an existing procedure as `objection`: it takes the objections, and the showing does not end before "
                "they are answered.",
            ),
        )


def _published(path: Path, codes: Iterable[str], subject: Subject) -> Iterator[Finding]:
    for code in codes:
        field = subject.procedure.fields.get(code)
        if field is None or field.masked:
            continue  # an undefined field is named by PC602
        if field.personal is not None:
            yield Finding(
                "PC405",
                path,
                Text(
                    f"公开的内容里有个人信息“{code}”，没有打码。",
                    f"The personal field {code} is made public unmasked.",
                ),
                Text(
                    "从 publishes 里去掉它，或在字段写 masked = true（公开时打码）。",
                    "Take it out of `publishes`, or mark the field masked = true: it is then shown masked.",
                ),
                also=(("fields", code, "masked"), ("fields", code)),
            )
        elif not field.public or field.internal:
            yield Finding(
                "PC406",
                path,
                Text(
                    f"要公开的字段“{code}”没有标为公开，或是内部字段。",
                    f"The field {code} is to be shown, but is not public, or is internal.",
                ),
                Text(
                    "在字段写 public = true（内部字段不能公开），或从 publishes 里去掉它。",
                    "Mark the field public = true (an internal one never is), or take it out of `publishes`.",
                ),
                also=(("fields", code, "public"), ("fields", code)),
            )
