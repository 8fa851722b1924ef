"""What the floors above tell this one (上层登记): whom they still need, whom they may see, what to export.

People knows no cases. A floor above registers in its `apps.py`, once; registering twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person

_still_needed: list[Callable[[Person], bool]] = []
_scopes: list[Callable[[Actor], Q | None]] = []
_exports: dict[str, Callable[[Person], Any]] = {}
_followers: list[Callable[[Person], None]] = []


def register_still_needed(question: Callable[[Person], bool]) -> None:
    """Asked before a person is anonymised (仍需保留?): true while a live case, visit or debt refers to them."""
    if question not in _still_needed:
        _still_needed.append(question)


def register_people_scope(scope: Callable[[Actor], Q | None]) -> None:
    """Which persons an actor may see because of what lies above (可见居民范围): a `Q` over Person, or None.

    An empty `Q()` opens nothing, since Django leaves it out of an OR.
    """
    if scope not in _scopes:
        _scopes.append(scope)


def register_export(part: str, collect: Callable[[Person], Any]) -> None:
    """A part of the copy that a person gets of their data (个人信息副本): plain JSON values."""
    _exports[part] = collect


def register_identity_follower(follow: Callable[[Person], None]) -> None:
    """Called, in the same transaction, once a person's name or phone was changed or they were anonymised (身份信息变更后): whatever a floor
    above keeps because of it follows. `erased_at` says which of the two it was."""
    if follow not in _followers:
        _followers.append(follow)


def identity_changed(person: Person) -> None:
    for follow in _followers:
        follow(person)


def is_still_needed(person: Person) -> bool:
    return any(question(person) for question in _still_needed)


def scopes_for(actor: Actor) -> list[Q]:
    return [q for scope in _scopes if (q := scope(actor)) is not None]


def exported_parts(person: Person) -> dict[str, Any]:
    return {part: collect(person) for part, collect in _exports.items()}
