"""The two forms of a directory of categories (类别目录的两种格式), row by row: pure, no table, no query."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from linli.base.errors import Invalid, Unreadable
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.base.tables import Row, Table
from linli.domains.events.imports.rows import RowRejected
from linli.domains.events.imports.trees import short

OFFICIAL = ("kind", "code", "major_code", "major_name", "name")
# Codes repeat between the two kinds: the letter tells them apart.
KINDS = {"管理部件": ("C", "Components"), "管理事项": ("M", "Incidents")}
# 流浪乞讨: a person who needs help, never handled as disorder.
HELP_CASES = frozenset({"M09003"})

TEXTS = {"name_en": 160, "accept_condition": 300, "close_condition": 300, "grade": 12, "keywords": 200}
FLAGS = ("needs_photos", "help_case", "public_point", "active")
YES = {"1", "true", "yes", "是"}
NO = {"", "0", "false", "no", "否"}


@dataclass(frozen=True)
class Item:
    """What one row says: its code, the path of names above it, and what else the file has columns for."""

    code: str
    name: str
    above: tuple[tuple[str, str], ...]  # codes and names from the root down
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    code: str
    name: str
    above: str
    depth: int
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Names:
    """What a directory is called, and what it rests on."""

    code: str
    title: str
    basis: str
    source: str


@dataclass(frozen=True)
class Form(Names):
    """How a file is read, and the directory that it becomes."""

    read: Callable[[Row], Item]


def nodes_of(items: list[Item]) -> list[Node]:
    """The tree of the rows: those above first, each once, in the order of the file."""
    own = {(*(name for _, name in item.above), item.name): item.code for item in items}
    nodes: dict[str, Node] = {}
    for item in items:
        above, names = "", tuple(name for _, name in item.above)
        for depth, (code, name) in enumerate(item.above, start=1):
            code = own.get(names[:depth], code)
            says = {"name_en": KIND_NAMES[name]} if depth == 1 and name in KIND_NAMES else {}
            nodes.setdefault(code, Node(code, name, above, depth, says))
            above = code
        nodes[item.code] = Node(item.code, item.name, above, len(names) + 1, item.says)
    return list(nodes.values())


KIND_NAMES = {name: english for name, (_, english) in KINDS.items()}


def read_directory_mapping(named: str | Path | None, path: Path) -> dict[str, str]:
    """The table [directory] of a mapping: code, title, basis, source. All optional."""
    if named is None:
        return {}
    try:
        raw = tomllib.loads(Path(named).read_text(encoding="utf-8-sig"))
        table = raw["directory"]
        known = set(table) <= {"code", "title", "basis", "source"} and set(raw) == {"directory"}
        if not known or not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", str(table.get("code", "aa"))):
            raise ValueError("[directory]: code, title, basis, source")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(
            "imports.bad_mapping",
            Text(
                f"对照文件 {named} 不能使用（{error}）：类别目录的对照只有 [directory] 一节，可写 code、title、basis、source。",
                f"The mapping {named} cannot be used ({error}): for a directory it has one table [directory] with "
                "code, title, basis, source.",
            ),
        ) from error
    return {key: str(value) for key, value in table.items()}


def official_form(table: Table, named: Mapping[str, str]) -> Form | None:
    if not set(OFFICIAL) <= set(table.header):
        return None
    at = table.columns(OFFICIAL)

    def read(row: Row) -> Item:
        cells = _cells(row)
        kind, code, major, major_name, name = (cells[at[column]].strip() for column in OFFICIAL)
        if kind not in KINDS:
            raise RowRejected(
                f"大类“{kind[:40]}”应为“管理部件”或“管理事项”。",
                f"{kind[:40]!r} is neither 管理部件 nor 管理事项.",
            )
        if not re.fullmatch(r"[0-9]{5}", code) or code[:2] != major:
            raise RowRejected(
                f"编码“{code[:20]}”应为5位数字，前两位是大类编码“{major[:20]}”。",
                f"The code {code[:20]!r} has 5 digits and begins with that of its major class, {major[:20]!r}.",
            )
        check_names(major_name, name)
        letter = KINDS[kind][0]
        says = {"help_case": True} if letter + code in HELP_CASES else {}
        return Item(letter + code, name, ((letter, kind), (letter + major, major_name)), says)

    return Form(
        code=named.get("code", "gbt47678"),
        title=named.get("title", "城市管理部件和事项分类目录（GB/T 47678.5）"),
        basis=named.get("basis", "GB/T 47678.5"),
        source=named.get("source", table.path.name)[:200],
        read=read,
    )


def general_form(table: Table, named: Mapping[str, str]) -> Form | None:
    """Columns level1, level2 …; a row is the path down to its last level that is not empty."""
    levels = [name for name in (f"level{n}" for n in range(1, 21)) if name in table.header]
    if not levels or levels != [f"level{n}" for n in range(1, len(levels) + 1)]:
        return None
    at = {name: i for i, name in enumerate(table.header)}

    def read(row: Row) -> Item:
        cells = _cells(row)
        names = [" ".join(cells[at[level]].split()) for level in levels]
        while names and not names[-1]:
            names.pop()
        check_names(*names or [""])
        own = cells[at["code"]].strip() if "code" in at else ""
        if own:
            check_code(own)
        paths = [tuple(names[: n + 1]) for n in range(len(names))]
        above = tuple((_code(path), path[-1]) for path in paths[:-1])
        return Item(own or _code(paths[-1]), names[-1], above, _says(cells, at))

    stem = re.sub(r"[^a-z0-9-]+", "-", table.path.name.split(".")[0].lower()).strip("-")
    code = stem[:40] if re.fullmatch(r"[a-z].+", stem) else "directory"
    return Form(
        code=named.get("code", code),
        title=named.get("title", table.path.name.split(".")[0])[:120],
        basis=named.get("basis", "")[:200],
        source=named.get("source", table.path.name)[:200],
        read=read,
    )


def _code(path: tuple[str, ...]) -> str:
    """The same names always give the same code."""
    return short("\x1f".join(path))


def _says(cells: list[str], at: Mapping[str, int]) -> dict[str, Any]:
    says: dict[str, Any] = {
        name: cells[at[name]].strip()[:most] for name, most in TEXTS.items() if name in at
    }
    for name in FLAGS:
        if name in at:
            word = cells[at[name]].strip().lower()
            if word not in YES | NO:
                raise RowRejected(f"“{name}”应为1或0：{word[:20]}。", f"{name!r} is 1 or 0: {word[:20]}.")
            if word or name != "active":  # an empty cell retires nothing
                says[name] = word in YES
    if "limit" in at:
        says["limit"] = cells[at["limit"]].strip()
        check_limit(says["limit"])
    return says


def check_code(code: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", code):
        raise RowRejected(
            f"编码“{code[:40]}”只能用字母、数字、点和横线，最多40个。",
            f"The code {code[:40]!r} has letters, digits, dots and dashes, 40 at most.",
        )


def check_limit(text: str) -> None:
    try:
        if text:
            parse_period(text)
    except Invalid as error:
        raise RowRejected(error.message.zh, error.message.en) from error


def _cells(row: Row) -> list[str]:
    if row.cells is None:
        reason = row.reason or Text("", "")
        raise RowRejected(reason.zh, reason.en)
    return row.cells


def check_names(*names: str) -> None:
    if not all(0 < len(name) <= 120 for name in names):
        raise RowRejected(
            "有一级名称为空，或超过120个字。", "A level has no name, or one of more than 120 characters."
        )
