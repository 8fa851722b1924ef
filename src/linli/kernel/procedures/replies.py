"""Canned replies with fields (常用语): one's own, and those of an organisation for all who work in it.

A field stands between double braces, `{{编号}}`. Which there are is fixed, so that a misspelt one is refused when it is
saved; one that a case cannot fill stays as it is and is refused when the form is sent: braces never reach a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.base.clock import now
from linli.base.errors import Invalid, NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.procedures import hot
from linli.kernel.procedures.models import CannedReply, CannedReplyVersion

FIELDS = {
    "party": Text("当事人", "party"),
    "number": Text("编号", "number"),
    "due": Text("应办结", "due"),
    "category": Text("类别", "category"),
    "place": Text("地点", "place"),
    "organisation": Text("单位", "organisation"),
}
MANAGING = frozenset({"leader", "administrator"})
MOST, LONGEST_TITLE, LONGEST = 100, 60, 2000
FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
REPLY = Text("常用语", "canned reply")
_CODES = {name.lower(): code for code, title in FIELDS.items() for name in (code, title.zh, title.en)}


# ------------------------------------------------------------------------------------------- the words


def filled(body: str, values: Mapping[str, Any]) -> str:
    """The words with what is known of a case (填入字段); a field without a value stays as it is written."""

    def value(found: re.Match[str]) -> str:
        known = values.get(_CODES.get(found[1].lower(), ""))
        return str(known) if known not in (None, "") else found[0]

    return FIELD.sub(value, body)


def unfilled(text: str) -> list[str]:
    """The fields that still stand in a text as fields (还没填上的字段)."""
    return list(dict.fromkeys(m[0] for m in FIELD.finditer(text) if m[1].lower() in _CODES))


def refuse_unfilled(data: Mapping[str, Any]) -> None:
    """Refuse entries in which a field was not filled in (有字段没有填上，不能提交)."""
    wrong = {
        code: Text(
            f"{'、'.join(left)} 还没有内容，请改成要说的话再提交。",
            f"{', '.join(left)} has no content yet. Write what is meant, then send it.",
        )
        for code, value in data.items()
        if isinstance(value, str) and (left := unfilled(value))
    }
    if wrong:
        message = Text("有字段还没有填上，没有提交。", "A field was not filled in, so nothing was sent.")
        raise Invalid("replies.unfilled", message, fields=wrong)


# ------------------------------------------------------------------------------------------- whose they are


def usable(actor: Actor) -> QuerySet[CannedReply]:
    """The replies that somebody may use (可用的常用语): their own, and those of their organisations and what these belong to."""
    mine = sorted(actor.organisation_ids)
    above = Q(organisation__in=mine) | Q(
        organisation__in=Organisation.objects.filter(
            Q(children__in=mine) | Q(children__children__in=mine)
        ).values("pk")
    )
    found = CannedReply.objects.filter(above | Q(account_id=actor.account_id), retired_at__isnull=True)
    return found.select_related("organisation").order_by("organisation__code", "title", "id")


def managed_organisations(actor: Actor) -> list[Organisation]:
    """Whose replies somebody looks after (可管理的单位): a leader their organisation's and those below, the administrator's
    their area's."""
    led = [h.organisation_id for h in actor.hats if "leader" in h.roles]
    condition = Q(pk__in=led) | Q(parent__in=led)
    for hat in actor.hats:
        if "administrator" in hat.roles:
            condition |= Q(area__prefix__startswith=hat.area_prefix)
    if not actor.roles & MANAGING:
        return []
    return list(Organisation.objects.filter(condition, active=True).order_by("code")[:300])


def access_reply(uid: UUID, actor: Actor) -> CannedReply:
    """A reply that I may use (打开常用语); any other is not there."""
    found = usable(actor).filter(uid=uid).first() or _managed(actor).filter(uid=uid).first()
    if found is None:
        raise absent(REPLY)
    return found


def _managed(actor: Actor) -> QuerySet[CannedReply]:
    theirs = CannedReply.objects.filter(
        organisation__in=managed_organisations(actor), retired_at__isnull=True
    )
    return theirs.select_related("organisation").order_by("organisation__code", "title", "id")


def all_of(actor: Actor) -> list[CannedReply]:
    """What somebody uses or looks after (我的和单位的常用语)."""
    found = {r.pk: r for r in [*usable(actor)[:MOST], *_managed(actor)[:MOST]]}
    return list(found.values())


def may_change(reply: CannedReply, actor: Actor, managed: Sequence[Organisation] | None = None) -> bool:
    if reply.organisation_id is None:
        return reply.account_id == actor.account_id
    theirs = managed_organisations(actor) if managed is None else managed
    return reply.organisation_id in {o.pk for o in theirs}


def versions_of(reply: CannedReply) -> list[CannedReplyVersion]:
    """What it said before, newest first (历次版本)."""
    return list(reply.versions.select_related("by").order_by("-n")[:50])


# ------------------------------------------------------------------------------------------- verbs


def write_reply(
    title: str,
    body: str,
    *,
    by: Actor,
    organisation: str = "",
    uid: UUID | None = None,
    at: datetime | None = None,
) -> CannedReply:
    """Write a canned reply, or a new version of one (写常用语). Without `organisation` (a code) it is one's own.

    Refuses an empty or overlong one, unknown fields, whoever does not look after that organisation's, and the 101st.
    What it said before is kept.
    """
    at = at or now()
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
    _check(title, body)
    assert by.account_id is not None  # the desk's own pages: staff have an account
    if uid is not None:
        reply = access_reply(uid, by)
        if not may_change(reply, by):
            raise _not_yours()
    else:
        reply = CannedReply(n=0)
        if organisation:
            managed = {o.code: o for o in managed_organisations(by)}
            if organisation not in managed:
                raise _not_yours()
            reply.organisation = managed[organisation]
        else:
            reply.account_id = by.account_id
        same = CannedReply.objects.filter(
            Q(organisation=reply.organisation, account=None) if organisation else Q(account_id=by.account_id),
            retired_at__isnull=True,
        )
        if same.count() >= MOST:
            raise Refused(
                "replies.too_many",
                Text(
                    f"最多保留 {MOST} 条。请先停用几条不用的。",
                    f"At most {MOST} are kept. Retire some that are no longer used.",
                ),
            )
    with hot.one_transaction():
        reply.title, reply.body, reply.n = title, body, reply.n + 1
        reply.save()
        CannedReplyVersion.objects.create(
            reply=reply, n=reply.n, title=title, body=body, at=at, by_id=by.account_id
        )
    return reply


def retire_reply(uid: UUID, *, by: Actor, at: datetime | None = None) -> None:
    """Offer a reply no longer (停用常用语); what it said stays in its history."""
    reply = access_reply(uid, by)
    if not may_change(reply, by):
        raise _not_yours()
    CannedReply.objects.filter(pk=reply.pk).update(retired_at=at or now())


def _check(title: str, body: str) -> None:
    wrong: dict[str, Text] = {}
    if not title or len(title) > LONGEST_TITLE:
        wrong["title"] = Text(
            f"请起个名字，最多 {LONGEST_TITLE} 个字。",
            f"Give it a name of at most {LONGEST_TITLE} characters.",
        )
    if not body or len(body) > LONGEST:
        wrong["body"] = Text(
            f"请写内容，最多 {LONGEST} 个字。", f"Write the words, at most {LONGEST} characters."
        )
    unknown = [m[0] for m in FIELD.finditer(body) if m[1].lower() not in _CODES]
    if unknown or "{{" in (rest := FIELD.sub("", body)) or "}}" in rest:
        zh = "、".join("{{" + t.zh + "}}" for t in FIELDS.values())
        en = ", ".join("{{" + t.en + "}}" for t in FIELDS.values())
        wrong["body"] = Text(
            f"没有这样的字段：{'、'.join(unknown) or '{{ 没有写完整'}。可以用的是 {zh}。",
            f"No such field: {', '.join(unknown) or '{{ is not closed'}. There are {en}.",
        )
    if wrong:
        raise Invalid("replies.bad_reply", Text("还没有保存。", "Nothing has been saved yet."), fields=wrong)


def _not_yours() -> NotAllowed:
    return NotAllowed(
        "replies.not_yours",
        Text(
            "单位的常用语由单位负责人或平台管理员管理。您可以写一条自己的。",
            "An organisation's replies are looked after by its head or the administrator. You can write one of your own.",
        ),
    )
