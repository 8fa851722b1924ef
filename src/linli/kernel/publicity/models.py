"""What is made public (公示、公开): notices with a period for objections, and results."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from linli.base.i18n import Text, text_from
from linli.base.ids import uuid7
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area

NOTICE, RESULT = "notice", "result"
SHOWN, ENDED, WITHDRAWN = "shown", "ended", "withdrawn"


class Publication(models.Model):
    """One thing on show (一件公示或公开). It knows its case by number alone: cases are a floor above.

    `facts` are masked before they are stored: what must not be seen is not here. They go when it is withdrawn, and when
    the archive's time is over.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    case_id = models.BigIntegerField(db_index=True)
    case_number = models.CharField(max_length=40)
    procedure = models.CharField(max_length=60)
    part = models.CharField(max_length=60)  # the step, or the act, that made it public
    kind = models.CharField(max_length=6)  # notice | result
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    subject = models.CharField(max_length=120, blank=True)  # what it is about, from its first fact
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    county = models.CharField(max_length=6)
    township = models.CharField(max_length=9)
    village = models.CharField(max_length=12)
    grid = models.CharField(max_length=20)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=list)  # [{code, title{zh,en}, value{zh,en}, masked}]
    places = models.JSONField(default=dict)  # where else it is shown, {zh,en}
    basis = models.CharField(max_length=400, blank=True)
    objection = models.CharField(max_length=60, blank=True)  # the procedure by which one objects
    period = models.CharField(max_length=40, blank=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)  # none: a result stays
    provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=SHOWN)  # shown | ended | withdrawn
    ended_at = models.DateTimeField(null=True)
    keep_until = models.DateField(null=True)  # then its facts go, title and dates stay
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=1000, blank=True)
    withdraw_document = models.CharField(max_length=200, blank=True)
    n_objections = models.IntegerField(default=0)
    n_open_objections = models.IntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "part"],
                name="publicity_notice_once",
                condition=Q(kind=NOTICE, state=SHOWN),
            )
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="publicity_state"),
            models.Index(fields=["county", "state", "id"], name="publicity_county"),
            models.Index(fields=["township", "state", "id"], name="publicity_township"),
            models.Index(fields=["village", "state", "id"], name="publicity_village"),
            models.Index(fields=["grid", "state", "id"], name="publicity_grid"),
            models.Index(fields=["until_at"], name="publicity_until", condition=Q(kind=NOTICE, state=SHOWN)),
            models.Index(fields=["keep_until"], name="publicity_keep", condition=Q(keep_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def name(self) -> Text:
        """What it is called (标题): the kind of matter, then what it is about."""
        plain = Text(self.title, self.title_en or self.title)
        return Text(f"{plain.zh}：{self.subject}", f"{plain.en}: {self.subject}") if self.subject else plain

    @property
    def places_text(self) -> Text | None:
        return text_from(self.places) if self.places else None

    @property
    def is_shown(self) -> bool:
        return self.state == SHOWN

    def takes_objections(self, at: datetime) -> bool:
        """Whether one can still object (仍可提异议): on show, with a way to object, and its days are not over."""
        in_time = self.until_at is None or at <= self.until_at
        return self.is_shown and self.kind == NOTICE and bool(self.objection) and in_time


class Objection(models.Model):
    """One objection to what is on show (异议), by the number of its own case; who objects is not kept here."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="objections")
    case_number = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.case_number
