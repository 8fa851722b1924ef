"""What of field work may be read, and by whom (外勤查询)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.kernel.fieldwork.models import (
    CARRIED,
    CHOSEN,
    DONE,
    KEPT,
    MERGED,
    NOTED,
    SET_ASIDE,
    FieldEntry,
    FieldFile,
)

DECISIONS = {
    CARRIED: Text("照您的意思办了", "Carried out as you meant it"),
    CHOSEN: Text("两处不同的内容已定", "The differing fields were decided"),
    NOTED: Text("转成了说明", "Turned into a note"),
    SET_ASIDE: Text("不再办理", "Set aside"),
}


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


def own_arrivals(account_id: int, *, cursor: str = "", limit: int = 50) -> Page[FieldEntry]:
    """A worker's own entries that were not simply done (我的待处理与已处理收件), newest first."""
    files = Prefetch("files", FieldFile.objects.order_by("place"))
    rows = FieldEntry.objects.filter(account_id=account_id).exclude(state=DONE, decided_at__isnull=True)
    return keyset(rows.prefetch_related(files), ["-id"], cursor, limit)
