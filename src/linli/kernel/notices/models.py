"""Notices (通知). The table is the outbox: who writes a row has sent the message, the worker only carries it.

A verb inserts one row for each recipient in its own transaction, so a notice exists exactly when the act
does. The row is the in-app notice itself; when the worker comes to it, it adds a row for each further channel
(SMS, e-mail) that the recipient has and the template is written for. By plain SQL, on both databases:

    INSERT INTO notices_notice
        (uid, account_id, person_id, template, params, case_number, created_at, next_try_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)

`uid` is a UUIDv7 (on SQLite its 32 hex digits); one of `account_id` and `person_id` is set, the other NULL;
`params` is JSON text without personal data (cast `%s::jsonb` on PostgreSQL), written as `templates.py` says;
`next_try_at` is the moment of the act, or later. Every other column has a default in the database. A row
inserted with `state = 'sent'` stays in the app alone.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from linli.base.ids import uuid7
from linli.kernel.people.fields import SealedField
from linli.kernel.people.models import Account, Person

IN_APP, SMS, EMAIL = "in_app", "sms", "email"

QUEUED, SENDING, SENT = "queued", "sending", "sent"
FAILED = "failed"  # for good: the gateway refused it, or there is no address
GIVEN_UP = "given_up"  # tried as often as the schedule allows


class Notice(models.Model):
    """One message to one person over one channel (一条通知)."""

    # Also the key by which gateways know a message that they have already taken.
    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="notices", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="notices", db_index=False)
    channel = models.CharField(max_length=6, db_default=IN_APP)  # in_app | sms | email
    # Only where it is not the recipient's own phone or e-mail, which is read when the message goes.
    address = SealedField(context="notices.notice.address", blank=True)
    template = models.CharField(max_length=60)
    params = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    language = models.CharField(max_length=2, db_default="", blank=True)  # empty: the recipient's own
    case_number = models.CharField(max_length=40, db_default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=8, db_default=QUEUED)  # queued | sending | sent | failed | given_up
    attempts = models.SmallIntegerField(db_default=0)
    next_try_at = models.DateTimeField(db_default=Now())  # while sending: when the claim lapses
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(person__isnull=False),
                name="notices_recipient",
            )
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="notices_account"),
            models.Index(fields=["person", "-id"], name="notices_person"),
            models.Index(
                fields=["account"],
                name="notices_account_new",
                condition=Q(read_at__isnull=True, channel=IN_APP),
            ),
            models.Index(
                fields=["person"],
                name="notices_person_new",
                condition=Q(read_at__isnull=True, channel=IN_APP),
            ),
            models.Index(
                fields=["next_try_at", "id"],
                name="notices_due",
                condition=Q(state__in=(QUEUED, SENDING)),
            ),
        ]


class TemplateVersion(models.Model):
    """One wording of a template (通知文字的一版), as an administrator wrote it; rows are never changed or removed.

    The highest version that is in force holds; one without texts stands for those that the product brings. A row that is not in
    force is a draft: it is sent to nobody but whoever tries it, under `code@version`.
    """

    code = models.CharField(max_length=60)
    version = models.IntegerField()
    texts = models.JSONField(
        null=True
    )  # {"title": {zh, en}, "body": [{zh, en}], "sms": [{zh, en}]}; null: as shipped
    in_force = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="notices_template_version_once")
        ]
        indexes = [
            models.Index(fields=["code", "version"], name="notices_template", condition=Q(in_force=True))
        ]
