"""Residents known to the platform (居民): found, corrected, copied; never more than the purpose needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from linli.base import clock
from linli.base.codes import check_id_number, normalise_phone
from linli.base.errors import Invalid, NotAllowed, Refused, absent
from linli.base.i18n import LANGUAGES, Text
from linli.base.text import same_name as _same
from linli.kernel.people import audit, hooks
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import Account, Person
from linli.kernel.people.queries import accesses_of, people_visible_to
from linli.kernel.people.services.looks import record_search, reveal

MAX_NAME = 60
MOST_FOUND = 20
HASHES = {"id_number": "id_hash", "phone": "phone_hash", "name": "name_hash"}
CORRECTABLE = ("name", "phone", "id_number", "language")


def phone_hash(phone: str) -> bytes:
    """Keyed hash of a phone as `normalise_phone` gives it (电话检索值)."""
    return current_vault().lookup_hash("phone", phone)


def id_hash(id_number: str) -> bytes:
    return current_vault().lookup_hash("id_number", id_number)


def name_hash(name: str) -> bytes:
    """Keyed hash of a whole name, however it was spaced or written (姓名检索值)."""
    return current_vault().lookup_hash("name", _same(name))


@transaction.atomic
def find_or_create_person(
    name: str = "",
    phone: str = "",
    id_number: str = "",
    *,
    by: Actor | None = None,
    language: str = "zh",
    at: datetime | None = None,
) -> Person:
    """Find a person by ID number, else by phone and name, or enter them (查找或登记居民).

    A shared phone may belong to several people, so another name makes another person; an empty name fits when only
    one person has the phone. What is stored is never overwritten: an ID number known under another name notes
    `people.name_differs` for somebody to look into. An ID number is added to a known person only by staff,
    who have seen the card, and a name to somebody who signs in only by staff or themselves. Refuses numbers that cannot be right (Invalid, `fields`), and nothing at all to go by.
    """
    at = at or clock.now()
    entry = _checked({"name": name, "phone": phone, "id_number": id_number})
    if not any(entry.values()):
        raise Invalid(
            "people.nothing_to_go_by",
            Text("请至少填写姓名或电话。", "Please enter at least a name or a phone number."),
            fields={"phone": Text("请填写电话。", "Please enter a phone number.")},
        )
    found = _find(entry, by)
    if found is None:
        person = Person(language=language if language in LANGUAGES else "zh", created_at=at, needed_at=at)
        fill_in(person, entry)
        try:
            with transaction.atomic():
                person.save()
                return person
        except IntegrityError:  # the same ID number was entered a moment ago
            found = Person.objects.get(id_hash=id_hash(entry["id_number"]))
    if entry["name"] and found.name and _same(entry["name"]) != _same(found.name):
        audit.note("people.name_differs", by=by or Actor("system"), at=at, about=found)
    missing = {key: value for key, value in entry.items() if value and not getattr(found, key)}
    if by is None or not by.is_staff:
        missing.pop("id_number", None)
        if "name" in missing and (by is None or by.person_id != found.pk) and hasattr(found, "account"):
            del missing["name"]  # whoever knows a number does not name the person who signs in with it
    fill_in(found, missing)
    found.needed_at = max(at, found.needed_at)
    found.save()
    if missing.keys() & {"name", "phone"}:
        hooks.identity_changed(found)
    return found


@transaction.atomic
def correct_person(
    person: Person,
    changes: Mapping[str, str],
    *,
    by: Actor,
    reason: str = "",
    at: datetime | None = None,
) -> Person:
    """Correct what is kept about a person (更正个人信息, PIPL 46), by the person or by staff who may see them.

    The person's own phone is changed by proving the new one (`signin.change_phone`), not here. Staff give a reason.
    Refuses an ID number that another person has. Records the names of the fields, not their content.
    """
    at = at or clock.now()
    unknown = set(changes) - set(CORRECTABLE)
    if unknown:
        raise ValueError(f"not correctable: {sorted(unknown)}")
    own = by.person_id is not None and by.person_id == person.pk
    if own and "phone" in changes:
        raise Refused(
            "people.phone_needs_code",
            Text(
                "更换手机号须用新号码接收验证码确认。",
                "To change your phone number, confirm the new one with the code that is sent to it.",
            ),
        )
    if not own:
        if not by.is_staff and by.kind != "system":
            raise absent(Text("居民", "resident"))
        if by.is_staff and not people_visible_to(by).filter(pk=person.pk).exists():
            raise absent(Text("居民", "resident"))
        if not reason.strip():
            raise Invalid(
                "people.reason_missing",
                Text("请写明更正的理由。", "Please say why this is corrected."),
                fields={"reason": Text("请写明更正的理由。", "Please say why this is corrected.")},
            )
    entry = _checked({key: changes[key] for key in changes if key != "language"})
    if entry.get("id_number"):
        other = Person.objects.filter(id_hash=id_hash(entry["id_number"])).exclude(pk=person.pk)
        if other.exists():
            raise Refused(
                "people.id_number_taken",
                Text(
                    "这个证件号码已登记给另一人。请核对证件；确属本人的请到服务窗口合并。",
                    "This ID number is entered for another person. Check the card; if it is yours, "
                    "ask at a service window to have both entries merged.",
                ),
            )
    fill_in(person, entry)
    if changes.get("language") in LANGUAGES:
        person.language = changes["language"]
    person.save()
    if entry.keys() & {"name", "phone"}:
        hooks.identity_changed(person)
    audit.note(
        "people.person_corrected", by=by, at=at, about=person, fields=sorted(changes), reason=reason[:200]
    )
    return person


@transaction.atomic
def export_person(
    person: Person, *, by: Actor, purpose: str = "", hat: Hat | None = None, at: datetime | None = None
) -> dict[str, Any]:
    """All that is kept about a person, as plain JSON values (个人信息副本, PIPL 45): for themselves, or by staff for
    them at a window, which is entered as a look. Others get the answer of what does not exist."""
    at = at or clock.now()
    if by.person_id is None or by.person_id != person.pk:
        if not by.is_staff:
            raise absent(Text("居民", "resident"))
        reveal(person, ("name", "phone", "id_number"), by=by, purpose=purpose, hat=hat, at=at)
    looks: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = accesses_of(person, cursor=cursor, limit=200)
        looks += [look.as_dict() for look in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    audit.note("people.person_exported", by=by, at=at, about=person, hat=hat)
    return {
        "person": {
            "uid": str(person.uid),
            "name": person.name,
            "phone": person.phone,
            "id_number": person.id_number,
            "language": person.language,
            "created_at": person.created_at.isoformat(),
        },
        "looks": looks,
        **hooks.exported_parts(person),
    }


def search_people(
    *,
    by: Actor,
    purpose: str,
    phone: str = "",
    id_number: str = "",
    name: str = "",
    hat: Hat | None = None,
    at: datetime | None = None,
) -> list[Person]:
    """Search for a person by whole phone, ID number or full name (查询居民), within what the actor may see. Entered as a
    look at everyone found; a search without a result is entered too. At most 20, newest first.

    Each kind is one indexed query by a keyed hash; nothing is opened to be compared.
    """
    entry = _checked({"phone": phone, "id_number": id_number, "name": name})
    kind = next((k for k in ("id_number", "phone", "name") if entry[k]), "phone")
    if not entry[kind]:
        raise Invalid(
            "people.nothing_to_go_by",
            Text("请填写完整的电话或证件号码。", "Please enter a whole phone or ID number."),
            fields={"phone": Text("请填写完整的电话。", "Please enter the whole number.")},
        )
    seen = people_visible_to(by).order_by("-id")
    hashed = {"id_number": id_hash, "phone": phone_hash, "name": name_hash}[kind]
    found = list(seen.filter(**{HASHES[kind]: hashed(entry[kind])})[:MOST_FOUND])
    record_search(by=by, kind=kind, purpose=purpose, found=found, hat=hat, at=at)
    return found


@transaction.atomic
def create_resident_account(person: Person, *, demo: bool = False, at: datetime | None = None) -> Account:
    """Open an account for a resident (开设居民账号). It carries no name: that stays sealed with the person."""
    if person.erased_at is not None:
        raise NotAllowed(
            "people.person_erased",
            Text(
                "该居民信息已到期删除，请重新登记。", "This entry was erased; please enter the person anew."
            ),
        )
    account = Account(
        username=f"resident-{person.uid.hex}",
        name="居民",
        name_en="Resident",
        person=person,
        language=person.language,
        demo=demo,
        created_at=at or clock.now(),
    )
    account.set_unusable_password()
    account.save()
    return account


def _find(entry: Mapping[str, str], by: Actor | None) -> Person | None:
    alive = Person.objects.select_for_update().filter(erased_at__isnull=True)
    if entry["id_number"] and (known := alive.filter(id_hash=id_hash(entry["id_number"])).first()):
        return known
    if not entry["phone"]:
        return _oneself(entry, by)
    sharing = list(alive.filter(phone_hash=phone_hash(entry["phone"])).order_by("id")[:20])
    if entry["id_number"]:
        # Somebody whose other ID number is known is somebody else.
        sharing = [person for person in sharing if not person.id_number]
    if entry["name"]:
        same = [person for person in sharing if _same(person.name) == _same(entry["name"])]
        return next(iter(same or [person for person in sharing if not person.name]), None)
    return sharing[0] if len(sharing) == 1 else None


def _oneself(entry: Mapping[str, str], by: Actor | None) -> Person | None:
    """A signed-in resident who gives no number and no other name is themselves."""
    if by is None or by.person_id is None or by.is_staff or entry["id_number"]:
        return None
    person = Person.objects.get(pk=by.person_id)
    return person if not person.name or _same(person.name) == _same(entry["name"]) else None


def _checked(entry: Mapping[str, str]) -> dict[str, str]:
    checked: dict[str, str] = {}
    faults: dict[str, Text] = {}
    for field, value in entry.items():
        value = value.strip()
        try:
            if value and field == "phone":
                value = normalise_phone(value)
            elif value and field == "id_number":
                value = check_id_number(value).number
            elif field == "name" and len(value) > MAX_NAME:
                faults[field] = Text(
                    f"姓名不超过{MAX_NAME}个字。", f"A name has {MAX_NAME} characters at most."
                )
        except Invalid as error:
            faults[field] = error.message
        checked[field] = value
    if faults:
        raise Invalid(
            "people.person_invalid",
            Text(
                "姓名、电话或证件号码有误。请按各栏提示更正。",
                "The name, phone or ID number needs mending. Please correct it as noted.",
            ),
            fields=faults,
        )
    return checked


def fill_in(person: Person, entry: Mapping[str, str]) -> None:
    """Set what says who a person is, with the hashes by which they are found (写入身份信息); the caller saves and records."""
    for field, value in entry.items():
        setattr(person, field, value)
    if "phone" in entry:
        person.phone_hash = phone_hash(entry["phone"]) if entry["phone"] else None
    if "name" in entry:
        person.name_hash = name_hash(entry["name"]) if entry["name"] else None
    if "id_number" in entry:
        person.id_hash = id_hash(entry["id_number"]) if entry["id_number"] else None
