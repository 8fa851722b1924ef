"""Areas, categories and units that a file names (文件中的区域、类别、单位): found, or added as known from old cases only.

Two names under one code are two nodes, because the file does not say that they are the same; so nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from linli.base.codes import prefix_of
from linli.domains.events.imports.mapping import EventMapping
from linli.domains.events.imports.rows import Named, OldEvent
from linli.domains.events.models import Category, Directory
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.people.services.posts import create_organisation
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.places.services import create_area, historic_area

# The statistics name a community by its committee; old cases name it alone.
COMMITTEES = ("", "居委会", "居民委员会", "村委会", "村民委员会")
LONGEST_CODE = 40


class Place(NamedTuple):
    pk: int
    prefix: str
    level: str


def short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def codes_for(code: str, name: str) -> tuple[str, str]:
    """The code that a node gets, and the one it gets when that is taken by another name."""
    return (code, f"{code}-{short(name)}") if code else (short(name), f"{short(name)}-2")


class Wanted:
    """What the rows of a run name, collected before anything is written."""

    def __init__(self) -> None:
        self.categories: set[tuple[Named, ...]] = set()
        self.areas: set[tuple[Named, ...]] = set()
        self.units: set[Named] = set()

    def add(self, event: OldEvent) -> None:
        self.categories.add(event.categories)
        self.areas.add(event.areas)
        if event.unit:
            self.units.add(event.unit)


class Trees:
    """Finds what is there and adds what is not; the same file gives the same codes."""

    def __init__(self, mapping: EventMapping, *, by: Actor, at: datetime) -> None:
        self.mapping, self.by, self.at = mapping, by, at
        self.n_added = 0
        self.root: Place
        self._places: dict[tuple[Named, ...], Place] = {}
        self._categories: dict[tuple[Named, ...], tuple[int | None, str]] = {(): (None, "")}
        self._units: dict[Named, tuple[int, str]] = {}

    def place(self, event: OldEvent) -> Place:
        return self._places[event.areas]

    def category(self, event: OldEvent) -> tuple[int | None, str]:
        return self._categories[event.categories]

    def unit(self, event: OldEvent) -> tuple[int, str] | None:
        return self._units[event.unit] if event.unit else None

    def add(self, wanted: Wanted) -> None:
        """In sorted order, so that the codes do not depend on the order of the rows."""
        self._add_areas(wanted.areas)
        self._add_categories(wanted.categories)
        self._add_units(wanted.units)

    # ---- areas

    def _add_areas(self, paths: Iterable[tuple[Named, ...]]) -> None:
        root = self._root()
        self.root = Place(root.pk, root.prefix, root.level)
        known = list(places.within(root.prefix))
        nodes = {area.pk: area for area in known}
        # Whole paths first: a row that leaves out the township still finds its community.
        for path in sorted(paths, key=lambda path: (-len(path), path)):
            above = root
            for depth, node in enumerate(path):
                above = self._area(node, above, nodes, skips=self._skips(path, depth))
            self._places[path] = Place(above.pk, above.prefix, above.level)

    def _root(self) -> Area:
        mapping = self.mapping
        found = Area.objects.filter(prefix=prefix_of(mapping.root_code)).first()
        if found:
            return found
        self.n_added += 1
        return create_area(
            mapping.root_code,
            name=mapping.root_name,
            name_en=mapping.root_name_en,
            by=self.by,
            historic=True,
            at=self.at,
        )

    def _skips(self, path: tuple[Named, ...], depth: int) -> bool:
        """Whether the row leaves out a level above this one."""
        levels = [level.level for level in self.mapping.areas]
        above = path[depth - 1].level if depth else None
        return levels.index(path[depth].level) != (levels.index(above) + 1 if above else 0)

    def _area(self, node: Named, above: Area, nodes: dict[int, Area], *, skips: bool) -> Area:
        names = {node.name + ending for ending in (COMMITTEES if node.level == "village" else ("",))}
        first, second = (self._external(code) for code in codes_for(node.code, node.name))
        here = [
            area
            for area in nodes.values()
            if area.level == node.level
            and (area.prefix.startswith(above.prefix) if skips else area.parent_id == above.pk)
        ]
        real = [area for area in here if not area.historic and area.name in names]
        old = [area for area in here if area.historic and area.name == node.name]
        old = [area for area in old if area.external_code in (first, second)] or (old if skips else [])
        for found in (real, old):
            if len(found) == 1 or (found and not skips):
                return min(found, key=lambda area: area.code)
        taken = {area.external_code for area in here if area.historic}
        self.n_added += 1
        made = historic_area(
            above,
            level=node.level,
            name=node.name,
            external_code=second if first in taken else first,
            by=self.by,
            at=self.at,
        )
        nodes[made.pk] = made
        return made

    def _external(self, code: str) -> str:
        text = f"{self.mapping.source}:{code}"
        return text if len(text) <= LONGEST_CODE else f"{self.mapping.source}:{short(code)}"

    # ---- categories

    def _add_categories(self, paths: Iterable[tuple[Named, ...]]) -> None:
        mapping = self.mapping
        paths = {path[:n] for path in paths for n in range(1, len(path) + 1)}
        if not paths:
            return
        directory, _ = Directory.objects.get_or_create(
            code=mapping.source,
            version=1,
            defaults={
                "title": (mapping.directory_title or mapping.title.zh)[:120],
                "source": mapping.title.zh[:200],
                "active": False,
            },
        )
        rows = Category.objects.filter(directory=directory)
        known = {code: (pk, name) for code, pk, name in rows.values_list("code", "pk", "name")}
        segments: dict[tuple[Named, ...], str] = {(): ""}
        for depth in range(1, max(len(path) for path in paths) + 1):
            made: list[tuple[tuple[Named, ...], Category]] = []
            for path in sorted(path for path in paths if len(path) == depth):
                code = self._category_code(segments[path[:-1]], path[-1], known)
                segments[path] = code
                if code in known:
                    self._categories[path] = (known[code][0], self._key(code))
                    continue
                known[code] = (0, path[-1].name)
                made.append(
                    (
                        path,
                        Category(
                            key=self._key(code),
                            directory=directory,
                            code=code,
                            parent_id=self._categories[path[:-1]][0],
                            depth=depth,
                            order=len(made) + 1,
                            name=path[-1].name,
                            active=False,
                        ),
                    )
                )
            self.n_added += len(made)
            Category.objects.bulk_create([category for _, category in made], batch_size=500)
            for path, category in made:
                known[category.code] = (category.pk, category.name)
                self._categories[path] = (category.pk, category.key)

    def _key(self, code: str) -> str:
        return f"{self.mapping.source}:1:{code}"

    def _category_code(self, above: str, node: Named, known: dict[str, tuple[int, str]]) -> str:
        for part in codes_for(node.code, node.name):
            code = f"{above}.{part}" if above else part
            code = code if len(code) <= LONGEST_CODE else short(code)
            if code not in known or known[code][1] == node.name:
                break
        return code

    # ---- units

    def _add_units(self, units: set[Named]) -> None:
        within = Organisation.objects.filter(area__prefix__startswith=self.root.prefix)
        real: dict[str, list[tuple[int, str]]] = {}
        for pk, code, name in within.filter(historic=False).values_list("pk", "code", "name"):
            real.setdefault(name, []).append((pk, code))
        mine = Organisation.objects.filter(code__startswith=f"{self.mapping.source}-")
        known = {code: (pk, name) for code, pk, name in mine.values_list("code", "pk", "name")}
        area = Area.objects.get(pk=self.root.pk)
        made = []
        for unit in sorted(units):
            if len(real.get(unit.name, ())) == 1:
                self._units[unit] = real[unit.name][0]
                continue
            code = self._unit_code(unit, known)
            if code not in known:
                organisation = create_organisation(
                    code, unit.name, kind="other", area=area, by=self.by, historic=True, at=self.at
                )
                known[code] = (organisation.pk, unit.name)
                made.append(organisation.pk)
            self._units[unit] = (known[code][0], code)
        self.n_added += len(made)
        # Nothing new can be sent to them.
        Organisation.objects.filter(pk__in=made).update(active=False)

    def _unit_code(self, unit: Named, known: dict[str, tuple[int, str]]) -> str:
        for part in codes_for(unit.code, unit.name):
            clean = re.sub(r"[^A-Za-z0-9._-]", "-", f"{self.mapping.source}-{part}")
            code = clean if len(clean) <= LONGEST_CODE else f"{self.mapping.source}-{short(part)}"
            if code not in known or known[code][1] == unit.name:
                break
        return code
