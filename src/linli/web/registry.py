"""What the other rooms add to the faces (登记处): menu entries, case panels, home cards, the big button.

Domains call these from their `apps.py`. The faces draw whatever is registered and know no domain by name.
A code that is registered twice is a mistake in the code, so it fails at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.http import HttpRequest

from linli.base.i18n import Text

if TYPE_CHECKING:
    from linli.kernel.people.actors import Actor
    from linli.kernel.procedures.models import Case

FACES = frozenset({"staff", "resident"})


class Counter(Protocol):
    def __call__(self, actor: Actor) -> int | Mapping[str, int] | None: ...


class PanelRender(Protocol):
    def __call__(self, request: HttpRequest, case: Case, actor: Actor) -> str | None: ...


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


@dataclass(frozen=True, slots=True)
class HomeCard:
    code: str
    title: Text
    url_name: str
    order: int
    line: Callable[[HttpRequest], Text | str | None] | None


@dataclass(frozen=True, slots=True)
class HomeSection:
    code: str
    order: int
    render: Callable[[HttpRequest], str | None]


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
    reports: dict[tuple[str, str], ReportEntry] = field(default_factory=dict)


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
    indexed query. Entries with the same `group` stand together under that heading.
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


def home_card(
    code: str,
    title: Text,
    url_name: str,
    *,
    order: int = 100,
    line: Callable[[HttpRequest], Text | str | None] | None = None,
) -> None:
    """Adds one of the tiles on the residents' first page (首页入口), with its one line of news."""
    _once(registry.cards, code, HomeCard(code, title, url_name, order, line))


def home_section(code: str, *, order: int, render: Callable[[HttpRequest], str | None]) -> None:
    """Adds a section below the tiles (首页栏目), such as what is on public notice now."""
    _once(registry.sections, code, HomeSection(code, order, render))


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


def menu_for(face: str, roles: frozenset[str]) -> list[MenuEntry]:
    found = [e for e in registry.menu.values() if e.face == face and (e.roles is None or e.roles & roles)]
    return sorted(found, key=lambda e: (e.order, e.code))


def panels_for(face: str) -> list[CasePanel]:
    return sorted((p for p in registry.panels.values() if face in p.faces), key=lambda p: (p.order, p.code))


def cards() -> list[HomeCard]:
    return sorted(registry.cards.values(), key=lambda c: (c.order, c.code))


def sections() -> list[HomeSection]:
    return sorted(registry.sections.values(), key=lambda s: (s.order, s.code))


def reports_for(face: str, roles: frozenset[str] = frozenset()) -> list[ReportEntry]:
    found = [r for r in registry.reports.values() if r.face == face and (r.roles is None or r.roles & roles)]
    return sorted(found, key=lambda r: (r.order, r.url_name))
