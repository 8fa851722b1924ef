"""What is known about a person (已知信息): registers answer by element, so that no form asks for it again.

    values = known_about(person, ["person.birth_date"], purpose="prefill", by=actor)

A look of staff is entered and read by the person. What is sensitive comes only with a ground: a consent or a named law.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.elements import element
from linli.kernel.people.models import Person
from linli.kernel.people.queries import people_visible_to
from linli.kernel.people.services.looks import record_look

NEVER_TO_STAFF = frozenset({"bank.account"})


@dataclass(frozen=True, slots=True)
class Known:
    """A value with its register and the day from which it is known (已知值). `also`: others whom the value names."""

    value: Any
    source: Text
    as_of: date
    also: tuple[Person, ...] = ()


Source: TypeAlias = "Callable[[Person, Collection[str]], dict[str, Known]]"
_sources: dict[str, Source] = {}


def known_source(name: str, function: Source) -> None:
    """A register answers for its elements (登记信息来源); called once, from the domain's `apps.py`."""
    if _sources.get(name, function) is not function:
        raise ValueError(f"{name!r} is registered twice")
    _sources[name] = function


def known_about(
    person: Person,
    codes: Iterable[str],
    *,
    purpose: str,
    by: Actor,
    ground: str = "",
    case_number: str = "",
    hat: Hat | None = None,
    at: datetime | None = None,
) -> dict[str, Known]:
    """What the registers know of these elements (调用已知信息); what nobody knows is left out.

    To oneself, the system, and staff who may see the person: the others get the answer of what does not exist. Without a
    `ground` (the consent, or the article of a named law: PIPL 28–29) nothing sensitive comes, and a bank account never comes
    to staff. What staff got is entered as one look, naming the elements and the ground; and as one at each other person whom
    a value names, such as a child.
    """
    own = by.person_id is not None and by.person_id == person.pk
    if not own and by.kind != "system":
        if not by.is_staff or not people_visible_to(by).filter(pk=person.pk).exists():
            raise absent(Text("居民", "resident"))
    wanted = {code for code in codes if _may(code, own=own, ground=ground)}
    found: dict[str, Known] = {}
    for source in _sources.values():
        if rest := wanted - found.keys():
            found |= {code: known for code, known in source(person, rest).items() if code in rest}
    if found and by.is_staff and not own:
        why = f"{purpose} ({ground})" if ground else purpose
        seen: dict[Person, list[str]] = {person: sorted(found)}
        for code, known in sorted(found.items()):
            for other in known.also:
                seen.setdefault(other, []).append(code)
        for whom, what in seen.items():
            record_look(by=by, person=whom, what=what, purpose=why, case_number=case_number, hat=hat, at=at)
    return found


def _may(code: str, *, own: bool, ground: str) -> bool:
    one = element(code)
    if one is None or (code in NEVER_TO_STAFF and not own):
        return False
    return own or one.sensitivity != "sensitive" or bool(ground.strip())
