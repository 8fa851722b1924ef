"""What of field work may be read, and by whom (外勤查询)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.kernel.fieldwork import leads
from linli.kernel.fieldwork.models import (
    ACTIVE,
    CARRIED,
    CHOSEN,
    DONE,
    KEPT,
    MERGED,
    NOTED,
    RETURNING,
    REVOKED,
    SET_ASIDE,
    FieldDevice,
    FieldEntry,
    FieldFile,
)
from linli.kernel.fieldwork.registry import KINDS
from linli.kernel.fieldwork.rules import SILENT_AFTER
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to

ENTRY = Text("外勤收件", "field entry")
WAITS = Q(decided_at__isnull=True, state__in=[KEPT, MERGED])
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


def entries_for(by: Actor) -> QuerySet[FieldEntry]:
    """The entries over which this person decides (我负责的外勤收件): of their areas, and about no case that they may not see."""
    hidden = Exists(Case.objects.filter(number=OuterRef("number"))) & ~Exists(
        visible_to(by).filter(number=OuterRef("number"))
    )
    return FieldEntry.objects.filter(leads.below(leads.lead_prefixes(by))).exclude(hidden)


def waiting(by: Actor, *, cursor: str = "", limit: int = 50) -> Page[FieldEntry]:
    """What waits for my decision (待处理的外勤收件), the oldest first."""
    rows = entries_for(by).filter(WAITS).select_related("account", "twin")
    return keyset(rows, ["id"], cursor, limit)


def waiting_for(actor: Actor) -> QuerySet[FieldEntry]:
    """What waits for this lead's decision (待处理的外勤收件)."""
    return entries_for(actor).filter(WAITS)


def decided(by: Actor, *, limit: int = 20) -> list[FieldEntry]:
    """What was decided lately (最近处理的)."""
    rows = entries_for(by).filter(decided_at__isnull=False).select_related("account", "decided_by")
    return list(rows.order_by("-id")[:limit])


def access_entry(uid: UUID, by: Actor) -> FieldEntry:
    """One entry, for who decides over it (打开收件); to others it does not exist."""
    row = (
        entries_for(by)
        .filter(uid=uid)
        .select_related("account", "twin", "decided_by")
        .prefetch_related(Prefetch("files", FieldFile.objects.order_by("place")))
        .first()
    )
    if row is None:
        raise absent(ENTRY)
    return row


def title_of(row: FieldEntry) -> Text:
    kind = KINDS.get(row.kind)
    return kind.title if kind else Text(row.kind, row.kind)


def devices_for(by: Actor, *, cursor: str = "", limit: int = 50) -> Page[FieldDevice]:
    """The phones of my areas, and my own (外勤设备): those in use first, the longest silent on top."""
    mine = leads.below(leads.admin_prefixes(by)) | Q(account_id=by.account_id)
    rows = FieldDevice.objects.filter(mine).exclude(state=REVOKED, ended_told_at__isnull=False)
    return keyset(rows.select_related("account", "ended_by"), ["last_contact_at", "id"], cursor, limit)


def silent_for(by: Actor, at: datetime, *, limit: int) -> list[FieldDevice]:
    """The phones of my areas without contact for two days (失联的外勤设备), the longest silent first; not those in return
    that had sent all."""
    mine = leads.below(leads.admin_prefixes(by))
    open_ones = Q(state=ACTIVE) | Q(state=RETURNING, n_unsent__gt=0)
    rows = FieldDevice.objects.filter(
        mine, open_ones, last_contact_at__lt=at - SILENT_AFTER, account__is_active=True
    )
    return list(rows.select_related("account").order_by("last_contact_at", "id")[:limit])


def is_silent(device: FieldDevice, at: datetime) -> bool:
    return device.state != REVOKED and device.last_contact_at < at - SILENT_AFTER
