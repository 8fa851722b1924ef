"""Phones that have gone silent (失联的外勤设备): the lead is told once for each silence."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from linli.base.clock import now
from linli.kernel.fieldwork.leads import leads_of
from linli.kernel.fieldwork.models import ACTIVE, RETURNING, FieldDevice
from linli.kernel.fieldwork.rules import SILENT_AFTER
from linli.kernel.notices.services import queue
from linli.kernel.people.models import Account
from linli.kernel.procedures import hot


def tell_of_silence(at: datetime | None = None, limit: int = 50) -> int:
    """Tell the leads of phones without contact for two days (失联提醒); returns how many. A phone that had sent all and is
    being returned needs no word. Each silence is told once, also when two workers run: the mark is set only where none was."""
    at = at or now()
    before = at - SILENT_AFTER
    silent = FieldDevice.objects.filter(
        Q(state=ACTIVE) | Q(state=RETURNING, n_unsent__gt=0),
        last_contact_at__lt=before,
        silence_told_at__isnull=True,
        account__is_active=True,
    )
    n = 0
    for device in silent.select_related("account").order_by("last_contact_at")[:limit]:
        with hot.one_transaction():
            still = FieldDevice.objects.filter(
                pk=device.pk, silence_told_at__isnull=True, last_contact_at__lt=before
            )
            if not still.update(silence_told_at=at):
                continue
            _tell(device, at)
            n += 1
    return n


def _tell(device: FieldDevice, at: datetime) -> None:
    said = {
        "who": device.account.title,
        "label": device.label,
        "last_at": device.last_contact_at,
        "n": device.n_unsent or None,
    }
    for account in Account.objects.filter(pk__in=leads_of(device.area)).exclude(pk=device.account_id):
        queue(account, "field.silent", said, at=at)
