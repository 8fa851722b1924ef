"""How somebody is found by a part of their name (按部分姓名查找的检索值). Pure: worker processes read it, no Django, no query.

Two neighbouring characters at a time are kept as a keyed hash. Without the key of the installation they say nothing but which
residents share a pair (docs/explanation/rights.md): nobody reads a name from them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from linli.base.text import same_name

KIND = "registers.name_part"
FEWEST = 2  # characters of a search; one would find a tenth of the county


def letters(text: str) -> str:
    """The characters that count (姓名用字): blanks, case, width and the dot between names say nothing."""
    plain = same_name(text)
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))


def pairs(text: str) -> list[str]:
    """林建国 → 林建 建国; each once, a single character alone."""
    plain = letters(text)
    return list(dict.fromkeys(a + b for a, b in pairwise(plain))) or [plain][: len(plain)]


ALIKE = "registers.alike"


def alike(name: str, other: str, find: Callable[[str], bytes]) -> int | None:
    """One hash of a name with a date of birth or a phone (疑似重复检索值); nothing without both. `find` is the vault's `finder(ALIKE)`."""
    if not name or not other:
        return None
    return int.from_bytes(find(f"{same_name(name)}\0{other}")[:8], "big", signed=True)


def parts(text: str, find: Callable[[str], bytes]) -> tuple[int, ...]:
    """The keyed hashes of its pairs (检索值), 8 bytes each. `find` is the vault's `finder(KIND)`."""
    return tuple(int.from_bytes(find(pair)[:8], "big", signed=True) for pair in pairs(text))
