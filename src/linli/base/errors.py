"""Refusals are typed (拒绝都有类型): a stable code, whole sentences in both languages, an HTTP status, data.

LinliError
├── NotFound        404  absent, or not for this person: the answer is the same
├── NotAllowed      403  known to this person, but this act is not theirs
├── Refused         409  the state of things does not allow it (not open, already done, key used twice)
│   └── OutOfDate   409  somebody else acted first
├── Invalid         422  what was entered; `fields` names each field and what to do
├── TooMany         429  a rate limit, with the time to try again
└── Unreadable      400  a file or a request that cannot be read at all
"""

from __future__ import annotations

from typing import Any

from linli.base.i18n import Text


class LinliError(Exception):
    """What happened, what to do next and until when (发生了什么、怎么办、到何时)."""

    status = 400

    def __init__(self, code: str, message: Text, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return str(self.message)


class NotFound(LinliError):
    status = 404


class NotAllowed(LinliError):
    status = 403


class Refused(LinliError):
    status = 409


class OutOfDate(Refused):
    """Somebody else acted first (他人已先办理); `data` says who did what."""


class Unreadable(LinliError):
    status = 400


class TooMany(LinliError):
    status = 429


class Invalid(LinliError):
    """Entries to mend (需要更正的内容): `fields` maps a field code to its sentence."""

    status = 422

    def __init__(
        self, code: str, message: Text, *, fields: dict[str, Text] | None = None, **data: Any
    ) -> None:
        super().__init__(code, message, **data)
        self.fields = fields or {}


def absent(what: Text) -> NotFound:
    """The one answer for what does not exist and for what this person may not see."""
    return NotFound(
        "not_found",
        Text(
            f"没有找到这个{what.zh}。请核对编号；如果是别人转给您的链接，您可能无权查看。",
            f"This {what.en} was not found. Check the number; "
            "if someone sent you the link, it may not be open to you.",
        ),
    )
