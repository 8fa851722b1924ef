"""What of field work may be read, and by whom (外勤查询)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from linli.kernel.fieldwork.models import KEPT, MERGED, FieldEntry, FieldFile


def held_uploads() -> QuerySet[FieldFile, Any]:
    """Uploads of entries that wait for a decision (待处理收件的文件)."""
    waiting = FieldFile.objects.filter(
        upload_uid__isnull=False, entry__decided_at__isnull=True, entry__state__in=[KEPT, MERGED]
    )
    return waiting.values("upload_uid")


def receipts_of(account_id: int, ids: list[UUID]) -> list[FieldEntry]:
    """What came of these entries of a worker (取回执), in two queries."""
    files = Prefetch("files", FieldFile.objects.order_by("place"))
    rows = FieldEntry.objects.filter(account_id=account_id, client_id__in=ids, twin__isnull=True)
    return list(rows.prefetch_related(files))
