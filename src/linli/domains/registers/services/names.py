"""What follows a name (随姓名变更): the hashes by which somebody is found, and the end of an entry whose person was anonymised."""

from __future__ import annotations

from django.db.models import Q

from linli.domains.registers import likely, nameparts
from linli.domains.registers.models import ElementValue, Merge, NamePart, Resident
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import Person


def enter_keys(resident: Resident) -> None:
    """Let somebody who lives here be found by a part of their name, and whoever may be the same person beside them; nobody who
    moved out (登记检索值); the caller's transaction."""
    NamePart.objects.filter(resident=resident).delete()
    likely.forget([resident.pk])
    if resident.valid_to is not None:
        return
    vault, person = current_vault(), resident.person
    NamePart.objects.bulk_create(
        NamePart(resident=resident, part=part, prefix=resident.prefix)
        for part in nameparts.parts(person.name, vault.finder(nameparts.KIND))
    )
    find = vault.finder(nameparts.ALIKE)
    resident.alike_birth = nameparts.alike(person.name, resident.birth_date, find)
    resident.alike_phone = nameparts.alike(person.name, person.phone, find)
    Resident.objects.filter(pk=resident.pk).update(
        alike_birth=resident.alike_birth, alike_phone=resident.alike_phone
    )
    likely.find([resident.pk])


def follow_identity(person: Person) -> None:
    """A name or phone that was changed elsewhere is found here at once; of whom was anonymised nothing stays (随姓名变更或删除)."""
    if person.erased_at is not None:
        ElementValue.objects.filter(person=person).delete()
        Merge.objects.filter(Q(kept=person) | Q(gone=person)).update(moved=None)
        Resident.objects.filter(person=person).delete()
    elif (resident := Resident.objects.filter(person=person).first()) is not None:
        resident.person = person
        enter_keys(resident)
