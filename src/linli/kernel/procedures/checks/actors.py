"""Second proof, first half (有人办): whoever a file names is a role that exists, at a level where it exists.

PC201 no actor, or not written as role@level · PC203 an unknown role · PC204 a role that does not exist at this level
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from linli.base.i18n import Text
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.roles import EVERYWHERE, ROLES

LEVELS = frozenset({*EVERYWHERE, "assigned", "window"})
WAITING = frozenset({"timer", "publicity"})  # the system may end these
HOW = Text("写成 角色@层级，例如 dispatcher@township。", "Write role@level, such as dispatcher@township.")


def actors(subject: Subject) -> Iterator[Finding]:
    procedure = subject.procedure
    for step in procedure.steps.values():
        here: Path = ("steps", step.code)
        if step.kind == "end":
            continue
        own = {"applicant", "system"} if step.kind in WAITING else {"applicant"}
        if step.actor:
            yield from named((*here, "actor"), [step.actor], own)
        elif step.kind not in WAITING:  # those have rules of their own: PC108, PC404
            yield Finding(
                "PC201",
                (*here, "actor"),
                Text(f"环节“{step.code}”没有承办人。", f"Step {step.code} has no actor."),
                HOW,
            )
        if step.helpers_actor:
            yield from named((*here, "helpers_actor"), [step.helpers_actor])
    for path, _, action in subject.acts:
        yield from named((*path, "by"), action.by, {"applicant", "reporter", "system"})
        if action.part_to is not None:
            yield from named((*path, "part_to", "actor"), [action.part_to.actor])
        yield from told((*path, "notifies"), action.notifies)
        if action.suspends is not None:
            yield from told((*path, "suspends", "notify"), action.suspends.notify)
    yield from _of_the_whole(procedure)


def _of_the_whole(procedure: Procedure) -> Iterator[Finding]:
    anyone = {"anyone", "resident", "reporter", "applicant", "system"}
    yield from named(("opened_by",), procedure.opened_by, anyone)
    yield from named(("overseers",), procedure.overseers)
    yield from told(("open", "notifies"), procedure.open_notifies)
    if procedure.extend is not None:
        if procedure.extend.by:
            yield from named(("extend", "by"), [procedure.extend.by])
        yield from told(("extend", "notify"), procedure.extend.notify)
    for n, level in enumerate(procedure.escalation):
        if level.to:
            yield from named(("escalation", n, "to"), [level.to])


def told(path: Path, specs: Iterable[str]) -> Iterator[Finding]:
    """Whom a notice goes to (通知对象): the applicant, the organisations on the case, or a post."""
    yield from named(path, specs, {"applicant", "reporter", "lead", "helpers"})


def named(path: Path, specs: Iterable[str], words: Iterable[str] = ()) -> Iterator[Finding]:
    for spec in specs:
        if spec in set(words):
            continue
        role, at, level = spec.partition("@")
        if not at or not role or level not in LEVELS:
            yield Finding("PC201", path, _unreadable(spec), _meant(spec, level, words))
        elif role not in ROLES:
            yield Finding(
                "PC203",
                path,
                Text(
                    f"没有“{role}”这个角色，“{spec}”没有人能担任。",
                    f"There is no role {role!r}: nobody can be {spec!r}.",
                ),
                near(role, [code for code, known in ROLES.items() if known.levels]),
            )
        elif level not in ROLES[role].levels:
            levels = sorted(ROLES[role].levels)
            yield Finding(
                "PC204",
                path,
                Text(
                    f"“{ROLES[role].title.zh}”在 {level} 这一级没有设，“{spec}”没有人能担任。",
                    f"There is no {ROLES[role].title.en} at the level {level}: nobody can be {spec!r}.",
                ),
                Text(f"它设在：{'、'.join(levels)}。", f"It exists at: {', '.join(levels)}.")
                if levels
                else HOW,
            )


def _unreadable(spec: str) -> Text:
    return Text(
        f"“{spec}”不是这里能写的承办人，或层级写错了。",
        f"{spec!r} names no actor here, or no level that exists.",
    )


def _meant(spec: str, level: str, words: Iterable[str]) -> Text:
    if level:
        return near(level, LEVELS)
    if spec in ROLES and ROLES[spec].levels:
        at = "township" if "township" in ROLES[spec].levels else min(ROLES[spec].levels)
        return Text(f"写明层级，例如 {spec}@{at}。", f"Say at which level, such as {spec}@{at}.")
    listed = sorted(words)
    if not listed:
        return HOW
    return Text(f"{HOW.zh}也可以写：{'、'.join(listed)}。", f"{HOW.en} Or one of: {', '.join(listed)}.")
