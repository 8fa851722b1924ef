"""Two entries that are one person (登记查重与合并): found by keyed hash, merged by a clerk, undone exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.errors import Invalid, NotFound, Refused, absent
from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.domains.registers import likely, queries
from linli.domains.registers.models import ElementValue, LikelyPair, Merge, Resident
from linli.domains.registers.queries import CLERKS, visible_to
from linli.domains.registers.services import enter_keys
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Account, Person
from linli.kernel.people.services import fill_in
from linli.kernel.procedures.following import follow, go_back

MOST_ALIKE = 20
SAME_NAME_BIRTH = Text("同名、同出生日期", "same name and date of birth")
SAME_NAME_PHONE = Text("同名、同电话", "same name and phone")


@dataclass(frozen=True)
class Alike:
    resident: Resident
    why: Text


def alike(resident: Resident, actor: Actor) -> list[Alike]:
    """Who may be the same person (疑似重复): of the same name in one's area, and the same birth date or phone. Indexed; at most 20.
    Whoever has another ID number is somebody else, and whom a clerk set apart."""
    person = resident.person
    apart = LikelyPair.objects.filter(Q(one=resident) | Q(two=resident), apart_at__isnull=False)
    others = {pk for pair in apart.values_list("one", "two") for pk in pair}
    rows = visible_to(actor).filter(person__name_hash=person.name_hash, valid_to=None).exclude(pk=resident.pk)
    found = []
    for other in rows.select_related("person").order_by("pk")[:MOST_ALIKE]:
        ids = (person.id_number, other.person.id_number)
        if other.pk in others or (all(ids) and ids[0] != ids[1]):
            continue
        if resident.birth_date and resident.birth_date == other.birth_date:
            found.append(Alike(other, SAME_NAME_BIRTH))
        elif person.phone and person.phone == other.person.phone:
            found.append(Alike(other, SAME_NAME_PHONE))
    return found


WHY = {"birth": SAME_NAME_BIRTH, "phone": SAME_NAME_PHONE}


def likely_pairs(actor: Actor, *, cursor: str | None = None) -> Page[LikelyPair]:
    """Pairs of one's area that may be one person each (查重), a page by key. Pairs across two areas are seen by whoever keeps both."""
    here = queries.areas_of(actor)
    rows = LikelyPair.objects.filter(here if here is not None else Q(pk__in=[]), apart_at=None)
    living = rows.filter(one__valid_to=None, two__valid_to=None)
    related = living.select_related("one__person", "one__area", "two__person", "two__area")
    return keyset(related, ["prefix", "id"], cursor, queries.PAGE_SIZE)


@transaction.atomic
def set_apart(one: Resident, two: Resident, *, by: Actor, at: datetime | None = None) -> None:
    """Say that two entries are two people (不是同一个人): they are not offered again. Refuses an entry with itself and whoever
    does not keep both registers. Notes `registers.set_apart`."""
    at = at or clock.now()
    hats = [_hat(by, resident) for resident in (one, two)]
    first, second = sorted((one, two), key=lambda r: r.pk)
    if first.pk == second.pk:
        raise _not_two()
    LikelyPair.objects.update_or_create(
        one=first,
        two=second,
        defaults={"apart_at": at},
        create_defaults={
            "apart_at": at,
            "why": "birth",
            "prefix": likely.shared(first.prefix, second.prefix),
        },
    )
    audit.note("registers.set_apart", by=by, at=at, about=one.person, hat=hats[0], other=str(two.person.uid))


def _not_two() -> Refused:
    return Refused(
        "registers.not_two",
        Text(
            "不是两条现在有效的登记，没有合并。请刷新后再看。",
            "These are not two entries in force; nothing was merged. Reload and look again.",
        ),
    )


@transaction.atomic
def merge(kept: Resident, gone: Resident, *, by: Actor, reason: str, at: datetime | None = None) -> Merge:
    """Make one of two entries (合并): cases, values and the household link of the one follow to the other.

    Refuses two different ID numbers, an entry with itself, one that moved out or was merged, the one that signs in as the one
    that goes, an empty reason, and whoever does not keep both registers. Notes `registers.merged`, and in each
    case `party.merged`. Looks stay where they were made.
    """
    at = at or clock.now()
    hats = [_hat(by, resident) for resident in (kept, gone)]
    if not reason.strip():
        wrong = Text("请写明为什么是同一个人。", "Please say why they are the same person.")
        raise Invalid("registers.no_reason", wrong, fields={"reason": wrong})
    pks = sorted({kept.pk, gone.pk})
    locked = {p.pk: p for p in Person.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    entries = {
        r.pk: r for r in Resident.objects.select_for_update().filter(pk__in=pks, valid_to=None).order_by("pk")
    }
    if len(entries) != 2:
        raise _not_two()
    one, two = locked[kept.pk], locked[gone.pk]
    if one.id_number and two.id_number and one.id_number != two.id_number:
        raise Refused(
            "registers.two_id_numbers",
            Text(
                "两条登记的证件号码不同，不是同一个人，不能合并。号码有错的先更正。",
                "The two have different ID numbers and are not one person. Correct a wrong number first.",
            ),
        )
    if Account.objects.filter(person=two).exists():
        raise Refused(
            "registers.has_account",
            Text(
                "要并掉的那一条有登录账号。请反过来，保留有账号的一条。",
                "The entry that would go has an account. Keep that one instead.",
            ),
        )
    moved = _move(one, two, entries[two.pk], at)
    moved["cases"] = follow(two.pk, one.pk, by=by, hat=hats[0], at=at)
    done = Merge.objects.create(
        kept=one, gone=two, moved=json.dumps(moved), reason=reason.strip()[:200], account_id=by.account_id,
        post_id=hats[0].post_id if hats[0] else None, at=at,
    )  # fmt: skip
    audit.note(
        "registers.merged", by=by, at=at, about=one, hat=hats[0], gone=str(two.uid), merge=str(done.uid)
    )
    return done


def _move(one: Person, two: Person, entry: Resident, at: datetime) -> dict[str, Any]:
    has = ElementValue.objects.filter(person=one).values_list("element", flat=True)
    values = list(
        ElementValue.objects.filter(person=two).exclude(element__in=list(has)).values_list("pk", flat=True)
    )
    moved: dict[str, Any] = {
        "values": values, "household": entry.household_id,
        "filled": [name for name in ("id_number", "phone") if getattr(two, name) and not getattr(one, name)],
        "gone": {"id_number": two.id_number, "phone": two.phone, "name": two.name},
    }  # fmt: skip
    ElementValue.objects.filter(pk__in=values).update(person=one)
    Resident.objects.filter(pk=entry.pk).update(valid_to=clock.local(at).date(), household=None)
    if entry.household_id and Resident.objects.filter(pk=one.pk, household=None).update(
        household=entry.household_id
    ):
        moved["joined"] = True
    _say(two, **dict.fromkeys(("id_number", "phone", "name"), ""))
    _say(one, **{name: moved["gone"][name] for name in moved["filled"]})
    _entered(one.pk, two.pk)
    return moved


def _entered(*residents: int) -> None:
    for resident in Resident.objects.select_related("person").filter(pk__in=residents).order_by("pk"):
        enter_keys(resident)


def _say(person: Person, **values: str) -> None:
    fill_in(person, values)
    person.save()


@transaction.atomic
def undo(done: Merge, *, by: Actor, at: datetime | None = None) -> Merge:
    """Take a merge back (撤销合并): what followed goes back, and nothing else. Refuses a second time. Notes `registers.unmerged`."""
    at = at or clock.now()
    hat = _hat(by, Resident.objects.get(pk=done.kept_id))
    if not Merge.objects.filter(pk=done.pk, undone_at=None).update(undone_at=at):
        raise Refused(
            "registers.undone_already", Text("这次合并已经撤销过了。", "This merge was taken back already.")
        )
    moved = json.loads(done.moved)
    people = {p.pk: p for p in Person.objects.select_for_update().filter(pk__in=[done.kept_id, done.gone_id])}
    go_back(moved["cases"], done.gone_id, done.kept_id, by=by, hat=hat, at=at)
    ElementValue.objects.filter(pk__in=moved["values"], person_id=done.kept_id).update(person_id=done.gone_id)
    _say(people[done.kept_id], **dict.fromkeys(moved["filled"], ""))
    _say(people[done.gone_id], **moved["gone"])
    Resident.objects.filter(pk=done.gone_id).update(valid_to=None, household=moved["household"])
    if moved.get("joined"):
        Resident.objects.filter(pk=done.kept_id).update(household=None)
    _entered(done.kept_id, done.gone_id)
    Merge.objects.filter(pk=done.pk).update(moved=None)
    audit.note("registers.unmerged", by=by, at=at, about=done.kept, hat=hat, merge=str(done.uid))
    done.refresh_from_db()
    return done


def access_merge(uid: str, actor: Actor) -> Merge:
    try:
        done = Merge.objects.select_related("kept", "gone").get(uid=uid)
        _hat(actor, Resident.objects.get(pk=done.kept_id))
    except (Merge.DoesNotExist, Resident.DoesNotExist, ValidationError, NotFound) as error:
        raise absent(Text("合并", "merge")) from error
    return done


def _hat(by: Actor, resident: Resident) -> Hat | None:
    hat = next((h for role in sorted(CLERKS) if (h := by.hat_for(role, resident.prefix))), None)
    if hat is None and by.kind != "system":
        raise absent(Text("居民", "resident"))
    return hat
