"""Personal data as it is shown by default (脱敏显示): enough to recognise, not enough to use."""

from __future__ import annotations

from dataclasses import dataclass

from linli.base.codes import mask_id, mask_name, mask_phone
from linli.base.i18n import Text
from linli.kernel.people.models import Person

ERASED = Text("（已到期删除）", "(erased: no longer kept)")


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """For templates and lists (脱敏后的居民): strings only, nothing to unmask in them."""

    uid: str
    name: str
    phone: str
    id_number: str

    def __str__(self) -> str:
        return self.name


def masked_name(person: Person | None) -> str:
    if person is None:
        return ""
    return str(ERASED) if person.erased_at else mask_name(person.name)


def masked_phone(person: Person | None) -> str:
    return mask_phone(person.phone) if person and person.phone else ""


def masked_id_number(person: Person | None) -> str:
    return mask_id(person.id_number) if person and person.id_number else ""


def masked(person: Person) -> MaskedPerson:
    """All three at once, masked (整体脱敏)."""
    return MaskedPerson(str(person.uid), masked_name(person), masked_phone(person), masked_id_number(person))
