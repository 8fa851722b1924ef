"""Verbs of notices (通知操作)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.base import clock
from linli.base.i18n import Text
from linli.kernel.notices.models import IN_APP, QUEUED, Notice
from linli.kernel.notices.queries import Reader, addressed_to
from linli.kernel.people.models import Account, Person


def queue(
    recipient: Account | Person,
    template: str,
    params: dict[str, Any] | None = None,
    *,
    case_number: str = "",
    at: datetime | None = None,
) -> Notice:
    """Notify somebody (发通知), in the caller's transaction: the notice exists when the act does.

    Writes the in-app notice; the worker adds SMS and e-mail as `delivery.channels_for` says. `params` holds
    no personal data; moments, days and Text values are written as `templates.py` reads them.
    """
    at = at or clock.now()
    is_account = isinstance(recipient, Account)
    return Notice.objects.create(
        account_id=recipient.pk if is_account else None,
        person_id=None if is_account else recipient.pk,
        channel=IN_APP,
        template=template,
        params=as_params(params or {}),
        language="",
        case_number=case_number,
        created_at=at,
        state=QUEUED,
        attempts=0,
        next_try_at=at,
        last_error="",
    )


def as_params(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the table keeps them: Text as `{zh, en}`, moments and days as ISO text, None left out."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Text):
            kept[name] = value.as_dict()
        elif hasattr(value, "isoformat"):
            kept[name] = value.isoformat()
        elif value is not None:
            kept[name] = value
    return kept


def mark_read(reader: Reader, uids: Iterable[UUID | str] | None = None, *, at: datetime | None = None) -> int:
    """Mark one's own notices as read (标为已读): those named, or all. Others' notices are passed over."""
    unread = addressed_to(reader).filter(channel=IN_APP, read_at__isnull=True)
    if uids is not None:
        unread = unread.filter(uid__in=list(uids))
    return unread.update(read_at=at or clock.now())
