"""What is special to grid events (网格事件): categories, the dispatch directory, and an event's own figures."""

from __future__ import annotations

from django.db import models

from linli.base.i18n import Text
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case


class Directory(models.Model):
    """One version of a tree of categories (类别目录的一个版本)."""

    code = models.CharField(max_length=40)
    version = models.IntegerField(default=1)
    title = models.CharField(max_length=120)
    basis = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField(null=True)
    active = models.BooleanField(default=False)  # new events choose from the active ones

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="events_directory_once")]


class Category(models.Model):
    """What an event is about (类别：部件、管理事项…), at any depth, with its conditions and its limit."""

    key = models.CharField(max_length=80, unique=True)  # directory:version:code, what a case remembers
    directory = models.ForeignKey(Directory, models.PROTECT, related_name="categories")
    code = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    depth = models.SmallIntegerField(default=1)
    order = models.IntegerField(default=0)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    accept_condition = models.CharField(max_length=300, blank=True)
    close_condition = models.CharField(max_length=300, blank=True)
    limit = models.CharField(max_length=40, blank=True)  # of handling: "4 hours", "2 working days"
    grade = models.CharField(max_length=12, blank=True)  # suggested
    needs_photos = models.BooleanField(default=False)  # closes only with a picture of before and of after
    help_case = models.BooleanField(default=False)  # a person needs help: never handled as disorder
    public_point = models.BooleanField(default=False)  # a public thing: its point may be shown
    keywords = models.CharField(max_length=200, blank=True)  # words residents use for it, for suggestions
    active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["directory", "parent", "order"], name="events_category_tree")]

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en or self.name)


class DispatchRule(models.Model):
    """Category × area → organisation (派单目录). Of the rules that fit, the most specific wins; see `rules.py`."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="dispatch_rules")
    area = models.ForeignKey(Area, models.CASCADE, null=True, related_name="+")
    lead = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    helpers = models.ManyToManyField(Organisation, related_name="+", blank=True)
    basis = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["category", "area"], name="events_rule_category")]


class Event(models.Model):
    """An event's own facts and figures beside its case (事件)."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="event")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(
        max_length=20, blank=True
    )  # help | complaint | report | suggestion | consultation
    signed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)  # account: who handled it may not verify it
    on_time = models.BooleanField(null=True)  # handled within its limit
    n_reworks = models.SmallIntegerField(default=0)
    contacted = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    rating = models.SmallIntegerField(null=True)
    rated_at = models.DateTimeField(null=True)
    n_reporters = models.IntegerField(default=1)
    external_id = models.CharField(max_length=80, null=True, unique=True)  # of an imported case
    source = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["category"], name="events_event_category")]
