"""Mass organisations and what they do for residents (群团组织): as bodies. Nothing here says who belongs to one."""

from __future__ import annotations

from datetime import date

from django.db import models

from linli.base.clock import local
from linli.base.i18n import Text
from linli.kernel.people.models import Account, Organisation
from linli.kernel.places.models import Area

KINDS = {
    "union": Text("工会", "trade union"),
    "youth": Text("共青团", "youth league"),
    "women": Text("妇联", "women's federation"),
    "disabled": Text("残联", "disabled persons' federation"),
    "science": Text("科协", "science association"),
    "red_cross": Text("红十字会", "Red Cross"),
    "overseas": Text("侨联", "federation of returned overseas Chinese"),
    "taiwan": Text("台联", "federation of Taiwan compatriots"),
    "arts": Text("文联", "federation of the arts"),
    "commerce": Text("工商联", "federation of industry and commerce"),
    "other": Text("其他群团组织", "other mass organisation"),
}
SERVICE = "service"
OFFERS = {
    SERVICE: Text("公共服务", "public service"),
    "room": Text("房间", "room"),
    "venue": Text("场地", "venue"),
    "equipment": Text("设备器材", "equipment"),
    "hotline": Text("热线", "hotline"),
    "other": Text("其他资源", "other resource"),
}


class Partner(models.Model):
    """A body on the county's register of mass organisations (群团组织登记)."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="+")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    about = models.CharField(max_length=300)  # what residents may turn to it for
    entered_at = models.DateTimeField()
    ended_on = models.DateField(null=True)  # last day on the register
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["county", "organisation"],
                condition=models.Q(ended_on__isnull=True),
                name="matters_partner_county",
            )
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)

    @property
    def kind_title(self) -> Text:
        return KINDS[self.kind]


class PartnerOffer(models.Model):
    """What a body does for residents or shares with them (承担的服务、共享的资源): what, where, when, for whom, how."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="offers")
    number = models.IntegerField()  # within the body
    kind = models.CharField(max_length=20)
    matter = models.ForeignKey("matters.Matter", models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=160, blank=True)
    for_whom = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    times = models.CharField(max_length=200)
    how = models.CharField(max_length=300)  # how to ask for it, or to use it
    basis = models.CharField(max_length=160, blank=True)  # by which decision or agreement it was taken over
    made_at = models.DateTimeField()
    ended_on = models.DateField(null=True)  # last day
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "number"], name="matters_offer_number"),
            models.UniqueConstraint(
                fields=["partner", "matter"],
                condition=models.Q(ended_on__isnull=True),
                name="matters_offer_matter",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id}:{self.number}"

    @property
    def name(self) -> Text:
        return Text(self.title, self.title_en or self.title)

    @property
    def kind_title(self) -> Text:
        return OFFERS[self.kind]


class PartnerReport(models.Model):
    """What a body did in a quarter (成效报告), in totals. Drafted until the head signs; signed is published and stays.

    A correction is the next edition.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="reports")
    quarter = models.DateField()  # its first day
    edition = models.IntegerField(default=1)
    lines = models.JSONField()  # each with its offer's words, so that it reads the same later
    done = models.TextField(blank=True)
    mend = models.TextField(blank=True)  # what will be put right
    corrects = models.CharField(max_length=300, blank=True)  # of a later edition: what was wrong
    made_at = models.DateTimeField()
    signed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "quarter", "edition"], name="matters_report_edition")
        ]

    def __str__(self) -> str:
        return f"{self.partner_id}:{self.quarter}:{self.edition}"

    @property
    def signed_on(self) -> date | None:
        return local(self.signed_at).date() if self.signed_at else None

    @property
    def seen(self) -> str:
        """Marks what a reader has before them (所见的稿), so that nobody signs what they did not see."""
        return self.made_at.isoformat()
