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
    """How long something may take: one period, or a table by the value of a fact (时限).

    Counted from the opening (of the case, of the task), or from the first time that the step `start` was entered.
    `within_case`: a step's limit that never reaches beyond the whole case's own.
    """

    period: Period | None = None
    by: str = ""
    table: Mapping[str, Period] = field(default_factory=dict)
    sample: bool = False
    start: str = ""
    within_case: bool = False
    basis: str = ""


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
    read_by: tuple[str, ...] = ()  # of the staff these roles alone read it; to others it is a figure
    masked: bool = False  # where it is published, it is published masked (张**)
    personal: Personal | None = None
    keep: str = ""  # "1 year after end": how long a sealed fact is kept; empty: with the case
    element: str = ""  # which datum of the dictionary it asks for
    ask_again: Text | None = None  # why it is asked though a register owns it
    prefilled: bool = False  # the register's value is offered; a correction goes to the owner
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suspension:
    """What may stop the clock (中止计时): on which grounds, who is told, under which article, for how long at most."""

    grounds: tuple[str, ...]
    notify: tuple[str, ...]
    basis: str = ""
    most: Period | None = None  # then the clock runs on by itself


@dataclass(frozen=True)
class PartTo:
    """Who decides about one part of a joint step (分办异议), and within what."""

    actor: str
    within: Limit | None = None


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
    within: Period | None = (
        None  # how long it may be used: from the end of the case, or the start of the task
    )
    parts: tuple[
        str, ...
    ] = ()  # open only to whoever holds this part of a joint step: lead | helper | disputed
    part_to: PartTo | None = None  # hands one part of a joint step to somebody else, the other parts go on
    returns: str = (
        ""  # ends a handed-over part: "same" to the organisation that had it, "other" to the one named
    )
    publishes: tuple[str, ...] = ()  # these facts are made public with this act (公开)
    withdraws: bool = False  # takes back what was made public, with the reason
    final_by: str = ""  # the article by which nothing more can be sought against it, in place of a remedy
    after: tuple[
        str, ...
    ] = ()  # "procedure" or "procedure:outcome": the system does it when such a linked case ends
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
    helpers_actor: str = ""  # who acts for a helping organisation, when not the same role as for the lead
    join: str = "lead"  # "lead" | "all" | "2 of 3": when a joint step is done
    guard: str = ""
    outcome: str = ""
    timeout: str = ""  # the action the system takes when the step's time is over
    actions: Mapping[str, Action] = field(default_factory=dict)
    public_words: Text | None = None
    statutory: Limit | None = None  # the longest that the law allows for it
    outside_limit: bool = False  # the whole limit has been kept by then: calling back, rating, filing
    publicity: Showing | None = None

    @property
    def n_to_join(self) -> int | None:
        """How many parts end a joint step that ends by number (n 家办结即可); none: by all, or by the lead."""
        n = self.join.split(" ")[0]
        return int(n) if n.isdigit() else None


@dataclass(frozen=True)
class Showing:
    """What a step of publicity shows (公示): which facts, where, for how long, and how one objects."""

    period: Period
    least: Period | None  # by law
    fields: tuple[str, ...]
    places: Text | None
    objection: str  # the procedure by which one objects
    basis: str = ""


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
    statutory: Period | None = None  # the longest that the law allows; it then moves the law's own limit too
    basis: str = ""
    # Where it goes by a fact, as a joint licence may be extended by more: `period` is then the longest of the table.
    limits: Limit | None = None
    statutory_limits: Limit | None = None


@dataclass(frozen=True)
class Challenge:
    """What makes a procedure a remedy (救济程序): within what one may ask for it, counted from the decision."""

    within: Period | None = None
    basis: str = ""
    once: bool = True


@dataclass(frozen=True)
class Emergency:
    """Other limits while the area is under an emergency response (应急响应期间的时限)."""

    limit: Limit | None = None
    steps: Mapping[str, Limit] = field(default_factory=dict)
    first: bool = False  # these cases come first in every list


@dataclass(frozen=True)
class Moves:
    """From which older versions running cases may go on under this one (在办件转版): which step becomes which.

    A source is (area of the version, its number); no area: of the file's own. A step that is not named keeps its code.
    """

    sources: tuple[tuple[str | None, int], ...]
    steps: Mapping[str, str] = field(default_factory=dict)
    limits: str = (
        "keep"  # keep: those of the version they had | new: counted anew, where that is better for the person
    )
    basis: str = ""


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
    challenge: Challenge | None = None
    emergency: Emergency | None = None
    hint: Text | None = None  # what it is for, in one sentence, for whoever is about to open one
    moves: Moves | None = None
    sees_origin: bool = (
        False  # whoever acts in it reads the case that it came out of; in a remedy they always do
    )

    @property
    def reads_origin(self) -> bool:
        return self.sees_origin or self.challenge is not None

    @cached_property
    def overseeing_roles(self) -> frozenset[str]:
        """Who sees its cases in their area without taking part; nobody where only those named may."""
        if self.confidential == "named":
            return frozenset()
        return frozenset(spec.split("@")[0] for spec in self.overseers)

    @cached_property
    def can_resume(self) -> bool:
        """Whether some act lets a stopped clock run on; where none does, going on with the case does."""
        acts = [a for s in self.steps.values() for a in s.actions.values()]
        return any(action.resumes for action in (*acts, *self.anywhere.values()))

    def action(self, step: str, code: str) -> Action | None:
        here = self.steps[step]
        found = here.actions.get(code)
        if found is None and here.kind != "end":
            found = self.anywhere.get(code)
        return found

    def actions_at(self, step: str) -> list[Action]:
        here = self.steps[step]
        return [*here.actions.values(), *(self.anywhere.values() if here.kind != "end" else ())]
