"""Forms that are not yet sent (草稿): kept sealed for their writer, moved when the writer signs in, gone after a week."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.base import clock
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import KeptDraft
from linli.kernel.people.purposes import DRAFT_KEPT_DAYS

KEPT_FOR = timedelta(days=DRAFT_KEPT_DAYS)


def holder_of(account_id: int | None, browser: str) -> bytes | None:
    """Whose draft it is (草稿归谁): the account's, else that of a browser with a secret of its own; neither has none."""
    if account_id is None and not browser:
        return None
    whole = f"account:{account_id}" if account_id is not None else f"browser:{browser}"
    return current_vault().lookup_hash("people.draft", whole)


def keep_draft(holder: bytes, kind: str, content: str, *, at: datetime | None = None) -> None:
    """Keep what was written so far (保存草稿): one of a kind for each writer, seven days from now."""
    at = at or clock.now()
    KeptDraft.objects.update_or_create(
        holder=holder,
        kind=kind,
        defaults={"content": content, "updated_at": at, "expires_at": at + KEPT_FOR},
    )


def kept_draft(holder: bytes | None, kind: str, *, at: datetime | None = None) -> str:
    """What was kept (取草稿); empty where there is none, or its time is over."""
    if holder is None:
        return ""
    row = KeptDraft.objects.filter(holder=holder, kind=kind, expires_at__gt=at or clock.now()).first()
    return row.content if row else ""


def forget_draft(holder: bytes | None, kind: str) -> None:
    """Remove it at once (删除草稿): it was sent, or its writer wants it gone."""
    if holder is not None:
        KeptDraft.objects.filter(holder=holder, kind=kind).delete()


def forget_drafts_of(account_id: int) -> int:
    """Remove every draft of an account (删除账号的草稿)."""
    return KeptDraft.objects.filter(holder=holder_of(account_id, "")).delete()[0]


def forget_old_drafts(at: datetime) -> int:
    """Remove what nobody came back to (清理过期草稿)."""
    return KeptDraft.objects.filter(expires_at__lte=at).delete()[0]
