"""What people follow and how far they were told (政策关注), how often cards were read (阅读量), and how offices checked
their own service (服务标准自查)."""

from __future__ import annotations

from datetime import date

from django.db import models

from linli.base.clock import local
from linli.kernel.people.models import Account, Organisation, Person
from linli.kernel.places.models import Area


class PolicyFollow(models.Model):
    """A topic that somebody chose to hear of (关注的主题). Nothing else is known of them here, and no list shows who they are."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=20)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "county", "topic"], name="matters_follow_once")
        ]
        indexes = [models.Index(fields=["county", "topic", "person"], name="matters_follow_topic")]

    def __str__(self) -> str:
        return self.topic


class PolicyRound(models.Model):
    """One round of telling those who follow (告知轮次): what was published between two moments, and how far it has come."""

    county = models.ForeignKey(Area, models.PROTECT, related_name="+")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    last_person = models.BigIntegerField(default=0)  # told up to this one, so that nobody is told twice
    n_told = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county"], condition=models.Q(ended_at__isnull=True), name="matters_one_round"
            )
        ]
        indexes = [models.Index(fields=["county", "-until_at"], name="matters_round_last")]

    def __str__(self) -> str:
        return f"{self.county_id}:{self.until_at}"


class PolicyRead(models.Model):
    """How often cards of a topic, or the guide of a matter, were opened on a day (阅读量): a bare total.

    No reader is in it: no person, session, address or cookie. What is older than two months stands for its month.
    """

    county = models.ForeignKey(Area, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=20, blank=True)  # one of the two; neither: all cards
    matter = models.CharField(max_length=36, blank=True)
    day = models.DateField()
    n = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "topic", "matter", "day"], name="matters_read_day")
        ]

    def __str__(self) -> str:
        return f"{self.topic or self.matter}:{self.day}"


class StandardsCheck(models.Model):
    """How an office checked its service against the standards in a quarter (服务标准自查), published as it is signed.

    A correction is the next edition; what was published stays.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    quarter = models.DateField()  # its first day
    edition = models.IntegerField(default=1)
    standards = models.CharField(max_length=20)  # version of the list
    answers = models.JSONField()  # each with its standard's words, so that it reads the same later
    signed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "quarter", "edition"], name="matters_check_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}:{self.quarter}:{self.edition}"

    @property
    def signed_on(self) -> date:
        return local(self.signed_at).date()
