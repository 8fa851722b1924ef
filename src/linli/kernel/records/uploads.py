"""Taking files in before they belong to a case (先收文件、后挂接)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from linli.base.clock import now
from linli.kernel.people.actors import Actor
from linli.kernel.records.files import HELD, Readable, clean_name, forgotten_uploads, remove_unused
from linli.kernel.records.models import Upload
from linli.kernel.records.photos import take_document, take_photo
from linli.kernel.records.voices import take_voice

UNUSED_FOR = timedelta(days=8)  # a day longer than a draft waits for its writer


def hold(uids: Callable[[], QuerySet[Any, Any]]) -> None:
    """Keep the uploads with these uids as long as somebody still has to decide about them (待处理的不清理)."""
    if uids not in HELD:
        HELD.append(uids)


def take_upload(
    content: Readable | bytes,
    *,
    by: Actor,
    owner: str,
    name: str = "",
    consent_place: bool = False,
    document: bool = False,
    at: datetime | None = None,
) -> Upload:
    """Take in a photo, or from staff a PDF (收下上传). It waits some days for the form that names it; see `photos`."""
    at = at or now()
    if document:
        file = take_document(content, by=by)
        return Upload.objects.create(owner=owner, file=file, name=clean_name(name), at=at)
    photo = take_photo(content, consent_place=consent_place, at=at)
    lng, lat = photo.place or (None, None)
    return Upload.objects.create(
        owner=owner,
        file=photo.internal,
        public_file=photo.public,
        name=clean_name(name),
        taken_at=photo.taken_at,
        lng=lng,
        lat=lat,
        at=at,
    )


def take_voice_note(
    content: Readable | bytes, *, by: Actor, owner: str, name: str = "", at: datetime | None = None
) -> Upload:
    """Take in a voice note from staff (收下语音). It has no public copy."""
    return Upload.objects.create(
        owner=owner, file=take_voice(content, by=by), name=clean_name(name), at=at or now()
    )


def remove_forgotten(at: datetime | None = None) -> int:
    """Remove uploads that no form named in time, and files that nothing names (清理未使用的上传)."""
    at = at or now()
    n, _ = forgotten_uploads(at - UNUSED_FOR).delete()
    remove_unused(at=at)
    return n


def change_owner(uids: list[str], *, owner: str, to: str) -> int:
    """Hand waiting uploads on within one draft (草稿换身份): whoever signs in halfway keeps the photos they sent."""
    return Upload.objects.filter(uid__in=uids, owner=owner).update(owner=to)
