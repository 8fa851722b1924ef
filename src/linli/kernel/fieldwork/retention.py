"""What field work does not keep (外勤信息的清理): contents after a month, pieces of files, walks after a year."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from linli.base.clock import now
from linli.kernel.fieldwork import parts, patrols, rescue
from linli.kernel.fieldwork.declared import BODY_KEPT_DAYS
from linli.kernel.fieldwork.models import DONE, REVOKED, FieldDevice, FieldEntry


@dataclass(frozen=True)
class Forgotten:
    """What the job did (清理情况)."""

    n_bodies: int
    n_parts: int
    n_patrols: int
    n_keys: int

    def as_dict(self) -> dict[str, int]:
        return {f"field_{name}": n for name, n in asdict(self).items()}


def forget(at: datetime | None = None) -> Forgotten:
    """Erase the contents of entries that were carried out or decided a month ago (清理收件内容); number and digest stay, so
    that the same entry still arrives once. What waits for the lead is kept. Keys of revoked phones go after they were told."""
    at = at or now()
    before = at - timedelta(days=BODY_KEPT_DAYS)
    over = Q(state=DONE, decided_at__isnull=True, received_at__lt=before) | Q(decided_at__lt=before)
    ended = FieldDevice.objects.filter(state=REVOKED, ended_told_at__lt=before, key__isnull=False)
    rescue.remove_waiting(at)
    return Forgotten(
        n_bodies=FieldEntry.objects.filter(over, body__isnull=False).update(body=None, decision_words=""),
        n_parts=parts.remove_stale(at),
        n_patrols=patrols.forget(at),
        n_keys=ended.update(key=None),
    )
