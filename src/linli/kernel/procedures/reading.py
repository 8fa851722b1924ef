"""A procedure as an official reads it (程序的说法): everything that its file says, in words, in both languages.

The admin page, `procedures show`, the drawings and the BPMN documentation all take their words from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, Procedure, Step
from linli.kernel.procedures.particulars import (
    Fact,
    action_facts,
    action_tags,
    case_facts,
    field_facts,
    step_facts,
)
from linli.kernel.procedures.wording import KINDS, Names, actor_words, actors, plain, step_title


@dataclass(frozen=True)
class ActionAccount:
    code: str
    title: Text
    to: str
    to_title: Text | None
    by: Text
    facts: tuple[Fact, ...]
    tags: tuple[Text, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title.as_dict(),
            "to": self.to or None,
            "to_title": self.to_title.as_dict() if self.to_title else None,
            "by": self.by.as_dict(),
            "tags": [tag.as_dict() for tag in self.tags],
            "facts": [fact.as_dict() for fact in self.facts],
        }


@dataclass(frozen=True)
class StepAccount:
    code: str
    title: Text
    kind: str
    kind_title: Text
    facts: tuple[Fact, ...]
    actions: tuple[ActionAccount, ...]

    @property
    def is_end(self) -> bool:
        return self.kind == "end"

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title.as_dict(),
            "kind": self.kind,
            "facts": [fact.as_dict() for fact in self.facts],
            "actions": [action.as_dict() for action in self.actions],
        }


@dataclass(frozen=True)
class FieldAccount:
    code: str
    title: Text
    facts: tuple[Fact, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title.as_dict(),
            "facts": [fact.as_dict() for fact in self.facts],
        }


@dataclass(frozen=True)
class Account:
    """A whole procedure in words (程序说明)."""

    code: str
    title: Text
    facts: tuple[Fact, ...]
    steps: tuple[StepAccount, ...]
    anywhere: tuple[ActionAccount, ...]
    fields: tuple[FieldAccount, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title.as_dict(),
            "facts": [fact.as_dict() for fact in self.facts],
            "steps": [step.as_dict() for step in self.steps],
            "anywhere": [action.as_dict() for action in self.anywhere],
            "fields": [field.as_dict() for field in self.fields],
        }


def account(procedure: Procedure, titles: Mapping[str, Text] | None = None) -> Account:
    """Put a procedure into words (说明程序); `titles` are those of the procedures that it refers to."""
    names = Names({procedure.code: procedure.title, **(titles or {})})
    used = _used(procedure)
    return Account(
        procedure.code,
        procedure.title,
        tuple(case_facts(procedure)),
        tuple(
            StepAccount(
                s.code,
                s.title,
                s.kind,
                KINDS.get(s.kind, plain(s.kind)),
                tuple(step_facts(procedure, s, names)),
                tuple(action_account(procedure, a, s, names) for a in s.actions.values()),
            )
            for s in procedure.steps.values()
        ),
        tuple(action_account(procedure, a, None, names) for a in procedure.anywhere.values()),
        tuple(
            FieldAccount(f.code, f.title, tuple(field_facts(f)))
            for f in procedure.fields.values()
            if f.code in used
        ),
    )


def _used(p: Procedure) -> set[str]:
    """Fields that some form asks or something goes by; those that any file may name stay out where none does."""
    actions = [*p.anywhere.values(), *(a for s in p.steps.values() for a in s.actions.values())]
    from_forms = {code for a in actions for code in (*a.form, *a.optional, *a.publishes)}
    shown = {code for s in p.steps.values() if s.publicity for code in s.publicity.fields}
    return from_forms | shown | set(p.open_form)


def action_account(p: Procedure, action: Action, step: Step | None, names: Names) -> ActionAccount:
    if action.by:
        by = actors(action.by)
    else:
        by = actor_words(step.actor) if step and step.actor else Text("承办人", "whoever has it")
    return ActionAccount(
        action.code,
        action.title,
        action.to,
        step_title(p, action.to) if action.to else None,
        by,
        tuple(action_facts(p, action, step, names)),
        tuple(action_tags(action)),
    )


def in_plain_text(found: Account, language: str) -> str:
    """The account as lines (文字说明), for the command line."""

    def say(text: Text) -> str:
        return text.in_language(language)

    colon, sep = ("：", "；") if language == "zh" else (": ", "; ")

    def facts(rows: Iterable[Fact], indent: str) -> list[str]:
        return [f"{indent}{say(f.title)}{colon}{sep.join(map(say, f.lines))}" for f in rows]

    def actions(rows: Iterable[ActionAccount], indent: str) -> list[str]:
        lines = []
        for a in rows:
            tags = "".join(f" [{say(tag)}]" for tag in a.tags)
            to = say(a.to_title) if a.to_title else say(Text("留在本环节", "stays here"))
            lines.append(f"{indent}• {say(a.title)} ({a.code}) → {to}{tags}")
            lines.append(f"{indent}  {say(Text('由谁', 'By'))}{colon}{say(a.by)}")
            lines += facts(a.facts, f"{indent}  ")
        return lines

    lines = [f"{say(found.title)} ({found.code})", *facts(found.facts, "  ")]
    for n, step in enumerate(found.steps, 1):
        kind = "" if step.kind == "task" else f" [{say(step.kind_title)}]"
        lines += ["", f"{n}. {say(step.title)} ({step.code}){kind}", *facts(step.facts, "   ")]
        lines += actions(step.actions, "   ")
    if found.anywhere:
        lines += ["", say(Text("任何环节都能做", "Open at every step")), *actions(found.anywhere, "   ")]
    if found.fields:
        lines += ["", say(Text("要填的内容", "What is asked"))]
        for field in found.fields:
            lines.append(f"   • {say(field.title)} ({field.code})")
            lines += facts(field.facts, "     ")
    return "\n".join(lines)
