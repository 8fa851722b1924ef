"""Areas (区划、网格) and their shapes."""

from __future__ import annotations

from datetime import datetime

import shapely
from django.db import models
from shapely.geometry.base import BaseGeometry

from linli.base.i18n import Text
from linli.base.ids import uuid7


class Area(models.Model):
    """A node of the tree province > prefecture > county > township > village > grid > micro_grid (区划/网格).

    `code` is as in the statistics (12 digits), a grid adds 3, a micro-grid 2 more. `prefix` is its significant
    part, so that "within this area" is a range of an index.
    """

    code = models.CharField(max_length=20, unique=True)
    prefix = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    level = models.CharField(max_length=12)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # the last day it was valid
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")
    external_code = models.CharField(max_length=40, blank=True)
    historic = models.BooleanField(default=False)  # known only from imported old cases

    class Meta:
        indexes = [models.Index(fields=["parent", "code"], name="places_children")]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en or self.name)


class AreaShape(models.Model):
    """The shape of an area in WGS-84 (区域图形), with where it came from."""

    area = models.OneToOneField(Area, models.CASCADE, primary_key=True, related_name="shape")
    wkb = models.BinaryField()
    min_lng = models.FloatField()
    min_lat = models.FloatField()
    max_lng = models.FloatField()
    max_lat = models.FloatField()
    source = models.CharField(max_length=200, blank=True)
    source_datum = models.CharField(max_length=10, default="WGS84")
    illustrative = models.BooleanField(default=False)  # drawn for a demo, not surveyed
    updated_at = models.DateTimeField()

    @classmethod
    def of(
        cls, area: Area, shape: BaseGeometry, *, datum: str, source: str, illustrative: bool, at: datetime
    ) -> AreaShape:
        """The row, not yet saved, for a checked shape in WGS-84 that came in `datum`."""
        min_lng, min_lat, max_lng, max_lat = shape.bounds
        return cls(
            area=area,
            wkb=shapely.to_wkb(shape),
            min_lng=min_lng,
            min_lat=min_lat,
            max_lng=max_lng,
            max_lat=max_lat,
            source=source[:200],
            source_datum=datum,
            illustrative=illustrative,
            updated_at=at,
        )

    @property
    def polygon(self) -> BaseGeometry:
        return shapely.from_wkb(bytes(self.wkb))


class GridPlan(models.Model):
    """How the grids of a village are to lie (网格调整方案): drawn on a draft, checked, then published for a day to come."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    village = models.ForeignKey(Area, models.PROTECT, related_name="grid_plans")
    state = models.CharField(max_length=10, default="draft")  # draft | published | dropped
    cells = models.JSONField(default=list)  # key, name, name_en, code, shape (WKB as hex)
    past = models.JSONField(default=list)  # what was done last, each with the cells before it
    seq = models.IntegerField(default=0)  # grows with each change: two editors do not overwrite each other
    valid_from = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=80, blank=True)
    account_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)  # what publishing did: codes that end, begin, stay

    class Meta:
        indexes = [models.Index(fields=["village", "-id"], name="places_plans")]
        constraints = [
            models.UniqueConstraint(
                fields=["village"], condition=models.Q(state="draft"), name="places_one_draft"
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class AreaChange(models.Model):
    """What was changed in the tree, by whom and when (区划变更记录)."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="changes")
    act = models.CharField(max_length=20)  # created renamed merged validity reshaped replanned
    at = models.DateTimeField()
    by = models.CharField(max_length=80, blank=True)
    account_id = models.BigIntegerField(null=True)  # people stands above places: no foreign key
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["area", "at"], name="places_changes")]

    def __str__(self) -> str:
        return f"{self.area_id} {self.act}"


class Stamp(models.Model):
    """A random mark that changes with every change of shapes (图形版本标记): other processes compare it."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
