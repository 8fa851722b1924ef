"""A case as the engine holds it while it moves (办件状态), and what a move may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures.definitions import Action, Procedure, Step

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass
class CaseState:
    id: int
    number: str
    version_id: int
    step: str
    status: str
    seq: int
    head_hash: bytes
    area_id: int
    prefix: str
    title: str
    opened_at: datetime
    due_at: datetime | None = None
    statutory_due_at: datetime | None = None
    provisional: bool = False
    ended_at: datetime | None = None
    outcome: str = ""
    lead_id: int | None = None
    applicant_id: int | None = None
    window_id: int | None = None
    acted_seq: int = 0
    recused: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    historic: bool = False
    origin_id: int | None = None
    limits_version_id: int | None = None
    last_at: datetime = BEFORE_ALL  # of its last record


@dataclass
class TaskState:
    uid: str
    step: str
    part: str  # lead | helper
    queue: str
    role: str
    organisation_id: int | None
    opened_at: datetime
    due_at: datetime
    provisional: bool
    period: str
    alert_at: datetime | None
    alert_stage: int
    taken_by_id: int | None = None
    id: int = 0


@dataclass
class Move:
    """One act on its way through the door (一次操作). Guards read it; effects may change what follows `to`.

    `data` are the cleaned entries; `found` what cleaning looked up. `afterwards` functions run in the same
    transaction once the case's own rows are written, for a domain's own tables and for cases this one opens.
    """

    case: CaseState
    procedure: Procedure
    step: Step
    action: Action
    data: dict[str, Any]
    actor: Actor
    at: datetime
    hat: Hat | None = None
    task: TaskState | None = None
    found: dict[str, Any] = field(default_factory=dict)
    to: str = ""
    helper_ids: list[int] = field(default_factory=list)
    barred: tuple[int, ...] = ()  # organisations that are recused by this move: they lose what they had open
    public: dict[str, Any] = field(default_factory=dict)
    also_notify: list[tuple[str, int, str]] = field(
        default_factory=list
    )  # ("person"|"account", id, template)
    afterwards: list[Callable[[Move], None]] = field(default_factory=list)
    opening: bool = False
    done_at: datetime | None = None  # when it was done, by a clock that is not ours, where it came in later

    @property
    def worked_at(self) -> datetime:
        """When the work was done (实际办理时间): what was done in time without a signal is not late, but nothing was done
        before there was anything to do."""
        if self.done_at is None:
            return self.at
        return max(self.done_at, self.task.opened_at) if self.task else self.done_at

    @property
    def is_part(self) -> bool:
        """A helper's part of a joint step, which does not speak for the case (协办部分)."""
        return bool(self.task and self.task.part == "helper" and self.to and not self.action.by)

    def then(self, function: Callable[[Move], None]) -> None:
        self.afterwards.append(function)

    def show(self, **public_facts: Any) -> None:
        """Put a fact into the record in the clear (写入公开事实); it becomes the case's newest value."""
        self.public.update(public_facts)


@dataclass(frozen=True)
class Receipt:
    """What the caller gets back (回执); the same again when the same write is repeated."""

    number: str
    seq: int
    step: str
    status: str
    tracking_code: str = ""
    repeated: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "seq": self.seq,
            "step": self.step,
            "status": self.status,
            **({"tracking_code": self.tracking_code} if self.tracking_code else {}),
        }


@dataclass(frozen=True)
class OpenAction:
    """An action that is open to this person now (我现在可以做的操作)."""

    code: str
    title: Text
    action: Action
    task_uid: str
    blocked: Text | None
    adverse: bool
