"""First proof (能走通): every step is reached, every step reaches an end, no action leads nowhere, nothing spins.

PC101 a step cannot be reached · PC102 a step cannot reach an end · PC103 an action leads nowhere · PC104 the first
step is none · PC105 a timeout names no action · PC106 what the clock does asks for entries · PC107 a timeout spins ·
PC108 nobody ends a timer · PC109 an end has no outcome
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from linli.base.i18n import Text
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.definitions import Action, Procedure, Step


def reach(subject: Subject) -> Iterator[Finding]:
    procedure = subject.procedure
    yield from _leads_nowhere(subject)
    yield from _first(procedure)
    yield from _walks(procedure)
    yield from _clocked(subject)
    yield from _spins(procedure)
    for step in procedure.steps.values():
        if step.kind == "timer" and not _is_ended(step):
            yield Finding(
                "PC108",
                ("steps", step.code, "timeout"),
                Text(
                    f"环节“{step.code}”只是等待，等到了时间没有人、也没有操作让它继续。",
                    f"Step {step.code} only waits; when its time is over, nothing and nobody moves it on.",
                ),
                Text(
                    '写上 timeout = "操作代码"，到时由系统办理。',
                    'Give it timeout = "action": the system takes it in time.',
                ),
            )
        if step.kind == "end" and not step.outcome:
            yield Finding(
                "PC109",
                ("steps", step.code, "outcome"),
                Text(f"终点“{step.code}”没有写结果。", f"The end {step.code} has no outcome."),
                Text(
                    '写上 outcome，例如 outcome = "resolved"。',
                    'Give it an outcome, such as outcome = "resolved".',
                ),
            )


def _leads_nowhere(subject: Subject) -> Iterator[Finding]:
    steps = subject.procedure.steps
    for path, _, action in subject.acts:
        if action.to and action.to not in steps:
            yield Finding(
                "PC103",
                (*path, "to"),
                Text(
                    f"操作“{action.code}”要去的环节“{action.to}”不存在。",
                    f"{action.code} leads to {action.to}, which is no step.",
                ),
                near(action.to, steps),
            )


def _first(procedure: Procedure) -> Iterator[Finding]:
    first = procedure.steps.get(procedure.first)
    if first is None or first.kind == "end":
        yield Finding(
            "PC104",
            ("first",),
            Text(
                f"第一个环节“{procedure.first}”不存在，或本身就是终点。",
                f"The first step, {procedure.first!r}, does not exist or is an end already.",
            ),
            near(procedure.first, [s.code for s in procedure.steps.values() if s.kind != "end"]),
        )


def _walks(procedure: Procedure) -> Iterator[Finding]:
    onward: dict[str, set[str]] = {code: set() for code in procedure.steps}
    backward: dict[str, set[str]] = {code: set() for code in procedure.steps}
    for code in procedure.steps:
        for action in procedure.actions_at(code):
            # A slip of the pen is named once (PC103), not again at every step behind it.
            known = action.to in procedure.steps
            for target in [action.to] if known else get_close_matches(action.to, procedure.steps, 1):
                onward[code].add(target)
                backward[target].add(code)
    reached = closure(onward, {procedure.first})
    ending = closure(backward, {s.code for s in procedure.steps.values() if s.kind == "end"})
    for code in procedure.steps:
        if code not in reached and procedure.first in procedure.steps:
            yield Finding(
                "PC101",
                ("steps", code),
                Text(f"环节“{code}”从起点到不了。", f"Step {code} cannot be reached."),
                Text("加一个通向它的操作，或删去它。", "Add an action that leads to it, or remove it."),
            )
        if code not in ending:
            yield Finding(
                "PC102",
                ("steps", code),
                Text(f"环节“{code}”到不了任何终点。", f"Step {code} can reach no end."),
                Text(
                    '加一个最终通向办结的操作；终点写 kind = "end"。',
                    'Add an action that leads to an end at last; an end has kind = "end".',
                ),
            )


def closure(graph: dict[str, set[str]], start: set[str]) -> set[str]:
    seen, todo = set(start), list(start)
    while todo:
        for target in graph.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def _clocked(subject: Subject) -> Iterator[Finding]:
    """What the system does by itself: on a timeout, and after a linked case has ended."""
    procedure = subject.procedure
    for step in procedure.steps.values():
        if not step.timeout:
            continue
        path = ("steps", step.code, "timeout")
        action = procedure.action(step.code, step.timeout)
        if step.kind == "end":
            yield Finding(
                "PC105",
                path,
                Text(
                    f"终点“{step.code}”不再计时，timeout 不会发生。",
                    f"No time runs at the end {step.code}; its timeout never comes.",
                ),
                Text("删去 timeout。", "Remove `timeout`."),
            )
        elif action is None:
            yield Finding(
                "PC105",
                path,
                Text(
                    f"环节“{step.code}”到时要做的“{step.timeout}”不是这个环节的操作。",
                    f"{step.timeout!r}, the timeout of {step.code}, is no action that is open there.",
                ),
                near(step.timeout, [a.code for a in procedure.actions_at(step.code)]),
            )
        elif needed := needed_entries(procedure, action):
            yield _asks(path, action, needed)
    for place, _, action in subject.acts:
        if action.after and (needed := needed_entries(procedure, action)):
            yield _asks((*place, "after"), action, needed)


def needed_entries(procedure: Procedure, action: Action) -> list[str]:
    """What somebody has to fill in before the action can be done (必填项)."""
    fields = procedure.fields
    return [c for c in action.form if c not in action.optional and c in fields and fields[c].required]


def _asks(path: tuple[str | int, ...], action: Action, needed: list[str]) -> Finding:
    return Finding(
        "PC106",
        path,
        Text(
            f"“{action.code}”由系统自动办理，却要人填写 {'、'.join(needed)}：系统永远办不了。",
            f"The system does {action.code} by itself, but it asks for {', '.join(needed)}: it can never be done.",
        ),
        Text(
            "另写一个不用填表的操作给系统，或改为选填（optional）。",
            "Give the system an action of its own without entries, or make them optional.",
        ),
    )


def _spins(procedure: Procedure) -> Iterator[Finding]:
    """A circle of timeouts goes round for ever, and so does one that leaves the case where it is."""
    onward: dict[str, str] = {}
    for step in procedure.steps.values():
        action = procedure.action(step.code, step.timeout) if step.timeout and step.kind != "end" else None
        if action is not None:
            onward[step.code] = action.to or step.code
    told: set[str] = set()
    for code in onward:
        way = [code]
        while (target := onward.get(way[-1])) is not None and target not in way:
            way.append(target)
        if target != code or told & set(way):
            continue
        told |= set(way)
        circle = [*way, code]
        yield Finding(
            "PC107",
            ("steps", code, "timeout"),
            Text(
                f"到时自动办理会空转：{' → '.join(circle)}，没有人经手也永远走不到头。",
                f"The timeouts go round for ever: {' → '.join(circle)}; nobody acts and it never ends.",
            ),
            Text(
                "让其中一个环节到时通向办结，或改由人办理。",
                "Let one of them lead to an end, or be done by a person.",
            ),
            also=tuple(("steps", c, "timeout") for c in way),
        )


def _is_ended(step: Step) -> bool:
    return bool(
        step.timeout
        or step.actor not in {"", "system"}
        or any(a.after or set(a.by) - {"system"} for a in step.actions.values())
    )
