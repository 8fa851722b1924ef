"""Accounts, residents, organisations, posts and appointments (人员、组织、岗位、任职)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.fields import SealedField
from linli.kernel.places.models import Area


class Organisation(models.Model):
    """A body (组织): a street office, a department, a village committee, a company that maintains lamps."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=20)  # office | department | village | company | other
    area = models.ForeignKey(Area, models.PROTECT, related_name="organisations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    uscc = models.CharField(max_length=18, blank=True)
    phone = models.CharField(max_length=40, blank=True)  # for the public, as it is read out and dialled
    address = models.CharField(max_length=160, blank=True)  # where its window is
    active = models.BooleanField(default=True)
    historic = models.BooleanField(default=False)
    hours = models.JSONField(default=dict, blank=True)  # own business hours; empty: those of the one above

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en or self.name)


class Person(models.Model):
    """A resident known to the platform, with the least data that the purpose needs (居民)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = SealedField(context="people.person.name", blank=True)
    phone = SealedField(context="people.person.phone", blank=True)
    id_number = SealedField(context="people.person.id_number", blank=True)
    phone_hash = models.BinaryField(max_length=32, null=True, db_index=True)
    id_hash = models.BinaryField(max_length=32, null=True, unique=True)
    name_hash = models.BinaryField(max_length=32, null=True, db_index=True)
    language = models.CharField(max_length=2, default="zh")
    created_at = models.DateTimeField()
    needed_at = models.DateTimeField()  # when something last needed this person; the keep period starts here
    erased_at = models.DateTimeField(null=True)
    erasure_asked_at = models.DateTimeField(null=True)  # then it goes as soon as nothing needs it

    class Meta:
        indexes = [
            models.Index(
                fields=["needed_at", "id"],
                name="people_person_needed",
                condition=models.Q(erased_at__isnull=True),
            ),
            models.Index(
                fields=["erasure_asked_at"],
                name="people_person_erasure",
                condition=models.Q(erased_at__isnull=True, erasure_asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class Account(AbstractBaseUser):
    """Who signs in (账号). An account alone may do nothing: a post gives a role, a person makes a resident."""

    uid: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(unique=True, default=uuid7, editable=False)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    person = models.OneToOneField(Person, models.PROTECT, null=True, related_name="account")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="zh")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    second_factor = SealedField(context="people.account.second_factor", blank=True)  # TOTP secret
    second_factor_on = models.DateTimeField(null=True)  # proven once; before that the secret is only offered
    second_factor_step = models.BigIntegerField(null=True)  # last 30-second step used: a code counts once
    demo = models.BooleanField(default=False)  # made by the demo loader; the demo code opens only these
    created_at = models.DateTimeField()

    holding: list[Appointment]  # those in force, where a list fetched them

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    def __str__(self) -> str:
        return self.username

    @property
    def title(self) -> Text:
        return Text(self.name, self.name_en or self.name)


class Post(models.Model):
    """A seat in an organisation with its roles and the area it answers for (岗位)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts")
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=100, blank=True)
    roles = models.JSONField(default=list)  # words of the procedure files: dispatcher, handler, …
    area = models.ForeignKey(Area, models.PROTECT, related_name="posts")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # last day
    holding: list[Appointment]  # those in force, where a list fetched them

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.title}"

    @property
    def name(self) -> Text:
        return Text(self.title, self.title_en or self.title)


class Appointment(models.Model):
    """A person holding a post from–to (任职)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments")
    account = models.ForeignKey(Account, models.PROTECT, related_name="appointments")
    from_on = models.DateField()
    to_on = models.DateField(null=True)  # last day

    def __str__(self) -> str:
        return f"{self.account_id} in {self.post_id}"


class Delegation(models.Model):
    """Standing in for an absent holder of a post (代理): the deputy acts, the record names both."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="delegations")
    deputy = models.ForeignKey(Account, models.PROTECT, related_name="delegations")
    from_on = models.DateField()
    to_on = models.DateField()  # last day
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.appointment_id}"


class AccessEntry(models.Model):
    """A look at personal data (查阅留痕): who, in which post, whose, for which case and purpose. Append-only."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="accesses")
    case_number = models.CharField(max_length=40, blank=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="looks")
    post = models.ForeignKey(Post, models.PROTECT, null=True)
    what = models.CharField(max_length=200)  # field codes, or the search that was made
    purpose = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="people_access_person"),
            models.Index(fields=["case_number", "-id"], name="people_access_case"),
        ]


class AuditEntry(models.Model):
    """What was done to accounts, posts and keys (系统操作日志): who, what, to whom. Append-only; no personal data."""

    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="audit_entries")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=60)  # people.appointed, people.signed_in, …
    subject = models.CharField(max_length=80, blank=True)  # "account:<uid>", "organisation:<code>"
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "-id"], name="people_audit_subject")]


class ApiToken(models.Model):
    """A personal token for the API (接口令牌): shown once, kept as a hash."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=80)
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)


class PhoneCode(models.Model):
    """A sign-in code sent to a phone (短信验证码): hashed, used once, for five minutes and five tries."""

    phone_hash = models.BinaryField(max_length=32)
    code_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    n_tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_hash", "-id"], name="people_code_phone")]


class LimitCount(models.Model):
    """How often something was tried in a stretch of time (限流计数); the key is kept as a hash."""

    key_hash = models.BinaryField(max_length=32)
    stretch = models.BigIntegerField()  # number of the stretch since 1970
    n = models.IntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "stretch"], name="people_limit_once")]


class KeptDraft(models.Model):
    """A form that somebody began and has not sent (草稿): sealed, for an account or for one browser, and gone after days."""

    holder = models.BinaryField(max_length=32)  # keyed hash of the account, or of the browser's own secret
    kind = models.CharField(max_length=40)
    content = SealedField(context="people.keptdraft.content")
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "kind"], name="people_draft_once")]


class Mandate(models.Model):
    """One person lets another act for them (代办授权): in which matters, from–to, and how it was given."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    grantor = models.ForeignKey(Person, models.PROTECT, related_name="mandates_given")
    helper = models.ForeignKey(Person, models.PROTECT, related_name="mandates_held")
    scope = models.CharField(max_length=10)  # case | procedure | all
    procedure = models.CharField(max_length=60, blank=True)
    case_number = models.CharField(max_length=40, blank=True)
    rates = models.BooleanField(default=False)  # a rating is the person's own unless they say otherwise
    from_on = models.DateField()
    to_on = models.DateField()  # last day
    how = models.CharField(max_length=6)  # code | paper
    clerk = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")  # who saw the paper
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["helper", "-id"], name="people_mandate_helper"),
            models.Index(fields=["grantor", "-id"], name="people_mandate_grantor"),
        ]

    def __str__(self) -> str:
        return str(self.uid)
