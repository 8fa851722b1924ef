"""What can be done in the field (外勤作业种类): registered by the domain that knows the verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor


@dataclass(frozen=True)
class Work:
    """What arrived, ready to be carried out (一份外勤作业); `files` are uploads of the actor, by field."""

    body: Mapping[str, Any]
    files: Mapping[str, list[str]]
    by: Actor
    client_key: str
    made_at: datetime
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of it (办理结果). `conflicts`: fields that somebody else filled in differently meanwhile."""

    number: str = ""
    seq: int | None = None
    area: str = ""
    conflicts: tuple[str, ...] = ()
    nothing_new: bool = False


@dataclass(frozen=True)
class Kind:
    code: str
    title: Text
    carry: Callable[[Work], Outcome]
    form: Callable[[Actor], Mapping[str, Any] | None] | None = None  # for the phone
    keeps: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict  # what of the content may be kept at all


KINDS: dict[str, Kind] = {}


def kind(
    code: str,
    title: Text,
    carry: Callable[[Work], Outcome],
    *,
    form: Callable[[Actor], Mapping[str, Any] | None] | None = None,
    keeps: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> None:
    if code in KINDS:
        raise ValueError(f"{code!r} is registered twice")
    KINDS[code] = Kind(code, title, carry, form, keeps)


def wanted(body: Mapping[str, Any], code: str, *, most: int = 4000) -> str:
    """A text of the entry (取文字), empty where there is none. Refuses what is no text."""
    value = body.get(code)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise wrong(code, "这里要文字。", "This has to be text.")
    return value.strip()


def degrees(body: Mapping[str, Any], code: str) -> float | None:
    """A coordinate (取坐标), sent as text so that its digits stay as they were."""
    value = body.get(code)
    if value is None or value == "":
        return None
    try:
        number = float(str(value))
    except ValueError:
        number = 999.0
    if not -180 <= number <= 180:
        raise wrong(code, "位置读不出来。", "The position cannot be read.")
    return number


def wrong(code: str, zh: str, en: str) -> Invalid:
    return Invalid("field.invalid", Text(zh, en), fields={code: Text(zh, en)})
