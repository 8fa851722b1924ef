"""What the other rooms add to the faces (登记处): menu entries, case panels, home cards, the big button.

Domains call these from their `apps.py`. The faces draw whatever is registered and know no domain by name.
A code that is registered twice is a mistake in the code, so it fails at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import QuerySet
from django.http import HttpRequest

from linli.base.i18n import Text

if TYPE_CHECKING:
    from datetime import datetime

    from linli.base.paging import Page
    from linli.kernel.exchange.models import Peer
    from linli.kernel.people.actors import Actor
    from linli.kernel.places.models import Area
    from linli.kernel.procedures.definitions import FieldDef
    from linli.kernel.procedures.models import Case
    from linli.web.forms import Choice

FACES = frozenset({"staff", "resident"})


class Counter(Protocol):
    def __call__(self, actor: Actor) -> int | Mapping[str, Any] | QuerySet[Any] | None: ...


class PanelRender(Protocol):
    def __call__(self, request: HttpRequest, case: Case, actor: Actor) -> str | None: ...


class Chooses(Protocol):
    """The choices of a field; `case` is None in a form that opens one."""

    def __call__(self, field: FieldDef, case: Case | None, actor: Actor) -> Sequence[Choice]: ...


class RowNote(Protocol):
    """What to add to the rows of a list, by the case's id; asked once a page, so at most one query."""

    def __call__(self, cases: Sequence[Case], actor: Actor) -> Mapping[int, Text | str]: ...


class PeerLine(Protocol):
    """What to say about another installation on its page; None says nothing."""

    def __call__(self, peer: Peer) -> Text | None: ...


@dataclass(frozen=True, slots=True)
class FieldChoices:
    choices: Chooses
    drawn_as: str
    as_tag: bool = True


@dataclass(frozen=True, slots=True)
class ListFilter:
    name: str
    title: Text
    choices: Callable[[Actor], Sequence[Choice]] | None
    order: int
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class MenuEntry:
    face: str
    code: str
    title: Text
    url_name: str
    roles: frozenset[str] | None
    order: int
    count: Counter | None
    group: Text | None
    query: str


@dataclass(frozen=True, slots=True)
class CasePanel:
    code: str
    order: int
    render: PanelRender
    faces: frozenset[str]
    side: bool


class BoardRender(Protocol):
    def __call__(self, request: HttpRequest, actor: Actor, area: Area, now: datetime) -> str | None: ...


@dataclass(frozen=True, slots=True)
class BoardPanel:
    code: str
    order: int
    render: BoardRender


@dataclass(frozen=True, slots=True)
class HomeCard:
    code: str
    title: Text
    url_name: str
    order: int
    line: Callable[[HttpRequest], Text | str | None] | None
    icon: str
    query: str


@dataclass(frozen=True, slots=True)
class HomeSection:
    code: str
    order: int
    render: Callable[[HttpRequest], str | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a search found (一条结果): what it is, where, until when; `call` is whom to ring for it."""

    kind: Text
    title: Text
    url: str = ""
    about: Text | str = ""
    where: Text | str = ""
    until: Text | str = ""
    call: Any = None


@dataclass(frozen=True, slots=True)
class SearchSource:
    code: str
    title: Text
    find: Callable[[str, str, int], Page[Hit]]
    order: int


@dataclass(frozen=True, slots=True)
class ReportEntry:
    title: Text
    url_name: str
    order: int
    face: str
    roles: frozenset[str] | None


@dataclass
class Registry:
    """Everything that was registered; one per process, filled while the apps load."""

    menu: dict[tuple[str, str], MenuEntry] = field(default_factory=dict)
    panels: dict[str, CasePanel] = field(default_factory=dict)
    cards: dict[str, HomeCard] = field(default_factory=dict)
    sections: dict[str, HomeSection] = field(default_factory=dict)
    sources: dict[str, SearchSource] = field(default_factory=dict)
    reports: dict[tuple[str, str], ReportEntry] = field(default_factory=dict)
    board: dict[str, BoardPanel] = field(default_factory=dict)
    fields: dict[str, FieldChoices] = field(default_factory=dict)
    suggestions: dict[tuple[str, Chooses], Chooses] = field(default_factory=dict)
    filters: dict[str, ListFilter] = field(default_factory=dict)
    row_notes: dict[str, RowNote] = field(default_factory=dict)
    peer_lines: dict[str, PeerLine] = field(default_factory=dict)


registry = Registry()


def _once(table: dict[Any, Any], key: Any, entry: Any) -> None:
    if key in table and table[key] != entry:
        raise ValueError(f"registered twice: {key}")
    table[key] = entry


def menu_entry(
    face: str,
    code: str,
    title: Text,
    url_name: str,
    *,
    roles: Iterable[str] | None = None,
    order: int = 100,
    count: Counter | None = None,
    group: Text | None = None,
    query: str = "",
) -> None:
    """Adds an entry to a face's menu (菜单项).

    `roles=None` shows it to everybody who sees the face. `count(actor)` gives a number, or
    `{"all": 23, "late": 2, "soon": 5}`; None shows no number. It runs on every page of that face: at most one
    indexed query, or rows (a QuerySet), which are counted together with those of the other entries. Entries with the same `group` stand together under that heading.
    """
    if face not in FACES:
        raise ValueError(f"unknown face: {face}")
    wanted = None if roles is None else frozenset(roles)
    entry = MenuEntry(face, code, title, url_name, wanted, order, count, group, query)
    _once(registry.menu, (face, code), entry)


def case_panel(
    code: str,
    *,
    order: int,
    render: PanelRender,
    faces: Iterable[str] = ("staff",),
    side: bool = False,
) -> None:
    """Adds a panel to the generic case page (案卷面板). None or '' draws nothing; `side` puts it beside the story."""
    wanted = frozenset(faces)
    if not wanted <= FACES:
        raise ValueError(f"unknown face: {sorted(wanted - FACES)}")
    _once(registry.panels, code, CasePanel(code, order, render, wanted, side))


def board_panel(code: str, *, order: int, render: BoardRender) -> None:
    """Adds a card to the wall (大屏栏目): matters only, never a person."""
    _once(registry.board, code, BoardPanel(code, order, render))


def board_panels() -> list[BoardPanel]:
    return sorted(registry.board.values(), key=lambda p: (p.order, p.code))


def home_card(
    code: str,
    title: Text,
    url_name: str,
    *,
    order: int = 100,
    line: Callable[[HttpRequest], Text | str | None] | None = None,
    icon: str = "",
    query: str = "",
) -> None:
    """Adds one of the tiles on the residents' first page (首页入口), with its one line of news. A tile whose line is
    empty has nothing to lead to now, and is not drawn."""
    _once(registry.cards, code, HomeCard(code, title, url_name, order, line, icon, query))


def home_section(code: str, *, order: int, render: Callable[[HttpRequest], str | None]) -> None:
    """Adds a section below the tiles (首页栏目), such as what is on public notice now."""
    _once(registry.sections, code, HomeSection(code, order, render))


def search_source(
    code: str, title: Text, find: Callable[[str, str, int], Page[Hit]], *, order: int = 100
) -> None:
    """Adds a kind of public things to the search of the first page (检索来源). `find(words, cursor, limit)` asks a fixed
    number of queries, and gives nothing that anybody may not read."""
    _once(registry.sources, code, SearchSource(code, title, find, order))


def report_entry(
    title: Text,
    url_name: str,
    *,
    order: int = 100,
    face: str = "resident",
    roles: Iterable[str] | None = None,
) -> None:
    """Names the big button of a face (首要按钮): `反映一件事` for residents, `登记来电来访` for the desk."""
    wanted = None if roles is None else frozenset(roles)
    _once(registry.reports, (face, url_name), ReportEntry(title, url_name, order, face, wanted))


def field_choices(type_code: str, choices: Chooses, *, drawn_as: str = "choice", as_tag: bool = True) -> None:
    """Says what a domain's own field type is chosen from, and how it is drawn (字段可选项).

    `choices(field, case, actor)` gives `forms.Choice`s; those with a `group` stand together. `drawn_as` names a type
    that `forms` draws: `choice` (a list with a search box), `radio`, `checkboxes`. A type that was never registered
    is drawn as one line of text. What is chosen stands as a tag beside the title, but for a type that names people.
    """
    _once(registry.fields, type_code, FieldChoices(choices, drawn_as, as_tag))


def field_suggestion(field_code: str, choices: Chooses) -> None:
    """Puts choices before all others of a field, by the field's code (建议选项). It suggests; a person decides.

    Each says why in its `hint`. Several domains may register for one code; each gives nothing for others' cases.
    """
    _once(registry.suggestions, (field_code, choices), choices)


def list_filter(
    name: str,
    title: Text,
    *,
    choices: Callable[[Actor], Sequence[Choice]] | None = None,
    order: int = 100,
    drawn: bool = True,
) -> None:
    """Draws a filter above the lists (列表筛选). What it does is registered under the same name in the kernel.

    Without `choices` it is a tick. One that is not `drawn` comes with a link, and is named so that it can be removed.
    """
    _once(registry.filters, name, ListFilter(name, title, choices, order, drawn))


def row_note(code: str, note: RowNote) -> None:
    """Adds a few words to the rows of inbox and lists (列表附注), such as how many others said the same."""
    _once(registry.row_notes, code, note)


def peer_line(code: str, line: PeerLine) -> None:
    """Adds a line to the page of another installation (对方平台附注): what was between the two in sum, no case and no person."""
    _once(registry.peer_lines, code, line)


def lines_about(peer: Peer) -> list[Text]:
    found = (line(peer) for line in registry.peer_lines.values())
    return [line for line in found if line is not None]


def choices_of(type_code: str) -> FieldChoices | None:
    return registry.fields.get(type_code)


def suggested(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    return [
        choice
        for (code, _), choices in registry.suggestions.items()
        if code == field.code
        for choice in choices(field, case, actor)
    ]


def list_filters() -> list[ListFilter]:
    return sorted((f for f in registry.filters.values() if f.drawn), key=lambda f: (f.order, f.name))


def filter_title(name: str) -> Text:
    known = registry.filters.get(name)
    return known.title if known else Text(name, name)


def notes_on(cases: Sequence[Case], actor: Actor) -> dict[int, list[Text | str]]:
    """All registered words about these cases, by id (各列表附注)."""
    found: dict[int, list[Text | str]] = {}
    if cases:
        for note in registry.row_notes.values():
            for case_id, words in note(cases, actor).items():
                found.setdefault(case_id, []).append(words)
    return found


def menu_for(face: str, roles: frozenset[str]) -> list[MenuEntry]:
    found = [e for e in registry.menu.values() if e.face == face and (e.roles is None or e.roles & roles)]
    return sorted(found, key=lambda e: (e.order, e.code))


def panels_for(face: str) -> list[CasePanel]:
    return sorted((p for p in registry.panels.values() if face in p.faces), key=lambda p: (p.order, p.code))


def cards() -> list[HomeCard]:
    return sorted(registry.cards.values(), key=lambda c: (c.order, c.code))


def sections() -> list[HomeSection]:
    return sorted(registry.sections.values(), key=lambda s: (s.order, s.code))


def sources() -> list[SearchSource]:
    return sorted(registry.sources.values(), key=lambda s: (s.order, s.code))


def reports_for(face: str, roles: frozenset[str] = frozenset()) -> list[ReportEntry]:
    found = [r for r in registry.reports.values() if r.face == face and (r.roles is None or r.roles & roles)]
    return sorted(found, key=lambda r: (r.order, r.url_name))
