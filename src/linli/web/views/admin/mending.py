"""What an administrator should mend (待完善事项): each room names its own, the overview shows how many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from linli.base.i18n import Text
from linli.kernel.people.actors import Actor

MOST_ROWS = 200


@dataclass(frozen=True)
class Row:
    """One thing to mend: what it is, where it is mended, and what to know about it."""

    title: Text | str
    url: str
    note: Text | str = ""


@dataclass(frozen=True)
class Mend:
    """A kind of things to mend (一类待完善事项). `check(actor)` gives the rows, at most `MOST_ROWS` and one."""

    code: str
    title: Text
    why: Text
    check: Callable[[Actor], Sequence[Row]]
    order: int
    pressing: bool = False


_known: dict[str, Mend] = {}


def to_mend(
    code: str,
    title: Text,
    why: Text,
    check: Callable[[Actor], Sequence[Row]],
    *,
    order: int = 100,
    pressing: bool = False,
) -> None:
    """Adds a kind of things to mend (登记待完善事项); domains call this from their `apps.py`."""
    entry = Mend(code, title, why, check, order, pressing)
    if code in _known and _known[code] != entry:
        raise ValueError(f"registered twice: {code}")
    _known[code] = entry


def kinds() -> list[Mend]:
    return sorted(_known.values(), key=lambda m: (m.order, m.code))


def kind(code: str) -> Mend | None:
    return _known.get(code)
