"""The window clerk's fast lane (窗口快速登记): one column of questions in the order in which people talk, for whatever
the window may open. What is asked stays the procedure's; here is who it is for, where, and the switch on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.masks import MaskedPerson, masked
from linli.kernel.people.models import Person
from linli.kernel.people.queries import access_person
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import current, within
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.own_records import HELPER_NAME, HELPER_PHONE, OWN_FIELDS
from linli.web.forms import Choice, FieldView
from linli.web.registry import reports_for

MOST_AREAS = 600
LATELY, RECENT = 30, 4
USED = Text("最近用过", "Used lately")
HELPER_CODES = (HELPER_NAME, HELPER_PHONE)
PERSON = "person"  # the answer to 「是他吗」: a person's uid


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that may be entered here (可登记的一种)."""

    title: Text
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """What the page knows besides its questions (快速登记页)."""

    title: Text
    entries: Sequence[Entry]
    phone: str = ""  # the question under which a person is looked for
    name: str = ""
    category: str = ""
    suggest_url: str = ""
    folded: frozenset[str] = frozenset()  # questions that wait under 更多
    person: MaskedPerson | None = None
    may_enter_mandates: bool = False

    @property
    def tiles(self) -> str:
        return str(getattr(settings, "LINLI_MAP_TILES", ""))


def entries(actor: Actor, here: str) -> list[Entry]:
    """What this person may enter (可登记的事项): the big buttons of the desk, then every procedure their posts begin."""
    found = [
        Entry(r.title, reverse(r.url_name), reverse(r.url_name) == here)
        for r in reports_for("staff", actor.roles)
    ]
    for procedure in begun_by(actor):
        url = reverse("web:desk_begin", args=[procedure.code])
        found.append(Entry(procedure.title, url, url == here))
    return found


def areas(here: Area | None, actor: Actor, *, grids: bool = True) -> list[Choice]:
    """The places below an area to choose from (可选地点): those used lately first, then by township.

    Where villages and grids together are too many for one list, the villages alone; where they still are, none.
    """
    if here is None:
        return []
    levels = ["village", "grid"] if grids else ["township", "village"]
    rows = _below(here, levels)
    if len(rows) > MOST_AREAS:
        rows = _below(here, ["village"])
    if len(rows) > MOST_AREAS:
        return []
    choices = [Choice(row.code, _named(row), group=_group(row)) for row in rows]
    by_code = {choice.value: choice for choice in choices}
    lately = [by_code[code] for code in _lately(actor) if code in by_code][:RECENT]
    return [*(Choice(c.value, c.label, group=USED) for c in lately), *choices]


def _below(here: Area, levels: Sequence[str]) -> list[Area]:
    rows = current(within(here.prefix)).filter(level__in=levels).select_related("parent__parent")
    return list(rows.order_by("code")[: MOST_AREAS + 1])


def _named(area: Area) -> Text:
    """A grid with the name of its village, unless it carries it already."""
    above = area.parent
    if area.level != "grid" or above is None or area.name.startswith(above.name[:2]):
        return area.title
    return Text(f"{above.title.zh} {area.title.zh}", f"{above.title.en}, {area.title.en}")


def _group(area: Area) -> Text | str:
    above = area.parent.parent if area.level == "grid" and area.parent is not None else area.parent
    return above.title if above is not None else ""


def _lately(actor: Actor) -> list[str]:
    """Where this person entered something lately, newest first, each once."""
    if actor.account_id is None:
        return []
    mine = Case.objects.filter(
        participations__kind="account", participations__ref=actor.account_id, participations__part="recorder"
    )
    codes = mine.order_by("-participations__case_id").values_list("area__code", flat=True)[:LATELY]
    return list(dict.fromkeys(codes))


# ------------------------------------------------------------------------------------------------ the person


def chosen(uid: str, actor: Actor, *, field: str) -> Person | None:
    """The person whom the clerk recognised (已核对的本人); None when nobody was. Refuses whom the clerk may not see."""
    if not uid:
        return None
    try:
        return access_person(uid, actor)
    except LinliError as error:
        problem = Text(
            "没有查到这个人，请重新输入电话再查一次，或直接写姓名。",
            "This person was not found. Enter the phone again, or write the name.",
        )
        raise Invalid("web.no_such_person", problem, fields={field: problem}) from error


def shown(uid: str, actor: Actor) -> MaskedPerson | None:
    """The chosen person for the page that asks again, masked."""
    try:
        return masked(access_person(uid, actor)) if uid else None
    except LinliError:
        return None


def known_again(person: Person, by: Actor) -> Person:
    """The same person, noted as needed once more (再次来办): the time for which their data is kept begins anew."""
    return find_or_create_person(name=person.name, phone=person.phone, id_number=person.id_number, by=by)


def filled(said: Mapping[str, object], person: Person | None, *, phone: str, name: str) -> dict[str, object]:
    """What is known is not asked again (已知信息免填): phone and name of the recognised person, where the form left them open."""
    found = dict(said)
    if person is not None:
        for code, value in ((phone, person.phone), (name, person.name)):
            if code and value and not found.get(code):
                found[code] = value
    return found


def helper_views() -> list[FieldView]:
    """Who brought it for somebody else (帮办代办): name and phone, when there is a helper."""
    return [
        FieldView(code, OWN_FIELDS[code].title, OWN_FIELDS[code].type, max=OWN_FIELDS[code].max)
        for code in HELPER_CODES
    ]


def helper(said: Mapping[str, object]) -> dict[str, object]:
    """What was entered of a helper (代办人); nothing when there is none."""
    return {code: said[code] for code in HELPER_CODES if said.get(code)}


def ordered(fields: Iterable[FieldView], first: Sequence[str], last: Sequence[str]) -> list[FieldView]:
    """The questions in the order in which people talk (按说话的顺序): how and who first, where towards the end."""
    by_code = {f.code: f for f in fields}
    outer = {*first, *last}
    between = [c for c in by_code if c not in outer]
    return [by_code[c] for c in (*first, *between, *last) if c in by_code]
