"""What a command answers (命令的回答): facts for programs, a sentence for people, and whether the answer is yes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from linli.base.errors import Invalid, LinliError, Unreadable

DONE, NO, WRONG_USE = 0, 1, 2


@dataclass(frozen=True)
class Answer:
    """`facts` become the JSON object; `text` goes to standard output without `--json`; `ok=False` exits with 1."""

    facts: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    ok: bool = True
    said: bool = False  # the command has answered by itself already: nothing more on standard output

    @property
    def exit_code(self) -> int:
        return DONE if self.ok else NO

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **self.facts}


def exit_code_of(error: LinliError) -> int:
    """2 for what was entered or cannot be read, 1 when the answer is no (退出码)."""
    return WRONG_USE if isinstance(error, Invalid | Unreadable) else NO


def error_json(error: LinliError) -> dict[str, Any]:
    body: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, Invalid) and error.fields:
        body["fields"] = {name: str(text) for name, text in error.fields.items()}
    return {"ok": False, "error": body}
