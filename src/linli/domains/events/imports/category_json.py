"""A directory of categories as JSON (类别目录的 JSON 格式), as the administration exports it: pure, no table, no query.

`{"code", "title", "basis", "source", "categories": [{"code", "name", "parent", "limit", …}]}`; `parent` is the code of the
category above, and those above stand first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linli.base.errors import Unreadable
from linli.base.i18n import Text
from linli.domains.events.imports.category_rows import (
    FLAGS,
    TEXTS,
    Names,
    Node,
    check_code,
    check_limit,
    check_names,
)
from linli.domains.events.imports.rows import RowRejected

DEEPEST = 20


def read_json(
    path: Path, named: Mapping[str, str]
) -> tuple[Names, list[Node], list[tuple[int, str, Text]], int]:
    """The directory in a file (读取 JSON 目录): its names, its tree, what is rejected with why, how many are said twice.

    Refuses `imports.wrong_columns`: no JSON, or without a list of categories.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
        rows = raw["categories"]
        if not isinstance(rows, list):
            raise TypeError
        about = {k: str(raw.get(k) or "") for k in ("code", "title", "basis", "source")} | dict(named)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            "imports.wrong_columns",
            Text(
                f"{path.name} 不是类别目录：应为 JSON 对象，类别列在 categories 里。可先导出一份作样子。",
                f"{path.name} is no directory of categories: a JSON object with a list “categories” is needed. "
                "Export one to see the form.",
            ),
        ) from error
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", about["code"]):
        raise Unreadable(
            "imports.wrong_columns",
            Text(
                f"{path.name} 没有写目录的编码（code：小写字母开头，可有数字和横线）。",
                f"{path.name} does not say the directory's code: a small letter, then letters, digits, dashes.",
            ),
        )
    nodes: dict[str, Node] = {}
    rejected: list[tuple[int, str, Text]] = []
    n_twice = 0
    for number, row in enumerate(rows, 1):
        try:
            node = _node(row, nodes)
            n_twice += nodes.setdefault(node.code, node) is not node
            if nodes[node.code] != node:
                n_twice -= 1
                raise RowRejected(
                    f"编码 {node.code} 前面已出现，内容不同。请只保留一个。",
                    f"The code {node.code} stands further up with other content. Keep one of the two.",
                )
        except RowRejected as rejection:
            rejected.append((number, json.dumps(row, ensure_ascii=False)[:2000], rejection.reason))
    names = Names(
        about["code"],
        (about["title"] or about["code"])[:120],
        about["basis"][:200],
        (about["source"] or path.name)[:200],
    )
    return names, list(nodes.values()), rejected, n_twice


def _node(row: Any, known: Mapping[str, Node]) -> Node:
    if not isinstance(row, dict):
        raise RowRejected("这一项不是对象。", "This entry is no object.")
    code, name, above = (_word(row, key) for key in ("code", "name", "parent"))
    check_code(code)
    check_names(name)
    if above and above not in known:
        raise RowRejected(
            f"上级“{above[:40]}”前面没有。请把上级写在前面。",
            f"The parent {above[:40]!r} does not stand further up. Put it first.",
        )
    depth = known[above].depth + 1 if above else 1
    if depth > DEEPEST:
        raise RowRejected(f"最多 {DEEPEST} 层。", f"At most {DEEPEST} levels.")
    says: dict[str, Any] = {key: _word(row, key)[:most] for key, most in TEXTS.items() if key in row}
    for key in FLAGS:
        if key in row:
            if not isinstance(row[key], bool):
                raise RowRejected(f"“{key}”应为 true 或 false。", f"{key!r} is true or false.")
            says[key] = row[key]
    if "limit" in row:
        says["limit"] = _word(row, "limit")
        check_limit(says["limit"])
    return Node(code, name, above, depth, says)


def _word(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key) or ""
    if not isinstance(value, str):
        raise RowRejected(f"“{key}”应为文字。", f"{key!r} is a text.")
    return " ".join(value.split()) if key == "name" else value.strip()
