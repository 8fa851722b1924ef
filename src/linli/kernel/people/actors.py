"""Who acts, and in which posts (办理人与岗位身份): worked out once a request, in one query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import F, Q

from linli.base import clock
from linli.base.i18n import Text
from linli.kernel.people.models import Account, Appointment, Delegation, Mandate, Post

STAYS = timedelta(days=365)  # how long after a mandate its helper still handles none of it at work; a sample
Kind = Literal["staff", "resident", "reporter", "anonymous", "system"]


@dataclass(frozen=True, slots=True)
class Hat:
    """One post that an actor holds today (岗位身份), their own or, while its holder is away, as deputy (代理)."""

    post_id: int
    post_uid: uuid.UUID
    post_title: Text
    organisation_id: int
    organisation_title: Text
    roles: frozenset[str]
    area_prefix: str
    area_level: str
    absent_name: str | None = None
    absent_account_id: int | None = None

    def covers(self, prefix: str) -> bool:
        return prefix.startswith(self.area_prefix)


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom somebody acts under a mandate, and in what (代办身份). It opens cases, never the person's own data."""

    uid: str
    grantor_id: int
    account_id: int | None  # of the grantor, where they have one
    name: str
    scope: str  # case | procedure | all
    procedure: str
    case_number: str
    rates: bool

    def covers(self, procedure: str, number: str) -> bool:
        return _covers(self, procedure, number)

    def may_open(self, procedure: str) -> bool:
        return self.scope != "case" and self.covers(procedure, "")


@dataclass(frozen=True, slots=True)
class Helped:
    """For whom somebody acts, or acted within a year, under a mandate (代过谁办事): at work they handle none of it (回避)."""

    grantor_id: int
    scope: str
    procedure: str
    case_number: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something (办理人). An account gives no role: only a hat does, superusers included."""

    kind: Kind
    account_id: int | None = None
    name: str = ""
    person_id: int | None = None
    hats: tuple[Hat, ...] = ()
    case_ids: frozenset[int] = frozenset()  # what a tracking code opened
    channel: str = ""
    acting: Acting | None = None
    helped: tuple[Helped, ...] = ()

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    @property
    def organisation_ids(self) -> frozenset[int]:
        return frozenset(hat.organisation_id for hat in self.hats)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset().union(*(hat.roles for hat in self.hats))

    def with_cases(self, case_ids: Iterable[int]) -> Actor:
        """The same actor, who may also see the cases that a tracking code opened (凭码可见)."""
        kind: Kind = "reporter" if self.kind == "anonymous" else self.kind
        return replace(self, kind=kind, case_ids=self.case_ids | frozenset(case_ids))

    def stands_for(self, person_id: int | None, procedure: str, number: str) -> bool:
        """Whether a case of this person is theirs, or one that they may handle for that person (本人或代办)."""
        if person_id is None:
            return False
        if self.person_id == person_id:
            return True
        acting = self.acting
        return acting is not None and acting.grantor_id == person_id and acting.covers(procedure, number)

    def involved_in(self, person_id: int | None, procedure: str, number: str) -> bool:
        """Whether a case of this person is their own, or one in which they help that person (本人的或代办的事): nobody handles
        that at work (回避)."""
        if person_id is None:
            return False
        return self.person_id == person_id or any(
            one.grantor_id == person_id and _covers(one, procedure, number) for one in self.helped
        )

    def hat_for(self, role: str, prefix: str) -> Hat | None:
        """The hat with this role over this area (有权岗位): one's own before a deputy's, the nearest area first."""
        fitting = [hat for hat in self.hats if role in hat.roles and hat.covers(prefix)]
        return min(
            fitting,
            key=lambda hat: (hat.absent_account_id is not None, -len(hat.area_prefix), hat.post_id),
            default=None,
        )


def _covers(mandate: Acting | Helped, procedure: str, number: str) -> bool:
    match mandate.scope:
        case "procedure":
            return procedure == mandate.procedure
        case "case":
            return number == mandate.case_number
        case _:
            return mandate.scope == "all"


ANONYMOUS = Actor("anonymous")
SYSTEM = Actor("system", name="system")


def reporter_of(case_id: int, *, channel: str = "web") -> Actor:
    """Somebody without an account who knows a case's number and tracking code (凭码查询的反映人)."""
    return Actor("reporter", case_ids=frozenset({case_id}), channel=channel)


def actor_for(account: Account | None, *, at: datetime | None = None) -> Actor:
    """Who this account is today (当前身份), in one query; two for staff who are residents too.

    A post counts while it, its organisation and the appointment are valid on the local day; a delegation also
    needs the absent holder's own appointment to be valid, and a post of the deputy's own. Staff is whoever has a hat; a
    person without one is a resident; an account with neither, or switched off, may do nothing (anonymous).
    """
    if account is None or not account.is_active:
        return ANONYMOUS
    day = clock.local(at or clock.now()).date()
    hats = tuple(_hats(account, day))
    kind: Kind = "staff" if hats else "resident" if account.person_id else "anonymous"
    helped = (
        _helped([account.person_id], day).get(account.person_id, ()) if hats and account.person_id else ()
    )
    return Actor(kind, account.pk, account.name, account.person_id, hats, helped=helped)


def _helped(persons: Iterable[int], day: date) -> dict[int, tuple[Helped, ...]]:
    """The mandates that these people hold, or held within a year (持有的委托); one query."""
    since = day - STAYS
    ended = Q(ended_at__isnull=True) | Q(ended_at__date__gte=F("from_on")) & Q(ended_at__date__gte=since)
    rows = Mandate.objects.filter(
        ended, helper_id__in=list(persons), accepted_at__isnull=False, from_on__lte=day, to_on__gte=since
    )
    found: dict[int, tuple[Helped, ...]] = {}
    for row in rows.order_by("pk"):
        one = Helped(row.grantor_id, row.scope, row.procedure, row.case_number)
        found[row.helper_id] = (*found.get(row.helper_id, ()), one)
    return found


def valid_on(day: date, start: str, end: str) -> Q:
    """From–to as dates, both days included, an empty end open (有效期)."""
    return (Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": day})) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": day})
    )


def in_force(day: date, path: str = "") -> Q:
    """The appointment, its post and its organisation are valid on this day (任职有效)."""
    return (
        valid_on(day, f"{path}from_on", f"{path}to_on")
        & valid_on(day, f"{path}post__valid_from", f"{path}post__valid_to")
        & Q(**{f"{path}post__organisation__active": True})
    )


def _hats(account: Account, day: date) -> Iterable[Hat]:
    """One's own posts first, then those of whom one stands in for; one query, each half by its own index."""
    standing_in = Delegation.objects.filter(
        deputy=account, from_on__lte=day, to_on__gte=day, ended_at__isnull=True
    )
    valid = Appointment.objects.filter(in_force(day)).select_related(
        "post__organisation", "post__area", "account"
    )
    rows = valid.filter(account=account).union(
        valid.filter(pk__in=standing_in.values("appointment")).exclude(account=account), all=True
    )
    found = sorted(rows, key=lambda row: (row.account_id != account.pk, row.pk))
    if found and found[0].account_id != account.pk:
        return  # who has left stands in for nobody
    for row in found:
        yield _hat(row.post, row.account if row.account_id != account.pk else None)


def actors_for(accounts: Iterable[int], *, at: datetime | None = None) -> dict[int, Actor]:
    """Who of these accounts is staff today, and in which posts (多人的当前身份), by account: three queries for all of them."""
    day = clock.local(at or clock.now()).date()
    wanted = sorted(set(accounts))
    own = Appointment.objects.filter(in_force(day), account_id__in=wanted, account__is_active=True)
    found: dict[int, Actor] = {}
    for row in own.select_related("post__organisation", "post__area", "account").order_by("pk"):
        known = found.get(row.account_id) or Actor(
            "staff", row.account_id, row.account.name, row.account.person_id
        )
        found[row.account_id] = replace(known, hats=(*known.hats, _hat(row.post, None)))
    standing_in = Delegation.objects.filter(
        in_force(day, "appointment__"),
        deputy_id__in=sorted(found),
        from_on__lte=day,
        to_on__gte=day,
        ended_at__isnull=True,
    ).select_related("appointment__post__organisation", "appointment__post__area", "appointment__account")
    for one in standing_in.order_by("pk"):
        known = found[one.deputy_id]
        hat = _hat(one.appointment.post, one.appointment.account)
        found[one.deputy_id] = replace(known, hats=(*known.hats, hat))
    if persons := [actor.person_id for actor in found.values() if actor.person_id is not None]:
        helped = _helped(persons, day)
        found = {pk: replace(a, helped=helped.get(a.person_id or 0, ())) for pk, a in found.items()}
    return found


def _hat(post: Post, absent: Account | None) -> Hat:
    return Hat(
        post_id=post.pk,
        post_uid=post.uid,
        post_title=post.name,
        organisation_id=post.organisation_id,
        organisation_title=post.organisation.title,
        roles=frozenset(post.roles),
        area_prefix=post.area.prefix,
        area_level=post.area.level,
        absent_name=absent.name if absent else None,
        absent_account_id=absent.pk if absent else None,
    )
