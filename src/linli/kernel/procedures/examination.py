"""Examining files before they load (程序文件检查): first how they are written, then what they say.

PC603 a key that no procedure file has · PC604 a value that cannot be read
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.kernel.procedures.checks import Finding, check_procedures
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.loader import procedure_from

CASE = frozenset(
    "code version title prefix basis opened_by channels confidential overseers limit statutory_limit first steps fields "
    "open anywhere extend escalation emergency public extends jurisdiction valid_from challenge hint".split()
)
STEP = frozenset(
    "title kind actor within helpers_within join guard outcome timeout actions public_words days quorum threshold "
    "objection statutory statutory_days outside_limit publishes places basis".split()
)
ACTION = frozenset(
    "title to form optional by adverse remedy notifies notice guard effect suspends resumes once opens extends within "
    "publishes public_words parts part_to returns withdraws final_by after".split()
)
FIELD = frozenset(
    "title type required public hint choices max min assigns searchable internal masked personal keep kind source".split()
)
OPEN = frozenset("form optional notifies effect".split())
EXTEND = frozenset("max never_beyond_original once by notify sample statutory basis".split())
PERSONAL = frozenset("purpose basis seen_by keep".split())
SUSPENDS = frozenset("grounds notify basis max".split())
CHALLENGE = frozenset("within basis once".split())
EMERGENCY = frozenset("limit steps first order".split())
PART_TO = frozenset("actor within".split())
ESCALATION = frozenset("at do to".split())


def examine(
    raws: Sequence[Mapping[str, Any]], *, beside: Iterable[str] = ()
) -> tuple[list[Procedure], list[Finding]]:
    """The procedures that files give, and everything that is wrong with them (检查程序文件)."""
    procedures, findings = [], []
    for raw in raws:
        misspelt = unknown_keys(raw)
        findings += misspelt
        try:
            procedures.append(procedure_from(raw))
        except LinliError as error:
            findings.append(_unreadable(raw, error.message))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            findings.append(
                _unreadable(
                    raw,
                    Text(
                        f"有一项的写法不对（{error}）。", f"One entry is not written as it must be ({error})."
                    ),
                )
            )
    return procedures, findings + check_procedures(procedures, beside=beside)


def _unreadable(raw: Mapping[str, Any], message: Text) -> Finding:
    mend = Text(
        "对照 docs/tutorial/first-procedure.md 改正。", "Compare it with docs/tutorial/first-procedure.md."
    )
    return Finding("PC604", str(raw.get("code", "?")), message, mend)


def unknown_keys(raw: Mapping[str, Any]) -> list[Finding]:
    """Keys that mean nothing (不认识的键): a slip of the pen must not pass for a rule that is in force."""
    code = str(raw.get("code", "?"))
    found = _strange(raw, CASE, code)
    blocks = (("open", OPEN), ("extend", EXTEND), ("challenge", CHALLENGE), ("emergency", EMERGENCY))
    for name, known in blocks:
        found += _strange(raw.get(name), known, f"{code}.{name}")
    for n, level in enumerate(_list(raw.get("escalation"))):
        found += _strange(level, ESCALATION, f"{code}.escalation[{n}]")
    for name, field in _table(raw.get("fields")):
        where = f"{code}.fields.{name}"
        found += [f for f in _strange(field, FIELD, where) if not f.where.rsplit(".", 1)[1].startswith("x_")]
        found += _strange(_get(field, "personal"), PERSONAL, f"{where}.personal")
    actions = [(f"{code}.anywhere.{name}", action) for name, action in _table(raw.get("anywhere"))]
    for name, step in _table(raw.get("steps")):
        found += _strange(step, STEP, f"{code}.steps.{name}")
        actions += [
            (f"{code}.steps.{name}.actions.{a}", action) for a, action in _table(_get(step, "actions"))
        ]
    for where, action in actions:
        found += _strange(action, ACTION, where)
        found += _strange(_get(action, "suspends"), SUSPENDS, f"{where}.suspends")
        found += _strange(_get(action, "part_to"), PART_TO, f"{where}.part_to")
    return found


def _strange(table: Any, known: frozenset[str], where: str) -> list[Finding]:
    if not isinstance(table, Mapping):
        return []
    return [_finding(key, known, where) for key in table if key not in known]


def _finding(key: str, known: frozenset[str], where: str) -> Finding:
    near = get_close_matches(key, known, 1)
    mend = (
        Text(f"是不是想写“{near[0]}”？", f"Did you mean {near[0]!r}?")
        if near
        else Text("删去它，或改成已有的键。", "Remove it, or use a known key.")
    )
    return Finding(
        "PC603",
        f"{where}.{key}",
        Text(f"不认识的键“{key}”。", f"{key!r} is not a key of procedure files."),
        mend,
    )


def _table(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None
