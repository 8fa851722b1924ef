"""One application, two places (跨区域办理): which case here belongs to which case there, and whose hands the papers are in."""

from __future__ import annotations

from typing import Any

from django.db import models

from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.exchange.models import Peer
from linli.kernel.procedures.models import Case

SENT, TAKEN = "sent", "taken"  # received here for another place; decided here for another place
OUT, IN = "out", "in"
ELECTRONIC, COURIER = "electronic", "courier"
PLATFORM = "平台自动核验"  # who takes electronic papers


class CrossCase(models.Model):
    """One end of an application that two places work on (跨区域办件的一端)."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="cross")
    side = models.CharField(max_length=6)
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="+")
    county = models.CharField(max_length=12)  # ours
    matter = models.CharField(max_length=36)  # of the place that decides
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    papers = models.JSONField(default=list)  # [{code, title: [zh, en], state, n}], as they stand now
    other_number = models.CharField(max_length=40, blank=True)  # of the case at the other end
    told_seq = models.IntegerField(default=0)  # up to which record of ours the other end has been told
    delivered_on = models.DateField(null=True)  # to the applicant, at the place that received it
    n_spared_fields = models.PositiveSmallIntegerField(default=0)  # that a register here answered
    n_spared_papers = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["peer", "other_number"], name="matters_cross_other")]

    def __str__(self) -> str:
        return f"{self.case_id}:{self.side}"

    @property
    def name(self) -> Text:
        return Text(self.title, self.title_en)


class Handover(models.Model):
    """Papers that changed hands between two places (材料交接): who gave, who took, which ones, when. Both ends keep it
    under the same id; its two halves are the two-way receipt (双向回执)."""

    uid = models.UUIDField(unique=True, default=uuid7)
    case = models.ForeignKey(Case, models.PROTECT, related_name="handovers")
    direction = models.CharField(max_length=3)
    way = models.CharField(max_length=10)
    courier = models.CharField(max_length=40, blank=True)
    waybill = models.CharField(max_length=60, blank=True)
    papers = models.JSONField()  # [{code, title: [zh, en], n, sha256?}]
    gave = models.CharField(max_length=200)  # office, and the clerk's name
    gave_at = models.DateTimeField()
    took = models.CharField(max_length=200, blank=True)
    took_at = models.DateTimeField(null=True)
    lacking = models.JSONField(default=list)  # codes that were not there when it was opened
    remark = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="matters_handover_case")]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def listed(self) -> list[dict[str, Any]]:
        """Its papers, each with its name (材料清单)."""
        return [{**paper, "name": Text(*paper["title"])} for paper in self.papers]


class CrossDispute(models.Model):
    """One end of a dispute on who is responsible for something in such an application (责任协商的一端). Both ends keep it
    under the same id; that of the earlier one sorts first."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="cross_dispute")
    cross = models.ForeignKey(CrossCase, models.PROTECT, related_name="disputes")
    uid = models.UUIDField(unique=True, default=uuid7)
    not_taken = models.BooleanField(default=False)  # the other installation would not have it
    raised_here = models.BooleanField()
    about = models.CharField(max_length=20)  # as the case says it, for sums
    other_number = models.CharField(max_length=40, blank=True)  # of the case at the other end

    def __str__(self) -> str:
        return str(self.uid)
