"""Year tables of days off and make-up working days (放假与调休年表)."""

from __future__ import annotations

from django.db import models


class PublishedYear(models.Model):
    """A year whose days off have been published (已公布年份), with the notice and who entered it.

    `revision` rises with every change of any year, so that other processes notice it by one small read.
    """

    year = models.PositiveSmallIntegerField(unique=True)
    notice = models.CharField(max_length=300)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=60)
    revision = models.PositiveIntegerField(unique=True)
    # The days of this year that changed since due dates were last counted by it; none: nothing waits.
    changed_from = models.DateField(null=True)
    changed_to = models.DateField(null=True)

    def __str__(self) -> str:
        return str(self.year)


class DayOff(models.Model):
    """A day that is not what its weekday says (放假日或调休上班日), under the notice of its year."""

    class Kind(models.TextChoices):
        OFF = "off"
        WORK = "work"

    date = models.DateField(unique=True)
    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=40)
    published = models.ForeignKey(PublishedYear, models.CASCADE, related_name="days")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=("off", "work")), name="calendar_kind_known"),
        ]

    def __str__(self) -> str:
        return self.date.isoformat()
