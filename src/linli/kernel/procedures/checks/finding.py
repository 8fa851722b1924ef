"""What the checker says (检查结果): a rule, the place, what is wrong in a sentence, and the mend."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, Procedure, Step
from linli.kernel.procedures.lines import Path


@dataclass(frozen=True)
class Finding:
    """One thing to mend (一处须更正). `path` is the key in the file, also where it is the missing one, or its whole name;
    `also` are keys that take part in it, of which an override may hold the one that is wrong."""

    rule: str
    path: Path | str
    message: Text
    mend: Text
    also: tuple[Path, ...] = ()
    code: str = "?"
    file: str = ""
    line: int = 1

    @property
    def where(self) -> str:
        if isinstance(self.path, str):
            return self.path
        return self.code + "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in self.path)

    @property
    def keys(self) -> Path:
        """The way to the key, below the name of the procedure."""
        return tuple(self.path.split(".")[1:]) if isinstance(self.path, str) else self.path

    def as_dict(self) -> dict[str, object]:
        return {
            "rule": self.rule,
            "file": self.file,
            "line": self.line,
            "where": self.where,
            "message": self.message.as_dict(),
            "mend": self.mend.as_dict(),
        }


@dataclass(frozen=True)
class Subject:
    """A procedure under examination (被检查的程序), with the others that it may refer to."""

    procedure: Procedure
    others: Mapping[str, Procedure]
    known: frozenset[str]  # codes of all procedures that exist, also of those whose content is not at hand
    raw: Mapping[str, Any]

    @property
    def acts(self) -> list[tuple[Path, Step | None, Action]]:
        """Every action with its place; those open anywhere have no step."""
        found: list[tuple[Path, Step | None, Action]] = [
            (("steps", s.code, "actions", a.code), s, a)
            for s in self.procedure.steps.values()
            for a in s.actions.values()
        ]
        return found + [(("anywhere", a.code), None, a) for a in self.procedure.anywhere.values()]

    def opens_at(self, step: Step | None) -> list[str]:
        """The steps at which an action with this place is open."""
        return [step.code] if step else [s.code for s in self.procedure.steps.values() if s.kind != "end"]


def near(word: str, known: Collection[str]) -> Text:
    """What was probably meant (猜想的原意), as the mend for a word that nobody knows."""
    meant = get_close_matches(word, sorted(known), 1)
    if meant:
        return Text(f"是不是想写“{meant[0]}”？", f"Did you mean {meant[0]!r}?")
    shown = sorted(known)[:12]
    if not shown:
        return Text("删去它，或先把它定义好。", "Remove it, or define it first.")
    more_zh, more_en = (" 等", ", …") if len(known) > len(shown) else ("", "")
    return Text(f"可以写：{'、'.join(shown)}{more_zh}。", f"Write one of: {', '.join(shown)}{more_en}.")
