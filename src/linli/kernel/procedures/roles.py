"""The roles that procedure files may name (岗位角色), with their titles and the levels at which they exist.

A role is a word that posts carry. A domain registers the roles of its field from its `apps.py`; the checker refuses a
file that names another, since nobody could ever hold it.
"""

from __future__ import annotations

from dataclasses import dataclass

from linli.base.i18n import Text

# `assigned`: the organisation that leads the case. `window`: the office that entered it.
ABOVE = ("county", "prefecture", "province")
OFFICES = ("township", *ABOVE)
EVERYWHERE = ("micro_grid", "grid", "village", *OFFICES)


@dataclass(frozen=True)
class Role:
    code: str
    title: Text
    levels: frozenset[str]


ROLES: dict[str, Role] = {}


def role(code: str, zh: str, en: str, levels: tuple[str, ...]) -> None:
    """Register a role (登记角色); twice with other words is a programming error."""
    made = Role(code, Text(zh, en), frozenset(levels))
    if ROLES.setdefault(code, made) != made:
        raise ValueError(f"role {code!r} is registered twice")


def role_title(code: str) -> Text:
    known = ROLES.get(code)
    return known.title if known else Text(code, code)


role("dispatcher", "调度员", "dispatcher", ("village", *OFFICES))
role("handler", "承办人", "handler", ("assigned", "village", *OFFICES))
role("grid_worker", "网格员", "grid worker", EVERYWHERE)
role("call_back", "回访员", "call-back desk", OFFICES)
role("clerk", "窗口人员", "window clerk", ("window", "village", *OFFICES))
role("supervisor", "督查", "supervisor", OFFICES)
role("leader", "负责人", "leader", ("assigned", "village", *OFFICES))
role("secretary", "书记", "party secretary", ("village", *OFFICES))
role("administrator", "平台管理员", "administrator", OFFICES)
role("applicant", "当事人", "the applicant", ())
