"""What domains bring to the engine (领域登记): folders of procedures, guards, effects, field types, limits, …

Each is registered once, by name, from a domain's `apps.py`. The kernel calls them; it never imports a domain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from linli.base.i18n import Text
from linli.kernel.people.elements import elements_file as elements_file

if TYPE_CHECKING:
    from linli.base.imports import ImportReport
    from linli.base.legaltime import Period
    from linli.kernel.people.actors import Actor
    from linli.kernel.procedures.fields import FieldType
    from linli.kernel.procedures.state import Move

T = TypeVar("T")
Guard: TypeAlias = "Callable[[Move], Text | None]"
Effect: TypeAlias = "Callable[[Move], None]"
# Takes the value of the fact that the limit goes by; gives the period, or nothing.
LimitSource: TypeAlias = "Callable[[str], Period | None]"


@dataclass(frozen=True)
class ImportKind:
    code: str
    title: Text
    run: Callable[..., ImportReport]


@dataclass(frozen=True)
class ExportKind:
    """What can be taken out as a file (导出种类): `run(path)` writes it in the form its ending names, and counts."""

    code: str
    title: Text
    run: Callable[..., int]


FOLDERS: list[Path] = []
GUARDS: dict[str, Guard] = {}
EFFECTS: dict[str, Effect] = {}
FIELD_TYPES: dict[str, FieldType] = {}
LIMIT_SOURCES: dict[str, LimitSource] = {}
IMPORT_KINDS: dict[str, ImportKind] = {}
EXPORT_KINDS: dict[str, ExportKind] = {}
JOBS: dict[str, tuple[Callable[[], int], float]] = {}
DEMO_LOADERS: list[tuple[int, Callable[..., None]]] = []
LIST_FILTERS: dict[str, Callable[[Any, str, Actor], Any]] = {}
LONGEST_FILTER = 1400  # letters of a filter's value in an address: a shape drawn on a map is the longest


def _once(table: dict[str, T], name: str, value: T) -> T:
    if name in table and table[name] is not value:
        raise ValueError(f"{name!r} is registered twice")
    table[name] = value
    return value


def procedures_folder(path: Path) -> None:
    if path not in FOLDERS:
        FOLDERS.append(path)


def guard(name: str) -> Callable[[Guard], Guard]:
    return lambda function: _once(GUARDS, name, function)


def effect(name: str) -> Callable[[Effect], Effect]:
    return lambda function: _once(EFFECTS, name, function)


def field_type(code: str, handler: FieldType) -> None:
    _once(FIELD_TYPES, code, handler)


def limit_source(field_code: str) -> Callable[[LimitSource], LimitSource]:
    return lambda function: _once(LIMIT_SOURCES, field_code, function)


def import_kind(code: str, title: Text, run: Callable[..., ImportReport]) -> None:
    _once(IMPORT_KINDS, code, ImportKind(code, title, run))


def import_kinds() -> dict[str, ImportKind]:
    return dict(IMPORT_KINDS)


def export_kind(code: str, title: Text, run: Callable[..., int]) -> None:
    _once(EXPORT_KINDS, code, ExportKind(code, title, run))


def export_kinds() -> dict[str, ExportKind]:
    return dict(EXPORT_KINDS)


def job(name: str, run: Callable[[], int], every: float) -> None:
    """What the worker does again and again (后台任务): `run` in short turns, each giving how much it did; `every` seconds."""
    if JOBS.setdefault(name, (run, every)) != (run, every):
        raise ValueError(f"{name!r} is registered twice")


def demo_loader(order: int, run: Callable[..., None]) -> None:
    DEMO_LOADERS.append((order, run))


def list_filter(name: str) -> Callable[[Any], Any]:
    """A filter that lists, exports and indicators share: `function(queryset, value, actor) -> queryset`."""
    return lambda function: _once(LIST_FILTERS, name, function)
