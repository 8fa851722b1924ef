"""Organisations, posts and appointments (组织、岗位、任职)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.businesshours import hours_from, hours_kept, hours_line
from linli.base.codes import check_uscc
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.base.i18n import Text
from linli.base.workdays import BusinessHours
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Account, Appointment, Organisation, Post
from linli.kernel.people.services.administration import require_administrator
from linli.kernel.places.models import Area

KINDS = {
    "office": Text("机关、街道办、中心", "office or centre"),
    "department": Text("部门", "department"),
    "village": Text("村（居）民委员会", "village or residents' committee"),
    "company": Text("企业", "company"),
    "other": Text("其他", "other"),
}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")
DIALLED = re.compile(r"\+?\d[\d\- ]{2,18}\d")
ROLE = re.compile(r"[a-z][a-z_]{1,39}")


@transaction.atomic
def create_organisation(
    code: str,
    name: str,
    *,
    kind: str,
    area: Area,
    by: Actor,
    name_en: str = "",
    parent: Organisation | None = None,
    uscc: str = "",
    historic: bool = False,
    at: datetime | None = None,
) -> Organisation:
    """Enter an organisation (登记组织). Refuses a taken or malformed code, an unknown kind, a wrong credit code."""
    hat = require_administrator(by, area.prefix)
    faults: dict[str, Text] = {}
    if not CODE.fullmatch(code):
        faults["code"] = Text(
            "组织编码须为2至40位字母、数字、点、横线或下划线。",
            "An organisation code has 2 to 40 letters, digits, dots, dashes or underscores.",
        )
    elif Organisation.objects.filter(code=code).exists():
        faults["code"] = Text("这个组织编码已有，请换一个。", "This code is taken; please choose another.")
    if not 1 <= len(name.strip()) <= 120:
        faults["name"] = Text(
            "请填写组织名称，不超过120个字。", "Please enter the name, 120 characters at most."
        )
    if kind not in KINDS:
        faults["kind"] = Text("请从列表中选择组织类型。", "Please choose the kind from the list.")
    if uscc:
        try:
            uscc = check_uscc(uscc)
        except Invalid as error:
            faults["uscc"] = error.message
    refuse_faults(faults)
    organisation = Organisation.objects.create(
        code=code,
        name=name.strip(),
        name_en=name_en.strip(),
        kind=kind,
        area=area,
        parent=parent,
        uscc=uscc,
        historic=historic,
    )
    audit.note("people.organisation_entered", by=by, at=at or clock.now(), about=organisation, hat=hat)
    return organisation


@transaction.atomic
def revise_organisation(
    organisation: Organisation,
    *,
    by: Actor,
    name: str | None = None,
    name_en: str | None = None,
    active: bool | None = None,
    phone: str | None = None,
    address: str | None = None,
    at: datetime | None = None,
) -> Organisation:
    """Rename an organisation, say how the public reaches it, or close it (修改、撤销组织). A closed one gives nobody a
    role any more. Refuses an empty name and a phone that cannot be dialled."""
    hat = require_administrator(by, organisation.area.prefix)
    if name is not None and not name.strip():
        refuse_faults({"name": Text("请填写组织名称。", "Please enter the name.")})
    if phone and not DIALLED.fullmatch(phone.strip()):
        refuse_faults(
            {"phone": Text("请填写能拨通的号码，例如 0591-87000000。", "Enter a number as it is dialled.")}
        )
    phone, address = (x if x is None else x.strip() for x in (phone, address))
    changed: dict[str, str | bool] = {}
    for key, value in (
        ("name", name),
        ("name_en", name_en),
        ("active", active),
        ("phone", phone),
        ("address", address),
    ):
        if value is not None and value != getattr(organisation, key):
            changed[key] = value
            setattr(organisation, key, value)
    if changed:
        organisation.save(update_fields=list(changed))
        audit.note(
            "people.organisation_revised", by=by, at=at or clock.now(), about=organisation, hat=hat, **changed
        )
    return organisation


@transaction.atomic
def set_hours(
    organisation: Organisation, hours: BusinessHours | None, *, by: Actor, at: datetime | None = None
) -> Organisation:
    """Set an organisation's business hours (设置办公时间), or take them away so that those above hold again.

    Due times that were counted already stay; what is counted from now on goes by the new hours. Records
    `people.hours_set` with the hours before and after.
    """
    hat = require_administrator(by, organisation.area.prefix)
    kept = hours_kept(hours) if hours is not None else {}
    if kept != organisation.hours:
        before, organisation.hours = hours_from(organisation.hours), kept
        organisation.save(update_fields=["hours"])
        audit.note(
            "people.hours_set",
            by=by,
            at=at or clock.now(),
            about=organisation,
            hat=hat,
            before=hours_line(before),
            after=hours_line(hours),
        )
    return organisation


@transaction.atomic
def create_post(
    organisation: Organisation,
    title: str,
    *,
    roles: Sequence[str],
    area: Area,
    by: Actor,
    title_en: str = "",
    valid_from: date | None = None,
    at: datetime | None = None,
) -> Post:
    """Set up a post (设置岗位) with its roles and the area it answers for.

    Refuses a closed organisation, no role, a role that is not a plain word, and an administrator whose own area
    does not hold both the organisation's and the post's.
    """
    require_administrator(by, organisation.area.prefix)
    hat = require_administrator(by, area.prefix)
    roles = list(dict.fromkeys(roles))
    faults = _role_faults(roles)
    if not 1 <= len(title.strip()) <= 80:
        faults["title"] = Text(
            "请填写岗位名称，不超过80个字。", "Please enter the title, 80 characters at most."
        )
    refuse_faults(faults)
    if not organisation.active:
        raise Refused(
            "people.organisation_closed",
            Text(
                "该组织已撤销，不能再设岗位。请选择现行组织。",
                "This organisation is closed and takes no more posts. Please choose one that is in being.",
            ),
        )
    post = Post.objects.create(
        organisation=organisation,
        title=title.strip(),
        title_en=title_en.strip(),
        roles=roles,
        area=area,
        valid_from=valid_from,
    )
    audit.note(
        "people.post_set_up", by=by, at=at or clock.now(), about=post, hat=hat, roles=roles, area=area.code
    )
    return post


@transaction.atomic
def revise_post(
    post: Post,
    *,
    by: Actor,
    title: str | None = None,
    title_en: str | None = None,
    roles: Sequence[str] | None = None,
    at: datetime | None = None,
) -> Post:
    """Rename a post or change its roles (调整岗位); whoever holds it has the new roles from the next request on."""
    hat = require_over_post(by, post)
    changed: dict[str, str | list[str]] = {}
    if roles is not None:
        changed["roles"] = list(dict.fromkeys(roles))
        refuse_faults(_role_faults(roles))
    if title is not None and title.strip():
        changed["title"] = title.strip()
    if title_en is not None:
        changed["title_en"] = title_en.strip()
    for key, value in changed.items():
        setattr(post, key, value)
    if changed:
        post.save(update_fields=list(changed))
        audit.note("people.post_revised", by=by, at=at or clock.now(), about=post, hat=hat, **changed)
    return post


@transaction.atomic
def close_post(post: Post, *, to_on: date, by: Actor, at: datetime | None = None) -> Post:
    """Close a post (撤销岗位); `to_on` is its last day. Appointments to it end with it.

    Refuses a last day before its first. Records `people.post_closed`.
    """
    hat = require_over_post(by, post)
    if post.valid_from is not None and to_on < post.valid_from:
        refuse_faults(
            {
                "to_on": Text(
                    f"最后一天不能早于岗位的第一天（{post.valid_from}）。请改成那天或更晚。",
                    f"The last day cannot be before the post's first, {post.valid_from}. Choose that day or a later one.",
                )
            }
        )
    post.valid_to = to_on
    post.save(update_fields=["valid_to"])
    audit.note(
        "people.post_closed", by=by, at=at or clock.now(), about=post, hat=hat, to_on=to_on.isoformat()
    )
    return post


@transaction.atomic
def appoint(
    post: Post,
    account: Account,
    *,
    from_on: date,
    by: Actor,
    to_on: date | None = None,
    at: datetime | None = None,
) -> Appointment:
    """Appoint somebody to a post (任命). Several people may hold one post; nobody holds it twice at a time.

    Refuses a closed post, an account that is switched off or signs in without a password (a resident's phone code
    must never open a post), an end before the start, an administrator whose area does not hold the post's, and one
    who would appoint themselves. Records `people.appointed`.
    """
    hat = require_over_post(by, post)
    if by.account_id is not None and by.account_id == account.pk:
        raise NotAllowed(
            "people.not_oneself",
            Text(
                "不能任命自己。请由另一位管理员办理。",
                "Nobody appoints themselves. Ask another administrator to do it.",
            ),
        )
    if to_on is not None and to_on < from_on:
        refuse_faults(
            {"to_on": Text("结束日期不能早于开始日期。", "The last day cannot be before the first.")}
        )
    if not post.organisation.active or (post.valid_to is not None and post.valid_to < from_on):
        raise Refused(
            "people.post_closed",
            Text(
                "该岗位已撤销，不能任命。请选择现行岗位。",
                "This post is closed; nobody can be appointed to it. Please choose one that is in being.",
            ),
        )
    require_staff_account(account)
    overlap = Appointment.objects.filter(_overlaps(from_on, to_on), post=post, account=account)
    if overlap.exists():
        raise Refused(
            "people.appointed_already",
            Text(
                f"{account.name}在这段时间已任此岗位，无须重复任命。",
                f"{account.title.en} already holds this post in that time.",
            ),
        )
    appointment = Appointment.objects.create(post=post, account=account, from_on=from_on, to_on=to_on)
    audit.note(
        "people.appointed",
        by=by,
        at=at or clock.now(),
        about=account,
        hat=hat,
        post_uid=str(post.uid),
        from_on=from_on.isoformat(),
        to_on=to_on.isoformat() if to_on else None,
    )
    return appointment


@transaction.atomic
def end_appointment(
    appointment: Appointment, *, by: Actor, to_on: date | None = None, at: datetime | None = None
) -> Appointment:
    """End an appointment (免职、离任). `to_on` is its last day, today by default; the day before its first day
    undoes it altogether. Delegations from it end with it. Records `people.appointment_ended`."""
    post = appointment.post
    hat = require_over_post(by, post)
    to_on = to_on or clock.today()
    if to_on < appointment.from_on - timedelta(days=1):
        refuse_faults(
            {"to_on": Text("离任日期不能早于任职开始日期。", "The last day cannot be before the first day.")}
        )
    appointment.to_on = to_on
    appointment.save(update_fields=["to_on"])
    audit.note(
        "people.appointment_ended",
        by=by,
        at=at or clock.now(),
        about=appointment.account,
        hat=hat,
        post_uid=str(post.uid),
        to_on=to_on.isoformat(),
    )
    return appointment


def require_over_post(by: Actor, post: Post) -> Hat | None:
    """An administrator of the organisation's area and of the area the post answers for."""
    require_administrator(by, post.organisation.area.prefix)
    return require_administrator(by, post.area.prefix)


def _overlaps(from_on: date, to_on: date | None) -> Q:
    q = Q(to_on__isnull=True) | Q(to_on__gte=from_on)
    return q & Q(from_on__lte=to_on) if to_on else q


def require_staff_account(account: Account) -> None:
    if not account.is_active or not account.has_usable_password():
        raise Refused(
            "people.not_a_staff_account",
            Text(
                "该账号已停用或没有密码，不能任职或代理。请先启用账号并设置密码。",
                "This account is switched off or has no password, so it cannot hold a post. "
                "Switch it on and set a password first.",
            ),
        )


def _role_faults(roles: Sequence[str]) -> dict[str, Text]:
    if roles and all(ROLE.fullmatch(role) for role in roles):
        return {}
    return {"roles": Text("请至少选择一个角色。", "Please choose at least one role from the list.")}


def refuse_faults(faults: dict[str, Text]) -> None:
    if faults:
        raise Invalid(
            "people.invalid",
            Text(
                "有需要更正的内容。请按各栏提示修改后再提交。",
                "Some entries need mending. Please correct them as noted and send again.",
            ),
            fields=faults,
        )
