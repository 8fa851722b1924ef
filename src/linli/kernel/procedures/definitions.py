"""What a procedure file says, as plain values (程序定义). No Django, no clock, no query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from linli.base.i18n import Text
from linli.base.legaltime import Period


@dataclass(frozen=True)
class Limit:
    """How long something may take: one period, or a table by the value of a fact (时限)."""

    period: Period | None = None
    by: str = ""
    table: Mapping[str, Period] = field(default_factory=dict)
    sample: bool = False


@dataclass(frozen=True)
class Personal:
    """Why a personal field is asked, who may see it and how long it is kept (个人信息说明)."""

    purpose: str
    basis: str
    seen_by: tuple[str, ...]
    keep: str


@dataclass(frozen=True)
class FieldDef:
    code: str
    title: Text
    type: str
    required: bool = False
    public: bool = False
    hint: Text | None = None
    choices: tuple[tuple[str, Text], ...] = ()
    max: int | None = None
    assigns: str = ""  # "lead" | "helpers" | "recused": the organisations named take that part
    searchable: bool = False
    internal: bool = False  # never shown to a party
    personal: Personal | None = None
    keep: str = ""  # "1 year after end": how long a sealed fact is kept; empty: with the case
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suspension:
    grounds: tuple[str, ...]
    notify: tuple[str, ...]


@dataclass(frozen=True)
class Action:
    code: str
    title: Text
    to: str = ""  # empty: the case stays where it is
    form: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    by: tuple[str, ...] = ()  # who, when not the step's own actor
    adverse: bool = False
    remedy: str = ""
    notifies: tuple[str, ...] = ()
    guard: str = ""
    effect: str = ""
    suspends: Suspension | None = None
    resumes: bool = False
    once: bool = False
    opens: str = ""
    extends: bool = False
    within: Period | None = None  # counted from the end of the case, for what may follow it (reopening)
    notice: str = ""  # the template that `notifies` uses, when not the usual one
    public_words: Text | None = None  # how the resident reads it on the timeline


@dataclass(frozen=True)
class Step:
    code: str
    title: Text
    kind: str  # task | joint | publicity | vote | timer | end
    actor: str = ""
    within: Limit | None = None
    helpers_within: Limit | None = None
    join: str = "lead"
    guard: str = ""
    outcome: str = ""
    timeout: str = ""  # the action the system takes when the step's time is over
    actions: Mapping[str, Action] = field(default_factory=dict)
    public_words: Text | None = None


@dataclass(frozen=True)
class Escalation:
    share: float
    do: str  # remind | yellow | red
    to: str = ""


@dataclass(frozen=True)
class Extension:
    period: Period
    by: str
    once: bool = True
    never_beyond_original: bool = False
    notify: tuple[str, ...] = ()


@dataclass(frozen=True)
class Procedure:
    code: str
    version: int
    title: Text
    prefix: str
    basis: tuple[str, ...]
    channels: tuple[str, ...]
    opened_by: tuple[str, ...]
    open_form: tuple[
        str, ...
    ]  # what is asked at the opening; those in `open_optional` are never needed there
    confidential: str
    overseers: tuple[str, ...]
    first: str
    steps: Mapping[str, Step]
    fields: Mapping[str, FieldDef]
    limit: Limit | None
    statutory_limit: Limit | None
    escalation: tuple[Escalation, ...]
    extend: Extension | None
    anywhere: Mapping[str, Action]  # actions open at every step that is not an end
    public_precision: str = "village"
    open_notifies: tuple[str, ...] = ("applicant",)
    open_effect: str = ""
    open_optional: tuple[str, ...] = ()

    @cached_property
    def overseeing_roles(self) -> frozenset[str]:
        """Who sees its cases in their area without taking part; nobody where only those named may."""
        if self.confidential == "named":
            return frozenset()
        return frozenset(spec.split("@")[0] for spec in self.overseers)

    def action(self, step: str, code: str) -> Action | None:
        here = self.steps[step]
        found = here.actions.get(code)
        if found is None and here.kind != "end":
            found = self.anywhere.get(code)
        return found

    def actions_at(self, step: str) -> list[Action]:
        here = self.steps[step]
        return [*here.actions.values(), *(self.anywhere.values() if here.kind != "end" else ())]
