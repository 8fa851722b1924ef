"""Devices of field workers and what they sent (外勤设备与收件): a place for everything until it is carried out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.base.i18n import Text, text_from
from linli.base.ids import uuid7
from linli.kernel.people.fields import SealedField
from linli.kernel.people.models import Account
from linli.kernel.places.models import Area

# States of a device.
ACTIVE, RETURNING, REVOKED = "active", "returning", "revoked"
# States of an entry.
DONE, KEPT, MERGED = "done", "kept", "merged"
# What the lead decided.
CARRIED, NOTED, SET_ASIDE, CHOSEN = "carried", "noted", "aside", "chosen"


class FieldDevice(models.Model):
    """A phone that may work without signal for one worker (外勤设备)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="field_devices")
    label = models.CharField(max_length=60)
    area = models.CharField(max_length=20)  # prefix of the worker's grid: whose lead may revoke it
    token_hash = models.BinaryField(max_length=32, unique=True)
    key = SealedField(context="fieldwork.device.key")  # base64; what proves that an answer is ours
    state = models.CharField(max_length=10, default=ACTIVE)
    enrolled_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # moves on with each contact
    last_contact_at = models.DateTimeField()
    n_unsent = models.IntegerField(default=0)  # as the phone last said
    oldest_unsent_at = models.DateTimeField(null=True)
    n_conflicts = models.IntegerField(default=0)
    app = models.CharField(max_length=40, blank=True)
    persisted = models.BooleanField(default=False)
    silence_told_at = models.DateTimeField(null=True)  # once for each silence; a contact clears it
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_told_at = models.DateTimeField(null=True)  # when the phone itself heard that it is over

    class Meta:
        indexes = [
            models.Index(fields=["account", "state"], name="fieldwork_device_account"),
            models.Index(fields=["area", "id"], name="fieldwork_device_area"),
            models.Index(
                fields=["last_contact_at"],
                name="fieldwork_device_silent",
                condition=Q(silence_told_at__isnull=True) & ~Q(state=REVOKED),
            ),
        ]


class FieldEntry(models.Model):
    """One thing that was done in the field, as it arrived (外勤收件). Belongs to the worker, whichever phone sent it."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="field_entries")
    device = models.ForeignKey(FieldDevice, models.PROTECT, null=True, related_name="entries")
    client_id = models.UUIDField()  # made on the phone: what makes it arrive once
    digest = models.CharField(max_length=64)
    twin = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="twins"
    )  # same id, other content
    kind = models.CharField(max_length=20)
    body = SealedField(context="fieldwork.entry.body", blank=True)
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    by_rescue = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    code = models.CharField(max_length=60, blank=True)  # why it was kept
    words = models.JSONField(default=dict)
    number = models.CharField(max_length=40, blank=True)
    seq = models.IntegerField(null=True)
    area = models.CharField(max_length=20, blank=True)  # prefix: whose lead decides
    conflicts = models.JSONField(default=list)  # codes of fields that two people filled in differently
    decision = models.CharField(max_length=10, blank=True)
    decision_words = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "client_id"], name="fieldwork_entry_once", condition=Q(twin__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["account", "client_id", "digest"], name="fieldwork_entry_content_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["area", "id"],
                name="fieldwork_entry_waiting",
                condition=Q(decided_at__isnull=True, state__in=[KEPT, MERGED]),
            ),
            models.Index(fields=["account", "-id"], name="fieldwork_entry_account"),
            models.Index(fields=["received_at"], name="fieldwork_entry_received"),
        ]

    @property
    def said(self) -> Text:
        return text_from(self.words)

    @property
    def waits(self) -> bool:
        return self.state in {KEPT, MERGED} and self.decided_at is None


class FieldFile(models.Model):
    """A file that an entry names (收件的文件), and the upload that holds it until a case takes it."""

    entry = models.ForeignKey(FieldEntry, models.CASCADE, related_name="files")
    place = models.SmallIntegerField()
    sha256 = models.CharField(max_length=64)  # of the bytes as the phone has them
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=60, blank=True)
    upload_uid = models.UUIDField(null=True, db_index=True)
    fault = models.CharField(
        max_length=60, blank=True
    )  # why it could not be taken as a photo or a voice note

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "place"], name="fieldwork_file_place")]


class Patrol(models.Model):
    """A walk through one's grid (巡查记录): where, what was looked at. No point is kept, and no list per worker exists."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="patrols")
    prefix = models.CharField(max_length=20)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    checked = models.JSONField(default=list)
    text = models.CharField(max_length=1000, blank=True)
    made_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["prefix", "-id"], name="fieldwork_patrol_area")]
