"""Verbs of the area tree (区划与网格的维护): the only writes. Each leaves an `AreaChange`; who may is asked above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from linli.base.clock import now
from linli.base.codes import LEVELS, PREFIX_LENGTH, level_of, parent_prefix, prefix_of
from linli.base.coordinates import datum_named
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.kernel.places import queries
from linli.kernel.places.areas_import import import_areas
from linli.kernel.places.cover import check_cover
from linli.kernel.places.locator import shapes_changed
from linli.kernel.places.models import Area, AreaChange, AreaShape
from linli.kernel.places.shapes import area_m2, read_shape

__all__ = [
    "ShapeReport",
    "check_cover",
    "create_area",
    "historic_area",
    "import_areas",
    "merge_areas",
    "rename",
    "set_shape",
    "set_validity",
]

# A grid may leave its parent by the width of a drawn line; more is worth a warning.
TOLERATED_OUTSIDE_SHARE = 0.005


class By(Protocol):
    """Who acts: `people.Actor`, which stands above this floor, looks like this."""

    @property
    def name(self) -> str: ...

    @property
    def account_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class ShapeReport:
    """What was kept (图形保存结果), and what the person who drew it should look at."""

    shape: AreaShape
    warnings: list[Text] = field(default_factory=list)


@transaction.atomic
def create_area(
    code: str,
    *,
    name: str,
    by: By,
    name_en: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    external_code: str = "",
    historic: bool = False,
    at: datetime | None = None,
) -> Area:
    """Add an area (新增区划或网格) below the nearest ancestor that its code names; without one it is a root.

    Refuses `codes.bad_area_code`, `places.code_taken`, `places.name_missing`, `places.bad_dates`, and
    `places.parent_missing` for a grid or micro-grid whose village or grid is not there.
    """
    code = code.strip().upper()
    level = level_of(code)
    if Area.objects.filter(code=code).exists():
        raise Refused(
            "places.code_taken",
            Text(f"代码 {code} 已被使用。请另选一个代码。", f"The code {code} is taken. Choose another one."),
        )
    _check_dates(valid_from, valid_to)
    prefix = prefix_of(code)
    parent = nearest_ancestor(prefix)
    if level in LEVELS[-2:] and (parent is None or parent.prefix != parent_prefix(prefix)):
        raise Refused(
            "places.parent_missing",
            Text(
                f"代码 {code} 的上级 {parent_prefix(prefix)} 不存在。请先建立上级村（社区）或网格。",
                f"{parent_prefix(prefix)}, the area above {code}, does not exist. Add that village or grid first.",
            ),
        )
    area = Area.objects.create(
        code=code,
        prefix=prefix,
        name=_checked_name(name),
        name_en=name_en.strip(),
        level=level,
        parent=parent,
        valid_from=valid_from,
        valid_to=valid_to,
        external_code=external_code,
        historic=historic,
    )
    _record(area, "created", by, at, {}, {"name": area.name})
    return area


@transaction.atomic
def historic_area(
    parent: Area, *, level: str, name: str, external_code: str, by: By, at: datetime | None = None
) -> Area:
    """An area that only old cases name (历史区划), found again by `external_code`, else added below `parent`.

    Its code is the parent's with `H` and a running number. Historic areas have no shape and take no new cases.
    """
    found = Area.objects.filter(
        parent=parent, level=level, external_code=external_code, historic=True
    ).first()
    if found:
        return found
    upper = LEVELS[LEVELS.index(level) - 1]
    stem = parent.prefix.ljust(PREFIX_LENGTH[upper], "0")
    width = PREFIX_LENGTH[level] - len(stem)
    used = set(queries.within(parent.prefix).filter(level=level).values_list("prefix", flat=True))
    # Two digits of base 36 after the letter: 1,296 areas under one parent.
    for number in range(36 ** (width - 1)):
        prefix = f"{stem}H{_base36(number, width - 1)}"
        if prefix not in used:
            break
    else:
        raise Refused(
            "places.no_code_left",
            Text(
                f"{parent.name}下已无可用的历史区划代码。请在对照文件中合并一些地名。",
                f"No code is left for historic areas below {parent.title.en}. Join some of them in the mapping.",
            ),
        )
    area = Area.objects.create(
        code=prefix.ljust(12, "0"),
        prefix=prefix,
        name=_checked_name(name),
        level=level,
        parent=parent,
        external_code=external_code,
        historic=True,
    )
    _record(area, "created", by, at, {}, {"name": area.name, "external_code": external_code})
    return area


def _base36(number: int, width: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    for _ in range(width):
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text


@transaction.atomic
def rename(area: Area, *, name: str, by: By, name_en: str | None = None, at: datetime | None = None) -> Area:
    """Give an area another name (更名); its code and its cases stay. Refuses `places.name_missing`."""
    before = {"name": area.name, "name_en": area.name_en}
    area.name = _checked_name(name)
    if name_en is not None:
        area.name_en = name_en.strip()
    after = {"name": area.name, "name_en": area.name_en}
    if after != before:
        area.save(update_fields=["name", "name_en"])
        _record(area, "renamed", by, at, before, after)
        shapes_changed()
    return area


@transaction.atomic
def set_validity(
    area: Area, *, valid_from: date | None, valid_to: date | None, by: By, at: datetime | None = None
) -> Area:
    """Set from when and to which last day an area is valid (设定有效期). Refuses `places.bad_dates`."""
    _check_dates(valid_from, valid_to)
    before = _dates(area)
    area.valid_from, area.valid_to = valid_from, valid_to
    if _dates(area) != before:
        area.save(update_fields=["valid_from", "valid_to"])
        _record(area, "validity", by, at, before, _dates(area))
        shapes_changed()
    return area


@transaction.atomic
def merge_areas(
    areas: Sequence[Area], *, successor: Area, last_day: date, by: By, at: datetime | None = None
) -> None:
    """End areas and name the one that follows them (撤并): cases keep the area in which they happened.

    Refuses `places.merge_level` (other level), `places.merge_ended` (one of them, or the successor, is over by
    then), `places.merge_self`, and `places.has_children` while current areas are left below.
    """
    for area in areas:
        _check_merge(area, successor, last_day)
    for area in areas:
        before = _dates(area)
        area.valid_to, area.successor = last_day, successor
        area.save(update_fields=["valid_to", "successor"])
        _record(area, "merged", by, at, before, {**_dates(area), "successor": successor.code})
    shapes_changed()


def _check_merge(area: Area, successor: Area, last_day: date) -> None:
    if area.pk == successor.pk:
        raise Refused(
            "places.merge_self",
            Text(f"{area.name}不能并入它自己。", f"{area.title.en} cannot be merged into itself."),
        )
    if area.level != successor.level:
        raise Refused(
            "places.merge_level",
            Text(
                f"{area.name}与{successor.name}不是同一层级，不能合并。请选择同级区划。",
                f"{area.title.en} and {successor.title.en} are not of one level. Choose an area of the same level.",
            ),
        )
    for ended in (area, successor):
        over = ended.valid_to is not None and ended.valid_to <= last_day
        if over or (ended.pk == area.pk and area.valid_from is not None and area.valid_from > last_day):
            raise Refused(
                "places.merge_ended",
                Text(
                    f"{ended.name}在 {last_day} 已不在有效期内。请核对日期。",
                    f"{ended.title.en} is not valid on {last_day}. Check the date.",
                ),
            )
    n_children = queries.valid_on(last_day, Area.objects.filter(parent=area, valid_to=None)).count()
    if n_children:
        raise Refused(
            "places.has_children",
            Text(
                f"{area.name}下还有 {n_children} 个现行区划或网格。请先撤并它们。",
                f"{n_children} current areas are left below {area.title.en}. Merge or end them first.",
            ),
        )


@transaction.atomic
def set_shape(
    area: Area,
    geometry: Mapping[str, Any] | BaseGeometry,
    *,
    datum: str,
    by: By,
    source: str = "",
    illustrative: bool = False,
    at: datetime | None = None,
) -> ShapeReport:
    """Give an area its shape (设定区域图形) from a GeoJSON geometry in a named datum; kept in WGS-84.

    Refuses what `shapes.read_shape` refuses. A shape that leaves the parent's by more than 0.5% of its surface is
    kept with a warning: the borders of two sources never fit exactly.
    """
    shape = read_shape(geometry, datum=datum)
    old = AreaShape.objects.filter(area=area).first()
    row = AreaShape.of(
        area, shape, datum=datum_named(datum), source=source, illustrative=illustrative, at=at or now()
    )
    row.save(force_insert=old is None)
    _record(area, "reshaped", by, at, _summary(old), _summary(row))
    shapes_changed()
    return ShapeReport(row, _outside_parent(area, shape))


def _outside_parent(area: Area, shape: BaseGeometry) -> list[Text]:
    above = AreaShape.objects.filter(area=area.parent_id).first() if area.parent_id else None
    if above is None:
        return []
    outside = area_m2(shape.difference(above.polygon))
    if outside <= TOLERATED_OUTSIDE_SHARE * area_m2(shape):
        return []
    return [
        Text(
            f"图形有 {outside:.0f} 平方米在上级区域之外。图形已保存，请核对边界。",
            f"{outside:.0f} m² of the shape lie outside the area above. It is kept; please check the border.",
        )
    ]


def nearest_ancestor(prefix: str) -> Area | None:
    above = parent_prefix(prefix)
    while above is not None:
        if area := Area.objects.filter(prefix=above).first():
            return area
        above = parent_prefix(above)
    return None


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise Invalid(
            "places.name_missing",
            Text("请填写名称，最多100个字。", "Enter a name of at most 100 characters."),
        )
    return name


def _check_dates(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from and valid_to and valid_to < valid_from:
        raise Invalid(
            "places.bad_dates",
            Text(
                "失效日期早于生效日期。请核对两个日期。",
                "The last day is before the first. Check both dates.",
            ),
        )


def _dates(area: Area) -> dict[str, str | None]:
    return {
        "valid_from": area.valid_from.isoformat() if area.valid_from else None,
        "valid_to": area.valid_to.isoformat() if area.valid_to else None,
    }


def _summary(row: AreaShape | None) -> dict[str, Any]:
    if row is None:
        return {}
    shape = row.polygon
    return {
        "n_points": int(shapely.get_num_coordinates(shape)),
        "m2": round(area_m2(shape)),
        "source": row.source,
        "datum": row.source_datum,
        "illustrative": row.illustrative,
    }


def _record(
    area: Area,
    act: str,
    by: By,
    at: datetime | None,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    AreaChange.objects.create(
        area=area,
        act=act,
        at=at or now(),
        by=(by.name or "")[:80],
        account_id=by.account_id,
        before=before,
        after=after,
    )
