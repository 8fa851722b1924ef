"""Records (留痕), the facts that stay erasable beside them, and files (附件).

A record is never changed or removed: the database refuses it (see the migration). It holds public facts in the
clear and a salted digest of every other fact; the facts themselves lie in `ErasableFact` and can be erased when
their keep period ends, without the chain breaking.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from linli.base.ids import uuid7


class Record(models.Model):
    """One immutable entry of what happened in a case (一条留痕)."""

    case_id = models.BigIntegerField()
    seq = models.IntegerField()  # 1, 2, 3 … within the case
    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)  # account; null: the system, or a reporter without an account
    actor_kind = models.CharField(max_length=10)  # staff | resident | reporter | anonymous | system
    post = models.BigIntegerField(null=True)
    on_behalf_of = models.BigIntegerField(null=True)  # account of the absent holder whose deputy acted
    action = models.CharField(max_length=60)
    from_step = models.CharField(max_length=60, blank=True)
    to_step = models.CharField(max_length=60, blank=True)
    facts = models.TextField()  # canonical JSON: public facts and what the engine did (tasks, due times)
    digests = models.TextField()  # canonical JSON: {fact: salted SHA-256, hex}
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case_id", "seq"], name="records_case_seq")]


class ErasableFact(models.Model):
    """A fact that may have to be erased (可删除的事实): sealed, with the salt of its digest and its keep period."""

    case_id = models.BigIntegerField()
    seq = models.IntegerField()
    name = models.CharField(max_length=60)
    salt = models.BinaryField(max_length=16)
    value = models.BinaryField()  # sealed JSON
    purpose = models.CharField(max_length=60, blank=True)  # personal facts only
    keep = models.CharField(max_length=40, blank=True)  # as the procedure file says: "1 year after end"
    erase_on = models.DateField(null=True)  # set when the case ends

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case_id", "seq", "name"], name="records_fact_once")]
        indexes = [
            models.Index(
                fields=["erase_on", "id"],
                name="records_fact_due",
                condition=models.Q(erase_on__isnull=False),
            )
        ]


class StoredFile(models.Model):
    """A file, named by the hash of its content (文件)."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())


class Attachment(models.Model):
    """A file in a case (附件): the internal copy, and for photos the smaller public copy."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    case_id = models.BigIntegerField(db_index=True)
    seq = models.IntegerField(null=True)  # the record that brought it in
    field = models.CharField(max_length=60, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")
    public_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="public_attachments")
    kind = models.CharField(max_length=10)  # before | after | document | other
    name = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField(null=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    account = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True)


class Upload(models.Model):
    """A file that was taken in but belongs to no case yet (待挂接的上传); unused ones are removed after a day."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    owner = models.CharField(max_length=80)  # account or browser session: nobody else may attach it
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    public_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField(null=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    at = models.DateTimeField(db_index=True)


class Tree(models.Model):
    """One append-only tree (一棵树): its algorithm never changes. Another algorithm is another tree, which begins where
    this one ends."""

    id = models.SmallIntegerField(primary_key=True)  # 1, 2, 3 …
    algorithm = models.CharField(max_length=20)
    first = models.BigIntegerField()  # the place of its first leaf among all leaves


class Leaf(models.Model):
    """The place of a record among all records (叶子), with what its leaf is made of; written once, by the sequencer.

    It says for itself which record stood here, so that one that is gone can still be named.
    """

    id = models.BigIntegerField(primary_key=True)  # 0, 1, 2 … without gaps, over all trees
    record_id = models.BigIntegerField(unique=True)
    number = models.CharField(max_length=40)
    seq = models.IntegerField()
    hash = models.BinaryField(max_length=32)  # of the record


class Node(models.Model):
    """A complete subtree of 16, 256, 4096 … leaves (中间节点), kept so that no proof reads more than a few rows."""

    tree = models.SmallIntegerField()
    level = models.SmallIntegerField()  # 4, 8, 12 …
    place = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tree", "level", "place"], name="records_node_once")]


class Head(models.Model):
    """The signed root of a tree at one moment (每日根)."""

    id = models.IntegerField(primary_key=True)  # 1, 2, 3 …
    tree = models.SmallIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    day = models.DateField(db_index=True)  # in Shanghai
    at = models.DateTimeField()  # whole seconds
    previous = models.BinaryField(max_length=32)  # hash of the text of the head before; zeros for the first
    key = models.CharField(max_length=60)
    signature = models.BinaryField(max_length=64)
