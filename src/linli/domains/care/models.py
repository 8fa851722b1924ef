"""What is special to care (关爱帮扶): the plan beside its case, its visits, and how often a service was asked for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.base.ids import uuid7
from linli.kernel.people.models import Account
from linli.kernel.procedures.models import Case


class HelpPlan(models.Model):
    """A plan of help (帮扶计划): which group, who comes, what was consented to. No score, no rank, no list of people.

    What is needed and was agreed lies with the case's sealed facts, where it is erased; so does nothing here.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="help_plan")
    group = models.CharField(max_length=20)  # emptied when the plan ends
    worker = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    scopes = models.JSONField(default=list)  # what was separately consented to: health money family
    by_law = models.JSONField(default=list)  # what a named law opens, whatever was consented to
    agreed_at = models.DateTimeField(null=True)
    review_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["worker", "review_on"], name="care_plan_review")]


class Visit(models.Model):
    """A visit that was planned or made (走访): the day and the topic; where anybody was is never kept."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    plan = models.ForeignKey(HelpPlan, models.CASCADE, related_name="visits")
    planned_on = models.DateField()
    topic = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default="planned")  # planned | met | away | unwanted
    asked = models.BooleanField(default=False)  # something was asked for
    answered = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["planned_on", "id"], name="care_visit_planned", condition=Q(state="planned")
            ),
        ]


class ServiceTotal(models.Model):
    """How often a service was asked for in a village and month (服务需求合计), for planning: nobody's name, no case."""

    village = models.CharField(max_length=12)
    month = models.DateField()
    service = models.CharField(max_length=20)
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["village", "month", "service"], name="care_total_once")
        ]
