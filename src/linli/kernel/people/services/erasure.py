"""Having one's own data erased (注销与删除), PIPL 47: what nothing needs goes at once, the rest when it is done."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.people import audit, hooks
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account, ApiToken, Mandate, Person
from linli.kernel.people.retention import anonymise
from linli.kernel.people.services.drafts import forget_drafts_of
from linli.kernel.people.signin import prove_phone


@transaction.atomic
def erase_oneself(person: Person, *, code: str, by: Actor, at: datetime | None = None) -> bool:
    """Close one's account and have what is kept erased (注销并删除个人信息), proven by the code sent to one's phone.

    Drafts and mandates go at once, the account is closed, and so are name, phone and ID number unless a case that is
    open still needs them: then the retention job erases them when the last one has ended (False). Records
    `people.erasure_asked`, and `people.person_erased` once it is done. The marks of who looked stay, without the data
    (Cybersecurity Law 23). Refuses a wrong code, and everybody else.
    """
    at = at or clock.now()
    if by.person_id != person.pk or by.is_staff:
        raise absent(Text("居民", "resident"))
    prove_phone(person.phone, code, at=at)
    account = Account.objects.select_for_update().get(person=person)
    forget_drafts_of(account.pk)
    ApiToken.objects.filter(account=account, revoked_at__isnull=True).update(revoked_at=at)
    Mandate.objects.filter(Q(grantor=person) | Q(helper=person), ended_at__isnull=True).update(ended_at=at)
    account.is_active = False
    account.save(update_fields=["is_active"])
    audit.note("people.erasure_asked", by=by, at=at, about=person)
    person.erasure_asked_at = at
    if hooks.is_still_needed(person):
        person.save(update_fields=["erasure_asked_at"])
        return False
    anonymise(person, at)
    return True
