"""Looks at personal data (查阅留痕): each has a purpose and is shown to the person (rights.md 2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import AccessEntry, Person
from linli.kernel.people.queries import people_visible_to

PERSONAL = ("name", "phone", "id_number")


@transaction.atomic
def reveal(
    person: Person,
    fields: Iterable[str],
    *,
    by: Actor,
    purpose: str,
    case_number: str = "",
    hat: Hat | None = None,
    at: datetime | None = None,
) -> dict[str, str]:
    """Read personal data unmasked (查看完整个人信息); the person sees who did and why.

    Refuses everybody but staff, an empty purpose, unknown fields; a person outside the actor's scope is as good
    as absent. `hat` is the post in which the look is made, the first one when it is not said. Adds one entry.
    """
    wanted = list(dict.fromkeys(fields))
    if not wanted or not set(wanted) <= set(PERSONAL):
        raise ValueError(f"personal fields are {PERSONAL}")
    hat = _require_look(by, purpose, hat)
    if not people_visible_to(by).filter(pk=person.pk).exists():
        raise absent(Text("居民", "resident"))
    _enter([person], by, hat, ", ".join(wanted), purpose, case_number, at)
    return {field: getattr(person, field) for field in wanted}


@transaction.atomic
def record_look(
    *,
    by: Actor,
    what: Iterable[str],
    purpose: str,
    person: Person | None = None,
    case_number: str = "",
    hat: Hat | None = None,
    at: datetime | None = None,
) -> AccessEntry | None:
    """Enter a look at personal facts kept elsewhere (登记查阅), such as a case's. The caller has checked visibility.

    A person's look at their own data is not entered. Refuses like `reveal`.
    """
    if person is not None and by.person_id == person.pk:
        return None
    hat = _require_look(by, purpose, hat)
    return _enter([person], by, hat, ", ".join(what), purpose, case_number, at)[0]


@transaction.atomic
def record_search(
    *,
    by: Actor,
    kind: str,
    purpose: str,
    found: Iterable[Person] = (),
    hat: Hat | None = None,
    at: datetime | None = None,
) -> list[AccessEntry]:
    """Enter a search for a person like a look at them (登记查询): one entry for each found, one when none was.

    `kind` says what was searched by (`phone`, `id_number`), never the text that was typed.
    """
    hat = _require_look(by, purpose, hat)
    return _enter(list(found) or [None], by, hat, f"search:{kind}", purpose, "", at)


def _require_look(by: Actor, purpose: str, hat: Hat | None) -> Hat:
    if not by.is_staff or by.account_id is None:
        raise NotAllowed(
            "people.staff_only",
            Text(
                "只有承办的工作人员可以查看完整信息。需要帮助请到服务窗口。",
                "Only staff on the matter may see this in full. Please ask at a service window.",
            ),
        )
    if not purpose.strip() or len(purpose) > 200:
        raise Invalid(
            "people.purpose_missing",
            Text(
                "请写明查看的目的（不超过200字），本人可以看到。",
                "Please say what you need it for (200 characters at most); the person can read it.",
            ),
            fields={"purpose": Text("请写明查看的目的。", "Please say what you need it for.")},
        )
    if hat is not None and hat not in by.hats:
        raise ValueError("a look is made in a post that the actor holds")
    return hat or by.hats[0]


def _enter(
    persons: Iterable[Person | None],
    by: Actor,
    hat: Hat,
    what: str,
    purpose: str,
    case_number: str,
    at: datetime | None,
) -> list[AccessEntry]:
    assert by.account_id is not None  # staff have one
    return AccessEntry.objects.bulk_create(
        AccessEntry(
            person=person,
            case_number=case_number,
            account_id=by.account_id,
            post_id=hat.post_id,
            what=what[:200],
            purpose=purpose.strip(),
            at=at or clock.now(),
        )
        for person in persons
    )
