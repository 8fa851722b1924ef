"""The field type of this domain (本领域字段): an officer, by the post that he or she holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli.base.clock import today
from linli.base.codes import truncate
from linli.base.i18n import Text
from linli.domains.enforcement.rules import Officer
from linli.kernel.people.actors import Actor, in_force
from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures import registry
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.fields import FormContext, SimpleType, wrong
from linli.kernel.procedures.models import Case
from linli.web.forms import Choice
from linli.web.registry import field_choices

MOST = 300


def _clean(raw: Any, field: FieldDef, context: FormContext) -> str:
    try:
        uid = UUID(str(raw).strip())
    except ValueError:
        uid = None
    post = Post.objects.filter(uid=uid).first() if uid else None
    if post is None or "officer" not in post.roles:
        raise wrong(
            "没有这位执法人员。请从列表里选有执法资格的人员。",
            "No such officer. Choose a qualified officer from the list.",
        )
    context.found[field.code] = post.pk
    return post.uid.hex


def _show(value: Any, _: FieldDef) -> Text:
    post = Post.objects.filter(uid=UUID(str(value))).first()
    if post is None:
        return Text(str(value), str(value))
    held = Appointment.objects.filter(post=post).select_related("account").order_by("-from_on").first()
    return held.account.title if held else Text(post.title, post.title_en or post.title)


def officer_at(post_id: int) -> Officer:
    """Who sits in a post today (在岗的执法人员)."""
    post = Post.objects.get(pk=post_id)
    held = Appointment.objects.filter(in_force(today()), post=post)
    known = held.filter(account__person__isnull=False)
    return Officer(
        post.pk,
        post.organisation_id,
        frozenset(held.values_list("account_id", flat=True)),
        frozenset(known.values_list("account__person_id", flat=True)),
    )


def _choices(field: FieldDef, case: Case | None, actor: Actor) -> list[Choice]:
    """The officers of the authority that has the case, in post today."""
    rows = Appointment.objects.filter(in_force(today()), account__is_active=True)
    if case is not None and case.lead_id:
        rows = rows.filter(post__organisation_id=case.lead_id)
    else:
        county = truncate(actor.hats[0].area_prefix, "county") if actor.hats else "-"
        rows = rows.filter(post__area__prefix__startswith=county)
    rows = rows.select_related("account", "post__organisation").order_by(
        "post__organisation__code", "post_id"
    )
    return [
        Choice(row.post.uid.hex, row.account.title, group=row.post.organisation.title)
        for row in rows[:MOST]
        if "officer" in row.post.roles
    ]


def register() -> None:
    registry.field_type("officer", SimpleType("choice", _clean, _show))
    field_choices("officer", _choices, as_tag=False)
