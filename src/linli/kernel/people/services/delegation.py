"""Standing in while somebody is away (代理)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.errors import NotAllowed, Refused
from linli.base.i18n import Text
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, in_force
from linli.kernel.people.models import Account, Appointment, Delegation
from linli.kernel.people.services.posts import refuse_faults, require_over_post, require_staff_account


@transaction.atomic
def delegate(
    appointment: Appointment,
    deputy: Account,
    *,
    from_on: date,
    to_on: date,
    by: Actor,
    reason: str = "",
    at: datetime | None = None,
) -> Delegation:
    """Let a colleague stand in while the holder is away (代理): the deputy acts, the record names both.

    By the holder or an administrator of the post's area. Refuses oneself as deputy, days outside the appointment,
    a second deputy in the same days, a deputy without a post of their own, and chains: whoever is away, or whose
    stand-in is away, cannot stand in. Records `people.delegated`.
    """
    at = at or clock.now()
    post = appointment.post
    hat = None if by.account_id == appointment.account_id else require_over_post(by, post)
    if hat is None and by.kind != "system" and not any(h.post_id == post.pk for h in by.hats):
        raise _not_your_post()
    if to_on < from_on:
        refuse_faults(
            {"to_on": Text("结束日期不能早于开始日期。", "The last day cannot be before the first.")}
        )
    if from_on < appointment.from_on or (appointment.to_on is not None and to_on > appointment.to_on):
        refuse_faults(
            {"to_on": Text("代理期间须在任职期间之内。", "The days must lie within the appointment.")}
        )
    if deputy.pk == appointment.account_id:
        raise Refused(
            "people.deputy_is_self",
            Text(
                "不能由本人代理本人。请选择另一位同事。",
                "Nobody stands in for themselves. Choose a colleague.",
            ),
        )
    require_staff_account(deputy)
    if not Appointment.objects.filter(in_force(from_on), account=deputy).exists():
        raise Refused(
            "people.deputy_without_post",
            Text(
                "代理人在代理开始之日须有自己的岗位。请选择在岗同事。",
                "A deputy must hold a post of their own on the first day. Choose a colleague who does.",
            ),
        )
    # Both accounts are locked, so that two requests at once cannot build a chain between them.
    list(
        Account.objects.select_for_update().filter(pk__in=[deputy.pk, appointment.account_id]).order_by("pk")
    )
    others = Delegation.objects.filter(ended_at__isnull=True, from_on__lte=to_on, to_on__gte=from_on)
    if others.filter(appointment=appointment).exists():
        raise Refused(
            "people.delegated_already",
            Text(
                "这段时间已有代理人。请先结束原代理，或改选日期。",
                "Somebody already stands in on these days. End that first, or choose other days.",
            ),
        )
    if others.filter(Q(appointment__account=deputy) | Q(deputy=appointment.account_id)).exists():
        raise Refused(
            "people.delegation_chain",
            Text(
                "代理不能转托：这段时间代理人自己不在岗，或本人正在代理他人。请改选代理人或日期。",
                "Standing in cannot be passed on: on these days the deputy is away too, or the holder stands in for "
                "somebody else. Choose another deputy or other days.",
            ),
        )
    delegation = Delegation.objects.create(
        appointment=appointment,
        deputy=deputy,
        from_on=from_on,
        to_on=to_on,
        reason=reason.strip()[:200],
        made_at=at,
    )
    audit.note(
        "people.delegated",
        by=by,
        at=at,
        about=deputy,
        hat=hat,
        post_uid=str(post.uid),
        absent=str(appointment.account.uid),
        from_on=from_on.isoformat(),
        to_on=to_on.isoformat(),
    )
    return delegation


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: Actor, at: datetime | None = None) -> Delegation:
    """End a delegation at once (结束代理): by the holder, the deputy or an administrator. A second time does nothing."""
    at = at or clock.now()
    hat = None
    if by.account_id not in {delegation.appointment.account_id, delegation.deputy_id}:
        hat = require_over_post(by, delegation.appointment.post)
    if delegation.ended_at is None:
        delegation.ended_at = at
        delegation.save(update_fields=["ended_at"])
        audit.note("people.delegation_ended", by=by, at=at, about=delegation.deputy, hat=hat)
    return delegation


def _not_your_post() -> NotAllowed:
    return NotAllowed(
        "people.not_your_post",
        Text(
            "只有在任者本人或平台管理员可以委托代理。",
            "Only the holder of the post or an administrator may name a deputy.",
        ),
    )
