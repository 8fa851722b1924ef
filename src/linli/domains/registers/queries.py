"""All reads of the registers (登记查询). Lists start from `visible_to`: residents of the areas of one's posts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from linli.base.clock import today
from linli.base.codes import check_id_number, normalise_phone
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.domains.registers.models import RELATIONS, SEXES, ElementValue, Household, NamePart, Resident
from linli.domains.registers.nameparts import FEWEST, KIND, letters, parts
from linli.kernel.people import limits
from linli.kernel.people import services as people
from linli.kernel.people.actors import Actor
from linli.kernel.people.elements import Element, element, elements
from linli.kernel.people.keys import current_vault
from linli.kernel.people.known import Known
from linli.kernel.people.models import Person
from linli.kernel.people.services.residents import HASHES, id_hash, phone_hash
from linli.kernel.places.models import Area
from linli.kernel.places.queries import current, prefix_range
from linli.kernel.procedures.versions import current_procedures

CLERKS = frozenset({"clerk"})
"""Whose work needs the register of their area (可查登记的岗位); grid workers and others see cases, no register."""
OWN = frozenset(
    "person.name person.id_number person.birth_date person.sex person.phone person.address household.number household.members "
    "household.relation child.name child.birth_date".split()
)
"""What the residents' register answers itself (居民登记自有的要素)."""
ENTER_FOR = CLERKS | {"agent"}
"""Who enters for somebody who came, and recognises them by their whole number; the village agent reads no register."""
PAGE_SIZE, MOST_MEMBERS = 30, 30
MOST_HOMES, MOST_VILLAGES = 400, 2000
MEMBER = Text("家庭成员", "member of the household")


def areas_of(actor: Actor, roles: frozenset[str] = CLERKS) -> Q | None:
    """The areas of the posts that keep the register (登记岗位的辖区)."""
    here: Q | None = None
    for prefix in {hat.area_prefix for hat in actor.hats if hat.roles & roles}:
        start, end = prefix_range(prefix)
        one = Q(prefix__gte=start, prefix__lt=end) if end else Q(prefix__gte=start)
        here = one if here is None else here | one
    return here


def visible_to(actor: Actor) -> QuerySet[Resident]:
    """Residents that this actor may look up (可见登记): oneself, and those of the areas of one's register posts."""
    seen = Q(person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
    if actor.is_staff and (here := areas_of(actor)) is not None:
        seen |= here
    return Resident.objects.filter(seen)


def people_of_the_register(actor: Actor) -> Q | None:
    """Persons whom a post may see because they are registered in its area; asked one by one, by key (可查居民)."""
    here = areas_of(actor, ENTER_FOR) if actor.is_staff else None
    return None if here is None else Q(Exists(Resident.objects.filter(here, person=OuterRef("pk"))))


def lives_here(person: Person) -> bool:
    """Whether the register still needs a person (仍在册): until they moved out."""
    return Resident.objects.filter(person=person, valid_to=None).exists()


def own_entry(person: Person) -> dict[str, str]:
    """A person's own entry for their copy (本人登记副本)."""
    codes = {one.code for one in elements()}
    return {code: str(value.value) for code, value in sorted(known(person, codes).items())}


# ------------------------------------------------------------------------------------------ what is known


def known(person: Person, codes: Collection[str]) -> dict[str, Known]:
    """What the register of residents answers (居民登记的已知信息)."""
    resident = Resident.objects.select_related("household").filter(person=person, valid_to=None).first()
    found: dict[str, Known] = {}
    if resident is not None:
        source = _source(resident.source)
        values: dict[str, tuple[Any, tuple[Person, ...]]] = {
            code: (value, ()) for code, value in _values(person, resident).items()
        }
        if resident.household_id is not None and any(
            c.startswith(("household.members", "child.")) for c in codes
        ):
            values |= _family(resident)
        found = {
            c: Known(v, source, resident.as_of, also) for c, (v, also) in values.items() if v and c in codes
        }
    rest = [code for code in codes if code not in found]
    held = ElementValue.objects.filter(person=person, element__in=rest)
    for row in held.filter(Q(valid_to=None) | Q(valid_to__gte=today())):
        found[row.element] = Known(row.value, _source(row.source), row.as_of)
    return found


def _values(person: Person, resident: Resident) -> dict[str, Any]:
    return {
        "person.name": person.name,
        "person.id_number": person.id_number,
        "person.phone": person.phone,
        "person.birth_date": resident.birth_date,
        "person.sex": resident.sex,
        "person.address": resident.address,
        "household.number": resident.household.number if resident.household else "",
        "household.relation": resident.relation,
    }


def _family(resident: Resident) -> dict[str, tuple[Any, tuple[Person, ...]]]:
    """What the household says, with those whom it names."""
    members = list(
        Resident.objects.filter(household=resident.household_id, valid_to=None)
        .exclude(pk=resident.pk)
        .select_related("person")
        .order_by("pk")[:MOST_MEMBERS]
    )
    everybody = tuple(m.person for m in members)
    values: dict[str, tuple[Any, tuple[Person, ...]]] = {
        "household.members": ("、".join(p.name for p in everybody), everybody)
    }
    children = [m for m in members if m.relation == "child" and resident.relation in {"head", "spouse"}]
    if children:
        youngest = max(children, key=lambda m: m.birth_date)
        about = (youngest.person,)
        values |= {
            "child.name": (youngest.person.name, about),
            "child.birth_date": (youngest.birth_date, about),
        }
    return values


def _source(words: str) -> Text:
    zh, _, en = words.partition(" | ")
    return Text(zh, en or zh)


def said(code: str, value: Any) -> Text | str:
    """A value as a page shows it (显示用值)."""
    table = {"person.sex": SEXES, "household.relation": RELATIONS}.get(code, {})
    return table.get(str(value), str(value).removeprefix("+86") if code == "person.phone" else str(value))


@dataclass(frozen=True)
class Line:
    """One datum of a person with all that they should know about it (一项登记)."""

    element: Element
    value: Text | str
    source: Text
    as_of: date


def not_held() -> set[str]:
    """What is in the dictionary and no register answers (还没有来源的要素), in one statement: nothing came by file, or nobody is
    connected who could be asked."""
    by_file = [one.code for one in elements() if one.by_file]
    asked = ", ".join(["EXISTS(SELECT 1 FROM registers_elementvalue WHERE element = %s)"] * len(by_file))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", by_file)
        held = {code for code, there in zip(by_file, cursor.fetchone(), strict=True) if there}
    return (
        {one.code for one in elements()} - held - OWN - {"bank.account"}
    )  # which the person says in the case


def lines(found: dict[str, Known]) -> list[Line]:
    known_elements = [(one, found[one.code]) for one in elements() if one.code in found]
    return [Line(one, said(one.code, k.value), k.source, k.as_of) for one, k in known_elements]


# ------------------------------------------------------------------------------------------ lists


def households(actor: Actor, *, cursor: str | None = None) -> Page[Household]:
    """Households of one's areas, by key (户列表), with how many live in those of the page."""
    here = areas_of(actor) if actor.is_staff else None
    rows = Household.objects.filter(here if here is not None else Q(pk__in=[])).select_related("area")
    living = Resident.objects.filter(household=OuterRef("pk"), valid_to=None).order_by().values("household")
    n_living = Coalesce(Subquery(living.annotate(n=Count("pk")).values("n")), 0)
    return keyset(rows.annotate(n_living=n_living), ["prefix", "id"], cursor, PAGE_SIZE)


def access_household(number: str, actor: Actor) -> Household:
    here = areas_of(actor) if actor.is_staff else None
    found = (
        Household.objects.select_related("area").filter(here, number=number).first()
        if here is not None
        else None
    )
    if found is None:
        raise absent(Text("户", "household"))
    return found


def access_resident(uid: str, actor: Actor) -> Resident:
    """The resident with this uid, if this actor may see them; else what does not exist."""
    try:
        return visible_to(actor).select_related("person", "household", "area").get(person__uid=uid)
    except (Resident.DoesNotExist, ValidationError, ValueError, TypeError) as error:
        raise absent(Text("居民", "resident")) from error


def homes(actor: Actor) -> list[Area]:
    """Where a clerk may register somebody (可登记的村和网格): villages and grids in force, in the order of their codes; the
    villages alone where the grids would be too many to choose from."""
    here = areas_of(actor) if actor.is_staff else None
    if here is None:
        return []
    rows = current().filter(here).select_related("parent").order_by("prefix")
    found = list(rows.filter(level__in=("village", "grid"))[: MOST_HOMES + 1])
    return found if len(found) <= MOST_HOMES else list(rows.filter(level="village")[:MOST_VILLAGES])


def residents(
    actor: Actor, *, area: Area | None = None, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Resident]:
    """Who lives in one's area (辖区居民), a page by key; everybody else finds themselves alone. Masked where it is shown."""
    rows = visible_to(actor).filter(valid_to=None).select_related("person", "area", "household")
    if area is not None:
        start, end = prefix_range(area.prefix)
        rows = rows.filter(prefix__gte=start, **({"prefix__lt": end} if end else {}))
    return keyset(rows, ["prefix", "pk"], cursor, limit)


def members(household: Household) -> list[Resident]:
    rows = Resident.objects.filter(household=household, valid_to=None).select_related("person")
    return list(rows.order_by("pk")[:MOST_MEMBERS])


# ------------------------------------------------------------------------------------------ search

SEARCHES_AN_HOUR = 120
BY_PART = "name_part"


def search(
    text: str, *, by: Actor, purpose: str, cursor: str | None = None, at: datetime | None = None
) -> Page[Resident]:
    """Look for residents of one's area by a part of the name, a whole phone or a whole ID number (查居民), a page by key.

    Refuses everybody but clerks, a name of one character, a search without a purpose, and more than 120 an hour from one account.
    Entered like a look at each who is on the page; each kind is one query by keyed hashes that stays inside the area.
    """
    hat = next((h for h in by.hats if h.roles & CLERKS), None)
    here = areas_of(by) if by.is_staff else None
    if hat is None or here is None:
        raise absent(Text("居民", "resident"))
    kind, value = _asked_by(text)
    limits.hit(f"find-resident:{by.account_id}", SEARCHES_AN_HOUR, timedelta(hours=1))
    if kind == BY_PART:
        page = _by_part(here, value, cursor)
    else:
        hashed = {"phone": phone_hash, "id_number": id_hash}[kind](value)
        rows = visible_to(by).filter(**{f"person__{HASHES[kind]}": hashed})
        page = keyset(rows.select_related("person", "household", "area"), ["pk"], cursor, PAGE_SIZE)
    people.record_search(
        by=by, kind=kind, purpose=purpose, found=[r.person for r in page.items], hat=hat, at=at
    )
    return page


def _asked_by(text: str) -> tuple[str, str]:
    """What kind of search this is, with the number as it is hashed."""
    plain = "".join(text.split())
    for kind, check in (("id_number", lambda t: check_id_number(t).number), ("phone", normalise_phone)):
        if any(c.isdigit() for c in plain):
            try:
                return kind, check(plain)
            except Invalid:
                continue
    if len(letters(text)) < FEWEST or any(c.isdigit() for c in plain):
        problem = Text(
            "请写姓名中至少连着的两个字，或完整的电话、证件号码。",
            "Write at least two neighbouring characters of the name, or a whole phone or ID number.",
        )
        raise Invalid("registers.too_little", problem, fields={"q": problem})
    return BY_PART, letters(text)


def with_pairs(here: Q, value: str) -> QuerySet[NamePart]:
    """Entries of one's area with every pair of a part of a name (含各对字的登记): one index range, the others looked up by key."""
    first, *others = parts(value, current_vault().finder(KIND))
    rows = NamePart.objects.filter(here, part=first).annotate(id=F("resident_id"))
    for other in others:
        same = NamePart.objects.filter(part=other, prefix=OuterRef("prefix"), resident=OuterRef("resident"))
        rows = rows.filter(Exists(same))
    return rows.select_related("resident__person", "resident__household", "resident__area")


def _by_part(here: Q, value: str, cursor: str | None) -> Page[Resident]:
    """What is on the page alone is opened, to see that the pairs stand together."""
    page: Page[NamePart] = keyset(with_pairs(here, value), ["prefix", "id"], cursor, PAGE_SIZE)
    found = [row.resident for row in page.items if value in letters(row.resident.person.name)]
    return Page(found, page.next_cursor, page.has_more)


# ------------------------------------------------------------------------------------------ overlap


@dataclass(frozen=True)
class Asked:
    """A question of a form about what a register owns (表单里的已登记项)."""

    form: Text
    field: Text
    element: Element
    prefilled: bool
    reason: Text | None


def asked_fields() -> tuple[list[Asked], int]:
    """Which fields of all forms in force ask for registered data, and how many fields there are (重复填报情况)."""
    asked, n_fields = [], 0
    for procedure in current_procedures():
        for field in procedure.fields.values():
            n_fields += 1
            one = element(field.element) if field.element else None
            if one is not None:
                asked.append(Asked(procedure.title, field.title, one, field.prefilled, field.ask_again))
    return asked, n_fields
