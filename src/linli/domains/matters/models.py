"""What is special to matters (政务服务事项): how each service was rated."""

from __future__ import annotations

from django.db import models

from linli.kernel.people.models import Organisation
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
