"""Reads of people (人员查询). Personal data starts from `people_visible_to`; lists are paged by key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast

from linli.base import clock
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.kernel.people import hooks
from linli.kernel.people.actors import Actor, in_force, valid_on
from linli.kernel.people.models import (
    AccessEntry,
    Account,
    ApiToken,
    Appointment,
    AuditEntry,
    Delegation,
    Organisation,
    Person,
    Post,
)
from linli.kernel.places.models import Area
from linli.kernel.places.queries import prefix_range

ADMINISTRATOR = "administrator"
HOLDING: str = "holding"  # declared on Account and Post


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a person's data, as that person reads it (一次查阅)."""

    at: datetime
    account_name: Text
    post: Text | None
    organisation: Text | None
    case_number: str
    what: str
    purpose: str
    uid: str

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}


def people_visible_to(actor: Actor) -> QuerySet[Person]:
    """Every read of persons starts here (可见居民): oneself, and whoever the floors above open to this actor."""
    if actor.kind == "system":
        return Person.objects.all()
    seen = Q(pk=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
    for scope in hooks.scopes_for(actor):
        seen |= scope
    return Person.objects.filter(seen)


def access_person(uid: str, actor: Actor) -> Person:
    """The person with this uid, if this actor may see them; else NotFound."""
    try:
        return people_visible_to(actor).distinct().get(uid=uid)
    except (Person.DoesNotExist, ValueError, TypeError, ValidationError) as error:
        raise absent(Text("居民", "resident")) from error


def accesses_of(person: Person, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Look]:
    """Who looked at this person's data, newest first (谁看过我的信息), in one query."""
    rows = AccessEntry.objects.filter(person=person).select_related("account", "post__organisation")
    page = keyset(rows, ["-id"], cursor, limit)
    return Page([_look(row) for row in page.items], page.next_cursor, page.has_more)


def _look(row: AccessEntry) -> Look:
    return Look(
        at=row.at,
        account_name=row.account.title,
        post=row.post.name if row.post else None,
        organisation=row.post.organisation.title if row.post else None,
        case_number=row.case_number,
        what=row.what,
        purpose=row.purpose,
        uid=str(row.uid),
    )


# ------------------------------------------------------------------------------------------ administration


def organisations(*, under: str = "", text: str = "", active: bool = True) -> QuerySet[Organisation]:
    """Organisations below a prefix (组织目录). Public: which bodies exist is no secret."""
    rows = Organisation.objects.filter(_below("area__prefix", under)).select_related("area", "parent")
    if active:
        rows = rows.filter(active=True, historic=False)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__istartswith=text))
    return rows


def organisation_page(
    *, under: str = "", text: str = "", active: bool = True, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Organisation]:
    return keyset(organisations(under=under, text=text, active=active), ["code"], cursor, limit)


def organisation_by_code(code: str) -> Organisation:
    try:
        return Organisation.objects.select_related("area").get(code=code)
    except Organisation.DoesNotExist as error:
        raise absent(Text("组织", "organisation")) from error


def administered(actor: Actor, path: str) -> Q:
    """What lies in the areas where this actor is administrator (管理范围); nothing for everybody else."""
    if actor.kind == "system":
        return Q()
    scope = Q(pk__in=[])
    for hat in actor.hats:
        if ADMINISTRATOR in hat.roles:
            scope |= _below(path, hat.area_prefix)
    return scope


def post_page(
    actor: Actor,
    *,
    organisation: Organisation | None = None,
    area: Area | None = None,
    role: str = "",
    vacant: bool = False,
    text: str = "",
    on: date | None = None,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Post]:
    """Posts an administrator looks after, with today's holders in `holding` (岗位及在任人员), in two queries."""
    day = on or clock.today()
    rows = Post.objects.filter(administered(actor, "area__prefix")).select_related("organisation", "area")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    if area is not None:
        rows = rows.filter(area=area)
    if role:
        rows = rows.annotate(role_words=Cast("roles", TextField())).filter(role_words__contains=f'"{role}"')
    if vacant:
        held = Appointment.objects.filter(in_force(day), post=OuterRef("pk"), account__is_active=True)
        rows = rows.filter(~Exists(held), valid_on(day, "valid_from", "valid_to"), organisation__active=True)
    if text:
        rows = rows.filter(Q(title__icontains=text) | Q(organisation__name__icontains=text))
    holding = Appointment.objects.filter(in_force(day)).select_related("account").order_by("id")
    rows = rows.prefetch_related(Prefetch("appointments", holding, to_attr=HOLDING))
    return keyset(rows, ["organisation__code", "id"], cursor, limit)


def account_page(
    actor: Actor,
    *,
    text: str = "",
    on: date | None = None,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Account]:
    """Staff accounts for an administrator (账号名册), with today's appointments in `holding`, in two queries.

    Those with a post in the administrator's area, and those that never had one, who wait to be appointed.
    Residents' accounts are not listed.
    """
    if actor.kind != "system" and ADMINISTRATOR not in actor.roles:
        return Page([], None, has_more=False)
    day = on or clock.today()
    below = Appointment.objects.filter(administered(actor, "post__area__prefix"))
    waiting = Q(person__isnull=True) & ~Q(pk__in=Appointment.objects.values("account"))
    rows = Account.objects.filter(Q(pk__in=below.values("account")) | waiting)
    if text:
        rows = rows.filter(Q(username__istartswith=text) | Q(name__icontains=text))
    holding = Appointment.objects.filter(in_force(day)).select_related("post__organisation", "post__area")
    rows = rows.prefetch_related(Prefetch("appointments", holding.order_by("id"), to_attr=HOLDING))
    return keyset(rows, ["username"], cursor, limit)


def access_account(uid: str, actor: Actor) -> Account:
    """The account with this uid, if the actor administers it or it is their own; else NotFound."""
    try:
        account = Account.objects.get(uid=uid)
    except (Account.DoesNotExist, ValueError, TypeError, ValidationError) as error:
        raise absent(Text("账号", "account")) from error
    if actor.kind == "system" or account.pk == actor.account_id:
        return account
    held = Appointment.objects.filter(account=account)
    if ADMINISTRATOR in actor.roles and (
        held.filter(administered(actor, "post__area__prefix")).exists()
        or (account.person_id is None and not held.exists())
    ):
        return account
    raise absent(Text("账号", "account"))


def access_post(uid: str, actor: Actor) -> Post:
    """The post with this uid, if the actor administers it; else NotFound."""
    try:
        return (
            Post.objects.select_related("organisation__area", "area")
            .filter(administered(actor, "area__prefix"))
            .get(uid=uid)
        )
    except (Post.DoesNotExist, ValueError, TypeError, ValidationError) as error:
        raise absent(Text("岗位", "post")) from error


def appointments_of(account: Account) -> list[Appointment]:
    """All appointments of an account, the newest first (任职经历)."""
    return list(
        Appointment.objects.filter(account=account)
        .select_related("post__organisation", "post__area")
        .order_by("-from_on", "-id")
    )


def delegations_of(account: Account, *, on: date | None = None) -> list[Delegation]:
    """Who stands in for this account, and for whom it stands in, now and later (代理安排)."""
    day = on or clock.today()
    return list(
        Delegation.objects.filter(Q(deputy=account) | Q(appointment__account=account))
        .filter(ended_at__isnull=True, to_on__gte=day)
        .select_related("deputy", "appointment__account", "appointment__post__organisation")
        .order_by("from_on", "id")
    )


def colleagues(actor: Actor, *, on: date | None = None, limit: int = 200) -> list[Account]:
    """Holders of posts in the actor's own organisations today (本单位在岗人员): whom one may hand over to."""
    held = Appointment.objects.filter(
        in_force(on or clock.today()), post__organisation_id__in=actor.organisation_ids
    )
    rows = Account.objects.filter(pk__in=held.values("account"), is_active=True)
    return list(rows.exclude(pk__in=[actor.account_id or 0]).order_by("username")[:limit])


def audit_page(
    actor: Actor, *, subject: str = "", act: str = "", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[AuditEntry]:
    """What was done to accounts, posts and keys, newest first (操作日志): for administrators of a whole county or
    above, and for the operator; everybody else sees what they did themselves."""
    rows = AuditEntry.objects.select_related("account", "post__organisation")
    county_wide = any(
        ADMINISTRATOR in hat.roles and hat.area_level in {"county", "prefecture", "province"}
        for hat in actor.hats
    )
    if actor.kind != "system" and not county_wide:
        rows = rows.filter(account_id=actor.account_id) if actor.account_id else rows.none()
    if subject:
        rows = rows.filter(subject=subject)
    if act:
        rows = rows.filter(act=act)
    return keyset(rows, ["-id"], cursor, limit)


def tokens_of(account: Account) -> list[ApiToken]:
    """The tokens of an account, the newest first (我的接口令牌); revoked ones stay visible."""
    return list(ApiToken.objects.filter(account=account).order_by("-id")[:100])


def _below(path: str, prefix: str) -> Q:
    if not prefix:
        return Q()
    start, end = prefix_range(prefix)
    q = Q(**{f"{path}__gte": start})
    return q & Q(**{f"{path}__lt": end}) if end else q
