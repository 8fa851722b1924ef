"""Erases what is due (到期删除, PIPL 19 and 47) and says what it did."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.kernel.people import audit, hooks, limits
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import ApiToken, Person, PhoneCode
from linli.kernel.people.purposes import PERSON_KEPT_YEARS
from linli.kernel.people.services.drafts import forget_old_drafts

BATCH = 200
TOKENS_KEPT = timedelta(days=183)  # the log of who could sign in how: six months, Cybersecurity Law 23


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What the job did (删除情况): `n_kept` were old enough but something still refers to them."""

    n_erased: int
    n_kept: int
    n_phone_codes: int
    n_limit_counts: int
    n_tokens: int
    n_drafts: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def erase_due(at: datetime | None = None) -> ErasureReport:
    """Anonymise persons whom nothing needed for the keep period (到期匿名化), and clear used-up codes and counts.

    Never those with an account, unless they asked for it, nor those a floor above still needs. What looks
    at their data were made stays known, without the data. Works in short transactions; safe to repeat.
    """
    at = at or clock.now()
    before = _years_before(at, PERSON_KEPT_YEARS)
    n_erased = n_kept = last = 0
    while True:
        with transaction.atomic():
            due = list(
                Person.objects.select_for_update(of=("self",))
                .filter(Q(needed_at__lt=before, account__isnull=True) | Q(erasure_asked_at__isnull=False))
                .filter(erased_at__isnull=True, pk__gt=last)
                .order_by("pk")[:BATCH]
            )
            for person in due:
                if hooks.is_still_needed(person):
                    n_kept += 1
                else:
                    anonymise(person, at)
                    n_erased += 1
        if len(due) < BATCH:
            break
        last = due[-1].pk
    return ErasureReport(
        n_erased=n_erased,
        n_kept=n_kept,
        n_phone_codes=PhoneCode.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()[0],
        n_limit_counts=limits.clear(at=at),
        n_tokens=ApiToken.objects.filter(expires_at__lt=at - TOKENS_KEPT).delete()[0],
        n_drafts=forget_old_drafts(at),
    )


def anonymise(person: Person, at: datetime) -> None:
    """Take everything from the row that could say who it was (匿名化); the row stays, for what refers to it."""
    person.name = person.phone = person.id_number = ""
    person.phone_hash = person.id_hash = person.name_hash = None
    person.erased_at = at
    person.save()
    hooks.identity_changed(person)
    audit.note("people.person_erased", by=SYSTEM, at=at, about=person)


def _years_before(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year - years)
    except ValueError:  # 29 February
        return at.replace(year=at.year - years, day=28)
