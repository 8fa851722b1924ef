"""What goes in and out (接口数据结构). Texts carry both languages; times are ISO 8601 with their offset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from linli.base.i18n import Text

REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 429)


class Strict(Schema):
    """Something that is sent to us: a text is no number, and what the form does not have is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Words(Schema):
    zh: str
    en: str


def words(text: Text | str) -> Words:
    return Words(zh=text.zh, en=text.en) if isinstance(text, Text) else Words(zh=str(text), en=str(text))


def perhaps(text: Text | str | None) -> Words | None:
    return words(text) if text is not None and text != "" else None


class Problem(Schema):
    """Why a request was refused (拒绝的理由), RFC 9457. `code` is stable; `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, str] = Field(default={}, description="a sentence for each entry to mend")
    seq: int | None = Field(default=None, description="where the case stands now, when somebody acted first")
    step: str | None = None
    limit: int | None = None
    retry_at: datetime | None = None
    retry_after: int | None = None


def answers(*successes: tuple[int, Any], refusals: tuple[int, ...] = REFUSALS) -> dict[int, Any]:
    """The `response` of an operation: what it gives, and every refusal as a problem."""
    return {**dict(successes), **dict.fromkeys(refusals, Problem)}


READ = (400, 401, 404, 422, 429)


class AreaName(Schema):
    code: str
    level: str
    name: Words


class AreaOut(AreaName):
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    historic: bool


class AreaDetail(AreaOut):
    path: list[AreaName] = Field(description="from the root down to the area itself")
    successor: str | None
    has_shape: bool


class AreaPage(Schema):
    items: list[AreaOut]
    next: str | None = Field(description="give it as `cursor` for the following page; null at the end")


class Located(AreaName):
    path: list[AreaName]


class StepOut(Schema):
    code: str
    title: Words


class CaseRow(Schema):
    number: str
    procedure: str
    title: str
    status: Literal["open", "suspended", "ended", "withdrawn"]
    step: StepOut
    seq: int
    area: AreaName
    lead: Words | None
    channel: str
    opened_at: datetime
    due_at: datetime | None
    provisional: bool = Field(description="the due day may move when the year's days off are published")
    late: bool
    ended_at: datetime | None
    outcome: str


class CasePage(Schema):
    items: list[CaseRow]
    next: str | None = Field(description="give it as `cursor` for the following page; null at the end")


class FactOut(Schema):
    code: str
    title: Words
    value: Words
    seq: int = Field(description="the record that brought it")
    masked: bool
    erased: bool


class DueOut(Schema):
    due_on: date
    due_at: datetime
    provisional: bool
    explanation: Words


class TaskOut(Schema):
    uid: str
    step: StepOut
    part: str
    holder: Words
    opened_at: datetime
    due: DueOut
    paused: bool


class ChoiceOut(Schema):
    value: str
    title: Words


class FieldOut(Schema):
    code: str
    title: Words
    type: str
    required: bool
    hint: Words | None
    max: int | None
    choices: list[ChoiceOut]
    public: bool
    purpose: str | None = Field(description="of a personal field: what it is asked for")
    keep: str | None


class ActionOut(Schema):
    code: str
    title: Words
    fields: list[FieldOut]
    adverse: bool
    blocked: Words | None = Field(description="why it cannot be done yet; null when it can")


class EntryOut(Schema):
    seq: int
    at: datetime
    done_at: datetime | None = None  # by the clock of a phone, where it came in later
    action: str
    title: Words
    who: Words
    organisation: Words | None
    to_step: Words | None
    facts: list[FactOut]


class FileOut(Schema):
    uid: str
    href: str
    kind: str
    name: str
    media_type: str
    size: int
    field: str
    taken_at: datetime | None


class CaseDetail(CaseRow):
    place_text: str
    lng: float | None
    lat: float | None
    due: DueOut | None
    facts: list[FactOut] = Field(description="the newest value of each fact that you may read")
    tasks: list[TaskOut]
    actions: list[ActionOut] = Field(description="what you may do now")
    timeline: list[EntryOut]
    files: list[FileOut]


class RecordOut(Schema):
    """One record of the chain (一条留痕). `entry` holds the hashed columns for those who oversee the case."""

    seq: int
    at: datetime
    prev_hash: str
    hash: str
    entry: list[Any] | None = Field(
        description="[number, seq, at, actor, actor_kind, post, on_behalf_of, action, from_step, to_step, facts, "
        "digests]; hash = SHA-256(prev_hash bytes + this list as compact JSON in UTF-8)"
    )


class RecordPage(Schema):
    items: list[RecordOut]
    next: str | None


class ActIn(Strict):
    data: dict[str, Any] = Field(default={}, description="the action's fields by code")
    seq: int | None = Field(default=None, ge=0, description="the `seq` you saw; if somebody acted since: 409")


class ReceiptOut(Schema):
    number: str
    seq: int
    step: str
    status: str


class OpenedOut(ReceiptOut):
    tracking_code: str = Field(
        description="with the number it opens the case without an account; shown here alone"
    )


class UploadOut(Schema):
    uid: str = Field(description="name it in a field of files; unused ones are removed after a day")
    media_type: str
    size: int
    width: int | None
    height: int | None
    taken_at: datetime | None
    lng: float | None = Field(description="where the photo was taken; only with consent_place")
    lat: float | None


class PostOut(Schema):
    uid: str
    title: Words
    organisation: Words
    roles: list[str]
    area: str
    deputy_for: str | None


class MeOut(Schema):
    kind: Literal["staff", "resident", "reporter"]
    name: str
    posts: list[PostOut]
    cases: list[str] = Field(description="the case that number and tracking code opened")


class ProcedureRow(Schema):
    code: str
    version: int
    title: Words
    basis: list[str]
    channels: list[str]
    opened_by: list[str]


class ProcedurePage(Schema):
    items: list[ProcedureRow]


class ActionDefinition(Schema):
    code: str
    title: Words
    by: list[str]
    fields: list[str]
    optional: list[str]
    to: str | None
    adverse: bool
    remedy: str | None


class StepDefinition(StepOut):
    kind: str
    actor: str
    public_words: Words | None
    actions: list[ActionDefinition]


class ProcedureDetail(ProcedureRow):
    open_fields: list[str]
    fields: list[FieldOut]
    steps: list[StepDefinition]
    anywhere: list[ActionDefinition] = Field(description="actions that every step has until the end")
