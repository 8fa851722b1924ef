"""Procedures, cases, tasks and clocks (程序、办件、待办、计时)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.base.ids import uuid7
from linli.kernel.people.fields import SealedField
from linli.kernel.people.models import Account, Organisation, Person
from linli.kernel.places.models import Area


class ProcedureVersion(models.Model):
    """One immutable version of a procedure (程序版本); a case keeps the version that it began with."""

    code = models.CharField(max_length=60)
    version = models.IntegerField()
    jurisdiction = models.CharField(max_length=20, blank=True)  # prefix of the area whose override this is
    digest = models.CharField(max_length=64)
    definition = (
        models.TextField()
    )  # the merged file as JSON text: the order of steps and fields is part of it
    override = models.TextField(
        blank=True
    )  # what the county wrote, as JSON text: laid over newer defaults too
    valid_from = models.DateField(null=True)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "jurisdiction", "version"], name="procedures_version_once"
            )
        ]


class Case(models.Model):
    """One running of a procedure, with a number (办件). Only the engine writes `step`, `status`, `seq`, `head_hash`."""

    number = models.CharField(max_length=40, unique=True)
    procedure = models.CharField(max_length=60)
    version = models.ForeignKey(ProcedureVersion, models.PROTECT)
    step = models.CharField(max_length=60)
    status = models.CharField(max_length=10)  # open | suspended | ended | withdrawn
    seq = models.IntegerField()
    head_hash = models.BinaryField(max_length=32)
    area = models.ForeignKey(Area, models.PROTECT, related_name="cases")
    county = models.CharField(max_length=6)
    township = models.CharField(max_length=9)
    village = models.CharField(max_length=12)
    grid = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    channel = models.CharField(max_length=12)
    confidential = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # of the whole case, as promised
    statutory_due_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    precision = models.CharField(max_length=10, blank=True)  # point | grid | village | township
    place_text = models.CharField(max_length=200, blank=True)
    lead = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="led_cases")
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="opened_cases")
    applicant = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases")
    tracking_hash = models.BinaryField(max_length=32, null=True, db_index=True)
    facts = models.JSONField(default=dict)  # the newest public facts by field
    historic = models.BooleanField(default=False)
    window = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # entered it
    acted_seq = models.IntegerField(default=0)  # the last record that was not a mere reminder
    recused = models.BooleanField(default=False)  # some organisation is recused
    # Moved to a newer version, but with the whole-case limits of an older one, because those are better for the person.
    limits_version = models.ForeignKey(
        ProcedureVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["county", "id"], name="procedures_case_county"),
            models.Index(fields=["township", "id"], name="procedures_case_township"),
            models.Index(fields=["village", "id"], name="procedures_case_village"),
            models.Index(fields=["grid", "id"], name="procedures_case_grid"),
            models.Index(
                fields=["township", "due_at", "id"],
                name="procedures_case_due_town",
                condition=Q(status="open"),
            ),
            models.Index(
                fields=["county", "due_at", "id"],
                name="procedures_case_due_county",
                condition=Q(status="open"),
            ),
            models.Index(fields=["procedure", "ended_at"], name="procedures_case_ended"),
            models.Index(
                fields=["lng", "lat"], name="procedures_case_near", condition=Q(ended_at__isnull=True)
            ),
        ]


class Task(models.Model):
    """A case's open step waiting for one organisation, post or person (待办)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks")
    step = models.CharField(max_length=60)
    part = models.CharField(max_length=8)  # lead | helper
    queue = models.CharField(max_length=60)  # role@area, role#organisation or person#id: who may take it
    role = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    taken_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    period = models.CharField(max_length=40, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=60, blank=True)
    alert_at = models.DateTimeField(null=True)
    alert_stage = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "due_at", "id"],
                name="procedures_task_queue",
                condition=Q(done_at__isnull=True),
            ),
            models.Index(fields=["case", "done_at"], name="procedures_task_case"),
            models.Index(
                fields=["case"],
                name="procedures_task_provisional",
                condition=Q(provisional=True, done_at__isnull=True),
            ),
            models.Index(
                fields=["alert_at", "id"],
                name="procedures_task_alert",
                condition=Q(done_at__isnull=True, alert_at__isnull=False),
            ),
        ]


class ClockSegment(models.Model):
    """A stretch in which the clock stood still, or by which a limit grew (计时段): ground, article, document, who
    allowed it, and when the person was told."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="clock_segments")
    kind = models.CharField(max_length=10)  # suspended | extended
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    ground = models.CharField(max_length=60)
    basis = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=200, blank=True)
    approved_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    notified_at = models.DateTimeField(null=True)


class Supervision(models.Model):
    """A case that a supervisor has to look at (督办事项): what came to yellow or red, in their queue, until dealt with."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="supervisions")
    task = models.ForeignKey(Task, models.PROTECT, related_name="supervisions")
    queue = models.CharField(max_length=60)  # role@area
    level = models.CharField(max_length=10)  # yellow | red
    since = models.DateTimeField()
    urged_at = models.DateTimeField(null=True)
    n_urged = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)  # moved | taken_over | reported_up

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "queue"], name="procedures_supervision_once")]
        indexes = [
            models.Index(
                fields=["queue", "since", "id"],
                name="procedures_supervision_open",
                condition=Q(done_at__isnull=True),
            )
        ]


class Participation(models.Model):
    """Who takes part in a case and so may see it (参与): parties, reporters, organisations, the clerk who entered it.

    An organisation that had the case and lost it to another keeps its sight of it: it answers for what it did, and has
    to see what became of it. Only a recused one loses it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="participations")
    kind = models.CharField(max_length=8)  # person | org | account
    ref = models.BigIntegerField()
    part = models.CharField(max_length=10)  # applicant | follower | lead | helper | recorder | worker
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "ref", "part"], name="procedures_part_once")
        ]
        indexes = [models.Index(fields=["kind", "ref", "case"], name="procedures_part_ref")]


class Recusal(models.Model):
    """An organisation that is complained about (回避): it never handles the case, and never sees it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="recusals")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "organisation"], name="procedures_recusal_once")
        ]


class CaseLink(models.Model):
    """Two cases that belong together (关联): related, merged into, split from; undone, never deleted."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="links")
    other = models.ForeignKey(Case, models.PROTECT, related_name="links_here")
    kind = models.CharField(max_length=12)  # related | merged | split | opened | reopened
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "kind"], name="procedures_link_case")]


class ClientKey(models.Model):
    """What a client's key stands for (幂等键): the same key and content give the first receipt again."""

    key = models.CharField(max_length=120, unique=True)  # account or session, then the client's own key
    digest = models.BinaryField(max_length=32)
    receipt = models.JSONField()
    at = models.DateTimeField(db_index=True)


class RefusedWrite(models.Model):
    """Other content under a key already used (被拒的重复提交): refused with 409, and kept so that nothing is lost."""

    key = models.CharField(max_length=120, db_index=True)
    content = SealedField(context="procedures.refusedwrite.content")
    at = models.DateTimeField()


class Counter(models.Model):
    """The last number given out in a series (编号序列)."""

    series = models.CharField(max_length=40, unique=True)
    last = models.BigIntegerField()


class SavedView(models.Model):
    """A list's filters under a name (我的视图)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)
    made_at = models.DateTimeField()
    pinned = models.BooleanField(default=True)  # stands in the menu
    place = models.SmallIntegerField(default=0)
    shared_with = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")


class LastLook(models.Model):
    """Up to which record a member of staff has read a case (上次看到第几条), so that the rest can be shown as new.

    No look at personal data, which is entered elsewhere; forgotten after a season.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    seq = models.IntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "case"], name="procedures_lastlook_once")]


class HeldBatch(models.Model):
    """An act on many cases that waits a moment before it is done (稍候办理的一批): until then it can be taken back.

    What was entered lies here sealed, and goes when the batch is done or taken back.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120, unique=True)  # of the form: sent twice, it is held once
    action = models.CharField(max_length=60)
    title = models.JSONField()  # of the action, in both languages
    data = SealedField(context="procedures.heldbatch.data", blank=True)
    items = models.JSONField()  # [[number, seq that was seen], …]
    made_at = models.DateTimeField(db_index=True)
    run_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)  # somebody is at it; the claim lapses
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=list)  # [{number, done, words}, …]

    class Meta:
        indexes = [
            models.Index(
                fields=["run_at"],
                name="procedures_held_due",
                condition=Q(done_at__isnull=True, cancelled_at__isnull=True),
            )
        ]


class Mention(models.Model):
    """Somebody is named in an internal note (备注里提到的同事); what the note says lies with the record's sealed facts."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="mentions", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    seq = models.IntegerField()  # of the record that holds the note
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "case", "seq"], name="procedures_mention_once")
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="procedures_mention_mine"),
            models.Index(
                fields=["account"], name="procedures_mention_new", condition=Q(read_at__isnull=True)
            ),
        ]


class CannedReply(models.Model):
    """Words that are written often (常用语): one's own, or those of an organisation; `n` is the version in use."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=60)
    body = models.TextField()
    n = models.IntegerField()
    retired_at = models.DateTimeField(null=True)


class CannedReplyVersion(models.Model):
    """What a canned reply said, from when, and who wrote it (常用语的各版): never changed."""

    reply = models.ForeignKey(CannedReply, models.CASCADE, related_name="versions")
    n = models.IntegerField()
    title = models.CharField(max_length=60)
    body = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "n"], name="procedures_reply_version")]


class OpenForm(models.Model):
    """Who has a form of a case open just now (正在填写): among colleagues who may see the case, for two minutes.

    One row for each that is there, written over and then gone: no log of who worked when.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    action = models.CharField(max_length=60)
    until_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "account"], name="procedures_open_form_once")]
