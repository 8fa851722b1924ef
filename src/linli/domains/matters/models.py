"""What is special to matters (政务服务事项): the catalogue, its delegation, what villages do for people, and how services were rated."""

from __future__ import annotations

from django.db import models

from linli.base.i18n import Text
from linli.domains.matters.cross_models import CrossCase as CrossCase
from linli.domains.matters.cross_models import CrossDispute as CrossDispute
from linli.domains.matters.cross_models import Handover as Handover
from linli.domains.matters.partner_models import Partner as Partner
from linli.domains.matters.partner_models import PartnerOffer as PartnerOffer
from linli.domains.matters.partner_models import PartnerReport as PartnerReport
from linli.domains.matters.policy_models import PolicyFollow as PolicyFollow
from linli.domains.matters.policy_models import PolicyRead as PolicyRead
from linli.domains.matters.policy_models import PolicyRound as PolicyRound
from linli.domains.matters.policy_models import StandardsCheck as StandardsCheck
from linli.kernel.people.models import Account, Organisation, Post
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case


class ServiceRating(models.Model):
    """The one rating of one service (一次一评): stars without the person; read in sums alone (好差评).

    It says which case so that there is only one of it, and which follow-up it brought about. No page lists it by case.
    """

    rated = models.OneToOneField(Case, models.PROTECT, related_name="service_rating")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    matter = models.CharField(max_length=40)  # code of the matter, or of the procedure that has none
    stars = models.SmallIntegerField()  # 5 非常满意 … 1 非常不满意; 1 and 2 are bad
    given_on = models.DateField()
    counted = models.BooleanField(default=True)  # false: malicious, found so by a review that can be appealed
    follow_up = models.OneToOneField(Case, models.PROTECT, null=True, related_name="bad_rating")
    put_right_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["given_on", "organisation"], name="matters_rating_day")]


class Matter(models.Model):
    """One thing that can be applied for in one county (事项). What it says stands in its versions."""

    county = models.ForeignKey(Area, models.PROTECT, related_name="matters")
    code = models.CharField(max_length=36)
    title = models.CharField(max_length=120)  # of the newest version
    title_en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20)
    agency = models.BooleanField(default=False)  # on the list of what village agents do for people
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    terms = models.TextField(default="")  # " 低保 保金 ", to be searched by staff

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="matters_matter_code")]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> Text:
        return Text(self.title, self.title_en or self.title)


class MatterVersion(models.Model):
    """What a matter said from–to (事项版本). A published one is never changed; `spec` is the file's keys."""

    DRAFT, PUBLISHED, ENDED = "draft", "published", "ended"

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    status = models.CharField(max_length=10, default=DRAFT)
    spec = models.JSONField()
    digest = models.CharField(max_length=64)  # of the spec, so that the same file changes nothing
    terms = models.TextField(default="")
    topics = models.CharField(max_length=200, default="")  # " birth social "
    serves = models.CharField(max_length=40, default="")
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)  # last day
    made_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="matters_version_number"),
            models.UniqueConstraint(
                fields=["matter"], condition=models.Q(status="draft"), name="matters_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id}:{self.number}"


class LifeEvent(models.Model):
    """Several matters done as one (一件事): one form, one set of papers; `spec` is the file's keys."""

    county = models.ForeignKey(Area, models.PROTECT, related_name="life_events")
    code = models.CharField(max_length=36)
    spec = models.JSONField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="matters_event_code")]

    def __str__(self) -> str:
        return self.code


class MatterDelegation(models.Model):
    """A matter handed to a township (事项下放): by which decision, after which check, on trial until when, taken back why."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="delegations")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")  # who handles it there
    document = models.CharField(max_length=120)
    capacity = models.JSONField(default=dict)  # question → what was found
    from_on = models.DateField()
    trial_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)  # last day
    end_reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "township"],
                condition=models.Q(ended_on__isnull=True),
                name="matters_one_delegation",
            )
        ]


class AgencyItem(models.Model):
    """A matter with which a village helps (帮办代办事项): who answers for it, how many days, what people are told."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="agency_items")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    days = models.IntegerField()  # working days until it is handed on
    told = models.CharField(max_length=300, blank=True)
    extra = models.BooleanField(default=False)  # beyond the county's list: the village may refuse it
    refused_at = models.DateTimeField(null=True)
    refused_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "village"], name="matters_agency_item")]


class Application(models.Model):
    """What a case applies for (申请): the version of the matter that holds for it to its end, and what became of its papers.

    The answers lie in the case's own record, sealed; here is what lists and clocks go by.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="application")
    version = models.ForeignKey(MatterVersion, models.PROTECT, null=True, related_name="applications")
    event = models.ForeignKey(LifeEvent, models.PROTECT, null=True, related_name="applications")
    n_asked = models.SmallIntegerField()  # questions and papers of the whole form
    n_spared_fields = models.SmallIntegerField()
    n_spared_papers = models.SmallIntegerField()
    archive = models.CharField(
        max_length=40, blank=True
    )  # which archive it went into, by the kind of its result
    archived_on = models.DateField(null=True)
    keep_until = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["archived_on", "case"],
                condition=models.Q(archived_on__isnull=False),
                name="matters_archived",
            )
        ]


class ApplicationPaper(models.Model):
    """One paper of an application (一份材料): how it came, and who has the original now."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="papers")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    state = models.CharField(max_length=12)
    tolerable = models.BooleanField(default=False)
    holder = models.CharField(max_length=12, blank=True)  # HOLDERS, of an original on paper
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "code"], name="matters_application_paper")
        ]

    @property
    def name(self) -> Text:
        return Text(self.title, self.title_en)
