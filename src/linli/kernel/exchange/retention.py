"""Contents of messages go when their time is over (交换内容的清理); key, digest, times and answer stay as the log."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from linli.base.clock import now
from linli.kernel.exchange.declared import BODY_KEPT_DAYS
from linli.kernel.exchange.models import Message


def forget(at: datetime | None = None) -> int:
    """Erase the content of what was acknowledged or received a month ago (清理收发妥当的内容). What waits is kept."""
    before = (at or now()) - timedelta(days=BODY_KEPT_DAYS)
    over = Q(acknowledged_at__lt=before) | Q(received_at__lt=before)
    return Message.objects.filter(over, body__isnull=False).update(body=None)
