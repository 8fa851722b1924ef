"""Who acts in the demo (演示中的办理人): found by role and place among the accounts that the demo made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import shapely

from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Account, Organisation
from linli.kernel.places.models import Area, AreaShape
from linli.kernel.places.queries import within


@dataclass(frozen=True)
class Spot:
    """A point in a grid, with the village's name as residents say it."""

    lng: float
    lat: float
    grid: str
    village: Area

    @property
    def name(self) -> str:
        return self.village.name.removesuffix("居委会").replace("村委会", "村")


@dataclass
class Cast:
    """The demo's staff by role, its residents, and the places where things happen."""

    county: Area
    at: datetime
    random: Random
    staff: list[Actor] = field(default_factory=list)
    residents: list[Actor] = field(default_factory=list)
    grids: list[tuple[Area, AreaShape]] = field(default_factory=list)
    organisations: dict[int, Organisation] = field(default_factory=dict)

    @classmethod
    def of(cls, county: Area, *, at: datetime, random: Random) -> Cast:
        cast = cls(county, at, random)
        for account in Account.objects.filter(demo=True, is_active=True).order_by("id"):
            actor = actor_for(account, at=at)
            (cast.staff if actor.is_staff else cast.residents).append(actor)
        shapes = AreaShape.objects.filter(area__in=within(county.prefix).filter(level="grid"))
        rows = shapes.select_related("area__parent").order_by("area__code")
        cast.grids = [(row.area, row) for row in rows]
        cast.organisations = {o.pk: o for o in Organisation.objects.all()}
        return cast

    def find(self, role: str, prefix: str) -> Actor:
        """Whoever holds the role nearest to a place (就近的岗位); of several, one by lot."""
        reach = [(len(hat.area_prefix), a) for a in self.staff if (hat := a.hat_for(role, prefix))]
        if not reach:
            raise LookupError(f"the demo has no {role} over {prefix}")
        nearest = max(length for length, _ in reach)
        return self.random.choice([actor for length, actor in reach if length == nearest])

    def handler(self, organisation_id: int) -> Actor:
        """The handler of an organisation (单位的承办员)."""
        return self.random.choice(
            [a for a in self.staff if "handler" in a.roles and organisation_id in a.organisation_ids]
        )

    def organisation(self, key: str) -> Organisation:
        """A county organisation of the demo by its short name (县级单位)."""
        code = f"{self.county.prefix}-{key}"
        return next(o for o in self.organisations.values() if o.code == code)

    def full_townships(self) -> list[str]:
        """Prefixes of the townships with a window clerk, the first of them the one whose logins are shown."""
        found = {h.area_prefix: None for a in self.staff for h in a.hats if "clerk" in h.roles}
        return list(found)

    def spot(self, *, shown: bool = False) -> Spot:
        """A place where something happens (随机地点): mostly where the townships are fully staffed."""
        full = self.full_townships()
        draw = self.random.random()
        if shown or draw < 0.05:
            prefix = self.grids_of(full[0])[0][0].prefix  # the grid worker whose login is shown has work, too
        elif draw < 0.35:
            prefix = full[0]
        elif draw < 0.72:
            prefix = self.random.choice(full)
        else:
            prefix = self.county.prefix
        area, shape = self.random.choice(self.grids_of(prefix))
        lng, lat = self._point(shape)
        assert area.parent is not None
        return Spot(lng, lat, area.prefix, area.parent)

    def grids_of(self, prefix: str) -> list[tuple[Area, AreaShape]]:
        return [grid for grid in self.grids if grid[0].prefix.startswith(prefix)]

    def _point(self, shape: AreaShape) -> tuple[float, float]:
        polygon = shape.polygon
        for _ in range(200):
            lng = self.random.uniform(shape.min_lng, shape.max_lng)
            lat = self.random.uniform(shape.min_lat, shape.max_lat)
            if shapely.contains_xy(polygon, lng, lat):
                return round(lng, 6), round(lat, 6)
        inner = polygon.representative_point()
        return float(inner.x), float(inner.y)
