"""A directory of categories as a file (类别目录文件): taken out as CSV or JSON, tried, and taken in as the next version.

What is kept is exactly what was looked at; a file with a rejected row is not taken in here, because a category that
could not be read would look as if it had ended.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from linli.base import clock
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.events import directory as verbs
from linli.domains.events.directory_queries import tree_of
from linli.domains.events.directory_trial import Difference, Trial, trial
from linli.domains.events.imports.categories import newest_version, read_directory, store
from linli.domains.events.imports.category_rows import FLAGS
from linli.domains.events.models import Category, Directory
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.installation import require_installation

SAID = ("name_en", "limit", "grade", "accept_condition", "close_condition", "keywords", *FLAGS)


def as_json(directory: Directory) -> str:
    """One version as JSON (导出 JSON); read again it differs in nothing."""
    rows = tree_of(directory)
    codes = {row.pk: row.code for row in rows}
    categories = [
        {"code": row.code, "name": row.name, "parent": codes.get(row.parent_id or 0, "")}
        | {name: getattr(row, name) for name in SAID}
        for row in rows
    ]
    about = {name: getattr(directory, name) for name in ("code", "version", "title", "basis", "source")}
    return json.dumps(about | {"categories": categories}, ensure_ascii=False, indent=1) + "\n"


def as_table(directory: Directory) -> Iterator[list[Any]]:
    """One version as lines of a table (导出表格): the heading, then each category below its path of names."""
    rows = tree_of(directory)
    deepest = max((row.depth for row in rows), default=1)
    yield [*(f"level{n}" for n in range(1, deepest + 1)), "code", *SAID]
    path: list[str] = []
    for row in rows:
        path[row.depth - 1 :] = [row.name]
        said = [int(v) if isinstance(v := getattr(row, name), bool) else v for name in SAID]
        yield [*path, *[""] * (deepest - len(path)), row.code, *said]


@dataclass(frozen=True)
class FileTrial:
    """What a file would become (试读结果): the next version of which directory, what differs, what is rejected and why."""

    name: str
    version: int
    n_rows: int
    rejected: list[tuple[int, str, Text]]  # line, what stands there, why
    found: Trial | None  # None: nothing differs from the newest version
    compared_with: Directory | None
    n_unchanged: int = 0

    @property
    def differences(self) -> list[Difference]:
        return self.found.differences if self.found else []

    @property
    def counts(self) -> list[tuple[str, Text, int]]:
        kinds = {
            "added": Text("新增", "new"),
            "changed": Text("变更", "changed"),
            "removed": Text("停用", "ended"),
        }
        by_kind = {k: {d.category.code for d in self.differences if d.kind == k} for k in kinds}
        return [
            *((k, title, len(by_kind[k])) for k, title in kinds.items()),
            ("unchanged", Text("未变", "unchanged"), self.n_unchanged),
            ("refused", Text("退回", "rejected"), len(self.rejected)),
        ]

    @property
    def may_keep(self) -> bool:
        return self.found is not None and not self.rejected

    @property
    def may_use(self) -> bool:
        return self.may_keep and self.found is not None and not self.found.faults

    @property
    def mark(self) -> str:
        """Says which outcome was looked at, so that no other is kept."""
        told = [(d.kind, d.category.code, d.words.zh) for d in self.differences]
        faults = [f.zh for f in self.found.faults] if self.found else []
        return sha256(repr((self.name, self.version, told, faults, self.rejected)).encode()).hexdigest()


def try_file(text: str, *, name: str, into: Directory | None, by: Actor) -> FileTrial:
    """Read a file and say what it would become (试读目录文件); nothing is kept.

    `into` names the directory that it continues; None: the one the file itself names. Refuses whoever does not
    administer all areas, and what is no directory (`imports.*`).
    """
    require_installation(by)
    with transaction.atomic():
        seen, _ = _taken_in(text, name, into, by, clock.now())
        transaction.set_rollback(True)
    return seen


@transaction.atomic
def take_in_file(
    text: str,
    *,
    name: str,
    into: Directory | None,
    shown: str,
    use: bool,
    by: Actor,
    at: datetime | None = None,
) -> Directory:
    """Keep a file as the next version of its directory (导入类别目录), with `use` in force at once.

    Refuses what `try_file` refuses, another outcome than the one that was looked at (`events.file_moved_on`), and
    putting in use what is faulty (`events.directory_faulty`). Records `events.directory_imported`, and
    `events.directory_in_use`.
    """
    require_installation(by)
    at = at or clock.now()
    seen, made = _taken_in(text, name, into, by, at)
    if made is None or seen.mark != shown or not seen.may_keep:
        raise Refused(
            "events.file_moved_on",
            Text(
                "没有保存：结果与刚才看的不同，或有退回的行。请再看一遍。",
                "Nothing was saved: it would come out otherwise than you saw, or a row is rejected. Look again.",
            ),
        )
    if use:
        if seen.found and seen.found.faults:
            raise Refused("events.directory_faulty", seen.found.faults[0])
        verbs.set_in_use(made, in_use=True, by=by, at=at)
    return made


def _taken_in(
    text: str, name: str, into: Directory | None, by: Actor, at: datetime
) -> tuple[FileTrial, Directory | None]:
    ending = ".json" if text.lstrip("\ufeff \t\r\n").startswith("{") else ".csv"
    stem = re.sub(r"[^\w.-]+", "-", Path(name).name).rsplit(".", 1)[0].strip(".-") or "directory"
    named = {"source": Path(name).name[:200]}
    if into is not None:
        named |= {"code": into.code, "title": into.title, "basis": into.basis}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{stem[:60]}{ending}"
        path.write_text(text, encoding="utf-8")
        draft = read_directory(path, named)
    newest = newest_version(draft.names.code)
    made = store(draft, newest, by=by, at=at) if draft.nodes else None
    found = trial(made, day=clock.local(at).date()) if made else None
    if made is not None and found is not None and found.before is None:
        rows = Category.objects.filter(directory=made)
        found.differences = [Difference("added", row, Text("新增", "added")) for row in rows.order_by("key")]
    concerned = {d.category.code for d in found.differences if d.kind != "removed"} if found else set()
    rejected = [(row, content[:200], why) for _, row, content, why in draft.rejected]
    seen = FileTrial(
        draft.names.code,
        made.version if made else newest.version if newest else 1,
        draft.n_rows + draft.n_twice + len(rejected),
        rejected,
        found,
        found.before if found else newest,
        max(0, len(draft.nodes) - len(concerned)),
    )
    return seen, made
