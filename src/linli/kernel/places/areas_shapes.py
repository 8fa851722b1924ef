"""The shapes of an area import (导入区域图形): GeoJSON features, checked one by one and written in batches."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

import shapely
from django.db import transaction

from linli.base.codes import LEVELS, PREFIX_LENGTH, level_of, parent_prefix
from linli.base.coordinates import datum_named
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.places.areas_files import Feature
from linli.kernel.places.areas_run import ROOT_LEVELS, Known, RowRejected, Run, check_parent, checked_prefix
from linli.kernel.places.locator import shapes_changed
from linli.kernel.places.models import Area, AreaChange, AreaShape
from linli.kernel.places.shapes import read_shape

BATCH = 100


class _Shape(NamedTuple):
    wkb: bytes
    datum: str
    illustrative: bool


def import_shapes(run: Run, features: list[Feature]) -> None:
    """Take the shapes of known areas; a feature whose area is not there adds it, if it has a name and a place."""
    kept: dict[str, tuple[str, _Shape]] = {}
    rows = iter(sorted(features, key=_depth))
    while batch := list(islice(rows, BATCH)):
        _import_batch(run, batch, kept)
        run.advance(len(batch))


def _import_batch(run: Run, batch: list[Feature], kept: dict[str, tuple[str, _Shape]]) -> None:
    wanted: list[tuple[str, Feature, _Shape]] = []
    new: list[str] = []
    for feature in batch:
        try:
            prefix, shape = _read(run, feature)
            where, first = kept.setdefault(prefix, (f"{feature.file}:{feature.row}", shape))
            if first != shape:
                raise RowRejected(_given_twice(prefix, where))
        except RowRejected as rejection:
            run.reject(feature, rejection.reason)
            continue
        except Invalid as error:
            run.reject(feature, error.message)
            continue
        if prefix not in run.known:
            run.known[prefix] = Known(_name(feature))
            new.append(prefix)
        wanted.append((prefix, feature, shape))

    pks = [run.pk[prefix] for prefix, _, _ in wanted if prefix in run.pk]
    old = {
        pk: _Shape(bytes(wkb), datum, illustrative)
        for pk, wkb, datum, illustrative in AreaShape.objects.filter(area__in=pks).values_list(
            "area_id", "wkb", "source_datum", "illustrative"
        )
    }
    changed: dict[str, tuple[Feature, _Shape]] = {}
    for prefix, feature, shape in wanted:
        if prefix in changed or old.get(run.pk.get(prefix, 0)) == shape:
            run.report.n_unchanged += 1
        else:
            run.report.n_accepted += 1
            changed[prefix] = feature, shape
    if not run.dry_run and (new or changed):
        _write(run, new, changed, replaced=old.keys())


def _write(run: Run, new: list[str], changed: dict[str, tuple[Feature, _Shape]], *, replaced: object) -> None:
    with transaction.atomic():
        for length in sorted({len(prefix) for prefix in new}):
            run.create(prefix for prefix in new if len(prefix) == length)
        rows = []
        for prefix, (feature, (wkb, datum, illustrative)) in changed.items():
            area = Area(pk=run.pk[prefix])
            rows.append(
                AreaShape.of(
                    area,
                    shapely.from_wkb(wkb),
                    datum=datum,
                    source=feature.file,
                    illustrative=illustrative,
                    at=run.at,
                )
            )
        AreaShape.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["area"],
            update_fields=[f.name for f in AreaShape._meta.concrete_fields if not f.primary_key],
        )
        AreaChange.objects.bulk_create(
            run.change(prefix, "reshaped", {}, {"source": feature.file, "datum": shape.datum})
            for prefix, (feature, shape) in changed.items()
        )
        shapes_changed()


def _read(run: Run, feature: Feature) -> tuple[str, _Shape]:
    properties = feature.properties
    code = _padded(properties.get("code") or properties.get("adcode"))
    if not code:
        raise RowRejected(Text("属性中缺少 code 或 adcode。", "The properties have neither code nor adcode."))
    prefix = checked_prefix(code, str(properties.get("level") or ""))
    if prefix not in run.known:
        _check_new(run, prefix, feature)
    if feature.geometry is None:
        raise RowRejected(Text("没有图形（geometry 为空）。", "There is no shape: geometry is empty."))
    datum = datum_named(feature.datum)
    shape = read_shape(feature.geometry, datum=datum)
    return prefix, _Shape(shapely.to_wkb(shape), datum, properties.get("illustrative") is True)


def _check_new(run: Run, prefix: str, feature: Feature) -> None:
    if not _name(feature):
        raise RowRejected(
            Text(
                "这个代码还没有对应的区划，属性中也没有名称。请先导入区划表，或补上 name。",
                "No area has this code, and the properties give no name. Import the table of areas first, or add name.",
            )
        )
    parent_code = _padded(feature.properties.get("parent") or feature.properties.get("parent_code"))
    if parent_code and parent_prefix(prefix) not in run.known and level_of(_padded(prefix)) in ROOT_LEVELS:
        parent_code = ""  # a shape file of one county is enough to begin with
    check_parent(run, prefix, parent_code, may_be_root=False)


def _given_twice(prefix: str, where: str) -> Text:
    return Text(
        f"代码 {prefix} 的图形在 {where} 已出现，而且不同。请只保留一个。",
        f"The shape of {prefix} was already read at {where}, and it differs. Keep only one of the two.",
    )


def _name(feature: Feature) -> str:
    return " ".join(str(feature.properties.get("name") or "").split())[:100]


def _padded(code: object) -> str:
    """`350102` as shape files write it, as text or number, to the 12 digits of the statistics."""
    text = str(code or "").strip().upper()
    return text.ljust(12, "0") if len(text) in list(PREFIX_LENGTH.values())[:5] else text


def _depth(feature: Feature) -> int:
    level = feature.properties.get("level")
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
