"""Carrying notices out (投递通知): claim, send, mark. A crash neither loses a message nor sends it twice.

A claim is committed before anything is sent and lapses after two minutes. A row whose worker died is then
taken again under the same key (its uid), and the gateway, the outbox folder or the reader's mail program knows
the key. Several workers share the work; no lock is held while a message is on its way.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from linli.base import clock
from linli.base.i18n import LANGUAGES
from linli.kernel.notices.gateways import Rejected, TryLater, send_email, sms_gateway
from linli.kernel.notices.models import (
    EMAIL,
    FAILED,
    GIVEN_UP,
    IN_APP,
    QUEUED,
    SENDING,
    SENT,
    SMS,
    Notice,
)
from linli.kernel.notices.templates import render, template_for
from linli.kernel.people.models import Account, Person

log = logging.getLogger(__name__)

# Between one try and the next; after the last the notice is given up, about 15 hours after the first.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
CLAIM = timedelta(minutes=2)
AT_ONCE = 10  # rows claimed together: at the gateway's timeout each they still fit one claim


def deliver_due(limit: int = 50, *, at: datetime | None = None) -> int:
    """Deliver what is due (投递到期通知). Returns how many rows were handled; `limit` means: call again."""
    handled = 0
    while handled < limit:
        rows = _claim(min(AT_ONCE, limit - handled), at or clock.now())
        if not rows:
            break
        started = time.monotonic()
        for n, row in enumerate(rows):
            if time.monotonic() - started > CLAIM.total_seconds() / 2:
                _release(rows[n:], at or clock.now())
                return handled
            _deliver(row, at)
            handled += 1
    return handled


@dataclass(frozen=True)
class Contact:
    phone: str
    email: str
    language: str


def contact_of(notice: Notice) -> Contact:
    """Where the recipient can be reached now (联系方式): their own phone, the e-mail of an active account."""
    # One row and no more of it than is needed: every further personal field would be opened, too.
    found: Any
    if notice.account_id is not None:
        account = Account.objects.filter(pk=notice.account_id)
        found = account.values_list("person__phone", "email", "is_active", "language").get()
    else:
        person = Person.objects.filter(pk=notice.person_id or 0)
        found = person.values_list("phone", "account__email", "account__is_active", "language").get()
    phone, email, active, language = found  # the phone is opened on the way
    return Contact(phone, (email or "") if active else "", language if language in LANGUAGES else "zh")


def channels_for(notice: Notice, contact: Contact) -> list[str]:
    """Which further channels a notice goes by (通知渠道): SMS if the template has one, e-mail if there is one."""
    found = []
    if contact.phone and template_for(notice.template).sms and sms_gateway():
        found.append(SMS)
    if contact.email:
        found.append(EMAIL)
    return found


def _claim(limit: int, at: datetime) -> list[Notice]:
    due = Notice.objects.filter(state__in=(QUEUED, SENDING), next_try_at__lte=at).order_by(
        "next_try_at", "id"
    )
    if not due.exists():  # an idle worker takes no write lock
        return []
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("id", flat=True)[:limit])
        Notice.objects.filter(id__in=ids).update(
            state=SENDING, claimed_at=at, next_try_at=at + CLAIM, attempts=F("attempts") + 1
        )
    return list(Notice.objects.filter(id__in=ids).defer("address").order_by("id"))


def _deliver(row: Notice, at: datetime | None) -> None:
    if row.attempts > len(PAUSES) + 1:
        # Only claims that lapsed bring a row here: what stops the worker each time must not go on for ever.
        _end(row, GIVEN_UP, "the worker ended each time while sending")
        return
    try:
        if row.channel == IN_APP:
            _fan_out(row, at or clock.now())
            return
        _send(row)
    except Rejected as error:
        _end(row, FAILED, str(error))
    except TryLater as error:
        _put_off(row, str(error), error.after, at or clock.now())
    except Exception as error:
        # One broken row must not stop the others. The text of an unknown error may hold personal data.
        log.exception("notice %s", row.uid)
        _put_off(row, f"unexpected: {type(error).__name__}", None, at or clock.now())
    else:
        # Whoever holds the row by now: it has gone.
        Notice.objects.filter(id=row.pk).exclude(state=SENT).update(
            state=SENT, sent_at=at or clock.now(), last_error=""
        )


def _fan_out(row: Notice, at: datetime) -> None:
    """The in-app notice is there; in one transaction it is done and its SMS and e-mail are queued."""
    contact = contact_of(row)
    wanted = channels_for(row, contact)
    with transaction.atomic():
        mine = Notice.objects.filter(id=row.pk, state=SENDING, attempts=row.attempts)
        if not mine.update(state=SENT, sent_at=at, last_error=""):
            return
        Notice.objects.bulk_create(
            Notice(
                account_id=row.account_id,
                person_id=row.person_id,
                channel=channel,
                template=row.template,
                params=row.params,
                language=row.language or contact.language,
                case_number=row.case_number,
                created_at=row.created_at,
                state=QUEUED,
                attempts=0,
                next_try_at=at,
                last_error="",
            )
            for channel in wanted
        )


def _send(row: Notice) -> None:
    contact = contact_of(row)
    to = row.address or (contact.phone if row.channel == SMS else contact.email)
    if not to:
        raise Rejected("the recipient has no address for this channel any more")
    said = render(row, row.language or contact.language)
    if row.channel == SMS:
        gateway = sms_gateway()
        if gateway is None or not said.sms:
            raise Rejected("there is no way to send this by SMS")
        gateway.send(key=str(row.uid), to=to, text=said.sms)
    else:
        send_email(key=str(row.uid), to=to, subject=said.title, body=said.body)


def _mine(row: Notice) -> dict[str, object]:
    # Each claim adds one: a worker that comes back after its claim lapsed does not undo another's.
    return {"id": row.pk, "state": SENDING, "attempts": row.attempts}


def _put_off(row: Notice, reason: str, after: timedelta | None, at: datetime) -> None:
    if row.attempts > len(PAUSES):
        _end(row, GIVEN_UP, reason)
        return
    pause = max(PAUSES[row.attempts - 1], after or timedelta())
    Notice.objects.filter(**_mine(row)).update(state=QUEUED, next_try_at=at + pause, last_error=reason[:200])


def _end(row: Notice, state: str, reason: str) -> None:
    Notice.objects.filter(**_mine(row)).update(state=state, last_error=reason[:200])


def _release(rows: list[Notice], at: datetime) -> None:
    """Give back what was claimed but not begun (退还未投递的): it need not wait for the claim to lapse."""
    for row in rows:
        Notice.objects.filter(**_mine(row)).update(state=QUEUED, next_try_at=at, attempts=F("attempts") - 1)
