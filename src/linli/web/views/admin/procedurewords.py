"""A procedure as the administration shows it (程序页): the words are the kernel's, here they become rows of a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from linli.base.i18n import Text
from linli.kernel.people import models as people
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.difference import Group, differences, grouped
from linli.kernel.procedures.drawing.svg import svg
from linli.kernel.procedures.holders import holders
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.reading import Account, StepAccount, account
from linli.kernel.procedures.versions import current_procedures, procedure_of
from linli.kernel.procedures.wording import keep_words as keep_words
from linli.kernel.procedures.wording import titles_of

KINDS_OF_CHANGE = {
    "added": Text("增加", "added"),
    "removed": Text("取消", "removed"),
    "changed": Text("改动", "changed"),
}


@dataclass(frozen=True)
class StepRow:
    """One row of the table that says what the drawing shows (环节表)."""

    step: StepAccount
    actor: tuple[Text, ...]
    limit: tuple[Text, ...]
    law: tuple[Text, ...]
    held_by: tuple[Text, ...] | None = (
        None  # the names of some who can act there; none: not a role of an area
    )
    n_held: int = 0


@dataclass(frozen=True)
class ChangeRow:
    kind: str
    word: Text
    words: Text


def known_titles() -> dict[str, Text]:
    """What the procedures in force are called (程序名称), for those that others refer to."""
    return titles_of(current_procedures())


def account_of(procedure: Procedure) -> Account:
    return account(procedure, known_titles())


def rows_of(found: Account) -> list[StepRow]:
    rows = []
    for step in found.steps:
        facts = {f.code: f.lines for f in step.facts}
        law = facts.get("statutory", ()) or facts.get("statutory_days", ())
        rows.append(StepRow(step, facts.get("actor", ()), facts.get("within", ()), law))
    return rows


NAMED_AT_MOST = 5


def with_holders(rows: list[StepRow], procedure: Procedure, own: tuple[str, ...]) -> list[StepRow]:
    """Who can act at each step in these areas today (各环节在任人员), in one query: some names, and how many there are."""
    by_role: dict[str, set[int]] = {}
    for (role, area), accounts in holders().by_area.items():
        if any(area.startswith(p) or p.startswith(area) for p in own):
            by_role.setdefault(role, set()).update(accounts)
    roles = {s.code: s.actor.partition("@")[0] for s in procedure.steps.values() if "@" in s.actor}
    shown = {role: sorted(by_role.get(role, ()))[:NAMED_AT_MOST] for role in set(roles.values())}
    names = {
        a.pk: a.title
        for a in people.Account.objects.filter(pk__in={pk for pks in shown.values() for pk in pks})
    }
    return [
        replace(
            row,
            held_by=tuple(names[pk] for pk in shown[roles[row.step.code]] if pk in names),
            n_held=len(by_role.get(roles[row.step.code], ())),
        )
        if row.step.code in roles
        else row
        for row in rows
    ]


@lru_cache(maxsize=200)
def _drawn(version_id: int, language: str, titles: tuple[tuple[str, Text], ...]) -> str:
    return svg(procedure_of(version_id), language, titles=dict(titles), embedded=True)


def drawing_of(version_id: int, language: str) -> str:
    """The picture of a stored version (版本的流程图); a version never changes, so it is drawn once."""
    return _drawn(version_id, language, tuple(sorted(known_titles().items(), key=lambda row: row[0])))


def is_sample(procedure: Procedure) -> bool:
    """Whether the limit of the whole is a sample (全程时限为样例)."""
    return procedure.limit is not None and procedure.limit.sample


def has_samples(procedure: Procedure) -> bool:
    """Whether any limit in it is a sample (含有样例时限)."""
    return is_sample(procedure) or any(s.within and s.within.sample for s in procedure.steps.values())


def raw_of(version: ProcedureVersion) -> dict[str, Any]:
    """What the (merged) file of a version says (版本的内容)."""
    found: dict[str, Any] = json.loads(ProcedureVersion.objects.get(pk=version.pk).definition)
    return found


def ruling(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a case runs by (办件所依的部分): for which area and from when a version is, stands beside it."""
    return {k: v for k, v in raw.items() if k not in {"extends", "jurisdiction", "valid_from", "version"}}


def changes(old: Mapping[str, object], new: Mapping[str, object]) -> list[tuple[Text, list[ChangeRow]]]:
    """What differs between two versions, step by step (改动对照)."""
    return _rows(grouped(differences(old, new, known_titles()), old, new))


def _rows(groups: Iterable[Group]) -> list[tuple[Text, list[ChangeRow]]]:
    return [
        (g.title, [ChangeRow(c.kind, KINDS_OF_CHANGE[c.kind], c.words) for c in g.changes]) for g in groups
    ]
