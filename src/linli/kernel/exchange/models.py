"""Who is exchanged with, and all that was said in both directions (对方平台与交换消息)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.fields import SealedField
from linli.kernel.people.models import Account

OUT, IN = "out", "in"
# States of what goes out; what came in is RECEIVED from the start.
QUEUED, SENDING, ACKNOWLEDGED, REFUSED, GIVEN_UP = "queued", "sending", "acknowledged", "refused", "given_up"
RECEIVED = "received"


class Peer(models.Model):
    """Another installation (对方平台): which county it serves, where it answers, whether it may speak to us."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    county = models.CharField(max_length=12, unique=True)  # code of the county, 12 digits
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200, blank=True)
    base_url = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)

    def __str__(self) -> str:
        return self.county

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en or self.name)


class PeerKey(models.Model):
    """A public key of a peer (对方公钥). Several while it changes keys; the id is drawn from the key itself."""

    peer = models.ForeignKey(Peer, models.CASCADE, related_name="keys")
    key_id = models.CharField(max_length=60)
    algorithm = models.CharField(max_length=10)
    public = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "key_id"], name="exchange_key_once")]
        indexes = [models.Index(fields=["key_id"], name="exchange_key_id")]


class Message(models.Model):
    """One message, sent or received (交换消息). Its content and digest never change; what becomes of it is added."""

    key = models.UUIDField(default=uuid7, editable=False)  # of the sender: the same on both sides
    direction = models.CharField(max_length=3)
    peer = models.ForeignKey(Peer, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=40)
    case_number = models.CharField(max_length=40)  # of the sender's case
    local = models.CharField(max_length=12)  # code of the county here that sent it, or that it is for
    body = SealedField(context="exchange.message.body")  # canonical JSON; goes when its time is over
    digest = models.BinaryField(max_length=32)  # of the whole text that is signed for
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # last try; of a received one: when it was signed
    received_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)  # names no person
    answer = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["peer", "direction", "key"], name="exchange_message_once")
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="exchange_message_due",
                condition=Q(state__in=(QUEUED, SENDING)),
            ),
            models.Index(fields=["peer", "case_number", "id"], name="exchange_message_case"),
            models.Index(fields=["peer", "-id"], name="exchange_message_newest"),
        ]


class PeerPage(models.Model):
    """What a peer publishes for everybody, as read last (对方公开内容的副本): read anew when it is a day old."""

    peer = models.ForeignKey(Peer, models.CASCADE, related_name="pages")
    path = models.CharField(max_length=300)
    content = models.JSONField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "path"], name="exchange_page_once")]
