"""The element dictionary (数据要素目录): which data there is about people, who owns it, why it is kept and how long.

One datum has one owner. A form that asks for what a register owns says why (`ask_again`), or offers the known value
(`prefilled`); the checkers of procedures and matters refuse it otherwise.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from linli.base.i18n import Text

Sensitivity = Literal["public", "internal", "personal", "sensitive"]
SENSITIVITIES: dict[str, Text] = {
    "public": Text("公开", "public"),
    "internal": Text("内部", "internal"),
    "personal": Text("个人信息", "personal"),
    "sensitive": Text("敏感个人信息", "sensitive personal"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """One datum (要素): `basis` is the article that lets it be kept, `keep` how long; `by_file` whether its owner may bring it as a
    file, to be kept here. What is only looked up at its owner, or said by the person in a case, is not."""

    code: str
    title: Text
    owner: Text
    type: str
    sensitivity: Sensitivity
    purpose: Text
    basis: Text
    keep: Text
    by_file: bool = False


_elements: dict[str, Element] = {}
_files: list[Path] = []


def elements_file(path: Path) -> None:
    """Load a domain's part of the dictionary (载入要素目录). An element has one owner: a second one is an error."""
    if path in _files:
        return
    for code, raw in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if code in _elements:
            raise ValueError(f"element {code!r} has an owner already")
        if raw["sensitivity"] not in SENSITIVITIES:
            raise ValueError(f"element {code!r}: {raw['sensitivity']!r} is no class of sensitivity")
        words = {k: Text(**raw[k]) for k in ("title", "owner", "purpose", "basis", "keep")}
        _elements[code] = Element(
            code=code,
            type=raw["type"],
            sensitivity=raw["sensitivity"],
            by_file=raw.get("by_file", False),
            **words,
        )
    _files.append(path)


def element(code: str) -> Element | None:
    return _elements.get(code)


def elements() -> list[Element]:
    """All of them, in the order of the files (全部要素)."""
    return list(_elements.values())


def owners() -> dict[str, Text]:
    """Which elements somebody owns, and who (已有主管的要素): what forms should not ask for again."""
    return {code: one.owner for code, one in _elements.items()}
