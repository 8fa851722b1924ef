"""What the registers hold (基础登记): households, residents, and other elements of a person.

What says who somebody is lies sealed with `people.Person`; here lie the facts that an area's register owns. There is no
ethnicity, religion, political attitude, biometric or score, and there never will be (rights.md).
"""

from __future__ import annotations

from django.db import models

from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.fields import SealedField
from linli.kernel.people.models import Account, Person, Post
from linli.kernel.places.models import Area

RELATIONS: dict[str, Text] = {
    "head": Text("户主", "head"),
    "spouse": Text("配偶", "spouse"),
    "child": Text("子女", "child"),
    "parent": Text("父母", "parent"),
    "grandchild": Text("孙辈", "grandchild"),
    "grandparent": Text("祖辈", "grandparent"),
    "sibling": Text("兄弟姐妹", "sibling"),
    "other": Text("其他", "other"),
}
SEXES: dict[str, Text] = {"male": Text("男", "male"), "female": Text("女", "female")}


class Household(models.Model):
    """People who are registered together (户). Its number is the one of the household register."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    number = models.CharField(max_length=40, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=20)  # of the area, for lists by post

    class Meta:
        indexes = [models.Index(fields=["prefix", "id"], name="registers_household_area")]

    def __str__(self) -> str:
        return self.number


class Resident(models.Model):
    """What the register of an area says about a person (居民登记), one to one; `valid_to` when they moved out."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="resident")
    external_id = models.CharField(max_length=64, null=True, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=20)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="residents")
    relation = models.CharField(max_length=12, blank=True)  # to the head: RELATIONS
    sex = SealedField(context="registers.resident.sex", blank=True)
    birth_date = SealedField(context="registers.resident.birth_date", blank=True)  # ISO
    address = SealedField(context="registers.resident.address", blank=True)
    source = models.CharField(max_length=60)  # whose register: shown to the person beside each value
    as_of = models.DateField()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # last day
    mark = models.BinaryField(
        max_length=16, null=True
    )  # keyed digest of the row it came from: the same row changes nothing

    # Keyed hashes of the name with the date of birth, and with the phone: who may be entered twice. Empty where either is.
    alike_birth = models.BigIntegerField(null=True)
    alike_phone = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["prefix", "person"], name="registers_resident_area"),
            models.Index(
                fields=["alike_birth", "person"],
                name="registers_alike_birth",
                condition=models.Q(alike_birth__isnull=False),
            ),
            models.Index(
                fields=["alike_phone", "person"],
                name="registers_alike_phone",
                condition=models.Q(alike_phone__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id or str(self.person_id)


class NamePart(models.Model):
    """Two characters of the name of somebody who lives here (姓名片段), as a keyed hash beside their area: how a part of a
    name is found without opening any. Written by whatever writes the entry; gone when they move out."""

    pk = models.CompositePrimaryKey("resident_id", "part")
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="name_parts", db_index=False)
    part = models.BigIntegerField()
    prefix = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["part", "prefix", "resident"], name="registers_name_part")]


class LikelyPair(models.Model):
    """Two entries that may be one person (疑似重复), found when one of them was written; `apart_at` once a clerk said that they are two."""

    one = models.ForeignKey(Resident, models.CASCADE, related_name="+")
    two = models.ForeignKey(Resident, models.CASCADE, related_name="+")  # the later entry
    why = models.CharField(max_length=5)  # birth | phone
    prefix = models.CharField(max_length=20)  # what their areas have in common: who keeps both sees the pair
    apart_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "two"], name="registers_pair_once")]
        indexes = [
            models.Index(
                fields=["prefix", "id"], name="registers_pair_area", condition=models.Q(apart_at__isnull=True)
            )
        ]


class ElementValue(models.Model):
    """Another element of a person (其他要素值), such as the grade of a disability, from the register that owns it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="element_values")
    element = models.CharField(max_length=40)
    value = SealedField(context="registers.elementvalue.value")
    source = models.CharField(max_length=60)
    as_of = models.DateField()
    valid_to = models.DateField(null=True)  # last day, where the owner said one
    mark = models.BinaryField(max_length=16, null=True)  # keyed digest of the row it came from

    class Meta:
        indexes = [models.Index(fields=["element"], name="registers_value_element")]
        constraints = [models.UniqueConstraint(fields=["person", "element"], name="registers_value_once")]


class Merge(models.Model):
    """Two entries that were one person (合并): what was moved, so that it can be moved back exactly."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    kept = models.ForeignKey(Person, models.PROTECT, related_name="+")
    gone = models.ForeignKey(Person, models.PROTECT, related_name="+")
    moved = SealedField(context="registers.merge.moved")  # JSON
    reason = models.CharField(max_length=200)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
